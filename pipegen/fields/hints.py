"""The types of fields, from their annotations."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from inspect import get_annotations
from types import NoneType
from types import UnionType as Either
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pipegen.errors import Path
from pipegen.fields.base import Json, Reading, Schemas, Type
from pipegen.fields.containers import ListType, MappingType, ModelType, UnionType
from pipegen.fields.scalars import AnyType, ChoiceType, FlagType, NothingType, NumberType, TextType, WholeType

_PLAIN: Mapping[Any, Type] = {
    str: TextType(),
    int: WholeType(),
    float: NumberType(),
    bool: FlagType(),
    NoneType: NothingType(),
    Any: AnyType(),
}


class Types:
    """Creates the type of each annotation once.

    names: functions that return the types of the names that modules import only for type checkers.
    """

    def __init__(self, names: Mapping[str, Callable[[Types], Type]]) -> None:
        self._names = {name: _Late(name) for name in names}
        self._late = names
        self._models: dict[Any, ModelType] = {}

    def of(self, annotation: Any) -> Type:
        if annotation in _PLAIN:
            return _PLAIN[annotation]
        if isinstance(annotation, _Late):
            return LateType(partial(self._late[annotation.name], self))
        if is_dataclass(annotation):
            return self.model(annotation)
        return self._generic(annotation, get_origin(annotation), get_args(annotation))

    def model(self, model: Any) -> ModelType:
        if model not in self._models:
            self._models[model] = _model_type(model, self._field)
        return self._models[model]

    def _generic(self, annotation: Any, origin: Any, arguments: Any) -> Type:
        if origin is Annotated:
            plain, *markers = arguments
            return self._marked(plain, markers)
        if origin is Literal:
            return ChoiceType(arguments)
        if origin in (Union, Either):
            return UnionType([*map(self.of, arguments)])
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return MappingType(self.of(arguments[1]), getattr(arguments[0], "__metadata__", ()))
        if isinstance(origin, type) and issubclass(origin, Sequence):
            return ListType(self.of(arguments[0]))
        raise TypeError(f"no field can take {annotation}")

    def _marked(self, plain: Any, markers: list[Any]) -> Type:
        """The type of the last marker wraps those of the others."""
        if not markers:
            return self.of(plain)
        *others, last = markers
        inside: Any = Annotated[plain, *others] if others else plain
        return last.type_of(self.of, inside)  # type: ignore[no-any-return]

    def _field(self, model: Any, name: str) -> Type:
        home = next(each for each in model.__mro__ if name in get_annotations(each))
        annotation = get_annotations(home)[name]
        if isinstance(annotation, str):
            annotation = eval(annotation, vars(sys.modules[home.__module__]), self._names)
        return self.of(annotation)


@dataclass(slots=True)
class LateType:
    """A type that is created when a value is first read, because importing its modules is slow."""

    create: Callable[[], Type]
    created: Type | None = None

    @property
    def inner(self) -> Type:
        if self.created is None:
            self.created = self.create()
        return self.created

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return self.inner.read(data, path, reading)

    def schema(self, schemas: Schemas) -> Json:
        return self.inner.schema(schemas)


def _model_type(model: Any, type_of: Callable[[Any, str], Type]) -> ModelType:
    named_by, key_of = getattr(model, "named_by", ""), getattr(model, "key_of", str)
    names = {key_of(each.name): each for each in fields(model) if each.name != named_by}
    return ModelType(model, names, type_of, named_by=named_by)


class _Late:
    """The value of a name in annotations that its module imports only for type checkers."""

    def __init__(self, name: str) -> None:
        self.name = name
