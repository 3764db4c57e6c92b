"""Hooks for pre-commit, in a new configuration or added to an existing one.

They are local hooks that install this version of pipegen, as other versions may render other templates. https://pre-commit.com/#repository-local-hooks
"""

from __future__ import annotations

import textwrap
from typing import Any

import yaml

from pipegen._version import __version__
from pipegen.output.yaml import dump
from pipegen.scaffold.checks import CheckTarget

CONFIGURATION = ".pre-commit-config.yaml"
_PREFIX = "pipegen-"


class CannotAdd(Exception):
    """The configuration cannot be extended without changing the rest of it. text: what to add manually."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text


def hooks(checked: CheckTarget) -> dict[str, Any]:
    """Return the entry for the list of repositories."""
    common = {"language": "python", "additional_dependencies": [f"pipegen-aws=={__version__}"]}
    common |= {"files": checked.pattern} if checked.pattern else {}
    commands = {"validate": checked.validate, "render-check": checked.render}
    return {
        "repo": "local",
        "hooks": [
            {"id": f"{_PREFIX}{name}", "name": f"pipegen {name}", "entry": command, **common, "pass_filenames": False}
            for name, command in commands.items()
        ],
    }


def configuration(checked: CheckTarget) -> str:
    """Return a configuration with only these hooks."""
    return dump({"repos": [hooks(checked)]})


def added(text: str, checked: CheckTarget) -> str:
    """Add the hooks to the end of the list in a configuration, unless it has them. All other bytes stay.

    Raises CannotAdd.
    """
    entry = hooks(checked)
    try:
        before = yaml.safe_load(text)
        if _has_hooks(before):
            return text
        text_with_hooks = _inserted(text, dump([entry]))
        after = {**before, "repos": [*before.get("repos", ()), entry]}
        if text_with_hooks is not None and yaml.safe_load(text_with_hooks) == after:
            return text_with_hooks
    except (yaml.YAMLError, TypeError, AttributeError, ValueError):
        pass
    raise CannotAdd("the hooks cannot be added to its list of repositories", dump([entry]))


def _has_hooks(data: Any) -> bool:
    found = [hook["id"] for each in data.get("repos") or () for hook in each.get("hooks") or ()]
    return any(str(each).startswith(_PREFIX) for each in found)


def _inserted(text: str, entry: str) -> str | None:
    """Insert an entry after the last one of `repos:`. Returns None if that is not a block list with entries."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)  # libyaml's marks count bytes
    if not isinstance(root, yaml.MappingNode):
        return None
    found = next((value for key, value in root.value if key.value == "repos"), None)
    newline = "\r\n" if "\r\n" in text else "\n"
    if not isinstance(found, yaml.SequenceNode) or not found.value or found.flow_style:
        return None
    entry = textwrap.indent(entry, " " * found.start_mark.column).replace("\n", newline)
    end = _end(found)
    line_end = text.find("\n", max(end - 1, 0))
    if line_end < 0:
        return f"{text}{newline}{entry}"
    return f"{text[: line_end + 1]}{entry}{text[line_end + 1 :]}"


def _end(node: yaml.Node) -> int:
    """Return the end of the last scalar in a node. The end mark of a collection is where the next node begins."""
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _end(node.value[-1])
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        key, value = node.value[-1]
        return max(_end(value), int(key.end_mark.index))
    return int(node.end_mark.index)
