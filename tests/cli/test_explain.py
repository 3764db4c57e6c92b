"""`pipegen explain`: a completed definition, and where every value came from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipegen.loading.yaml.parsing import nodes_of
from pipegen.loading.yaml_file import resolve
from tests.examples import EXAMPLES
from tests.small_fleet import write_fleet
from tests.support.command import run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


ORDERS = "services/orders.yaml"


def comment_of(output: str, line: str) -> str:
    """The comment of a line, beside it or in the line before."""
    match = re.search(rf"^(?: *(#[^\n]*)\n)? *(?:- )?{re.escape(line)} *(#.*)?$", output, re.MULTILINE)
    assert match, f"{line} is not in\n{output}"
    return str(match[2] or match[1])


def test_every_value_says_where_it_came_from_and_what_it_replaced(here: Path) -> None:
    write_fleet(here)
    shown = run("explain", ORDERS)
    assert (shown.exit_code, shown.stderr) == (0, "")
    expected = {
        "name: orders": "# services/orders.yaml:2 via platform/web/blueprint.yaml:13",
        "execution_mode: SUPERSEDED": "# services/orders.yaml:4",
        "cost-centre: retail": "# pipegen.yaml:5",
        "team: checkout": "# services/orders.yaml:3, replaces pipegen.yaml:4",
        "cluster: main": "# pipegen.yaml:3 via platform/web/blueprint.yaml:35",
        "kind: docker-build": "# platform/web/blueprint.yaml:24",
        "connection: !Ref ConnectionArn": "# platform/web/blueprint.yaml:21",
        "TOPIC: !Sub ${TopicArn}": "# platform/web/blueprint.yaml:27",
        "make test": "# services/orders.yaml:2 via platform/web/blueprint.yaml:28",
        "NOTIFY: |": "# platform/web/blueprint.yaml:27",
    }
    for line, comment in expected.items():
        assert comment_of(shown.stdout, line) == comment, line
    head = [line for line in shown.stdout.splitlines() if line.startswith("#")][:5]
    assert head == [
        "# services/orders.yaml, completed",
        "# blueprint: web (platform/web)",
        "# fleet: pipegen.yaml",
        "# deployed to staging (111111111111, eu-west-1)",
    ]


def test_an_argument_of_the_file_says_whose_default_it_replaced(here: Path) -> None:
    write_fleet(here)
    blueprint = here / "platform" / "web" / "blueprint.yaml"
    blueprint.write_text(blueprint.read_text().replace("cluster }}", "port }}").replace("port | string", "cluster"))
    shown = run("explain", ORDERS)
    expected = "# services/orders.yaml:2 via platform/web/blueprint.yaml:35, replaces pipegen.yaml:3"
    assert comment_of(shown.stdout, "cluster: 4000") == expected
    assert shown.exit_code == 1  # a cluster is no number
    assert "services/orders.yaml:2:25: error: cluster must be a string" in shown.stderr


@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_is_yaml_of_the_same_data_that_can_be_rendered(here: Path, width: int) -> None:
    write_fleet(here)
    shown = run("explain", ORDERS, "--width", str(width))
    alone = here.parent / f"{here.name}-alone"
    alone.mkdir()
    (alone / "orders.yaml").write_text(shown.stdout)
    assert nodes_of(alone / "orders.yaml").data == resolve(here / ORDERS).node.data
    rendered = [run("render", file).stdout for file in (here / ORDERS, alone / "orders.yaml")]
    assert rendered[0] == rendered[1] != ""
    beside = [line for line in shown.stdout.splitlines() if re.match(r" *[^# ].* # ", line)]
    assert beside
    assert max(map(len, beside)) <= width
    columns = [line.rindex(" # ") for line in beside]
    assert columns.count(max(set(columns), key=columns.count)) > len(columns) / 2  # most are aligned
    if width == 200:
        assert len(set(columns)) == 1


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.yaml.stem)
def test_a_file_without_blueprint_and_fleet_is_explained_too(here: Path, example: object) -> None:
    file: Path = example.yaml  # type: ignore[attr-defined]
    shown = run("explain", file)
    assert (shown.exit_code, shown.stderr) == (0, "")
    (here / "again.yaml").write_text(shown.stdout)
    assert nodes_of(here / "again.yaml").data == nodes_of(file).data
    assert "replaces" not in shown.stdout
    assert "by way of" not in shown.stdout


HOSTILE = {
    "several lines": '"a\\nb\\n"',
    "lines without an end": '"a\\n\\n  b"',
    "many ends": '"a\\n\\n\\n"',
    "leading blanks": '"  a\\n b\\n"',
    "a comment": '"# no comment\\n# nor this"',
    "a mark": '"a # b"',
    "a tab": '"a\\tb\\nc"',
    "a number": '"012"',
    "a word": '"null"',
    "empty": '""',
    "control": '"a\\u0007b\\nc"',
    "wide": '"日本語\\n𝒳"',
    "dashes": '"---"',
    "half lists": '"- a: [b"',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_comes_back(here: Path, text: str) -> None:
    (here / "a.yaml").write_text(
        f"name: orders\ntags:\n  {text}: {text}\n  list: [{text}, {{a: [{text}, [{text}], {{}}, []]}}]\n"
        f"  function: !Sub {text}\n  {'k' * 120}: {{deep: [{text}]}}\n"
    )
    for width in ("40", "200"):
        shown = run("explain", "a.yaml", "--width", width)
        (here / "again.yaml").write_text(shown.stdout)
        assert nodes_of(here / "again.yaml").data == nodes_of(here / "a.yaml").data


def test_what_cannot_be_completed_is_reported_and_nothing_is_printed(here: Path) -> None:
    (here / "a.yaml").write_text("blueprint: nothing-of-the-kind\n")
    shown = run("explain", "a.yaml")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr.startswith("a.yaml:1:1: error: unknown blueprint")
    (here / "list.yaml").write_text("- a\n")
    assert "wrong-type" in run("explain", "list.yaml").stderr
    assert run("explain", "missing.yaml").stderr.startswith("missing.yaml: error: there is no such file")


def test_python_has_no_places(here: Path) -> None:
    (here / "a.py").write_text("raise SystemExit(7)\n")
    shown = run("explain", "a.py")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert (
        shown.stderr
        == "pipegen: a.py: only definitions in YAML can be explained; values that Python makes have no locations\n"
    )
