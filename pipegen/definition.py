"""A definition: everything that one file describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipegen.errors import Path, Problem
from pipegen.foundation import FoundationReference
from pipegen.governed import Parameter
from pipegen.model import Model, walk
from pipegen.pipeline import Pipeline
from pipegen.sections import ConditionExpression, Table
from pipegen.store import ArtifactStore
from pipegen.values import Data, Expression, Tags, Value

if TYPE_CHECKING:
    # Not at run time: most definitions have none, and whoever reads data into the model says what it stands for.
    from pipegen.services.placed import PlacedService
    from pipegen.services.service import EcsService


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Model):
    """A delivery, from source to running service, and what its stacks have in common.

    name: stacks, projects and rules are named after it; one definition per name, account and region.
    services: the ECS services that it delivers to, each a stack of its own; the pipeline names them by their keys.
    conditions: by name, CloudFormation's condition functions over parameters, for `!If` and for overrides.
    mappings: by name, a first and a second key, texts or lists of texts, for `!FindInMap`. Each stack gets those
        conditions and mappings that it uses.
    tags: on everything that can be tagged.
    artifacts: what it says wins over the foundation's bucket and key.
    foundation: what the pipeline uses of a stack that all pipelines of an account and region share, in place of a
        bucket, key, event role and build log groups of its own.
    permissions_boundary: the ARN of a policy that bounds every role. role_path: the path of every role, `/…/`.
    overrides: the last resort. Logical id -> property patch, merged into the template after everything else; that of
        a service has overrides of its own.
    """

    name: str
    pipeline: Pipeline
    services: Mapping[str, EcsService] = field(default_factory=dict)
    description: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    conditions: Mapping[str, ConditionExpression] = field(default_factory=dict)
    mappings: Mapping[str, Table] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    artifacts: ArtifactStore = field(default_factory=ArtifactStore)
    foundation: FoundationReference | None = None
    permissions_boundary: Value | None = None
    role_path: str = "/"
    overrides: Mapping[str, Mapping[str, Data]] = field(default_factory=dict)

    @property
    def pipeline_name(self) -> str:
        return self.pipeline.name or self.name

    def placed_services(self) -> list[PlacedService]:
        if not self.services:
            return []
        from pipegen.services.placed import place

        return place(self.name, self.services, self.pipeline)


def place_of_text(definition: Definition, path: Path, text: str) -> Path:
    """The first place at or below `path` that holds a text, or `path` itself where none is found."""
    return next((place for place, each in texts_below(definition, path) if text in each), path)


def texts_below(definition: Definition, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts at or below `path`; the places of those in expressions lead into the expressions' long forms."""
    here: Any = definition
    for part in path:
        try:
            here = here[part] if isinstance(part, int) else getattr(here, part)
        except (IndexError, AttributeError):
            return  # an override made it
    for place, leaf in walk(here, path):
        inside = walk(leaf.to_dict(), place) if isinstance(leaf, Expression) else [(place, leaf)]
        yield from ((each, text) for each, text in inside if isinstance(text, str))


def resolve_services(definition: Definition) -> tuple[Definition, Sequence[Problem]]:
    """The definition with deploys to its services as the actions that they stand for, and what is wrong with these."""
    if not definition.services:
        return definition, ()
    from pipegen.services.resolution import resolve_pipeline

    found = resolve_pipeline(definition.pipeline, definition.placed_services())
    return replace(definition, pipeline=found.pipeline), found.problems
