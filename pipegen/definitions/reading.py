"""Data into the model, by pydantic: strict, all errors at once, in words.

The model names no kinds: stages say `Action` and `Rule`, and what these stand for is decided here, where the adapter is
made. Only the kinds that a definition uses take part, which keeps a single render fast.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass, replace
from functools import cache, partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pipegen.action import Action
from pipegen.definition import Definition
from pipegen.definitions.nodes import Node, placed
from pipegen.errors import InvalidDefinition, Path, Problem, one_line, spell
from pipegen.pipeline import Pipeline
from pipegen.rule import Rule

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

M = TypeVar("M")
_CONDITIONS = ("before_entry", "on_success", "on_failure")
_FEW_KINDS = 3
"""More of them say nothing about what was meant."""


@cache
def adapter(kinds: frozenset[str], rule_kinds: frozenset[str], with_services: bool = True) -> TypeAdapter[Definition]:
    """A reader of definitions that use these kinds of actions and rules."""
    from pydantic import Field

    from pipegen.actions import KINDS

    actions = [KINDS[name] for name in KINDS if name in kinds]
    rule: Any = Rule
    if rule_kinds:
        from pipegen import rules

        members = [rules.KINDS[name] for name in rules.KINDS if name in rule_kinds]
        rule = Annotated[_union(members), Field(discriminator="kind")]
    return _adapter(Annotated[_union(actions), Field(discriminator="kind")], rule, with_services)


@cache
def _instance_adapter(
    types: frozenset[type], rule_types: frozenset[type], with_services: bool
) -> TypeAdapter[Definition]:
    """A checker of definitions made in Python with actions and rules of these types."""
    action, rule = _by_type(types, "an action of some kind"), _by_type(rule_types, "a rule of some kind")
    return _adapter(action, rule, with_services)


def _by_type(types: frozenset[type], expected: str) -> Any:
    from pydantic import Discriminator, Tag

    by_type = Discriminator(
        lambda instance: type(instance).__qualname__,
        custom_error_type="value",
        custom_error_message=f"expected {expected}",
    )
    members = [Annotated[each, Tag(each.__qualname__)] for each in sorted(types, key=lambda each: each.__qualname__)]
    return Annotated[_union(members), by_type]


def _adapter(action: Any, rule: Any, with_services: bool) -> TypeAdapter[Definition]:
    from pydantic import TypeAdapter

    made = TypeAdapter(Definition)
    named = {"Action": action, "Rule": rule, "EcsService": _service() if with_services else None}
    made.rebuild(force=True, _types_namespace=named)
    return made


def _service() -> Any:
    from pipegen.services.service import EcsService

    return EcsService


def _union(members: Sequence[Any]) -> Any:
    return reduce(or_, members)


def read(data: Any) -> Definition:
    """A definition from data as YAML or JSON have it. Raises InvalidDefinition; its paths lead into `data`."""
    from pydantic import ValidationError

    from pipegen.actions import KINDS

    used = frozenset(kind for kind in _kinds(_actions(data)) if kind in KINDS)
    try:
        made = adapter(used or frozenset(KINDS), _rule_kinds(data), bool(_mapping(data).get("services")))
        return made.validate_json(json.dumps(data))
    except ValidationError as error:
        raise InvalidDefinition(_problems(error.errors(include_url=False), data)) from None


def keys_in(model: type, location: Path) -> list[str]:
    """The keys that a mapping may have at a place of a model."""
    from pipegen.definitions.schema import keys_at, schema_of

    return keys_at(location, None, schema_of(model))


def read_model(model: type[M], node: Node) -> M:
    """Data of another sort than a definition, read as strictly. Raises InvalidDefinition, its problems with places."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(model).validate_json(json.dumps(node.data))
    except ValidationError as error:
        known = partial(keys_in, model)
        raise InvalidDefinition(placed(node, _problems(error.errors(include_url=False), node.data, known))) from None


def recheck(definition: Definition) -> Definition:
    """A definition made in Python, its types checked as those of a file are. Raises InvalidDefinition."""
    from pydantic import ValidationError

    from pipegen.actions import KINDS

    stages = _sequence(getattr(definition.pipeline, "stages", ()))
    conditions = [getattr(stage, name, None) for stage in stages for name in _CONDITIONS]
    types = _types(Action, (getattr(stage, "actions", ()) for stage in stages))
    rule_types = _types(Rule, (getattr(condition, "rules", ()) for condition in conditions))
    try:
        with_services = bool(getattr(definition, "services", None))
        made = _instance_adapter(types or frozenset(KINDS.values()), rule_types or frozenset({Rule}), with_services)
        return made.validate_python(definition)
    except ValidationError as error:
        raise InvalidDefinition(_problems(error.errors(include_url=False), definition)) from None


def _types(base: type, lists: Iterable[Any]) -> frozenset[type]:
    """The kinds among the items of all lists."""
    items = (item for each in lists for item in _sequence(each))
    return frozenset(type(item) for item in items if isinstance(item, base) and type(item) is not base)


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
    conditions = [stage[name] for stage in _stages(data) for name in _CONDITIONS if name in stage]
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


def _problems(
    errors: Iterable[ErrorDetails], data: Any, known: Callable[[Path], list[str]] | None = None
) -> list[Problem]:
    problems: list[Problem] = []
    for problem in (_problem(error, data, known) for error in errors):
        before = problems[-1] if problems else None
        if before is not None and before.code == problem.code == "wrong-type" and before.path == problem.path:
            problems[-1] = _either(before, problem)  # each member of a union has said what it expects
        else:
            problems.append(problem)
    return problems


def _either(one: Problem, other: Problem) -> Problem:
    expected = other.text.partition("expected ")[2].partition(",")[0]
    return replace(one, text=one.text.replace(", got", f" or {expected}, got", 1))


def _problem(error: ErrorDetails, data: Any, known: Callable[[Path], list[str]] | None) -> Problem:
    path, holder = _followed(error["loc"], data)
    last = _last(path)
    match error["type"]:
        case "unexpected_keyword_argument":
            return _unknown_key(path, holder, error) if known is None else _unknown(path, known(path[:-1]))
        case "missing" | "union_tag_not_found":
            kind = error["type"] == "union_tag_not_found"
            return _missing("kind", path) if kind else _missing(str(error["loc"][-1]), path[:-1])
        case "union_tag_invalid":
            return _missing("kind", path) if error.get("ctx", {}).get("tag") == "None" else _unknown_kind(path, error)
        case "value":
            return Problem("wrong-type", path, f"{last}: {error['msg']}")
        case "literal_error":
            expected = str(error["ctx"]["expected"]) if "ctx" in error else ""
            text = f"{last} is {one_line(repr(error['input']), 60)}"
            return Problem("wrong-value", path, text, f"expected {expected}")
        case _:
            expected, data = _expected(error), error["input"]
            quoted = "put it in quotes if text is meant" if expected == "text" and type(data) in (int, float) else ""
            return Problem("wrong-type", path, f"{last}: expected {expected}, got {_got(data)}", quoted)


def _last(path: Path) -> str:
    """How the last part of a path is called in a sentence."""
    named = next((index for index in reversed(range(len(path))) if isinstance(path[index], str)), None)
    return spell(path[named:]) if named is not None else "the definition"


def _missing(key: str, path: Path) -> Problem:
    return Problem("missing-key", path, f"{key} is missing", f"add {key}:")


def _followed(location: Sequence[str | int], data: Any) -> tuple[Path, Any]:
    """Pydantic's location without the names of union members that it puts in between, and what holds the last part."""
    path: list[str | int] = []
    here, holder = data, data
    for index, part in enumerate(location):
        if index > 0 and isinstance(location[index - 1], int) and part == _mapping(here).get("kind"):
            continue  # the kind of a list's item, which may be called like one of its keys
        if _has(here, part):
            holder, here = here, _inside(here, part)
        elif index == len(location) - 1 and isinstance(here, Mapping) and not str(part).startswith(("[", "<")):
            holder = here  # a key that is missing
        else:
            continue
        path.append(part)
    return tuple(path), holder


def _has(data: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(data, list | tuple) and part < len(data)
    return part in data if isinstance(data, Mapping) else is_dataclass(data) and hasattr(data, part)


def _inside(data: Any, part: str | int) -> Any:
    return getattr(data, str(part)) if is_dataclass(data) else data[part]


def _unknown_key(path: Path, holder: Any, error: ErrorDetails) -> Problem:
    key = str(error["loc"][-1])
    return Problem("unknown-key", path, f"unknown key {one_line(repr(key), 60)}", _way_out(key, path, holder))


def _unknown(path: Path, known: Sequence[str]) -> Problem:
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    fix = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return Problem("unknown-key", path, f"unknown key {one_line(repr(path[-1]), 60)}", fix)


def _way_out(key: str, path: Path, holder: Any) -> str:
    if len(path) == 1 and key in Pipeline.__dataclass_fields__:
        return "it belongs under pipeline:"
    if key == "<<":
        return "YAML 1.2 has no merge keys: say each key, or use an alias for a whole value"
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


def _unknown_kind(path: Path, error: ErrorDetails) -> Problem:
    from pipegen import actions, rules

    named: dict[str, Iterable[str]] = {"actions": actions.KINDS, "rules": rules.KINDS}
    holder = next((part for part in reversed(path) if isinstance(part, str)), "")
    noun = holder.removesuffix("s") if holder in named else holder
    # Of actions and rules only those kinds are tried that are used; of all other unions the error knows the members.
    kinds = tuple(named.get(holder) or re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected_tags", ""))))
    said = str(error.get("ctx", {}).get("tag", ""))
    near = difflib.get_close_matches(said, kinds, n=1)
    fix = f"did you mean {near[0]}?" if near else f"there are {', '.join(kinds)}"
    return Problem("unknown-kind", (*path, "kind"), f"no {noun} kind {one_line(repr(said), 60)}", fix)


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "is_instance_of": "a list",
    "sequence_str": "a list",
    "dataclass_exact_type": "a mapping",
    "string_unicode": "text",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "dataclass_type": "a mapping",
    "string_too_short": "text",
}


def _expected(error: ErrorDetails) -> str:
    return _EXPECTED.get(error["type"], one_line(error["msg"]))


def _got(data: Any) -> str:
    if data is None:
        return "nothing"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int | float):
        return f"the number {one_line(data, 60)}"
    if isinstance(data, str):
        return f"the text {one_line(repr(data), 60)}"
    if isinstance(data, Mapping):
        return "a mapping"
    if isinstance(data, list | tuple):
        return "a list"
    name = type(data).__name__
    return one_line(f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}")
