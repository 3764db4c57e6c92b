"""The files that `pipegen init` is going to write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from pipegen.cli import report
from pipegen.cli.init.target import Target, Trial, relative
from pipegen.errors import printable
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.cli.init.request import Request
    from pipegen.loading.fleet import Fleet
    from pipegen.scaffold.checks import CheckTarget

FLEET_SCHEMA = "pipegen.fleet.schema.json"
TEMPLATES = "templates"


@frozen
class Plan:
    """texts: the files, the definition first. kept: those that stay as they are if they exist. changed: those that were
    read, and get something added. offered: those of the blueprint. checked: what hooks and workflows check."""

    root: Path
    checked: CheckTarget
    texts: dict[Path, str]
    kept: set[Path] = field(default_factory=set)
    changed: set[Path] = field(default_factory=set)
    offered: set[Path] = field(default_factory=set)
    fleet: Fleet | None = None


def fleet_plan(directory: Path) -> Plan:
    """The files of a new fleet."""
    from pipegen.cli.schema import SchemaKind, schema_text
    from pipegen.output.scripts import verbatim

    root = _root(directory)
    schema = directory / FLEET_SCHEMA
    texts = {directory / "pipegen.yaml": verbatim("fleet.yaml"), schema: schema_text(SchemaKind.fleet)}
    return Plan(root, _checked_fleet(root, directory, TEMPLATES), texts, {schema})


def definition_plan(target: Target, trial: Trial, request: Request) -> Plan:
    """The files of a new definition."""
    from pipegen.cli.schema import SchemaKind, schema_text

    path, fleet = trial.path, target.fleet
    files = _blueprint_files(target, trial, request)
    root = _root(path.parent if fleet is None else fleet.root)
    if fleet is None:
        checked = _checked(root, path, path.parent / TEMPLATES)
    else:
        checked = _checked_fleet(root, fleet.root, fleet.data.render.output if fleet.data.render else None)
    schema = target.schema(path)
    texts = {path: trial.text, schema: schema_text(SchemaKind.definition, fleet), **files}
    return Plan(root, checked, texts, {schema}, offered=set(files), fleet=fleet)


def _blueprint_files(target: Target, trial: Trial, request: Request) -> Mapping[Path, str]:
    """The blueprint's files for the application: beside the definition, except in a fleet."""
    directory = request.files or (trial.path.parent if target.fleet is None else None)
    is_wanted = trial.loaded is not None and trial.loaded.origin is not None and not request.no_files
    offered = trial.loaded.origin.files if is_wanted and trial.loaded and trial.loaded.origin else ()
    if directory is None:
        if offered:
            shown = ", ".join(each.path for each in offered)
            typer.echo(f"pipegen: the blueprint offers {shown}; --files DIR writes them", err=True)
        return {}
    files = {directory / each.path: each.text for each in offered}
    _check_inside(directory, files)
    return files


def _check_inside(target: Path, paths: Iterable[Path]) -> None:
    """Reject files of a blueprint below .git, or outside the target directory through a link."""
    for path in paths:
        if any(part.casefold() == ".git" for part in path.relative_to(target).parts):
            _reject_file(path, "is git's own")
        try:
            inside = path.parent.resolve().is_relative_to(target.resolve())
        except (OSError, RuntimeError):  # a ring of links
            inside = False
        if not inside:
            _reject_file(path, f"leads out of {target} by a link")


def _reject_file(path: Path, reason: str) -> NoReturn:
    report.fail(
        f"{printable(str(path))} {reason}, and nothing was written; --no-files leaves the blueprint's files out"
    )
    raise typer.Exit(1)


def _root(directory: Path) -> Path:
    """Return the root of the git repository of a directory, or the directory itself."""
    above = (directory.absolute(), *directory.absolute().parents)
    return relative(next((each for each in above if (each / ".git").exists()), directory))


def _checked(root: Path, path: Path, templates: Path) -> CheckTarget:
    from pipegen.scaffold.checks import CheckTarget

    seen = [Path(os.path.relpath(each, root)).as_posix() for each in (path, templates)]
    return CheckTarget(seen[0], seen[1], is_fleet=False)


def _checked_fleet(root: Path, directory: Path, output: str | None) -> CheckTarget:
    """output: the directory that the fleet's own file names."""
    found = _checked(root, directory, directory / (output or TEMPLATES))
    return replace(found, is_fleet=True, sets_output=output is not None)


def add_hooks(plan: Plan) -> None:
    from pipegen.scaffold.pre_commit import CONFIGURATION, CannotAdd, added, configuration

    path = plan.root / CONFIGURATION
    if not path.exists():
        plan.texts[path] = configuration(plan.checked)
        return
    try:
        before = path.read_bytes().decode()
        plan.texts[path] = added(before, plan.checked)
    except CannotAdd as error:
        report.fail(f"{path}: {error}; leave --pre-commit out, and add this manually:")
        typer.echo(error.text, err=True, nl=False)
        raise typer.Exit(1) from None
    except (OSError, UnicodeDecodeError):
        report.fail(f"{path}: cannot be read; leave --pre-commit out")
        raise typer.Exit(1) from None
    plan.changed.add(path)
    if plan.texts[path] == before:
        typer.echo(f"pipegen: {path} has hooks of pipegen; see that they check {plan.checked.path}", err=True)


def add_workflow(plan: Plan) -> None:
    from pipegen.scaffold.workflow import WORKFLOW, workflow_text

    plan.texts[plan.root / WORKFLOW] = workflow_text(plan.checked)
