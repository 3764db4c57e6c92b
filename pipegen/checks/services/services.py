"""The services of a definition, and the actions that deploy to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipegen.errors import Problem, one_line
from pipegen.graph.outline import Outline
from pipegen.syntax import names

if TYPE_CHECKING:
    from pipegen.services.named_service import NamedService


def services(written: Outline) -> Iterator[Problem]:
    """The services, each for itself and beside the others, and the actions that deploy to them."""
    if not written.definition.services:
        yield from _without_services(written)
        return
    from pipegen.checks.services.deploys import deploy_problems
    from pipegen.checks.services.priorities import clashes
    from pipegen.checks.services.service import service_problems
    from pipegen.ecs.connect import connect_clashes
    from pipegen.ecs.discovery import discovery_clashes

    yield from clashes(written.definition.services, written.definition.name)
    services = written.services
    for each in services:
        if len(each.stack_name) > names.STACK_LIMIT:
            text = f"the name of the stack {one_line(each.stack_name, 40)} has {len(each.stack_name)} characters"
            fix = f"{names.STACK_LIMIT} at most: shorten the key, or the name of the definition"
            yield Problem("name", ("services", each.key), text, fix)
        for problem in service_problems(each):
            yield problem.under("services", each.key)
    yield from _one_name_each(services)
    yield from discovery_clashes({each.key: (each.name, each.service.service_discovery) for each in services})
    yield from connect_clashes({each.key: each.service.service_connect for each in services})
    yield from deploy_problems(written.actions, services)


def _without_services(written: Outline) -> Iterator[Problem]:
    for located in written.actions:
        if located.action.service_key is not None:
            fix = "add cluster:, or describe the service under services: and name its key"
            yield Problem("missing-key", located.path, "cluster is missing", fix)


def _one_name_each(services: Sequence[NamedService]) -> Iterator[Problem]:
    known: dict[str, str] = {}
    for each in services:
        other = known.setdefault(each.name, each.key)
        if other != each.key:
            text = f"{other} is named {each.name} too, and so are log groups, families and applications"
            yield Problem("service-name", ("services", each.key, "name"), text, "give one of them another name")
    makers: dict[str, str] = {}
    for each in services:
        cluster = str(each.cluster_name)
        if each.creates_cluster and makers.setdefault(cluster, each.key) != each.key:
            text = f"the cluster {one_line(cluster, 80)} is created by the service {makers[cluster]} too"
            yield Problem("cluster-create", ("services", each.key, "cluster"), text, "leave create out of one of them")
