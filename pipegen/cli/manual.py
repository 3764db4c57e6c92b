"""Shared by the commands for manual deployments: load the definition, choose an action, resolve values."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pipegen.cli import report
from pipegen.cli.options import near, usage_error, values
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.definition import Definition
    from pipegen.loading import Loaded
    from pipegen.pipeline.effects import ManualDeployment
    from pipegen.pipeline.located import LocatedAction


@frozen
class ManualRequest:
    """A valid definition, and the values for its expressions."""

    path: Path
    name: str | None
    loaded: Loaded
    values: Mapping[str, str]

    @property
    def definition(self) -> Definition:
        return self.loaded.definition

    @property
    def actions(self) -> Sequence[LocatedAction]:
        """The lowered actions: a deployment to a service of the definition is the action that performs it."""
        from pipegen.graph.outline import lower, outline

        return lower(outline(self.definition)).actions

    def resolved(self, data: Any, actions: Sequence[LocatedAction]) -> Any:
        """Resolve the expressions in data of these actions. Exits if one cannot be resolved."""
        from pipegen.deploy.resolve import resolve

        found = resolve(data, self.definition.parameters, self.values)
        for words in found.unknown:
            report.fail(f"{self._place(words, actions)}: {words}")
        if found.missing:
            report.fail(f"values are missing; give {' '.join(dict.fromkeys(map(_option, found.missing)))}")
        if found.unknown or found.missing:
            raise typer.Exit(1 if found.unknown else 2)
        return found.data

    def _place(self, words: str, actions: Iterable[LocatedAction]) -> str:
        """Find the location of the expression that a message is about."""
        from pipegen.deploy.resolve import resolve
        from pipegen.fields.model import walk

        leaves = [leaf for located in actions for leaf in walk(located.action, located.path)]
        for path, leaf in leaves:
            if words in resolve(leaf, self.definition.parameters, self.values).unknown:
                return self.loaded.location(path)
        return self.loaded.file

    def command(self, name: str, located: LocatedAction, *options: str) -> str:
        """Return another command for the same action and values."""
        words = ["pipegen", name, str(self.path), "--action", located.words, *options]
        words += [word for each in self.values.items() for word in ("--parameter", "=".join(each))]
        return shlex.join([*words, "--definition", self.name] if self.name else words)


def _option(name: str) -> str:
    """Return the option that sets a parameter or pseudo parameter."""
    if name == "AWS::AccountId":
        return "--account ID"
    return "--region REGION" if name in ("AWS::Region", "AWS::Partition", "AWS::URLSuffix") else f"--parameter {name}=…"


def load_request(
    path: Path, name: str | None, parameters: Sequence[str] | None, account: str | None, region: str | None
) -> ManualRequest:
    """Load and check the selected definition. Exits if there are errors or no such definition."""
    from pipegen.errors import InvalidDefinition
    from pipegen.loading import load_file
    from pipegen.rendering import render_definition

    try:
        loaded = _one(load_file(path), name)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    try:
        problems = render_definition(loaded.definition).problems
    except InvalidDefinition as error:
        report.show(loaded.located(error.problems))
        raise typer.Exit(1) from None
    report.show(loaded.located(problems))
    return ManualRequest(path, name, loaded, values(parameters, account, region, loaded.definition.parameters))


def _one(definitions: Sequence[Loaded], name: str | None) -> Loaded:
    names = [loaded.definition.name for loaded in definitions]
    if name is None and len(definitions) > 1:
        usage_error(f"the file has several definitions; give --definition with one of {', '.join(names)}")
    meant = [loaded for loaded in definitions if name in (None, loaded.definition.name)]
    if not meant:
        usage_error(f"--definition {name}: there is no such definition; {near(str(name), names)}")
    if len(meant) > 1:
        usage_error(f"several definitions of the file are named {name}; give them different names")
    return meant[0]


def choose(
    request: ManualRequest, name: str | None, fits: Callable[[LocatedAction], bool], noun: str
) -> list[LocatedAction]:
    """Select the actions that fit, or the named one. Exits if there is none. noun: what the actions do."""
    located = request.actions
    fitting = [each for each in located if fits(each)]
    words = [each.words for each in fitting]
    if not fitting:
        usage_error(f"{request.definition.name} has no action that {noun}")
    if name is None:
        return fitting
    if name not in words:
        known = any(each.words == name for each in located)
        text = f"{name} is not an action that {noun}" if known else "there is no such action"
        usage_error(f"--action {name}: {text}; {near(name, words)}")
    return [each for each in fitting if each.words == name]


def code_deploy(request: ManualRequest, name: str | None) -> tuple[LocatedAction, ManualDeployment]:
    """Select the action that deploys through CodeDeploy, and its manual deployment. Exits if that is ambiguous."""

    def manual_deployment(located: LocatedAction) -> ManualDeployment | None:
        return located.action.manual_deployment(request.definition.name)

    fitting = choose(request, name, lambda each: manual_deployment(each) is not None, "deploys through CodeDeploy")
    if len(fitting) > 1:
        usage_error(
            f"there are several deployments; give --action with one of {', '.join(each.words for each in fitting)}"
        )
    deployment = manual_deployment(fitting[0])
    assert deployment is not None
    return fitting[0], deployment


def show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
