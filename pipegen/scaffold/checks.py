"""The commands with which hooks and workflows check definitions."""

from __future__ import annotations

import re
import shlex

from pipegen.frozen import frozen


@frozen
class CheckTarget:
    """What hooks and workflows check.

    path: the file of a definition, or the directory of a fleet. templates: the output directory; both are relative to
    the root of the repository. sets_output: whether the fleet's file sets the output directory.
    """

    path: str
    templates: str
    is_fleet: bool
    sets_output: bool = False

    @property
    def validate(self) -> str:
        return shlex.join(["pipegen", "validate", self.path])

    @property
    def render(self) -> str:
        output = [] if self.sets_output else ["-o", self.templates]
        return shlex.join(["pipegen", "render", self.path, *output, "--check"])

    @property
    def pattern(self) -> str:
        """A regular expression for the files whose changes are checked; "" for all files, as in a fleet."""
        return "" if self.is_fleet else f"^({re.escape(self.path)}|{re.escape(self.templates)}/.*)$"
