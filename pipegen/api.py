"""The Python API: render a definition, inspect the result, write it, and get the commands that deploy it."""

from __future__ import annotations

import os
from pathlib import Path

from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, has_errors
from pipegen.frozen import frozen
from pipegen.pipeline.foundation import Foundation
from pipegen.rendering import Format, Rendered, render_definition, render_foundation


@frozen
class Rendering(Rendered):
    """The stacks of a definition in order of deployment, and the warnings and notes about it."""

    def write(self, directory: str | os.PathLike[str] = ".", *, accept_unsafe: bool = False) -> tuple[Path, ...]:
        """Write a file for each stack into a directory: all of them or none. Returns the paths.

        Raises InvalidDefinition if an existing file shows that a running stack may not survive a change, except with
        `accept_unsafe`. Raises OutputFailed if a file cannot be written.
        """
        from pipegen.deploy.immutable_changes import PreviousTemplate, unsafe_changes
        from pipegen.output.files import compare, earlier_text, write

        changes = compare({Path(directory, stack.file_name): stack.text for stack in self.stacks})
        unsafe = [
            problem
            for stack, change in zip(self.stacks, changes, strict=True)
            for problem in unsafe_changes(
                stack, PreviousTemplate(str(change.path), earlier_text(change)), "error", check=False
            )
        ]
        if has_errors(unsafe) and not accept_unsafe:
            raise InvalidDefinition(unsafe)
        write(changes)
        return tuple(change.path for change in changes)

    def commands(self, directory: str | os.PathLike[str] = ".") -> str:
        """Return the AWS CLI commands that deploy the stacks, in order, from the files in a directory."""
        from pipegen.deploy.commands import deploy_commands, deploy_notes

        files = [(stack, str(Path(directory, stack.file_name))) for stack in self.stacks]
        return deploy_notes(self.stacks) + deploy_commands(files)


def render(definition: Definition | Foundation, *, format: Format = "yaml", source: str = "") -> Rendering:
    """Render the templates of a definition or a foundation. source: the name of its file, which the templates mention.

    Raises InvalidDefinition with every problem. Problems name the file and line that created the object.
    """
    if isinstance(definition, Foundation):
        rendered = render_foundation(definition, format=format, source=source)
    else:
        rendered = render_definition(definition, format=format, source=source)
    return Rendering(rendered.stacks, rendered.problems, rendered.references)
