"""ECS's service deployments, in front of moto, which knows none: a real HTTP server that answers
ListServiceDeployments, DescribeServiceDeployments and DescribeServiceRevisions from a story, and hands every other
call on to moto as it is."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_PREFIX = "arn:aws:ecs:eu-west-1:123456789012:"
MINE = f"{_PREFIX}service-deployment/main/shop/mine"
OTHER = f"{_PREFIX}service-deployment/main/shop/other"


@dataclass(slots=True, kw_only=True)
class Story:
    """What becomes of a deployment: one answer for each look, the last again and again.

    `unseen`: so many lists in which it does not show yet. `failures`: so many looks that are throttled.
    """

    looks: Sequence[Mapping[str, Any]]
    unseen: int = 0
    failures: int = 0
    asked: list[str] = field(default_factory=list)
    revision: str = ""
    looked: int = 0

    def answer(self, operation: str, request: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        self.asked.append(operation)
        if operation == "ListServiceDeployments":
            return 200, {"serviceDeployments": self._list()}
        if operation == "DescribeServiceRevisions":
            [asked] = request["serviceRevisionArns"]
            task = (
                self.revision
                if asked.endswith("/mine")
                else "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:99"
            )
            return 200, {"serviceRevisions": [{"serviceRevisionArn": asked, "taskDefinition": task}]}
        if self.failures:
            self.failures -= 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        assert request["serviceDeploymentArns"] == [MINE]
        look = self.looks[min(self.looked, len(self.looks) - 1)]
        self.looked += 1
        return 200, {"serviceDeployments": [{"serviceDeploymentArn": MINE, **look}]}

    def _list(self) -> list[Mapping[str, Any]]:
        shown = [OTHER] if self.asked.count("ListServiceDeployments") <= self.unseen else [OTHER, MINE]
        return [
            {"serviceDeploymentArn": each, "targetServiceRevisionArn": each.replace("-deployment/", "-revision/")}
            for each in shown
        ]


_TOLD = {"ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions"}


@contextmanager
def telling(story: Story, endpoint: str) -> Iterator[str]:
    """The address of such a server in front of `endpoint`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            if operation in _TOLD:
                status, answer = story.answer(operation, json.loads(body))
                content = json.dumps(answer).encode()
            else:
                forwarded = urllib.request.Request(f"{endpoint}{self.path}", body, dict(self.headers.items()))
                with urllib.request.urlopen(forwarded) as reply:
                    status, content = reply.status, reply.read()
                if operation == "RegisterTaskDefinition":
                    story.revision = json.loads(content)["taskDefinition"]["taskDefinitionArn"]
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
