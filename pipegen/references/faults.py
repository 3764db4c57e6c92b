"""Descriptions of values that are not the expected reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipegen.errors import quoted
from pipegen.fields.gaps import GAP
from pipegen.references.forms import Arn, Form, Id, Name

_HEXADECIMAL = re.compile("[a-z]+-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_PARTS = {1: "partition", 3: "region", 4: "account"}
"""Names of ARN parts by index."""


def is_id(text: str) -> bool:
    """Return whether a text is an ID of EC2 or EFS; such a text is not a name."""
    return _HEXADECIMAL.fullmatch(text) is not None and isinstance(form_of(text), Id)


def form_of(text: str) -> Form | None:
    """Return the form of a text, among all known forms."""
    from pipegen.references.others import every_form

    return next((each for each in every_form() if not isinstance(each, Name) and each.could_be(text)), None)


def described(text: str, expected: Sequence[Form]) -> str:
    """Describe a text that has none of the expected forms: the text, and what it is."""
    shown_text = quoted(re.sub(GAP, "…", text), 120)
    damage = next((found for form in expected if isinstance(form, Arn) for found in _damages(text, form)), "")
    if damage:
        return f"{shown_text}, {damage}"
    form = form_of(_with_whole_account(text)) if _begins_known(text) else None
    if form is not None and form.words not in [each.words for each in expected]:
        return f"{shown_text}, {form.words}"
    service = re.match(r"arn:[a-z-]+:([a-z0-9-]+):", text)
    if service and not any(isinstance(each, Arn) and service[1] in each.services for each in expected):
        return f"{shown_text}, an ARN of the service {service[1]}"
    return shown_text


def _begins_known(text: str) -> bool:
    return re.match(GAP, text) is None


def _with_whole_account(text: str) -> str:
    return re.sub(r"^(arn:(?:[^:]*:){3})[0-9]+:", r"\g<1>123456789012:", text)


def _damages(text: str, form: Arn) -> Iterator[str]:
    """Describe the faults of a text that is an ARN of this form except for the parts before the resource."""
    parts = text.split(":", 5)
    if len(parts) < 6 or not re.fullmatch(form.resource, parts[5]):
        return
    wrong = [index for index in range(5) if not re.fullmatch(form.parts[index], parts[index])]
    if wrong and set(wrong) <= _PARTS.keys():
        yield from (_damage(_PARTS[index], parts[index], form.parts[index]) for index in wrong)


def _damage(name: str, part: str, pattern: str) -> str:
    if not part:
        return f"whose {name} is missing"
    if not pattern:
        return f"which must not have a {name}, got {part}"
    if name == "account" and part.isdecimal():
        return f"whose account must have 12 digits, got {len(part)}"
    return f"in which {part} is not a valid {name}"


def shortened(text: str, expected: Sequence[Form]) -> str:
    """Return the fix for an ARN where an ID or name of the same resource is expected; otherwise an empty text."""
    form = form_of(text)
    same = [each for each in expected if form is not None and each.noun == form.noun and not isinstance(each, Arn)]
    name = re.split("[:/]", text)[-1]
    return next((f"use its {each.what}, {name}" for each in same if each.matches(name)), "")
