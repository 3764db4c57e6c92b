"""The code of the HTTP check, run as it is emitted: against servers of every temper, with a CodeDeploy that listens."""

from __future__ import annotations

import ast
import datetime
import http.server
import ipaddress
import json
import signal
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipegen.ecs.hook import hook_resources
from pipegen.ecs.http_check import HttpCheck
from tests.support.cloud import environment_of

pytestmark = pytest.mark.slow

CODEDEPLOY_EVENT = {"DeploymentId": "d-12345", "LifecycleEventHookExecutionId": "abc"}
ECS_EVENT = {
    "executionId": "e8d5a28f-eb01-4f3c-9454-a30ba6dc54bc",
    "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
    "resourceArn": "arn:aws:ecs:us-west-2:123456789012:service-deployment/main/app/EZe5RNVLH6PPzHXINuP28",
    "executionDetails": {"serviceArn": "arn:aws:ecs:us-west-2:123456789012:service/main/app"},
    "hookDetails": {},
}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready"


@dataclass
class Lambda:
    """What Lambda gives a function: its code and variables as the template has them, and a context with a deadline."""

    monkeypatch: pytest.MonkeyPatch
    reports: list[tuple[float, dict[str, Any]]]

    def __call__(
        self, check: HttpCheck, *, seconds: float = 60, event: Any = CODEDEPLOY_EVENT, **variables: str | None
    ) -> Any:
        [_, function] = hook_resources(check, logical_id="Check", name="test").resources
        properties = function.to_dict()["Properties"]
        for name, value in {**properties["Environment"]["Variables"], **variables}.items():
            if value is None:
                self.monkeypatch.delenv(name, raising=False)
            else:
                self.monkeypatch.setenv(name, value)
        module: dict[str, Any] = {}
        exec(compile(properties["Code"]["ZipFile"], "index.py", "exec"), module)
        return module["handler"](event, Context(time.monotonic() + seconds))

    @property
    def statuses(self) -> list[str]:
        return [sent["status"] for _, sent in self.reports]

    def verdict(self, check: HttpCheck, *, seconds: float = 60, **variables: str | None) -> str:
        """The one status that CodeDeploy was told, in time and for the right event."""
        self.reports.clear()
        deadline = time.monotonic() + seconds
        self(check, seconds=seconds, **variables)
        [(at, sent)] = self.reports
        assert at < deadline
        assert sent["deploymentId"] == "d-12345"
        assert sent["lifecycleEventHookExecutionId"] == "abc"
        return str(sent["status"])


@dataclass(frozen=True)
class Context:
    deadline: float

    def get_remaining_time_in_millis(self) -> int:
        return int((self.deadline - time.monotonic()) * 1000)


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """moto knows no PutLifecycleEventHookExecutionStatus, so this is a server that keeps what boto3 sends."""
    reports: list[tuple[float, dict[str, Any]]] = []

    class CodeDeploy(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["X-Amz-Target"] == "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"
            reports.append((time.monotonic(), sent))
            answer = json.dumps({"lifecycleEventHookExecutionId": sent["lifecycleEventHookExecutionId"]}).encode()
            self.send_response(400 if sent["deploymentId"] == "d-gone" else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    before = signal.getsignal(signal.SIGALRM)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), CodeDeploy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, value in environment_of(f"http://127.0.0.1:{server.server_address[1]}").items():
            monkeypatch.setenv(name, value)
        yield Lambda(monkeypatch, reports)
        server.shutdown()
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0), "an alarm outlived the function"
    signal.signal(signal.SIGALRM, before)


Behaviour = Callable[[socket.socket, threading.Event], None]


@dataclass
class Target:
    """The application under test; `requests` are the first lines that it got."""

    port: int = 0
    requests: list[str] = field(default_factory=list)

    def check(self, **fields: Any) -> HttpCheck:
        given = {"host": "127.0.0.1", "port": self.port, "retries": 0, "retry_seconds": 0, "timeout_seconds": 1}
        return HttpCheck(**{**given, **fields})


