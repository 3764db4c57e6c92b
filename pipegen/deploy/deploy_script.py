"""The script that deploys the stacks of a definition to an environment, in order."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from pipegen.deploy.commands import has_service
from pipegen.deploy.parameters import parameter_file, secrets, takes_file, variable_of
from pipegen.model.environment import Environment
from pipegen.output.scripts import render
from pipegen.rendering import INLINE_LIMIT, RenderedStack

SCRIPT = "deploy.sh"


def script_text(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> str:
    """Return the script, for bash 3.2 or newer. It reads the templates and parameter files next to it."""
    return render(
        "deploy.sh.j2",
        stacks=[_stack(variants) for variants in _by_name(stacks).values()],
        environments=environments,
        parameter_file=parameter_file,
        any_secret=bool(secrets(stacks)),
        any_service=any(map(has_service, stacks)),
        large=list(dict.fromkeys(each.stack.name for each in stacks if each.needs_bucket)),
        limit=f"{INLINE_LIMIT:,}",
        variable=variable_of(""),
    )


def _by_name(stacks: Sequence[RenderedStack]) -> Mapping[str, Sequence[RenderedStack]]:
    """Group the templates of a stack, which can differ between environments."""
    found: dict[str, list[RenderedStack]] = {}
    for each in stacks:
        found.setdefault(each.name, []).append(each)
    return found


def _stack(variants: Sequence[RenderedStack]) -> Mapping[str, Any]:
    return {
        "name": variants[0].name,
        "template": _template(variants[0]),
        "capabilities": list(dict.fromkeys(each for rendered in variants for each in rendered.stack.capabilities)),
        "needs_bucket": any(each.needs_bucket for each in variants),
        "takes_file": takes_file(variants),
        "secrets": secrets(variants),
        "has_service": any(map(has_service, variants)),
    }


def _template(rendered: RenderedStack) -> str:
    """Return the path of the template as a word of the shell."""
    if not rendered.environment:
        return shlex.quote(rendered.file_name)
    return f'"{rendered.name}.$environment.{rendered.format}"'
