"""What is true of every action kind, so that nothing is forgotten when one is added."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import pytest

from pipegen import render
from pipegen.actions.kinds import KINDS
from pipegen.definition import Definition
from pipegen.graph.outline import lower, outline
from pipegen.graph.wiring import wire
from pipegen.iam.grant import Grant
from pipegen.loading.yaml.parsing import parse
from pipegen.pipeline.action import Action
from pipegen.pipeline.artifact import GitClone
from pipegen.pipeline.binding import Bound, Context
from tests.examples import EXAMPLES, ROOT
from tests.seeds import SEEDS

each_kind = pytest.mark.parametrize("kind", KINDS)


def definitions() -> list[Definition]:
    """Definitions that, together, use every kind with nearly every field."""
    from pipegen import load
    from pipegen.loading.definition import read

    seeds = [read(parse(text, "seed").data) for text in SEEDS]
    return [*seeds, *(load(example.yaml)[0] for example in EXAMPLES)]


def contexts() -> Iterator[tuple[Action, Context]]:
    """Every action of those definitions, and what it is told in them."""
    for definition in definitions():
        for wired in wire(lower(outline(definition))).actions:
            yield (
                wired.located.action,
                Context(
                    definition="test",
                    pipeline="test",
                    inputs=wired.inputs,
                    requests=wired.requests,
                    bucket_arn="arn:aws:s3:::b",
                    key_arn="arn:k",
                ),
            )


def bound_actions() -> list[tuple[Action, Bound]]:
    return [(action, action.bind(context)) for action, context in contexts()]


BOUND = bound_actions()


@each_kind
def test_a_kind_is_what_the_registry_calls_it(kind: str) -> None:
    [field] = [field for field in fields(KINDS[kind]) if field.name == "kind"]
    assert field.default == kind


@each_kind
def test_a_kind_is_used_by_the_definitions_that_other_tests_start_from(kind: str) -> None:
    assert any(isinstance(action, KINDS[kind]) for action, _ in BOUND)


@each_kind
def test_a_kind_is_documented(kind: str) -> None:
    assert (ROOT / "docs" / "reference" / f"{kind}.md").is_file()
    assert KINDS[kind].__doc__
    assert f"({kind!r}" not in str(KINDS[kind].__doc__)


@each_kind
def test_a_kind_names_a_provider_of_codepipeline(kind: str) -> None:
    """Against the AWS API's own model of what an action type is."""
    from botocore.session import get_session

    shapes = get_session().get_service_model("codepipeline")
    categories = cast(Any, shapes.shape_for("ActionCategory")).enum
    found = {action.action_type for action, _ in BOUND if type(action) is KINDS[kind]}
    assert found
    assert {action_type.category for action_type in found} <= set(categories)


def test_binding_twice_gives_equal_values() -> None:
    for (action, context), (_, bound) in zip(contexts(), BOUND, strict=True):
        assert action.bind(context) == bound


def grants() -> list[Grant]:
    grants = [grant for _, bound in BOUND for grant in bound.grants]
    grants += [grant for _, bound in BOUND for role in bound.roles for grant in role.grants]
    for action, _ in BOUND:
        grants += [
            g
            for output in action.makes()
            if isinstance(output.contents, GitClone)
            for g in output.contents.reader_grants
        ]
    return grants


def test_a_grant_for_all_resources_says_why() -> None:
    assert [grant for grant in grants() if not grant.names_resources and len(grant.because) < 20] == []


def test_every_action_of_a_grant_exists() -> None:
    """Against awacs, which is made from AWS's own list."""
    unknown = {action for grant in grants() for action in grant.actions if not _exists(action)}
    assert unknown == set()


def _exists(action: str) -> bool:
    service, name = action.split(":")
    module = {"codestar-connections": "codestar_connections", "lambda": "awslambda"}.get(service, service)
    known = vars(importlib.import_module(f"awacs.{module.replace('-', '_')}"))
    return any(each.startswith(name.rstrip("*")) if name.endswith("*") else each == name for each in known)


def test_every_reason_for_a_wildcard_is_in_the_template() -> None:
    for definition in definitions():
        for rendered in render(definition).stacks:
            for resource in rendered.stack.document()["Resources"].values():
                if resource["Type"] == "AWS::IAM::Role":
                    _check_role(resource)


def _check_role(resource: Mapping[str, Any]) -> None:
    listed = resource.get("Metadata", {}).get("WildcardResources", ())
    reasons = {action for each in listed for action in each["Actions"]}
    for policy in resource["Properties"].get("Policies", ()):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "*" in statement["Resource"]:
                assert set(statement["Action"]) <= reasons


@pytest.mark.slow
@pytest.mark.parametrize(("package", "known"), [("actions", "s3"), ("conditions", "alarm")])
def test_a_new_kind_that_knows_another_breaks_the_contract(package: str, known: str, tmp_path: Path) -> None:
    """The contracts name no kind, so that none is forgotten."""
    shutil.copytree(ROOT / "pipegen", tmp_path / "pipegen")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    probe = tmp_path / "pipegen" / package / "probe.py"
    for text, kept in (("", True), (f"from pipegen.{package} import {known}\n\n__all__ = ['{known}']\n", False)):
        probe.write_text(f'"""A new kind."""\n{text}')
        command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert (result.returncode == 0) is kept, result.stdout
