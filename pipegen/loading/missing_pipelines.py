"""Definitions whose pipeline deploys to environments of a fleet that does not set `pipelines`."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.errors import Problem, one_line
from pipegen.loading.yaml.nodes import Node, problem_at


def missing_pipelines(definition: Node) -> Problem | None:
    """Return the problem of the first environment that a service or an action names, if there is one.

    definition: a definition of a fleet without `pipelines`.
    """
    node = next(_environments(definition), None)
    if node is None:
        return None
    text = (
        f"the pipeline deploys to the environment {one_line(node.data, 60)}, but pipelines is missing in pipegen.yaml"
    )
    fix = "add pipelines to pipegen.yaml: the environment in which the pipelines run"
    return problem_at(node, "environment-pipelines", text, fix)


def _environments(definition: Node) -> Iterator[Node]:
    services = definition.inside.get("services")
    deployed = [each.inside["service"] for each in _actions(definition) if "service" in each.inside]
    for key, service in services.inside.items() if services is not None else ():
        yield from _text(service, "environment")
        sections = service.inside.get("environments")
        for name, section in sections.inside.items() if sections is not None else ():
            if any(each.data == f"{key}-{name}" for each in deployed):  # the key of a service in several environments
                yield Node(name, section.line, section.column, file=section.file)
    for action in _actions(definition):
        yield from _text(action, "runs_in")


def _text(node: Node, key: str) -> Iterator[Node]:
    found = node.inside.get(key)
    if found is not None and isinstance(found.data, str):
        yield found


def _actions(definition: Node) -> Iterator[Node]:
    stages = definition.at(("pipeline", "stages"))
    for stage in stages.inside.values() if isinstance(stages.data, list) else ():
        actions = stage.inside.get("actions")
        yield from actions.inside.values() if actions is not None and isinstance(actions.data, list) else ()
