"""The one YAML writer: block style, literal blocks for multi-line text, quotes only where YAML needs them, no aliases.

It builds PyYAML nodes itself and leaves the writing to libyaml's emitter: several times faster than representing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import yaml

_STRING = "tag:yaml.org,2002:str"
_MAPPING = "tag:yaml.org,2002:map"
_SEQUENCE = "tag:yaml.org,2002:seq"
_NO_FOLDING = 2**31 - 1


@lru_cache(maxsize=4096)
def _implicit_tag(text: str, plain: bool, quoted: bool) -> str:
    return str(_RESOLVER.resolve(yaml.ScalarNode, text, (plain, quoted)))


_RESOLVER: Any = yaml.resolver.Resolver()


class _Dumper(yaml.CSafeDumper):
    """libyaml asks for every scalar whether it would be read as something else; templates say the same words often."""

    def resolve(self, kind: type, value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _implicit_tag(value, *implicit)
        return str(_RESOLVER.resolve(kind, value, implicit))


_NUMBER = re.compile(r"[-+]?(0o?[0-7]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)")

Short = Callable[[Mapping[str, Any]], yaml.Node | None]
"""What a mapping is written as where there is a shorter form for it, else None."""


def dump(data: Any, short: Short | None = None) -> str:
    """Plain data as YAML text, keys in the order given."""
    return written(node(data, short))


def written(root: yaml.Node) -> str:
    """A node as YAML text."""
    return str(yaml.serialize(root, Dumper=_Dumper, width=_NO_FOLDING, allow_unicode=True))


def node(data: Any, short: Short | None = None) -> yaml.Node:
    if isinstance(data, str):
        return scalar(data)
    if isinstance(data, dict | Mapping):  # dict first: the other takes a while
        if short is not None and (shortened := short(data)) is not None:
            return shortened
        pairs = [(scalar(str(key)), node(value, short)) for key, value in data.items()]
        return yaml.MappingNode(_MAPPING, pairs, flow_style=not pairs)
    if isinstance(data, list | tuple):
        return yaml.SequenceNode(_SEQUENCE, [node(item, short) for item in data], flow_style=not data)
    if isinstance(data, bool):
        return yaml.ScalarNode("tag:yaml.org,2002:bool", "true" if data else "false")
    if isinstance(data, int):
        return yaml.ScalarNode("tag:yaml.org,2002:int", str(data))
    if isinstance(data, float):
        text = repr(data)  # YAML 1.1 knows a float by its point
        return yaml.ScalarNode("tag:yaml.org,2002:float", text if "." in text else text.replace("e", ".0e"))
    if data is None:
        return yaml.ScalarNode("tag:yaml.org,2002:null", "null")
    raise TypeError(f"cannot write {type(data).__name__} as YAML")


def scalar(text: str, tag: str = _STRING) -> yaml.ScalarNode:
    """A text; several lines as a literal block. libyaml falls back to quotes where a block cannot hold the text."""
    return yaml.ScalarNode(tag, text, style=_style(text, tag))


@lru_cache(maxsize=4096)
def _style(text: str, tag: str) -> str | None:
    if "\n" in text:
        return "|"
    if text.startswith(("=", "<<")):
        return '"'
    # YAML 1.1 and 1.2 disagree about what is a number
    return "'" if tag == _STRING and _NUMBER.fullmatch(text) else None
