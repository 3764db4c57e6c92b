"""`python -m tests.benchmarks.checks`: what checking each of the correct definitions takes, and in which step.

Milliseconds of processor time in a warm process, the least of several rounds. `compile` makes the stacks that the last
checks look at; `check` is the whole of `pipegen.check`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

from pipegen import check, load
from pipegen.checks import check_stack, check_wired, check_written
from pipegen.checks.values.constraints import check_fields
from pipegen.compile import compile_stacks
from pipegen.definition import Definition
from pipegen.graph.outline import lower, outline
from pipegen.graph.wiring import wire
from tests.mutants.mutant import DEFINITIONS, bases

ROUNDS = 15


def least(call: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times) * 1000


def steps(definition: Definition) -> Mapping[str, float]:
    checked, _ = check_fields(definition, Definition)
    written = outline(checked)
    lowered = lower(written)
    wiring = wire(lowered)
    stacks = compile_stacks(lowered, wiring)
    found = {
        "fields": least(lambda: check_fields(definition, Definition)),
        "rules": least(lambda: check_written(written)),
        "wiring": least(lambda: check_wired(lowered, wire(lowered))),
        "stack rules": least(lambda: [check_stack(lowered, stack, document) for stack, document in stacks]),
    }
    checks = sum(found.values())
    compiling = least(lambda: compile_stacks(lowered, wiring))
    return {**found, "checks": checks, "compile": compiling, "check": least(lambda: check(definition))}


def main() -> None:
    rows = {}
    for name, base in bases().items():
        if base.main != ".":
            [definition] = load(DEFINITIONS / base.main)
            rows[name] = steps(definition)
    columns = [*next(iter(rows.values()))]
    print(f"{'':26}" + "".join(f"{column:>12}" for column in columns))
    for name, row in sorted(rows.items(), key=lambda item: item[1]["check"]):
        print(f"{name:26}" + "".join(f"{row[column]:12.2f}" for column in columns))
    medians = [statistics.median(row[column] for row in rows.values()) for column in columns]
    print(f"{'median':26}" + "".join(f"{median:12.2f}" for median in medians))


if __name__ == "__main__":
    main()
