"""Values from a list that AWS publishes, as a marker in an annotation: `Annotated[Value, Listed("region", …)]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, ClassVar

from pipegen import facts
from pipegen.errors import Path, Problem
from pipegen.fields.base import Reading, Type
from pipegen.fields.gaps import GAP, with_gaps
from pipegen.fields.refined import RefinedType
from pipegen.fields.words import function_of
from pipegen.frozen import frozen


@frozen
class ListedType(RefinedType):
    """A type whose valid strings without gaps are looked up in a list.

    The list is not part of the schema: editors would report values that AWS has added since.
    """

    only_valid: ClassVar[bool] = True

    listed: Listed

    def check(self, value: Any, path: Path, reading: Reading) -> None:
        wrong = next((each for each in reading.possible(value) if not self.listed.admits(each)), None)
        if wrong is not None:
            origin = "" if wrong is value else f" from {function_of(value)}"
            reading.problems.append(self.listed.problem(path, wrong, origin))


@frozen
class Listed:
    """A value from a list. known: returns the list; called only when a value is looked up.

    noun: the term for a value. closed: whether the list is complete; otherwise other values are a warning.
    also: a regular expression for further values. fix: used if no value in the list is similar.
    """

    noun: str
    known: Callable[[], Collection[str]]
    closed: bool = False
    also: str = ""
    code: str = "unknown-name"
    fix: str = ""

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        return ListedType(resolve(plain), self)

    def admits(self, value: Any) -> bool:
        if not isinstance(value, str) or re.search(GAP, with_gaps(value)):
            return True
        return value in self.known() or (bool(self.also) and re.fullmatch(self.also, value) is not None)

    def problem(self, path: Path, name: str, origin: str) -> Problem:
        return facts.unlisted(
            self.code, path, name, self.known(), self.noun, closed=self.closed, fix=self.fix, origin=origin
        )
