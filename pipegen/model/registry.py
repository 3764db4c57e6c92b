"""The stack of a definition's repositories and recorded images."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.stack_contents import StackOutputs, StackResources, convert_contents
from pipegen.syntax import names


@frozen(kw_only=True)
class Registry(Model):
    """The stack that contains what exists before the first build: the repositories that builds create, and the recorded
    images of services. Only definitions with services have it."""

    stack_name: Annotated[str, names.STACK_NAME] | None = None
    """The name of the stack. Default: `<definition>-registry`."""
    resources: StackResources = field(default_factory=dict)
    """Resources that the stack contains too, by logical ID."""
    outputs: StackOutputs = field(default_factory=dict)
    """Outputs that the stack has too, by name."""

    def __post_init__(self) -> None:
        convert_contents(self)
        self._freeze()
