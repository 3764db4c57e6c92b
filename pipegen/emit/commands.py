"""The commands that deploy what was rendered."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pipegen.emit import Rendered

_CONTINUED = " \\\n    "


def deploy_command(rendered: Rendered, file: str) -> str:
    """`aws cloudformation deploy` for one stack; parameters without a default are left to fill in.
    https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/index.html"""
    stack = rendered.stack
    parts = ["aws cloudformation deploy", f"--stack-name {stack.name}", f"--template-file {shlex.quote(file)}"]
    if stack.capabilities:
        parts.append(f"--capabilities {' '.join(stack.capabilities)}")
    if rendered.needs_bucket:
        parts.append("--s3-bucket BUCKET")
    if stack.open_parameters:
        parts.append(f"--parameter-overrides {' '.join(f'{name}=VALUE' for name in stack.open_parameters)}")
    parts.append("--no-fail-on-empty-changeset")
    return _CONTINUED.join(parts)


def deploy_commands(rendered: Sequence[tuple[Rendered, str]]) -> str:
    return "\n".join(deploy_command(each, file) for each, file in rendered)
