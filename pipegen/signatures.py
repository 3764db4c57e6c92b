"""The signatures of dataclasses as `help()` and editors show them: plain types, without the constraints in annotations.

Annotations are texts, which are evaluated when somebody looks at a signature.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from inspect import Parameter, Signature, get_annotations, signature
from types import FunctionType, NoneType, UnionType
from typing import Annotated, Any, ForwardRef, Literal, Union, get_args, get_origin


class PlainSignature(Signature):
    """The signature of a class's `__init__`, computed when it is first used."""

    __slots__ = ("_class", "_function", "_plain")

    def __init__(self, cls: Any, function: Any) -> None:
        self._class = cls
        self._function = function
        self._plain: Signature | None = None

    @property
    def parameters(self) -> Any:
        if self._plain is None:
            self._plain = Signature([*_parameters(self._class, self._function)])
        return self._plain.parameters

    @property
    def return_annotation(self) -> Any:
        return None

    def replace(self, *, parameters: Any = None, return_annotation: Any = None) -> Any:
        """A copy of the signature. Python asks for one without the parameter `self`."""
        chosen = self.parameters.values() if parameters is None else parameters
        return Signature([*chosen], return_annotation=return_annotation)


class _Text(str):
    """A text that a signature shows without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _parameters(cls: Any, function: Any) -> Iterator[Parameter]:
    bare = FunctionType(function.__code__, function.__globals__, "", function.__defaults__, function.__closure__)
    bare.__kwdefaults__ = function.__kwdefaults__
    created = {each.name: each.default_factory for each in fields(cls) if each.default_factory is not MISSING}
    for name, parameter in signature(bare).parameters.items():
        annotation = function.__annotations__.get(name, Parameter.empty)
        if isinstance(annotation, str):
            annotation = _Text(_plain(annotation, _scope(cls, function, name)))
        is_created = repr(parameter.default) == "<factory>"
        default = _Text(_call(created[name])) if is_created else parameter.default
        yield parameter.replace(annotation=annotation, default=default)


def _call(factory: Any) -> str:
    """The expression for a default that is created for each object."""
    name = getattr(factory, "__name__", "")
    return "{}" if factory is dict else f"{name}()" if name.isidentifier() else "..."


def _scope(cls: Any, function: Any, name: str) -> Mapping[str, Any]:
    """The names for the annotation of a parameter: those in the module of the class that has the field."""
    text = function.__annotations__[name]
    home = next((each for each in cls.__mro__ if get_annotations(each).get(name) == text), None)
    return vars(sys.modules[home.__module__]) if home is not None else function.__globals__


def _plain(annotation: str, scope: Mapping[str, Any]) -> str:
    code = compile(annotation, "<annotation>", "eval")
    unknown = {each for each in code.co_names if each not in scope and not hasattr(builtins, each)}
    try:  # names that modules import only for type checkers are shown as they are
        return shown(eval(code, dict(scope), {name: ForwardRef(name) for name in unknown}))
    except (AttributeError, TypeError):
        return annotation


def shown(annotation: Any) -> str:
    """A type as text, without modules and the metadata of `Annotated`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shown(arguments[0])
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(" | ".join(map(shown, arguments)).split(" | ")))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None:
        return f"{shown(origin)}[{', '.join(map(shown, arguments))}]"
    return _name(annotation)


def _name(annotation: Any) -> str:
    if annotation in (None, NoneType):
        return "None"
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    return "..." if annotation is Ellipsis else getattr(annotation, "__name__", None) or str(annotation)
