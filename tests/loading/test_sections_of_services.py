"""Services with sections for several environments of one pipeline: what is reported, and which environment it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import rejects
from tests.support.command import problems_in, run


def reported(environments: Any, directory: Path, **task: Any) -> list[str]:
    """What is reported of a service with these sections that is deployed to staging and production."""
    data: dict[str, Any] = yaml.safe_load(rejects.bases()["promoted"])
    data["environments"]["production"] = {"account": "333333333333", "region": "eu-central-1"}
    service = data["services"]["web"]
    del service["environment"]
    service["environments"] = environments
    service["task_definition"] |= task
    stages = data["pipeline"]["stages"]
    stages[-1]["actions"][0]["service"] = "web-staging"
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "web-production"}
    stages.append({"name": "Production", "actions": [deploy]})
    path = directory / "orders.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return [line.partition(" error: ")[2] for line in problems_in(run("validate", path).stderr) if " error: " in line]


SIZES = "cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 on Fargate, got"
FIX = "; choose one of these; 1024 units are one vCPU [task-size]"


def test_a_problem_names_the_environment_that_has_it(tmp_path: Path) -> None:
    sections = {"staging": {"task_definition": {"cpu": 300}}, "production": {"desired_count": -1}}
    assert reported(sections, tmp_path) == [
        f"{SIZES} 300 in staging{FIX}",
        "desired_count must be 0 or more, got -1 in production [out-of-range]",
    ]


def test_a_problem_of_all_environments_is_reported_once(tmp_path: Path) -> None:
    assert reported({"staging": {}, "production": {"desired_count": 2}}, tmp_path, cpu=300) == [f"{SIZES} 300{FIX}"]


@pytest.mark.parametrize(
    ("environments", "message"),
    [
        (
            {},
            "environments of a service must name one or more environments, got none; add one, or remove environments ",
        ),
        (
            [],
            "environments of a service must name one or more environments, got none; add one, or remove environments ",
        ),
        (["staging", "staging"], "environments lists staging twice; list each environment once "),
        ({"Ref": "Names"}, "environments of a service must be a mapping of the names of environments; "),
    ],
)
def test_sections_that_name_no_environments_or_one_twice(environments: Any, message: str, tmp_path: Path) -> None:
    [line] = reported(environments, tmp_path)
    assert line.startswith(message)


def test_an_argument_names_the_environment_that_has_the_problem(tmp_path: Path) -> None:
    accounts = {"tools": "1" * 12, "staging": "2" * 12, "production": "3" * 12}
    environments = {name: {"account": account, "region": "eu-west-1"} for name, account in accounts.items()}
    (tmp_path / "services").mkdir()
    (tmp_path / "pipegen.yaml").write_text(yaml.safe_dump({"environments": environments, "pipelines": "tools"}))
    memory, cpu = {"staging": 512, "production": 4096}, {"staging": 256, "production": 256}
    arguments = {"service": "ledger", "repository": "acme/ledger", "deploy_to": [*memory], "memory": memory, "cpu": cpu}
    path = tmp_path / "services" / "ledger.yaml"
    path.write_text(yaml.safe_dump({"blueprint": "ecs-rolling", "with": arguments}))
    [line] = [line for line in problems_in(run("validate", path).stderr) if "[task-size]" in line]
    assert "got 4096 in production; " in line
