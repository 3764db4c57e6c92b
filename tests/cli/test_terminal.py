"""Problems on a terminal: colour, the source line, and the mark below what is wrong."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.cells import cell_len

from pipegen.cli import COMMANDS
from pipegen.cli.formats.contents import Location
from pipegen.cli.formats.source import Sources
from tests.support import rejects
from tests.support.command import run

CODE = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
APPROVED = rejects.bases()["approved"]
WRONG = APPROVED.replace("kind: approval", "kind: approval\n      timeout_minutes: 1")


def on_terminal(directory: Path, *arguments: str, columns: int = 80, environment: Mapping[str, str] = {}) -> str:
    """What the installed command shows on a terminal of so many columns."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.chdir(directory)
        program = str(Path(sys.executable).parent / "pipegen")
        inherited = {"PATH": os.environ["PATH"], "HOME": str(directory), "TERM": "xterm-256color"}
        os.execve(program, [program, *arguments], {**inherited, **environment})
    shown = b""
    try:
        while part := os.read(terminal, 65536):
            shown += part
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n")


def marked(text: str, line: int, column: int, code: str = "wrong-value") -> str:
    """The characters that are marked; empty if the line is not shown."""
    excerpt = Sources({"x.yaml": text}, time.time()).excerpt(Location("x.yaml", line, column), code)
    return excerpt.text[excerpt.start : excerpt.end] if excerpt is not None else ""


