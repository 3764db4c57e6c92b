"""Imported by the process that forks for the command: what a command imports and builds at its first use is there."""

from tests.examples import ROOT
from tests.support.command import run

for name in ("rolling", "service_validated"):
    assert run("validate", ROOT / "examples" / f"{name}.yaml").exit_code == 0
