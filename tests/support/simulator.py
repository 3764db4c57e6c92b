"""A simulator of IAM, which evaluates policies as AWS documents it, also across accounts: those of identities,
resources, roles and keys, with conditions. https://github.com/cloud-copilot/iam-simulate, run by Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("simulate.mjs")
PACKAGE = ROOT / ".venv-iam/node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js"
ALLOWED = "Allowed"
DENIED = ("ImplicitlyDenied", "ExplicitlyDenied")


@dataclass(frozen=True, slots=True)
class Simulator:
    process: subprocess.Popen[str]

    def answers(self, simulations: Sequence[Mapping[str, Any]]) -> list[str]:
        """Whether each call is allowed; a call that IAM does not have is an error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"calls": simulations}) + "\n")
        self.process.stdin.flush()
        answers = json.loads(self.process.stdout.readline())
        for simulation, answer in zip(simulations, answers, strict=True):
            assert isinstance(answer, str), (answer, simulation)
        return list(answers)


def missing() -> str | None:
    """Why the simulator cannot run on this machine, or None if it can."""
    if shutil.which("node") is None:
        return "Node.js is not installed, which the simulator of IAM needs: https://nodejs.org"
    return None if PACKAGE.exists() else "the simulator of IAM is not installed; scripts/test does it with npm"


@contextmanager
def start_simulator() -> Iterator[Simulator]:
    command = ["node", str(PROGRAM), str(PACKAGE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Simulator(process)
