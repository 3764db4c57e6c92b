"""`--changed-since`: what a change in git can touch, and no more."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fleets import FLEET, FleetDirectory, fleet, loaded

__all__ = ["fleet", "loaded"]


def git(directory: Path, *words: str) -> None:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def committed(fleet: FleetDirectory, loaded: list[str]) -> FleetDirectory:
    """The fleet in git, its output fresh."""
    git(fleet.root, "init", "-q")
    git(fleet.root, "add", "-A")
    git(fleet.root, "commit", "-qm", "Begin")
    fleet.render("--jobs", "1")
    loaded.clear()
    return fleet


def nothing(fleet: FleetDirectory) -> None:
    pass


def definition(fleet: FleetDirectory) -> None:
    fleet.plain("orders", "Differently")


def committed_definition(fleet: FleetDirectory) -> None:
    fleet.plain("orders", "Differently")
    git(fleet.root, "commit", "-qam", "Change")


def blueprint(fleet: FleetDirectory) -> None:
    fleet.blueprint("Look twice")


def template(fleet: FleetDirectory) -> None:
    fleet.write("platform/reviewed/files/release.j2", "x\n")


def untracked_shadow(fleet: FleetDirectory) -> None:
    fleet.blueprint("Nearer", "blueprints/reviewed")


def new_template(fleet: FleetDirectory) -> None:
    fleet.write("platform/reviewed/files/new.j2", "x\n")


def fleet_file(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET + "tags: {team: shop}\n")


def untracked(fleet: FleetDirectory) -> None:
    fleet.user("added")


def deleted(fleet: FleetDirectory) -> None:
    (fleet.root / "services/orders.yaml").unlink()


def renamed(fleet: FleetDirectory) -> None:
    git(fleet.root, "mv", "services/orders.yaml", "services/a b ü.yaml")


USERS = ["billing", "catalog"]


@pytest.mark.parametrize(
    ("change", "rendered"),
    [
        (nothing, []),
        (definition, ["orders"]),
        (committed_definition, ["orders"]),
        (blueprint, USERS),
        (template, USERS),
        (untracked_shadow, USERS),
        (new_template, USERS),
        (fleet_file, ["billing", "catalog", "orders"]),
        (untracked, ["added"]),
        (deleted, []),
        (renamed, ["a b ü"]),
    ],
)
def test_it_renders_what_is_touched_and_gives_what_a_whole_render_gives(
    change: object, rendered: list[str], committed: FleetDirectory, loaded: list[str], tmp_path: Path
) -> None:
    shutil.copytree(committed.out, tmp_path / "whole")
    start = "HEAD" if change is not committed_definition else "HEAD~1"
    change(committed)  # type: ignore[operator]
    lines = committed.render("--changed-since", start, "--jobs", "1")
    assert sorted(loaded) == rendered
    whole = committed.elsewhere(tmp_path / "whole")
    assert whole.render() == lines
    assert committed.files() == whole.files()


@pytest.mark.parametrize("directory", ["ignored", "../beside"])
def test_what_git_is_blind_to_is_seen_all_the_same(directory: str, fleet: FleetDirectory, loaded: list[str]) -> None:
    fleet.write("pipegen.yaml", FLEET.replace("platform", directory))
    fleet.write(".gitignore", "ignored/\n")
    fleet.blueprint(directory=f"{directory}/reviewed")
    git(fleet.root, "init", "-q")
    git(fleet.root, "add", "-A")
    git(fleet.root, "commit", "-qm", "Begin")
    fleet.render("--jobs", "1")
    loaded.clear()
    fleet.blueprint("Look twice", directory=f"{directory}/reviewed")
    fleet.render("--changed-since", "HEAD", "--jobs", "1")
    assert loaded == USERS
    assert "Look twice" in fleet.files()["billing/billing-pipeline.yaml"]


def test_output_in_git_that_was_edited_is_touched(fleet: FleetDirectory, loaded: list[str]) -> None:
    inside = fleet.elsewhere(fleet.root / "out")
    inside.render("--jobs", "1")
    git(fleet.root, "init", "-q")
    git(fleet.root, "add", "-A")
    git(fleet.root, "commit", "-qm", "Begin")
    (inside.out / "orders/orders-pipeline.yaml").write_text("{}\n")
    loaded.clear()
    inside.render("--changed-since", "HEAD", "--jobs", "1")
    assert loaded == ["orders"]


@pytest.mark.parametrize("revision", ["nonsense", "--output=/tmp/x", "-h", "", "HEAD:services"])
def test_a_revision_that_is_none_is_one_clear_line(revision: str, committed: FleetDirectory) -> None:
    result = committed.run(f"--changed-since={revision}")
    assert result.exit_code == 2
    [line] = result.stderr.splitlines()
    assert line.startswith("pipegen: --changed-since: ")


def test_outside_of_git_is_one_clear_line(fleet: FleetDirectory) -> None:
    result = fleet.run("--changed-since", "HEAD")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "not a git repository" in result.stderr
