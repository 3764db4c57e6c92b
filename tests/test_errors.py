"""Problems as values: their order."""

from __future__ import annotations

import pytest

from pipegen.errors import Problem, by_location, split_location


def test_problems_are_ordered_by_file_line_and_column() -> None:
    found = ["b.yaml:10:2", "a.yaml", "b.yaml:9:12", "b.yaml", "a.yaml:3:1", "b.yaml:9:3", "", "b.yaml:9"]
    ordered = [problem.location for problem in by_location(Problem("x", (), "", location=each) for each in found)]
    assert ordered == ["b.yaml:9", "b.yaml:9:3", "b.yaml:9:12", "b.yaml:10:2", "b.yaml", "a.yaml:3:1", "a.yaml", ""]


def test_problems_at_one_location_keep_their_order() -> None:
    problems = [Problem(code, (), "", location="a.yaml:1:1") for code in ("c", "a", "b")]
    assert by_location(problems) == problems


@pytest.mark.parametrize(
    ("location", "parts"),
    [
        ("a.yaml:12:3", ("a.yaml", 12, 3)),
        ("a.py:12", ("a.py", 12, 0)),
        ("a.yaml", ("a.yaml", 0, 0)),
        (r"C:\work\a.yaml:12:3", (r"C:\work\a.yaml", 12, 3)),
        ("a:b.yaml", ("a:b.yaml", 0, 0)),
        ("", ("", 0, 0)),
    ],
)
def test_a_location_has_a_file_a_line_and_a_column(location: str, parts: tuple[str, int, int]) -> None:
    assert split_location(location) == parts
