"""What to do once the files are written: prerequisites, and the commands that render and deploy."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipegen.cli import report
from pipegen.cli.init.plan import TEMPLATES, Plan
from pipegen.cli.init.target import relative
from pipegen.errors import printable

if TYPE_CHECKING:
    from pipegen.cli.init.target import Trial
    from pipegen.deploy.prerequisites import Prerequisite
    from pipegen.loading.fleet import Fleet
    from pipegen.rendering import RenderedStack


def show_for_fleet() -> None:
    """The commands after a fleet was begun."""
    _show("Next:", [shlex.join(["pipegen", "blueprints"]), shlex.join(["pipegen", "init", "--blueprint", "NAME"])])


def show_for_definition(plan: Plan, trial: Trial) -> None:
    """The prerequisites of a definition, and the commands after it was written."""
    fleet = plan.fleet
    if fleet is not None and trial.path.absolute() not in map(Path.absolute, fleet.files()):
        report.fail(f"{trial.path} is none of the fleet's services: add a pattern to {relative(fleet.file)}")
    _show_prerequisites(trial, fleet)
    rendered = trial.path if fleet is None else relative(fleet.root)
    output = _output(trial.path, fleet)
    render = ["pipegen", "render", str(rendered), *([] if plan.checked.sets_output else ["-o", str(output)])]
    _show("Next:", [shlex.join(["pipegen", "explain", str(trial.path)]), shlex.join(render)])
    if trial.render is not None:
        _show("Then deploy:", _deploy_commands(trial, fleet, output))


def _show(title: str, commands: Sequence[str]) -> None:
    typer.echo(title, err=True)
    for command in commands:
        for line in command.splitlines():
            typer.echo(f"  {printable(line)}", err=True)


def _output(path: Path, fleet: Fleet | None) -> Path:
    if fleet is None:
        return path.parent / TEMPLATES
    named = fleet.data.render.output if fleet.data.render is not None else None
    return relative(fleet.root) / (named or TEMPLATES)


def _show_prerequisites(trial: Trial, fleet: Fleet | None) -> None:
    from pipegen.deploy.prerequisites import prerequisites

    if trial.loaded is None:
        return
    missing = [each for each in prerequisites(trial.loaded.definition) if _is_missing(each, trial, fleet)]
    if not missing:
        return
    file = "" if fleet is None else f", and set them in {relative(fleet.file)} under environments.NAME.parameters"
    typer.echo(f"Before you deploy, have these parameters ready{file}:", err=True)
    for each in missing:
        for line in _lines(each):
            typer.echo(printable(line), err=True)


def _is_missing(prerequisite: Prerequisite, trial: Trial, fleet: Fleet | None) -> bool:
    """Return whether an environment has no value for the parameter, or there are no environments."""
    chosen = [] if fleet is None else _taking(prerequisite.parameter, trial, fleet)
    if fleet is None or not chosen:
        return True
    return any(fleet.data.environments[name].value(prerequisite.parameter) is None for name in chosen)


def _taking(parameter: str, trial: Trial, fleet: Fleet) -> Sequence[str]:
    """The environments to which stacks with a parameter are deployed."""
    from pipegen.deploy.targets import stacks_by_environment

    environments = {name: fleet.data.environments[name] for name in _environments(trial)}
    if trial.render is None:
        return [*environments]
    found = stacks_by_environment(trial.render.stacks, environments).items()
    return [name for name, stacks in found if any(parameter in each.stack.template.parameters for each in stacks)]


def _lines(prerequisite: Prerequisite) -> Iterator[str]:
    about = f": {prerequisite.description}" if prerequisite.description else ""
    yield f"  {prerequisite.parameter}{about}"
    yield from (f"    {label} {text}" for label, text in _guide(prerequisite) if text)


def _guide(prerequisite: Prerequisite) -> Iterator[tuple[str, str]]:
    yield "find:  ", prerequisite.find
    create, _, then = prerequisite.create.partition("; ")
    yield "create:", create
    yield "       ", then


def _deploy_commands(trial: Trial, fleet: Fleet | None, output: Path) -> list[str]:
    from pipegen.deploy.commands import deploy_commands

    assert trial.render is not None
    assert trial.loaded is not None
    stacks = trial.render.stacks
    if fleet is None:
        return [deploy_commands([(each, str(output / each.file_name)) for each in stacks])]
    return list(_fleet_commands(stacks, fleet, output / trial.loaded.definition.name, _environments(trial)))


def _environments(trial: Trial) -> Sequence[str]:
    return () if trial.loaded is None or trial.loaded.origin is None else trial.loaded.origin.environments


def _fleet_commands(
    stacks: Sequence[RenderedStack], fleet: Fleet, directory: Path, environments: Sequence[str]
) -> Iterator[str]:
    from pipegen.deploy.commands import deploy_commands

    if not environments:
        yield deploy_commands([(each, str(directory / each.file_name)) for each in stacks])
    elif fleet.data.render is not None and fleet.data.render.deploy_script:
        names = environments if fleet.data.pipelines is None else ["--all"]
        yield from (shlex.join([str(directory / "deploy.sh"), name]) for name in names)
    elif fleet.data.pipelines is None:
        yield from _commands_in(environments[:1], stacks, fleet, directory)
        if others := environments[1:]:
            yield f"# repeat them for {', '.join(others)}"
    else:
        yield from _commands_in(environments, stacks, fleet, directory)


def _commands_in(
    environments: Sequence[str], stacks: Sequence[RenderedStack], fleet: Fleet, directory: Path
) -> Iterator[str]:
    """The commands for environments, in the order of the stacks."""
    from pipegen.deploy.commands import environment_command, needs
    from pipegen.deploy.parameters import parameter_file
    from pipegen.deploy.targets import targets

    chosen = {name: fleet.data.environments[name] for name in environments}
    for each in stacks:
        for target in targets(each, chosen):
            yield from needs(each.stack)
            parameters = str(directory / parameter_file(target.name))
            yield environment_command(each, str(directory / each.file_name), target.environment, parameters)
