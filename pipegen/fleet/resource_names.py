"""Names that a definition uses in an account and region, so that no other definition can."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipegen.errors import last_of
from pipegen.frozen import frozen
from pipegen.model import named_kinds
from pipegen.model.named_kinds import NamedKind

if TYPE_CHECKING:
    from pipegen.definition import Definition
    from pipegen.errors import Path
    from pipegen.loading.sources import Loaded
    from pipegen.rendering import RenderedStack

DEFINITION, STACK, EXPORT, DEPLOYMENT, REQUESTS = "definition", "stack", "export", "deployment", "requests"
IMPORT = "import"
"""An import by a field that expects something else. It uses no name: it is compared with the exports of the other
definitions."""
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_SUBSTITUTED = re.compile(r"\$\{([^}]*)\}")
_PSEUDO = ("AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix")


@frozen
class Reference:
    """A parameter or pseudo parameter in a name, with its default."""

    parameter: str
    default: str | None = None


Name = str | tuple[str | Reference, ...]
"""Text, or the parts of a name that contains parameters."""


@frozen
class ResourceName:
    """A name that a definition uses.

    kind: a resource type, or one of DEFINITION, STACK, EXPORT, DEPLOYMENT, REQUESTS and IMPORT. scope: what the name is
    unique in, for types with such a property; for an IMPORT, the field.
    """

    kind: str
    name: Name
    scope: Name = ""


KINDS: Mapping[str, NamedKind] = {
    **named_kinds.KINDS,
    DEFINITION: NamedKind("definition", "", reach="world"),
    STACK: NamedKind("stack", ""),
    EXPORT: NamedKind("export", ""),
    DEPLOYMENT: NamedKind("deployments of the service", "", "cluster"),
    REQUESTS: NamedKind("listener rule for the same requests", "", "listener"),
    IMPORT: NamedKind("import", ""),
}


def names_of(name: str, stacks: Sequence[RenderedStack]) -> Iterator[tuple[ResourceName, RenderedStack | None, str]]:
    """Return the names that a definition uses, each with its stack and the logical ID of the resource."""
    yield ResourceName(DEFINITION, name.casefold()), None, ""
    for each in stacks:
        for resource_name, logical_id in _names_of_stack(each.stack.name, each.document):
            yield resource_name, each, logical_id


def imports_of(definition: Definition) -> Iterator[tuple[ResourceName, Path]]:
    """Find imports of names that pipegen gives to exports of another kind, with their paths."""
    from troposphere import encode_to_dict

    from pipegen.checks.values.constraints import declared_of, references_of
    from pipegen.references.imports import imported
    from pipegen.references.others import given_by

    parameters = declared_of(definition)["Parameters"]
    for each in references_of(definition):
        export = imported(each.value)
        name = None if export is None else _name(encode_to_dict(export.name), parameters)
        source = None if name is None else exported_kind(shown(name))
        if name is not None and source and not {*given_by(source)} & {*each.mark.forms}:
            yield ResourceName(IMPORT, name, last_of(each.path)), each.path


def exported_kind(name: str) -> str:
    """Return the resource type and attribute that pipegen exports under a name; "" if it is not such a name."""
    from pipegen.pipeline import foundation
    from pipegen.services import exports

    kinds = {f"-{output}": kind for output, kind in {**foundation.EXPORTED, **exports.EXPORTED}.items()}
    kinds |= {"RepositoryUri": "AWS::ECR::Repository.RepositoryUri", "RepositoryArn": "AWS::ECR::Repository.Arn"}
    return next((kind for ending, kind in kinds.items() if name.endswith(ending)), "")


_PART: Mapping[str, tuple[str, ...]] = {
    RULE: ("load_balancer", "priority"),
    "AWS::Route53::RecordSet": ("dns", "name"),
}
"""The field with the name, relative to the part of a definition that a resource originates from."""


def location_of(loaded: Loaded, stacks: Sequence[RenderedStack], resource_name: ResourceName) -> str:
    """Return where a definition sets a resource name, as `file:line:column`."""
    if resource_name.kind == DEPLOYMENT:
        return loaded.location(_deploying_action(loaded.definition, resource_name))
    if resource_name.kind == IMPORT:
        return loaded.location(next(path for name, path in imports_of(loaded.definition) if name == resource_name))
    for name, rendered, logical_id in names_of(loaded.definition.name, stacks):
        if name == resource_name:
            path = rendered.stack.origins.get(logical_id, ("name",)) if rendered is not None else ("name",)
            return loaded.location((*path, *_PART.get(resource_name.kind, ())))
    return loaded.file


def _deploying_action(definition: Definition, resource_name: ResourceName) -> Path:
    """Return the path of the action that deploys to a service, or of the pipeline if no action names the service."""
    for located in definition.pipeline.located():
        for target in located.action.deploys_to():
            if str(target.service) == shown(resource_name.name):
                return (*located.path, *target.path)
        if located.action.service_key is not None:
            return (*located.path, "service")
    return ("pipeline",)


def _names_of_stack(stack: str, document: Mapping[str, Any]) -> Iterator[tuple[ResourceName, str]]:
    """Return the names in a stack with the logical IDs of resources; "" for the stack itself and for exports."""
    parameters = _mapping(document.get("Parameters"))
    yield ResourceName(STACK, stack), ""
    for logical_id, resource in document["Resources"].items():
        named = KINDS.get(resource["Type"])
        properties = _mapping(resource.get("Properties"))
        if named is None or named.name not in properties:
            continue
        name = _name(properties[named.name], parameters)
        scope = _name(properties.get(named.scope, "default"), parameters) if named.scope else ""
        if name is not None and scope is not None:
            yield ResourceName(resource["Type"], name, scope), logical_id
    yield from _deployments(document, parameters)
    yield from _requests(document, parameters)
    for output in _mapping(document.get("Outputs")).values():
        name = _name(_mapping(_mapping(output).get("Export")).get("Name"), parameters)
        if name is not None:
            yield ResourceName(EXPORT, name), ""


def _deployments(document: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[tuple[ResourceName, str]]:
    """Return the ECS services that a pipeline deploys to."""
    deployments: dict[ResourceName, str] = {}
    for logical_id, action in _actions(document):
        configuration = _mapping(action.get("Configuration"))
        service, cluster = (_name(configuration.get(key), parameters) for key in ("ServiceName", "ClusterName"))
        if service is not None and cluster is not None:
            deployments.setdefault(ResourceName(DEPLOYMENT, service, cluster), logical_id)
    for logical_id, resource in document["Resources"].items():
        properties = _mapping(resource.get("Properties"))
        for each in properties.get("ECSServices", ()) if resource["Type"] == "AWS::CodeDeploy::DeploymentGroup" else ():
            service, cluster = (_name(_mapping(each).get(key), parameters) for key in ("ServiceName", "ClusterName"))
            if service is not None and cluster is not None:
                deployments.setdefault(ResourceName(DEPLOYMENT, service, cluster), logical_id)
    yield from deployments.items()


def _actions(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for logical_id, resource in document["Resources"].items():
        if resource["Type"] == "AWS::CodePipeline::Pipeline":
            for stage in _mapping(resource.get("Properties")).get("Stages", ()):
                yield from ((logical_id, _mapping(action)) for action in _mapping(stage).get("Actions", ()))


def _requests(document: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[tuple[ResourceName, str]]:
    """Return the literal conditions of listener rules. If two rules have the same, one receives no requests."""
    for logical_id, resource in document["Resources"].items():
        properties = _mapping(resource.get("Properties"))
        conditions = properties.get("Conditions")
        listener = _name(properties.get("ListenerArn"), parameters)
        if resource["Type"] == RULE and listener is not None and isinstance(conditions, list):
            text = json.dumps(sorted(json.dumps(each, sort_keys=True) for each in conditions))
            if '"Ref' not in text and "Fn::" not in text:
                yield ResourceName(REQUESTS, text, listener), logical_id


def _name(value: Any, parameters: Mapping[str, Any]) -> Name | None:
    """Convert a value to a name; None for values that are specific to the stack or unknown before deployment."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, dict) or len(value) != 1:
        return None
    [(function, argument)] = value.items()
    if function == "Ref":
        return _joined([_reference(str(argument), parameters)])
    if function == "Fn::ImportValue":
        exported = _name(argument, parameters)
        return None if exported is None else _joined(["!ImportValue:", *_parts(exported)])
    if function != "Fn::Sub" or not isinstance(argument, str):
        return None
    texts = _SUBSTITUTED.split(argument)  # every second item is a name
    return _joined([_reference(text, parameters) if index % 2 else text for index, text in enumerate(texts)])


