"""Complete the values of options and arguments.

Nothing is executed, so there are no completions from Python definitions. Nothing is reported either: a file with errors
has no completions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipegen.errors import one_line

if TYPE_CHECKING:
    from pipegen.definition import Definition
    from pipegen.loading.blueprints.blueprint import Blueprint
    from pipegen.loading.fleet import Fleet

Offered = Iterable[str | tuple[str, str]]
Completer = Callable[[typer.Context, str], Offered]
_ABOUT = 80
"""Characters of a description."""
_HEAD = 65_536
"""Bytes of a file that are searched for a definition."""
_HIDDEN = (".", "__")
"""Names with these prefixes are completed only after the prefix has been typed."""


def _quietly(completer: Completer) -> Completer:
    """Return no completions if an exception is raised: the files may be half written."""

    @wraps(completer)
    def offered(ctx: typer.Context, incomplete: str) -> Offered:
        try:
            return list(completer(ctx, incomplete))
        except Exception:
            return []

    return offered


def _about(text: str) -> str:
    return one_line(text, _ABOUT)


@_quietly
def complete_blueprint(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Complete the names of blueprints, of the fleet and of pipegen."""
    from pipegen.loading.blueprints.catalog import catalog, read_blueprint

    fleet = _fleet(ctx)
    for name, entry in catalog(fleet).items():
        if name.startswith(incomplete):
            yield name, _about(read_blueprint(entry.directory, fleet).data.summary)


@_quietly
def complete_set(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Complete the parameters of the blueprint, and after `NAME=` the allowed values."""
    blueprint = _blueprint(ctx)
    name, equals, _ = incomplete.partition("=")
    if equals:
        parameter = blueprint.data.parameters[name]
        values = parameter.allowed_values or ([True, False] if parameter.type == "boolean" else [])
        yield from ((f"{name}={_text(value)}", "") for value in values)
        return
    given = {text.partition("=")[0] for text in ctx.params.get("given") or ()}
    for each, parameter in blueprint.data.parameters.items():
        if each not in given:
            yield f"{each}=", _about(parameter.description)


def _text(value: object) -> str:
    from pipegen.loading.blueprints.arguments import argument_text

    return argument_text(value)


def _blueprint(ctx: typer.Context) -> Blueprint:
    from pipegen.loading.blueprints.catalog import find_blueprint
    from pipegen.loading.yaml.nodes import Node

    directory = Path(ctx.params.get("file") or "any.yaml").parent
    return find_blueprint(Node(ctx.params["blueprint"], 1, 1), _fleet(ctx), directory)[0]


def _fleet(ctx: typer.Context) -> Fleet | None:
    from pipegen.loading.fleet_file import find_fleet

    given = ctx.params.get("fleet")
    directory = Path(given) if isinstance(given, str | Path) else Path()
    return find_fleet(Path(ctx.params.get("file") or directory / "any.yaml"))


@_quietly
def complete_definition(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Complete files with a definition, and directories."""
    return _files(incomplete, (".yaml", ".yml", ".py"))


@_quietly
def complete_yaml(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Complete YAML files with a definition, and directories."""
    return _files(incomplete, (".yaml", ".yml"))


@_quietly
def complete_explained(ctx: typer.Context, incomplete: str) -> Iterator[str | tuple[str, str]]:
    """Complete codes of problems, YAML files with a definition, and directories."""
    yield from _codes(incomplete)
    yield from _files(incomplete, (".yaml", ".yml"))


@_quietly
def complete_severity(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Complete codes of problems, and after `CODE=` their levels."""
    from pipegen.problems.severity import LEVELS

    code, equals, _ = incomplete.partition("=")
    if equals:
        yield from ((f"{code}={level}", "") for level in LEVELS)
    else:
        yield from ((f"{name}=", meaning) for name, meaning in _codes(code))


def _codes(incomplete: str) -> Iterator[tuple[str, str]]:
    from pipegen.problems.codes import explained, names

    for name in names():
        if name.startswith(incomplete) and (code := explained(name)) is not None:
            yield name, _about(code.meaning)


def _files(incomplete: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    head, _, tail = incomplete.rpartition("/")
    directory = f"{head}/" if head or incomplete.startswith("/") else ""
    for entry in sorted(os.scandir(directory or "."), key=lambda each: each.name):
        if entry.name.startswith(tail) and (tail.startswith(_HIDDEN) or not entry.name.startswith(_HIDDEN)):
            if entry.is_dir():
                yield f"{directory}{entry.name}/"
            elif entry.name.endswith(suffixes) and _has_definition(Path(entry.path)):
                yield f"{directory}{entry.name}"


def _has_definition(file: Path) -> bool:
    with file.open("rb") as opened:
        lines = opened.read(_HEAD).splitlines()
    if file.suffix == ".py":
        return any(b"pipegen" in line for line in lines)
    return any(line.startswith((b"pipeline:", b"blueprint:")) for line in lines)


@_quietly
def complete_action(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Complete the actions of the definition that deploy."""
    from pipegen.graph.outline import lower, outline

    for located in lower(outline(_definition(ctx))).actions:
        if targets := [str(each.service) for each in located.action.deploys_to()]:
            yield located.words, _about(f"deploys to {', '.join(targets)}")


@_quietly
def complete_definition_name(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Complete the name of the definition."""
    yield _definition(ctx).name


@_quietly
def complete_parameter(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Complete the CloudFormation parameters of the definition."""
    for name, parameter in _definition(ctx).parameters.items():
        yield f"{name}=", _about(parameter.description or "")


@_quietly
def complete_region(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Complete AWS regions."""
    from pipegen import facts

    yield from (region for regions in facts.regions().values() for region in regions)


def _definition(ctx: typer.Context) -> Definition:
    from pipegen.loading.yaml_file import load_yaml

    file = Path(ctx.params.get("path") or _first_file())
    if file.suffix == ".py":
        raise ValueError("Python files are executed, which completion must not do")
    return load_yaml(file).definition


def _first_file() -> str:
    """Return the first file on the command line: arguments are not parsed while the last option has no value yet."""
    words = os.environ.get("_TYPER_COMPLETE_ARGS", "").split()
    return next(word for word in words[2:] if not word.startswith("-") and Path(word).is_file())
