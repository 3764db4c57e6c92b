"""Glob patterns of triggers: those that are right pass, and excludes are compared with includes."""

from __future__ import annotations

import pytest

from pipegen.syntax.globs import Of, covers, fault, matches

RIGHT: dict[Of, tuple[str, ...]] = {
    "branches": (
        "main",
        "release/*",
        "release/**",
        "*",
        "**",
        "feature-?",
        "{main,develop}",
        "v[0-9]*",
        "fix/#12",
        "a@b",
    ),
    "tags": ("v*", "v[0-9].*", "v1.*.*", "release-{1,2}", "2026.11.28"),
    "file_paths": (
        *(
            "src/**",
            "**",
            "**/*",
            "*.py",
            "**.py",
            "*.*",
            "Makefile",
            ".github/**",
            "**/.env.*",
            "a b/c.txt",
            "src",
        ),
        *(
            "app/(auth)/**",
            r"app/\[id\]/**",
            "app/[[]id]/*",
            "src/{api,web}/**",
            "src/**.{js,ts}",
            "foo.?",
            "docs/*.md",
        ),
    ),
}


@pytest.mark.parametrize(("of", "pattern"), [(of, pattern) for of, patterns in RIGHT.items() for pattern in patterns])
def test_a_pattern_that_may_be_meant_is_not_reported(of: Of, pattern: str) -> None:
    assert fault(pattern, of) is None


@pytest.mark.parametrize(
    ("excludes", "include", "covered"),
    [
        (["src/**"], "src/**", True),
        (["**"], "anything/*.py", True),
        (["**/*"], "src/**", True),
        (["**/*"], "**", False),  # a file in the root has no slash
        (["src/**"], "src/app/*.py", True),
        (["src/*"], "src/**", False),
        (["src/a*"], "src/*", False),
        (["*.md"], "docs/*.md", False),
        (["**.md"], "docs/*.md", True),
        (["docs/**"], "**", False),
        (["release/*"], "release/{1,2}", True),
        (["release/1"], "release/{1,2}", False),
        (["a/**", "b/**"], "{a,b}/*", True),
        (["v[0-9]*"], "v[0-9]*", True),
        (["v*"], "v[0-9]*", False),  # which is not decided
        (["[!a]*"], "b*", False),
        (["main"], "Main", False),
    ],
)
def test_excludes_cover_an_include_if_they_match_all_that_it_does(
    excludes: list[str], include: str, covered: bool
) -> None:
    assert covers(excludes, include) is covered


@pytest.mark.parametrize(
    ("pattern", "name", "is_match"),
    [
        ("release/*", "release/1", True),
        ("release/*", "release/1/2", False),
        ("release/**", "release/1/2", True),
        ("{main,develop}", "develop", True),
        ("v?", "v1", True),
        (r"\{a\}", "{a}", True),
        ("a.b", "axb", False),
    ],
)
def test_a_pattern_matches_as_java_s_do(pattern: str, name: str, is_match: bool) -> None:
    assert matches(pattern, name) is is_match