@contextmanager
def serving(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Target]:
    """A server that behaves so at its first request, its second …, and as at the last ever after."""
    target, over = Target(), threading.Event()

    class Application(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection = self.request
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                target.requests.append(connection.recv(65536).decode().partition("\r\n")[0])
                behaviours[min(len(target.requests), len(behaviours)) - 1](connection, over)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """The other side went away, as it may."""

    with Server(("127.0.0.1", 0), Application) as server:
        target.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield target
        over.set()
        server.shutdown()


def says(answer: bytes) -> Behaviour:
    return lambda connection, over: connection.sendall(answer)


def status(code: int, body: str = "", headers: str = "") -> Behaviour:
    return says(f"HTTP/1.1 {code} Words\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}".encode())


def dribbles(beginning: bytes) -> Behaviour:
    """A byte every tenth of a second: no time-out of a socket ever passes."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(beginning)
        while not over.wait(0.1):
            connection.sendall(b"x")

    return behave


def answers_late(connection: socket.socket, over: threading.Event) -> None:
    over.wait(3)
    connection.sendall(OK)


def never_answers(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def closes(connection: socket.socket, over: threading.Event) -> None:
    pass


BROKEN = {
    "another status": status(500, "Internal Server Error"),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "more than a line of rubbish": says(b"\x00\xff" * 70_000),
    "a status that is no number": says(b"HTTP/1.1 fine\r\n\r\n"),
    "nothing, and closes": closes,
    "nothing, ever": never_answers,
    "too late": answers_late,
    "its first line without end": dribbles(b"HTTP/1.1 200 "),
    "headers without end": dribbles(b"HTTP/1.1 200 OK\r\nX-A: "),
    "a body without end": dribbles(b"HTTP/1.1 200 OK\r\n\r\nready"),
    "a chunk without end": dribbles(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nready"),
    "a redirect": status(301, headers="Location: /elsewhere\r\n"),
}


@dataclass
class Ecs:
    """ECS's side: what it says of the deployment whose hook is called, or how it fails."""

    deployments: list[dict[str, Any]] | Exception
    asked: list[list[str]] = field(default_factory=list)

    def describe_service_deployments(self, serviceDeploymentArns: list[str]) -> dict[str, Any]:  # noqa: N803
        self.asked.append(serviceDeploymentArns)
        if isinstance(self.deployments, Exception):
            raise self.deployments
        return {"serviceDeployments": self.deployments}


FIRST: dict[str, Any] = {"sourceServiceRevisions": []}
LATER = {"sourceServiceRevisions": [{"arn": "arn:aws:ecs:us-west-2:123456789012:service-revision/main/app/1"}]}
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeServiceDeployments")


@pytest.mark.parametrize(
    ("found", "asks"),
    [([FIRST], False), ([{}], False), ([LATER], True), ([], True), (DENIED, True)],
    ids=["first", "first, by omission", "later", "unknown", "refused"],
)
def test_a_services_first_deployment_goes_on_without_being_asked(
    function: Lambda, monkeypatch: pytest.MonkeyPatch, found: list[dict[str, Any]] | Exception, asks: bool
) -> None:
    ecs = Ecs(found)
    monkeypatch.setattr("boto3.client", lambda name, **_: {"ecs": ecs}[name])
    with serving(status(503)) as target:
        answer = function(target.check(), event=ECS_EVENT)
    assert answer == {"hookStatus": "FAILED" if asks else "SUCCEEDED"}
    assert len(target.requests) == asks
    assert ecs.asked == [[ECS_EVENT["resourceArn"]]]


def test_what_is_expected_passes(function: Lambda, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(says(OK)) as target:
        assert function.verdict(target.check(path="/status?deep=1", body="^rea.y$")) == "Succeeded"
    assert target.requests == ["GET /status?deep=1 HTTP/1.1"]
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(f"attempt 1: http://127.0.0.1:{target.port}/status: as expected (0.")


@pytest.mark.parametrize("behaviour", BROKEN.values(), ids=BROKEN)
def test_anything_else_fails_within_the_time_of_a_try(
    function: Lambda, behaviour: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(behaviour) as target:
        started = time.monotonic()
        assert function.verdict(target.check()) == "Failed"
        assert time.monotonic() - started < 2.5
    assert len(target.requests) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(f"attempt 1: http://127.0.0.1:{target.port}/: ")
    assert "as expected" not in line
    assert len(line) < 400


def test_a_wrong_body_fails_and_a_right_one_passes(function: Lambda) -> None:
    with serving(says(OK)) as target:
        assert function.verdict(target.check(body="steady")) == "Failed"
        assert function.verdict(target.check(body="read")) == "Succeeded"


def test_each_of_the_expected_statuses_passes_and_a_part_of_one_does_not(function: Lambda) -> None:
    with serving(status(204), status(301, headers="Location: /\r\n"), status(404), status(501)) as target:
        found = [function.verdict(target.check(statuses=[204, 301, 5010])) for _ in range(4)]
    assert found == ["Succeeded", "Succeeded", "Failed", "Failed"]
    assert len(target.requests) == 4


def test_it_tries_again_until_an_answer_is_right(function: Lambda, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(status(503), closes, says(OK), status(500)) as target:
        started = time.monotonic()
        assert function.verdict(target.check(retries=5, retry_seconds=1)) == "Succeeded"
        assert 2 <= time.monotonic() - started < 4
    assert len(target.requests) == 3
    assert [line[:9] for line in capsys.readouterr().out.splitlines()] == ["attempt 1", "attempt 2", "attempt 3"]


def test_it_makes_the_configured_number_of_attempts(function: Lambda) -> None:
    with serving(status(503)) as target:
        assert function.verdict(target.check(retries=2)) == "Failed"
    assert len(target.requests) == 3


def test_nobody_listens(function: Lambda) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert function.verdict(Target(unused.getsockname()[1]).check()) == "Failed"


def test_a_host_that_does_not_resolve(function: Lambda) -> None:
    started = time.monotonic()
    assert function.verdict(Target(80).check(host="nothing.invalid")) == "Failed"
    assert time.monotonic() - started < 3


def certificate(directory: Path, host: str) -> ssl.SSLContext:
    """A server's TLS with a certificate that it signed itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    made = builder.add_extension(names, critical=True).sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "tls.pem").write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(directory / "tls.pem")
    return tls


@pytest.mark.parametrize(
    ("trusted", "host", "verify", "verdict"),
    [
        (False, "127.0.0.1", True, "Failed"),
        (True, "127.0.0.1", True, "Succeeded"),
        (True, "127.0.0.2", True, "Failed"),
        (False, "127.0.0.1", False, "Succeeded"),
        (False, "127.0.0.2", False, "Succeeded"),
    ],
)
def test_certificates_are_verified_by_default(
    function: Lambda, tmp_path: Path, trusted: bool, host: str, verify: bool, verdict: str
) -> None:
    with serving(says(OK), tls=certificate(tmp_path, host)) as target:
        trust = str(tmp_path / "tls.pem") if trusted else None
        check = target.check(scheme="https", verify_certificate=verify)
        assert function.verdict(check, SSL_CERT_FILE=trust) == verdict


@pytest.mark.parametrize("behaviour", ["nothing, ever", "a body without end", "another status"])
def test_it_stops_in_time_to_report(function: Lambda, behaviour: str) -> None:
    """One second is left besides the ten for the report, whatever it was told to do."""
    with serving(BROKEN[behaviour]) as target:
        started = time.monotonic()
        check = target.check(retries=100, retry_seconds=300, timeout_seconds=300)
        assert function.verdict(check, seconds=11) == "Failed"
        assert time.monotonic() - started < 3


def test_no_time_at_all_fails(function: Lambda) -> None:
    with serving(never_answers) as target:
        assert function.verdict(target.check(), seconds=2) == "Failed"


def test_a_regular_expression_without_end_is_stopped(function: Lambda) -> None:
    with serving(status(200, "a" * 28 + "!")) as target:
        started = time.monotonic()
        assert function.verdict(target.check(body="^(a+)+$"), seconds=11) == "Failed"
        assert time.monotonic() - started < 3


def test_of_a_large_body_the_beginning_counts(function: Lambda) -> None:
    with serving(status(200, "." * 65530 + "ready!" + "steady" * 1000)) as target:
        assert function.verdict(target.check(body="ready!")) == "Succeeded"
        assert function.verdict(target.check(body="steady")) == "Failed"


@pytest.mark.parametrize(
    "variables",
    [
        *({name: None} for name in ("URL", "STATUSES", "RETRIES", "TIMEOUT_SECONDS")),
        {"BODY": "("},
        {"RETRIES": "many"},
        {"TIMEOUT_SECONDS": ""},
        {"URL": "127.0.0.1"},
        {"URL": "http://127.0.0.1:port/"},
        {"URL": "http://[127.0.0.1/"},
    ],
    ids=str,
)
def test_a_wrong_configuration_is_a_failed_check(function: Lambda, variables: dict[str, Any]) -> None:
    with serving(says(OK)) as target:
        assert function.verdict(target.check(), **variables) == "Failed"


def test_missing_variables_of_some_cases_fail_too(function: Lambda, tmp_path: Path) -> None:
    with serving(status(500)) as target:
        assert function.verdict(target.check(retries=1), RETRY_SECONDS=None) == "Failed"
    with serving(says(OK), tls=certificate(tmp_path, "127.0.0.1")) as target:
        check = target.check(scheme="https", verify_certificate=False)
        assert function.verdict(check, VERIFY_CERTIFICATE=None) == "Failed"


@pytest.mark.parametrize(("behaviour", "status"), [(says(OK), "SUCCEEDED"), (status(500), "FAILED")])
def test_ecs_gets_an_answer_and_codedeploy_hears_nothing(function: Lambda, behaviour: Behaviour, status: str) -> None:
    with serving(behaviour) as target:
        answer = function(target.check(), event=ECS_EVENT)
    assert json.loads(json.dumps(answer)) == {"hookStatus": status}
    assert function.reports == []


def test_ecs_never_gets_an_exception(function: Lambda) -> None:
    with serving(says(OK)) as target:
        assert function(target.check(), event=ECS_EVENT, URL=None) == {"hookStatus": "FAILED"}
        assert function(target.check(body="("), event=ECS_EVENT) == {"hookStatus": "FAILED"}
    with serving(never_answers) as target:
        assert function(target.check(), event=ECS_EVENT, seconds=10.5) == {"hookStatus": "FAILED"}


def test_a_report_that_is_rejected_is_an_error_of_the_function(function: Lambda) -> None:
    """So that Lambda counts it, and calls again."""
    with serving(says(OK)) as target, pytest.raises(ClientError):
        function(target.check(), event={**CODEDEPLOY_EVENT, "DeploymentId": "d-gone"})
    assert function.statuses == ["Succeeded"]


def test_the_log_keeps_secrets_and_long_bodies_to_itself(function: Lambda, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(status(500, "x" * 5000)) as target:
        url = f"http://user:hush@127.0.0.1:{target.port}/a?key=hush"
        assert function.verdict(target.check(), URL=url) == "Failed"
    [line] = capsys.readouterr().out.splitlines()
    assert "hush" not in line
    assert "x" * 200 in line
    assert "x" * 201 not in line


def test_an_answer_cannot_write_lines_into_the_log(function: Lambda, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(status(500, "\nattempt 2: as expected"), says(b"HTTP/9.9\rnonsense\x1b[2J\r\n")) as target:
        assert function.verdict(target.check(retries=1)) == "Failed"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_the_code_fits_into_a_template_and_needs_only_what_lambda_has() -> None:
    [_, function] = hook_resources(HttpCheck(host="a"), logical_id="Check", name="test").resources
    code = function.to_dict()["Properties"]["Code"]["ZipFile"]
    # Inline code is no longer limited to 4,096 characters: https://github.com/aws/aws-cdk/pull/20624
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
    assert len(code) < 4 * 1024 * 1024
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {alias.name for each in imports if isinstance(each, ast.Import) for alias in each.names}
    modules |= {each.module or "" for each in imports if isinstance(each, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names | {"boto3", "botocore"}
