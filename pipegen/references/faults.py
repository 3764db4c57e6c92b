"""What was found in the place of a reference, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipegen.errors import quoted
from pipegen.fields.gaps import GAP
from pipegen.references.forms import Arn, Form, Id, Name

_HEXADECIMAL = re.compile("[a-z]+-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_PLACES = {1: "partition", 3: "region", 4: "account"}
"""Of the parts of an ARN."""


def is_id(text: str) -> bool:
    """Whether a text is an id of EC2 or EFS, which nobody gives as a name."""
    return _HEXADECIMAL.fullmatch(text) is not None and isinstance(form_of(text), Id)


def form_of(text: str) -> Form | None:
    """The form that a text evidently has, whatever it was meant for."""
    from pipegen.references.others import every_form

    return next((each for each in every_form() if not isinstance(each, Name) and each.could_be(text)), None)


def described(text: str, wanted: Sequence[Form]) -> str:
    """A text that has none of the forms that are wanted, with what it is instead."""
    given = quoted(re.sub(GAP, "…", text), 120)
    damage = next((found for form in wanted if isinstance(form, Arn) for found in _damages(text, form)), "")
    if damage:
        return f"{given}, {damage}"
    form = form_of(_with_whole_account(text)) if _begins_known(text) else None
    if form is not None and form.words not in [each.words for each in wanted]:
        return f"{given}, {form.words}"
    service = re.match(r"arn:[a-z-]+:([a-z0-9-]+):", text)
    if service and not any(isinstance(each, Arn) and service[1] in each.services for each in wanted):
        return f"{given}, an ARN of the service {service[1]}"
    return given


def _begins_known(text: str) -> bool:
    return re.match(GAP, text) is None


def _with_whole_account(text: str) -> str:
    return re.sub(r"^(arn:(?:[^:]*:){3})[0-9]+:", r"\g<1>123456789012:", text)


def _damages(text: str, form: Arn) -> Iterator[str]:
    """What is wrong with a text that would be an ARN of this form, but for the parts before the resource."""
    parts = text.split(":", 5)
    if len(parts) < 6 or not re.fullmatch(form.resource, parts[5]):
        return
    wrong = [index for index in range(5) if not re.fullmatch(form.parts[index], parts[index])]
    if wrong and set(wrong) <= _PLACES.keys():
        yield from (_damage(_PLACES[index], parts[index], form.parts[index]) for index in wrong)


def _damage(place: str, part: str, pattern: str) -> str:
    if not part:
        return f"which has no {place}"
    if not pattern:
        return f"which has the {place} {part}, where there is none"
    if place == "account" and part.isdecimal():
        return f"whose account has {len(part)} digits instead of 12"
    return f"in which {part} is not {'an' if place == 'account' else 'a'} {place}"


def shortened(text: str, wanted: Sequence[Form]) -> str:
    """The id or name in the ARN of the same thing; nothing where there is none."""
    form = form_of(text)
    same = [each for each in wanted if form is not None and each.noun == form.noun and not isinstance(each, Arn)]
    name = re.split("[:/]", text)[-1]
    return next((f"give its {each.what}, {name}" for each in same if each.matches(name)), "")
