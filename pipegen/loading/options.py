"""The options of `pipegen render` for a fleet. This module imports little, as it is always used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Literal

from pipegen.errors import Problem, quoted
from pipegen.fields.model import Model
from pipegen.frozen import frozen


@frozen(kw_only=True)
class RenderOptions(Model):
    """Options of `pipegen render` for a fleet, the same for people, hooks and workflows."""

    output: str | None = None
    """The directory of the output, relative to that of pipegen.yaml. The option `-o` takes precedence."""
    format: Literal["yaml", "json"] = "yaml"
    """The format of the templates. Default: yaml."""
    deploy_script: bool = False
    """Whether each definition gets a `deploy.sh`. Default: false."""
    git_sync: bool = False
    """Whether each definition gets deployment files for CloudFormation's Git sync. Default: false.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/git-sync.html"""

    def problems(self) -> Iterator[Problem]:
        if self.output is not None and (not self.output or "\0" in self.output or _is_absolute(self.output)):
            text = f"output must be a path relative to the fleet, got {quoted(self.output, 60)}"
            yield Problem("fleet-output", ("output",), text, "write one such as templates")


def _is_absolute(path: str) -> bool:
    return PurePosixPath(path).is_absolute() or path[1:2] == ":"
