"""A definition with one build, validated by the command."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.support.command import run
from tests.support.rejects import bases


def validated(tmp_path: Path, **fields: object) -> str:
    """What the command says about a definition whose build has those fields."""
    definition = yaml.safe_load(bases()["tested"])
    definition["pipeline"]["stages"][1]["actions"][0] |= fields
    file = tmp_path / "orders.yaml"
    file.write_text(yaml.safe_dump(definition))
    result = run("validate", file)
    return result.stderr
