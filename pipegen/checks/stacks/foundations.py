"""Checks of references to foundations, and of foundations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from pipegen.checks.stacks import parameters, policies, sections
from pipegen.checks.values import names, no_value, plaintext, references, secrets
from pipegen.errors import Problem
from pipegen.fields.model import walk
from pipegen.graph.outline import Outline
from pipegen.pipeline.artifact_store import ArtifactStore
from pipegen.pipeline.foundation import Foundation
from pipegen.stacks.stack import Stack, referred_names
from pipegen.stacks.uses import UsedDocument
from pipegen.values.expression import Expression

_EXPIRE_DAYS = {field.name: field.default for field in fields(ArtifactStore)}["expire_days"]


def reference(written: Outline) -> Iterator[Problem]:
    """Find problems of a reference to a foundation, and settings that conflict with it."""
    shared = written.definition.foundation
    if shared is None:
        return
    for problem in shared.problems():
        yield problem.under("foundation")
    if written.definition.artifacts.bucket is None and written.definition.artifacts.expire_days != _EXPIRE_DAYS:
        text = "expire_days cannot be set with a foundation, whose bucket has its own retention"
        fix = "remove it, or set it in the foundation"
        yield Problem("foundation-store", ("artifacts", "expire_days"), text, fix)
    for located in written.actions:
        for problem in located.action.foundation_problems():
            yield problem.under(*located.path)


def foundation_problems(foundation: Foundation) -> Iterator[Problem]:
    """Find problems of a foundation, except those of single fields."""
    yield from foundation.problems()
    yield from names.tags(foundation)
    yield from parameters.parameters(foundation)
    yield from sections.declarations(foundation)
    leaves = tuple(walk(foundation))
    yield from no_value.in_fields(foundation, leaves)
    yield from plaintext.secrets_in(foundation, leaves)
    yield from secrets.visible_in(foundation, leaves)


def foundation_stack_problems(foundation: Foundation, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find problems of a foundation's stack."""
    yield from sections.undeclared(foundation, document)
    yield from policies.resources(foundation, stack, document)
    for name, fix in references.unknown_names(foundation, stack, document):
        used = (path for path, leaf in walk(foundation) if _refers(leaf, name))
        text = f"{name} is not a parameter or resource"
        yield Problem("unknown-reference", next(used, ()), text, fix)


def _refers(leaf: object, name: str) -> bool:
    return isinstance(leaf, Expression) and name in referred_names(leaf.to_dict())
