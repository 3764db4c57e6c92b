"""Checks of variables, `#{namespace.variable}`: they exist, are set before they are used, and are safe to insert.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.definition import path_of_text
from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.facts import closest
from pipegen.fields.model import walk
from pipegen.graph.outline import Outline
from pipegen.pipeline.located import LocatedAction, LocatedRule
from pipegen.pipeline.pipeline import Pipeline
from pipegen.stacks.stack import Document, Stack, mapping, sequence
from pipegen.values.possible import texts_in

_VARIABLE = re.compile(r"#\{[^{}]*\}")
_LIKE_A_VARIABLE = re.compile(r"((?:[#$%@]\(?\{*|\{+)\s*([\w@-]+)\.(\w+)\s*\}*)")
_JSON = re.compile(r'\s*(\{|\[\s*["{])')


def variables(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find variables that neither an earlier action nor the start of the pipeline sets, and variables that could break
    the JSON or the command that they are inserted into."""
    for reader, path, configured in lowered.configured(document):
        if reader is None:
            continue
        for said, kind in _used(configured, document).items():
            problems = [*_variable_problems(said, reader, lowered)]
            if kind and not problems:
                problems = [*_inserted_problems(said, kind, reader, lowered)]
            for problem in problems:
                yield problem.under(*path_of_text(lowered.definition, path, said))
        for said, problem in _misspelt(configured, lowered):
            yield problem.under(*path_of_text(lowered.definition, path, said))


def _misspelt(configured: Mapping[str, Any], lowered: Outline) -> Iterator[tuple[str, Problem]]:
    """Yield texts that look like variables and are not, with their problems."""
    values = (*mapping(configured.get("Configuration")).values(), *sequence(configured.get("Commands")))
    for text in (_VARIABLE.sub("", value) for value in values if isinstance(value, str)):
        if (start := text.find("#{")) >= 0:
            said = quoted(text[start : start + 40], 40)
            problem = Problem("unknown-variable", (), f"{said} is not a valid variable", "write #{namespace.variable}")
            yield text[start : start + 2], problem
            continue
        for said, namespace, variable in _LIKE_A_VARIABLE.findall(text):
            makers = [each for each in lowered.actions if each.action.variable_namespace == namespace]
            if any(variable in each.action.own_variables() for each in makers):
                fix = f"write #{{{namespace}.{variable}}}"
                yield (
                    said,
                    Problem("unknown-variable", (), f"{said} is plain text, not a variable", fix, severity="warning"),
                )


def _used(configured: Mapping[str, Any], document: Document) -> dict[str, str]:
    """Return the variables of an action or rule, each with the syntax that it is inserted into: JSON, a command or
    none."""
    variables: dict[str, str] = {}
    values = [("", value) for value in mapping(configured.get("Configuration")).values()]
    values += [("a command", value) for value in sequence(configured.get("Commands"))]
    values += [("", mapping(each).get("Value")) for each in sequence(configured.get("EnvironmentVariables"))]
    for kind, value in values:
        texts = _spelled(value, document)
        kind = kind or ("JSON" if any(map(_JSON.match, texts)) else "")
        for said in (said for text in texts for said in _VARIABLE.findall(text)):
            variables[said] = kind or variables.get(said, "")
    return variables


def _spelled(value: Any, document: Document) -> list[str]:
    """Return the possible texts of a value, and the texts inside it."""
    if isinstance(value, str):
        return [value]
    return [*(text for _, text in walk(value) if isinstance(text, str)), *texts_in(value, document)]


def _variable_problems(said: str, reader: LocatedAction | LocatedRule, lowered: Outline) -> Iterator[Problem]:
    namespace, _, variable = said[2:-1].partition(".")
    if (namespace, variable) == ("codepipeline", "PipelineExecutionId"):
        return
    if namespace == "variables":
        yield from _pipeline_variable_problems(said, variable, reader, lowered.definition.pipeline)
        return
    if len([each for each in lowered.actions if each.name == namespace and _has_implicit_namespace(each)]) > 1:
        text = f"{said} is ambiguous: several stages have an action {namespace}"
        yield Problem("unknown-variable", (), text, "set a namespace in the action")
        return
    makers = {each.action.variable_namespace: each for each in lowered.actions if each.action.variable_namespace}
    maker = makers.get(namespace)
    if maker is None:
        meant = _meant(namespace.strip(), variable.strip(), lowered)
        fix = did_you_mean(meant) or f"namespaces are {', '.join(map(str, makers)) or 'none'}"
        yield Problem("unknown-variable", (), f"{said}: no action has the namespace {namespace}", fix)
    elif variable not in maker.action.own_variables():
        near = closest(variable.strip(), maker.action.own_variables())
        fix = did_you_mean(near) or f"variables are {', '.join(sorted(maker.action.own_variables()))}"
        yield Problem("unknown-variable", (), f"{said} is not a variable of {maker.words}", fix)
    elif maker.order >= reader.order:
        fix = f"move {maker.words} to {reader.earlier}"
        yield Problem("unknown-variable", (), f"{said} is used before {maker.words} runs", fix)


