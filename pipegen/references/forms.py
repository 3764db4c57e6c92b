"""Forms of references: names, IDs and ARNs.

A text can have gaps: a surrogate for each part that is known only at deployment (`pipegen.fields.gaps`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipegen.errors import quoted
from pipegen.fields.gaps import GAP, could_match
from pipegen.frozen import frozen

REGION = "[a-z]{2,4}(?:-[a-z]+)+-[0-9]+"
ACCOUNT = "[0-9]{12}"
PARTITION = "aws(?:-[a-z]+)*"


class Form:
    """The form of a text that refers to a resource.

    noun: the resource with its article. what: name, ID or ARN. expression: a pattern for the whole text. parameter: the
    type of CloudFormation parameters with such values. given_by: the resource types whose `Ref` returns it, and
    attributes such as `AWS::IAM::Role.Arn`.
    """

    noun: str
    what: str
    parameter: str
    given_by: tuple[str, ...]

    @property
    def hint(self) -> str:
        """An example or the limits, for messages."""
        raise NotImplementedError

    @property
    def expression(self) -> str:
        raise NotImplementedError

    @property
    def words(self) -> str:
        return f"the {self.what} of {self.noun}"

    def matches(self, text: str) -> bool:
        return _pattern(self).fullmatch(text) is not None

    def could_be(self, text: str) -> bool:
        """Return whether a text has this form, or can have it when its gaps are filled."""
        raise NotImplementedError


@cache
def _pattern(form: Form) -> re.Pattern[str]:
    return re.compile(form.expression)


@frozen
class Name(Form):
    """A name, with the pattern that AWS documents. limits: the pattern in words."""

    noun: str
    pattern: str
    limits: str = ""
    parameter: str = ""
    given_by: tuple[str, ...] = ()
    what: str = "name"

    @property
    def hint(self) -> str:
        return self.limits

    @property
    def expression(self) -> str:
        return f"(?!arn:)(?:{self.pattern})"

    def could_be(self, text: str) -> bool:
        return not text.startswith("arn:") and could_match(text, self.matches)


@frozen
class Id(Form):
    """An ID: a prefix, a hyphen, and digits and letters."""

    noun: str
    prefix: str
    parameter: str = ""
    given_by: tuple[str, ...] = ()
    is_hexadecimal: bool = True
    what: str = "ID"

    @property
    def hint(self) -> str:
        return f"such as {self.prefix}-0123456789abcdef0"

    @property
    def expression(self) -> str:
        return f"{self.prefix}-[0-9a-z]+"

    def fault(self, text: str) -> str:
        """Describe what is wrong with the digits of an ID; return an empty text if nothing is. IDs of EC2 have 17
        digits; those created before 2016 have 8.
        https://docs.aws.amazon.com/AWSEC2/latest/WindowsGuide/resource-ids.html"""
        digits = text.partition("-")[2]
        if not self.is_hexadecimal or re.fullmatch("[0-9a-f]{8}|[0-9a-f]{17}", digits):
            return ""
        return self.doubt(text) or f"is {quoted(text)}, without 17 hexadecimal digits after the hyphen"

    def doubt(self, text: str) -> str:
        """Describe an ID with an extra, missing or mistyped digit. Shorter IDs are assumed to be examples."""
        digits = text.partition("-")[2]
        if not self.is_hexadecimal or re.search(GAP, text) or len(digits) not in range(14, 21):
            return ""
        wrong = next((each for each in digits if each not in "0123456789abcdef"), "")
        if wrong:
            return f"is {quoted(text)}, but {quoted(wrong)} is not a hexadecimal digit"
        return "" if len(digits) == 17 else f"is {quoted(text)} with {len(digits)} digits instead of 17"

    def could_be(self, text: str) -> bool:
        head, *rest = re.split(GAP, text)
        if not rest:
            return self.matches(text)
        inside = all(re.fullmatch("[0-9a-z-]*", each) for each in (head, *rest))
        return inside and _could_begin(head, f"{self.prefix}-")


@frozen
class Arn(Form):
    """An ARN. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html

    services: its namespaces, the usual one first. starts: literal beginnings of the resource part. rest: a pattern for
    what follows; `named` is an example. region, account: patterns of these parts.
    """

    noun: str
    services: tuple[str, ...]
    starts: tuple[str, ...]
    rest: str
    named: str
    region: str = REGION
    account: str = ACCOUNT
    parameter: str = ""
    given_by: tuple[str, ...] = ()
    what: str = "ARN"

    @property
    def hint(self) -> str:
        between = f"{'REGION' if self.region else ''}:{'ACCOUNT' if self.account else ''}"
        return f"such as arn:aws:{self.services[0]}:{between}:{self.starts[0]}{self.named}"

    @property
    def resource(self) -> str:
        starts = "|".join(map(re.escape, self.starts))
        return f"(?:{starts}){self.rest}" if starts else self.rest

    @property
    def parts(self) -> tuple[str, ...]:
        """The patterns of the parts before the resource."""
        return "arn", PARTITION, f"(?:{'|'.join(self.services)})", self.region, self.account

    @property
    def expression(self) -> str:
        return ":".join((*self.parts, self.resource))

    def could_be(self, text: str) -> bool:
        head, *rest = re.split(GAP, text, maxsplit=1)
        if not rest:
            return self.matches(text)
        if not head.startswith("arn:"):
            return "arn:".startswith(head)
        found = text.split(":", 5)
        if len(found) < 6 or not (_is_part(found[3], REGION) and _is_part(found[4], "[0-9]*|aws")):
            return all(map(_fits, head.split(":")[:-1], self.parts))  # a gap can contain several parts
        return all(map(_fits, found, self.parts)) and self._could_end(found[5])

    def _could_end(self, resource: str) -> bool:
        head, *rest = re.split(GAP, resource, maxsplit=1)
        if not rest:
            return re.fullmatch(self.resource, resource) is not None
        return any(_could_begin(head, start) for start in self.starts)


def _is_part(part: str, pattern: str) -> bool:
    return not part or _fits(part, pattern)


def _fits(part: str, pattern: str) -> bool:
    return re.search(GAP, part) is not None or re.fullmatch(pattern, part) is not None


def _could_begin(head: str, start: str) -> bool:
    """Return whether a text that begins with `head` and a gap can begin with `start`."""
    return head.startswith(start) or start.startswith(head)


def words_of(forms: Sequence[Form]) -> str:
    """Return the words for several forms, such as `the name or ARN of a role`."""
    whats: dict[str, list[str]] = {}
    for form in forms:
        whats.setdefault(form.noun, []).append(form.what)
    return " or ".join(f"the {' or '.join(dict.fromkeys(each))} of {noun}" for noun, each in whats.items())


def overlap(one: object, other: object) -> bool:
    """Return whether an ID or ARN can have both forms."""
    if isinstance(one, Id) and isinstance(other, Id):
        return one.prefix == other.prefix
    if isinstance(one, Arn) and isinstance(other, Arn):
        begins = any(a.startswith(b) or b.startswith(a) for a in one.starts for b in other.starts)
        return begins and bool({*one.services} & {*other.services})
    return False
