"""The script that deploys the stacks of a definition to environments, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from pipegen.deploy.commands import has_service
from pipegen.deploy.parameters import parameter_file, secrets, takes_file, variable_of
from pipegen.deploy.targets import target_in, targets
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.output.scripts import render
from pipegen.rendering import INLINE_LIMIT, RenderedStack

SCRIPT = "deploy.sh"


@frozen
class Step:
    """Stacks that are deployed one after the other, to each of the environments. region: in place of theirs."""

    environments: Sequence[str]
    stacks: Sequence[RenderedStack]
    region: str = ""


def profile_variable(environment: str) -> str:
    """Return the environment variable that overrides the AWS CLI profile of an environment in `deploy.sh`."""
    return f"AWS_PROFILE_{_suffix(environment)}"


def _suffix(environment: str) -> str:
    return re.sub("[^A-Za-z0-9]", "_", environment).upper()


def script_text(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> str:
    """Return the script, for bash 3.2 or newer. It reads the templates and parameter files next to it."""
    by_name = {each.stack.name: each for each in stacks}
    return render(
        "deploy.sh.j2",
        steps=[
            (each, [_stack(rendered, by_name, environments) for rendered in each.stacks])
            for each in _steps(stacks, environments)
        ],
        any_input=any(each.stack.inputs for each in stacks),
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
    """Yield the stacks in their order, consecutive ones of the same environments together."""
    for places, group in groupby(
        stacks, lambda each: [target.account_and_region for target in targets(each, environments)]
    ):
        other = [region for name, region in places if region != (environments[name].region or "")]
        yield Step([name for name, _ in places], [*group], *other[:1])


def _inputs(
    rendered: RenderedStack, stacks: Mapping[str, RenderedStack], environments: Mapping[str, Environment]
) -> Iterator[list[str]]:
    """Yield the parameters that are outputs of earlier stacks, each with the environment, region, stack and output."""
    for name, source in rendered.stack.inputs.items():
        own = source.environment
        [target] = targets(stacks[source.stack], environments) if own is None else target_in(own, environments)
        yield [name, *target.account_and_region, source.stack, source.output]


def _stack(
    rendered: RenderedStack, stacks: Mapping[str, RenderedStack], environments: Mapping[str, Environment]
) -> Mapping[str, Any]:
    return {
        "inputs": [*_inputs(rendered, stacks, environments)],
        "name": rendered.stack.name,
        "template": rendered.file_name,
        "capabilities": rendered.stack.capabilities,
        "needs_bucket": rendered.needs_bucket,
        "takes_file": takes_file([rendered]),
        "secrets": secrets([rendered]),
        "has_service": has_service(rendered),
    }
