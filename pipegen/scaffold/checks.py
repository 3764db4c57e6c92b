"""The commands that check definitions in a repository before a change of it is taken."""

from __future__ import annotations

import re
import shlex

from pipegen.frozen import frozen


@frozen
class CheckTarget:
    """What is checked. path: a definition's file, or a fleet's directory. templates: the directory that it is
    rendered into; both are seen from the repository's root. sets_output: whether the fleet's own file names that
    directory."""

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
        """Of the files that a change of which is checked; all of them in a fleet."""
        return "" if self.is_fleet else f"^({re.escape(self.path)}|{re.escape(self.templates)}/.*)$"
