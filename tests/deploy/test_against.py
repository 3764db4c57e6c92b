"""`render --check --against REV`: running stacks survive what changes since a revision, whatever was rendered since."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.conftest import Pipegen
from tests.deploy.test_migrate import CODEDEPLOY, DEFINITION, NATIVE
from tests.fleet.test_since import git
from tests.fleets import FleetDirectory

TEXT = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", CODEDEPLOY)
PORT = (
    "shop-web: Port of TargetGroup would change, but CloudFormation would create a new one, without the running tasks"
)


class Repository:
    """A git repository with one definition, rendered into `out`."""

    def __init__(self, root: Path, pipegen: Pipegen, text: str = TEXT) -> None:
        self.root, self.pipegen = root, pipegen
        root.mkdir()
        git(root, "init", "-q", "-b", "main")
        self.render(text)
        self.commit()

    def render(self, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        (self.root / "shop.yaml").write_text(text)
        return self.pipegen("render", "shop.yaml", "-o", "out", *options, cwd=self.root)

    def commit(self) -> None:
        git(self.root, "add", "-A")
        git(self.root, "commit", "-qm", "Change")

    def check(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.pipegen("render", "shop.yaml", "-o", "out", "--check", *options, cwd=self.root)


@pytest.fixture
def repository(tmp_path: Path, pipegen: Pipegen) -> Repository:
    return Repository(tmp_path / "shop", pipegen)


def test_a_change_that_was_rendered_and_committed_is_still_rejected_against_the_base(repository: Repository) -> None:
    done = repository.render(TEXT.replace("ports: [8080]", "ports: [9090]"), "--accept-unsafe-changes")
    assert done.returncode == 0, done.stderr
    repository.commit()
    assert repository.check().returncode == 0
    result = repository.check("--against", "HEAD^1")
    assert result.returncode == 1
    assert f"out/shop-web.yaml: error: {PORT}" in result.stderr
    assert "--accept-unsafe-changes" in result.stderr
    assert all(line.startswith("unchanged") for line in result.stdout.splitlines())
    accepted = repository.check("--against", "HEAD^1", "--accept-unsafe-changes")
    assert accepted.returncode == 0
    assert f"out/shop-web.yaml: warning: {PORT}" in accepted.stderr
    assert repository.check("--against", "HEAD").returncode == 0


@pytest.mark.parametrize("way", ["deleted", "elsewhere formatted", "edited by hand"])
def test_what_happened_to_the_output_meanwhile_hides_nothing(way: str, repository: Repository) -> None:
    out = repository.root / "out"
    options: tuple[str, ...] = ()
    if way == "deleted":
        shutil.rmtree(out)
    elif way == "elsewhere formatted":
        shutil.rmtree(out)
        options = ("--template-format", "json")
    else:
        for file in out.iterdir():
            file.write_text(file.read_text().replace("8080", "9090"))
    changed = TEXT.replace("ports: [8080]", "ports: [9090]")
    assert repository.render(changed, *options).returncode == 0
    repository.commit()
    result = repository.check("--against", "HEAD^1", *options)
    assert result.returncode == 1
    assert f"error: {PORT}" in result.stderr


def test_a_change_that_is_taken_back_is_none(repository: Repository) -> None:
    repository.render(TEXT.replace("ports: [8080]", "ports: [9090]"), "--accept-unsafe-changes")
    assert repository.render(TEXT, "--accept-unsafe-changes").returncode == 0
    checked = repository.check("--against", "HEAD")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_base_without_templates_is_nothing_to_compare_with_and_says_so(tmp_path: Path, pipegen: Pipegen) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "README").write_text("x")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "Begin")
    (root / "shop.yaml").write_text(TEXT)
    assert pipegen("render", "shop.yaml", "-o", "out", cwd=root).returncode == 0
    checked = pipegen("render", "shop.yaml", "-o", "out", "--check", "--against", "HEAD", cwd=root)
    assert checked.returncode == 0
    assert checked.stderr == (
        "pipegen: HEAD has none of these templates in out, so nothing was compared: all stacks count as new\n"
    )


def test_a_base_with_the_templates_in_another_directory_is_an_error_that_names_it(repository: Repository) -> None:
    changed = TEXT.replace("ports: [8080]", "ports: [9090]")
    (repository.root / "shop.yaml").write_text(changed)
    words = ("render", "shop.yaml", "-o", "new/out")
    assert repository.pipegen(*words, cwd=repository.root).returncode == 0
    (repository.root / "new" / "out" / "README").write_text("x")
    repository.commit()
    checked = repository.pipegen(*words, "--check", "--against", "HEAD^1", cwd=repository.root)
    assert checked.returncode == 1
    assert "HEAD^1 has none of these templates in new/out, so nothing was compared: it has them in out;" in (
        checked.stderr
    )
    moved = repository.pipegen(*words, "--check", "--against", "HEAD^1", "--accept-unsafe-changes", cwd=repository.root)
    assert (moved.returncode, "it has them in out\n" in moved.stderr) == (0, True)


def test_files_of_others_with_the_names_of_templates_are_not_templates(repository: Repository) -> None:
    root = repository.root
    for file in (root / "out").iterdir():
        file.write_text("Resources: {}\n")
    repository.commit()
    words = ("render", "shop.yaml", "-o", "new")
    assert repository.pipegen(*words, cwd=root).returncode == 0
    checked = repository.pipegen(*words, "--check", "--against", "HEAD", cwd=root)
    assert checked.returncode == 0
    assert "all stacks count as new" in checked.stderr


def test_a_directory_in_place_of_a_revision_is_told_apart(repository: Repository) -> None:
    checked = repository.check("--against", "out")
    assert checked.returncode == 2
    assert "unknown revision out; the directory of the templates is given with -o" in checked.stderr


def test_a_shallow_clone_has_the_base_if_it_is_two_deep_and_else_says_what_to_do(
    repository: Repository, tmp_path: Path
) -> None:
    """As actions/checkout has it of a pull request: the merge commit, and with a depth of two its first parent."""
    git(repository.root, "checkout", "-qb", "change")
    repository.render(TEXT.replace("ports: [8080]", "ports: [9090]"), "--accept-unsafe-changes")
    repository.commit()
    git(repository.root, "checkout", "-q", "main")
    git(repository.root, "merge", "-q", "--no-ff", "-m", "Merge", "change")
    for depth in (1, 2):
        clone = tmp_path / f"clone-{depth}"
        git(tmp_path, "clone", "-q", f"--depth={depth}", f"file://{repository.root}", str(clone))
        words = ("render", "shop.yaml", "-o", "out", "--check", "--against", "HEAD^1")
        checked = repository.pipegen(*words, cwd=clone)
        if depth == 1:
            assert checked.returncode == 2
            assert checked.stderr == (
                "pipegen: --against: unknown revision HEAD^1; this clone is shallow: fetch the revision, or clone "
                "with more history (fetch-depth of actions/checkout)\n"
            )
        else:
            assert checked.returncode == 1
            assert f"error: {PORT}" in checked.stderr


UNKNOWN: Mapping[str, tuple[str, int, str]] = {
    "no revision": ("nowhere", 2, "--against: unknown revision nowhere\n"),
    "an option": ("--all", 2, "--against: unknown revision --all\n"),
    "nothing": ("", 2, "--against: unknown revision"),
}


@pytest.mark.parametrize(("revision", "code", "words"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_revision_that_git_does_not_know_is_an_error(
    revision: str, code: int, words: str, repository: Repository
) -> None:
    checked = repository.check(f"--against={revision}")
    assert checked.returncode == code
    assert words in checked.stderr


def test_without_git_or_a_repository_the_error_says_so(tmp_path: Path, pipegen: Pipegen, installed: Pipegen) -> None:
    (tmp_path / "shop.yaml").write_text(TEXT)
    words = ("render", "shop.yaml", "-o", "out", "--check", "--against", "HEAD")
    outside = pipegen(*words)
    assert outside.returncode == 2
    assert "--against: not a git repository" in outside.stderr
    without = installed(*words, PATH=str(tmp_path))
    assert without.returncode == 2
    assert "--against: cannot run git: No such file or directory" in without.stderr


def test_against_wants_check(repository: Repository) -> None:
    result = repository.pipegen("render", "shop.yaml", "-o", "out", "--against", "HEAD", cwd=repository.root)
    assert result.returncode == 2
    assert "--against: add --check" in " ".join(result.stderr.split())


@pytest.fixture
def fleet(tmp_path: Path) -> FleetDirectory:
    """A fleet in git with its output, a service of which ECS moves the traffic."""
    fleet = FleetDirectory(tmp_path / "fleet", tmp_path / "fleet" / "templates")
    fleet.write(
        "pipegen.yaml", "environments:\n  staging: {parameters: PARAMETERS}\n".replace("PARAMETERS", parameter_values())
    )
    fleet.write("services/shop.yaml", DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", NATIVE))
    fleet.plain("orders")
    fleet.render()
    git(fleet.root, "init", "-q")
    git(fleet.root, "add", "-A")
    git(fleet.root, "commit", "-qm", "Begin")
    return fleet


def parameter_values(**others: str) -> str:
    """Values for all parameters that the definition has no defaults for."""
    declared = yaml.load(DEFINITION.replace("KEY", "web"), Loader=yaml.BaseLoader)["parameters"]
    values = {name: "subnet-1,subnet-2" if "List" in each["Type"] else "vpc-1" for name, each in declared.items()}
    return yaml.safe_dump(values | others, default_flow_style=True, width=9999).strip()


def change(fleet: FleetDirectory, before: str, after: str) -> None:
    file = fleet.root / "services" / "shop.yaml"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))


def test_a_fleet_is_compared_with_the_base_and_every_service_is_looked_at(fleet: FleetDirectory) -> None:
    change(fleet, "ports: [8080]", "ports: [9090]")
    fleet.plain("orders", "Look again")
    fleet.render("--accept-unsafe-changes")
    git(fleet.root, "add", "-A")
    git(fleet.root, "commit", "-qm", "Change")
    assert fleet.render("--check") == []
    result = fleet.run("--check", "--against", "HEAD^1")
    assert result.exit_code == 1
    assert "templates/shop/shop-web.yaml: error: shop-web: Port of TargetGroup would change" in result.stderr
    assert f"failed    {fleet.root}/services/shop.yaml" in result.stderr
    assert "orders" not in result.stderr
    assert fleet.run("--check", "--against", "HEAD^1", "--accept-unsafe-changes").exit_code == 0
    assert fleet.render("--check", "--against", "HEAD") == []


def test_a_fleet_whose_output_has_moved_is_compared_with_nothing_and_fails(fleet: FleetDirectory) -> None:
    change(fleet, "ports: [8080]", "ports: [9090]")
    moved = FleetDirectory(fleet.root, fleet.root / "elsewhere")
    moved.render()
    checked = moved.run("--check", "--against", "HEAD")
    assert checked.exit_code == 1
    assert f"HEAD has none of these templates in {moved.out}, so nothing was compared: it has them in templates" in (
        checked.stderr
    )
    assert moved.run("--check", "--against", "HEAD", "--accept-unsafe-changes").exit_code == 0


def test_a_value_that_an_environment_gives_to_what_must_stay_is_a_change_too(fleet: FleetDirectory) -> None:
    before = fleet.files()
    file = fleet.root / "pipegen.yaml"
    file.write_text(f"environments:\n  staging: {{parameters: {parameter_values(VpcId='vpc-2')}}}\n")
    result = fleet.run()
    assert result.exit_code == 1
    words = "shop-web: VpcId of TargetGroup would change with the parameter VpcId of staging, but CloudFormation would"
    assert words in result.stderr
    assert {path: text for path, text in fleet.files().items() if path.startswith("shop/")} == {
        path: text for path, text in before.items() if path.startswith("shop/")
    }
    fleet.render("--accept-unsafe-changes")
    assert words in fleet.run("--check", "--against", "HEAD").stderr
