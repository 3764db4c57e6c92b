"""`python -m tests.benchmarks.fleet [COUNT…]`: whole fleets as processes, with ratios to hand-written troposphere."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from troposphere import BaseAWSObject, Template

from pipegen import load, render
from pipegen.compile.plain_resource import PlainResource
from pipegen.loading import load_file
from pipegen.loading.fleet import Fleet
from pipegen.loading.fleet_file import read_fleet
from tests.benchmarks.by_hand import build_by_hand
from tests.benchmarks.fleets import BLUEPRINTS, make_fleet
from tests.examples import EXAMPLES

COMMAND = Path(sys.executable).parent / "pipegen"
COUNTS = (100, 1000, 5000)
ROUNDS = 3
ATTRIBUTES = ("DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "Metadata")


def pss(process: int) -> float:
    """The memory of a process and its children in MB; what they share is counted once."""
    total = 0
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        for each in [str(process), *children]:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except OSError:  # it has just ended
        pass
    return total / 1024


def rendered(root: Path, out: Path, *options: str) -> tuple[float, float]:
    """Seconds and peak memory of one render."""
    start, peak = time.perf_counter(), 0.0
    command: list[str | Path] = [COMMAND, "render", root, "-o", out, *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, pss(process.pid))
            time.sleep(0.02)
    assert process.returncode == 0
    return time.perf_counter() - start, peak


def templates(out: Path) -> int:
    return sum(len(json.loads(file.read_text())["stacks"]) for file in out.glob("*/manifest.json"))


def whole(directory: Path, count: int, *, over_accounts: bool = False) -> None:
    kind = " over three accounts" if over_accounts else ""
    root, out = directory / f"fleet-{count}{kind}", directory / "out"
    make_fleet(root, count, over_accounts=over_accounts)
    for jobs in (1, 2):
        found = []
        for _ in range(ROUNDS if count <= 1000 else 1):
            shutil.rmtree(out, ignore_errors=True)
            found.append(rendered(root, out, "--jobs", str(jobs)))
        seconds, peak = statistics.median(each[0] for each in found), max(each[1] for each in found)
        row = f"{count} services{kind}, {jobs} process{'es' if jobs > 1 else ''}"
        print(f"{row:42} {seconds:8.2f} {seconds / templates(out) * 1000:12.2f} {peak:8.0f}", flush=True)
    again = [rendered(root, out) for _ in range(ROUNDS)]
    row = f"{count} services{kind}, nothing changed"
    print(f"{row:42} {statistics.median(each[0] for each in again):8.2f} {'':12} {max(each[1] for each in again):8.0f}")


def in_one_process(directory: Path) -> None:
    """One service of each blueprint in a warm process, beside troposphere by hand."""
    make_fleet(directory / "warm", len(BLUEPRINTS))
    fleet = read_fleet(directory / "warm")
    for file, blueprint in zip(fleet.files(), BLUEPRINTS, strict=True):
        stacks = render(load_file(file, fleet)[0].definition).stacks
        made = [each.stack.template for each in stacks]
        ours = milliseconds(partial(render_file, file, fleet)) / len(made)
        raw = milliseconds(partial(dump_again, made)) / len(made)
        print(f"{f'{blueprint}, warm, all checks':42} {'':8} {ours:12.2f}")
        print(f"{'  its resources by troposphere alone':42} {'':8} {raw:12.2f}   ratio {ours / raw:.2f}")
    rolling = load(EXAMPLES[0].yaml)[0]
    by_hand, ours = milliseconds(lambda: build_by_hand().to_yaml()), milliseconds(lambda: render(rolling))
    print(f"{'rolling, by hand with troposphere':42} {'':8} {by_hand:12.2f}")
    print(f"{'rolling, by pipegen':42} {'':8} {ours:12.2f}   ratio {ours / by_hand:.2f}")


def milliseconds(call: Callable[[], object]) -> float:
    """The median time of a call in a warm process."""
    times = []
    for _ in range(30):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def render_file(file: Path, fleet: Fleet) -> object:
    return render(load_file(file, fleet)[0].definition)


def dump_again(templates: Sequence[Template]) -> object:
    return [rebuilt(each).to_yaml() for each in templates]


def rebuilt(template: Template) -> Template:
    """The same resources once more, constructed one by one, as a script with troposphere would."""
    made = Template(Description=template.description)
    for parameter in template.parameters.values():
        made.add_parameter(again(parameter))
    for resource in template.resources.values():
        made.add_resource(again(resource))
    for output in template.outputs.values():
        made.add_output(again(output))
    return made


def again(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [again(each) for each in value]
    if not isinstance(value, BaseAWSObject) or isinstance(value, PlainResource):
        return value
    attributes = {name: value.resource[name] for name in ATTRIBUTES if name in value.resource}
    given = {name: again(each) for name, each in value.properties.items()} | attributes
    made = type(value)(value.title, **given)
    return made.no_validation() if not value.do_validation else made


def main() -> None:
    print(f"{'':42} {'s':>8} {'ms/template':>12} {'MB':>8}")
    with tempfile.TemporaryDirectory() as name:
        in_one_process(Path(name))
        for count in map(int, sys.argv[1:] or COUNTS):
            whole(Path(name), count)
        whole(Path(name), min(map(int, sys.argv[1:] or COUNTS)), over_accounts=True)


if __name__ == "__main__":
    main()
