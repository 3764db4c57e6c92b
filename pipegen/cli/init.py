"""`pipegen init`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from pipegen.cli import report
from pipegen.cli.options import near, pairs, refuse
from pipegen.errors import InvalidDefinition, OutputFailed, printable, there_are
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.definitions.blueprint import Blueprint
    from pipegen.definitions.fleet import Fleet
    from pipegen.definitions.sources import Loaded
    from pipegen.emit.checks import Checked

SCHEMA, FLEET_SCHEMA = "pipegen.schema.json", "pipegen.fleet.schema.json"
TEMPLATES = "templates"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NAMING = ("service", "name")
"""The parameters that a definition's file is called by."""


class Workflow(StrEnum):
    """Where a workflow runs."""

    github = "github"


@frozen
class Plan:
    """What is going to be written. kept: of these, those that stay as they are where they are there already; changed:
    those that were read, and get something added. checked: what hooks and workflows check."""

    root: Path
    checked: Checked
    texts: dict[Path, str]
    kept: set[Path] = field(default_factory=set)
    changed: set[Path] = field(default_factory=set)
    offered: set[Path] = field(default_factory=set)
    fleet: Fleet | None = None


def command(
    file: Annotated[
        Path | None,
        typer.Argument(help="The definition to write: SERVICE.yaml, in a fleet services/SERVICE.yaml, unless given."),
    ] = None,
    blueprint: Annotated[str | None, typer.Option("--blueprint", metavar="NAME", help="What it is made by.")] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="An argument; lists and mappings as YAML. As often as needed."
        ),
    ] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing; what is missing is an error.")] = False,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files",
            metavar="DIR",
            help="Where the blueprint's files for the application go; beside FILE unless given, in a fleet nowhere.",
        ),
    ] = None,
    no_files: Annotated[bool, typer.Option("--no-files", help="Write none of the blueprint's files.")] = False,
    pre_commit: Annotated[bool, typer.Option("--pre-commit", help="Add hooks to .pre-commit-config.yaml.")] = False,
    workflow: Annotated[
        Workflow | None, typer.Option("--workflow", help="Write a workflow that checks pull requests.")
    ] = None,
    fleet: Annotated[
        bool, typer.Option("--fleet", help="Begin a fleet: write pipegen.yaml into the directory FILE, or here.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Begin a definition from a blueprint: asks for what it needs, and writes the few lines that differ.

    Files that are there are never replaced without --force: if there is one of them, nothing is written. Nothing is
    written either before the definition has been checked.
    """
    if fleet:
        if blueprint or given or files or no_files:
            refuse("--fleet begins a fleet; --blueprint, --set and --files are for a definition")
        plan = _fleet_plan(file or Path())
    else:
        plan = _definition_plan(file, blueprint, given, (files, no_files), no_input, force)
    if pre_commit:
        _add_hooks(plan)
    if workflow is not None:
        _add_workflow(plan)
    _write(plan, force)
    _show_next(plan, fleet)
    if pre_commit or workflow is not None:
        _tell_unpublished()


def _fleet_plan(directory: Path) -> Plan:
    from pipegen.cli.schema import Sort, schema_text
    from pipegen.text import verbatim

    root = _root(directory)
    schema = directory / FLEET_SCHEMA
    texts = {directory / "pipegen.yaml": verbatim("fleet.yaml"), schema: schema_text(Sort.fleet)}
    return Plan(root, _checked_fleet(root, directory, TEMPLATES), texts, {schema})


def _definition_plan(
    file: Path | None,
    named: str | None,
    given: Sequence[str] | None,
    files: tuple[Path | None, bool],
    no_input: bool,
    force: bool,
) -> Plan:
    from pipegen.definitions.arguments import differing
    from pipegen.definitions.fleet import find_fleet

    if file is not None and file.suffix not in (".yaml", ".yml"):
        refuse(f"{file}: a definition's file ends in .yaml")
    if file is not None and file.exists() and not (force or no_input):
        _refuse_existing([str(file)], "")
    try:
        fleet = find_fleet(file or Path("any.yaml"))
        blueprint = _blueprint(named, fleet, (file or Path("any.yaml")).parent, no_input)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    arguments = _arguments(blueprint, fleet, given, no_input)
    path = file or _default_file(arguments, fleet)
    schema = (path.parent if fleet is None else _relative(fleet.root)) / SCHEMA
    text = _text(named or blueprint.name, differing(arguments, blueprint, fleet), path, schema)
    loaded = _checked_definition(path, fleet, text)
    return _planned(path, text, schema, fleet, loaded, files)


def _planned(
    path: Path, text: str, schema: Path, fleet: Fleet | None, loaded: Loaded, files: tuple[Path | None, bool]
) -> Plan:
    from pipegen.cli.schema import Sort, schema_text

    directory, no_files = files
    target = directory or (path.parent if fleet is None else None)
    offered = loaded.origin.files if loaded.origin is not None and not no_files else ()
    if target is None and offered:
        shown = ", ".join(each.path for each in offered)
        typer.echo(f"pipegen: the blueprint offers {shown}; --files DIR writes them", err=True)
    found = {target / each.path: each.text for each in offered} if target is not None else {}
    if target is not None:
        _refuse_outside(target, found)
    root = _root(path.parent if fleet is None else fleet.root)
    if fleet is None:
        checked = _checked(root, path, path.parent / TEMPLATES)
    else:
        checked = _checked_fleet(root, fleet.root, fleet.data.render.output if fleet.data.render else None)
    texts = {path: text, schema: schema_text(Sort.definition, fleet), **found}
    return Plan(root, checked, texts, {schema}, offered=set(found), fleet=fleet)


def _refuse_outside(target: Path, paths: Iterable[Path]) -> None:
    """Where a blueprint's file is git's own, or a link leads it out of the directory that it is meant for."""
    for path in paths:
        if any(part.casefold() == ".git" for part in path.relative_to(target).parts):
            _refuse_file(path, "is git's own")
        try:
            inside = path.parent.resolve().is_relative_to(target.resolve())
        except (OSError, RuntimeError):  # a ring of links
            inside = False
        if not inside:
            _refuse_file(path, f"leads out of {target} by a link")


def _refuse_file(path: Path, reason: str) -> NoReturn:
    report.fail(
        f"{printable(str(path))} {reason}, and nothing was written; --no-files leaves the blueprint's files out"
    )
    raise typer.Exit(1)


def _blueprint(named: str | None, fleet: Fleet | None, beside: Path, no_input: bool) -> Blueprint:
    from pipegen.cli.blueprints import named_blueprint, summary
    from pipegen.cli.questions import ask_blueprint
    from pipegen.definitions.catalog import catalog

    if named is None:
        known = catalog(fleet)
        if no_input:
            refuse(f"--blueprint is missing; {there_are(known)}")
        named = ask_blueprint({name: summary(each, fleet) for name, each in known.items()})
    found, notes = named_blueprint(named, fleet, beside, "--blueprint")
    report.show(notes)
    return found


def _arguments(
    blueprint: Blueprint, fleet: Fleet | None, given: Sequence[str] | None, no_input: bool
) -> dict[str, Any]:
    """Those of the options, and those that are asked for."""
    from pipegen.cli.questions import ask_arguments, confirm
    from pipegen.definitions.arguments import needed

    found = _given(blueprint, given)
    missing = [name for name in needed(blueprint, fleet) if name not in found]
    if no_input:
        if missing:
            told = (f"--set {name}=… ({blueprint.data.parameters[name].description})" for name in missing)
            refuse(f"arguments are missing; give {', '.join(told)}")
        return found
    found |= ask_arguments(blueprint, missing, {})
    kept = _kept(blueprint, fleet, found)
    if kept and not given and confirm(f"Set any of {len(kept)} other parameters?"):
        found |= ask_arguments(blueprint, kept, kept)
    return found


def _kept(blueprint: Blueprint, fleet: Fleet | None, found: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that need not be said, with what they are then; None for nothing."""
    of_fleet = {} if fleet is None else fleet.arguments()
    defaults = {name: of_fleet.get(name) or blueprint.default(name) for name in blueprint.data.parameters}
    return {name: None if node is None else node.data for name, node in defaults.items() if name not in found}


def _given(blueprint: Blueprint, given: Sequence[str] | None) -> dict[str, Any]:
    from pipegen.definitions.arguments import WrongArgument, argument

    found = {}
    for name, text in pairs("--set", given):
        parameter = blueprint.data.parameters.get(name)
        if parameter is None:
            refuse(f"--set {name}: the blueprint has no such parameter; {near(name, blueprint.data.parameters)}")
        try:
            found[name] = argument(parameter, text)
        except WrongArgument as error:
            refuse(f"--set {name}: {error}")
    return found


def _default_file(arguments: Mapping[str, Any], fleet: Fleet | None) -> Path:
    name = next((arguments[each] for each in _NAMING if each in arguments), None)
    if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
        refuse("say how the definition's file is called: pipegen init FILE")
    return Path(f"{name}.yaml") if fleet is None else _relative(fleet.root) / "services" / f"{name}.yaml"


def _relative(path: Path) -> Path:
    return Path(os.path.relpath(path))


def _text(named: str, arguments: Mapping[str, Any], path: Path, schema: Path) -> str:
    from pipegen.definitions.arguments import definition_text
    from pipegen.short_tags import short_tag

    return definition_text(named, arguments, Path(os.path.relpath(schema, path.parent)).as_posix(), short_tag)


def _checked_definition(path: Path, fleet: Fleet | None, text: str) -> Loaded:
    """The definition that the text is, without problems; leaves where it has some."""
    from pipegen.definitions.yaml_file import load_yaml
    from pipegen.rendering import render

    try:
        loaded = load_yaml(path, fleet, text)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    try:
        report.show(loaded.placed(render(loaded.definition, source=path.name).problems))
    except InvalidDefinition as error:
        report.show(loaded.placed(error.problems))
        raise typer.Exit(1) from None
    return loaded


def _root(directory: Path) -> Path:
    """Of the git repository that a directory is in; itself without one."""
    above = (directory.absolute(), *directory.absolute().parents)
    return _relative(next((each for each in above if (each / ".git").exists()), directory))


def _checked(root: Path, path: Path, templates: Path) -> Checked:
    from pipegen.emit.checks import Checked

    seen = [Path(os.path.relpath(each, root)).as_posix() for each in (path, templates)]
    return Checked(seen[0], seen[1], is_fleet=False)


def _checked_fleet(root: Path, directory: Path, output: str | None) -> Checked:
    """output: the directory that the fleet's own file names."""
    found = _checked(root, directory, directory / (output or TEMPLATES))
    return replace(found, is_fleet=True, says_output=output is not None)


def _add_hooks(plan: Plan) -> None:
    from pipegen.emit.pre_commit import CONFIGURATION, CannotAdd, added, configuration

    path = plan.root / CONFIGURATION
    if not path.exists():
        plan.texts[path] = configuration(plan.checked)
        return
    try:
        before = path.read_bytes().decode()
        plan.texts[path] = added(before, plan.checked)
    except CannotAdd as error:
        report.fail(f"{path}: {error}; leave --pre-commit away, and add this by hand:")
        typer.echo(error.text, err=True, nl=False)
        raise typer.Exit(1) from None
    except (OSError, UnicodeDecodeError):
        report.fail(f"{path}: cannot be read; leave --pre-commit away")
        raise typer.Exit(1) from None
    plan.changed.add(path)
    if plan.texts[path] == before:
        typer.echo(f"pipegen: {path} has hooks of pipegen; see that they check {plan.checked.path}", err=True)


def _add_workflow(plan: Plan) -> None:
    from pipegen.emit.workflow import WORKFLOW, workflow_text

    plan.texts[plan.root / WORKFLOW] = workflow_text(plan.checked)


def _write(plan: Plan, force: bool) -> None:
    from pipegen.emit.files import compare, write

    wanted = {path: text for path, text in plan.texts.items() if path not in plan.kept or not path.exists()}
    try:
        changes = compare(wanted)
        there = [change.path for change in changes if change.status == "changed" and change.path not in plan.changed]
        if there and not force:
            files = any(path in plan.offered for path in there)
            _refuse_existing([str(path) for path in there], ", or --no-files for none of the blueprint's" * files)
        write(changes)
    except OutputFailed as error:
        report.fail(str(error))
        raise typer.Exit(1) from None
    for change in changes:
        typer.echo(f"{change.status:9} {change.path}")
    for path in plan.kept - wanted.keys():
        if path.read_bytes() != plan.texts[path].encode():
            report.fail(f"{path} is as it was, and of another version; remove it to get a new one")


def _tell_unpublished() -> None:
    from pipegen import __version__

    text = (
        f"pipegen-aws=={__version__} is what they install, and is not published yet: put it into an index of your own"
    )
    typer.echo(f"Before hooks or workflow run: {text}", err=True)


def _refuse_existing(paths: Sequence[str], also: str) -> None:
    are = "is" if len(paths) == 1 else "are"
    report.fail(f"{', '.join(paths)} {are} there already, and nothing was written; --force replaces{also}")
    raise typer.Exit(1)


def _show_next(plan: Plan, fleet: bool) -> None:
    """The commands that come next."""
    import shlex

    path = next(iter(plan.texts))
    if plan.fleet is not None and path.absolute() not in map(Path.absolute, plan.fleet.files()):
        report.fail(f"{path} is none of the fleet's services: add a pattern to {_relative(plan.fleet.file)}")
    rendered = path if plan.fleet is None else _relative(plan.fleet.root)
    output = ["-o", str((path.parent if plan.fleet is None else rendered) / TEMPLATES)]
    render = ["pipegen", "render", str(rendered), *([] if plan.checked.says_output else output)]
    commands = [["pipegen", "explain", str(path)], render]
    if fleet:
        commands = [["pipegen", "blueprints"], ["pipegen", "init", "--blueprint", "NAME"]]
    typer.echo("Next:", err=True)
    for words in commands:
        typer.echo(f"  {printable(shlex.join(words))}", err=True)
