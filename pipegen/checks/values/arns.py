"""Checks of regions and accounts in ARNs of resources that must be in those of the stacks.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.checks.values.constraints import declared_of
from pipegen.definition import Definition
from pipegen.errors import Path, Problem, last_of, quoted
from pipegen.facts import partition_of
from pipegen.graph.outline import Outline
from pipegen.model.environment import Environment, Environments
from pipegen.pipeline.foundation import Foundation
from pipegen.references.arn_parts import ArnPart, conflict_in, part_in, partition_in, unknown_region
from pipegen.references.contents import parameters_of, texts_of
from pipegen.references.mark import LocatedReference

_PARTS: Sequence[ArnPart] = ("region", "account")


def conflicting_arns(
    references: Sequence[LocatedReference], environments: Environments | None = None
) -> Iterator[Problem]:
    """Find literal ARNs that cannot all have the region, account or partition of the stacks. environments: those of a
    definition, each with its own stacks."""
    if environments is None or environments.home is None:
        yield from _conflicting(references)


def arns_in_environments(written: Outline, references: Sequence[LocatedReference]) -> Iterator[Problem]:
    """Find literal ARNs that cannot have the region or account of the environment that uses them."""
    environments = written.definition.placement
    if environments.home is None:
        return
    names = {each.account_and_region: name for name, each in environments.named.items()}
    for reference in references:
        for environment in _environments_at(written, environments.home, reference.path):
            if isinstance(reference.value, str):
                name, what = names.get(environment.account_and_region, ""), last_of(reference.path)
                yield from _elsewhere(reference, reference.path, reference.value, what, name, environment)


def _environments_at(written: Outline, home: Environment, path: Path) -> Sequence[Environment]:
    """Return the environments in which a reference is used. All roles have the permissions boundary."""
    if path != ("permissions_boundary",):
        return [_environment_at(written, path) or home]
    found = [each.environment for each in written.services] + [each.environment for each in written.actions]
    return list({each.account: each for each in [home, *found] if each is not None}.values())


def _environment_at(written: Outline, path: Path) -> Environment | None:
    """Return the environment of the service or action at a path, if it is not the pipeline's."""
    here = (each.environment for each in written.services if path[:2] == ("services", each.key))
    running = (each.environment for each in written.actions if path[: len(each.path)] == each.path)
    return next(here, None) or next(running, None)


def _conflicting(references: Sequence[LocatedReference]) -> Iterator[Problem]:
    literal = [each for each in references if isinstance(each.value, str) and _is_possible(each.value)]
    for part in _PARTS:
        yield from _differing(literal, part)
    yield from _in_partitions(literal)


def _is_possible(text: str) -> bool:
    """Return whether a text is an ARN with a region of its partition; other texts are reported elsewhere."""
    return text.startswith("arn:") and not conflict_in(text) and not unknown_region(text)


def _in_partitions(literal: Sequence[LocatedReference]) -> Iterator[Problem]:
    counts = Counter(partition_in(str(each.value)) for each in literal)
    usual = max(counts, key=lambda each: counts[each], default="")
    for each in literal:
        if (partition := partition_in(str(each.value))) != usual:
            other = next(other for other in literal if partition_in(str(other.value)) == usual)
            text = f"{last_of(each.path)} is in the partition {partition}, but {last_of(other.path)} is in {usual}"
            yield Problem("wrong-account-or-region", each.path, text, "use an ARN in the partition of the stack")


def _differing(literal: Sequence[LocatedReference], part: ArnPart) -> Iterator[Problem]:
    near = [each for each in literal if part in each.mark.near and part_in(str(each.value), part)]
    strict = [each for each in near if not each.mark.may_differ] or near
    counts = Counter(part_in(str(each.value), part) for each in strict)
    if not counts:
        return
    everywhere = Counter(part_in(str(each.value), part) for each in literal)
    usual = max(counts, key=lambda each: (counts[each], everywhere[each]))
    other = next(each for each in strict if part_in(str(each.value), part) == usual)
    for each in near:
        if (where := part_in(str(each.value), part)) != usual:
            text = f"{last_of(each.path)} is in the {part} {where}, but {last_of(other.path)} is in {usual}"
            yield _problem(each, each.path, text, part)


