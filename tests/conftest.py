"""What tests share: a cloud, a registry, and the command as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cloud import Cloud, start_cloud
from tests.support.codebuild import available
from tests.support.registry import Registry, start_registry

Pipegen = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """AWS on loopback: moto's server and the real AWS CLI."""
    with start_cloud() as cloud:
        yield cloud


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """ECR on loopback, for builds with podman. Never skipped in CI, where everything is installed."""
    reason = available()
    if reason is not None:
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    with start_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


@pytest.fixture
def pipegen(tmp_path: Path) -> Pipegen:
    """The installed command, run in a directory of its own."""

    def run(*arguments: str | Path, cwd: Path = tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "pipegen"), *map(str, arguments)]
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.run(
            command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, check=False, timeout=120
        )

    return run
