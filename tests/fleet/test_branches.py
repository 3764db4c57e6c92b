"""What fleets commit, in git repositories: branches that change neighbouring definitions merge without conflicts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fleets import FLEET, FleetDirectory

Change = Callable[[FleetDirectory], object]
SHARED = """\
render: {output: templates, deploy_script: true, git_sync: true}
foundation: {name: delivery}
locked: {role_path: All roles have one path}
"""
NAMES = ("billing", "cart", "catalog", "orders", "parcels")


def git(directory: Path, *words: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *words], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def fleet(tmp_path: Path) -> FleetDirectory:
    """A fleet in a repository, with everything committed."""
    fleet = FleetDirectory(tmp_path, tmp_path / "templates")
    fleet.write("pipegen.yaml", FLEET + SHARED)
    fleet.blueprint()
    for name in NAMES:
        if name in ("cart", "orders"):
            fleet.plain(name)
        else:
            fleet.user(name)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(fleet)
    return fleet


def commit(fleet: FleetDirectory) -> None:
    fleet.render("--prune")
    git(fleet.root, "add", "--all")
    git(fleet.root, "commit", "--quiet", "--message", "Change")


def add(name: str) -> Change:
    return lambda fleet: fleet.user(name)


def add_plain(name: str) -> Change:
    return lambda fleet: fleet.plain(name)


def change(name: str) -> Change:
    return lambda fleet: fleet.plain(name, "Look twice")


def remove(name: str) -> Change:
    return lambda fleet: (fleet.root / f"services/{name}.yaml").unlink()


def with_warning(name: str) -> Change:
    """A definition that the fleet's manifest used to have a problem of."""
    return lambda fleet: fleet.plain(name, more="parameters: {Unused: {Type: String, Default: x}}\n")


def first_of_blueprint(fleet: FleetDirectory) -> None:
    fleet.blueprint("Look", "platform/checked")
    fleet.write("services/checked.yaml", "blueprint: checked\nwith: {service: checked}\n")


def bound_roles(fleet: FleetDirectory) -> None:
    boundary = 'defaults: {permissions_boundary: !Sub "arn:aws:iam::${AWS::AccountId}:policy/delivery"}\n'
    fleet.write("pipegen.yaml", FLEET + SHARED + boundary)


BRANCHES: dict[str, tuple[Change, Change]] = {
    "two are added beside each other": (add("catalog-a"), add("catalog-b")),
    "two are changed": (change("cart"), change("orders")),
    "two are removed": (remove("billing"), remove("cart")),
    "one is added, and its neighbour is changed": (add("caterer"), change("cart")),
    "one is removed, and its neighbour is changed": (remove("catalog"), change("cart")),
    "one is added, and its neighbour is removed": (add("cat"), remove("cart")),
    "both are the last": (add_plain("yard"), add_plain("zoo")),
    "the first ones of two blueprints": (first_of_blueprint, add("another")),
    "with warnings": (with_warning("cart"), with_warning("cat")),
}


def merged(fleet: FleetDirectory, ours: Change, theirs: Change) -> None:
    """Both changes, each made and rendered in a branch of its own, merged."""
    git(fleet.root, "checkout", "--quiet", "-b", "theirs")
    theirs(fleet)
    commit(fleet)
    git(fleet.root, "checkout", "--quiet", "main")
    ours(fleet)
    commit(fleet)
    git(fleet.root, "merge", "--quiet", "--no-edit", "theirs")


@pytest.mark.parametrize(("ours", "theirs"), BRANCHES.values(), ids=BRANCHES.keys())
def test_branches_that_touch_neighbouring_definitions_merge_and_nothing_has_to_be_rendered(
    ours: Change, theirs: Change, fleet: FleetDirectory, tmp_path: Path
) -> None:
    merged(fleet, ours, theirs)
    assert fleet.render("--check") == []
    clone = FleetDirectory(tmp_path / "clone", tmp_path / "clone" / "templates")
    git(tmp_path, "clone", "--quiet", ".", "clone")
    assert clone.render("--check") == []
    assert git(clone.root, "status", "--porcelain") == ""
    assert fleet.render() == []


def test_a_branch_that_changes_what_all_share_merges_with_others_and_is_rendered_once_more(
    fleet: FleetDirectory,
) -> None:
    merged(fleet, bound_roles, change("cart"))
    assert fleet.render("--check") == []
    git(fleet.root, "branch", "-D", "theirs")
    git(fleet.root, "checkout", "--quiet", "-b", "new", "main~2")
    add("zoo")(fleet)
    commit(fleet)
    git(fleet.root, "merge", "--quiet", "--no-edit", "main")
    assert fleet.render("--check", code=1) == ["changed   zoo/zoo-pipeline.yaml"]
    assert fleet.render() == ["changed   zoo/zoo-pipeline.yaml"]
    assert fleet.render("--check") == []


VERSIONED = """\
import sys
import pipegen._version
pipegen._version.__version__ = "99.0"
from pipegen.__main__ import main
sys.exit(main())
"""


def by_next_version(fleet: FleetDirectory, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", VERSIONED, *options]
    return subprocess.run(command, cwd=fleet.root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_another_version_with_the_same_output_changes_no_file(format: str, fleet: FleetDirectory) -> None:
    text = (fleet.root / "pipegen.yaml").read_text().replace("git_sync: true", f"git_sync: true, format: {format}")
    fleet.write("pipegen.yaml", text)
    fleet.render("--prune")
    before = fleet.files()
    assert by_next_version(fleet, "--version").stdout == "pipegen 99.0\n"
    done = by_next_version(fleet, "render", ".")
    assert (done.returncode, done.stdout, done.stderr[:23]) == (0, "", "definitions: 6 rendered"), done.stderr
    assert fleet.files() == before
    assert not any("99.0" in text for text in before.values())
