"""The blueprints as users have them: short services, parameters that are told of, every choice that they offer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.decode import cfn_yaml

from pipegen import load, render
from pipegen.errors import InvalidDefinition
from pipegen.loading import load_file
from pipegen.loading.blueprints.blueprint import Blueprint as Read
from pipegen.loading.blueprints.catalog import catalog, read_blueprint
from pipegen.loading.blueprints.expressions import Expression, File, is_expression_text
from pipegen.loading.blueprints.parameter import BlueprintParameter
from pipegen.loading.yaml.nodes import Node
from tests.blueprints import BLUEPRINTS, DIRECTORY, Blueprint
from tests.examples import TREES

each_blueprint = pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda blueprint: blueprint.name)

OTHERWISE = {
    ("provider", "monorepo"): "CodeCommit tells a pipeline no paths",
    ("directory", "monorepo"): "a service of a monorepo has a directory of its own",
    ("cluster", "monorepo"): "services that share a load balancer share a cluster, which is what makes them cheap",
    ("cluster", "ecs-shared-listener"): "likewise",
    ("cluster", "ecs-ec2"): "a new cluster would have no instances",
}
"""Where a parameter is not what it is in the other blueprints, and why."""

_IMAGE = "public.ecr.aws/docker/library/httpd:2.4"
CHOICES: Mapping[str, list[Any]] = {
    "hold_minutes": [60],
    "check_path": ["/ready"],
    "test_port": [9443],
    "cluster": ["other"],
    "version_file": ["VERSION"],
    "host_headers": [["orders.example.com"]],
    "cache_paths": [[], ["/root/.cache/**/*"]],
    "queues": [[], ["orders"]],
    "staging_url": ["https://staging.example.com"],
    "approval_topic": ["arn:aws:sns:eu-west-1:123456789012:releases"],
    "before_install": ["announce"],
    "after_allow_test_traffic": ["contract-tests"],
    "after_allow_traffic": ["arn:aws:lambda:eu-west-1:123456789012:function:announce"],
    "command": [["bin/work"]],
    "alarms": [["orders-5xx"]],
    "environment": [{"STAGE": "test"}],
    "secrets": [{"TOKEN": "/orders/token"}],
    "shared_paths": [[]],
    "build_context": ["."],
    "slow_start_seconds": [0],
}
"""Values of parameters that have no list of them, as they change what is made."""

BESIDE: Mapping[tuple[str, Any], Mapping[str, Any]] = {
    ("provider", "codecommit"): {"repository": "orders"},
    ("provider", "github"): {"repository": "acme/orders"},
    ("provider", "gitlab"): {"repository": "acme/shop/orders"},
    ("provider", "bitbucket"): {"repository": "acme/orders"},
    ("architecture", "arm64"): {"first_image": _IMAGE, "first_images": {"app": _IMAGE, "proxy": _IMAGE}},
    ("command", "['bin/work']"): {"first_image": _IMAGE},
    ("queues", "['orders']"): {"first_image": _IMAGE},
    ("secrets", "{'TOKEN': '/orders/token'}"): {
        "first_image": _IMAGE,
        "first_images": {"app": _IMAGE, "proxy": _IMAGE},
    },
}
"""What a value wants beside it, of those parameters that the blueprint has."""


def read(blueprint: Blueprint) -> Read:
    return read_blueprint(blueprint.directory, None)


def parameters(blueprint: Blueprint) -> Mapping[str, BlueprintParameter]:
    return read(blueprint).data.parameters


def example_of(blueprint: Blueprint) -> dict[str, Any]:
    return dict(yaml.safe_load(blueprint.yaml.read_text()))


def test_every_blueprint_is_tested_and_listed() -> None:
    names = {file.parent.name for file in DIRECTORY.glob("*/blueprint.yaml")}
    assert (
        {name for name in names if name[0] != "_"} == {blueprint.name for blueprint in BLUEPRINTS} == set(catalog(None))
    )
    listed = re.findall(r"^\| \[([a-z0-9-]+)\]\(\1/README\.md\) \|", (DIRECTORY / "README.md").read_text(), re.M)
    assert sorted(listed) == sorted(catalog(None))


def test_blueprints_are_data() -> None:
    kinds = {file.suffix for file in DIRECTORY.rglob("*") if file.is_file()}
    assert kinds == {".yaml", ".md", ".j2"}


def test_blueprints_say_only_what_differs() -> None:
    lines = [line for file in DIRECTORY.glob("*/blueprint.yaml") for line in file.read_text().splitlines()]
    assert len(lines) <= 640
    assert all(len(line) <= 120 for line in lines)


@each_blueprint
def test_a_service_is_ten_lines_at_most(blueprint: Blueprint) -> None:
    lines = [line for line in blueprint.yaml.read_text().splitlines() if line.strip() and line.lstrip()[0] != "#"]
    assert len(lines) <= 10
    assert all(len(line) <= 80 for line in lines)
    assert set(example_of(blueprint)) == {"blueprint", "with"}


@each_blueprint
def test_a_blueprint_begins_with_what_it_is(blueprint: Blueprint) -> None:
    assert (blueprint.directory / "blueprint.yaml").read_text().startswith("# ")
    assert (blueprint.directory / "README.md").read_text().startswith(f"# {blueprint.name}\n")
    assert len((blueprint.directory / "README.md").read_text().splitlines()) <= 65


@each_blueprint
def test_the_readme_tells_of_every_parameter_what_the_blueprint_does(blueprint: Blueprint) -> None:
    text = (blueprint.directory / "README.md").read_text()
    rows = re.findall(r"^\| `([a-z_]+)` \| (.+?) \| (.+) \|$", text, re.M)
    assert rows == [
        (name, _default(read(blueprint), name), parameter.description)
        for name, parameter in parameters(blueprint).items()
    ]


def _default(blueprint: Read, name: str) -> str:
    """As the table has it."""
    node = blueprint.default(name)
    if node is None:
        return "**required**" if blueprint.is_required(name) else "none"
    if node.data in ([], {}):
        return "empty"
    return f"`{str(node.data).lower() if isinstance(node.data, bool) else node.data}`"


@each_blueprint
def test_every_parameter_has_a_description_and_few_are_required(blueprint: Blueprint) -> None:
    assert all(20 <= len(parameter.description) <= 110 for parameter in parameters(blueprint).values())
    required = [name for name in parameters(blueprint) if read(blueprint).is_required(name)]
    assert required[:2] == ["service", "repository"]
    assert len(required) <= 5


@each_blueprint
def test_every_parameter_is_used(blueprint: Blueprint) -> None:
    found = read(blueprint)
    texts = [*_texts(found.node.inside["definition"]), *_texts(found.node.at(("files",)))]
    used = {name for text in texts for name in Expression(text).names}
    for each in (blueprint.directory / "files").glob("*"):
        used |= File(each.read_text()).names
    assert used - {"item", "omit"} == {*found.data.parameters, *found.fixed}


def _texts(node: Node) -> Iterator[str]:
    if is_expression_text(node.data):
        yield node.data
    for key, inside in node.inside.items():
        yield from [key] if isinstance(key, str) and is_expression_text(key) else []
        yield from _texts(inside)


def test_a_parameter_is_the_same_in_all_blueprints_or_there_is_a_reason() -> None:
    found: dict[str, dict[str, list[str]]] = {}
    for blueprint in BLUEPRINTS:
        for name, each in parameters(blueprint).items():
            required = read(blueprint).is_required(name)
            shape = repr((each.type, each.default, required, each.allowed_values, each.minimum, each.maximum))
            found.setdefault(name, {}).setdefault(shape, []).append(blueprint.name)
    others = {
        (name, blueprint)
        for name, shapes in found.items()
        for blueprints in sorted(shapes.values(), key=len, reverse=True)[1:]
        for blueprint in blueprints
    }
    assert others == set(OTHERWISE)


def test_parameters_of_stacks_are_the_same_in_all_blueprints() -> None:
    """So that a fleet's environments give them once."""
    found: dict[str, set[str]] = {}
    for blueprint in BLUEPRINTS:
        for golden in blueprint.goldens:
            for name, parameter in cfn_yaml.loads(golden.read_text()).get("Parameters", {}).items():
                if not name.endswith("Image"):
                    assert parameter["Description"]
                    found.setdefault(name, set()).add(repr(dict(parameter)))
    assert {name for name, shapes in found.items() if len(shapes) > 1} == set()
    assert sorted(found) == [
        "CertificateArn",
        "ConnectionArn",
        "ListenerArn",
        "LoadBalancerSecurityGroup",
        "PrivateSubnets",
        "PublicSubnets",
        "VpcId",
    ]


