"""The one YAML writer: block style, literal blocks for multi-line text, quotes only where YAML needs them, no aliases.

It hands libyaml's emitter the events of a document: several times faster than representing, and than nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

_TAG = "tag:yaml.org,2002:"
_STRING = f"{_TAG}str"
_NO_FOLDING = 2**31 - 1
_NUMBER = re.compile(r"[-+]?(0o?[0-7]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)")

Short = Callable[[Mapping[str, Any]], tuple[str, str | Sequence[Any]] | None]
"""The tag and the argument as which a mapping is written where there is a shorter form for it, else None."""


def no_short_form(_data: Mapping[str, Any]) -> None:
    return None


def dump(data: Any, short: Short = no_short_form, *, flow: bool = False) -> str:
    """Plain data as YAML text, keys in the order given. flow: whether lists and mappings inside the outermost mapping
    are in brackets."""
    events: list[yaml.Event] = [StreamStartEvent(), DocumentStartEvent(explicit=False)]
    _add(events.append, data, short, False, flow)
    events += [DocumentEndEvent(explicit=False), StreamEndEvent()]
    return str(yaml.emit(events, Dumper=yaml.CSafeDumper, width=_NO_FOLDING, allow_unicode=True))


def _add(add: Callable[[yaml.Event], None], data: Any, short: Short, flow: bool, flow_inside: bool) -> None:
    """The events of data; a list that grows, as generators inside generators take twice the time."""
    kind = type(data)
    if kind is str or isinstance(data, str):
        add(_scalar(data, _STRING))
    elif kind is dict or isinstance(data, Mapping):  # dict first: the other takes a while
        if (shortened := short(data)) is not None:
            _add_tagged(add, *shortened, short, flow_inside)
            return
        add(_FLOW_MAPPING if flow or not data else _BLOCK_MAPPING)
        for key, value in data.items():
            add(_scalar(str(key), _STRING))
            _add(add, value, short, flow_inside, flow_inside)
        add(_MAPPING_END)
    elif isinstance(data, list | tuple):
        add(_FLOW_SEQUENCE if flow or not data else _BLOCK_SEQUENCE)
        for item in data:
            _add(add, item, short, flow_inside, flow_inside)
        add(_SEQUENCE_END)
    else:
        add(_scalar(*_atom(data)))


# Events say nothing of where they are, so one of each will do.
_FLOW_MAPPING, _BLOCK_MAPPING = (MappingStartEvent(None, None, True, flow_style=flow) for flow in (True, False))
_FLOW_SEQUENCE, _BLOCK_SEQUENCE = (SequenceStartEvent(None, None, True, flow_style=flow) for flow in (True, False))
_MAPPING_END, _SEQUENCE_END = MappingEndEvent(), SequenceEndEvent()


def _add_tagged(
    add: Callable[[yaml.Event], None], tag: str, argument: str | Sequence[Any], short: Short, flow: bool
) -> None:
    if isinstance(argument, str):
        add(_scalar(argument, tag))
        return
    add(SequenceStartEvent(None, tag, False, flow_style=flow))
    for item in argument:
        _add(add, item, short, flow, flow)
    add(_SEQUENCE_END)


def _atom(data: Any) -> tuple[str, str]:
    """The text of what is neither a text nor a list nor a mapping, and its tag."""
    if isinstance(data, bool):
        return "true" if data else "false", f"{_TAG}bool"
    if isinstance(data, int):
        return str(data), f"{_TAG}int"
    if isinstance(data, float):
        text = repr(data)  # YAML 1.1 knows a float by its point
        return text if "." in text else text.replace("e", ".0e"), f"{_TAG}float"
    if data is None:
        return "null", f"{_TAG}null"
    raise TypeError(f"cannot write {type(data).__name__} as YAML")


@lru_cache(maxsize=4096)
def _scalar(text: str, tag: str) -> ScalarEvent:
    """A text, which needs no tag where a reader would find that by itself, plain or in quotes. Templates say the same
    words often."""
    implicit = tuple(_RESOLVER.resolve(yaml.ScalarNode, text, each) == tag for each in ((True, False), (False, True)))
    return ScalarEvent(None, None if any(implicit) else tag, implicit, text, style=_style(text, tag))


_RESOLVER: Any = yaml.resolver.Resolver()


def _style(text: str, tag: str) -> str | None:
    """Several lines are a literal block. libyaml falls back to quotes where a block cannot hold the text."""
    if "\n" in text:
        return "|"
    if text.startswith(("=", "<<")):
        return '"'
    # YAML 1.1 and 1.2 disagree about what is a number
    return "'" if tag == _STRING and _NUMBER.fullmatch(text) else None
