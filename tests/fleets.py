"""A small fleet for tests, and the command on it in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.support.command import run

DEFINITION = """\
name: {name}
pipeline:
  stages:
    - name: Source
      actions: [{{kind: codecommit, name: App, repository: {name}, branch: main}}]
    - name: Release
      actions: [{{kind: approval, name: Approve, message: {message}}}]
"""
BLUEPRINT = """\
summary: A person looks at every change.
parameters:
  service: {type: string}
  message: {default: MESSAGE}
definition:
  name: "{{ service }}"
  pipeline:
    stages:
      - name: Source
        actions: [{kind: codecommit, name: App, repository: "{{ service }}", branch: main}]
      - name: Release
        actions: [{kind: approval, name: Approve, message: "{{ message }}"}]
files:
  - {path: docs/RELEASE.md, template: release.j2}
"""
FLEET = """\
blueprints: [blueprints, platform]
environments:
  staging: {account: "111111111111", region: eu-west-1}
  production: {account: "222222222222", region: eu-west-1}
"""
USER = "blueprint: reviewed\nwith: {{service: {name}}}\n"


@dataclass(frozen=True)
class FleetDirectory:
    """A fleet in `root`, rendered to `out`."""

    root: Path
    out: Path

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def plain(self, name: str, message: str = "Look", more: str = "", file: str = "") -> Path:
        """A definition without blueprint."""
        return self.write(f"services/{file or name}.yaml", DEFINITION.format(name=name, message=message) + more)

    def user(self, name: str, more: str = "") -> Path:
        """One that uses the blueprint."""
        return self.write(f"services/{name}.yaml", USER.format(name=name) + more)

    def blueprint(self, message: str = "Look", directory: str = "platform/reviewed") -> None:
        self.write(f"{directory}/blueprint.yaml", BLUEPRINT.replace("MESSAGE", message))
        self.write(f"{directory}/files/release.j2", "Released by {{ service }}\n")

    def run(self, *options: str | Path, command: str = "render") -> Result:
        words = [command, str(self.root), *(["-o", str(self.out)] if command == "render" else []), *map(str, options)]
        return run(*words)

    def render(self, *options: str | Path, code: int = 0) -> list[str]:
        """The lines about files, with paths as seen from the output."""
        result = self.run(*options)
        assert result.exit_code == code, result.stderr
        return [line.replace(f"{self.out}/", "") for line in result.stdout.splitlines()]

    def files(self) -> dict[str, str]:
        """The output without the cache."""
        found = {str(file.relative_to(self.out)): file for file in sorted(self.out.rglob("*")) if file.is_file()}
        return {path: file.read_text() for path, file in found.items() if not path.startswith(".pipegen_cache/")}

    @property
    def manifest(self) -> Any:
        """The manifest of the fleet, with those of its definitions by name."""
        manifests = {
            file.parent.name: json.loads(file.read_text()) for file in sorted(self.out.glob("*/manifest.json"))
        }
        return {**json.loads((self.out / "manifest.json").read_text()), "definitions": manifests}

    @property
    def cache(self) -> Path:
        return self.out / ".pipegen_cache" / "state.json"

    def elsewhere(self, out: Path) -> FleetDirectory:
        return FleetDirectory(self.root, out)


@pytest.fixture
def fleet(tmp_path: Path) -> FleetDirectory:
    """Two services with a blueprint of the fleet, one without."""
    fleet = FleetDirectory(tmp_path / "fleet", tmp_path / "out")
    fleet.write("pipegen.yaml", FLEET)
    fleet.blueprint()
    fleet.user("billing")
    fleet.user("catalog")
    fleet.plain("orders")
    return fleet


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are loaded while a test runs."""
    from pipegen.fleet import environments
    from pipegen.loading import load_file

    found: list[str] = []
    original: Callable[..., Any] = load_file

    def noted(path: Path, *rest: Any) -> Any:
        found.append(path.stem)
        return original(path, *rest)

    monkeypatch.setattr(environments, "load_file", noted)
    return found
