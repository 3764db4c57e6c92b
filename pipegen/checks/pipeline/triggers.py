"""Checks of triggers. https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from pipegen.errors import Path, Problem, did_you_mean, one_line, quoted
from pipegen.fields.gaps import is_known
from pipegen.graph.outline import Outline
from pipegen.pipeline.action import Action
from pipegen.pipeline.located import LocatedAction
from pipegen.pipeline.trigger import Trigger


def triggers(written: Outline) -> Iterator[Problem]:
    pipeline = written.definition.pipeline
    sources = {each.action.name: each for each in written.actions if each.action.action_type.category == "Source"}
    seen: set[str] = set()
    for index, trigger in enumerate(pipeline.triggers):
        path: Path = ("pipeline", "triggers", index)
        for problem in trigger.problems():
            yield problem.under(*path)
        if trigger.source_name in seen:
            text = f"{trigger.source_name} has two triggers"
            yield Problem("trigger-source", (*path, "source"), text, "move the filters into one trigger")
        elif trigger.source_name in sources:
            yield from _source_problems(sources[trigger.source_name], (*path, "source"))
            yield from _other_branches(trigger, sources[trigger.source_name].action, path)
        else:
            yield _unknown(trigger.source_name, list(sources), (*path, "source"))
        seen.add(trigger.source_name)


def _source_problems(source: LocatedAction, path: Path) -> Iterator[Problem]:
    if not source.action.takes_triggers:
        text = f"{source.words} does not support triggers"
        fix = "use detect_changes, or a source with a connection"
        yield Problem("trigger-source", path, text, fix)
    for problem in source.action.trigger_problems():
        yield problem.under(*source.path)


def _other_branches(trigger: Trigger, source: Action, path: Path) -> Iterator[Problem]:
    """Find triggers on literal branches that do not include the branch of the source. Patterns such as feature/* are
    not compared."""
    branch = getattr(source, "branch", None)
    branches = [(index, each.branches.includes) for index, each in enumerate(trigger.push) if each.branches is not None]
    named = [name for _, includes in branches for name in includes]
    if (
        not branches
        or not is_known(branch)
        or len(branches) < len(trigger.push)
        or not all(includes for _, includes in branches)
    ):
        return
    if all(is_known(name) and not re.search(r"[*?{\[\\]", name) for name in named) and branch not in named:
        listed = one_line(", ".join(map(str, named)), 120)
        text = f"pushes to {listed} start the pipeline, but the branch of {trigger.source_name} is {branch}"
        fix = "use the same branch in both: a manual start uses the branch of the source"
        at = (*path, "push", branches[0][0], "branches", "includes") if branches else path
        yield Problem("trigger-source", at, text, fix, severity="warning")


def _unknown(name: str, sources: list[str], path: Path) -> Problem:
    near = difflib.get_close_matches(name, sources, n=1)
    fix = did_you_mean(*near[:1]) or f"sources are {', '.join(sources) or 'none'}"
    return Problem("trigger-source", path, f"unknown source {quoted(name, 120)}", fix)


def schedules(written: Outline) -> Iterator[Problem]:
    """Find the problems of schedules, and variables that a start by a schedule would have to set.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""
    pipeline = written.definition.pipeline
    missing = [name for name, variable in pipeline.variables.items() if variable.default is None]
    seen: set[str] = set()
    for index, schedule in enumerate(pipeline.schedules):
        path: Path = ("pipeline", "schedules", index)
        yield from (problem.under(*path) for problem in schedule.problems())
        if schedule.name in seen:
            text = f"the pipeline has two schedules named {quoted(schedule.name)}"
            yield Problem("duplicate-name", (*path, "name"), text, "rename one of them")
        if missing:
            text = f"the variable {missing[0]} has no default, and a schedule sets no variables"
            yield Problem("pipeline-schedule", path, text, "give the variable a default")
        seen.add(schedule.name)


def pull_requests(written: Outline) -> Iterator[Problem]:
    """Find pull request triggers of pipelines that deploy: a run executes unreviewed code."""
    triggers = enumerate(written.definition.pipeline.triggers)
    indices = [index for index, trigger in triggers if trigger.pull_request]
    open_stage = next(_open_deployments(written), None) if indices else None
    for index in indices if open_stage is not None else ():
        text = f"pull requests would be deployed by {open_stage}"
        fix = "use a separate pipeline, or add before_entry with a variable or lambda rule to the stage"
        path: Path = ("pipeline", "triggers", index, "pull_request")
        yield Problem("trigger-pull-request", path, text, fix, severity="warning")


def _open_deployments(written: Outline) -> Iterator[str]:
    """Yield deployments that no rule prevents: neither in their stage nor in an earlier one."""
    ended = False
    for index, stage in enumerate(written.definition.pipeline.stages):
        entry, success = stage.before_entry, stage.on_success
        kept_out = entry is not None and any(rule.may_skip for rule in entry.rules)
        ended |= kept_out and entry is not None and entry.result == "FAIL"
        if not kept_out and not ended:
            yield from (each.words for each in written.actions if each.stage_index == index and each.action.deploys)
        ended |= success is not None and success.result == "FAIL" and any(rule.may_skip for rule in success.rules)