@each_blueprint
def test_every_choice_makes_templates_without_a_warning(blueprint: Blueprint, tmp_path: Path) -> None:
    example = example_of(blueprint)
    tried = 0
    for name, value in _choices(blueprint):
        beside = BESIDE.get((name, value if isinstance(value, str) else str(value)), {})
        fitting = {key: each for key, each in beside.items() if key in parameters(blueprint)}
        file = tmp_path / f"{blueprint.name}.yaml"
        file.write_text(yaml.safe_dump({**example, "with": {**example["with"], **fitting, name: value}}))
        [definition] = load(file)
        said = [problem for problem in render(definition).problems if problem.code != "template-size"]
        assert said == [], f"{name}: {value}"
        tried += 1
    assert tried > 5


def _choices(blueprint: Blueprint) -> Iterator[tuple[str, Any]]:
    for name, parameter in parameters(blueprint).items():
        either = [True, False] if parameter.type == "boolean" else []
        for value in (*parameter.allowed_values, *either, *CHOICES.get(name, ())):
            yield name, value


def test_choices_reach_what_is_made(tmp_path: Path) -> None:
    """A few that a warning would not tell of."""

    def templates(name: str, **arguments: Any) -> str:
        blueprint = next(each for each in BLUEPRINTS if each.name == name)
        example = example_of(blueprint)
        file = tmp_path / "service.yaml"
        file.write_text(yaml.safe_dump({**example, "with": {**example["with"], **arguments}}))
        return "".join(stack.text for stack in render(load(file)[0]).stacks)

    assert "Strategy: LINEAR" in templates("ecs-native", traffic="linear")
    assert "Strategy: BLUE_GREEN" in templates("ecs-native", traffic="all-at-once")
    assert "POST_TEST_TRAFFIC_SHIFT" in templates("ecs-native", hold_minutes=60)
    assert "TimeBasedLinear" in templates("ecs-blue-green", traffic="linear")
    assert "Provider: CodeCommit" in templates("worker", provider="codecommit", repository="parcels")
    assert "ConnectionArn" not in templates("worker", provider="codecommit", repository="parcels")
    assert "CertificateArn" not in templates("promotion", https=False)
    assert "CODE_DEPLOY" in templates("ecs-ec2", blue_green=True)
    assert "ARM_CONTAINER" in templates("ecs-rolling", architecture="arm64", first_image=_IMAGE)
    assert "AWS::ECS::Cluster" not in templates("ecs-rolling", cluster="other").replace("AWS::ECS::ClusterC", "")


