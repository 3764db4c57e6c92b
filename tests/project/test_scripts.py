"""The scripts that developers and CI run, and the versions that they install."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.examples import ROOT

CHECK_LINKS = ROOT / "scripts" / "check-links"
LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    directory = tmp_path / "repository"
    directory.mkdir()
    git(directory, "init", "--quiet")
    (directory / "file").write_text("text")
    return directory


def check_links(directory: Path) -> subprocess.CompletedProcess[str]:
    git(directory, "add", "--all")
    return subprocess.run([CHECK_LINKS], cwd=directory, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("environment", "/tmp/somewhere"),
        ("up", "../elsewhere"),
        ("inside/up", "../../elsewhere"),
        ("home", "~/../../x"),
    ],
)
def test_a_tracked_link_out_of_the_repository_fails(repository: Path, link: str, target: str) -> None:
    (repository / link).parent.mkdir(exist_ok=True)
    (repository / link).symlink_to(target)
    finished = check_links(repository)
    assert finished.returncode == 1
    assert finished.stderr == f"{link}: tracked link to {target}, outside of the repository\n"


def test_an_absolute_link_into_the_same_clone_fails(repository: Path) -> None:
    (repository / "link").symlink_to(repository / "file")
    assert check_links(repository).returncode == 1


@pytest.mark.parametrize(("link", "target"), [("link", "file"), ("inside/link", "../file"), ("dangling", "nowhere")])
def test_a_tracked_link_inside_the_repository_passes(repository: Path, link: str, target: str) -> None:
    (repository / link).parent.mkdir(exist_ok=True)
    (repository / link).symlink_to(target)
    assert check_links(repository).returncode == 0


def locked(name: str) -> dict[str, str]:
    return dict(LOCKED.findall((ROOT / "requirements" / name).read_text()))


def declared() -> dict[str, str]:
    """The lower bound of every dependency that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *extras["lint"], *extras["dev"]]
    named = [each for each in requirements if not each.startswith(project["name"])]
    bounds = [re.fullmatch(r"([A-Za-z0-9-]+)(?:\[\w+\])?>=(\S+)", each) for each in named]
    assert all(bounds), named
    return {match[1].lower(): match[2] for match in bounds if match}


def test_every_declared_lower_bound_is_a_version_that_the_suite_is_run_with() -> None:
    """`scripts/test --lowest` installs it; a bound below what the other dependencies admit would never be tested."""
    lowest = locked("lowest.txt")
    assert {name: _padded(bound) for name, bound in declared().items()} == {
        name: _padded(lowest[name]) for name in declared()
    }


def test_every_dependency_is_locked_with_its_hashes() -> None:
    for name in ("dev.txt", "lowest.txt", "checkov.txt", "facts.txt"):
        text = (ROOT / "requirements" / name).read_text()
        assert len(LOCKED.findall(text)) == len(re.findall(r"^\S.* \\$", text, re.MULTILINE))
        assert "://" not in text.replace("https://peps.python.org", "")
    assert declared().keys() <= locked("dev.txt").keys()


def _padded(version: str) -> tuple[int, ...]:
    numbers = tuple(map(int, version.split(".")))
    return numbers + (0,) * (4 - len(numbers))
