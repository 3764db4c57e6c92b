"""Checks for secrets in plain text, which templates and AWS consoles would show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.checks.values.secrets import instead, named
from pipegen.definition import Definition
from pipegen.errors import Path, Problem, Severity
from pipegen.fields.model import step
from pipegen.graph.outline import Outline
from pipegen.pipeline.foundation import Foundation
from pipegen.stacks.stack import referred_names
from pipegen.syntax.plaintext import assigned_in, heads_in, is_reference, is_secret, names_secret, token_in
from pipegen.values.expression import Expression
from pipegen.values.possible import possible_texts
from pipegen.values.shape import shapes

_REFERENCES = {"parameter_store", "secret_options", "secrets", "secrets_manager", "credentials_parameter"}
"""Fields that contain references to secrets."""
_NAMED = {
    *("action_environment", "appspec", "build_arguments", "configuration", "docker_labels", "environment"),
    *(
        "Metadata",
        "Properties",
        "extra_configuration",
        "labels",
        "mappings",
        "options",
        "overrides",
        "parameter_overrides",
        "parameters",
        "tags",
    ),
    *("task_definition", "variables"),
}
"""Fields whose keys are chosen by users."""
_VALUES = {"default", "value"}
"""Keys of values next to a name."""
_READ = {"environment", "action_environment"}
"""Fields whose values can be references that CodeBuild or ECS resolves."""
_PROSE = {"comment", "custom_data", "description", "Description", "ConstraintDescription", "AllowedPattern"}


def plaintext_secrets(written: Outline) -> Iterator[Problem]:
    """Find texts that are or contain secrets."""
    return secrets_in(written.definition, written.leaves)


def secrets_in(model: Definition | Foundation, leaves: Sequence[tuple[Path, Any]]) -> Iterator[Problem]:
    """Find secrets in a definition or foundation with these leaves."""
    heads = heads_in("\0".join(leaf if isinstance(leaf, str) else str(leaf.to_dict()) for _, leaf in leaves))
    option = ""
    for path, leaf in leaves:
        secret = _secret_in(model, path, leaf, heads) or (option and _after_option(option, leaf))
        if secret and not _is_repeated(path, leaves):
            words, severity = secret
            fix = "remove it, and replace the secret" if path[-1] in _PROSE else instead(path)
            yield Problem("secret-plaintext", path, f"{_subject(model, path)} {words}", fix, severity)
        option = leaf if isinstance(leaf, str) and leaf.startswith("--") and isinstance(path[-1], int) else ""


def _is_repeated(path: Path, leaves: Sequence[tuple[Path, Any]]) -> bool:
    """Return whether the name is also set as a secret, which another check reports."""
    if len(path) < 2:
        return False
    *parent, field, name = path
    others = {
        "action_environment": [(*parent, "environment", name, "secrets_manager")],
        "environment": [(*parent, "secrets", name)],
    }
    return any(each in others.get(str(field), ()) for each, _ in leaves)


def _secret_in(
    model: Definition | Foundation, path: Path, leaf: str | Expression, heads: Sequence[str]
) -> tuple[str, Severity] | None:
    """Return the message and severity for a value that contains a secret. Prose and references to secrets are searched
    only for certain tokens."""
    only_certain = path[-1] in _PROSE or not _REFERENCES.isdisjoint(path)
    name = _name(model, path)
    texts = [leaf] if isinstance(leaf, str) else [each.text for each in shapes(leaf)]
    for text in texts:
        if heads and (token := token_in(text, heads)):
            if token.is_certain:
                return f"contains a secret in plain text ({token.words})", "error"
            if not only_certain:
                return f"contains what looks like a secret in plain text ({token.words})", "warning"
    if only_certain:
        return None
    if name and names_secret(name) and _is_secret(name, leaf, model):
        return "looks like a secret by its name, but is plain text", "warning"
    if name and names_secret(name) and not _READ.isdisjoint(path) and any(map(is_reference, texts)):
        return "is the ARN of a secret, which is passed on without being resolved", "warning"
    for text in texts:
        if assigned := assigned_in(text):
            return f"contains a secret in plain text: {assigned}", "warning"
    return None


def _after_option(option: str, leaf: str | Expression) -> tuple[str, Severity] | None:
    """Return the message for a secret that follows its option in a list of arguments."""
    if isinstance(leaf, str) and "=" not in option and names_secret(option) and is_secret(option, leaf):
        return f"contains a secret in plain text: {option}", "warning"
    return None


def _subject(model: Definition | Foundation, path: Path) -> str:
    if len(path) > 1 and str(path[-1]).lower() in _VALUES:
        owner = path[-2] if isinstance(path[-2], str) else _beside(model, path)
        return f"the {str(path[-1]).lower()} of {owner}"
    return named(model, path)


def _name(model: Definition | Foundation, path: Path) -> str:
    """Return the name that users chose for the value at a path, or an empty text."""
    if _NAMED.isdisjoint(path):
        return ""
    last, before = path[-1], path[-2] if len(path) > 1 else ""
    if isinstance(last, int) or str(last).lower() in _VALUES or last == "AllowedValues":
        return before if isinstance(before, str) else _beside(model, path)
    return str(last)


def _beside(model: Definition | Foundation, path: Path) -> str:
    """Return the name in an item such as `{Name: …, Value: …}`."""
    here: Any = model
    for part in path[:-1]:
        here = step(here, part)
    return str(here.get("name", here.get("Name", ""))) if isinstance(here, Mapping) else ""


def _is_secret(name: str, leaf: str | Expression, model: Definition | Foundation) -> bool:
    """Return whether a value can be a secret: by its text, or as a parameter with the name of a secret."""
    if isinstance(leaf, str):
        return is_secret(name, leaf)
    referred = referred_names(leaf.to_dict())
    parameters = [(each, model.parameters[each]) for each in referred if each in model.parameters]
    if any(names_secret(each) and not parameter.no_echo for each, parameter in parameters):
        return True
    given = {each: {"Type": found.type, "Default": found.default} for each, found in model.parameters.items()}
    document = {"Parameters": given, "Mappings": model.mappings}
    return any(is_secret(name, text) for text in possible_texts(leaf, document))