def told_of_worker(directory: Path, **arguments: Any) -> list[str]:
    """Its problems, from the file on."""
    worker = next(each for each in BLUEPRINTS if each.name == "worker")
    file = directory / "worker.yaml"
    file.write_text(yaml.safe_dump({"blueprint": "worker", "with": {**example_of(worker)["with"], **arguments}}))
    try:
        load(file)
    except InvalidDefinition as error:
        return [str(problem).replace(f"{directory}/", "") for problem in error.problems]
    return []


def test_a_service_of_one_letter_or_an_invalid_queue_is_reported(tmp_path: Path) -> None:
    [line] = told_of_worker(tmp_path, service="a")
    assert "error: service must be 2 to 32 lower-case letters or digits, a letter first, with single hyphens" in line
    assert told_of_worker(tmp_path, service="ab", queues=["a_B-1", "b.fifo"]) == []
    for queue in ("*", "a.b", "a/b", "", "x" * 81, 3):
        [line] = told_of_worker(tmp_path, queues=["parcels", queue])
        assert (
            "error: queues[1] must be 1 to 80 letters, digits, - or _, with .fifo at the end for a FIFO queue, " in line
        )
        assert f", got {json.dumps(queue)}"[:60] in line


def test_a_name_that_is_cut_short_or_unlike_any_other_is_reported_briefly(tmp_path: Path) -> None:
    assert '; did you mean "repository"? [' in told_of_worker(tmp_path, repo="acme/orders")[0]
    [line] = told_of_worker(tmp_path, zzz="1")
    known = line.partition("; use one of ")[2].rpartition(" [")[0]
    assert known.startswith("service, repository, ")
    assert re.fullmatch(r"(\w+, ){11}\w+ or [1-9]\d* others", known)


