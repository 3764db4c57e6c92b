"""`python -m tests.benchmarks`: a table of times, with ratios against hand-written troposphere in the same run."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pipegen import load, render
from tests.benchmarks.by_hand import template_by_hand
from tests.benchmarks.processes import COMMAND, IMPORTS, processor_time
from tests.examples import EXAMPLES

ROUNDS = 200


def milliseconds(call: Callable[[], object]) -> float:
    """The median time of a call, in a warm process."""
    for _ in range(5):
        call()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    gc.collect()
    print(f"{'a warm process':42} {'ms':>8} {'ratio':>8}")
    rolling = load(EXAMPLES[0].yaml)[0]
    by_hand = milliseconds(template_by_hand)
    print(f"{'by hand, rolling, as JSON':42} {by_hand:8.2f} {1:8.2f}")
    ours = milliseconds(lambda: render(rolling))
    print(f"{'pipegen, rolling, as YAML':42} {ours:8.2f} {ours / by_hand:8.2f}")
    for example in EXAMPLES[1:]:
        definition = load(example.yaml)[0]
        taken = milliseconds(lambda definition=definition: render(definition))  # type: ignore[misc]
        count = len(example.stacks)
        name = f"pipegen, {example.name}" + (f", {count} stacks" if count > 1 else ", as YAML")
        print(f"{name:42} {taken:8.2f}")
    print(f"\n{'a whole process':42} {'ms':>8} {'ratio':>8}")
    calls: Sequence[Sequence[str | Path]] = (("--help",), ("render", EXAMPLES[0].yaml), ("render", EXAMPLES[0].python))
    imports, *processes = processor_time(IMPORTS, *((COMMAND, *words) for words in calls))
    print(f"{'import troposphere, yaml':42} {imports:8.1f} {1:8.2f}")
    for words, process in zip(calls, processes, strict=True):
        name = " ".join(word.name if isinstance(word, Path) else word for word in words)
        print(f"{f'pipegen {name}':42} {process:8.1f} {process / imports:8.2f}")


main()
