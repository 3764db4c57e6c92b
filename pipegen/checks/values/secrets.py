"""Checks for secrets in readable places: images, task definitions, build projects, pipelines.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from troposphere import encode_to_dict

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, one_line
from pipegen.fields.model import step
from pipegen.fields.words import is_expression
from pipegen.graph.outline import Outline
from pipegen.model.stack_contents import is_in_resource
from pipegen.pipeline.foundation import Foundation
from pipegen.references.secrets import is_resolved_secret
from pipegen.stacks.stack import Stack, referred_names
from pipegen.stacks.uses import UsedDocument
from pipegen.values.expression import Expression
from pipegen.values.functions import from_data
from pipegen.values.shape import shown

_REFERENCES = {"parameter_store", "secret_options", "secrets", "secrets_manager"}
"""Fields that contain references to secrets."""
_MADE_FOR_SECRETS = {("AuthenticateOidcConfig", "ClientSecret"), ("Configuration", "OAuthToken")}
"""Properties for secrets, which AWS does not show; only overrides can set them.
https://docs.aws.amazon.com/codepipeline/latest/userguide/appendix-github-oauth.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html"""


def exposed_secrets(written: Outline) -> Iterator[Problem]:
    """Find NoEcho parameters and dynamic references to secrets in exposed values of actions."""
    hidden = _hidden(written.definition)
    for located in written.actions:
        for exposed in located.action.exposes():
            for secret in _secrets_in(exposed.value, hidden):
                text = f"{secret}, but build arguments are visible in the image's history"
                fix = instead(("build_arguments",))
                yield Problem("build-secret", (*located.path, *exposed.path), text, fix)


def visible_secrets(written: Outline) -> Iterator[Problem]:
    """Find dynamic references to secrets, which CloudFormation replaces by the secret, and NoEcho parameters in fields.
    `written_secrets` checks overrides, and `exposed_secrets` exposed values."""
    exposed = {(*each.path, *value.origin) for each in written.actions for value in each.action.exposes()}
    leaves = (each for each in written.leaves if "overrides" not in (each[0][0], *each[0][2:3]))
    return visible_in(written.definition, (each for each in leaves if each[0] not in exposed))


def visible_in(model: Definition | Foundation, leaves: Iterable[tuple[Path, Any]]) -> Iterator[Problem]:
    """Find the same problems in leaves of a definition or foundation."""
    hidden = _hidden(model)
    for path, leaf in leaves:
        if is_in_resource(path):
            continue  # some properties are made for secrets
        if is_resolved_secret(leaf):
            yield _in_plain_text(path, named(model, path), instead(path))
        elif hidden and isinstance(leaf, Expression) and path[0] != "conditions" and _REFERENCES.isdisjoint(path):
            for name in sorted(hidden & set(referred_names(leaf.to_dict()))):
                yield _shown_to_all(path, named(model, path), name, instead(path))


