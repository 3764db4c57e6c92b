"""Checks of values that belong to another environment than the stack that contains them.

The stack of the pipeline contains the configuration of actions that run elsewhere, and its builds write their task
definitions. Names whose values in the environment are known are replaced there; the checks report the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, last_of
from pipegen.fields.model import step, walk
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import Wiring
from pipegen.model.environment import Environment
from pipegen.model.resolution import Resolution, Unresolved
from pipegen.pipeline.located import LocatedAction
from pipegen.pipeline.requirement import BundleFiles
from pipegen.stacks.stack import Document, Stack
from pipegen.values.expression import Expression

_COMPOSED = ("action_environment", "parameter_overrides", "pipeline_variables", "source_revisions")
"""Fields of actions that become part of a text in the configuration."""


def configured(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find values in the configuration of actions that run elsewhere."""
    for located, path, properties in lowered.configured(document):
        if isinstance(located, LocatedAction) and located.environment is not None:
            value = [properties.get(key) for key in ("Configuration", "Commands", "EnvironmentVariables")]
            yield from _problems(lowered.definition, located.environment, path, value, ("cluster",))


def written_by_builds(lowered: Outline, wiring: Wiring) -> Iterator[Problem]:
    """Find values in the task definitions and AppSpecs of deployments that run elsewhere."""
    for each in wiring.actions:
        environment, path = each.located.environment, each.located.path
        for requires in (read.requires for read in each.reads):
            if environment is not None and isinstance(requires, BundleFiles):
                value = [requires.task_definition, requires.appspec]
                yield from _problems(lowered.definition, environment, path, value, ("task_definition", "deployment"))


def _problems(
    definition: Definition, environment: Environment, path: Path, value: Any, of_service: Sequence[str]
) -> Iterator[Problem]:
    """Yield the problems of a value of the action at `path`. of_service: the fields of a service that it comes from."""
    resolution = definition.resolution(environment)
    if resolution is None:
        return
    written = resolution.written(value)
    for found in dict.fromkeys(resolution.unresolved(written)):
        for origin in _origins(definition, resolution, path, found, written, of_service):
            yield _problem(definition, environment, origin, found)


def _problem(definition: Definition, environment: Environment, path: Path, found: Unresolved) -> Problem:
    name = _name(definition, environment)
    if found.parameter is not None:
        text = f"{last_of(path)} refers to {found.words}, which has no value in {name}"
        fix = f"set {found.parameter} in environments.{name}.parameters"
    else:
        text = f"{last_of(path)} refers to {found.words}, which the pipeline resolves in {definition.pipelines}, "
        text += f"and not in {name}"
        fix = f"write its value in {name}"
    return Problem("environment-value", path, text, fix)


def _origins(
    definition: Definition,
    resolution: Resolution,
    path: Path,
    found: Unresolved,
    value: Any,
    of_service: Sequence[str],
) -> Sequence[Path]:
    """Return the fields that refer to what was found. Default: the action."""
    key = getattr(_at(definition, path), "service_key", None)
    roots: list[Path] = [("services", str(key), name) for name in of_service] if key in definition.services else []
    data = _text(value)
    origins: list[Path] = []
    for root in (*roots, path):
        for inner, leaf in walk(_at(definition, root), root):
            written = resolution.written(leaf) if isinstance(leaf, Expression | str) else None
            is_used = root in roots or (inner[5:6] and inner[5] in _COMPOSED) or _text(written) in data
            if is_used and found in resolution.unresolved(written):
                origins.append(inner)
    return origins or [path]


def _at(definition: Definition, path: Path) -> Any:
    found: Any = definition
    for part in path:
        found = step(found, part)
    return found


def _text(value: Any) -> str:
    return json.dumps(value, default=lambda each: each.to_dict())


def of_pipeline(written: Outline) -> Iterator[Problem]:
    """Find values of the pipeline that the stacks of other environments contain: its role, which roles there trust, and
    its existing artifact bucket and key."""
    definition = written.definition
    away = [each.environment for each in written.actions if each.environment is not None]
    values: Sequence[tuple[Path, Any]] = (
        (("pipeline", "role"), definition.pipeline.role),
        (("artifacts", "bucket"), definition.artifacts.bucket),
        (("artifacts", "key_arn"), definition.artifacts.key_arn),
    )
    for path, value in values:
        yield from islice(_seen_elsewhere(definition, path, value, away), 1)


def _seen_elsewhere(
    definition: Definition, path: Path, value: Any, environments: Sequence[Environment]
) -> Iterator[Problem]:
    home = str(definition.pipelines)
    for environment in environments:
        resolution = definition.resolution(environment, in_pipeline=False)
        if resolution is None or (path[0] == "artifacts" and resolution.of.region != environment.region):
            continue  # an existing store is only used in the region of the pipeline
        for found in resolution.unresolved(resolution.written(value)):
            text = f"{last_of(path)} refers to {found.words}, which {_name(definition, environment)} resolves "
            text, fix = f"{text}differently than {home}", f"write its value in {home}"
            if found.parameter is not None:
                text = f"{last_of(path)} refers to {found.words}, which has no value in {home}"
                fix = f"set {found.parameter} in environments.{home}.parameters"
            yield Problem("environment-value", path, text, fix)


def _name(definition: Definition, environment: Environment) -> str:
    return next((name for name, each in definition.environments.items() if each == environment), "")
