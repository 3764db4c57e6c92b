"""Resource types as troposphere knows them, for resources that pipegen does not create itself.

Only the module of a type's service is imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

import troposphere
from troposphere import AWSObject, AWSProperty, Tags


@cache
def resource_class(kind: str) -> type[AWSObject] | None:
    """The class of a resource type; None for types that troposphere does not know, such as custom resources."""
    return next((each for each in _classes(service_of(kind)) if each.resource_type == kind), None)


def service_of(kind: str) -> str:
    """The service in the name of a resource type, in lower case; empty for custom resources."""
    return kind.split("::")[1].lower() if kind.startswith("AWS::") else ""


def kinds_of(service: str) -> list[str]:
    """The known resource types of a service."""
    return [str(each.resource_type) for each in _classes(service)]


def services() -> list[str]:
    """The names of the services in resource types, in lower case."""
    modules = [each.name for each in iter_modules(troposphere.__path__)]
    return [_LAMBDA.get(each, each) for each in modules if each not in _OTHERS]


_LAMBDA = {"awslambda": "lambda"}
"""The module whose service has a name that a module cannot have."""
_OTHERS = ("compat", "helpers", "openstack", "template_generator", "utils", "validators")


def _classes(service: str) -> Iterable[type[AWSObject]]:
    if service not in services():
        return ()
    module = next((name for name, each in _LAMBDA.items() if each == service), service)
    members = vars(import_module(f"troposphere.{module}")).values()
    return [
        each for each in members if isinstance(each, type) and issubclass(each, AWSObject) and each is not AWSObject
    ]


def nested(kind: Any) -> type[AWSProperty] | None:
    """The class of the properties of a value of this type, if it is a mapping of properties or a list of those."""
    [inner] = kind if isinstance(kind, list) and len(kind) == 1 else [kind]
    return inner if isinstance(inner, type) and issubclass(inner, AWSProperty) else None


def tags_format(kind: str) -> Literal["", "list", "mapping"]:
    """The format of the tags of a resource type; empty for types without tags."""
    found = resource_class(kind)
    tags = found.props.get("Tags", (None,))[0] if found else None
    is_list = tags is Tags or getattr(tags, "__name__", "") == "validate_tags_or_list"
    return "list" if is_list else "mapping" if tags is dict else ""
