"""Reading models from the data of files, with suggestions for unknown keys."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from pipegen.checks.values.constraints import constraints
from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Path, Problem, did_you_mean, has_errors, quoted
from pipegen.fields.model import Model, field_names
from pipegen.loading.renamed import DEFINITION_KEYS, new_name
from pipegen.loading.schemas.advice import advice
from pipegen.loading.yaml.nodes import Node, located
from pipegen.pipeline.pipeline import Pipeline
from pipegen.reading import read_as

M = TypeVar("M", bound=Model)
_FEW_KINDS = 3
"""More kinds would not help in a message."""


def read(data: Any) -> Definition:
    """Read a definition from the data of YAML or JSON. Raises InvalidDefinition, with paths in `data`."""
    definition: Definition = read_as(Definition, data, _unknown_key, advice)
    return definition


def keys_in(model: type, location: Path) -> list[str]:
    """The keys of the mapping at a location in a model."""
    from pipegen.loading.schemas.schema import keys_at, schema_of

    return keys_at(location, None, schema_of(model))


def read_model(
    model: type[M], node: Node, problems: list[Problem] | None = None, renamed: Mapping[str, str] | None = None
) -> M:
    """Read a model strictly. Raises InvalidDefinition; its problems have locations.

    problems: collects violated constraints, for callers with further checks. Default: they are raised.
    renamed: new names of keys, by path.
    """
    try:
        value: M = read_as(model, node.data, partial(_unknown_of, model, renamed or {}), partial(advice, model=model))
    except InvalidDefinition as error:
        raise InvalidDefinition(located(node, error.problems)) from None
    violations = located(node, constraints(value))
    if problems is not None:
        problems += violations
    elif has_errors(violations):
        raise InvalidDefinition(violations)
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _unknown_key(path: Path, holder: Any) -> Problem:
    if (new := new_name(path, DEFINITION_KEYS)) is not None:
        return _renamed_key(path, new)
    key = str(path[-1])
    return Problem("unknown-key", path, f"unknown key {quoted(key, 60)}", _fix(key, path, holder))


def _renamed_key(path: Path, new: str) -> Problem:
    return Problem("renamed-key", path, f"{path[-1]} was renamed to {new}", "run pipegen upgrade, which rewrites files")


def _unknown_of(model: type, renamed: Mapping[str, str], path: Path, _holder: Any) -> Problem:
    if (new := new_name(path, renamed)) is not None:
        return _renamed_key(path, new)
    known = keys_in(model, path[:-1])
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    fix = did_you_mean(*near[:1]) or f"known keys: {', '.join(known)}"
    return Problem("unknown-key", path, f"unknown key {quoted(path[-1], 60)}", fix)


def _fix(key: str, path: Path, holder: Any) -> str:
    if len(path) == 1 and key in ("resources", "outputs", "stack_name"):
        return "write it where its stack is described: under pipeline, registry or a service"
    if len(path) == 1 and key in field_names(Pipeline):
        return "write it under pipeline:"
    known, kinds = _known_keys(path, holder), _kinds_with(key, path)
    if key in known:
        return f"only kind: {' or '.join(kinds)} has it" if kinds else _beside(key, path, holder)
    longer = [each for each in known if each.startswith(f"{key}_")]
    near = dict.fromkeys([*longer[:1], *difflib.get_close_matches(key, known, n=1)])
    fixes = [f"only kind: {' or '.join(kinds)} has it"] if 0 < len(kinds) <= _FEW_KINDS else []
    if near:
        fixes.append(did_you_mean(*near))
    elif known and not fixes:
        fixes.append(f"known keys: {', '.join(known)}")
    return "; ".join(fixes)


def _beside(key: str, path: Path, holder: Any) -> str:
    """The fix for a key that only some members of a union have: the keys that do not belong to such a member."""
    from pipegen.loading.schemas.schema import unions_at

    having = [(keys, required) for keys, required in unions_at(path[:-1]) if key in keys]
    against = [each for each in _mapping(holder) if each != key and not any(each in keys for keys, _ in having)]
    missing = [each for _, required in having for each in required if each not in _mapping(holder)]
    if not against and missing:
        return f"it requires {missing[0]}:, which is missing"
    return f"it cannot be set together with {', '.join(against) or 'the keys beside it'}"


def _known_keys(path: Path, holder: Any) -> list[str]:
    """The keys of the type at a path, according to the JSON Schema."""
    from pipegen.loading.schemas.schema import keys_at

    kind = _mapping(holder).get("kind")
    return keys_at(path[:-1], str(kind) if isinstance(kind, str) else None)


def _kinds_with(key: str, path: Path) -> list[str]:
    """The kinds that have a key, if there are several kinds."""
    from pipegen.loading.schemas.schema import kinds_at

    return [kind for kind, keys in kinds_at(path[:-1]).items() if key in keys]
