"""The YAML language server that editors run, spoken to as they do: LSP over standard input and output.
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

TIMEOUT = 60


@dataclass
class LanguageServer:
    """A running server. Documents are texts by their paths, which need not exist."""

    process: subprocess.Popen[bytes]
    settings: Mapping[str, Any]
    messages: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)
    diagnostics: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sent: int = 0

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Opens a document; returns what the server finds wrong with it."""
        uri = path.as_uri()
        self.diagnostics.pop(uri, None)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        while uri not in self.diagnostics:
            self._receive()
        return self.diagnostics[uri]

    def close(self, path: Path) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def hover(self, path: Path, line: int, column: int) -> str:
        """The text over a place, counted from 0."""
        found = self.request("textDocument/hover", _place(path, line, column))
        return str(found["contents"]["value"]) if found else ""

    def complete(self, path: Path, line: int, column: int) -> dict[str, str]:
        """What is offered at a place, with the documentation of each."""
        found = self.request("textDocument/completion", _place(path, line, column)) or {"items": []}
        items: Sequence[Mapping[str, Any]] = found["items"]
        return {item["label"]: str(item.get("documentation", "")) for item in items}

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        self.sent += 1
        number = self.sent
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message.get("result")

    def _send(self, message: Mapping[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self.process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        stream.flush()

    def _receive(self) -> dict[str, Any]:
        message = self.messages.get(timeout=TIMEOUT)
        assert message is not None, "the language server has ended"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: Mapping[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        return [self.settings.get(item["section"]) for item in message["params"]["items"]]


def _place(path: Path, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}


@contextmanager
def start_language_server(program: Path, root: Path, settings: Mapping[str, Any]) -> Iterator[LanguageServer]:
    """settings: those of an editor, by section. root: the directory that is open in it."""
    command = ["node", str(program), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        server = LanguageServer(process, settings)
        threading.Thread(target=_read, args=(process.stdout, server.messages), daemon=True).start()
        folder = {"uri": root.as_uri(), "name": root.name}
        of_text: Mapping[str, Any] = {"hover": {"contentFormat": ["markdown"]}, "completion": {"completionItem": {}}}
        abilities = {"workspace": {"configuration": True}, "textDocument": of_text}
        start = {"processId": None, "rootUri": folder["uri"], "workspaceFolders": [folder], "capabilities": abilities}
        server.request("initialize", start)
        server.notify("initialized", {})
        server.notify("workspace/didChangeConfiguration", {"settings": {}})
        try:
            yield server
        finally:
            server.request("shutdown", None)
            server.notify("exit", None)
            process.wait(TIMEOUT)


def _read(stream: IO[bytes], messages: queue.Queue[dict[str, Any] | None]) -> None:
    while header := stream.readline():
        length = int(header.removeprefix(b"Content-Length:"))
        while stream.readline().strip():
            pass
        messages.put(json.loads(stream.read(length)))
    messages.put(None)
