"""Check `!ImportValue`: exports of the definition's own stacks, whose kind is known, and exports of other stacks, whose
names suggest one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from pipegen.errors import Path, Problem, last_of
from pipegen.fields.gaps import GAP
from pipegen.frozen import frozen
from pipegen.references import WRONG_IMPORT, kinds
from pipegen.references.forms import Arn, Form, Id, Name, overlap
from pipegen.references.others import every_form, given_by
from pipegen.values.possible import possible_texts
from pipegen.values.shape import shape

_KINDS: Mapping[str, type[Form]] = {"id": Id, "arn": Arn, "name": Name}
_NOUNS = {"bucket", "certificate", "cluster", "function", "group", "listener", "role", "subnet", "topic", "vpc"}
"""Nouns that end the name of an export which does not say whether it is an ID or an ARN."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@frozen
class Import:
    """An `!ImportValue`.

    name: the name of the export. is_split: whether `!Split` makes a list of its value.
    """

    name: Any
    is_split: bool = False


def imported(value: Any) -> Import | None:
    """Return the import that gives a value, directly or through `!Split` and `!Select`."""
    whole = shape(value)
    form: Any = getattr(whole.gaps[0] if whole.is_gap else value, "data", None)
    if not isinstance(form, Mapping) or len(form) != 1:
        return None
    [(function, argument)] = form.items()
    if function == "Fn::ImportValue":
        return Import(argument)
    if function in ("Fn::Select", "Fn::Split") and not isinstance(argument[1], list | tuple):
        inside = imported(argument[1])
        return inside and Import(inside.name, function == "Fn::Split" or inside.is_split)
    return None


@frozen
class ExportedValue:
    """The value of an export that is not known to be an attribute of a resource."""

    value: Any


class ExpectedReference(Protocol):
    """What a field refers to, as far as it is compared with an import."""

    def fault(self, value: Any, declared: Mapping[str, Any], /) -> str: ...

    @property
    def forms(self) -> Sequence[Form]: ...

    @property
    def is_secret(self) -> bool: ...

    @property
    def fix(self) -> str: ...

    @property
    def demand(self) -> str: ...


def import_problem(
    path: Path, value: object, expected: ExpectedReference, declared: Mapping[str, Any]
) -> Problem | None:
    """Check that a field imports what it refers to. An export of another stack is at most a warning: only its name
    suggests what it is."""
    taken = imported(value)
    if taken is None:
        return None
    demand = f"{last_of(path)} must {expected.demand}, got !ImportValue"
    parameters = {each: given for each, given in declared["Parameters"].items() if not str(each).startswith("AWS::")}
    for name in possible_texts(taken.name, {**declared, "Parameters": parameters}):
        shown = re.sub(GAP, "…", name)
        if own := declared.get("Exports", {}).get(name):
            if isinstance(own, ExportedValue):
                fault = expected.fault(own.value, declared)
                return Problem(WRONG_IMPORT, path, f"{demand} {shown}, {fault}", expected.fix) if fault else None
            return _of_own(path, f"{demand} {shown}", own, expected)
        promise = promised(name)
        if not expected.is_secret and (noun := promise.excludes(expected.forms)):
            text = f"{demand} {shown}, by its name {noun}"
            return Problem(WRONG_IMPORT, path, text, "import the export of the right kind", "warning")
        if promise.is_list and not taken.is_split:
            text = f"{demand} {shown}, by its name a list"
            fix = f'take one of its items, or all of them: !Split [",", !ImportValue {shown}]'
            return Problem(WRONG_IMPORT, path, text, fix, "warning")
    return None


def _of_own(path: Path, text: str, source: str, expected: ExpectedReference) -> Problem | None:
    if any(form in expected.forms for form in given_by(source)):
        return None
    return Problem(WRONG_IMPORT, path, f"{text}, {words_of(source)}", expected.fix)


def words_of(source: str) -> str:
    """Describe an export by the resource type, and the attribute if any, that it refers to."""
    forms = given_by(source)
    kind, _, attribute = source.partition(".")
    return forms[0].words if forms else f"the {attribute or 'reference'} of an {kind}"


@frozen
class Promise:
    """What the name of an export suggests.

    what: id, arn, name, or empty. words: the words before that, the last of which is a noun such as `subnet`. is_list:
    whether the name is a plural.
    """

    what: str
    words: Sequence[str]
    is_list: bool

    def excludes(self, expected: Sequence[Form]) -> str:
        """Describe the export if it cannot have one of the wanted forms; return an empty text if it may have one."""
        forms = [form for form in self._forms(expected) if isinstance(form, _KINDS.get(self.what, Form))]
        if self.what == "arn" and not any(isinstance(form, Arn) for form in expected):
            return forms[0].words if forms else "an ARN"
        if self.what in ("name", "") and any(isinstance(form, Name) for form in expected):
            return ""  # anything may have the name of something else
        if self.what == "name":
            return "a name"
        if not forms or any(form == each or overlap(form, each) for form in forms for each in expected):
            return ""
        return forms[0].words if self.what else forms[0].noun

    def _forms(self, expected: Sequence[Form]) -> list[Form]:
        """Return the forms that the noun can refer to, the most similar one first."""
        noun = self.words[-1] if self.words else ""
        if not self.what and noun not in _NOUNS:
            return []
        forms = _by_noun().get(noun, ())
        if any(noun in _nouns(form) for form in expected):  # such as the id of a service, which may be its name
            forms = [form for form in forms if form in vars(kinds).values()]
        return sorted(forms, key=lambda form: -len({*form.noun.lower().split()} & {*self.words}))


def promised(name: str) -> Promise:
    """Read the last words of a name: `platform-PrivateSubnetIds` suggests IDs of subnets."""
    *before, last = [word.lower() for word in _WORDS.findall(re.split(GAP, name)[-1])] or [""]
    single = last.removesuffix("s")
    if single in _KINDS:
        return Promise(single, before, single != last)
    return Promise("", [*before, single], single != last and single in _NOUNS)


@cache
def _by_noun() -> Mapping[str, Sequence[Form]]:
    """Group the known forms by the last word of their noun, and of the resource types that yield them."""
    by_noun: dict[str, list[Form]] = {}
    for form in every_form():
        for word in dict.fromkeys(_nouns(form)):
            by_noun.setdefault(word, []).append(form)
    return by_noun


def _nouns(form: Form) -> Iterator[str]:
    yield re.split(" (?:of|to|in) ", form.noun)[0].split()[-1].lower()
    for source in form.given_by:
        kind, _, attribute = source.rpartition("::")[2].partition(".")
        if attribute in ("", "Arn"):
            yield _WORDS.findall(kind)[-1].lower()
