"""Accounts of roles that are passed to services: each is that of the stack, as no role is passed to another account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.definition import Definition, place_of_text
from pipegen.errors import Problem
from pipegen.stack import Document, Stack, mapping, resources_of, sequence

_ROLE = re.compile(r"arn:[a-z-]+:iam::(\d{12}):role/.+")


def passed_roles(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """Roles of several accounts cannot all be in the stack's."""
    accounts = passed_accounts(document)
    if len(accounts) > 1:
        first, *others = accounts
        for account in others:
            arn = accounts[account]
            text = f"{arn} is in another account than {accounts[first]}, and a role is passed within its account only"
            fix = "name a role of the pipeline's account; actions in other accounts are not supported yet"
            yield Problem("role-account", place_of_text(definition, (), arn), text, fix)


def passed_accounts(document: Document) -> dict[str, str]:
    """The accounts of the roles that the stack's roles pass and that are given by literal ARNs, each with one ARN."""
    found: dict[str, str] = {}
    for _, role in resources_of(document, "AWS::IAM::Role"):
        for policy in sequence(role.get("Policies")):
            for statement in sequence(mapping(mapping(policy).get("PolicyDocument")).get("Statement")):
                if "iam:PassRole" in sequence(mapping(statement).get("Action")):
                    for arn in sequence(mapping(statement).get("Resource")):
                        if isinstance(arn, str) and (match := _ROLE.fullmatch(arn)):
                            found.setdefault(match[1], arn)
    return found
