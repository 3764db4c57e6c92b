"""Writing YAML: block style, literal blocks for multi-line strings, quotes only where necessary, no aliases.

Events are passed directly to libyaml's emitter, which is several times faster than PyYAML's representers.
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
"""Returns the tag and the argument of a mapping's short form; None if it does not have one."""


def no_short_form(_data: Mapping[str, Any]) -> None:
    return None


def dump(data: Any, short: Short = no_short_form, *, flow: bool = False) -> str:
    """Write plain data as YAML, in the order of its keys. flow: whether lists and mappings inside the outermost mapping
    are in flow style."""
    events: list[yaml.Event] = [StreamStartEvent(), DocumentStartEvent(explicit=False)]
    _add(events.append, data, short, False, flow)
    events += [DocumentEndEvent(explicit=False), StreamEndEvent()]
    return str(yaml.emit(events, Dumper=yaml.CSafeDumper, width=_NO_FOLDING, allow_unicode=True))


def _add(add: Callable[[yaml.Event], None], data: Any, short: Short, flow: bool, flow_inside: bool) -> None:
    """Add the events of data to a list, which is twice as fast as nested generators."""
    if isinstance(data, str):
        add(_scalar(data, _STRING))
    elif isinstance(data, dict):
        if (shortened := short(data)) is not None:
            _add_tagged(add, *shortened, short, flow_inside)
            return
        add(_FLOW_MAPPING if flow or not data else _BLOCK_MAPPING)
        for key, value in data.items():
            add(_scalar(str(key), _STRING))
            if type(value) is str:  # most are, and a call for each takes longer
                add(_scalar(value, _STRING))
            else:
                _add(add, value, short, flow_inside, flow_inside)
        add(_MAPPING_END)
    elif isinstance(data, (list, tuple)):
        add(_FLOW_SEQUENCE if flow or not data else _BLOCK_SEQUENCE)
        for item in data:
            _add(add, item, short, flow_inside, flow_inside)
        add(_SEQUENCE_END)
    else:
        add(_scalar(*_atom(data)))


# Events do not contain locations, so they can be shared.
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
    """The text of a scalar other than a string, and its tag."""
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
    """The event of a scalar, without a tag if YAML resolves it implicitly. Cached, as templates repeat many scalars."""
    implicit = tuple(_RESOLVER.resolve(yaml.ScalarNode, text, each) == tag for each in ((True, False), (False, True)))
    return ScalarEvent(None, None if any(implicit) else tag, implicit, text, style=_style(text, tag))


_RESOLVER: Any = yaml.resolver.Resolver()


def _style(text: str, tag: str) -> str | None:
    """The style of a scalar: a literal block for several lines, which libyaml replaces by quotes where necessary."""
    if "\n" in text:
        return "|"
    if text.startswith(("=", "<<")):
        return '"'
    # YAML 1.1 and 1.2 disagree about what is a number
    return "'" if tag == _STRING and _NUMBER.fullmatch(text) else None
