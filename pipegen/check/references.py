"""Names that expressions and variables refer to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from pipegen.check.sections import undeclared
from pipegen.definition import Definition, place_of_text
from pipegen.errors import Path, Problem
from pipegen.model import walk
from pipegen.pipeline import Located, LocatedRule, Pipeline
from pipegen.stack import Document, Stack, pipeline_actions, pipeline_rules, referred_names
from pipegen.values import Expression

_PSEUDO = {"AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}
_VARIABLE = re.compile(r"#\{[^{}]*\}")


def known_names(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """Every Ref, GetAtt and Sub leads to a parameter, a pseudo parameter or a resource of the stack."""
    for name, fix in unknown_names(stack, document):
        text = f"{name} is neither a parameter nor a resource"
        yield Problem("unknown-reference", _place_of(name, definition), text, fix)


def sections_used(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """Every condition and mapping that is used is declared."""
    return undeclared(definition, document)


def unknown_names(stack: Stack, document: Document) -> Iterator[tuple[str, str]]:
    """The names that lead nowhere, each with the way out."""
    known = {*stack.template.parameters, *stack.template.resources, *(f"AWS::{name}" for name in _PSEUDO)}
    for name in referred_names(document):
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean {near[0]}?" if near else f"declare it: parameters: {{{name}: {{Type: String}}}}"
        yield name, fix


def _place_of(name: str, definition: Definition) -> Path:
    """Where the definition says that name."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and name in referred_names(leaf.to_dict()):
            return path
    overridden = walk(definition.overrides, ("overrides",))
    return next((path for path, leaf in overridden if isinstance(leaf, str) and name in leaf), ())


def variables(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """`#{namespace.variable}` leads to a variable of an action that ran before, or of the pipeline.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""
    readers = {reader.path: reader for reader in definition.pipeline.readers()}
    for path, configured in (*pipeline_actions(document), *pipeline_rules(document)):
        held = (configured.get("Configuration"), configured.get("Commands"))
        texts = [leaf for _, leaf in walk(held) if isinstance(leaf, str)]
        for said in dict.fromkeys(said for text in texts for said in _VARIABLE.findall(text)):
            if path in readers:
                for problem in _variable_problems(said, readers[path], definition.pipeline):
                    yield problem.under(*place_of_text(definition, path, said))


def _variable_problems(said: str, reader: Located | LocatedRule, pipeline: Pipeline) -> Iterator[Problem]:
    namespace, _, variable = said[2:-1].partition(".")
    if (namespace, variable) == ("codepipeline", "PipelineExecutionId"):
        return
    if namespace == "variables":
        yield from _pipeline_variable_problems(said, variable, reader, pipeline)
        return
    makers = {each.action.variable_namespace: each for each in pipeline.located() if each.action.variable_namespace}
    maker = makers.get(namespace)
    if maker is None:
        fix = f"say #{{namespace.variable}}; namespaces are {', '.join(map(str, makers)) or 'none'}"
        yield Problem("unknown-variable", (), f"{said}: no action has the namespace {namespace}", fix)
    elif variable not in maker.action.own_variables():
        fix = f"it has {', '.join(sorted(maker.action.own_variables()))}"
        yield Problem("unknown-variable", (), f"{said}: {maker.words} has no such variable", fix)
    elif maker.order >= reader.order:
        fix = f"move {maker.words} to {reader.earlier}"
        yield Problem("unknown-variable", (), f"{said}: {maker.words} has not run by then", fix)


def _pipeline_variable_problems(
    said: str, variable: str, reader: Located | LocatedRule, pipeline: Pipeline
) -> Iterator[Problem]:
    if variable not in pipeline.variables:
        near = difflib.get_close_matches(variable, pipeline.variables, n=1)
        fix = f"did you mean {near[0]}?" if near else f"declare it: pipeline: {{variables: {{{variable}: {{}}}}}}"
        yield Problem("unknown-variable", (), f"{said}: the pipeline has no such variable", fix)
    if isinstance(reader, Located) and reader.action.action_type.category == "Source":
        text = f"{said}: sources cannot use the pipeline's variables"
        yield Problem("variable-in-source", (), text, "use it in a later stage")
