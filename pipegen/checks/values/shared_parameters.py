"""Checks of parameters that two fields use as references to different resources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.errors import Problem, last_of
from pipegen.references.contents import parameters_of
from pipegen.references.forms import Arn, Id, overlap, words_of
from pipegen.references.mark import LocatedReference, Refers


def shared_parameters(references: Sequence[LocatedReference], declared: Mapping[str, Any]) -> Iterator[Problem]:
    """Find parameters of plain text that are, for example, the ARN of a connection in one field and of a certificate in
    another. Parameters with a resource type are checked against it elsewhere."""
    users: dict[str, list[LocatedReference]] = {}
    for each in references:
        for name, kind in parameters_of(each.value, declared):
            if not kind and not name.startswith("AWS::"):
                users.setdefault(name, []).append(each)
    for name, uses in users.items():
        right = _meant(name, uses)
        for each in uses:
            if _excludes(each.mark, right.mark):
                text = f"{last_of(each.path)} must {each.mark.demand}, got !Ref {name}, "
                text += f"which {last_of(right.path)} uses as {words_of(right.mark.forms)}"
                yield Problem("wrong-reference", each.path, text, "use separate parameters")


def _meant(name: str, references: Sequence[LocatedReference]) -> LocatedReference:
    """Return the intended use of a parameter, by its name or else by the majority of its uses."""
    uses = Counter(_noun(each.mark) for each in references)
    return max(references, key=lambda each: (_noun(each.mark) in _letters(name), uses[_noun(each.mark)]))


def _noun(mark: Refers) -> str:
    return _letters(mark.forms[0].noun.split(" ", 1)[-1])


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", text.lower())


def _excludes(one: Refers, other: Refers) -> bool:
    """Return whether no text is valid for both. Names can be equal, so one of them must be an ID or ARN."""
    if all(any(not isinstance(form, Arn | Id) for form in mark.forms) for mark in (one, other)):
        return False
    return not any(overlap(a, b) for a in one.forms for b in other.forms)