def _reference(name: str, parameters: Mapping[str, Any]) -> Reference | None:
    if name in _PSEUDO:
        return Reference(name)
    if name not in parameters:
        return None  # a resource of the stack or an attribute of one
    parameter = _mapping(parameters[name])
    if str(parameter.get("NoEcho")).lower() == "true":
        return None  # its value is secret
    default = parameter.get("Default")
    return Reference(name, default if isinstance(default, str) else None)


def _joined(parts: Iterable[str | Reference | None]) -> Name | None:
    """Join parts to a name, normalized so that equal names compare equal; None if a part is unknown."""
    found: list[str | Reference] = []
    for part in parts:
        if part is None:
            return None
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    texts = [part for part in found if isinstance(part, str)]
    return "".join(texts) if texts == found else tuple(found)


def _parts(name: Name) -> tuple[str | Reference, ...]:
    return (name,) if isinstance(name, str) else name


def _mapping(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def filled(name: Name, values: Mapping[str, str | None]) -> Name:
    """Replace the parameters in a name by values, or else by their defaults."""
    if isinstance(name, str):
        return name
    found = _joined(_value(part, values) if isinstance(part, Reference) else part for part in name)
    assert found is not None
    return found


def _value(reference: Reference, values: Mapping[str, str | None]) -> str | Reference:
    return values.get(reference.parameter) or (reference if reference.default is None else reference.default)


def shown(name: Name) -> str:
    """Format a name for messages."""
    return "".join(part if isinstance(part, str) else f"${{{part.parameter}}}" for part in _parts(name))


def parameters_of(resource_name: ResourceName) -> Iterator[str]:
    """Return the parameters and pseudo parameters in a name and its scope."""
    for part in (*_parts(resource_name.name), *_parts(resource_name.scope)):
        if isinstance(part, Reference):
            yield part.parameter


def to_data(resource_name: ResourceName) -> list[Any]:
    """Convert to JSON data: kind, name and, if set, scope."""
    names = (resource_name.name, resource_name.scope) if resource_name.scope else (resource_name.name,)
    return [resource_name.kind, *map(_name_to_data, names)]


def _name_to_data(name: Name) -> Any:
    return name if isinstance(name, str) else [_part_to_data(part) for part in name]


def _part_to_data(part: str | Reference) -> Any:
    if isinstance(part, str):
        return part
    return {"Ref": part.parameter} | ({} if part.default is None else {"Default": part.default})


def from_data(data: Any) -> ResourceName:
    """Convert from JSON data. Raises ValueError, TypeError or KeyError for data that `to_data` does not return."""
    kind, name, *scope = data
    if kind not in KINDS:
        raise ValueError
    return ResourceName(kind, _name_from_data(name), *map(_name_from_data, scope))


def _name_from_data(data: Any) -> Name:
    return data if isinstance(data, str) else tuple(map(_part_from_data, data))


def _part_from_data(data: Any) -> str | Reference:
    if isinstance(data, str):
        return data
    default = data.get("Default")
    if not isinstance(data["Ref"], str) or not isinstance(default, str | None):
        raise TypeError
    return Reference(data["Ref"], default)
