"""A fleet of twelve services over three accounts with a shared foundation, deployed by its scripts with a profile for
each account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.test_deploying import run as run_command
from tests.end_to_end.test_accounts import actions
from tests.fleet.test_accounts import ABROAD, CONNECTION, FLEET, FOUNDATION, HOME, PRODUCTION, STAGING, TOOLS, service
from tests.fleet.test_accounts import fleet as write_fleet
from tests.networks import prepare_network
from tests.support.accounts import Accounts, contents
from tests.support.cloud import Cloud
from tests.support.command import run
from tests.support.deployed import NO_CHANGES
from tests.support.iam_calls import allowed, denied, read_policies
from tests.support.iam_documented import artifact_calls, foreign, pipeline_calls, place, stores
from tests.support.simulator import Simulator

PLACES = {"tools": (TOOLS, HOME), "staging": (STAGING, HOME), "production": (PRODUCTION, ABROAD)}
BOTH, ONE, OTHER = ("staging", "production"), ("staging",), ("production",)
SERVICES: Mapping[str, tuple[str, ...]] = {
    f"service-{letter}": deployed_to
    for letter, deployed_to in zip("abcdefghijkl", [BOTH, *[ONE, OTHER] * 6][:12], strict=True)
}
"""The services, with the environments that each is deployed to."""


@dataclass(frozen=True)
class DeployedFleet:
    """A rendered fleet. person: somebody with a profile for each account, and no other credentials."""

    directory: Path
    clouds: Mapping[str, Cloud]
    person: Cloud

    def script(self, name: str, *arguments: str, person: Cloud | None = None) -> Any:
        command = [str(self.directory / name / "deploy.sh"), *arguments]
        done = run_command(person or self.person, command, self.directory)
        assert done.returncode == 0, done.stderr
        return done

    def delete(self, name: str) -> None:
        """Run the commands that the script prints."""
        printed = self.script(name, "--delete", "--all").stdout
        assert run_command(self.person, ["bash", "-ec", printed], self.directory).returncode == 0


@pytest.fixture
def fleet(accounts: Accounts, tmp_path: Path) -> DeployedFleet:
    clouds = {name: accounts.at(*each) for name, each in PLACES.items()}
    environments: dict[str, Any] = {name: dict(each) for name, each in FLEET["environments"].items()}
    for name in BOTH:
        environments[name]["parameters"] = prepare_network(clouds[name], {"VpcId": "", "PrivateSubnets": ""})
    environments["tools"]["parameters"] = {"ConnectionArn": CONNECTION}
    root = write_fleet(tmp_path / "fleet", environments=environments, foundation=FOUNDATION)
    for name, deployed_to in SERVICES.items():
        (root / "services" / f"{name}.yaml").write_text(yaml.safe_dump(deployed_only(service(name), deployed_to)))
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    return DeployedFleet(root / "out", clouds, accounts.person(tmp_path / "config", clouds))


def deployed_only(data: dict[str, Any], environments: tuple[str, ...]) -> dict[str, Any]:
    """The definition with only some of its services, and with the artifact stores of the foundation."""
    stages = [
        each for each in data["pipeline"]["stages"] if each["name"].lower() not in {*BOTH}.difference(environments)
    ]
    services = {key: each for key, each in data["services"].items() if key in environments}
    return {**data, "services": services, "pipeline": {"stages": stages}, "artifacts": {}}


def test_twelve_services_are_deployed_from_nothing_changed_by_nothing_and_deleted(
    fleet: DeployedFleet, accounts: Accounts, simulator: Simulator, tmp_path: Path
) -> None:
    stacks = {name: 2 + 2 * len(deployed_to) for name, deployed_to in SERVICES.items()} | {"delivery": 2}
    order = ["delivery", *SERVICES]
    for name in order:
        done = fleet.script(name, "--all")
        assert (done.stdout.count("Successfully created/updated stack"), done.stderr) == (stacks[name], "")
    everything_is_in_its_account(fleet)
    only_roles_of_the_foundation_pass_artifacts(fleet, simulator)

    # With the credentials of one account, what other accounts have keeps its value.
    alone = accounts.person(tmp_path / "staging", {"staging": fleet.clouds["staging"]})
    again = fleet.script("service-a", "staging", person=alone)
    assert again.stdout.count(NO_CHANGES) == 2
    assert "so ArtifactKeyArn keeps its value" in again.stderr

    for name in order:
        again = fleet.script(name, "--all")
        assert (again.stdout.count(NO_CHANGES), again.stderr) == (stacks[name], "")
    for name in reversed(order):
        fleet.delete(name)
    assert [contents(cloud).get("stacks") for cloud in fleet.clouds.values()] == [None, None, None]


def everything_is_in_its_account(fleet: DeployedFleet) -> None:
    tools = contents(fleet.clouds["tools"])
    assert tools["pipelines"] == tools["repositories"] == tuple(SERVICES)
    assert tools["buckets"] == (f"delivery-{TOOLS}-{ABROAD}", f"delivery-{TOOLS}-{HOME}")
    for environment in BOTH:
        found = contents(fleet.clouds[environment])
        names = [name for name, deployed_to in SERVICES.items() if environment in deployed_to]
        assert found["services"] == tuple(f"{name}-{environment}/{name}-{environment}" for name in names)
        assert found["images"] == tuple(f"/pipegen/{name}/{environment}/web/image" for name in names)
        assert not {"pipelines", "buckets", "repositories"} & found.keys()


def only_roles_of_the_foundation_pass_artifacts(fleet: DeployedFleet, simulator: Simulator) -> None:
    tools = fleet.clouds["tools"]
    abroad = tools.elsewhere(region=ABROAD)
    policies = read_policies(tools, abroad, *(fleet.clouds[name] for name in BOTH))
    pipeline = tools.api("codepipeline", "get_pipeline", name="service-a")["pipeline"]
    calls = [*pipeline_calls(pipeline, place(tools))]
    assert denied(calls, policies, simulator) == []
    assert allowed((other for call in calls for other in foreign(call)), policies, simulator) == []

    # Roles whose accounts allow them everything, but which are not on the path that the policies name.
    strangers = [
        f"arn:aws:iam::{account}:role/{path}"
        for account in (STAGING, PRODUCTION)
        for path in ("admin", "x/delivery/admin")
    ]
    for role in strangers:
        policies = policies.with_role(role)
    reads = [call for role in strangers for store in stores(pipeline) for call in artifact_calls(role, store, TOOLS)]
    assert len(reads) >= 72
    assert allowed(reads, policies, simulator) == []
    [role] = {each["roleArn"] for each in actions(pipeline) if f"::{STAGING}:" in each.get("roleArn", "")}
    assert role == f"arn:aws:iam::{STAGING}:role/delivery/service-a-actions-{HOME}"
