"""Checks of actions that update stacks: capabilities, parameters, deletions and duplicates."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.facts import closest
from pipegen.fields.gaps import is_known
from pipegen.graph.outline import Outline
from pipegen.pipeline.action import Action
from pipegen.pipeline.located import LocatedAction
from pipegen.stacks.stack import Document, Stack, capabilities_of, mapping
from pipegen.values.value import Value


def updates(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    for located in lowered.actions:
        update = located.action.updated_stack
        if update is None or update.name != stack.name:
            continue
        for capability in capabilities_of(document):
            if not {capability, "CAPABILITY_NAMED_IAM"} & {*update.capabilities}:
                text = f"{located.words} needs {capability}, since the stack {stack.name} creates IAM roles"
                fix = f"add capabilities: [{capability}]"
                yield Problem("cloudformation-capabilities", (*located.path, "capabilities"), text, fix)
        known = [*mapping(document.get("Parameters"))]
        for name in update.parameters:
            if name not in known:
                near = closest(name, known)
                text = f"unknown parameter {quoted(name)} of the stack {stack.name}"
                fix = did_you_mean(near) or f"parameters are {', '.join(known) or 'none'}"
                path = (*located.path, "parameter_overrides", name)
                yield Problem("cloudformation-parameter", path, text, fix)


def deletions(lowered: Outline) -> Iterator[Problem]:
    """Find stacks that one action deploys and another deletes, without an action between them that could use the
    stack."""
    for located in lowered.actions:
        name = located.action.deleted_stack
        others = [each for each in lowered.actions if each.account_and_region == located.account_and_region]
        deploying = [each for each in others if name is not None and name in _deployed(each.action)]
        if not deploying:
            continue
        between = [each for each in lowered.actions if deploying[-1].order < each.order < located.order]
        if not any(each.action.action_type.provider == "CodeBuild" for each in between):
            text = f"{located.words} deletes the stack {name}, which {deploying[-1].words} deploys"
            fix = "name another stack, or remove one of the actions"
            yield Problem("deploy-order", (*located.path, "stack_name"), text, fix, severity="warning")


def twice(lowered: Outline) -> Iterator[Problem]:
    """Find stacks that two actions update with different templates: each update would undo the other."""
    known: dict[object, tuple[LocatedAction, str]] = {}
    for located in lowered.actions:
        update = located.action.updated_stack
        if update is not None and is_known(update.name):
            by, template = known.setdefault((located.account_and_region, update.name), (located, update.template))
            if template != update.template:
                text = f"{located.words} updates the stack {update.name} with {update.template}, "
                text += f"but {by.words} uses {template}"
                fix = "name another stack, or use the same template"
                yield Problem("deploy-twice", (*located.path, "stack_name"), text, fix, severity="warning")


def _deployed(action: Action) -> list[Value]:
    updated = [] if action.updated_stack is None else [action.updated_stack.name]
    return updated + [each.names[0] for each in action.expects()]