def test_a_terminal_shows_colour_the_line_and_a_mark_below_the_value(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(WRONG)
    shown = on_terminal(tmp_path, "validate", "orders.yaml", "--no-lint")
    assert "\x1b[1;31merror:\x1b[0m" in shown
    assert CODE.sub("", shown).splitlines() == [
        "orders.yaml:14:7: error: timeout_minutes must be between 5 and 86,400, got 1 ",
        "[out-of-range]",
        "   14 |       timeout_minutes: 1",
        "      |                        ^",
        "checked 1 definition: 1 error",
    ]


@pytest.mark.parametrize(
    "environment",
    [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}],
    ids=["NO_COLOR", "TERM", "both"],
)
def test_a_terminal_without_colour_shows_what_a_file_gets(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(WRONG)
    shown = on_terminal(tmp_path, "validate", "orders.yaml", "--no-lint", environment=environment)
    assert shown.splitlines() == [
        "orders.yaml:14:7: error: timeout_minutes must be between 5 and 86,400, got 1 [out-of-range]",
        "checked 1 definition: 1 error",
    ]


def test_colour_can_be_forced_and_a_log_has_no_width(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders.yaml").write_text(WRONG)
    assert "\x1b" not in run("validate", "orders.yaml").stderr
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = run("validate", "orders.yaml").stderr.splitlines()
    assert "\x1b[" in lines[0]
    assert CODE.sub("", lines[0]).endswith("got 1 [out-of-range]")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns: int, tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(f'name: orders\npipeline: {{note: "{"日本語" * 60}", colour: red}}\n')
    shown = CODE.sub("", on_terminal(tmp_path, "validate", "orders.yaml", "--no-lint", columns=columns)).splitlines()
    assert max(map(cell_len, shown)) <= columns
    number = next(index for index, line in enumerate(shown) if line.lstrip().startswith("2 |") and "colo" in line)
    line, mark = shown[number], shown[number + 1]
    before = mark.index("^")
    cells = [character for character in line for _ in range(cell_len(character))]
    assert "colour".startswith("".join(cells[before : before + mark.count("^")]).removesuffix("…"))


def test_values_keys_and_items_are_marked() -> None:
    assert marked("a:\n  timeout_minutes: 1  # short\n", 2, 3) == "1"
    assert marked("a: {b: one, c: two}\n", 1, 13) == "two"
    assert marked("a: {b: 'it, is', c: two}\n", 1, 5) == "'it, is'"
    assert marked("a: {colour: red}\n", 1, 5, "unknown-key") == "colour"
    assert marked("a: {colour: red}\n", 1, 5, "duplicate-key") == "colour"
    assert marked("a:\n  - one\n", 2, 5) == "one"
    assert marked("a:\n  b: 1\n", 1, 1) == "a"
    assert marked("a: [1, 2]\n", 1, 1) == "a"
    assert marked("a: |\n  text\n", 1, 1) == "a"
    assert marked("a: !Ref X\n", 1, 1) == "!Ref X"
    assert marked('"a b": c\n', 1, 1) == "c"
    assert marked("a: [one, two]\n", 1, 10) == "two"


@pytest.mark.parametrize(
    "text",
    [
        "a: ghp_16C7e42F292c6912E7710c838347Ae178B4a\n",
        "DB_PASSWORD: hunter2\n",
        "command: psql --password=hunter2\n",
        "x: {name: DB_PASSWORD, value: hunter2}\n",
        "value: hunter2\nname: DB_PASSWORD\n",
        "x: https://user:hunter2@example.com\n",
        "x: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
    ],
)
def test_a_line_that_may_have_a_secret_is_not_shown(text: str) -> None:
    assert marked(text, 1, 1) == ""
    assert marked("harmless: value\n", 1, 1) == "value"


@pytest.mark.parametrize("code", ["secret-plaintext", "build-secret", "parameter-secret"])
def test_a_problem_about_a_secret_shows_no_line(code: str) -> None:
    assert marked("harmless: value\n", 1, 1, code) == ""


def test_no_secret_of_a_rejected_definition_reaches_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    for name, case in rejects.cases().items():
        if name.startswith(("secret-plaintext", "build-secret", "parameter-secret")):
            plain = case.output
            shown = CODE.sub("", run("validate", case.write(tmp_path)).stderr)
            assert [line for line in shown.splitlines() if " | " in line and line not in plain] == [], name


def test_lines_that_are_not_there_any_more_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: b\n")
    sources = Sources({}, time.time() + 1)
    assert sources.excerpt(Location(str(file), 1, 1), "wrong-value") is not None
    assert sources.excerpt(Location(str(file), 9, 1), "wrong-value") is None
    assert sources.excerpt(Location(str(file), 1, 99), "wrong-value") is None
    assert sources.excerpt(Location(str(tmp_path), 1, 1), "wrong-value") is None
    assert sources.excerpt(Location(str(tmp_path / "gone"), 1, 1), "wrong-value") is None
    changed = Sources({}, file.stat().st_mtime - 1)
    assert changed.excerpt(Location(str(file), 1, 1), "wrong-value") is None


def test_tabs_and_control_characters_do_not_move_the_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    Path("orders.yaml").write_text('name: orders\npipeline: {"stages":\t[],\tcolour: "\u200e\x85x"}\n')
    shown = CODE.sub("", run("validate", "orders.yaml").stderr).splitlines()
    number = next(index for index, line in enumerate(shown) if line.endswith("[unknown-key]"))
    line, mark = shown[number + 1 : number + 3]
    assert line[mark.index("^") : mark.rindex("^") + 1] == "colour"
    assert all(each.isprintable() for each in shown)
    assert "[],    colour" in line


def test_help_uses_the_width_of_the_terminal(tmp_path: Path) -> None:
    widths = {}
    for columns in (60, 80, 200):
        lines = on_terminal(tmp_path, "validate", "--help", columns=columns).splitlines()
        widths[columns] = max(map(len, lines))
        assert widths[columns] <= columns
    assert widths[60] < widths[80] < 100 < widths[200]


def test_the_help_shows_a_whole_sentence_for_each_command_at_80_columns(tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, "--help", columns=80).partition("Commands:")[2]
    lines = [line.strip() for line in shown.splitlines() if line.strip()]
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("..") for line in lines)


def test_a_progress_bar_makes_room_for_problems(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "pipegen.yaml").write_text("{}\n")
    for name in ("carts", "orders"):
        (tmp_path / "services" / f"{name}.yaml").write_text(WRONG.replace("name: orders", f"name: {name}"))
    shown = on_terminal(tmp_path, "validate", ".", "--no-lint")
    assert "0/2" in shown
    lines = [re.sub(r".*\r", "", CONTROL.sub("", line)) for line in shown.splitlines()]
    places = [line.partition(": ")[0] for line in lines if "timeout_minutes must" in line]
    assert places == ["services/carts.yaml:14:7", "services/orders.yaml:14:7"]


def test_nothing_is_imported_for_colour_where_there_is_nothing_to_show(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(APPROVED)
    assert on_terminal(tmp_path, "validate", "orders.yaml", "--no-lint") == "checked 1 definition: no problems\n"
