"""Checks of the accounts of roles that are passed to services: they must be in the account of the stack.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.checks.values.constraints import references_of
from pipegen.definition import Definition, path_of_text
from pipegen.errors import Problem, last_of
from pipegen.fields.gaps import GAP
from pipegen.references.arn_parts import part_in
from pipegen.stacks.stack import Document, Stack, mapping, referred_names, resources_of, sequence, statements_of
from pipegen.values.possible import texts_in

_ROLE = re.compile(rf"arn:(?:[a-z-]+|{GAP}):iam::(\d{{12}}):role/.+")


def passed_roles(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find roles that are passed to services and are in another account than other such roles, listeners, certificates
    or permissions boundaries."""
    if stack.environment is not None and stack.environment.account is not None:
        yield from _in_environment(definition, stack.environment.account, document)
        return
    accounts = passed_accounts(document)
    yield from _elsewhere(definition, accounts)
    if len(accounts) > 1:
        first, *others = accounts
        for account in others:
            arn = accounts[account]
            text = f"{arn} is in another account than {accounts[first]}; roles can only be passed within an account"
            fix = "use a role in the pipeline's account, or set runs_in to the environment of the other account"
            yield Problem("role-account", path_of_text(definition, (), arn), text, fix)


def _in_environment(definition: Definition, account: str, document: Document) -> Iterator[Problem]:
    """Compare the accounts of the roles with the account of the stack."""
    for arn in dict.fromkeys(each for each in _passed(document) if isinstance(each, str)):
        match = _ROLE.fullmatch(arn)
        if match is not None and match[1] != account:
            text = f"{arn} is in the account {match[1]}, but is passed to a service in {account}"
            fix = f"use a role in {account}, or its name"
            yield Problem("role-account", path_of_text(definition, (), arn), text, fix)


def _elsewhere(definition: Definition, accounts: Mapping[str, str]) -> Iterator[Problem]:
    """Compare the account of the roles with the accounts in ARNs of resources that must be in the account of the
    stack."""
    if len(accounts) != 1:
        return
    [(account, arn)] = accounts.items()
    literal = (each for each in references_of(definition) if isinstance(each.value, str) and not each.mark.may_differ)
    near = ((each, part_in(str(each.value), "account")) for each in literal if "account" in each.mark.near)
    other, where = next(((each, where) for each, where in near if where), (None, account))
    if other is not None and where != account:
        text = f"{arn} is in the account {account}, but {last_of(other.path)} is in {where}"
        fix = "use the ARN of a role in the account of the stack, or its name"
        yield Problem("role-account", path_of_text(definition, (), arn), text, fix)


def passed_accounts(document: Document) -> dict[str, str]:
    """Return the accounts of passed roles with literal ARNs, each with one ARN."""
    accounts: dict[str, str] = {}
    for arn in _passed(document):
        if isinstance(arn, str) and (match := _ROLE.fullmatch(arn)):
            accounts.setdefault(match[1], arn)
    return accounts


def passed_by_parameters(document: Document) -> Iterator[tuple[Sequence[str], str, str]]:
    """Yield passed roles whose ARNs come from defaults of parameters: these parameters, the account and the ARN. Values
    that depend on a condition or a mapping are skipped, since they can be for another account."""
    declared = mapping(document.get("Parameters"))
    for value in _passed(document):
        names = [name for name in dict.fromkeys(referred_names(value)) if name in declared]
        if not names or isinstance(value, str) or any(each in str(value) for each in ("Fn::If", "Fn::FindInMap")):
            continue
        for text in texts_in(value, document):
            if match := _ROLE.fullmatch(text):
                yield names, match[1], re.sub(f"(?:{GAP})+", "…", text)


def _passed(document: Document) -> Iterator[Any]:
    for _, role in resources_of(document, "AWS::IAM::Role"):
        for statement in statements_of(role):
            if "iam:PassRole" in sequence(statement.get("Action")):
                yield from sequence(statement.get("Resource"))
    for _, project in resources_of(document, "AWS::CodeBuild::Project"):
        yield project.get("ServiceRole")