def test_grants_of_a_worker_come_beside_those_of_its_queues(tmp_path: Path) -> None:
    grant = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::labels/*"]}
    conditions = {"StringEquals": {"aws:ResourceAccount": "111111111111"}}
    everywhere = {"actions": ["s3:ListAllMyBuckets"], "resources": ["*"], "because": "It lists buckets"}
    assert told_of_worker(tmp_path, grants=[{**grant, "conditions": conditions}, everywhere]) == []
    [definition] = load(tmp_path / "worker.yaml")
    grants = definition.services["app"].grants
    assert [each.actions[0] for each in grants] == [
        "sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibility", "s3:GetObject", "s3:ListAllMyBuckets",
    ]  # fmt: skip
    assert grants[2].conditions == conditions
    assert grants[3].because == "It lists buckets"
    [line] = told_of_worker(tmp_path, grants=[{**grant, "condition": conditions}])
    assert line.startswith("worker.yaml:")
    assert (
        'error: unknown key "condition" in an item of grants; did you mean "conditions"? [unknown-key]\npipegen:'
        in line
    )


def test_builds_that_are_not_run_are_the_text_of_one_that_is() -> None:
    run = {_image_build(blueprint) for blueprint in BLUEPRINTS if blueprint.pushes}
    others = {blueprint.name: _image_build(blueprint) for blueprint in BLUEPRINTS if not blueprint.pushes}
    assert [name for name, text in others.items() if text not in run] == []


def _image_build(blueprint: Blueprint) -> str:
    resources = cfn_yaml.loads(blueprint.golden.read_text())["Resources"]
    return str(resources["ImageProject"]["Properties"]["Source"]["BuildSpec"])


def _offered(blueprint: str) -> dict[str, str]:
    example = next(each for each in BLUEPRINTS if each.name == blueprint)
    file = example.directory / "example.yaml"
    [loaded] = load_file(file)
    assert loaded.origin is not None
    return {each.path: each.text for each in loaded.origin.files}


def test_files_to_begin_with_are_offered_where_they_are_asked_for() -> None:
    offered = _offered("ecs-rolling")
    assert sorted(offered) == [".dockerignore", "Dockerfile"]
    assert "FROM public.ecr.aws/docker/library/node:" in offered["Dockerfile"]
    assert "EXPOSE 3000\n" in offered["Dockerfile"]
    assert "python" not in offered["Dockerfile"] + offered[".dockerignore"]
    assert _offered("worker") == {}


def test_the_tests_to_begin_with_are_those_that_the_build_test_runs() -> None:
    written = (TREES / "promotion" / "tests" / "integration.yaml").read_text()
    assert _offered("promotion") == {"tests/integration.yaml": written}
