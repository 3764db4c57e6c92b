"""Checks of resources that one action creates for a later one, such as change sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipegen.errors import Problem, Severity, did_you_mean
from pipegen.facts import closest
from pipegen.fields.gaps import is_known
from pipegen.graph.outline import Outline
from pipegen.pipeline.effects import Preparation
from pipegen.pipeline.located import LocatedAction

_Prepared = tuple[LocatedAction, Preparation]


def preparations(lowered: Outline) -> Iterator[Problem]:
    """Find actions that expect a resource which no earlier action creates. If no action creates any of its kind, a
    command may."""
    prepared = [(each, left) for each in lowered.actions for left in each.action.prepares()]
    for located in lowered.actions:
        for expected in located.action.expects():
            meant = [
                (by, left)
                for by, left in prepared
                if by.account_and_region == located.account_and_region and _may_be(left, expected)
            ]
            if any(by.order < located.order for by, _ in meant):
                continue
            problem = _late(located, expected, meant) if meant else _missing(located, expected, prepared)
            if prepared or not _may_be_made_otherwise(located, lowered):
                yield problem


def _may_be(left: Preparation, expected: Preparation) -> bool:
    """Return whether both can be the same resource; names that are known only at deployment match any."""
    pairs = zip(left.names, expected.names, strict=True)
    return all(one == other or not (is_known(one) and is_known(other)) for one, other in pairs)


def _late(located: LocatedAction, expected: Preparation, meant: Sequence[_Prepared]) -> Problem:
    by = meant[0][0]
    how = "in parallel with" if by.order == located.order else "before"
    text = f"{located.words} runs {how} {by.words}, which creates {expected.words}"
    fix = f"move {by.words} to {located.earlier} and remove run_order"
    return Problem("preparation", (*located.path, "run_order"), text, fix)


def _missing(located: LocatedAction, expected: Preparation, prepared: Sequence[_Prepared]) -> Problem:
    text = f"{located.words} expects {expected.words}, which no action creates"
    for index, name in enumerate(expected.names):
        others = [left for _, left in prepared if all(left.names[at] == expected.names[at] for at in range(index))]
        wrong = [str(left.names[index]) for left in others]
        if others and str(name) not in wrong:
            near = closest(str(name), wrong)
            fix = did_you_mean(near) or f"use {' or '.join(left.words for left in others)}"
            path = expected.path if index == len(expected.names) - 1 else ("stack_name",)
            return Problem("preparation", (*located.path, *path), text, fix)
    fix = "add an earlier action that creates it"
    severity: Severity = "error" if prepared else "warning"
    return Problem("preparation", (*located.path, *expected.path), text, fix, severity)


def _may_be_made_otherwise(located: LocatedAction, lowered: Outline) -> bool:
    earlier = [each.action for each in lowered.actions if each.order < located.order]
    builds = [
        [*action.scripts()] for action in earlier if action.action_type.provider == "CodeBuild" and not action.pushes()
    ]
    return any(not build or any(re.search("change-?set", command) for _, command in build) for build in builds)
