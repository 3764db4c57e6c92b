"""Where stacks are deployed: in all environments of a definition, or in the one that a stack has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.rendering import RenderedStack


@frozen
class Target:
    """An environment by name. environment: perhaps in another region, where a pipeline keeps artifacts."""

    name: str
    environment: Environment

    @property
    def account_and_region(self) -> tuple[str, str]:
        return self.name, self.environment.region or ""


def targets(rendered: RenderedStack, environments: Mapping[str, Environment]) -> list[Target]:
    """Return where a stack is deployed. A stack without an environment is deployed to all of them, or, if its template
    differs between them, to that of the template."""
    if rendered.environment:
        return [Target(rendered.environment, environments[rendered.environment])]
    own = rendered.stack.environment
    if own is None:
        return [Target(name, environment) for name, environment in environments.items()]
    return target_in(own, environments)


def target_in(own: Environment, environments: Mapping[str, Environment]) -> list[Target]:
    """Return the environment whose credentials a stack is deployed with. own: that of the stack."""
    same_account = [name for name, each in environments.items() if each.account == own.account]
    same_values = [name for name in same_account if environments[name].parameters == own.parameters]
    same = [name for name, each in environments.items() if each == own]
    return [Target(name, own) for name in [*same, *same_values, *same_account][:1]]


def stacks_by_environment(
    stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]
) -> dict[str, list[RenderedStack]]:
    """Return the stacks that are deployed to each environment, in their order."""
    stacks_of: dict[str, list[RenderedStack]] = {name: [] for name in environments}
    for rendered in stacks:
        for target in targets(rendered, environments):
            stacks_of[target.name].append(rendered)
    return stacks_of


def stacks_by_account(
    stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]
) -> dict[str, dict[str, list[str]]]:
    """Return the names of stacks by account and region, for environments with an account."""
    accounts: dict[str, dict[str, list[str]]] = {}
    for rendered in stacks:
        for target in targets(rendered, environments):
            if target.environment.account is not None:
                regions = accounts.setdefault(target.environment.account, {})
                regions.setdefault(target.environment.region or "", []).append(rendered.stack.name)
    return accounts
