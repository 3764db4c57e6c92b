"""Templates of stacks that a definition does not have any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipegen.deploy.commands import delete_command
from pipegen.errors import printable
from pipegen.rendering import RenderedStack

_PIPELINE = "-pipeline"


def removed_templates(stacks: Sequence[RenderedStack], directory: Path) -> Iterator[Path]:
    """Find templates in the output directory that were rendered from the same definition, as its stack of a service.

    The first line of a template names the file of its definition. Several files may have the same name, so the name of
    the stack must begin with the name of the definition, too.
    """
    rendered = {stack.stack.name for stack in stacks}
    for stack in stacks:
        name, is_pipeline, _ = stack.stack.name.rpartition(_PIPELINE)
        head, _, _ = stack.text.partition("\n")
        if is_pipeline and head.startswith("#"):
            for path in sorted(directory.glob(f"{name}-*.yaml")):
                if path.stem not in rendered and _first_line(path) == head:
                    yield path


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().removesuffix("\n")
    except OSError:
        return ""


def removal_notes(stacks: Sequence[RenderedStack], directory: Path) -> str:
    """Return comments about the stacks of removed services: in which order to deploy and to delete."""
    lines: list[str] = []
    for path in removed_templates(stacks, directory):
        lines += [
            f"# {printable(str(path))} is not rendered any more. If its service was removed, deploy the stack of",
            "# the pipeline first, then delete the stack of the service, and deploy the stack of the registry last:",
            f"# {delete_command(path.stem)}",
        ]
    return "".join(f"{line}\n" for line in lines)
