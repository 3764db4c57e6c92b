"""Checks of the conditions of grants: operators, keys and values.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pipegen.errors import Path, Problem, did_you_mean, quoted
from pipegen.facts import closest, iam, unlisted
from pipegen.fields.gaps import is_known
from pipegen.values.value import Value, Values

_OPERATORS = tuple(
    f"{comparison}{suffix}"
    for comparison in (
        *(
            f"String{name}"
            for name in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
        ),
        *(f"Arn{name}" for name in ("Equals", "NotEquals", "Like", "NotLike")),
        *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
        *(
            f"{kind}{name}"
            for kind in ("Numeric", "Date")
            for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
        ),
    )
    for suffix in ("", "IfExists")
)
CONDITION_OPERATORS = (
    *_OPERATORS,
    *(f"{quantifier}:{name}" for quantifier in ("ForAnyValue", "ForAllValues") for name in _OPERATORS),
    "Null",
)


def condition_problems(
    conditions: Mapping[str, Mapping[str, Value | Values]], actions: Sequence[str]
) -> Iterator[Problem]:
    """Problems with conditions: keys and values by operator. Paths are relative to them. actions: of the grant."""
    known = _known_keys(actions)
    for operator, keys in conditions.items():
        if not keys:
            yield Problem("grant-condition", (operator,), f"{operator} has no keys", "give it one")
        if operator not in CONDITION_OPERATORS:
            near = closest(operator, CONDITION_OPERATORS)
            fix = did_you_mean(near) or "such as StringEquals or ArnLike"
            text = f"{quoted(operator, 60)} is not a condition operator"
            yield Problem("grant-condition", (operator,), text, fix)
        for key, values in keys.items():
            if not _is_listed(key, known):
                yield unlisted("grant-condition", (operator, key), key, known, "condition key", fix=_KEYS)
            yield from _value_problems(operator, (operator, key), values)
            if key.lower() == "iam:passedtoservice":
                yield from _service_problems((operator, key), values)


_KEYS = "see the condition keys in https://docs.aws.amazon.com/service-authorization/latest/reference/"


def _known_keys(actions: Sequence[str]) -> Sequence[str]:
    """The global keys, and those of the services whose actions are granted."""
    services = [iam.service(prefix) for prefix in dict.fromkeys(action.partition(":")[0] for action in actions)]
    return [*iam.global_keys(), *sorted({key for each in services if each is not None for key in each.keys})]


def _is_listed(key: str, known: Sequence[str]) -> bool:
    """Whether a key is known, ignoring case. Keys of identity providers and of tags are not listed individually."""
    lower = key.lower()
    prefix = lower.partition(":")[0]
    if prefix != "aws" and prefix not in iam.prefixes():
        return "." in prefix  # such as accounts.google.com:aud
    return any(lower == each.lower() or (each.endswith("*") and lower.startswith(each[:-1].lower())) for each in known)


def _service_problems(path: Path, values: Value | Values) -> Iterator[Problem]:
    """Problems with unknown service principals that are similar to known ones, as the list is incomplete."""
    for value in _texts(values):
        name, dot, _ = value.partition(".amazonaws.com")
        known = iam.service_principals()
        if re.fullmatch("[a-z0-9.-]+", name) and name not in known:
            near = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.85)), "")
            if near or not dot:
                text = f"{quoted(value, 60)} is not a known service"
                fix = did_you_mean(f"{near or name}.amazonaws.com")
                yield Problem("grant-condition", path, text, fix, "warning")


def _texts(values: Value | Values) -> Iterator[str]:
    """The literal values without IAM policy variables."""
    for value in [values] if isinstance(values, str) else values if isinstance(values, list | tuple) else []:
        if is_known(value) and "${" not in value:
            yield value


def _value_problems(operator: str, path: Path, values: Value | Values) -> Iterator[Problem]:
    """Problems with values that an operator cannot compare."""
    kind = re.sub(r"^For(?:Any|All)Values?:|IfExists$", "", operator)
    form = next((each for start, each in _FORMS.items() if kind.removeprefix("Not").startswith(start)), None)
    if kind in ("StringEquals", "StringNotEquals"):
        for value in _texts(values):
            if "*" in value:
                like = operator.replace("Equals", "Like")
                text = f"{operator} takes the * in {quoted(value, 60)} for a character"
                yield Problem("grant-condition", path, text, f"use {like}", "warning")
    if form is None:
        return
    words, is_right = form
    for value in _texts(values):
        if not is_right(value):
            text = f"{operator} compares {words}, and {quoted(value, 60)} is none"
            yield Problem("grant-condition", path, text, "correct the value, or use another operator")


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


_FORMS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "Arn": ("ARNs", _is(r"(?:arn|\*)(?::.*)?|arn:.*")),
    "Bool": ("true or false", _is("(?i:true|false)")),
    "Date": (
        "dates such as 2030-11-29T06:00:00Z",
        _is(r"\d{4}-\d{2}-\d{2}(?:T\d{2}(?::\d{2}){0,2}.*)?|\d+(?:\.\d+)?"),
    ),
    "IpAddress": ("IP addresses and ranges of them", _is_network),
    "Null": ("true or false", _is("(?i:true|false)")),
    "Numeric": ("numbers", _is(r"[-+]?\d+(?:\.\d+)?")),
}
"""The values that operators accept, in words and as a function, by the prefix of the operator."""