def written_secrets(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find the same problems in the compiled resources, which overrides can change, except in properties for
    secrets."""
    hidden = _hidden(definition)
    for logical_id in document["Resources"] if hidden else document.resources_with("{{resolve"):
        resource = document["Resources"][logical_id]
        if resource["Type"] not in _INSTEAD_OF and is_in_resource(stack.origins.get(logical_id, ())):
            continue  # some properties are made for secrets
        for keys, leaf in _leaves(resource.get("Properties"), ()):
            if keys[-2:] in _MADE_FOR_SECRETS:
                continue
            path = _overridden(definition, logical_id, keys, leaf)
            subject = f"{logical_id}{_spelled(resource['Properties'], keys)}"
            fix = _LOG_OPTION if "LogConfiguration" in keys else _INSTEAD_OF.get(resource["Type"], _BY_ARN)
            if _holds_secret(leaf):
                yield _in_plain_text(path or stack.origins.get(logical_id, ()), subject, fix)
            elif path:
                for name in sorted(hidden & set(referred_names(leaf))):
                    yield _shown_to_all(path, subject, name, fix)


def _in_plain_text(path: Path, subject: str, fix: str) -> Problem:
    text = f"{subject} would contain the secret in plain text: CloudFormation resolves the reference"
    return Problem("secret-visible", path, text, fix)


def _shown_to_all(path: Path, subject: str, parameter: str, fix: str) -> Problem:
    text = f"{subject} shows the value of the NoEcho parameter {parameter} to everyone with read access"
    return Problem("secret-visible", path, text, fix, severity="warning")


def _hidden(model: Definition | Foundation) -> set[str]:
    return {name for name, parameter in model.parameters.items() if parameter.no_echo}


def named(model: object, path: Path) -> str:
    """Return a field with the named item that it belongs to, such as an action or a container."""
    last = str(path[-1]) if isinstance(path[-1], str) else f"{path[-2]}[{path[-1]}]"
    here: Any = model
    owner = ""
    for index, part in enumerate(path[:-1]):
        here = step(here, part)
        if isinstance(part, int) and isinstance(name := getattr(here, "name", None), str):
            owner = f" of the {str(path[index - 1]).removesuffix('s')} {one_line(name, 60)}"
    return f"{last}{owner}"


def _spelled(properties: Any, keys: Path) -> str:
    """Return the path of a property, with the names of items instead of their indices where they have one."""
    here, text = properties, ""
    for key in keys:
        here = here[key]
        name = here.get("Name", key) if isinstance(here, Mapping) else key
        text += f"[{name if isinstance(name, str) else key}]" if isinstance(key, int) else f".{key}"
    return text


_BY_ARN = "use the secret's ARN in a field for secrets, or read the secret at run time"
_LOG_OPTION = "use a secret option of the log driver: SecretOptions: [{Name: …, ValueFrom: the secret's ARN}]"
_INSTEAD_OF = {
    "AWS::CodeBuild::Project": "use a reference: {Name: …, Type: SECRETS_MANAGER, Value: name-or-arn:key}",
    "AWS::ECS::TaskDefinition": "use a secret of the container: Secrets: [{Name: …, ValueFrom: the secret's ARN}]",
}


def instead(path: Path) -> str:
    if is_in_resource(path):
        return "use a dynamic reference, which CloudFormation resolves: '{{resolve:secretsmanager:NAME}}'"
    if "log_configuration" in path:
        return "use a secret option of the log driver: secret_options: {NAME: the secret's ARN}"
    if "containers" in path:
        return "use a secret of the container: secrets: {NAME: the secret's ARN}"
    if "build_arguments" in path:
        return "read it from Secrets Manager in an environment variable, and list that under secrets of the image"
    if "commands" in path or "before" in path:
        return "set an environment variable to {secrets_manager: name-or-arn:key}, and use the variable here"
    if "tags" in path:
        return "remove it: tags are visible to everyone with read access"
    if "variables" in path:
        return "read it from Secrets Manager in the action that needs it"
    if path[0] == "parameters":
        return "use the ARN of the secret as a parameter, and refer to it in a field for secrets"
    if "environment" in path or "action_environment" in path:
        return "use a reference that CodeBuild resolves: {secrets_manager: name-or-arn:key}, or {parameter_store: name}"
    return _BY_ARN


def _secrets_in(value: object, hidden: AbstractSet[str]) -> Iterator[str]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""
    data = value.to_dict() if isinstance(value, Expression) else value
    names = hidden & set(referred_names(data)) if hidden else set()
    yield from (f"the parameter {name} is NoEcho" for name in sorted(names))
    if isinstance(value, str | Expression) and is_resolved_secret(value):
        yield f"{shown(value)} is a secret"


def _leaves(data: Any, keys: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the texts and expressions in plain data."""
    if isinstance(data, str) or (isinstance(data, Mapping) and is_expression(data)):
        yield keys, data
    elif isinstance(data, Mapping):
        for key, item in data.items():
            yield from _leaves(item, (*keys, str(key)))
    elif isinstance(data, list | tuple):
        for index, item in enumerate(data):
            yield from _leaves(item, (*keys, index))


def _holds_secret(data: Any) -> bool:
    """Return whether data contains a resolved secret. Overrides can use functions that fields do not accept."""
    try:
        return is_resolved_secret(from_data(data))
    except ValueError:
        inside = data.values() if isinstance(data, Mapping) else data if isinstance(data, list | tuple) else ()
        return any(_holds_secret(item) for item in inside)


def _overridden(definition: Definition, logical_id: str, keys: Path, leaf: Any) -> Path:
    """Return the path of the override that sets a property of a resource, or an empty path."""
    overrides: list[tuple[Path, Any]] = [(("overrides",), definition.overrides)]
    overrides += [(("services", key, "overrides"), service.overrides) for key, service in definition.services.items()]
    for path, patches in overrides:
        if logical_id in patches and (keys, leaf) in _leaves(encode_to_dict(dict(patches[logical_id])), ()):
            return (*path, logical_id, *keys)
    return ()
