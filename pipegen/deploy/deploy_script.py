"""The script that deploys the stacks of a definition to environments, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.deploy.commands import has_service
from pipegen.deploy.parameters import parameter_file, secrets, takes_file, variable_of
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.output.scripts import render
from pipegen.rendering import INLINE_LIMIT, RenderedStack

SCRIPT = "deploy.sh"


@frozen
class Step:
    """Stacks that are deployed one after the other, to each of the environments."""

    environments: Sequence[str]
    stacks: Sequence[RenderedStack]


def profile_variable(environment: str) -> str:
    """Return the environment variable that overrides the AWS CLI profile of an environment in `deploy.sh`."""
    return f"AWS_PROFILE_{_suffix(environment)}"


def _suffix(environment: str) -> str:
    return re.sub("[^A-Za-z0-9]", "_", environment).upper()


def script_text(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> str:
    """Return the script, for bash 3.2 or newer. It reads the templates and parameter files next to it."""
    return render(
        "deploy.sh.j2",
        steps=[(each.environments, [*map(_stack, each.stacks)]) for each in _steps(stacks, environments)],
        stacks=[each.stack.name for each in stacks],
        environments=environments,
        parameter_file=parameter_file,
        profile_variable=profile_variable,
        suffix=_suffix,
        any_secret=bool(secrets(stacks)),
        any_service=any(map(has_service, stacks)),
        large=[each.stack.name for each in stacks if each.needs_bucket],
        limit=f"{INLINE_LIMIT:,}",
        variable=variable_of(""),
    )


def _steps(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> Iterator[Step]:
    """Yield the stacks in their order, without a change of the environment if it is not necessary."""
    yield Step([*environments], stacks)


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
