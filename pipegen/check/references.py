"""Names that expressions and variables refer to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipegen.definition import Definition, place_of_text
from pipegen.errors import Path, Problem
from pipegen.model import walk
from pipegen.pipeline import Located
from pipegen.stack import Document, Stack, mapping, pipeline_actions, sequence
from pipegen.values import Expression, sub_names

_PSEUDO = {"AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}
_VARIABLE = re.compile(r"#\{[^{}]*\}")


def known_names(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """Every Ref, GetAtt and Sub leads to a parameter, a pseudo parameter or a resource of the stack."""
    known = {*stack.template.parameters, *stack.template.resources, *(f"AWS::{name}" for name in _PSEUDO)}
    unknown = dict.fromkeys(name for name in _referred(document) if name not in known)
    for name in unknown:
        near = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean {near[0]}?" if near else f"declare it: parameters: {{{name}: {{Type: String}}}}"
        text = f"{name} is neither a parameter nor a resource"
        yield Problem("unknown-reference", _place_of(name, definition), text, fix)


def _referred(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        if len(data) == 1:
            [(key, argument)] = data.items()
            yield from _names_in(str(key), argument)
        for value in data.values():
            yield from _referred(value)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _referred(item)


def _names_in(function: str, argument: Any) -> Iterator[str]:
    if function == "Ref" and isinstance(argument, str):
        yield argument
    elif function == "Fn::GetAtt":
        parts = argument.split(".") if isinstance(argument, str) else sequence(argument)
        yield from map(str, parts[:1])
    elif function == "Fn::Sub":
        text, own = (*sequence(argument), None, None)[:2] if not isinstance(argument, str) else (argument, None)
        for name in sub_names(str(text)):
            if name not in mapping(own):
                yield name if name.startswith("AWS::") else name.split(".")[0]


def _place_of(name: str, definition: Definition) -> Path:
    """Where the definition says that name."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and name in _referred(leaf.to_dict()):
            return path
    overridden = walk(definition.overrides, ("overrides",))
    return next((path for path, leaf in overridden if isinstance(leaf, str) and name in leaf), ())


def variables(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """`#{namespace.variable}` leads to a variable of an action that ran before.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""
    readers = {located.path: located for located in definition.pipeline.located()}
    for path, action in pipeline_actions(document):
        texts = [leaf for _, leaf in walk(action.get("Configuration")) if isinstance(leaf, str)]
        for said in dict.fromkeys(said for text in texts for said in _VARIABLE.findall(text)):
            if path in readers:
                for problem in _variable_problems(said, readers[path], readers.values()):
                    yield problem.under(*place_of_text(definition, path, said))


def _variable_problems(said: str, reader: Located, actions: Iterable[Located]) -> Iterator[Problem]:
    namespace, _, variable = said[2:-1].partition(".")
    if (namespace, variable) == ("codepipeline", "PipelineExecutionId"):
        return
    makers = {located.action.variable_namespace: located for located in actions if located.action.variable_namespace}
    maker = makers.get(namespace)
    if maker is None:
        fix = f"say #{{namespace.variable}}; namespaces are {', '.join(map(str, makers)) or 'none'}"
        yield Problem("unknown-variable", (), f"{said}: no action has the namespace {namespace}", fix)
    elif variable not in maker.action.own_variables():
        fix = f"it has {', '.join(sorted(maker.action.own_variables()))}"
        yield Problem("unknown-variable", (), f"{said}: {maker.words} has no such variable", fix)
    elif maker.order >= reader.order:
        fix = f"move {maker.words} to an earlier stage or run_order"
        yield Problem("unknown-variable", (), f"{said}: {maker.words} has not run by then", fix)
