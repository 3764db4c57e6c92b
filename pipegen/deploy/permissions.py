"""Check the permissions of stacks with the parameter values of environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipegen.checks.stacks.policies import resources
from pipegen.checks.values.accounts import passed_accounts, passed_by_parameters
from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.model.environment import Environment
from pipegen.pipeline.foundation import Foundation
from pipegen.rendering import RenderedStack
from pipegen.stacks.stack import Document, mapping, referred_names, resources_of, sequence, statements_of


def permission_problems(
    definition: Definition | Foundation, stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]
) -> Iterator[Problem]:
    """Find values that make permissions invalid. Paths are in the fleet's file."""
    for rendered in stacks if environments else ():
        varying = _varying(rendered.document)
        used = referred_names(varying["Resources"])
        literal = passed_accounts(rendered.document)
        for name, environment in environments.items():
            values = {each: environment.value(each) for each in used if each in varying["Parameters"]}
            known_values = {each: value for each, value in values.items() if value is not None}
            if known_values:
                yield from _not_arns(definition, replace(rendered, document=varying), name, known_values)
            yield from _of_literal_roles(rendered.stack.name, literal, name, environment)
            yield from _of_other_accounts(_with_values(varying, known_values), literal, name, environment, known_values)


def _varying(document: Document) -> dict[str, Any]:
    """Return the template with only those parts of its roles that depend on parameters."""
    declared = dict(mapping(document.get("Parameters")))
    roles = resources_of(document, "AWS::IAM::Role") if declared else ()
    values = {
        logical_id: {"Type": "AWS::IAM::Role", "Properties": _decided(role, declared)} for logical_id, role in roles
    }
    return {**document, "Parameters": declared, "Resources": values}


def _decided(role: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    def items(data: Any) -> list[Any]:
        some = (each for each in sequence(data) if not isinstance(each, str))
        return [each for each in some if not declared.keys().isdisjoint(referred_names(each))]

    statements = [
        {"Action": statement.get("Action"), "Resource": resources}
        for statement in statements_of(role)
        if (resources := items(statement.get("Resource")))
    ]
    boundary = items([role.get("PermissionsBoundary")])
    return {
        "Policies": [{"PolicyDocument": {"Statement": statements}}],
        "ManagedPolicyArns": [*items(role.get("ManagedPolicyArns")), *boundary],
    }


def _with_values(document: Document, known_values: Mapping[str, str]) -> dict[str, Any]:
    """Return the template with these values as the defaults of its parameters."""
    parameters = {
        name: {
            "Type": mapping(parameter).get("Type"),
            "Default": known_values.get(name, mapping(parameter).get("Default")),
        }
        for name, parameter in mapping(document.get("Parameters")).items()
    }
    return {**document, "Parameters": parameters}


def _not_arns(
    definition: Definition | Foundation, rendered: RenderedStack, environment: str, known_values: Mapping[str, str]
) -> Iterator[Problem]:
    def problems_with(values: Mapping[str, str]) -> list[Problem]:
        return [*resources(definition, rendered.stack, _with_values(rendered.document, values))]

    if not (together := problems_with(known_values)):
        return
    by_name = {name: problems_with({name: value}) for name, value in known_values.items()}
    responsible = {name: problems for name, problems in by_name.items() if problems} or {
        next(iter(known_values)): together
    }
    for name, problems in responsible.items():
        for problem in problems:
            yield replace(problem, path=_path(environment, name), text=f"{name} of {environment}: {problem.text}")


def _of_literal_roles(stack: str, literal: Mapping[str, str], name: str, environment: Environment) -> Iterator[Problem]:
    """Find roles with literal ARNs that are passed to services but belong to another account than the environment."""
    for other, arn in literal.items():
        if environment.account not in (None, other):
            text = f"{stack} passes the role {arn}, but {name} is in account {environment.account}"
            fix = "set a role of that account, or use a parameter for its ARN"
            yield Problem("role-account", ("environments", name, "account"), text, fix)


def _of_other_accounts(
    document: Document, literal: Mapping[str, str], name: str, environment: Environment, known_values: Mapping[str, str]
) -> Iterator[Problem]:
    """Find roles from parameters that are passed to services but belong to another account than the environment, or
    than other roles."""
    account = environment.account or next(iter(literal), None)
    for parameters, other, arn in passed_by_parameters(document):
        account = account or other
        if other != account:
            where = f"{name} is in account {account}" if environment.account else f"other roles are in {account}"
            text = f"{', '.join(parameters)} of {name}: {arn} is passed to a service, but {where}"
            path = next((_path(name, each) for each in parameters if each in known_values), ("environments", name))
            yield Problem("role-account", path, text, "set the ARN of a role of that account")


def _path(environment: str, parameter: str) -> Path:
    return ("environments", environment, "parameters", parameter)
