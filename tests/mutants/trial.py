"""All mutants tried: the verdict about each, and the table of families."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.mutants.generated import generated
from tests.mutants.mutant import Finding, Mutant, Verdict, findings, judge
from tests.mutants.written import KNOWN, families


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant with what was found about it."""

    mutant: Mutant
    found: list[Finding]
    verdict: Verdict

    @property
    def id(self) -> str:
        return f"{self.mutant.family}/{self.mutant.name}"


def mutants() -> Iterator[Mutant]:
    """All of them, the written ones first."""
    for _, each in families().values():
        yield from each
    yield from generated()


def tried(all_: Iterable[Mutant], lint: str = "--no-lint") -> Iterator[Tried]:
    with tempfile.TemporaryDirectory() as directory:
        for number, mutant in enumerate(all_):
            own = Path(directory).resolve() / str(number)
            found = findings(mutant.files, mutant.main, own, lint)
            yield Tried(mutant, found, judge(mutant, found))


def known() -> dict[str, str]:
    """The mutants that are not caught, each with the reason."""
    return yaml.safe_load(KNOWN.read_text())["missed"] or {}


def alarms() -> dict[str, str]:
    """The correct definitions that have findings, and what these say."""
    return yaml.safe_load(KNOWN.read_text())["alarms"] or {}


def update(results: Iterable[Tried]) -> None:
    """Write the list of those that are not caught; reasons stay."""
    reasons = known()
    missed = {
        each.id: reasons.get(each.id, f"{each.verdict}: not looked at yet")
        for each in results
        if each.verdict != "caught"
    }
    lines = KNOWN.read_text().splitlines()
    head = [line for line in lines if line.startswith("#")]
    data = yaml.safe_dump({"alarms": alarms(), "missed": missed}, width=10_000, allow_unicode=True)
    KNOWN.write_text("\n".join([*head, data]))


def table(results: Iterable[Tried]) -> str:
    """Number, caught and the rest of each family."""
    counts: dict[str, Counter[str]] = {}
    for each in results:
        counts.setdefault(each.mutant.family, Counter())[each.verdict] += 1
    total = sum(counts.values(), Counter())
    kinds = ("caught", "silent", "wrong place", "vague", "leak")
    lines = [f"{'family':26}{'mutants':>9}" + "".join(f"{kind:>13}" for kind in kinds)]
    for name, count in [*counts.items(), ("all", total)]:
        lines.append(f"{name:26}{count.total():9}" + "".join(f"{count[kind]:13}" for kind in kinds))
    lines.append(f"{total['caught'] / total.total():.1%} caught")
    return "\n".join(lines)
