"""Names that expressions and variables refer to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.model import walk
from pipegen.stack import Document, Stack, pipeline_actions
from pipegen.values import Expression, sub_names

_PSEUDO = {"AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}
_VARIABLE = re.compile(r"#\{([^{}.]+)\.([^{}]+)\}")


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
    elif function == "Fn::GetAtt" and isinstance(argument, list | tuple):
        yield str(argument[0])
    elif function == "Fn::Sub":
        text, own = argument if isinstance(argument, list | tuple) else (argument, {})
        for name in sub_names(str(text)):
            if name not in own:
                yield name if name.startswith("AWS::") else name.split(".")[0]


def _place_of(name: str, definition: Definition) -> Path:
    """Where the definition says that name."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and name in _referred(leaf.to_dict()):
            return path
    return next((path for path, leaf in walk(definition.overrides, ("overrides",)) if leaf == name), ())


def variables(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """`#{namespace.variable}` leads to a variable of an action that ran before.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""
    made = {
        located.action.variable_namespace: (located, located.action.own_variables())
        for located in definition.pipeline.located()
        if located.action.variable_namespace is not None
    }
    readers = {located.path: located for located in definition.pipeline.located()}
    for path, action in pipeline_actions(document):
        for namespace, variable in _VARIABLE.findall(str(action.get("Configuration", ""))):
            said = f"#{{{namespace}.{variable}}}"
            if (namespace, variable) == ("codepipeline", "PipelineExecutionId"):
                continue
            if namespace not in made:
                fix = f"namespaces are {', '.join(map(str, made)) or 'none'}"
                yield Problem("unknown-variable", path, f"{said}: no action has the namespace {namespace}", fix)
                continue
            maker, offered = made[namespace]
            if variable not in offered:
                fix = f"it has {', '.join(sorted(offered))}"
                yield Problem("unknown-variable", path, f"{said}: {maker.words} has no such variable", fix)
            elif maker.order >= readers[path].order:
                text = f"{said}: {maker.words} has not run by then"
                yield Problem("unknown-variable", path, text, "move it to an earlier stage or run_order")
