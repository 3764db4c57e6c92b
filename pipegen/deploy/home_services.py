"""Services that are deployed beside the pipelines because they name no environment, probably by mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.definition import Definition
from pipegen.deploy.parameters import declared
from pipegen.errors import Problem
from pipegen.pipeline.foundation import Foundation
from pipegen.rendering import RenderedStack

MISSING = "parameter-missing"


def with_services_at_home(
    definition: Definition | Foundation, stacks: Sequence[RenderedStack], problems: Sequence[Problem]
) -> list[Problem]:
    """Replace the missing values of parameters of services without an environment by one problem for each service."""
    home = definition.pipelines if isinstance(definition, Definition) else None
    if home is None or not isinstance(definition, Definition):
        return [*problems]
    path = ("environments", home, "parameters")
    missing = {each.text.split()[0] for each in problems if each.code == MISSING and each.path == path}
    found = dict(_services(definition, stacks, missing))
    names = {name for each in found.values() for name in each}
    others = [each for each in problems if not (each.path == path and each.text.split()[0] in names)]
    return [*others, *(_problem(key, home, each) for key, each in found.items())]


def _services(
    definition: Definition, stacks: Sequence[RenderedStack], missing: set[str]
) -> Iterator[tuple[str, list[str]]]:
    for key, service in definition.services.items():
        own = [each for each in stacks if each.name == definition.service_stack(key)]
        if service.environment is None and (names := [name for name in declared(own) if name in missing]):
            yield key, names


def _problem(key: str, home: str, names: Sequence[str]) -> Problem:
    text = f"the service {key} is deployed to {home}, because it sets no environment, but {', '.join(names)} "
    text += f"{'has' if len(names) == 1 else 'have'} no value there"
    fix = f"set environment, or deploy_to of its blueprint, or the values in environments.{home}.parameters"
    return Problem(MISSING, ("services", key), text, fix)
