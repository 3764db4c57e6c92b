"""What whole processes take, beside one that only imports troposphere and PyYAML."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

COMMAND = Path(sys.executable).parent / "pipegen"
IMPORTS = (sys.executable, "-c", "import troposphere, yaml")
ROUNDS = 10


def processor_time(*commands: Sequence[str | Path]) -> list[float]:
    """The least processor time of each command in milliseconds; they take turns, so that all meet the same machine."""
    rounds = [[_once(command) for command in commands] for _ in range(ROUNDS)]
    return [min(times) * 1000 for times in zip(*rounds, strict=True)]


def relative_time(base: Sequence[str | Path], command: Sequence[str | Path]) -> float:
    """How many times the processor time of `base` a command takes. Both run in turns, and the median of the turns does
    not depend on how fast the machine is in one of them."""
    return statistics.median(_once(command) / _once(base) for _ in range(2 * ROUNDS))


def _once(command: Sequence[str | Path]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
