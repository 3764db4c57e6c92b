"""Work shared among processes that are forked from this one; results come in the order of the tasks."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 2
"""Tasks that a worker has at a time: one to do, and one that it need not wait for."""
_PATIENCE = 2.0
"""Seconds that a worker has to finish what it does, when nobody wants it any more."""


def processors() -> int:
    """Those that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def run(tasks: Sequence[T], work: Callable[[T], R], lost: Callable[[T], R], jobs: int) -> Iterator[R]:
    """What `work` makes of each task, in their order. lost: what stands for a task whose process died.

    The first is done here, so that what it imports and prepares is there for all when they are forked.
    """
    first = min(len(tasks), 1 if jobs > 1 and hasattr(os, "fork") else len(tasks))
    for task in tasks[:first]:
        yield work(task)
    rest = tasks[first:]
    if rest:
        yield from _Team(rest, work, lost).results(min(jobs, len(rest)))


@dataclass(slots=True)
class _Worker:
    process: int
    connection: Connection
    tasks: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Team:
    tasks: Sequence[Any]
    work: Callable[[Any], Any]
    lost: Callable[[Any], Any]
    workers: list[_Worker] = field(default_factory=list)
    done: dict[int, Any] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)

    def results(self, jobs: int) -> Iterator[Any]:
        self.waiting.extend(range(len(self.tasks)))
        try:
            for _ in range(jobs):
                self._fork()
            for index in range(len(self.tasks)):
                while index not in self.done:
                    self._wait()
                yield self.done.pop(index)
        finally:
            self._dismiss()

    def _fork(self) -> None:
        from multiprocessing.connection import Pipe

        here, there = Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        process = os.fork()
        if process == 0:
            here.close()
            for worker in self.workers:
                worker.connection.close()  # else it would not be seen that this process has ended
            _serve(there, self.tasks, self.work)
        there.close()
        self.workers.append(_Worker(process, here))
        self._keep_busy(self.workers[-1])

    def _give(self, worker: _Worker) -> None:
        while len(worker.tasks) < _AHEAD and self.waiting:
            worker.tasks.append(self.waiting.popleft())
            worker.connection.send(worker.tasks[-1])

    def _wait(self) -> None:
        from multiprocessing.connection import wait

        ready = wait(_connections(self.workers))
        for worker in [each for each in self.workers if each.connection in ready]:
            if worker not in self.workers:
                continue  # it was found dead when another one was
            try:
                result = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker)
                continue
            if isinstance(result, _Crash):
                raise RuntimeError(result.text)
            self.done[worker.tasks.pop(0)] = result
            self._keep_busy(worker)

    def _keep_busy(self, worker: _Worker) -> None:
        try:
            if worker in self.workers:
                self._give(worker)
        except OSError:
            self._bury(worker)

    def _bury(self, worker: _Worker) -> None:
        """A worker has died. What it did is lost; what it had yet to do is for the others, or for nobody."""
        self.workers.remove(worker)
        worker.connection.close()
        os.waitpid(worker.process, 0)
        self.waiting.extendleft(reversed(worker.tasks[1:]))
        lost = worker.tasks[:1]
        if not self.workers:
            lost += self.waiting
            self.waiting.clear()
        self.done.update((index, self.lost(self.tasks[index])) for index in lost)
        for each in list(self.workers):
            self._keep_busy(each)

    def _dismiss(self) -> None:
        for worker in self.workers:
            worker.connection.close()
        until = time.monotonic() + _PATIENCE
        for worker in self.workers:
            while os.waitpid(worker.process, os.WNOHANG) == (0, 0):
                if time.monotonic() > until:
                    os.kill(worker.process, signal.SIGKILL)
                    os.waitpid(worker.process, 0)
                    break
                time.sleep(0.005)
        self.workers.clear()


def _connections(workers: Sequence[_Worker]) -> list[Any]:
    return [worker.connection for worker in workers]


@dataclass(frozen=True, slots=True)
class _Crash:
    text: str


def _serve(connection: Connection, tasks: Sequence[Any], work: Callable[[Any], Any]) -> NoReturn:
    """Do the tasks whose numbers come, until the other end is closed. Interrupting is for the process that asked."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            index = connection.recv()
            try:
                sent = pickle.dumps(work(tasks[index]))
            except Exception:
                import traceback

                sent = pickle.dumps(_Crash(traceback.format_exc()))
            connection.send_bytes(sent)
    finally:  # whoever gave the tasks is gone, or wants no more
        os._exit(0)
