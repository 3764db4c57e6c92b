"""Files of other programs, recognised by their keys, so that one problem names the type of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipegen.errors import Problem
from pipegen.loading.yaml.nodes import Node, problem_at

FileType = tuple[str, str, Callable[[Mapping[str, Any]], bool]]
"""The name of a file type, the fix, and a function that recognises it."""

_BEGIN = "a definition begins with name: and pipeline:; pipegen init writes one"


def _has(*keys: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda data: all(key in data for key in keys)


def _is_compose(data: Mapping[str, Any]) -> bool:
    services = data.get("services")
    named = services.values() if isinstance(services, Mapping) else ()
    return any(isinstance(each, Mapping) and ("image" in each or "build" in each) for each in named)


def _is_appspec(data: Mapping[str, Any]) -> bool:
    resources = data.get("Resources")
    return isinstance(resources, list) and "version" in data


_FILE_TYPES: tuple[FileType, ...] = (
    ("an appspec", "appspec: of a codedeploy-ecs action describes one; pipegen appspec prints it", _is_appspec),
    ("a CloudFormation template", _BEGIN, _has("AWSTemplateFormatVersion")),
    ("a CloudFormation template", _BEGIN, _has("Resources")),
    ("a buildspec", "name it in buildspec: of a codebuild action", _has("version", "phases")),
    ("an ECS task definition", "describe it under task_definition:", _has("containerDefinitions")),
    ("an ECS task definition", "describe it under task_definition:", _has("taskDefinition")),
    ("a workflow of GitHub Actions", _BEGIN, _has("jobs", "on")),
    ("a Kubernetes manifest", _BEGIN, _has("apiVersion", "kind")),
    ("a Docker Compose file", "describe each service under services: as an ECS service", _is_compose),
    ("a blueprint", "a definition uses it: blueprint: ./directory", _has("summary", "definition")),
    ("a fleet's file", "render the directory that it is in", _has("locked")),
    ("a fleet's file", "render the directory that it is in", _has("defaults")),
    ("a package.json", _BEGIN, _has("name", "dependencies")),
    ("a package.json", _BEGIN, _has("name", "scripts")),
)


def foreign_problem(root: Node) -> Problem | None:
    """The problem of a file that is recognised as another type of file; None for definitions and unknown files."""
    data = root.data
    if isinstance(data, list) and data and all(isinstance(each, dict) and "imageUri" in each for each in data):
        fix = "the build writes it: name it in file_name: of the ecs-deploy action, if it is called otherwise"
        return problem_at(root, "no-definition", "is a file of image definitions, not a definition", fix)
    if not isinstance(data, dict):
        return None
    pipeline = data.get("pipeline")
    if isinstance(pipeline, dict) and "artifactStore" in pipeline:
        text = "is a pipeline as the AWS CLI prints it, not a definition"
        return problem_at(
            root, "no-definition", text, "write its stages in lower case with kind: and name:; see README.md"
        )
    if "pipeline" in data or "blueprint" in data:
        return None
    found = next(((what, fix) for what, fix, fits in _FILE_TYPES if fits(data)), None)
    return None if found is None else problem_at(root, "no-definition", f"is {found[0]}, not a definition", found[1])
