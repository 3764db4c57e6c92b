"""Messages about Python objects, which name CloudFormation's functions and values as Python writes them.

Checks write messages as for YAML, since most of them do not know where a value comes from.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count

from pipegen.errors import Problem

_STRING = re.compile(r"""(?<!\w)(?:"[^"]*"|'[^']*')(?!\w)""")
_WITH_LIST = re.compile(r"!(\w+) \[([^\[\]]*)\]")
_WITH_NAME = re.compile(r"!(\w+) (?:([A-Z…][\w.:…-]*)|(\w[\w.:-]*)(?=[,;)\]]|$)|(\0\d+\0))")
"""A tag with its argument: a name, which begins with a capital or is followed by no other words, or a string."""
_IN_A_ROW = re.compile(r"!(\w+)(?= !)")
_TAG = re.compile(r"(?<![\w!])!([A-Z]\w+)")
_VALUES = {"nothing": "None", "true": "True", "false": "False"}


def as_python(problem: Problem) -> Problem:
    """Return a problem whose message is about Python objects."""
    return replace(problem, text=in_python(problem.text), fix=in_python(problem.fix))


def in_python(text: str) -> str:
    """Write the functions and values in a message as Python does.

    >>> in_python("use !Select [0, !Ref Subnets], or !Sub")
    'use Select(0, Ref("Subnets")), or Sub'
    """
    text = re.sub(r"\bgot (nothing|true|false)\b", lambda found: f"got {_VALUES[found[1]]}", text)
    if "!" not in text:
        return text
    strings = _STRING.findall(text)
    numbers = count()
    written = _functions(_STRING.sub(lambda _found: f"\0{next(numbers)}\0", text))
    return re.sub(r"\0(\d+)\0", lambda found: strings[int(found[1])], written)


def _functions(text: str) -> str:
    while (called := _WITH_LIST.sub(r"\1(\2)", text)) != text:
        text = called
    text = _WITH_NAME.sub(lambda found: f"{found[1]}({found[4] or _strings(*found.group(1, 2, 3))})", text)
    return _TAG.sub(r"\1", _IN_A_ROW.sub(r"\1,", text))


def _strings(function: str, *names: str | None) -> str:
    """Write the names in an argument as strings: those of a resource and its attribute are two."""
    name = "".join(filter(None, names))
    return ", ".join(f'"{part}"' for part in (name.split(".", 1) if function == "GetAtt" else [name]))