def _problem(reference: LocatedReference, path: Path, text: str, part: ArnPart) -> Problem:
    fix = f"use the ARN of one in the {part} of the stack, or a parameter"
    return Problem("wrong-account-or-region", path, text, fix, "warning" if reference.mark.may_differ else "error")


def environment_arns(
    definition: Definition | Foundation, references: Sequence[LocatedReference], environments: Mapping[str, Environment]
) -> Iterator[Problem]:
    """Find wrong references in the parameters of environments, and literal ARNs in other regions and accounts. Paths
    that begin with `environments` are in the fleet's file, others in the definition."""
    if not any(each.account or each.region or each.parameters for each in environments.values()):
        return
    declared = declared_of(definition)
    reference = [(each, _parameter_of(each, declared)) for each in references]
    for name, environment in environments.items():
        given = _declared_in(declared, environment)
        for each, parameter in reference:
            if isinstance(each.value, str):
                yield from _elsewhere(each, each.path, each.value, last_of(each.path), name, environment)
            elif parameter and environment.value(parameter):
                texts = [*texts_of(each.value, given)]
                yield from _in_environment(each, texts, parameter, name, environment, given)
                yield from _too_few(each, texts, parameter, name)


def _parameter_of(reference: LocatedReference, declared: Mapping[str, Any]) -> str:
    """Return the parameter that a reference is or selects an item of; an empty text if there is none."""
    return next((name for name, _ in parameters_of(reference.value, declared)), "")


def _too_few(reference: LocatedReference, texts: Sequence[str], parameter: str, name: str) -> Iterator[Problem]:
    """Find a single subnet for a load balancer, which needs two or more."""
    if reference.path[-2:] == ("load_balancer", "subnets") and len(texts) == 1:
        text = f"{parameter} of {name} must have at least 2 subnets for the load balancer, got 1"
        path = ("environments", name, "parameters", parameter)
        yield Problem("load-balancer-subnets", path, text, "add a subnet in another availability zone")


def _declared_in(declared: Mapping[str, Any], environment: Environment) -> Mapping[str, Any]:
    """Return the declarations with the values of an environment; other parameters have unknown values."""
    parameters = {
        name: {"Type": each["Type"], "Default": environment.value(name) if "Default" in each else None}
        for name, each in declared["Parameters"].items()
        if not name.startswith("AWS::")
    }
    pseudo = {name: each for name, each in declared["Parameters"].items() if name.startswith("AWS::")}
    return {**declared, "Parameters": {**parameters, **pseudo}}


def _in_environment(
    reference: LocatedReference,
    texts: Sequence[str],
    parameter: str,
    name: str,
    environment: Environment,
    declared: Mapping[str, Any],
) -> Iterator[Problem]:
    of_subnets = declared["Parameters"][parameter]["Type"] == "List<AWS::EC2::Subnet::Id>"  # parameter-value
    path: Path = ("environments", name, "parameters", parameter)
    if fault := reference.mark.fault(reference.value, declared):
        text = f"{parameter} of {name} must {reference.mark.demand}, got {fault}"
        yield Problem("wrong-reference", path, text, reference.mark.fix or "correct it")
        return
    twice = next((each for index, each in enumerate(texts) if each in texts[:index]), "")
    if twice and not of_subnets:
        yield Problem(
            "wrong-reference", path, f"{parameter} of {name} has {quoted(twice)} twice", "remove the duplicate"
        )
    for text in texts:
        if conflict := conflict_in(text):
            yield Problem("wrong-reference", path, f"{parameter} of {name} is {conflict}", "correct it")
            return
        if doubt := reference.mark.doubts(text):
            yield Problem("wrong-reference", path, f"{parameter} of {name} {doubt}", reference.mark.fix, "warning")
        yield from _elsewhere(reference, path, text, parameter, name, environment)


def _elsewhere(
    reference: LocatedReference, path: Path, text: str, what: str, name: str, environment: Environment
) -> Iterator[Problem]:
    for part in _PARTS:
        where, here = part_in(text, part) if part in reference.mark.near else "", getattr(environment, part)
        if part == "region" and not partition_of(here or ""):
            continue  # the region of the environment is invalid, which is reported elsewhere
        if where and here and where != here:
            yield _problem(reference, path, f"{what} is in the {part} {where}, but {name} is in {here}", part)
