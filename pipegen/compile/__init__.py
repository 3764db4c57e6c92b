"""From a definition without errors to stacks: wire, bind, fold grants into roles, add store and triggers.

What is bound is asked, never reached for: `bind` returns values, and this room alone makes a template of them.
"""

from __future__ import annotations

from pipegen.compile.overrides import apply_overrides
from pipegen.compile.pipeline import pipeline_stack
from pipegen.definition import Definition
from pipegen.stack import Stack


def compile_definition(definition: Definition) -> tuple[Stack, ...]:
    """The stacks of a definition, in the order in which they are deployed. Raises InvalidDefinition."""
    stack = pipeline_stack(definition)
    apply_overrides(definition, (stack,))
    return (stack,)