def _meant(namespace: str, variable: str, lowered: Outline) -> str:
    """Return the most similar variable in another namespace."""
    if namespace == "codepipeline":
        return "#{codepipeline.PipelineExecutionId}"
    own = {str(each.action.variable_namespace): each.action.own_variables() for each in lowered.actions}
    own |= {"variables": frozenset(lowered.definition.pipeline.variables)}
    having = [name for name, variables in own.items() if variable in variables]
    near = closest(namespace, having) or (having[0] if len(having) == 1 else closest(namespace, own))
    return f"#{{{near}.{variable}}}" if near else ""


def _has_implicit_namespace(located: LocatedAction) -> bool:
    return located.action.namespace is None and located.action.variable_namespace is not None


def _pipeline_variable_problems(
    said: str, variable: str, reader: LocatedAction | LocatedRule, pipeline: Pipeline
) -> Iterator[Problem]:
    if variable not in pipeline.variables:
        near = closest(variable, pipeline.variables)
        fix = did_you_mean(near) or f"declare it: pipeline: {{variables: {{{variable}: {{}}}}}}"
        yield Problem("unknown-variable", (), f"{said} is not a variable of the pipeline", fix)
    if isinstance(reader, LocatedAction) and reader.action.action_type.category == "Source":
        text = f"{said} cannot be used in a source"
        yield Problem("variable-in-source", (), text, "use it in a later stage")


def _inserted_problems(
    said: str, kind: str, reader: LocatedAction | LocatedRule, lowered: Outline
) -> Iterator[Problem]:
    """Find variables whose values can contain quotes: CodePipeline inserts values without escaping them.
    https://github.com/aws/aws-cdk/issues/8458, https://github.com/aws/aws-cdk/issues/31213"""
    namespace, _, variable = said[2:-1].partition(".")
    maker = next((each for each in lowered.actions if each.action.variable_namespace == namespace), None)
    if namespace == "codepipeline" or (maker is not None and _is_plain(maker, variable, lowered.definition.pipeline)):
        return
    if said in _checked(reader, lowered):
        return
    text = f"{said} is inserted into {kind} without escaping, but its value can contain quotes or line breaks"
    fix = 'check it with a before_entry rule: {kind: variable, operator: MATCHES, value: "^[A-Za-z0-9._-]+$"}'
    others = sorted(maker.action.plain_variables() & {"CommitId", "VersionId", "ImageDigest"}) if maker else []
    if maker is not None and others and maker.action.action_type.category == "Source":
        fix = f"use #{{{namespace}.{others[0]}}}"
        if variable == "CommitMessage":
            fix += "; a build can read the message with git log -1 --format=%B if the source has clone: full"
    elif isinstance(reader, LocatedAction) and hasattr(reader.action, "parameter_overrides"):
        fix = f"read it from a JSON file of an artifact, {{key: …, path: …, artifact: …}}; or {fix}"
    yield Problem("variable-inserted", (), text, fix)


def _is_plain(maker: LocatedAction, variable: str, pipeline: Pipeline) -> bool:
    if variable not in maker.action.plain_variables():
        return False
    # A run of a trigger has the branch, tag or pull request of its event; git allows quotes in their names:
    # https://git-scm.com/docs/git-check-ref-format
    triggers = [each for each in pipeline.triggers if each.source_name == maker.action.name]
    return variable != "BranchName" or all(each.names_branches for each in triggers)


def _checked(reader: LocatedAction | LocatedRule, lowered: Outline) -> Iterator[str]:
    """Yield the variables that a rule checks before the reader runs."""
    for each in lowered.rules:
        entry = lowered.definition.pipeline.stages[each.stage_index].before_entry
        before = each.stage_index < reader.stage_index and entry is not None and entry.result == "FAIL"
        within = each.stage_index == reader.stage_index and isinstance(reader, LocatedAction)
        if each.when == "before_entry" and (before or within) and each.rule.checked_variable is not None:
            yield each.rule.checked_variable
