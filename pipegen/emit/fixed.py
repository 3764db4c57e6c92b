"""What a template would change of a running stack that must stay as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import yaml

from pipegen.emit import Rendered
from pipegen.emit.files import Change
from pipegen.errors import Problem, Severity
from pipegen.stack import Document, Stack, mapping, resources_of, sequence

_MIGRATE = "follow the steps of pipegen migrate"


def read_back(text: str) -> Document | None:
    """A template's text as data, whatever functions it uses: their tags are left out, and every scalar is a text. Of no
    use but to be compared with another; None where it cannot be read."""
    try:
        data = yaml.load(text, Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def fixed_in_files(stacks: Iterable[Rendered], changes: Iterable[Change], severity: Severity) -> Iterator[Problem]:
    """What templates change, against those that are in files, of running stacks that must stay as they were; the
    changes are of the stacks' files, in their order, and perhaps of further ones."""
    for stack, change in zip(stacks, changes, strict=False):
        if change.status != "changed":
            continue
        earlier, now = read_back(change.old), read_back(stack.text)
        if earlier is not None and now is not None:
            for problem in fixed_changes(stack.stack, earlier, now):
                yield replace(problem, place=str(change.path), severity=severity)
        elif stack.stack.fixed:
            text = "what is there cannot be read, so whether anything changes that must not is unknown"
            yield Problem("fixed-property", (), text, "restore it, and render again", "warning", str(change.path))


def fixed_changes(stack: Stack, earlier: Document, now: Document) -> Iterator[Problem]:
    """Of resources that are there before and after; both documents are of the same stack, read from their texts."""
    if _ways(earlier) - _ways(now):
        text = f"{stack.name}: the way of deployment would change in one step, under what serves"
        yield Problem("fixed-property", (), text, _MIGRATE)
        return
    for name in _exports(earlier):
        if name not in _exports(now):
            text = f"{stack.name}: the export {name} would go, and CloudFormation refuses that while a stack imports it"
            yield Problem("fixed-property", (), text, _MIGRATE)
    before, after = mapping(earlier.get("Resources")), mapping(now.get("Resources"))
    for logical_id, fixed in stack.fixed.items():
        old, new = mapping(before.get(logical_id)), mapping(after.get(logical_id))
        if not old or old.get("Type") != new.get("Type"):
            continue
        was, will_be = mapping(old.get("Properties")), mapping(new.get("Properties"))
        changed = [name for name in fixed.properties if was.get(name) != will_be.get(name)]
        if changed:
            text = f"{stack.name}: {' and '.join(changed)} of {logical_id} would change, but {fixed.because}"
            yield Problem("fixed-property", stack.origins.get(logical_id, ()), text, fixed.fix)


def _ways(document: Document) -> set[tuple[str, str]]:
    """The services whose traffic deployments move, and by whom."""
    found = set()
    for logical_id, service in resources_of(document, "AWS::ECS::Service"):
        if mapping(service.get("DeploymentController")).get("Type") == "CODE_DEPLOY":
            found.add((logical_id, "CodeDeploy"))
        elif any("AdvancedConfiguration" in mapping(each) for each in sequence(service.get("LoadBalancers"))):
            found.add((logical_id, "ECS"))
    return found


def _exports(document: Document) -> list[Any]:
    outputs = mapping(document.get("Outputs")).values()
    return [mapping(mapping(each).get("Export")).get("Name") for each in outputs if "Export" in mapping(each)]
