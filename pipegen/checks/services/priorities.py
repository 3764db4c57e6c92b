"""Priorities of rules on shared listeners, which must be unique.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-update-rules.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipegen.elb.listener import SharedListener
from pipegen.errors import Path, Problem
from pipegen.frozen import frozen
from pipegen.services.service import EcsService
from pipegen.values.number import number_text
from pipegen.values.value import Value


@frozen
class ListenerPriority:
    """A priority on a listener. Both are compared by their text, including expressions."""

    listener: str
    priority: str


def listener_priorities(services: Mapping[str, EcsService]) -> Iterator[tuple[ListenerPriority, Path]]:
    """Yield the priorities that services use, with their paths."""
    for key, service in services.items():
        shared = service.load_balancer
        if isinstance(shared, SharedListener):
            path: Path = ("services", key, "load_balancer")
            yield ListenerPriority(_plain(shared.listener), _plain(number_text(shared.priority))), (*path, "priority")
            if shared.test is not None:
                listener = shared.listener if shared.test.listener is None else shared.test.listener
                yield (
                    ListenerPriority(_plain(listener), _plain(number_text(shared.test.priority))),
                    (*path, "test", "priority"),
                )


def clashes(services: Mapping[str, EcsService], definition: str) -> Iterator[Problem]:
    """Find priorities that two services of a definition use; `pipegen/fleet/conflicts.py` compares definitions."""
    taken: dict[ListenerPriority, str] = {}
    for used, path in listener_priorities(services):
        if used in taken:
            text = f"priority {used.priority} on this listener is already used by {taken[used]}"
            yield Problem("listener-priority", path, text, "use a different priority for each rule on a listener")
        else:
            taken[used] = f"the service {path[1]} of {definition}"


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else str(value.to_dict())
