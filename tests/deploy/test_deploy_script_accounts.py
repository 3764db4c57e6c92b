"""`deploy.sh` with environments in several accounts, each with a profile of the AWS CLI, and what it does with the
validation of change sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipegen.model.environment import Environment
from tests.deploy.test_deploy_script_waits import Front
from tests.deploy.test_deploying import COURIER, Written, run, written
from tests.support.accounts import Accounts, contents
from tests.support.cloud import REGION, Cloud
from tests.support.deployed import NO_CHANGES

STAGING, PRODUCTION = "111111111111", "222222222222"
STACK = "courier-pipeline"
PLAIN = COURIER.replace(", NoEcho: true", ", Default: none")


def environment(account: str, greeting: str, **more: str) -> Environment:
    return Environment(account=account, region=REGION, parameters={"Greeting": greeting}, **more)


def courier(tmp_path: Path, text: str = PLAIN, **environments: Environment) -> Written:
    path = tmp_path / "courier.yaml"
    path.write_text(text)
    return written(
        tmp_path,
        path,
        environments
        or {
            "staging": environment(STAGING, "hello", profile="shop-staging"),
            "pre-production": environment(PRODUCTION, "hi", profile="shop-production"),
        },
    )


@pytest.fixture
def there(accounts: Accounts) -> Mapping[str, Cloud]:
    """The two accounts by the names of their profiles."""
    return {"shop-staging": accounts.at(STAGING), "shop-production": accounts.at(PRODUCTION)}


@pytest.fixture
def person(accounts: Accounts, there: Mapping[str, Cloud], tmp_path: Path) -> Cloud:
    return accounts.person(tmp_path / "config", there)


def greeting(cloud: Cloud) -> str:
    [project] = cloud.aws_json("codebuild", "batch-get-projects", "--names", "courier-Make")["projects"]
    return {each["name"]: str(each["value"]) for each in project["environment"]["environmentVariables"]}["GREETING"]


def test_all_environments_are_deployed_each_with_its_profile(
    person: Cloud, there: Mapping[str, Cloud], tmp_path: Path
) -> None:
    files = courier(tmp_path)
    done = files.deploy(person, "--all")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"Successfully created/updated stack - {STACK}") == 2
    assert [greeting(cloud) for cloud in there.values()] == ["hello", "hi"]
    again = files.deploy(person, "--all")
    assert (again.returncode, again.stdout.count(NO_CHANGES), again.stderr) == (0, 2, "")


def test_one_environment_is_deployed_and_no_other(person: Cloud, there: Mapping[str, Cloud], tmp_path: Path) -> None:
    done = courier(tmp_path).deploy(person, "pre-production")
    assert done.returncode == 0, done.stderr
    assert contents(there["shop-staging"]) == {}
    assert contents(there["shop-production"])["stacks"] == (STACK,)


def test_the_credentials_of_all_environments_are_checked_before_the_first_stack(
    accounts: Accounts, there: Mapping[str, Cloud], tmp_path: Path
) -> None:
    wrong = accounts.person(tmp_path / "wrong", {**there, "shop-production": there["shop-staging"]})
    done = courier(tmp_path).deploy(wrong, "--all")
    assert done.returncode == 1
    assert done.stderr == (
        f"pre-production is in account {PRODUCTION}, but the profile shop-production is for {STAGING}; "
        "set AWS_PROFILE_PRE_PRODUCTION to another profile\nnothing was deployed\n"
    )
    assert [contents(cloud) for cloud in there.values()] == [{}, {}]


def test_a_variable_sets_another_profile_or_none(person: Cloud, there: Mapping[str, Cloud], tmp_path: Path) -> None:
    files = courier(
        tmp_path, staging=environment(STAGING, "hello", profile="nobody"), production=environment(PRODUCTION, "hi")
    )
    profiles = {"AWS_PROFILE_STAGING": "shop-staging", "AWS_PROFILE_PRODUCTION": "shop-production"}
    assert files.deploy(person, "--all", **profiles).returncode == 0
    assert [greeting(cloud) for cloud in there.values()] == ["hello", "hi"]
    in_ci = files.deploy(there["shop-staging"], "staging", AWS_PROFILE_STAGING="")
    assert (in_ci.returncode, in_ci.stderr) == (0, "")
    assert NO_CHANGES in in_ci.stdout


def test_a_failure_in_one_environment_names_what_was_deployed_in_the_others(person: Cloud, tmp_path: Path) -> None:
    files = courier(tmp_path)
    (files.directory / "pre-production.parameters.json").write_text("[]")
    done = files.deploy(person, "--all")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"{STACK} failed in pre-production; no further stack was deployed; deployed before: {STACK} in staging"
    )


def test_the_printed_deletion_deletes_the_last_stack_first(
    person: Cloud, there: Mapping[str, Cloud], tmp_path: Path
) -> None:
    files = courier(tmp_path)
    assert files.deploy(person, "--all").returncode == 0
    before = [contents(cloud) for cloud in there.values()]
    printed = files.deploy(person, "--delete", "--all", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert [line.split()[4] for line in printed.stdout.splitlines()[::2]] == ["shop-production", "shop-staging"]
    assert [contents(cloud) for cloud in there.values()] == before
    done = run(person, ["bash", "-ec", printed.stdout], tmp_path)
    assert done.returncode == 0, done.stderr
    assert [contents(cloud).get("stacks") for cloud in there.values()] == [None, None]


@pytest.fixture
def change(there: Mapping[str, Cloud], tmp_path: Path) -> Written:
    """The stack of staging is deployed with one more bucket, which has an object; the template has it no more."""
    files, cloud = courier(tmp_path, staging=environment(STAGING, "hello")), there["shop-staging"]
    template = files.directory / f"{STACK}.yaml"
    text = template.read_text()
    template.write_text(text.replace("\nResources:\n", "\nResources:\n  Drafts: {Type: AWS::S3::Bucket}\n"))
    assert files.deploy(cloud, "staging").returncode == 0
    cloud.aws("s3api", "put-object", "--bucket", drafts(cloud), "--key", "draft")
    template.write_text(text)
    return files


def drafts(cloud: Cloud) -> str:
    [bucket] = [name for name in contents(cloud)["buckets"] if "drafts" in name]
    return bucket


def test_a_stack_is_not_changed_if_its_validation_warns(
    change: Written, there: Mapping[str, Cloud], tmp_path: Path
) -> None:
    cloud = there["shop-staging"]
    done = change.deploy(cloud, "staging")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "CloudFormation's validation found:",
        "warning: Drafts /Resources/Drafts: The bucket to be deleted is not empty",
        "with --ignore-warnings, the stack is deployed despite the warnings",
        f"{STACK} was not changed in staging: see above; no further stack was deployed; deployed before: nothing",
    ]
    [stack] = cloud.aws_json("cloudformation", "describe-stacks")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_a_stack_is_changed_despite_warnings_on_request(change: Written, there: Mapping[str, Cloud]) -> None:
    cloud = there["shop-staging"]
    bucket = drafts(cloud)
    done = change.deploy(cloud, "--ignore-warnings", "staging")
    assert "warning: Drafts" in done.stderr
    assert f"The bucket {bucket} you tried to delete is not empty" in " ".join(cloud.failures(STACK))


@pytest.mark.parametrize("state", ["creating the change set fails", "the change set exists"])
def test_errors_of_the_validation_are_shown(state: str, there: Mapping[str, Cloud], tmp_path: Path) -> None:
    cloud = there["shop-staging"]
    assert courier(tmp_path, staging=environment(STAGING, "hello")).deploy(cloud, "staging").returncode == 0
    files = courier(tmp_path, staging=environment(STAGING, "good evening"))
    found = "error: Topic /Resources/Topic: Resource of type 'AWS::SNS::Topic' with identifier 'a' already exists."
    rules = {"describe-events": f'echo "{found}"; exit'}
    if state == "creating the change set fails":
        rules["deploy --stack-name"] = "echo 'Failed to create the changeset' >&2; exit 255"
    done = Front.at(tmp_path / "front", **rules).deploy(files, cloud)
    assert done.returncode == 1
    assert found in done.stderr.splitlines()
    assert "no further stack was deployed; deployed before: nothing" in done.stderr.splitlines()[-1]
    assert greeting(cloud) == "hello"


def test_without_the_call_a_stack_is_deployed(there: Mapping[str, Cloud], tmp_path: Path) -> None:
    """Old versions of the AWS CLI do not have it."""
    files, cloud = courier(tmp_path, staging=environment(STAGING, "hello")), there["shop-staging"]
    rules = {"describe-events": "echo 'Invalid choice: describe-events' >&2; exit 252"}
    done = Front.at(tmp_path / "front", **rules).deploy(files, cloud)
    assert done.returncode == 0
    assert done.stderr == "the validation of the change set cannot be read: Invalid choice: describe-events\n"
