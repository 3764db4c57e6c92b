"""A cloud on the loopback for tests: moto's server in a child process, and the real AWS CLI pointed at it.

What the server knows beyond moto is in `tests/moto_cloudformation`; this module run as a program is that server. The
server is a process of its own so that moto's warnings, patches and threads stay out of the process that runs tests.
"""

from __future__ import annotations

import atexit
import http.client
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.support.forked import forked

REGION = "eu-west-1"
ACCOUNT = "123456789012"
# The CLI refuses to send more than this many bytes inline and then wants a bucket:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
INLINE_TEMPLATE_LIMIT = 51_200
ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 10
# Roles may have AWS's managed policies, as on AWS. Nothing here starts machines, whose images would be made again at
# every reset.
MOTO = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class CommandFailed(subprocess.CalledProcessError):
    """An AWS CLI command that came back with an error; its text holds what the command said."""

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.stdout}{self.stderr}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A running cloud; `environment` is what any AWS tool needs in order to talk to it and to nothing else."""

    endpoint: str
    environment: Mapping[str, str]
    region: str = REGION
    account: str = ACCOUNT

    def aws(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the AWS CLI of the running Python; with `check`, an error raises CommandFailed."""
        command = [str(aws_program()), *arguments]
        # HOME: besides its configuration, the CLI reads aliases from the home directory.
        environment = own_environment() | {"HOME": os.devnull, **self.environment}
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if check and finished.returncode:
            raise CommandFailed(finished.returncode, command, finished.stdout, finished.stderr)
        return finished

    def aws_json(self, *arguments: str) -> Any:
        """Run the AWS CLI and read its answer; None where it says nothing."""
        answer = self.aws(*arguments).stdout
        return json.loads(answer) if answer.strip() else None

    def api(self, service: str, operation: str, **parameters: Any) -> Any:
        """Call the API without the AWS CLI, which takes a tenth of the time: for what tests prepare and look at."""
        credentials = tuple(self.environment[name] for name in CREDENTIALS)
        client = _client(service, self.endpoint, self.region, credentials)
        if client.can_paginate(operation):
            return client.get_paginator(operation).paginate(**parameters).build_full_result()
        return getattr(client, operation)(**parameters)

    def elsewhere(self, account: str | None = None, region: str | None = None) -> Cloud:
        """The same cloud with the credentials of a role in another account, or in another region.

        The credentials end with a reset; AWS tools then are in the account of the cloud again.
        """
        region = region or self.region
        environment = {**self.environment, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
        there = replace(self, environment=environment, region=region)
        return (
            replace(there, account=account, environment={**environment, **there._assume(account)}) if account else there
        )

    def _assume(self, account: str) -> Mapping[str, str]:
        command = ("sts", "assume-role", "--role-arn", deployer(account), "--role-session-name", "tests")
        given = self.aws_json(*command)["Credentials"]
        variables = {
            "ACCESS_KEY_ID": "AccessKeyId",
            "SECRET_ACCESS_KEY": "SecretAccessKey",
            "SESSION_TOKEN": "SessionToken",
        }
        return {f"AWS_{name}": str(given[key]) for name, key in variables.items()}

    def reset(self) -> None:
        """Forget every resource of every service."""
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"))
        connection.request("POST", "/moto-api/reset")
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise RuntimeError(f"The cloud did not reset: {response.status} {response.read()!r}")
        connection.close()

    def deploy(
        self,
        template: Path,
        stack: str,
        *,
        parameters: Mapping[str, str] | None = None,
        capabilities: Sequence[str] = ("CAPABILITY_IAM",),
    ) -> subprocess.CompletedProcess[str]:
        """Create or update a stack with `aws cloudformation deploy`; the error of a failure names its reasons."""
        command = ["cloudformation", "deploy", "--template-file", str(template), "--stack-name", stack]
        command += ["--no-fail-on-empty-changeset"]
        if template.stat().st_size > INLINE_TEMPLATE_LIMIT:
            command += ["--s3-bucket", self.template_bucket()]
        if capabilities:
            command += ["--capabilities", *capabilities]
        if parameters:
            command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
        try:
            return self.aws(*command)
        except CommandFailed as failure:
            for reason in self.failures(stack):
                failure.add_note(reason)
            raise

    def template_bucket(self) -> str:
        """The bucket for templates too long to send inline, made on first use."""
        bucket = f"templates-{self.account}-{self.region}"
        place = f"LocationConstraint={self.region}"
        command = (
            "s3api",
            "create-bucket",
            "--bucket",
            bucket,
            "--create-bucket-configuration",
            place,
        )
        result = self.aws(*command, check=False)
        if result.returncode and "BucketAlreadyOwnedByYou" not in result.stderr:
            raise CommandFailed(result.returncode, list(command), result.stdout, result.stderr)
        return bucket

    def failures(self, stack: str) -> list[str]:
        """Why a stack failed, newest first; nothing for a stack that never came to be."""
        result = self.aws("cloudformation", "describe-stack-events", "--stack-name", stack, check=False)
        events = json.loads(result.stdout)["StackEvents"] if result.returncode == 0 else []
        failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
        return [event["ResourceStatusReason"] for event in failed if "ResourceStatusReason" in event]


@cache
def _client(service: str, endpoint: str, region: str, credentials: tuple[str, ...]) -> Any:
    from botocore.config import Config
    from botocore.session import Session

    files = ("config_file", "credentials_file")
    session = Session({"profile": (None,) * 4, **dict.fromkeys(files, (None, None, os.devnull, None))})
    key, secret, token = credentials
    return session.create_client(
        service,
        region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}, proxies={}),
    )


