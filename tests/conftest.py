"""What tests share: a cloud, a registry, and the command as a user runs it."""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import pipegen as package
from tests.support.accounts import Accounts
from tests.support.cloud import Cloud, start_cloud
from tests.support.codebuild import available
from tests.support.forked import call, forked
from tests.support.registry import Registry, start_registry
from tests.support.simulator import Simulator, missing, start_simulator

ROOT = Path(__file__).resolve().parents[1]
Pipegen = Callable[..., "subprocess.CompletedProcess[str]"]
DEPLOYS_BUILDS_OR_LINTS = {"cloud", "registry", "simulator", "cfn_lint", "checkov"}
"""The fixtures that make a test slow; others are marked where they are."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and DEPLOYS_BUILDS_OR_LINTS.intersection(item.fixturenames):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """AWS on loopback: moto's server and the real AWS CLI."""
    with start_cloud() as cloud:
        yield cloud


@pytest.fixture
def accounts(cloud: Cloud) -> Accounts:
    """Accounts with credentials of their own on the same cloud, from nothing."""
    cloud.reset()
    return Accounts(cloud)


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """ECR on loopback, for builds with podman. Never skipped in CI, where everything is installed."""
    reason = available()
    if reason is not None:
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    with start_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """IAM, without an account. Never skipped in CI, where everything is installed."""
    reason = missing()
    if reason is not None:
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    with start_simulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def forked_pipegen() -> Iterator[Path]:
    """The command without the time of its imports."""
    modules = [module.name for module in pkgutil.walk_packages(package.__path__, "pipegen.")]
    wanted = [name for name in modules if not name.endswith("__main__") and ".templates" not in name]
    with forked("pipegen", "pipegen.cli:main", *wanted, "tests.support.warm") as program:
        yield program


@pytest.fixture(scope="session")
def cfn_lint() -> Iterator[Path]:
    """cfn-lint's own command, which reads its schemas once."""
    with forked("cfn-lint", "cfnlint.runner:main") as program:
        yield program


@pytest.fixture(scope="session")
def checkov() -> Iterator[Path]:
    """checkov's own command; give it `--skip-download`, or it asks its makers for advice."""
    found = shutil.which("checkov", path=os.pathsep.join([str(ROOT / ".venv-checkov" / "bin"), os.environ["PATH"]]))
    if found is None:
        assert "CI" not in os.environ, "checkov is not installed"
        pytest.skip("checkov is not installed; scripts/test does it")
    python = Path(found).parent / "python"
    with forked("checkov", "tests.support.forked:checkov", "checkov.main", python=python) as program:
        yield program


@pytest.fixture
def installed(tmp_path: Path) -> Pipegen:
    """The installed command, run in a directory of its own."""
    return partial(_run, Path(sys.executable).parent / "pipegen", tmp_path)


@pytest.fixture
def pipegen(forked_pipegen: Path, installed: Pipegen, tmp_path: Path) -> Pipegen:
    """The same without its imports, except where variables of the environment may be for the interpreter."""
    quick = partial(_run, forked_pipegen, tmp_path, start=call)
    return lambda *arguments, **more: (installed if more.keys() - {"cwd"} else quick)(*arguments, **more)


def _run(
    program: Path,
    directory: Path,
    *arguments: str | Path,
    cwd: Path | None = None,
    start: Pipegen | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given: dict[str, Any] = {"cwd": cwd or directory, "env": inherited | environment, "timeout": 120}
    if start is not None:
        return start(program, *map(str, arguments), **given)
    command = [str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **given)
