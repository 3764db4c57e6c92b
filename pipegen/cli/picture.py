"""Draw blueprints as text that fits the terminal."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pipegen.errors import one_line, printable

if TYPE_CHECKING:
    from pipegen.loading.blueprints.parameter import BlueprintParameter

_WIDEST = 110
"""Longer lines are hard to read."""


def terminal_width() -> int:
    """Return the columns of the terminal, or 80 if standard output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def table(rows: Sequence[tuple[str, str, str]], width: int) -> Iterator[str]:
    """Lay out rows of name, text and source in columns, or in wrapped lines if columns do not fit."""
    first = max((len(row[0]) for row in rows), default=0) + 2
    second = max((len(row[1]) for row in rows), default=0) + 2
    for name, text, source in rows:
        if first + second + max(len(row[2]) for row in rows) <= width:
            yield printable(f"{name:{first}}{text:{second}}{source}")
        else:
            yield from _wrapped(name.ljust(first), printable(f"{text} ({source})"), width)


def drawn(described: Mapping[str, Any], source: str, width: int) -> Iterator[str]:
    """Describe a blueprint as text."""
    width = min(width, _WIDEST)
    yield from _wrapped("", f"{described['name']}: {described['summary']} ({source})", width)
    if described["stages"]:
        yield from ("", "Stages")
        yield from picture(described["stages"], width)
    else:
        yield from ("", "Its stages depend on arguments without a default or sample.")
    required = [each for each in described["parameters"] if each["required"]]
    optional = [each for each in described["parameters"] if not each["required"]]
    for title, parameters in (("Required", required), ("Optional", optional)):
        yield from _section(title, [(each["name"], _about(each)) for each in parameters], width)
    yield from _section("Services", [(each["key"], _service(each)) for each in described["services"]], width)
    rows = [(each["name"], _about(each)) for each in described["cloudformation_parameters"]]
    yield from _section("CloudFormation parameters of its stacks", rows, width)
    if described["stacks"]:
        yield from ("", "Stacks, in order of deployment")
        yield from _wrapped("  ", ", ".join(described["stacks"]), width)
    if described["files"]:
        yield from ("", "Files for the application, from the templates")
        yield from _wrapped("  ", ", ".join(described["files"]), width)


def picture(stages: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """Draw a pipeline from top to bottom: in a stage, `->` separates actions that run in sequence, `+` in parallel."""
    names = [_cut(stage["name"], 24) for stage in stages]
    first = max(map(len, names)) + 4
    for index, (name, stage) in enumerate(zip(names, stages, strict=True)):
        if index:
            yield "  |"
        yield from _wrapped(f"  {name}".ljust(first), _actions(stage["actions"]), width)
        for condition in stage["conditions"]:
            line = "  |" if index + 1 < len(stages) else "   "
            yield from _wrapped(line.ljust(first), _condition(condition), width)


def _actions(actions: Iterable[Mapping[str, Any]]) -> str:
    orders = groupby(actions, key=lambda action: action["run_order"])
    return " -> ".join(" + ".join(map(_action, group)) for _, group in orders)


def _action(action: Mapping[str, Any]) -> str:
    target = f" to {', '.join(action['deploys_to'])}" if action["deploys_to"] else ""
    return one_line(f"{action['name']} ({action['kind']}{target})")


def _condition(condition: Mapping[str, Any]) -> str:
    rules = ", ".join(f"{rule['name']} ({rule['kind']})" for rule in condition["rules"])
    match condition["when"]:
        case "on_failure":
            words = f"on failure: {condition['result']}{f' if {rules}' if rules else ''}"
        case when:
            words = f"{when.replace('_', ' ')}: {rules}, else {condition['result']}"
    return one_line(words)


def _service(service: Mapping[str, Any]) -> str:
    balanced = {"own": "its own load balancer", "shared": "a rule on a shared listener"}
    return f"{service['deployment']} deployments, {balanced.get(service['load_balancer'], 'no load balancer')}"


def _section(title: str, rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    if not rows:
        return
    yield from ("", title)
    first = min(max(len(name) for name, _ in rows), 24) + 4
    for name, about in rows:
        yield from _wrapped(f"  {name}  ".ljust(first), about, width, first)


def _about(parameter: Mapping[str, Any]) -> str:
    """Describe a parameter in one line: its description, type, limits and default."""
    facts = [] if parameter["type"] in ("string", "String") else [parameter["type"]]
    if "allowed_values" in parameter:
        facts.append(f"one of {', '.join(map(literal, parameter['allowed_values']))}")
    if "pattern" in parameter:
        facts.append(parameter.get("pattern_description") or f"like {parameter['pattern']}")
    facts += [
        f"{words} {parameter[key]:g}"
        for key, words in (("minimum", "at least"), ("maximum", "at most"))
        if key in parameter
    ]
    facts += [f"default {literal(parameter['default'])}"] if "default" in parameter else []
    facts += [f"this fleet's {literal(parameter['fleet_default'])}"] if "fleet_default" in parameter else []
    told = f" [{'; '.join(facts)}]" if facts else ""
    return one_line(f"{parameter['description']}{told}".strip(), 1000)


def about_parameter(parameter: BlueprintParameter) -> str:
    """Describe a blueprint's parameter, with its type and limits."""
    facts = {"type": parameter.type, "description": parameter.description}
    limits = {
        "allowed_values": parameter.allowed_values or None,
        "pattern": parameter.pattern,
        "pattern_description": parameter.pattern_description or None,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
    }
    return _about({**facts, **{key: value for key, value in limits.items() if value is not None}})


def literal(data: Any) -> str:
    return data if isinstance(data, str) and data else json.dumps(data, ensure_ascii=False)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _wrapped(head: str, text: str, width: int, indent: int | None = None) -> Iterator[str]:
    """Wrap a text after a head. Further lines are indented below the first."""
    below = " " * (len(head) if indent is None else indent)
    lines = textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=below or "  ", break_on_hyphens=False
    ) or [head.rstrip()]
    yield from map(str.rstrip, lines)
