"""Checks of `$CODEBUILD_SRC_DIR_<artifact>` in commands; it is set only for extra inputs.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipegen.errors import Path, Problem, did_you_mean
from pipegen.facts import closest
from pipegen.graph.wiring import WiredAction, WiredRule, Wiring
from pipegen.syntax.shell import parsed

_PREFIX = "CODEBUILD_SRC_DIR_"


def directories(wiring: Wiring) -> Iterator[Problem]:
    for each in wiring.readers():
        if len(each.inputs) == len(each.reads):  # otherwise an artifact is unknown, which is reported elsewhere
            yield from _unset(each)


def _unset(each: WiredAction | WiredRule) -> Iterator[Problem]:
    located: Any = each.located
    scripts = [*(located.action if isinstance(each, WiredAction) else located.rule).scripts()]
    if not any(_PREFIX in command for _, command in scripts):
        return
    text = "\n".join(command for _, command in scripts)
    found = [(path, parsed(command)) for path, command in scripts]
    known = {name for _, script in found for name in script.sets}
    primary, *others = [wired.artifact for wired in each.inputs]
    known |= {f"{_PREFIX}{name}" for name in others}
    for path, script in found:
        for name in dict.fromkeys(script.reads):
            # A command may test whether the directory exists.
            if name.startswith(_PREFIX) and name not in known and not re.search(rf"-[ndefsz]\s+\W*{name}\b", text):
                yield _problem(name.removeprefix(_PREFIX), primary, others, (*located.path, *path))


def _problem(name: str, primary: str, others: list[str], path: Path) -> Problem:
    text, fix = f"{_PREFIX}{name} is not set", "list the artifact under extra_inputs"
    if name == primary:
        fix = "use $CODEBUILD_SRC_DIR, the directory of the input"
        return Problem("environment-unset", path, text, fix, severity="warning")
    if others:
        near = closest(name, others)
        fix = did_you_mean(near and f"{_PREFIX}{near}") or f"use {' or '.join(_PREFIX + each for each in others)}"
    return Problem("environment-unset", path, text, fix)
