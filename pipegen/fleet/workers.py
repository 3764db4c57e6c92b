"""Run tasks in forked processes, and return the results in the order of the tasks."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pipegen.frozen import frozen

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from mmap import mmap

T = TypeVar("T")
R = TypeVar("R")

_LARGEST_PART, _PARTS_A_PROCESS = 8, 4
"""The largest number of tasks that are sent to a process at once, and the least number of times that this happens.

Sending costs half a millisecond. If tasks were sent less often, the processes would not finish at the same time."""


def processors() -> int:
    """Return the number of processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def run(tasks: Sequence[T], work: Callable[[T], R], lost: Callable[[T], R], jobs: int) -> Iterator[R]:
    """Return the result of `work` for each task, or of `lost` if the process died.

    The first task runs in this process, so that the others inherit what it imports and prepares.
    """
    here = 1 if jobs > 1 and hasattr(os, "fork") else len(tasks)
    yield from map(work, tasks[:here])
    if here < len(tasks):
        from mmap import mmap

        yield from _results(range(here, len(tasks)), _Job(tasks, work, mmap(-1, len(tasks))), lost, jobs)


@frozen
class _Job:
    """The state that processes inherit. busy: shared memory with a byte per task, 1 while a process works on it."""

    tasks: Sequence[Any]
    call: Callable[[Any], Any]
    busy: mmap


_job: _Job
"""Set in the processes of the pool only."""


def _begin(job: _Job) -> None:
    from threading import Thread

    global _job
    _job = job
    with _blocked(signal.SIGTERM):  # permanently, in that thread
        Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _do(numbers: Sequence[int]) -> list[Any]:
    return [_done(number) for number in numbers]


def _done(number: int) -> Any:
    """Run a task without being interrupted by SIGTERM.

    A pool terminates all processes when one dies. The others finish their task first, so that only the task of the dead
    process stays busy.
    """
    with _blocked(signal.SIGTERM):
        _job.busy[number] = 1
        try:
            return _job.call(_job.tasks[number])
        finally:
            _job.busy[number] = 0


@contextmanager
def _blocked(which: signal.Signals) -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [which])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _results(numbers: Sequence[int], job: _Job, lost: Callable[[Any], Any], jobs: int) -> Iterator[Any]:
    """Return the results of tasks from a pool of processes; if one dies, from a new pool."""
    size = min(_LARGEST_PART, len(numbers) // (jobs * _PARTS_A_PROCESS) + 1)
    parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    with _pool(job, min(jobs, len(parts))) as pool:
        with _blocked(signal.SIGINT):  # permanently in the pool: the parent handles interrupts
            rest = [(part, _submitted(pool, part)) for part in parts]
        while rest and not _is_broken(rest[0][1]):
            yield from rest.pop(0)[1].result()
    unfinished = [number for part, future in rest if _is_broken(future) for number in part]
    dead = {number for number in unfinished if job.busy[number]} or set(unfinished[:1])
    again = _results([number for number in unfinished if number not in dead], job, lost, jobs)
    for part, future in rest:
        if _is_broken(future):
            yield from (lost(job.tasks[number]) if number in dead else next(again) for number in part)
        else:
            yield from future.result()


def _is_broken(future: Future[Any]) -> bool:
    """Whether a process died before it returned this result. Waits for the result."""
    from concurrent.futures.process import BrokenProcessPool

    return isinstance(future.exception(), BrokenProcessPool)


@contextmanager
def _pool(job: _Job, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes that end with this block, immediately if it raises."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    others = set(active_children())
    pool = ProcessPoolExecutor(jobs, get_context("fork"), _begin, (job,))
    try:
        yield pool
    except BaseException:
        for each in set(active_children()) - others:
            each.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, part: Sequence[int]) -> Future[Any]:
    from concurrent.futures import Future
    from concurrent.futures.process import BrokenProcessPool

    try:
        return pool.submit(_do, part)
    except BrokenProcessPool as error:
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed
