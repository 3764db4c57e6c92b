"""Types of values that contain others: lists, mappings, models and unions."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, field, replace
from inspect import cleandoc
from operator import is_
from typing import Any

from pipegen.errors import Path, Problem, did_you_mean, last_of, quoted
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type, Unreadable, alternatives, mapping
from pipegen.fields.constraints import Constraint, unmet
from pipegen.fields.documentation import documentation, documented
from pipegen.fields.scalars import NothingType, Tagged, is_encodable
from pipegen.fields.words import is_expression
from pipegen.frozen import frozen


@frozen
class ListType:
    """A list of items of one type."""

    item: Type
    expected: str = "a list"

    def fits(self, data: Any) -> bool:
        return isinstance(data, list | tuple)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(data, (list, tuple)):
            return reading.wrong_type(path, self.expected, data)
        items = tuple([self.item.read(each, (*path, index), reading) for index, each in enumerate(data)])
        if any(each is INVALID for each in items):
            return INVALID
        return data if all(map(is_, items, data)) else items

    def schema(self, schemas: Schemas) -> Json:
        return {"items": self.item.schema(schemas), "type": "array"}


@frozen
class MappingType:
    """A mapping from strings to values of one type. keys: the constraints that each key must meet."""

    item: Type
    keys: Sequence[Constraint] = ()
    expected: str = "a mapping"

    def fits(self, data: Any) -> bool:
        return isinstance(data, Mapping)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, Tagged):
            return reading.wrong_type(
                path, self.expected, data, "write the mapping itself; its values may be expressions"
            )
        if not isinstance(data, Mapping):
            return reading.wrong_type(path, self.expected, data)
        items = {key: self._item(key, each, path, reading) for key, each in data.items()}
        if any(each is INVALID for each in items.values()):
            return INVALID
        return data if all(map(is_, items.values(), data.values())) else items

    def _item(self, key: Any, data: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(key, str):
            return reading.wrong_type((*path, str(key)), "a string", key)
        if not is_encodable(key):
            return reading.unreadable(
                (*path, key), Unreadable("contains a lone surrogate, which cannot be encoded"), key
            )
        if self.keys:
            self._check_key(key, path, reading)
        return self.item.read(data, (*path, key), reading)

    def _check_key(self, key: str, path: Path, reading: Reading) -> None:
        for each in self.keys:
            if not all(map(each.admits, reading.possible(key))):
                reading.add(each.code, (*path, key), f"a key of {last_of(path)} {unmet(each, key)}")

    def schema(self, schemas: Schemas) -> Json:
        names = {name: word for each in self.keys for name, word in each.schema().items()}
        described: Json = {"additionalProperties": self.item.schema(schemas) or True, "type": "object"}
        return {**described, "propertyNames": names} if names else described


@frozen(eq=False)
class ModelType:
    """A model: in files a mapping of its fields, in Python an object.

    names: the fields by their keys in files. named_by: the field whose value is the key of the model in files.
    """

    model: Any
    names: Mapping[str, Field[Any]]
    type_of: Callable[[Any, str], Type]
    named_by: str = ""
    expected: str = "a mapping"
    _types: dict[str, Type] = field(default_factory=dict)
    """The types of fields, created on first use: most definitions use few fields."""

    def fits(self, data: Any) -> bool:
        return isinstance(data, self.model)

    def type(self, key: str) -> Type:
        """The type of a field."""
        if key not in self._types:
            self._types[key] = self.type_of(self.model, self.names[key].name)
        return self._types[key]

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, self.model):
            return self._checked(data, path, reading)
        if reading.is_python:
            return reading.wrong_type(path, f"{self.model.__name__}(...)", data, unpacked(data))
        if not isinstance(data, Mapping) or (is_expression(data) and data.keys().isdisjoint(self.names)):
            return reading.wrong_type(path, self.expected, data)
        return self._created(data, path, reading)

    def _checked(self, model: Any, path: Path, reading: Reading) -> Any:
        """The object, or a copy with values in their normal form, such as a number as text."""
        changed = {}
        if self.named_by and path and getattr(model, self.named_by) != path[-1]:
            return reading.wrong_value(
                (*path, self.named_by), getattr(model, self.named_by), f"{quoted(path[-1])}, its key"
            )
        for key, each in self.names.items():
            value = getattr(model, each.name)
            if value is each.default:
                continue  # defaults are valid, so the type is not created
            read = self.type(key).read(value, (*path, key), reading)
            if read is not value:
                changed[each.name] = read
        if any(value is INVALID for value in changed.values()):
            return INVALID
        return replace(model, **changed) if changed else model

    def _created(self, data: Mapping[str, Any], path: Path, reading: Reading) -> Any:
        unknown = [reading.unknown((*path, key), data) for key in data if key not in self.names]
        values: dict[Any, Any] = dict.fromkeys(data.keys() - self.names.keys(), INVALID)
        if self.named_by:
            values[self.named_by] = path[-1] if path else ""
        for name, each in self.names.items():
            if name in data:
                values[each.name] = self.type(name).read(data[name], (*path, name), reading)
            elif is_required(each):
                values[each.name] = INVALID
                if not any(_suggests(problem, name) for problem in unknown):
                    reading.add("missing-key", path, f"{name} is missing", f"add {name}:")
        reading.problems += unknown
        return INVALID if any(value is INVALID for value in values.values()) else self.model(**values)

    def schema(self, schemas: Schemas) -> Json:
        return schemas.reference(self.model, lambda: self.described(schemas))

    def described(self, schemas: Schemas, required: Sequence[str] = ()) -> Json:
        """The schema itself instead of a reference to it. required: further keys that are required."""
        properties = {key: self._property(key, each, schemas) for key, each in self.names.items()}
        all_required = [*required, *(key for key, each in self.names.items() if is_required(each))]
        return {
            "additionalProperties": False,
            "description": self._description,
            "properties": properties,
            **({"required": all_required} if all_required else {}),
            "type": "object",
        }

    @property
    def _description(self) -> str:
        return cleandoc(self.model.__doc__ or "")

    def _property(self, key: str, field: Field[Any], schemas: Schemas) -> Json:
        text = documentation(self.model).get(field.name, self._description if field.name == "kind" else "")
        described = documented(self.type(key).schema(schemas), text)
        if field.default is not MISSING and field.default is not None and field.default != ():
            described["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
        return described


def unpacked(data: Any) -> str:
    """How to give the objects in a list one by one, if data is one."""
    return "put * before the list" if isinstance(data, list | tuple) else ""


def is_required(field: Field[Any]) -> bool:
    """Whether a field does not have a default."""
    return field.default is MISSING and field.default_factory is MISSING


def _suggests(problem: Problem, name: str) -> bool:
    """Whether the problem of an unknown key already suggests this key."""
    return problem.fix == did_you_mean(name) or problem.text.endswith(f"renamed to {name}")


@frozen
class UnionType:
    """One of several types: the first that fits."""

    members: Sequence[Type]

    @property
    def expected(self) -> str:
        return " or ".join(dict.fromkeys(each.expected for each in self._some))

    @property
    def _some(self) -> list[Type]:
        return [each for each in self.members if not isinstance(each, NothingType)]

    def fits(self, data: Any) -> bool:
        return any(each.fits(data) for each in self.members)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        fitting = next((each for each in self.members if each.fits(data)), None)
        if fitting is None and len(self._some) == 1:
            fitting = self._some[0]  # reading with it reports the problem
        return reading.wrong_type(path, self.expected, data) if fitting is None else fitting.read(data, path, reading)

    def schema(self, schemas: Schemas) -> Json:
        return alternatives(*(each.schema(schemas) for each in self.members))


@frozen
class ChosenType:
    """One of several types. choose: returns the index of the type that data is intended to be of."""

    members: Sequence[Type]
    choose: Callable[[Any], int]

    @property
    def expected(self) -> str:
        return " or ".join(dict.fromkeys(each.expected for each in self.members))

    def fits(self, data: Any) -> bool:
        return self.members[self.choose(data)].fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        index = self.choose(data)
        before = len(reading.problems)
        value = self.members[index].read(data, path, reading)
        if value is INVALID and reading.is_python:
            reading.problems[before:] = [self._with_others(index, each, path) for each in reading.problems[before:]]
        return value

    def _with_others(self, index: int, problem: Problem, path: Path) -> Problem:
        """The problem with the models that are expected too."""
        models = [each.model.__name__ for each in self.members[:-1] if isinstance(each, ModelType)]
        if index < len(models) or problem.path != path:
            return problem
        others = "".join(f" or {name}(...)" for name in models)
        return replace(problem, text=problem.text.replace(", got", f"{others}, got", 1))

    def schema(self, schemas: Schemas) -> Json:
        # Several may match in an editor, which sees only the tag of an expression.
        return alternatives(*(each.schema(schemas) for each in self.members))


@frozen
class KindType:
    """A model of one of several kinds, selected by the key `kind`.

    first: the kind of a mapping without the key. noun: the term in messages. Default: the name of the field.
    """

    kinds: Mapping[str, Any]
    resolve: Callable[[Any], Type]
    base: type = object
    first: str = ""
    noun: str = ""
    expected: str = "a mapping"

    def fits(self, data: Any) -> bool:
        return isinstance(data, Mapping) or self._is_one(data)

    def _is_one(self, data: Any) -> bool:
        if self.base is object:
            return isinstance(data, tuple(self.kinds.values()))
        return isinstance(data, self.base) and type(data) is not self.base

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if self._is_one(data):
            return self.resolve(type(data)).read(data, path, reading)
        if reading.is_python and str(mapping(data).get("kind")) not in self.kinds:
            return reading.wrong_type(path, self._objects(), data, unpacked(data))
        if not isinstance(data, Mapping) or (is_expression(data) and "kind" not in data):
            return reading.wrong_type(path, self.expected, data)
        kind = data.get("kind", self.first or None)
        if kind is None:
            return self._without_kind(data, path, reading)
        if not isinstance(kind, str) or kind not in self.kinds:
            return self._unknown(kind, path, reading)
        return self.resolve(self.kinds[kind]).read(data, path, reading)

    def _without_kind(self, data: Mapping[str, Any], path: Path, reading: Reading) -> Any:
        near = difflib.get_close_matches("kind", map(str, data), n=1, cutoff=0.7)
        if near and near != ["kind"]:
            return reading.add("unknown-key", (*path, near[0]), f"unknown key {quoted(near[0])}", did_you_mean("kind"))
        return reading.add("missing-key", path, "kind is missing", "add kind:")

    def _objects(self) -> str:
        if self.base is not object:
            return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun} of some kind"
        return " or ".join(f"{each.__name__}(...)" for each in self.kinds.values())

    def _unknown(self, kind: Any, path: Path, reading: Reading) -> Any:
        noun = self.noun or next((part for part in reversed(path) if isinstance(part, str)), "")
        if not isinstance(kind, str):
            return reading.wrong_type((*path, "kind"), "a string", kind)
        near = difflib.get_close_matches(kind, self.kinds, n=1)
        fix = did_you_mean(*near[:1]) or f"available: {', '.join(self.kinds)}"
        return reading.add("unknown-kind", (*path, "kind"), f"no {noun} kind {quoted(kind, 60)}", fix)

    def schema(self, schemas: Schemas) -> Json:
        return {"oneOf": [self._member(kind, model, schemas) for kind, model in self.kinds.items()]}

    def _member(self, kind: str, model: Any, schemas: Schemas) -> Json:
        found: Any = self.resolve(model)
        return schemas.reference(model, lambda: found.described(schemas, () if kind == self.first else ("kind",)))
