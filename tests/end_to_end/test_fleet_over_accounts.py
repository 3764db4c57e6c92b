"""A service of a fleet over three accounts, deployed by its script with a profile for each account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deploy.test_deploying import run as run_command
from tests.fleet.test_accounts import ABROAD, CONNECTION, FLEET, HOME, PRODUCTION, STAGING, TOOLS, fleet
from tests.networks import prepare_network
from tests.support.accounts import Accounts, contents
from tests.support.cloud import Cloud
from tests.support.command import run
from tests.support.deployed import NO_CHANGES

PLACES = {"tools": (TOOLS, HOME), "staging": (STAGING, HOME), "production": (PRODUCTION, ABROAD)}


@pytest.fixture
def there(accounts: Accounts) -> dict[str, Cloud]:
    return {name: accounts.at(*place) for name, place in PLACES.items()}


@pytest.fixture
def directory(there: dict[str, Cloud], tmp_path: Path) -> Path:
    """The rendered service, with the networks that the accounts have."""
    environments: dict[str, Any] = {name: dict(each) for name, each in FLEET["environments"].items()}
    for name in ("staging", "production"):
        network = prepare_network(there[name], dict.fromkeys(("VpcId", "PrivateSubnets"), ""))
        environments[name]["parameters"] = network
    environments["tools"]["parameters"] = {"ConnectionArn": CONNECTION}
    root = fleet(tmp_path / "fleet", "orders", environments=environments)
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    return root / "out" / "orders"


def test_the_script_deploys_across_accounts_from_nothing_changes_nothing_and_deletes(
    directory: Path, there: dict[str, Cloud], accounts: Accounts, tmp_path: Path
) -> None:
    person = accounts.person(tmp_path / "config", there)

    def script(*arguments: str, cloud: Cloud = person) -> Any:
        return run_command(cloud, [str(directory / "deploy.sh"), *arguments], tmp_path)

    done = script("--all")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Successfully created/updated stack") == 8
    assert contents(there["tools"])["pipelines"] == ("orders",)
    for name in ("staging", "production"):
        assert contents(there[name])["services"] == (f"orders-{name}/orders-{name}",)

    # With the credentials of one account, what other accounts have keeps its value.
    alone = accounts.person(tmp_path / "staging", {"staging": there["staging"]})
    again = script("staging", cloud=alone)
    assert (again.returncode, again.stdout.count(NO_CHANGES)) == (0, 2), again.stderr
    assert "so ArtifactKeyArn keeps its value" in again.stderr
    again = script("--all")
    assert (again.returncode, again.stdout.count(NO_CHANGES), again.stderr) == (0, 8, "")

    printed = script("--delete", "--all").stdout
    assert run_command(person, ["bash", "-ec", printed], tmp_path).returncode == 0
    assert [contents(cloud).get("stacks") for cloud in there.values()] == [None, None, None]
