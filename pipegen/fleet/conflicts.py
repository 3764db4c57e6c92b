"""Claims of one name by two definitions that can be deployed to one account and region."""

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
    NAMED,
    REQUESTS,
    RULE,
    STACK,
    Claim,
    Name,
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
    """Where an environment's stacks are deployed, as far as it is known, and the values of their parameters there."""

    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict)

    def may_be(self, other: Target, reach: str) -> bool:
        """Whether a name in one of the two can be the same name in the other."""
        same_account = None in (self.account, other.account) or self.account == other.account
        same_region = None in (self.region, other.region) or self.region == other.region
        return same_account and (reach == "account" or same_region)


def targets_of(environments: Mapping[str, Environment]) -> dict[str, Target]:
    """The targets of a fleet's environments."""
    return {
        name: Target(each.account, each.region, {key: each.value(key) for key in sorted(each.parameters)})
        for name, each in environments.items()
    }


def with_parameters_of(claims: Iterable[Claim], targets: Mapping[str, Target]) -> dict[str, Target]:
    """The targets with only those values that the claims use: none of a NoEcho parameter, and none that no template
    declares."""
    used = {name for claim in claims for name in parameters_of(claim)}
    return {
        name: replace(each, parameters={key: value for key, value in each.parameters.items() if key in used})
        for name, each in targets.items()
    }


@frozen(kw_only=True)
class Claimant:
    """A definition, its file and the environments that it is deployed to."""

    name: str
    source: str
    environments: tuple[str, ...]
    claims: tuple[Claim, ...]


@frozen
class Conflict:
    """A claim of a definition that an earlier definition makes, too."""

    claimant: Claimant
    claim: Claim
    earlier: Claimant

    @property
    def is_certain(self) -> bool:
        """Whether both cannot be deployed; otherwise they may be meant so."""
        return self.claim.kind != DEPLOYMENT

    def problem(self, place: str, source: str) -> Problem:
        """The problem at a place; source: the earlier definition's file, as messages show it."""
        other = source if not place.startswith(f"{source}:") else ""
        return replace(self._problem(source), location=place, related=other)

    def _problem(self, source: str) -> Problem:
        kind, name, fix = self.claim.kind, shown(self.claim.name), "rename one of the two"
        if kind == DEFINITION:
            text = f"{source} has a definition named {self.earlier.name} already"
            return Problem("duplicate-definition", (), text, fix)
        if kind == STACK:
            return Problem("duplicate-stack", (), f"{source} makes the stack {name} too", fix)
        if kind == RULE:
            text = f"the priority {name} on this listener is taken by {self.earlier.name} ({source})"
            fix = "give each rule on a listener a priority of its own"
            return Problem("listener-priority", (), text, fix)
        if kind == DEPLOYMENT:
            where = shown(self.claim.scope)
            text = f"{source} deploys to the service {name} of the cluster {where} too"
            fix = "name another service or cluster: each deployment replaces what the other deployed"
            return Problem("duplicate-resource", (), text, fix, severity="warning")
        if kind == IMPORT:
            from pipegen.references.others import given_by

            what = given_by(exported_kind(name))[0].words
            text = f"{shown(self.claim.scope)} imports {name} of {source}, which is {what}"
            return Problem("wrong-import", (), text, "import the export of the right kind")
        if kind == REQUESTS:
            text = f"a rule of {source} on the same listener is for the same requests"
            fix = "give one of them other conditions: of two such rules, that with the lower priority gets them all"
            return Problem("listener-priority", (), text, fix)
        return Problem("duplicate-resource", (), f"{source} makes the {NAMED[kind].words} {name} too", fix)


def conflicts(claimants: Iterable[Claimant], targets: Mapping[str, Target]) -> Iterator[Conflict]:
    """The first conflict of each definition with one before it; its other claims still count.

    Two definitions conflict if an environment of one is, or could be, in the account and region of an environment of
    the other.
    """
    holders: dict[tuple[str, Name, Name], list[tuple[Claimant, tuple[str, ...]]]] = {}
    imports = []
    for claimant in claimants:
        found = False
        for claim, resolved, here in _resolved(claimant, targets):
            if claim.kind == IMPORT:
                imports.append((claimant, claim, resolved[2], here))
                continue
            taken = holders.setdefault(resolved, [])
            for earlier, there in taken:
                if not found and earlier is not claimant and _meet(here, there, NAMED[claim.kind].reach, targets):
                    found = True
                    yield Conflict(claimant, claim, earlier)
            taken.append((claimant, here))
    for claimant, claim, name, here in imports:
        for exporter, there in holders.get((EXPORT, "", name), ()):
            if _meet(here, there, NAMED[EXPORT].reach, targets):
                yield Conflict(claimant, claim, exporter)


def _resolved(
    claimant: Claimant, targets: Mapping[str, Target]
) -> Iterator[tuple[Claim, tuple[str, Name, Name], tuple[str, ...]]]:
    """Each claim with its kind, scope and name in some environments. A scope may stay unknown: two scopes that are the
    same parameter are equal. A name that stays unknown is left out."""
    for claim in claimant.claims:
        if isinstance(claim.name, str) and isinstance(claim.scope, str):
            yield claim, (claim.kind, claim.scope, claim.name), claimant.environments
            continue
        for environment in claimant.environments or ("",):
            target = targets.get(environment, Target())
            values = {"AWS::AccountId": target.account, "AWS::Region": target.region, **target.parameters}
            name = filled(claim.name, values)
            if isinstance(name, str):
                resolved = claim.kind, filled(claim.scope, values), name
                yield claim, resolved, (environment,) if environment else ()


def _meet(ours: tuple[str, ...], theirs: tuple[str, ...], reach: str, targets: Mapping[str, Target]) -> bool:
    """Whether two definitions meet in one of their environments; without any, they may be anywhere."""
    if reach == "world" or not ours or not theirs:
        return True
    return any(
        one == other or targets.get(one, Target()).may_be(targets.get(other, Target()), reach)
        for one in ours
        for other in theirs
    )