def deployer(account: str) -> str:
    """The role with which stacks are deployed to an account. moto takes the account of the credentials from it."""
    return f"arn:aws:iam::{account}:role/deployer"


@cache
def aws_program() -> Path:
    """The AWS CLI of the running Python, which is there until that ends."""
    running = ExitStack()
    atexit.register(running.close)
    # It finds the user's aliases while it is imported.
    return running.enter_context(forked("aws", "awscli.clidriver:main", "awscli.handlers", HOME=os.devnull))


@contextmanager
def start_cloud() -> Iterator[Cloud]:
    """Run a cloud on a free port of 127.0.0.1 until the block ends. IAM is not enforced."""
    with tempfile.TemporaryFile("w+") as log, server_process(log) as process:
        assert process.stdout is not None
        endpoint = process.stdout.readline().strip()
        if not endpoint:
            log.seek(0)
            raise RuntimeError(f"The cloud did not start:\n{log.read()}")
        yield Cloud(endpoint=endpoint, environment=environment_of(endpoint))


@contextmanager
def server_process(log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.cloud"],
        cwd=ROOT,
        env=own_environment() | MOTO,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        yield process
    finally:
        try:
            process.communicate(timeout=STOP_SECONDS)  # closes its input, which tells it to stop
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def own_environment() -> dict[str, str]:
    """This process's environment without anything that would steer AWS tools or moto, or measure them."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_", "COVERAGE_"))}


def environment_of(endpoint: str) -> Mapping[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_DEFAULT_OUTPUT": "json",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        # A server that fails on the loopback fails every time; retries would only hide it for half a minute.
        "AWS_MAX_ATTEMPTS": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def serve() -> None:
    """Run the server until standard input ends, so that it never outlives the process that started it."""
    with server() as endpoint:
        print(endpoint, flush=True)
        sys.stdin.read()


@contextmanager
def server(port: int = 0) -> Iterator[str]:
    """Run the server in this process until the block ends; yields its address. Port 0 is a free one."""
    # Here, because the side that runs tests does not need moto, which takes a second or two to import.
    from moto.server import ThreadedMotoServer

    from tests.moto_cloudformation import extend_moto

    extend_moto()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        running.stop()


if __name__ == "__main__":
    serve()
