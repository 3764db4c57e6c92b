"""Checks of stage conditions: combinations of results and rules, and values in rules.
https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.gaps import is_known
from pipegen.graph.outline import Outline
from pipegen.pipeline.action import Action
from pipegen.pipeline.condition import BeforeEntry, Condition, OnFailure
from pipegen.pipeline.rule import Rule
from pipegen.pipeline.stage import Stage
from pipegen.syntax.globs import matches


def conditions(definition: Definition) -> Iterator[Problem]:
    for index, stage in enumerate(definition.pipeline.stages):
        for when, condition in stage.conditions():
            path: Path = ("pipeline", "stages", index, when)
            words = f"{stage.name}/{when}"
            yield from _unique_names(condition, words, path)
            yield from _skip(condition, words, path)
            yield from _retry(condition, words, path)


def _unique_names(condition: Condition, words: str, path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, rule in enumerate(condition.rules):
        if rule.name in seen:
            text = f"{words} has two rules named {quoted(rule.name)}"
            yield Problem("duplicate-name", (*path, "rules", index, "name"), text, "rename one of them")
        seen.add(rule.name)


def _skip(condition: Condition, words: str, path: Path) -> Iterator[Problem]:
    if not isinstance(condition, BeforeEntry) or condition.result != "SKIP":
        return
    for index, rule in enumerate(condition.rules):
        if not rule.may_skip:
            text = f"{words} has result: SKIP with a rule of {rule.provider}"
            fix = "use result: FAIL, or only rules of the kinds variable and lambda"
            yield Problem("condition-skip", (*path, "rules", index), text, fix)


def _retry(condition: Condition, words: str, path: Path) -> Iterator[Problem]:
    if not isinstance(condition, OnFailure):
        return
    if condition.result == "RETRY" and condition.rules:
        text = f"{words} has rules, which result: RETRY does not allow"
        yield Problem("condition-retry", (*path, "rules"), text, "use result: ROLLBACK, or remove the rules")
    if condition.result != "RETRY" and condition.retry_mode is not None:
        text = f"{words} has a retry_mode without result: RETRY"
        yield Problem("condition-retry", (*path, "retry_mode"), text, "remove retry_mode, or set result: RETRY")


def rollback(definition: Definition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html"""
    for index, stage in enumerate(definition.pipeline.stages):
        for when in _rollbacks(stage):
            path: Path = ("pipeline", "stages", index, when, "result")
            text = f"{stage.name}/{when} has result: ROLLBACK"
            if index == 0:
                fix = "use another result, or roll back later stages"
                yield Problem("condition-rollback", path, f"{text}, which the first stage does not support", fix)
            if definition.pipeline.execution_mode == "PARALLEL":
                fix = "use another result, or execution_mode QUEUED or SUPERSEDED"
                yield Problem(
                    "condition-rollback", path, f"{text}, which execution_mode PARALLEL does not support", fix
                )


def _rollbacks(stage: Stage) -> Iterator[str]:
    return (when for when, condition in stage.conditions() if condition.result == "ROLLBACK")


def rules(written: Outline) -> Iterator[Problem]:
    """Run the checks that rules define for their own fields."""
    for located in written.rules:
        for problem in located.rule.problems():
            yield problem.under(*located.path)


_FORMS = {
    "CommitId": (r"[0-9a-f]{40}", "a commit ID of 40 hexadecimal digits"),
    "ImageDigest": (r"sha256:[0-9a-f]{64}", "an image digest, sha256:…"),
    "RegistryId": (r"[0-9]{12}", "an account ID of 12 digits"),
}
"""The forms of variables of sources.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""


def comparisons(written: Outline) -> Iterator[Problem]:
    """Find rules that compare a variable of a source with a text that it never has."""
    sources = {
        each.action.variable_namespace: each.action
        for each in written.actions
        if each.action.action_type.category == "Source"
    }
    for located in written.rules:
        if located.rule.required_text is None:
            continue
        variable, value = located.rule.required_text
        namespace, _, name = variable[2:-1].partition(".")
        form, words = _FORMS.get(name, ("", ""))
        branches = _branches(sources[namespace], written) if namespace in sources and name == "BranchName" else None
        if namespace in sources and form and not re.fullmatch(form, value):
            text = f"value is {quoted(value)}, but {variable} is {words}"
            fix = "use such a value, or another variable"
            yield Problem("rule-variable", (*located.path, "value"), text, fix, severity="warning")
        elif branches and not any(matches(each, value) for each in branches) and not _is_reported(located.rule):
            text = f"value is {quoted(value)}, but only {', '.join(branches)} starts the pipeline"
            fix = "use a branch that starts the pipeline: one of the trigger, or the branch of the source"
            yield Problem("rule-variable", (*located.path, "value"), text, fix, severity="warning")


def defaults(written: Outline) -> Iterator[Problem]:
    """Find pipeline variables whose default fails a rule: runs that do not set the variable always fail."""
    variables, stages = written.definition.pipeline.variables, written.definition.pipeline.stages
    for located in written.rules:
        condition = stages[located.stage_index].before_entry
        match = re.fullmatch(r"#\{variables\.(.*)\}", str(getattr(located.rule, "variable", "")))
        default = variables[match[1]].default if match and match[1] in variables else None
        stops = located.when == "before_entry" and condition is not None and condition.result == "FAIL"
        if match and is_known(default) and stops and located.rule.passes(default) is False:
            text = f"the default of {match[1]}, {quoted(default)}, does not pass {located.words}"
            fix = "set a default that passes: runs that a push starts use the default"
            path = ("pipeline", "variables", match[1], "default")
            yield Problem("rule-variable", path, text, fix, severity="warning")


def _is_reported(rule: Rule) -> bool:
    return any(problem.path == ("value",) for problem in rule.problems())


def _branches(source: Action, written: Outline) -> Sequence[str] | None:
    """Return patterns of the branches that start runs, or None if they are unknown."""
    branches = [getattr(source, "branch", None)]
    for trigger in written.definition.pipeline.triggers:
        if trigger.source_name == source.name:
            if trigger.pull_request:
                return None
            for each in trigger.push:
                branches += ["**"] if each.branches is None or not each.branches.includes else each.branches.includes
    known = [each for each in branches if is_known(each)]
    return [*dict.fromkeys(known)] if len(known) == len(branches) else None
