"""Checks that resources in policies are ARNs, for all possible values of parameters and mappings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipegen.definition import Definition, path_of_text
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.gaps import GAP
from pipegen.fields.model import walk
from pipegen.pipeline.foundation import Foundation
from pipegen.stacks.stack import Document, Stack, mapping, referred_names, resources_of, sequence, statements_of
from pipegen.values.expression import Expression
from pipegen.values.possible import NAME_OF_A_PARAMETER, texts_in

_GAPS = f"(?:{GAP})+"
_ACCOUNT = rf"(?:\d{{12}}|aws|[0-9]*[{GAP[1:-1]}*?][0-9{GAP[1:-1]}*?]*|)"
_PART = rf"[A-Za-z0-9{GAP[1:-1]}*?-]*"
_ARN = re.compile(rf"arn:{_PART}:{_PART}:{_PART}:{_ACCOUNT}:(?!.*arn:[^:]*:[^:]*:)[^\n]+")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; `*` and `?` match characters in any part:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"""
_ALIAS = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:alias/")
_SECRET = re.compile(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:([^:]*)(:.*)?")


def resources(definition: Definition | Foundation, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find resources in policies that are not ARNs or `*`; deployments fail on these."""
    seen = set[Path]()
    # A condition can exclude the default of a parameter, such as "none".
    optional = set(referred_names(document.get("Conditions")))
    values = {name: each for name, each in mapping(document.get("Parameters")).items() if name not in optional}
    document = {**document, "Parameters": values}
    for logical_id, actions, value in _resources(document):
        if isinstance(value, dict) and "Fn::GetAtt" in value:
            continue  # known only at deployment
        for text in texts_in(value, document):
            fault, fix = _fault(text, actions)
            if fault:
                path = _path_of(definition, value, stack.origins.get(logical_id, ()))
                if path not in seen:
                    what = "the name of a parameter" if NAME_OF_A_PARAMETER in text else _shown(text)
                    yield Problem("grant-resource", path, f"a permission has the resource {what}, {fault}", fix)
                seen.add(path)


def _resources(document: Document) -> Iterator[tuple[str, Sequence[str], Any]]:
    """Yield the logical ids of roles, the actions that they allow, and the resources; managed policies come without
    actions."""
    for logical_id, role in resources_of(document, "AWS::IAM::Role"):
        for statement in statements_of(role):
            actions = [*map(str, sequence(statement.get("Action")))]
            for value in sequence(statement.get("Resource")):
                yield logical_id, actions, value
        for value in (role.get("PermissionsBoundary"), *sequence(role.get("ManagedPolicyArns"))):
            if value is not None:
                yield logical_id, (), value


_WRITE = "use the ARN, or write it with !Sub around the variable part"


def _fault(text: str, actions: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong with a resource, and the fix; empty texts for a valid resource."""
    if NAME_OF_A_PARAMETER in text.split(":", 1)[0]:
        return (
            "which is not an ARN",
            "write !Sub arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${NAME}",
        )
    if _ALIAS.match(text) and not all(action.endswith("Alias") for action in actions):
        # https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
        return "an alias, which does not allow the use of its key", "use the ARN of the key"
    if secret := _SECRET.fullmatch(text):
        return _secret_fault(secret[1], secret[2])
    return ("", "") if _may_be_arn(text) else ("which is not an ARN", _WRITE)


def _secret_fault(name: str, part: str | None) -> tuple[str, str]:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html"""
    if part:
        return (
            "which is a part of a secret",
            "use the secret's ARN as the parameter, and !Sub ${NAME}:json-key::",
        )
    if re.search(rf"(?:-[A-Za-z0-9?]{{6}}|\*|{GAP})$", name):
        return "", ""
    return "without the six characters at the end of a secret's ARN", "use the complete ARN"


def _may_be_arn(text: str) -> bool:
    """Return whether a text can be an ARN. Gaps can contain colons."""
    if text == "*" or re.match(GAP, text):
        return "arn:" not in text
    if re.fullmatch(r"arn(?::[^:\s]+){0,4}:\*", text):
        return True  # omitted parts at the end match anything
    if re.search(GAP, text) and text.startswith("arn:") and text.count(":") < 5:
        return True
    return _ARN.fullmatch(text) is not None


def _shown(text: str) -> str:
    return quoted(re.sub(_GAPS, "…", text), 120)


def _path_of(definition: Definition | Foundation, resource: Any, origin: Path) -> Path:
    """Return the path of the literal, or of the first expression that uses the same parameter or mapping."""
    if isinstance(resource, str):
        return path_of_text(definition, origin, resource) if isinstance(definition, Definition) else origin
    names = _names(resource)
    fields = ((path, leaf) for path, leaf in walk(definition) if isinstance(leaf, Expression) and path[0] != "tags")
    return next((path for path, leaf in fields if names & _names(leaf.to_dict())), origin)


def _names(data: Any) -> set[str]:
    looked_up = {keys[0] for keys in _lookups(data) if isinstance(keys[0], str)}
    return {name for name in referred_names(data) if not name.startswith("AWS::")} | looked_up


def _lookups(data: Any) -> Iterator[Any]:
    """Yield the arguments of every Fn::FindInMap."""
    if isinstance(data, dict):
        if sequence(data.get("Fn::FindInMap")):
            yield data["Fn::FindInMap"]
        data = [*data.values()]
    if isinstance(data, list | tuple):
        for item in data:
            yield from _lookups(item)
