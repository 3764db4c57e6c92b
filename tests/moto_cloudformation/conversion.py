"""From CloudFormation's words to the API's, and how moto's own parts are replaced."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NoReturn

from botocore.session import get_session
from moto.cloudformation.exceptions import ValidationError
from moto.core.utils import camelcase_to_underscores

Properties = dict[str, Any]


EVERY_PROPERTY = ("*",)


NAMED_IAM_PROPERTIES = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}


logger = logging.getLogger(__name__)


@cache
def api_shape(service: str, shape: str) -> Any:
    """The botocore model of one API structure: it knows the API's spelling and which maps have the user's own keys."""
    return get_session().get_service_model(service).shape_for(shape)


def as_api(value: Any, shape: Any, path: str = "") -> Any:
    """Rewrite a resolved template value as the API spells and types it; `path` only serves the error message."""
    if getattr(shape, "is_document_type", False):
        return json.loads(value) if isinstance(value, str) else value
    if shape.type_name == "structure":
        return as_structure(value, shape, path)
    if shape.type_name == "list":
        return [as_api(item, shape.member, path) for item in value]
    if shape.type_name == "map":
        return {key: as_api(item, shape.value, f"{path}/{key}") for key, item in value.items()}
    if shape.type_name == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    if shape.type_name == "string":
        # CloudFormation turns numbers and booleans into the text an API string wants.
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def as_structure(value: Mapping[str, Any], shape: Any, path: str) -> Properties:
    # CloudFormation and the APIs differ in capitals only: ECSServices/ecsServices, BuildSpec/buildspec, Name/name.
    spelling = {name.lower(): name for name in shape.members}
    unknown = [key for key in value if key.lower() not in spelling]
    if unknown:
        refuse(f"Encountered unsupported property {unknown[0]} in {path or shape.name}")
    members = {spelling[key.lower()]: item for key, item in value.items()}
    return {name: as_api(item, shape.members[name], f"{path}/{name}") for name, item in members.items()}


def underscored(members: Mapping[str, Any]) -> Properties:
    """The same members under the names moto's Python code has for them."""
    return {camelcase_to_underscores(name): value for name, value in members.items()}


def without(properties: Mapping[str, Any], *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def tag_map(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def as_json(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def refuse(message: str) -> NoReturn:
    raise ValidationError(message=message)


def replace(owner: Any, name: str, value: Any) -> Any:
    """Put `value` in the place of one of moto's functions, and give that one back."""
    original = getattr(owner, name, None)
    setattr(owner, name, value)
    return original
