"""The options of `pipegen init`, and the command that repeats it with the answers so far."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipegen.frozen import frozen

_CONTINUED = " \\\n    "


class Workflow(StrEnum):
    """Where a workflow runs."""

    github = "github"


@frozen(kw_only=True)
class Request:
    """The options of one definition.

    settings: the arguments of `--set`. files: the directory for the files of the blueprint. no_files: whether they are
    not written.
    """

    file: Path | None = None
    blueprint: str | None = None
    settings: tuple[str, ...] = ()
    files: Path | None = None
    no_files: bool = False
    no_input: bool = False
    pre_commit: bool = False
    workflow: Workflow | None = None
    force: bool = False

    @property
    def asks(self) -> bool:
        """Whether questions can be asked: standard input and error are a terminal that can move its cursor."""
        terminal = sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM") not in (None, "", "dumb")
        return terminal and not self.no_input and not os.environ.get("CI")

    def command(self, blueprint: str | None, answers: Mapping[str, Any]) -> str:
        """Return the command that continues where this one ended, with one option on each line."""
        return _CONTINUED.join(shlex.join(words) for words in self._lines(blueprint, answers))

    def _lines(self, blueprint: str | None, answers: Mapping[str, Any]) -> Iterator[list[str]]:
        from pipegen.loading.blueprints.arguments import argument_text

        yield ["pipegen", "init", *([str(self.file)] if self.file is not None else [])]
        if blueprint is not None:
            yield ["--blueprint", blueprint]
        yield from (["--set", f"{name}={argument_text(data)}"] for name, data in answers.items())
        if self.files is not None:
            yield ["--files", str(self.files)]
        if self.workflow is not None:
            yield ["--workflow", self.workflow.value]
        flags = {"--no-files": self.no_files, "--pre-commit": self.pre_commit, "--force": self.force}
        yield from ([flag] for flag, is_set in flags.items() if is_set)
