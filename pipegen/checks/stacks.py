"""Actions that update the stacks of the definition itself: with the capabilities and parameters of their templates."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem
from pipegen.facts import closest
from pipegen.stack import Document, Stack, capabilities_of, mapping


def updates(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    for located in definition.pipeline.located():
        update = located.action.updated_stack
        if update is None or update.name != stack.name:
            continue
        for capability in capabilities_of(document):
            if not {capability, "CAPABILITY_NAMED_IAM"} & {*update.capabilities}:
                text = f"the template of the stack {stack.name} makes roles, and {located.words} lacks {capability}"
                fix = f"add capabilities: [{capability}]"
                yield Problem("cloudformation-capabilities", (*located.path, "capabilities"), text, fix)
        known = [*mapping(document.get("Parameters"))]
        for name in update.parameters:
            if name not in known:
                near = closest(name, known)
                text = f"the template of the stack {stack.name} has no parameter {name}"
                fix = f"did you mean {near}?" if near else f"it has {', '.join(known) or 'none'}"
                path = (*located.path, "parameter_overrides", name)
                yield Problem("cloudformation-parameter", path, text, fix)
