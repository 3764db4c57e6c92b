"""Data of files into the model, with what may have been meant where a key is unknown."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from pipegen.definition import Definition
from pipegen.definitions.advice import advice
from pipegen.definitions.nodes import Node, Spelled, Tagged, placed
from pipegen.errors import InvalidDefinition, Path, Problem, one_line
from pipegen.pipeline import Pipeline
from pipegen.reading import CONDITIONS, adapter, adapter_of, known_as_checked
from pipegen.reading.problems import last_of, problems_of
from pipegen.values import Expression

M = TypeVar("M")
_FEW_KINDS = 3
"""More of them say nothing about what was meant."""


def read(data: Any) -> Definition:
    """A definition from data as YAML or JSON have it. Raises InvalidDefinition; its paths lead into `data`."""
    from pydantic import ValidationError

    from pipegen.actions import KINDS

    used = frozenset(kind for kind in _kinds(_actions(data)) if kind in KINDS)
    try:
        made = adapter(used or frozenset(KINDS), _rule_kinds(data), bool(_mapping(data).get("services")))
        definition = made.validate_json(json.dumps(data))
    except ValidationError as error:
        raise InvalidDefinition(problems_of(error.errors(include_url=False), data, _unknown_key, advice)) from None
    if problems := list(misread(data, definition)):
        raise InvalidDefinition(problems)
    return known_as_checked(definition)


def keys_in(model: type, location: Path) -> list[str]:
    """The keys that a mapping may have at a place of a model."""
    from pipegen.definitions.schema import keys_at, schema_of

    return keys_at(location, None, schema_of(model))


def read_model(model: type[M], node: Node) -> M:
    """Data of another sort than a definition, read as strictly. Raises InvalidDefinition, its problems with places."""
    from pydantic import ValidationError

    try:
        made: M = adapter_of(model).validate_json(json.dumps(node.data))
    except ValidationError as error:
        unknown = partial(_unknown_of, model)
        found = problems_of(error.errors(include_url=False), node.data, unknown, partial(advice, model=model))
        raise InvalidDefinition(placed(node, found)) from None
    if problems := list(misread(node.data, made, free=True)):
        raise InvalidDefinition(placed(node, problems))
    return made


def misread(data: Any, made: Any, path: Path = (), *, free: bool = False) -> Iterator[Problem]:
    """What was read as something else than it looks like. free: whether expressions are data here, which stay as they
    are."""
    if isinstance(data, Spelled):
        if isinstance(made, str | Expression):
            text = f"{last_of(path)}: {data.text} is read as the number {float(data)!r}"
            yield Problem("wrong-type", path, text, f'put it in quotes: "{data.text}"')
    elif isinstance(data, Tagged) and isinstance(made, Mapping) and not free:
        text = f"{last_of(path)}: expected a mapping, got the expression !{next(iter(data)).removeprefix('Fn::')}"
        yield Problem("wrong-type", path, text, "write the mapping itself; what is in it may be an expression")
    elif isinstance(data, dict):
        for key, item in data.items():
            yield from misread(item, _made(made, key), (*path, key), free=free or key in _FREE)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from misread(item, _made(made, index), (*path, index), free=free)


_FREE = ("details", "overrides")
"""Fields of a definition with data of a template."""


def _made(made: Any, part: str | int) -> Any:
    """What became of the data at a key or index."""
    if isinstance(made, Mapping):
        return made.get(part)
    if isinstance(made, Sequence) and not isinstance(made, str):
        return made[part] if isinstance(part, int) and part < len(made) else None
    return made if isinstance(made, Expression) else getattr(made, str(part), None)


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _stages(data: Any) -> Iterator[Mapping[str, Any]]:
    pipeline = _mapping(_mapping(data).get("pipeline"))
    yield from map(_mapping, _sequence(pipeline.get("stages")))


def _actions(data: Any) -> Iterator[Any]:
    for stage in _stages(data):
        yield from _sequence(stage.get("actions"))


def _rule_kinds(data: Any) -> frozenset[str]:
    """The kinds of rules that the data uses; none where no stage has a condition, all where no kind is right."""
    conditions = [stage[name] for stage in _stages(data) for name in CONDITIONS if name in stage]
    if not conditions:
        return frozenset()
    from pipegen.rules import KINDS

    rules = (rule for condition in conditions for rule in _sequence(_mapping(condition).get("rules")))
    return frozenset(kind for kind in _kinds(rules) if kind in KINDS) or frozenset(KINDS)


def _kinds(items: Iterable[Any]) -> Iterator[str]:
    for item in items:
        kind = _mapping(item).get("kind")
        if isinstance(kind, str):
            yield kind


def _unknown_key(path: Path, holder: Any) -> Problem:
    key = str(path[-1])
    return Problem("unknown-key", path, f"unknown key {one_line(repr(key), 60)}", _way_out(key, path, holder))


def _unknown_of(model: type, path: Path, _holder: Any) -> Problem:
    known = keys_in(model, path[:-1])
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    fix = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return Problem("unknown-key", path, f"unknown key {one_line(repr(path[-1]), 60)}", fix)


def _way_out(key: str, path: Path, holder: Any) -> str:
    if len(path) == 1 and key in Pipeline.__dataclass_fields__:
        return "it belongs under pipeline:"
    known, kinds = _known_keys(path, holder), _kinds_with(key, path)
    if key in known:
        return f"it is for kind: {' or '.join(kinds)}" if kinds else _beside(key, path, holder)
    longer = [each for each in known if each.startswith(f"{key}_")]
    near = dict.fromkeys([*longer[:1], *difflib.get_close_matches(key, known, n=1)])
    fixes = [f"it is for kind: {' or '.join(kinds)}"] if 0 < len(kinds) <= _FEW_KINDS else []
    if near:
        fixes.append(f"did you mean {' or '.join(near)}?")
    elif known and not fixes:
        fixes.append(f"known are {', '.join(known)}")
    return "; ".join(fixes)


def _beside(key: str, path: Path, holder: Any) -> str:
    """Of a key that only some members of a union have: what makes the mapping another one."""
    from pipegen.definitions.schema import unions_at

    having = [keys for keys in unions_at(path[:-1]) if key in keys]
    against = [each for each in _mapping(holder) if each != key and not any(each in keys for keys in having)]
    if not against and having:
        return f"it goes with {having[0][0]}:, which is missing"
    return f"it does not go with {', '.join(against) or 'the keys beside it'}"


def _known_keys(path: Path, holder: Any) -> list[str]:
    """The keys that the type at that place has, by walking the JSON Schema along the path."""
    from pipegen.definitions.schema import keys_at

    kind = _mapping(holder).get("kind")
    return keys_at(path[:-1], str(kind) if isinstance(kind, str) else None)


def _kinds_with(key: str, path: Path) -> list[str]:
    """The kinds that have the key, where there are several kinds."""
    from pipegen.definitions.schema import kinds_at

    return [kind for kind, keys in kinds_at(path[:-1]).items() if key in keys]
