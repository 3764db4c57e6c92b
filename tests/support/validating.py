"""`pipegen validate` on the text of a definition, in this process."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import problems_in, run


def validated(text: str, directory: Path, file: str = "x.yaml") -> list[str]:
    """The problems that it reports about a file of that text, without the directory."""
    path = directory / file
    path.write_text(text)
    result = run("validate", path)
    return [line.replace(f"{directory}/", "") for line in problems_in(result.stderr)]
