"""`pipegen explain CODE`: what a code means, why it is a problem, and an example with and without it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipegen.problems.codes import names
from tests.support import rejects
from tests.support.command import run


def test_a_code_is_explained_with_a_wrong_and_a_right_example() -> None:
    shown = run("explain", "out-of-range")
    assert (shown.exit_code, shown.stderr) == (0, "")
    headings = re.findall(r"^(out-of-range \(error\)|Why: |Fix: |Wrong$|Reported$|Right$)", shown.stdout, re.MULTILINE)
    assert headings == ["out-of-range (error)", "Why: ", "Fix: ", "Wrong", "Reported", "Right"]
    wrong, right = shown.stdout.partition("\nWrong\n")[2].split("\nRight\n")
    assert "          timeout_minutes: 1  # line 14" in wrong
    assert "orders.yaml:14:7: error: timeout_minutes must be between 5 and 86,400, got 1 [out-of-range]" in wrong
    assert "          timeout_minutes: 60" in right


@pytest.mark.parametrize("code", rejects.codes(), ids=lambda code: code.name)
def test_every_code_is_explained(code: rejects.Code) -> None:
    shown = run("explain", code.name, "--width", "1000").stdout
    assert shown.startswith(f"{code.name} ({', '.join(code.severities)})\n\n")
    assert code.severities
    assert code.why
    for text in (code.meaning, code.why, code.source, code.fix):
        assert " ".join(text.split()) in shown
    assert ("\nWrong\n" in shown) == bool(code.cases)
    assert shown.partition("\nRight\n")[2].strip()


def test_an_explanation_has_no_links_that_a_terminal_cannot_follow() -> None:
    shown = "".join(run("explain", name).stdout for name in names())
    assert not re.search(r"\]\([^)]*\.md", shown)


def test_a_code_is_known_in_capitals_too() -> None:
    assert run("explain", "Unknown-Key").stdout == run("explain", "unknown-key").stdout


@pytest.mark.parametrize(
    ("given", "words"),
    [("unknwon-key", 'did you mean "unknown-key"?'), ("xyz", "pipegen explain lists all codes")],
)
def test_an_unknown_code_is_reported_with_the_closest(given: str, words: str) -> None:
    shown = run("explain", given)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert shown.stderr == f'pipegen: there is no code "{given}"; {words}\n'


def test_a_file_without_a_suffix_is_not_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("unknown-key").write_text("{}")
    assert "only definitions in YAML can be explained" in run("explain", "unknown-key").stderr


def test_all_codes_are_listed() -> None:
    listed = run("explain").stdout.splitlines()
    assert [line.split()[0] for line in listed] == names() == sorted(code.name for code in rejects.codes())
