"""Resource names that two definitions use in the same account and region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from pipegen.errors import Problem
from pipegen.fleet.resource_names import (
    DEFINITION,
    DEPLOYMENT,
    EXPORT,
    IMPORT,
    KINDS,
    REQUESTS,
    RULE,
    STACK,
    Name,
    ResourceName,
    exported_kind,
    filled,
    parameters_of,
    shown,
)
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.model.environment import Environment


@frozen
class Target:
    """Where the stacks of an environment are deployed, as far as known, and the parameter values there."""

    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict)

    def may_be(self, other: Target, reach: str) -> bool:
        """Whether a name in one target may be the same name in the other."""
        same_account = None in (self.account, other.account) or self.account == other.account
        same_region = None in (self.region, other.region) or self.region == other.region
        return same_account and (reach == "account" or same_region)


def targets_of(environments: Mapping[str, Environment]) -> dict[str, Target]:
    """Return the targets of a fleet's environments."""
    return {
        name: Target(each.account, each.region, {key: each.value(key) for key in sorted(each.parameters)})
        for name, each in environments.items()
    }


def with_parameters_of(names: Iterable[ResourceName], targets: Mapping[str, Target]) -> dict[str, Target]:
    """Keep only the parameter values that resource names use, so no NoEcho parameter and none that no template
    declares."""
    used = {name for resource_name in names for name in parameters_of(resource_name)}
    return {
        name: replace(each, parameters={key: value for key, value in each.parameters.items() if key in used})
        for name, each in targets.items()
    }


@frozen(kw_only=True)
class NameUser:
    """A definition with its file, its environments and the resource names that it uses."""

    name: str
    source: str
    environments: tuple[str, ...]
    names: tuple[ResourceName, ...]


@frozen
class Conflict:
    """A resource name of a definition that an earlier definition uses too."""

    user: NameUser
    resource_name: ResourceName
    earlier: NameUser

    @property
    def is_certain(self) -> bool:
        """Whether only one of the two can be deployed. Otherwise this may be intended."""
        return self.resource_name.kind != DEPLOYMENT

    def problem(self, location: str, source: str) -> Problem:
        """Return the problem. source: the file of the earlier definition, as messages show it."""
        other = source if not location.startswith(f"{source}:") else ""
        return replace(self._problem(source), location=location, related=other)

    def _problem(self, source: str) -> Problem:
        kind, name, fix = self.resource_name.kind, shown(self.resource_name.name), "rename one of the two"
        if kind == DEFINITION:
            text = f"{source} already has a definition named {self.earlier.name}"
            return Problem("duplicate-definition", (), text, fix)
        if kind == STACK:
            return Problem("duplicate-stack", (), f"{source} also creates the stack {name}", fix)
        if kind == RULE:
            text = f"priority {name} on this listener is already used by {self.earlier.name} ({source})"
            fix = "give each rule on a listener its own priority"
            return Problem("listener-priority", (), text, fix)
        if kind == DEPLOYMENT:
            where = shown(self.resource_name.scope)
            text = f"{source} also deploys to the service {name} of the cluster {where}"
            fix = "name another service or cluster: each of the two replaces what the other has deployed"
            return Problem("duplicate-resource", (), text, fix, severity="warning")
        if kind == IMPORT:
            from pipegen.references.imports import words_of

            what = words_of(exported_kind(name))
            text = f"{shown(self.resource_name.scope)} imports {name} of {source}, which is {what}"
            return Problem("wrong-import", (), text, "import an export of the right kind")
        if kind == REQUESTS:
            text = f"a rule of {source} on the same listener has the same conditions"
            fix = "change the conditions of one: the rule with the lower priority number receives all requests"
            return Problem("listener-priority", (), text, fix)
        return Problem("duplicate-resource", (), f"{source} also creates the {KINDS[kind].words} {name}", fix)


def conflicts(users: Iterable[NameUser], targets: Mapping[str, Target]) -> Iterator[Conflict]:
    """Find the first conflict of each definition with one before it.

    Two definitions conflict if an environment of one is, or could be, in the account and region of an environment of
    the other. All names of a definition that conflicts still count for later ones.
    """
    holders: dict[tuple[str, Name, Name], list[tuple[NameUser, tuple[str, ...]]]] = {}
    imports = []
    for user in users:
        is_conflict = False
        for resource_name, resolved, here in _resolved(user, targets):
            if resource_name.kind == IMPORT:
                imports.append((user, resource_name, resolved[2], here))
                continue
            taken = holders.setdefault(resolved, [])
            for earlier, there in taken:
                if (
                    not is_conflict
                    and earlier is not user
                    and _may_meet(here, there, KINDS[resource_name.kind].reach, targets)
                ):
                    is_conflict = True
                    yield Conflict(user, resource_name, earlier)
            taken.append((user, here))
    for user, resource_name, name, here in imports:
        for exporter, there in holders.get((EXPORT, "", name), ()):
            if _may_meet(here, there, KINDS[EXPORT].reach, targets):
                yield Conflict(user, resource_name, exporter)


def _resolved(
    user: NameUser, targets: Mapping[str, Target]
) -> Iterator[tuple[ResourceName, tuple[str, Name, Name], tuple[str, ...]]]:
    """Resolve the parameters in names and scopes, in each environment.

    Names that remain unknown are omitted. A scope may remain unknown: two scopes are equal if they are the same
    parameter.
    """
    for resource_name in user.names:
        if isinstance(resource_name.name, str) and isinstance(resource_name.scope, str):
            yield resource_name, (resource_name.kind, resource_name.scope, resource_name.name), user.environments
            continue
        for environment in user.environments or ("",):
            target = targets.get(environment, Target())
            values = {"AWS::AccountId": target.account, "AWS::Region": target.region, **target.parameters}
            name = filled(resource_name.name, values)
            if isinstance(name, str):
                resolved = resource_name.kind, filled(resource_name.scope, values), name
                yield resource_name, resolved, (environment,) if environment else ()


def _may_meet(ours: tuple[str, ...], theirs: tuple[str, ...], reach: str, targets: Mapping[str, Target]) -> bool:
    """Whether two definitions can be deployed to one account and region. Without environments, they can."""
    if reach == "world" or not ours or not theirs:
        return True
    return any(
        one == other or targets.get(one, Target()).may_be(targets.get(other, Target()), reach)
        for one in ours
        for other in theirs
    )
