"""What `deploy.sh` does about deployments in progress, about updates of more than an hour, and about Ctrl-C. The real
AWS CLI talks to a cloud on loopback; where a test needs another answer, a program in front of the CLI gives it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipegen.model.environment import Environment
from tests.conftest import Pipegen
from tests.deploy.test_deploying import Written, courier, run, written
from tests.end_to_end.test_examples_deployed import example_named, parameter_values
from tests.support.cloud import ACCOUNT, REGION, Cloud, aws_program

IN_FRONT = """\
#!/bin/bash
echo "$*" >> {here}/calls
{rules}
exec {real} "$@"
"""
IS = "deploy --stack-name courier-pipeline"
WAIT = "wait stack-update-complete --stack-name courier-pipeline"
STATE = "describe-stacks --stack-name courier-pipeline"


@dataclass(frozen=True)
class Front:
    """Programs that come before the real ones in the PATH. The clock is a file with the seconds that `sleep` was asked
    for."""

    directory: Path

    @staticmethod
    def at(directory: Path, **rules: str) -> Front:
        """rules: by what a command must contain, what is run in its place, or before it."""
        directory.mkdir()
        lines = "\n".join(f'if [[ "$*" == *"{pattern}"* ]]; then {run}; fi' for pattern, run in rules.items())
        real = aws_program()
        (directory / "aws").write_text(IN_FRONT.format(here=directory, rules=lines, real=real))
        (directory / "sleep").write_text(f'#!/bin/bash\necho "$1" >> {directory}/clock\n')
        for name in ("aws", "sleep"):
            (directory / name).chmod(0o755)
        return Front(directory)

    @property
    def seconds(self) -> int:
        clock = self.directory / "clock"
        return sum(map(int, clock.read_text().split())) if clock.exists() else 0

    @property
    def calls(self) -> list[str]:
        return (self.directory / "calls").read_text().splitlines()

    def deploy(self, files: Written, cloud: Cloud, **variables: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self.directory), str(Path(sys.executable).parent), os.environ["PATH"]])
        command = [sys.executable, "-c", HEARING, str(files.directory / "deploy.sh"), "staging"]
        return run(cloud, command, files.directory.parents[1], PATH=path, **variables)


HEARING = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a script that hears interrupts, also where the tests themselves run in the background and ignore them."""


def fresh(tmp_path: Path, cloud: Cloud) -> Written:
    """A stack that is deployed, and a change for it."""
    cloud.reset()
    done = courier(tmp_path).deploy(cloud, "staging", PARAMETER_Token="t")
    assert done.returncode == 0, done.stderr
    return courier(tmp_path, Greeting="good evening")


def rollout(clock: Path, end: str, minutes: int) -> dict[str, str]:
    """An update that takes so many minutes, of which the CLI waits for 60."""
    waited = f"for _ in {{1..120}}; do sleep 30; done; touch {clock}.begun"
    failed = "echo 'Waiter StackUpdateComplete failed: Max attempts exceeded' >&2; exit 255"
    total = f'$(( $(tr "\\n" + < {clock})0 ))'
    progress = f"(( {total} < {minutes * 60} )) && echo 'UPDATE_IN_PROGRESS 2' || echo '{end} 2'"
    return {WAIT: f"{waited}; {failed}", STATE: f"if [[ -f {clock}.begun ]]; then {progress}; exit; fi"}


@pytest.mark.parametrize(
    ("end", "code", "words"),
    [
        ("UPDATE_COMPLETE", 0, ""),
        ("UPDATE_ROLLBACK_COMPLETE", 1, "courier-pipeline failed in staging"),
        ("UPDATE_ROLLBACK_FAILED", 1, "courier-pipeline failed in staging"),
    ],
)
def test_an_update_of_more_than_an_hour_is_waited_for_until_it_is_final(
    end: str, code: int, words: str, tmp_path: Path, cloud: Cloud
) -> None:
    files = fresh(tmp_path, cloud)
    front = Front.at(tmp_path / "front", **rollout(tmp_path / "front" / "clock", end, 150))
    done = front.deploy(files, cloud, PARAMETER_Token="t")
    assert done.returncode == code, done.stderr
    assert front.seconds == 150 * 60
    assert done.stderr.count("is still in progress after the timeout of the AWS CLI; waiting for it") == 1
    assert words in done.stderr


def test_a_failure_without_an_update_is_not_taken_for_the_success_of_the_last_one(tmp_path: Path, cloud: Cloud) -> None:
    files = fresh(tmp_path, cloud)
    front = Front.at(tmp_path / "front", **{IS: "echo 'An error occurred (AccessDenied)' >&2; exit 255"})
    done = front.deploy(files, cloud, PARAMETER_Token="t")
    assert done.returncode == 1
    assert "courier-pipeline failed in staging; no further stack was deployed" in done.stderr
    assert front.seconds == 0


def test_credentials_that_expire_while_it_waits_are_not_a_failure_of_the_stack(tmp_path: Path, cloud: Cloud) -> None:
    files = fresh(tmp_path, cloud)
    expired = "echo 'An error occurred (ExpiredToken)' >&2; exit 254"
    gone = tmp_path / "front" / "gone"
    rules = {WAIT: f"touch {gone}; {expired}", STATE: f"if [[ -f {gone} ]]; then {expired}; fi"}
    done = Front.at(tmp_path / "front", **rules).deploy(files, cloud, PARAMETER_Token="t")
    assert done.returncode == 1
    assert "An error occurred (ExpiredToken)" in done.stderr
    assert "CloudFormation continues with it" in done.stderr


