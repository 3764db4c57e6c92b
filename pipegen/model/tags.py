"""The tags that all tagged AWS services accept.

IAM has the strictest rules, and roles get all tags of a definition.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules (keys differ by more than case)
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html (`aws:` begins neither keys nor values)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.errors import Path, Problem, one_line, quoted
from pipegen.values.expression import Expression

_KEY, _VALUE = 128, 256
_SIGNS = "_.:/=+-@"
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_CHARACTERS = f"letters, digits, spaces and {' '.join(_SIGNS)}"


def tag_problems(tags: Mapping[str, Any], path: Path = ("tags",)) -> Iterator[Problem]:
    """Problems with tags that AWS would reject. path: the location of the tags."""
    known: dict[str, str] = {}
    for key, value in tags.items():
        here = (*path, key)
        other = known.setdefault(key.lower(), key)
        if other != key:
            text = f"the tags {one_line(other, 60)} and {one_line(key, 60)} differ by case only"
            yield Problem("tags", here, text, "IAM takes them for one: keep one of the two")
        if fault := _key_fault(key):
            yield Problem("tags", here, f"{quoted(key, 120)} cannot be the key of a tag: {fault[0]}", fault[1])
        for part in literal_parts(value):
            if fault := tag_value_fault(part):
                text = f"the tag {one_line(key, 60)} cannot be {quoted(part)}: {fault[0]}"
                yield Problem("tags", here, text, fault[1])
                break


def _key_fault(key: str) -> tuple[str, str] | None:
    if not key:
        return "it is empty", "give it a name"
    return _fault(key, _KEY)


def tag_value_fault(value: str) -> tuple[str, str] | None:
    """The fault of a value and its fix, if AWS would reject the value."""
    return _fault(value, _VALUE)


def _fault(text: str, limit: int) -> tuple[str, str] | None:
    if len(text) > limit:
        return f"it has {len(text)} characters", f"{limit} at most"
    if text.lower().startswith("aws:"):
        return "aws: is reserved", "begin it with something else"
    if wrong := [each for each in text if each not in _SIGNS and unicodedata.category(each)[0] not in "LNZ"]:
        return f"it has the character {wrong[0]!a}", f"take {_CHARACTERS}"
    return None


def literal_parts(value: Any) -> list[str]:
    """The literal parts of a value: a string without dynamic references, or the texts inside an expression."""
    if isinstance(value, str):
        return _DYNAMIC.split(value)
    form = value.to_dict() if isinstance(value, Expression) else value
    if not isinstance(form, Mapping) or len(form) != 1:
        return []
    [(function, argument)] = form.items()
    if function == "Fn::Sub":
        text = argument if isinstance(argument, str) else argument[0]
        parts = [part for piece in _DYNAMIC.split(text) for part in re.split(r"\$\{[^!}][^}]*\}", piece)]
        return [part.replace("${!", "${") for part in parts]
    if function == "Fn::Join" and isinstance(argument[1], list | tuple):
        return [argument[0], *(part for item in argument[1] for part in literal_parts(item))]
    return [part for each in argument[1:] for part in literal_parts(each)] if function == "Fn::If" else []
