"""The script that deploys the stacks of a definition to an environment, in order."""

from __future__ import annotations

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
        stacks=[_stack(each) for each in stacks],
        environments=environments,
        parameter_file=parameter_file,
        any_secret=bool(secrets(stacks)),
        any_service=any(map(has_service, stacks)),
        large=[each.stack.name for each in stacks if each.needs_bucket],
        limit=f"{INLINE_LIMIT:,}",
        variable=variable_of(""),
    )


def _stack(rendered: RenderedStack) -> Mapping[str, Any]:
    return {
        "name": rendered.stack.name,
        "template": rendered.file_name,
        "capabilities": rendered.stack.capabilities,
        "needs_bucket": rendered.needs_bucket,
        "takes_file": takes_file([rendered]),
        "secrets": secrets([rendered]),
        "has_service": has_service(rendered),
    }
