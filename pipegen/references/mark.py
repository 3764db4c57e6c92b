"""Marks in annotations for fields that are references: `Annotated[Value, Refers(SUBNET)]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from pipegen import facts
from pipegen.errors import Path, Problem, last_of, quoted
from pipegen.fields.base import Json, Reading, Schemas, Type
from pipegen.fields.constraints import opened
from pipegen.fields.distinct import Distinct, DistinctType
from pipegen.fields.gaps import with_gaps
from pipegen.fields.refined import RefinedType
from pipegen.fields.words import function_of
from pipegen.frozen import frozen
from pipegen.references.arn_parts import ArnPart, conflict_in, known_regions, unknown_region
from pipegen.references.contents import Declared, is_known_type, parameters_of, references_in, texts_of
from pipegen.references.faults import described, is_id, shortened
from pipegen.references.forms import Form, Id, Name, words_of
from pipegen.references.imports import import_problem
from pipegen.values.expression import Expression
from pipegen.values.shape import seen

_PATH = re.compile("[a-z][a-z0-9-]*(?:/[a-z][a-z0-9-]*)+")


def _nothing(_text: str) -> str:
    return ""


@frozen
class LocatedReference:
    """A reference: a text or an expression, with its path and the mark of its field. is_list: whether an expression
    must return a list of references."""

    path: Path
    value: str | Expression
    mark: Refers
    is_list: bool = False


class Refers:
    """Mark a field whose text is a reference, or whose list contains distinct references.

    forms: the accepted forms. is_secret: whether an invalid text can be a secret, which messages must not show. fix:
    the fix in messages. near: what an ARN must share with the stack, region or account; with `may_differ`, a difference
    is a warning. doubt: describes what is probably wrong with a text with gaps, for a warning.
    """

    def __init__(
        self,
        *forms: Form,
        is_secret: bool = False,
        fix: str = "",
        near: Sequence[ArnPart] = (),
        may_differ: bool = False,
        doubt: Callable[[str], str] = _nothing,
    ) -> None:
        self.forms = forms
        self.is_secret = is_secret
        self.fix = fix
        self.near = near
        self.may_differ = may_differ
        self.doubt = doubt

    @property
    def demand(self) -> str:
        hint = self.forms[0].hint if len(self.forms) == 1 else ""
        return f"be {words_of(self.forms)}{hint and f', {hint}'}"

    @property
    def parameter(self) -> str:
        """AWS's type of parameters with such references; String if there is none."""
        return next((each.parameter for each in self.forms if each.parameter), "String")

    def admits(self, text: str) -> bool:
        """Return whether a text has one of the forms, or can have it when its gaps are filled."""
        fitting = [each for each in self.forms if each.could_be(text)]
        return bool(fitting) and not (all(isinstance(each, Name) for each in fitting) and is_id(text))

    def fault(self, value: Any, declared: Declared) -> str:
        """Describe a value that is not a valid reference; return an empty text for a value that is or can be one."""
        if isinstance(value, str):
            text = with_gaps(value)
            return "" if self.admits(text) else self._described(text)
        for name, kind in parameters_of(value, declared):
            if kind:
                right = any(each.parameter == kind for each in self.forms)
                return (
                    ""
                    if right or not is_known_type(kind)
                    else f"!Ref {name}, a parameter of the type {declared['Parameters'][name]['Type']}"
                )
        texts = map(with_gaps, texts_of(value, declared))
        wrong = next((each for each in texts if not self.admits(each)), None)
        return "" if wrong is None else f"{self._described(wrong)}, from {_origin(value)}"

    def doubts(self, text: str) -> str:
        """Describe what is probably wrong with a text; return an empty text if nothing is."""
        ids = (each for each in self.forms if isinstance(each, Id))
        return self.doubt(text) or next((found for each in ids if (found := each.doubt(text))), "")

    def _described(self, text: str) -> str:
        if self.is_secret and not text.startswith("arn:"):
            if _PATH.fullmatch(text):  # lower-case words are not a secret
                return f"{quoted(text)}, a path that does not begin with /; write /{text}"
            return "a path that does not begin with /" if re.match("[^/:]+/", text) else "another text"
        return described(text, self.forms)

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        noun = self.forms[0].noun.partition(" ")[2]
        return DistinctType(ReferenceType(resolve(plain), self), Distinct(noun))


def _origin(value: Expression) -> str:
    argument = value.data.get("Ref")
    return f"{function_of(value)} {argument}" if isinstance(argument, str) else function_of(value)


@frozen
class ReferenceType(RefinedType):
    """A type of texts, or lists of texts, that are references."""

    only_valid: ClassVar[bool] = True

    mark: Refers

    def check(self, value: Any, path: Path, reading: Reading) -> None:
        if reading.declared is None:
            return
        is_list = self.fits([])
        references = [
            LocatedReference(inner, each, self.mark, is_list and inner == path)
            for inner, each in references_in(value, path)
        ]
        reading.references += references
        for each in references:
            self._check_found(each, reading, reading.declared)

    def _check_found(self, reference: LocatedReference, reading: Reading, declared: Declared) -> None:
        fault = self.mark.fault(reference.value, declared)
        if fault:
            fix = self.mark.fix or (
                shortened(reference.value, self.mark.forms) if isinstance(reference.value, str) else ""
            )
            text = f"{last_of(reference.path)} must {self.mark.demand}, got {fault}"
            reading.add("wrong-reference", reference.path, text, fix)
        elif conflict := next(filter(None, map(conflict_in, seen(reference.value))), ""):
            reading.add("wrong-reference", reference.path, f"{last_of(reference.path)} is {conflict}")
        elif doubt := next(filter(None, map(self.mark.doubts, seen(reference.value))), ""):
            text = f"{last_of(reference.path)} {doubt}"
            reading.problems.append(Problem("wrong-reference", reference.path, text, self.mark.fix, "warning"))
        elif wrong := import_problem(reference.path, reference.value, self.mark, declared):
            reading.problems.append(wrong)
        elif isinstance(reference.value, str) and (region := unknown_region(reference.value)):
            reading.problems.append(facts.unlisted("unknown-name", reference.path, region, known_regions(), "region"))

    def schema(self, schemas: Schemas) -> Json:
        expression = "|".join(each.expression for each in self.mark.forms)
        own = opened({"pattern": f"^(?:{expression})$", "patternErrorMessage": f"must {self.mark.demand}"})
        return _narrowed(self.inner.schema(schemas), own)


def _narrowed(described: Json, own: Json) -> Json:
    """Add constraints to the strings of a schema, or to the strings in its lists."""
    if "anyOf" in described:
        return {**described, "anyOf": [_narrowed(each, own) for each in described["anyOf"]]}
    if "items" in described:
        return {**described, "items": _narrowed(described["items"], own)}
    if described.get("type") != "string":
        return described
    return {"allOf": [described, own]} if own.keys() & described.keys() else {**described, **own}
