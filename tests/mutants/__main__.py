"""`python -m tests.mutants [FAMILY | FAMILY/MUTANT | VERDICT]…`: the table, and what is found about those mutants.

`--lint` runs cfn-lint, too, which takes minutes. `--update` writes `known.yaml` anew; what is new in it needs a reason.
"""

from __future__ import annotations

import sys

from tests.mutants.trial import Tried, mutants, table, tried, update


def main(names: list[str]) -> None:
    if "--update" in names:
        update([*tried(mutants())])
        return
    lint = "--lint" if "--lint" in names else "--no-lint"
    names = [name for name in names if name != lint]
    wanted = [each for each in mutants() if not names or _is_named(each.family, each.name, names)] or [*mutants()]
    results = [*tried(wanted, lint)]
    for each in results:
        if names and (each.verdict in names or _is_named(each.mutant.family, each.mutant.name, names)):
            show(each)
    print(table(results))


def _is_named(family: str, name: str, names: list[str]) -> bool:
    return family in names or f"{family}/{name}" in names


def show(each: Tried) -> None:
    where = " or ".join(f"{region.file}:{region.first}-{region.last}" for region in each.mutant.regions)
    print(f"{each.verdict:12} {each.id}   expected at {where}: {each.mutant.words}")
    for finding in each.found:
        print(f"             {finding.file}:{finding.line}: {finding.severity}: {finding.text}")


if __name__ == "__main__":
    main(sys.argv[1:])
