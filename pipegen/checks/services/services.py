"""Checks of the services of a definition, and of actions that deploy to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, one_line, quoted, spell
from pipegen.fields.gaps import is_known
from pipegen.graph.outline import Outline
from pipegen.syntax import names

if TYPE_CHECKING:
    from pipegen.services.named_service import NamedService


def services(written: Outline) -> Iterator[Problem]:
    """Find problems of each service, conflicts between services, and problems of actions that deploy to them."""
    yield from _support_stacks(written)
    if not written.definition.services:
        yield from _without_services(written)
        return
    from pipegen.checks.services.deploys import deploy_problems
    from pipegen.checks.services.service import service_problems

    services = written.services
    for each in services:
        if len(each.stack_name) > names.STACK_LIMIT:
            text = f"stack name {one_line(each.stack_name, 40)} must have at most {names.STACK_LIMIT} characters, "
            text += f"got {len(each.stack_name)}"
            yield Problem("name", ("services", each.key), text, "shorten the key or the name of the definition")
        for problem in (*service_problems(each), *_key_problems(written.definition, each)):
            yield problem.under("services", each.key)
    yield from _one_name_each(services)
    yield from _one_stack_each(written.definition)
    for target in dict.fromkeys(each.account_and_region for each in services):
        yield from _clashes([each for each in services if each.account_and_region == target], written.definition.name)
    yield from deploy_problems(written.actions, services)


def _clashes(services: Sequence[NamedService], definition: str) -> Iterator[Problem]:
    """Find conflicts between services of one account and region."""
    from pipegen.checks.services.priorities import clashes
    from pipegen.ecs.connect import connect_clashes
    from pipegen.ecs.discovery import discovery_clashes

    yield from clashes({each.key: each.service for each in services}, definition)
    yield from discovery_clashes({each.key: (each.name, each.service.service_discovery) for each in services})
    yield from connect_clashes({each.key: each.service.service_connect for each in services})


def _key_problems(definition: Definition, named: NamedService) -> Iterator[Problem]:
    """Find keys in another region than the service. https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html"""
    own = named.service.encryption_key
    key = definition.encryption_key if own is None else own
    region = named.environment.region if named.environment else None
    if region is None or not is_known(key) or not key.startswith("arn:"):
        return
    if (there := key.split(":")[3]) != region:
        text = f"encryption_key must be in the region {region} of the service, got a key in {there}"
        fix = "set encryption_key of the service to a key in its region, or use a parameter"
        yield Problem("wrong-account-or-region", ("encryption_key",), text, fix)


def _without_services(written: Outline) -> Iterator[Problem]:
    for located in written.actions:
        if located.action.service_key is not None:
            fix = "add cluster, or define the service under services and use its key"
            yield Problem("missing-key", located.path, "cluster is missing", fix)


def _one_stack_each(definition: Definition) -> Iterator[Problem]:
    """Find stacks of the definition with one name. Default names are unique."""
    known: dict[str, str] = {}
    for path, name in _stacks(definition).items():
        other = known.setdefault(name, spell(path))
        if other != spell(path):
            text = f"stack_name is {name}, which is also the name of the stack of {other}"
            yield Problem("duplicate-stack", (*path, "stack_name"), text, "rename one of the two")


def _support_stacks(written: Outline) -> Iterator[Problem]:
    """Find stacks with the name of a support stack."""
    found = [each.environment for each in written.actions] + [each.environment for each in written.services]
    away = [each for each in found if each is not None]
    if not away:
        return
    from pipegen.compile.artifact_stores import support_names

    support = support_names(written.definition, away)
    for path, name in _stacks(written.definition).items():
        if name in support:
            text = f"stack_name is {name}, which is also the name of the support stack of {support[name]}"
            yield Problem("duplicate-stack", (*path, "stack_name"), text, "choose another name")


def _stacks(definition: Definition) -> Mapping[Path, str]:
    """Return the names of the stacks by the paths of what is in them."""
    if not definition.services:
        return {("pipeline",): definition.pipeline_stack}
    return {
        ("pipeline",): definition.pipeline_stack,
        ("registry",): definition.registry_stack,
        **{
            ("services", key): definition.service_stack(key)
            for key, each in definition.services.items()
            if each.stack_name or key not in ("pipeline", "registry")  # otherwise the key is reported
        },
    }


def _one_name_each(services: Sequence[NamedService]) -> Iterator[Problem]:
    known: dict[tuple[object, str], str] = {}
    for each in services:
        other = known.setdefault((each.account_and_region, each.name), each.key)
        if other != each.key:
            text = f"services {other} and {each.key} have the same name {quoted(each.name)}, also for their log groups"
            yield Problem("service-name", ("services", each.key, "name"), text, "rename one of them")
    makers: dict[tuple[object, str], str] = {}
    for each in services:
        cluster = str(each.cluster_name)
        maker = makers.setdefault((each.account_and_region, cluster), each.key) if each.creates_cluster else each.key
        if maker != each.key:
            names = [other.service.environment for other in services if other.key in (maker, each.key)]
            yield _cluster_twice(each, maker, names)


def _cluster_twice(service: NamedService, maker: str, names: Sequence[str | None]) -> Problem:
    """names: the environments of the two services."""
    text = f"service {maker} also creates the cluster {quoted(str(service.cluster_name))}"
    fix = "remove create from one of them"
    if service.account_and_region is not None and len(set(names)) > 1:
        text += f", since {' and '.join(map(str, names))} are both in {'/'.join(service.account_and_region)}"
        fix = "set a different cluster in each of the two environments"
    return Problem("cluster-create", ("services", service.key, "cluster"), text, fix)
