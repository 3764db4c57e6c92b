"""A server in front of moto that plays ECS's service deployments, and forwards everything else as it is.

moto knows services and task definitions, but none of ListServiceDeployments, DescribeServiceDeployments and
DescribeServiceRevisions, and it deploys nothing: an updated service stays as it is. So every UpdateService that moto
takes makes a service deployment here, and each look at it moves it one step along a script of what ECS would say.
The shapes are those of https://docs.aws.amazon.com/AmazonECS/latest/APIReference/.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_ECS = "AmazonEC2ContainerServiceV20141113."

#: What JSON decodes to: the one place where types end.
Document = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Stage:
    """What the server plays: `script`, the answers to looks at the deployment; `faults`, per operation the errors that
    it answers first; `others`, task definitions to which somebody else updates the service a moment earlier and later.
    `asked` is what it was asked, in order."""

    script: Sequence[Document] = ({"status": "SUCCESSFUL"},)
    faults: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    others: Sequence[str] = ()
    invisible: int = 0
    """How often the list of deployments is still empty."""
    asked: list[str] = field(default_factory=list)
    endpoint: str = ""
    deployments: list[Document] = field(default_factory=list)
    looks: int = 0

    def updated(self, request: Document) -> None:
        """The deployments that an update makes."""
        before, after = self.others[:1], self.others[1:]
        for task_definition in (*before, request["taskDefinition"], *after):
            number = len(self.deployments)
            place = f"{request['cluster']}/{request['service']}/{number}"
            self.deployments.append(
                {
                    "serviceDeploymentArn": f"arn:aws:ecs:eu-west-1:123456789012:service-deployment/{place}",
                    "targetServiceRevisionArn": f"arn:aws:ecs:eu-west-1:123456789012:service-revision/{place}",
                    "createdAt": time.time() + number / 1000,
                    "taskDefinition": task_definition,
                }
            )

    def list_service_deployments(self, _: Document) -> Document:
        if self.invisible:
            self.invisible -= 1
            return {"serviceDeployments": []}
        members = ("serviceDeploymentArn", "targetServiceRevisionArn", "createdAt")
        briefs = [{member: each[member] for member in members} for each in self.deployments]
        return {"serviceDeployments": briefs[::-1]}

    def describe_service_revisions(self, request: Document) -> Document:
        revisions = [
            {"serviceRevisionArn": each["targetServiceRevisionArn"], "taskDefinition": each["taskDefinition"]}
            for each in self.deployments
            if each["targetServiceRevisionArn"] in request["serviceRevisionArns"]
        ]
        return {"serviceRevisions": revisions, "failures": []}

    def describe_service_deployments(self, request: Document) -> Document:
        [arn] = request["serviceDeploymentArns"]
        answer = self.script[min(self.looks, len(self.script) - 1)]
        self.looks += 1
        return {"serviceDeployments": [{"serviceDeploymentArn": arn, **answer}], "failures": []}

    @property
    def own(self) -> Document:
        """The deployment of the build, not those of others."""
        return self.deployments[min(len(self.others), 1)]


@contextmanager
def in_front_of(endpoint: str, stage: Stage) -> Iterator[Stage]:
    """Play it on a free port of 127.0.0.1 until the block ends; `stage.endpoint` is where."""

    class Handler(_Handler):
        behind = endpoint.removeprefix("http://")
        playing = stage

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stage.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    behind: str
    playing: Stage

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").removeprefix(_ECS)
        self.playing.asked.append(operation)
        if faults := self.playing.faults.get(operation):
            status, code = faults.pop(0)
            self._answer(status, {"__type": code, "message": "of the test"})
            return
        plays = {
            "ListServiceDeployments": self.playing.list_service_deployments,
            "DescribeServiceDeployments": self.playing.describe_service_deployments,
            "DescribeServiceRevisions": self.playing.describe_service_revisions,
        }
        if operation in plays:
            self._answer(HTTPStatus.OK, plays[operation](json.loads(body)))
            return
        status, content = self._forward(body)
        if operation == "UpdateService" and status == HTTPStatus.OK:
            self.playing.updated(json.loads(body))
        self._send(status, content)

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.behind, timeout=30)
        connection.request("POST", self.path, body, dict(self.headers))
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content

    def _answer(self, status: int, document: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(document).encode())

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
