"""Commands written in Python without what their imports take, which is most of what they take: one process imports a
command and then forks for each call.

A call is a process of its own all the same, with the arguments, the environment, the directory and the three streams
of who calls; its exit is the interpreter's own. Only what Python itself reads at its start (`PYTHONHASHSEED`,
`PYTHONIOENCODING`, the locale) is that of the process that forks: a test of those runs the installed command.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[2]
_LENGTH = struct.Struct("!I")
_EXIT = struct.Struct("!i")
# Isolated and without site-packages, for a start of some milliseconds.
_PROGRAM = """\
#!{python} -IS
import array, json, os, socket, struct, sys
asked = json.dumps([sys.argv, dict(os.environ), os.getcwd()]).encode()
with socket.socket(socket.AF_UNIX) as server:
    server.connect({place!r})
    streams = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
    server.sendmsg([struct.pack("!I", len(asked))], streams)
    server.sendall(asked)
    answer = server.recv(4, socket.MSG_WAITALL)
[code] = struct.unpack("!i", answer)
sys.exit(code if code >= 0 else 128 - code)
"""


@contextmanager
def forked(
    name: str, function: str, *imports: str, python: Path = Path(sys.executable), **environment: str
) -> Iterator[Path]:
    """Make a program of that name that calls the function (`module:name`), and remove it when the block ends.

    imports: more modules to import before the first call. environment: variables while it imports.
    """
    directory = Path(tempfile.mkdtemp(prefix="forked-"))  # a short path: that of a socket has 107 bytes at most
    program, place = directory / name, directory / "socket"
    program.write_text(_PROGRAM.format(python=sys.executable, place=str(place)))
    program.chmod(0o755)
    # By -c, so that a command that looks for its name finds that of the program.
    serving = "import sys; from tests.support.forked import serve; serve(*sys.argv[1:])"
    command = [str(python), "-c", serving, str(place), function, *imports]
    pipe = subprocess.PIPE
    variables = _environment(function) | environment
    with subprocess.Popen(command, cwd=_ROOT, env=variables, stdin=pipe, stdout=pipe) as process:
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise RuntimeError(f"{function} cannot be imported")
            yield program
        finally:
            process.communicate()  # closes its input, which tells it to stop
            shutil.rmtree(directory)


def _environment(function: str) -> dict[str, str]:
    """Only pipegen's own command is measured: coverage would slow the others down."""
    measured = function.startswith("pipegen.")
    return {name: value for name, value in os.environ.items() if measured or not name.startswith("COVERAGE_")}


def call(
    program: Path, *arguments: str, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run` gives of such a program, without the start of an interpreter that only passes it on."""
    command = [str(program), *arguments]
    asked = json.dumps([command, dict(env), str(cwd)]).encode()
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as error,
        socket.socket(socket.AF_UNIX) as server,
    ):
        server.settimeout(timeout)
        server.connect(str(program.parent / "socket"))
        socket.send_fds(server, [_LENGTH.pack(len(asked))], [nothing.fileno(), out.fileno(), error.fileno()])
        server.sendall(asked)
        [code] = _EXIT.unpack(server.recv(_EXIT.size, socket.MSG_WAITALL))
        said = [_text(each) for each in (out, error)]
    return subprocess.CompletedProcess(command, code if code >= 0 else 128 - code, *said)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def checkov() -> object:
    """What the command `checkov` calls, which is no function."""
    return importlib.import_module("checkov.main").Checkov(sys.argv[1:]).run()


def serve(place: str, function: str, *imports: str) -> None:
    """Fork for every call until standard input ends, so that it never outlives the process that started it."""
    codes: list[int] = []
    atexit.register(_leave, codes)  # before all others, so that it runs after them
    before = dict(os.environ)
    command = pkgutil.resolve_name(function)
    for module in imports:
        importlib.import_module(module)
    sys.path[0] = str(Path(sys.executable).parent)  # as an installed command has it
    imported = {name: value for name, value in os.environ.items() if before.get(name) != value}
    gc.freeze()  # what is imported stays: collecting in a child would only copy it
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place)
        server.listen()
        os.write(1, b"ready\n")
        call = _next_call(server)
    if call is not None:
        _become(call)
        os.environ.update(imported)  # as importing in this process would have
        try:
            sys.exit(command())
        except SystemExit as exited:
            codes.extend([exited.code] if isinstance(exited.code, int) else [])
            raise


def _leave(codes: list[int]) -> None:
    """Leave without taking the interpreter apart, which takes longer than most commands."""
    if codes:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            return  # the interpreter says so
        os._exit(codes[0])


def _next_call(server: socket.socket) -> socket.socket | None:
    """The call, in a process for it alone; None, at the end, in the process that was asked for all of them."""
    children = 0
    while True:
        readable, _, _ = select.select([0, server.fileno()], [], [])
        if 0 in readable:
            return None
        call, _ = server.accept()
        if os.fork() == 0:
            return call
        call.close()
        children += 1
        while children and os.waitpid(-1, os.WNOHANG)[0]:
            children -= 1


def _become(call: socket.socket) -> None:
    """Take over all that the caller has; its answer is sent by a process that stays behind."""
    length, streams, _, _ = socket.recv_fds(call, _LENGTH.size, 3)
    [size] = _LENGTH.unpack(length)
    arguments, environment, directory = json.loads(call.recv(size, socket.MSG_WAITALL))
    child = os.fork()
    if child:
        for stream in streams:
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        call.sendall(_EXIT.pack(code))
        os._exit(0)
    call.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = arguments
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it is there until the end
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
