"""The blueprint's arguments in options. All of them are read before problems are reported."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from pipegen.cli import report
from pipegen.cli.options import near
from pipegen.errors import Problem

if TYPE_CHECKING:
    from pipegen.cli.init.target import Target, Trial
    from pipegen.loading.blueprints.blueprint import Blueprint


def read_arguments(blueprint: Blueprint, settings: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the valid arguments of `--set`, and messages about the others."""
    from pipegen.cli.options import split_pairs
    from pipegen.loading.blueprints.arguments import WrongArgument, argument

    pairs, faults = split_pairs("--set", settings)
    arguments = {}
    for name, text in pairs.items():
        parameter = blueprint.data.parameters.get(name)
        try:
            if parameter is None:
                raise WrongArgument(f"the blueprint has no such parameter; {near(name, blueprint.data.parameters)}")
            arguments[name] = argument(parameter, text)
        except WrongArgument as error:
            faults.append(f"--set {name}: {error}")
    return arguments, faults


def exit_with(faults: Sequence[str]) -> None:
    """Report what is wrong with how the command was called, if something is."""
    for fault in faults:
        report.fail(fault)
    if faults:
        raise typer.Exit(2)


def tried_without_questions(target: Target, settings: Sequence[str]) -> Trial:
    """The definition that the options make; leaves the command after reporting everything that is wrong with them."""
    arguments, faults = read_arguments(target.blueprint, settings)
    trial, is_whole = _tried(target, arguments)
    errors = [each for each in trial.errors if is_whole or trial.argument_of(each) in arguments]
    report.show(_at_options(each, trial) for each in errors)
    named = {text.partition("=")[0] for text in settings}
    exit_with([*faults, *_missing(target, named), *(_unnamed(target, arguments) if is_whole else ())])
    if errors:
        raise typer.Exit(1)
    return trial


def _tried(target: Target, arguments: Mapping[str, Any]) -> tuple[Trial, bool]:
    """What arguments make, with samples of those that are missing or wrong, and whether none is."""
    from pipegen.loading.blueprints.arguments import required_parameters
    from pipegen.loading.blueprints.sample import samples

    guessed = samples(target.blueprint)
    lacking = [name for name in required_parameters(target.blueprint, target.fleet) if name not in arguments]
    stand_ins = {name: guessed[name] for name in lacking if name in guessed}
    return target.tried({**stand_ins, **arguments}), not lacking


def _at_options(problem: Problem, trial: Trial) -> Problem:
    """The problem, located where the user can correct it: nothing is written, so that the file has no lines."""
    argument = trial.argument_of(problem)
    if argument is not None:
        return replace(problem, location=f"--set {argument}", related="")
    is_here = problem.location.startswith(f"{trial.path}:")
    return replace(problem, location=str(trial.path), related="") if is_here else problem


def _missing(target: Target, named: Collection[str]) -> Iterator[str]:
    from pipegen.loading.blueprints.arguments import required_parameters

    parameters = target.blueprint.data.parameters
    missing = [name for name in required_parameters(target.blueprint, target.fleet) if name not in named]
    if missing:
        options = (f"--set {name}=… ({parameters[name].description})" for name in missing)
        yield f"arguments are missing; give {', '.join(options)}"


def _unnamed(target: Target, arguments: Mapping[str, Any]) -> Iterator[str]:
    if target.path(arguments) is None:
        yield "no argument names the definition's file; name it: pipegen init FILE.yaml"
