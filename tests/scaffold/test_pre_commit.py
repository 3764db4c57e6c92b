"""The hooks that `.pre-commit-hooks.yaml` offers, run by pre-commit itself in a repository that uses them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import Pipegen
from tests.examples import ROOT
from tests.small_fleet import write_fleet
from tests.support.command import run

pytestmark = pytest.mark.slow

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PACKAGE = ("pipegen", "blueprints", "pyproject.toml", "README.md", "LICENSE", MANIFEST.name)


def git(directory: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    ran = subprocess.run(["git", *who, *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


class Repository:
    """A git repository with a fleet, whose hooks come from another one, which has pipegen."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root / "fleet", root / "home"
        offered = root / "pipegen"
        offered.mkdir(parents=True)
        for name in PACKAGE:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, offered / name)
        git(offered, "init", "--quiet")
        git(offered, "add", ".")
        git(offered, "commit", "--quiet", "--message", "All")
        self.root.mkdir()
        write_fleet(self.root)
        git(self.root, "init", "--quiet")
        ids = [
            {"id": "pipegen-validate"},
            {"id": "pipegen-render-check", "args": ["services/orders.yaml", "-o", "templates"]},
        ]
        entry = {"repo": str(offered), "rev": git(offered, "rev-parse", "HEAD"), "hooks": ids}
        (self.root / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [entry]}))

    def run(self, hook: str) -> tuple[int, str]:
        """pre-commit's exit code and output, for all files that git knows."""
        git(self.root, "add", ".")
        command = [sys.executable, "-m", "pre_commit", "run", hook, "--all-files", "--color", "never"]
        environment = {"PRE_COMMIT_HOME": str(self.home), "PATH": "/usr/bin:/bin", "HOME": str(self.home)}
        ran = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("hooks"))


def test_the_manifest_is_one_and_its_hooks_are_commands_that_there_are() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    validated = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (validated.returncode, validated.stdout) == (0, "")
    hooks = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text())}
    assert set(hooks) == {"pipegen-validate", "pipegen-render-check"}
    for hook in hooks.values():
        assert run(*hook["entry"].split()[1:], "--help").exit_code == 0


def test_definitions_are_validated_and_a_mistake_stops_the_commit(repository: Repository) -> None:
    code, output = repository.run("pipegen-validate")
    assert (code, "Passed" in output) == (0, True), output
    file = repository.root / "services" / "orders.yaml"
    before = file.read_text()
    file.write_text(before.replace("port: 4000", "prot: 4000"))
    code, output = repository.run("pipegen-validate")
    file.write_text(before)
    assert code == 1
    assert "services/orders.yaml:2:25: error: " in output
    assert "[unknown-argument]" in output
    assert 'did you mean "port"?' in output


def test_templates_that_are_not_rendered_anew_stop_the_commit(repository: Repository, pipegen: Pipegen) -> None:
    code, output = repository.run("pipegen-render-check")
    assert (code, "new       templates/orders-pipeline.yaml" in output) == (1, True), output
    pipegen("render", "services/orders.yaml", "-o", "templates", cwd=repository.root)
    assert repository.run("pipegen-render-check")[0] == 0
    template = repository.root / "templates" / "orders-pipeline.yaml"
    template.write_text(template.read_text() + "# edited\n")
    code, output = repository.run("pipegen-render-check")
    assert (code, "changed   templates/orders-pipeline.yaml" in output) == (1, True)


def test_what_init_writes_is_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_fleet(tmp_path))
    assert run("init", "--no-input", "--blueprint", "web", "--set", "service=cart", "--pre-commit").exit_code == 0
    command = [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
