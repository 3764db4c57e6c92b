"""A bash that keeps its variables, its directory and its jobs from one command to the next, as in a terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Shell:
    process: subprocess.Popen[str]

    def run(self, command: str) -> tuple[str, int]:
        """Run a command; returns what it prints on both streams, in order, and its exit code."""
        end = uuid.uuid4().hex
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '{end}%d\\n' $?\n")
        self.process.stdin.flush()
        printed = ""
        while (match := re.search(rf"{end}(\d+)\n", printed)) is None:
            line = self.process.stdout.readline()
            assert line, f"bash ended: {printed}"
            printed += line
        return printed[: match.start()], int(match[1])


@contextmanager
def start_shell(directory: Path, environment: Mapping[str, str]) -> Iterator[Shell]:
    """Run bash in a directory until the block ends."""
    pipe = subprocess.PIPE
    command = ["bash", "--noprofile", "--norc", "-c", "exec bash --noprofile --norc 2>&1"]
    with subprocess.Popen(
        command, cwd=directory, env=environment, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as process:
        try:
            yield Shell(process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # its jobs too
            process.communicate()
