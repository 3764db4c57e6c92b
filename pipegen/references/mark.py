"""References as marks in the annotations of fields: `Annotated[Value, Refers(SUBNET)]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn

from pipegen.errors import Path, last_of
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.fields.constraints import opened
from pipegen.fields.gaps import with_gaps
from pipegen.fields.words import function_of
from pipegen.lists import is_list_type
from pipegen.possible import possible_lists, possible_texts
from pipegen.references.faults import described, is_id, shortened
from pipegen.references.forms import Form, Name, words_of
from pipegen.shape import branches_of


class Refers:
    """Marks a field whose text refers to something, or whose list refers to several things, each once.

    forms: those that the text may have. is_secret: whether a wrong text may be a secret itself, and is never shown.
    fix: what a message advises.
    """

    def __init__(self, *forms: Form, is_secret: bool = False, fix: str = "") -> None:
        self.forms = forms
        self.is_secret = is_secret
        self.fix = fix

    @property
    def demand(self) -> str:
        hint = self.forms[0].hint if len(self.forms) == 1 else ""
        return f"be {words_of(self.forms)}{hint and f', {hint}'}"

    def admits(self, text: str) -> bool:
        """Whether a text has one of the forms, or may have it once its gaps are filled."""
        fitting = [each for each in self.forms if each.could_be(text)]
        return bool(fitting) and not (all(isinstance(each, Name) for each in fitting) and is_id(text))

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        return ReferenceType(resolve(plain), self)


@dataclass(frozen=True, slots=True)
class ReferenceType:
    """A type of texts, or of lists of texts, that refer to something."""

    inner: Type
    mark: Refers

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        value = self.inner.read(data, path, reading)
        if value is not INVALID and reading.declared is not None:
            for place, each in _references(value, path):
                self._check(each, place, reading, reading.declared)
        return value

    def _check(self, value: Any, path: Path, reading: Reading, declared: Mapping[str, Any]) -> None:
        fault = self._fault(value, declared)
        if fault:
            fix = self.mark.fix or (shortened(value, self.mark.forms) if isinstance(value, str) else "")
            reading.add("wrong-reference", path, f"{last_of(path)} must {self.mark.demand}, got {fault}", fix)

    def _fault(self, value: Any, declared: Mapping[str, Any]) -> str:
        if isinstance(value, str):
            text = with_gaps(value)
            return "" if self.mark.admits(text) else self._described(text)
        for name, kind in _parameters(value, declared):
            if kind and not any(each.parameter == kind for each in self.mark.forms):
                return f"!Ref {name}, a parameter of the type {declared['Parameters'][name]['Type']}"
        wrong = next((each for each in _texts(value, declared) if not self.mark.admits(each)), None)
        return f"{self._described(wrong)} from {function_of(value)}" if wrong is not None else ""

    def _described(self, text: str) -> str:
        if self.mark.is_secret and not text.startswith("arn:"):
            return "another text"
        return described(text, self.mark.forms)

    def schema(self, schemas: Schemas) -> Json:
        expression = "|".join(each.expression for each in self.mark.forms)
        own = opened({"pattern": f"^(?:{expression})$", "patternErrorMessage": f"must {self.mark.demand}"})
        return _narrowed(self.inner.schema(schemas), own)


def _references(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The texts and expressions of a value that refer to something, with their places; those in the branches of an
    `!If` have its place."""
    branches = branches_of(value)
    if branches is not None:
        for branch in branches[1:]:
            yield from ((path, each) for _, each in _references(branch, path))
    elif isinstance(value, tuple | list):
        for index, each in enumerate(value):
            yield from _references(each, (*path, index))
    elif isinstance(value, str | AWSHelperFn):
        yield path, value


def _texts(value: AWSHelperFn, declared: Mapping[str, Any]) -> Iterator[str]:
    """The texts that an expression may be, or the items of its list."""
    function, argument = next(iter(value.data.items()))
    is_ref = function == "Ref"
    if not (is_ref and is_list_type(str(declared["Parameters"].get(argument, {}).get("Type")))):
        yield from possible_texts(value, declared)
        if is_ref:
            return
    for items in possible_lists(value, declared):
        yield from (each.strip() for each in items)


def _parameters(value: Any, declared: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The parameters that a value is, or an item of which it is, and AWS's types of their values, which are empty for
    plain texts."""
    form: Any = getattr(value, "data", None)
    if not isinstance(form, Mapping) or len(form) != 1:
        return
    [(function, argument)] = form.items()
    if function == "Fn::Select" and not isinstance(argument[1], list | tuple):
        yield from _parameters(argument[1], declared)
    elif function == "Ref" and argument in declared.get("Parameters", {}):
        yield argument, value_type(str(declared["Parameters"][argument].get("Type")))


def value_type(parameter: str) -> str:
    """AWS's type of a parameter's values, or of the items of its list; nothing where it is any text."""
    inside = re.sub(r"^AWS::SSM::Parameter::Value<(.+)>$", r"\1", parameter)
    inside = re.sub(r"^List<(.+)>$", r"\1", inside)
    return inside if inside.startswith("AWS::") else ""


def _narrowed(described: Json, own: Json) -> Json:
    """A schema whose texts, or the texts in whose list, also match."""
    if "anyOf" in described:
        return {**described, "anyOf": [_narrowed(each, own) for each in described["anyOf"]]}
    if "items" in described:
        return {**described, "items": _narrowed(described["items"], own)}
    if described.get("type") != "string":
        return described
    return {"allOf": [described, own]} if own.keys() & described.keys() else {**described, **own}