@pytest.mark.parametrize("state", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_a_stack_that_is_in_progress_already_is_left_alone(state: str, tmp_path: Path, cloud: Cloud) -> None:
    files = fresh(tmp_path, cloud)
    front = Front.at(tmp_path / "front", **{STATE: f"echo '{state} 1'; exit"})
    done = front.deploy(files, cloud, PARAMETER_Token="t")
    assert done.returncode == 1
    assert f"courier-pipeline is {state}; run this script again when CloudFormation has finished" in done.stderr
    assert not [call for call in front.calls if IS in call]


def test_a_stack_whose_creation_failed_must_be_deleted_first(tmp_path: Path, cloud: Cloud) -> None:
    files = fresh(tmp_path, cloud)
    done = Front.at(tmp_path / "front", **{STATE: "echo 'ROLLBACK_COMPLETE 1'; exit"}).deploy(files, cloud)
    assert done.returncode == 1
    assert "delete it with aws cloudformation delete-stack, and run this script again" in done.stderr


def test_an_interrupt_says_that_cloudformation_goes_on(tmp_path: Path, cloud: Cloud) -> None:
    files = fresh(tmp_path, cloud)
    front = Front.at(tmp_path / "front", **{WAIT: "kill -INT $PPID; exit 130"})
    done = front.deploy(files, cloud, PARAMETER_Token="t")
    assert done.returncode == 130
    told = done.stderr.splitlines()
    assert "interrupted, but CloudFormation continues with courier-pipeline if it has started" in told[-3]
    assert told[-2].startswith(f"aws --region {REGION} cloudformation describe-stacks --stack-name courier-pipeline")
    assert told[-1].endswith("run " + str(files.directory / "deploy.sh") + " again when no stack is in progress")


@pytest.fixture
def service(tmp_path: Path, cloud: Cloud, request: pytest.FixtureRequest) -> Written:
    """The stacks of an example with a service, deployed."""
    cloud.reset()
    example = example_named(request.param)
    staging = Environment(account=ACCOUNT, region=REGION, parameters=parameter_values(example, cloud))
    files = written(tmp_path, example.yaml, {"staging": staging})
    done = files.deploy(cloud, "staging")
    assert done.returncode == 0, done.stderr
    return files


ARN = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/web/1"
IN_PROGRESS = {
    "ECS says so": ("service_rolling", {"list-service-deployments": f"echo {ARN}; exit"}, ARN),
    "an old CLI cannot ask": (
        "service_rolling",
        {
            "list-service-deployments": "echo 'Invalid choice' >&2; exit 252",
            "describe-services": "echo ecs-svc/123; exit",
        },
        "ecs-svc/123",
    ),
    "CodeDeploy says so": (
        "service_blue_green",
        {"list-service-deployments": "exit 0", "list-deployments": "echo d-ABCDEFGHI; exit"},
        "d-ABCDEFGHI",
    ),
    "a task set of CodeDeploy's is there": (
        "service_blue_green",
        {"describe-services": "echo d-JKLMNOPQR; exit"},
        "d-J",
    ),
}


@pytest.mark.parametrize(
    ("service", "rules", "name"), IN_PROGRESS.values(), ids=IN_PROGRESS.keys(), indirect=["service"]
)
def test_a_service_is_not_updated_while_it_is_deployed_to(
    service: Written, rules: dict[str, str], name: str, cloud: Cloud, tmp_path: Path
) -> None:
    front = Front.at(tmp_path / "front", **rules)
    done = front.deploy(service, cloud)
    registry, stack = (each.stack.name for each in service.stacks[:2])
    assert done.returncode == 1
    assert f"{stack} was not updated, because a deployment to " in done.stderr
    assert name in done.stderr
    assert "recorded its image, or stop it: aws ecs stop-service-deployment, aws deploy stop-deployment" in done.stderr
    assert done.stderr.splitlines()[-1] == f"no further stack was deployed; deployed before: {registry}"
    assert not [call for call in front.calls if f"deploy --stack-name {stack}" in call]


@pytest.mark.parametrize("service", ["service_rolling"], indirect=True)
def test_what_cannot_be_known_is_a_reason_not_to_update(service: Written, cloud: Cloud, tmp_path: Path) -> None:
    denied = "echo 'An error occurred (AccessDeniedException)' >&2; exit 254"
    for number, operation in enumerate(("describe-services", "describe-stack-resources")):
        front = Front.at(tmp_path / f"front{number}", **{operation: denied})
        done = front.deploy(service, cloud)
        assert done.returncode == 1
        assert "An error occurred (AccessDeniedException)" in done.stderr
        assert "so it was not updated" in done.stderr
        assert "not" in done.stderr.splitlines()[-1]


def test_the_printed_commands_name_the_same_traps(pipegen: Pipegen, tmp_path: Path) -> None:
    done = pipegen("render", example_named("service_rolling").yaml, "-o", tmp_path / "out")
    assert "# Update espresso-staging, espresso-production only while no deployment of the service is" in done.stderr
    assert "# The AWS CLI waits for an hour at most." in done.stderr
    assert subprocess.run(["bash", "-n"], input=done.stderr, text=True, check=False).returncode == 0
