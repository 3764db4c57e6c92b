"""Plan the steps from deployed stacks to new ones. A step of a service only adds, only changes or only removes.

This changes the deployment strategy of a running service: first new resources are created, then the service uses them,
then the pipeline changes, and resources that are no longer used are removed last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pipegen.definition import Definition
from pipegen.ecs.cluster import Cluster
from pipegen.errors import Path, Problem
from pipegen.frozen import frozen
from pipegen.stacks.stack import Document, mapping, sequence

Verb = Literal["create", "add", "change", "remove", "delete"]


@frozen(kw_only=True)
class Step:
    """The deployment of a stack, or its deletion if there is no document.

    resources: those that the step adds, changes or removes. parameters: those that need a value; others keep theirs.
    """

    verb: Verb
    stack: str
    resources: Sequence[str]
    document: Document | None = None
    parameters: Sequence[str] = ()


_Stacks = Mapping[str, Document]
_SERVICE = "Service"


def steps(before: _Stacks, after: _Stacks, definition: Definition) -> list[Step]:
    """Return the steps from the stacks before to the stacks after, both by name and in order of deployment.

    definition: the later one.
    """
    registry, pipeline = definition.registry_stack, definition.pipeline_stack
    services = [name for name in dict.fromkeys((*before, *after)) if name not in (registry, pipeline)]
    order: Sequence[tuple[_Part, Sequence[str]]] = (
        (_additions, [registry, *services]),
        (_changes, services),
        (_replaced, [pipeline]),
        (_removals, services),
        (_changes, [registry]),
        (_removals, [registry]),
    )
    steps = [step for part, names in order for name in names for step in part(name, before.get(name), after.get(name))]
    return [replace(step, parameters=_new_parameters(step.document, before.get(step.stack))) for step in steps]


def _new_parameters(document: Document | None, old: Document | None) -> list[str]:
    """Return parameters without a default that the stack does not have yet."""
    declared, known = mapping((document or {}).get("Parameters")), mapping((old or {}).get("Parameters"))
    return [name for name, each in declared.items() if "Default" not in each and name not in known]


_Part = Callable[[str, Document | None, Document | None], Iterator[Step]]


def _additions(name: str, old: Document | None, new: Document | None) -> Iterator[Step]:
    """Add resources, without changing existing ones."""
    if new is not None and old is None:
        yield Step(verb="create", stack=name, resources=list(_resources(new)), document=new)
    elif new is not None and old is not None:
        added = [each for each in _resources(new) if each not in _resources(old)]
        if added:
            yield Step(verb="add", stack=name, resources=added, document=_joined(old, new))


def _changes(name: str, old: Document | None, new: Document | None) -> Iterator[Step]:
    """Change existing resources, without removing any."""
    if old is not None and new is not None:
        for now in (_balanced_first(old, new), _joined(new, old)):
            changed = [each for each, was in _resources(old).items() if _resources(now or {}).get(each, was) != was]
            if now is not None and changed:
                yield Step(verb="change", stack=name, resources=changed, document=now)
                old = now


def _balanced_first(old: Document, new: Document) -> Document | None:
    """Return the earlier template with the load balancers of the later one, if a rolling service changes to a strategy
    that shifts traffic: ECS requires a rolling deployment with them before the strategy changes.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html"""
    before, after = _properties_of_service(old), _properties_of_service(new)
    if "MinimumHealthyPercent" not in mapping(before.get("DeploymentConfiguration")):
        return None  # it was not rolling
    if not any("AdvancedConfiguration" in mapping(each) for each in sequence(after.get("LoadBalancers"))):
        return None
    service = {**_resources(old)[_SERVICE], "Properties": {**before, "LoadBalancers": after["LoadBalancers"]}}
    joined = _joined(new, old)
    return {**joined, "Resources": {**_resources(joined), _SERVICE: service}}


def _properties_of_service(document: Document) -> Mapping[str, Any]:
    return mapping(mapping(_resources(document).get(_SERVICE)).get("Properties"))


def _removals(name: str, old: Document | None, new: Document | None) -> Iterator[Step]:
    if old is not None and new is None:
        yield Step(verb="delete", stack=name, resources=list(_resources(old)))
    elif old is not None and new is not None:
        removed = [each for each in _resources(old) if each not in _resources(new)]
        if removed:
            yield Step(verb="remove", stack=name, resources=removed, document=new)


def _replaced(name: str, old: Document | None, new: Document | None) -> Iterator[Step]:
    """Replace the template of a stack that no other depends on."""
    known, properties = _resources(old or {}), _resources(new or {})
    touched = [each for each in dict.fromkeys((*known, *properties)) if known.get(each) != properties.get(each)]
    if touched:
        yield Step(verb="change" if old else "create", stack=name, resources=touched, document=new)


def _resources(document: Document) -> Mapping[str, Any]:
    return mapping(document.get("Resources"))


def _joined(leading: Document, other: Document) -> Document:
    """Return the leading template with everything that only the other one has."""
    joined = dict(leading)
    for section in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"):
        if properties := {**mapping(other.get(section)), **mapping(leading.get(section))}:
            joined[section] = properties
    return joined


def migration_problems(before: Definition, after: Definition) -> Iterator[Problem]:
    """Find changes that no order of steps makes possible. Paths are those of the later definition."""
    if before.name != after.name:
        text = f"name is {after.name}, but the earlier definition is named {before.name}"
        yield Problem("migration", ("name",), text, "pass two versions of one definition")
    yield from _renamed_stacks(before, after)
    for key in [key for key in before.services if key not in after.services]:
        cluster = Cluster.of(before.services[key].cluster)
        users = [each for each in after.services if after.services[each].cluster_name == cluster.name]
        if cluster.create and users:
            text = f"the cluster of {users[0]} would be deleted with the stack of the service {key}, which creates it"
            fix = f"keep {key}, or move {users[0]} to another cluster"
            yield Problem("migration", ("services", users[0], "cluster"), text, fix)
    for key in [key for key in before.services if key in after.services]:
        old, new = before.services[key], after.services[key]
        if new.through_codedeploy and not old.through_codedeploy:
            text = "deployment cannot change from ECS's own strategies to codedeploy in a running service"
            fix = "add a new service under another key, and remove the old one when traffic has moved"
            yield Problem("migration", ("services", key, "deployment"), text, fix)


def _renamed_stacks(before: Definition, after: Definition) -> Iterator[Problem]:
    both = [key for key in after.services if key in before.services]
    names: dict[Path, tuple[str, str]] = {
        ("pipeline",): (before.pipeline_stack, after.pipeline_stack),
        ("registry",): (before.registry_stack, after.registry_stack),
        **{("services", key): (before.service_stack(key), after.service_stack(key)) for key in both},
    }
    for path, (old, new) in names.items():
        if old != new:
            text = f"stack_name is {new}, but the stack is named {old}, and a stack cannot be renamed"
            yield Problem("migration", (*path, "stack_name"), text, f"set stack_name: {old}")


def left_two_groups(before: Definition, after: Definition) -> list[str]:
    """Return the services with two target groups whose traffic will no longer be shifted by the same controller."""
    both = [key for key in before.services if key in after.services]
    return [
        key
        for key in both
        if before.services[key].balanced
        and before.services[key].traffic_mode not in ("rolling", after.services[key].traffic_mode)
    ]


def deploy_stages(definition: Definition) -> list[str]:
    """Return the stages of the pipeline that deploy."""
    return list(dict.fromkeys(each.stage for each in definition.pipeline.located() if each.action.deploys))
