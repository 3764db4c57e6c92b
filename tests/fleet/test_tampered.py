"""A manifest that somebody else wrote: it is believed as far as digests go, and never makes a render fail or stop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fleets import FleetDirectory, fleet

__all__ = ["fleet"]
Change = Callable[[Any], object]
RENDER = (sys.executable, "-m", "pipegen", "render")
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(
            None,
            True,
            -1,
            1e400,
            "",
            "X y",
            "stack",
            "a\0b",
            "\ud800",
            "../fifo",
            "/dev/zero",
            "x" * 5000,
            [],
            [[]],
            {},
        ),
        *(["../fifo"], ["${A}"], {"a\0b": "x"}, {"\udfff": "x"}, "pipegen:../x", "**/**/**/**/*", "a**"),
    ]
)


def processed(fleet: FleetDirectory) -> subprocess.CompletedProcess[str]:
    """A render in a process of its own, for it may hang."""
    command = [*RENDER, str(fleet.root), "-o", str(fleet.out)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def shared(path: str) -> Change:
    return lambda manifest: manifest["blueprints"].update({"platform/reviewed": [path]})


def claims(*found: object) -> Change:
    return lambda manifest: manifest["definitions"]["orders"].update(claims=list(found))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        *map(shared, ("../../../../../../../../dev/zero", "../fifo", "a\0b", "pipegen:../../x/blueprint.yaml")),
        *map(claims, ("stack", "", "\ud800", ["X", "y"], ["stack"], ["stack", 1], [[], "y"], ["stack", "x", "y", "z"])),
        *map(claims, (["stack", ["x", {}]], ["stack", [{"Ref": 1}]], ["stack", [{"Ref": "A", "Default": 1}]])),
        lambda manifest: manifest["definitions"]["billing"]["files"].update({"billing/\ud800": "x"}),
        lambda manifest: manifest["gone"].append("billing/\ud800"),
        lambda manifest: manifest["fleet"].update(services=["a**b"]),
        lambda manifest: manifest["fleet"].update(services=["**/**/**/**/**/**/**/*.yaml"]),
        lambda manifest: manifest["definitions"]["orders"].update(stacks=[]),
    ],
)
def test_what_pipegen_does_not_write_makes_the_manifest_void(change: Change, fleet: FleetDirectory) -> None:
    os.mkfifo(fleet.root.parent / "fifo")
    fleet.render()
    before = fleet.files()
    manifest = fleet.manifest
    change(manifest)
    (fleet.out / "manifest.json").write_text(json.dumps(manifest))
    done = processed(fleet)
    assert (done.returncode, "warning: is not as" in done.stderr) == (0, True), done.stderr
    assert fleet.files() == before


@pytest.mark.parametrize("path", ["orders/orders-pipeline.yaml", "manifest.json"])
def test_a_pipe_in_place_of_output_is_told(path: str, fleet: FleetDirectory) -> None:
    fleet.render()
    (fleet.out / path).unlink()
    os.mkfifo(fleet.out / path)
    done = processed(fleet)
    assert done.returncode == 1
    assert f"{path}: cannot be" in done.stderr
    assert "is no regular file" in done.stderr


def test_a_pipe_among_the_inputs_of_a_manifest_is_not_waited_for(fleet: FleetDirectory) -> None:
    fleet.render()
    (fleet.root / "platform/reviewed/files/release.j2").unlink()
    os.mkfifo(fleet.root / "platform/reviewed/files/release.j2")
    done = processed(fleet)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[FleetDirectory, str, dict[str, str]]:
    directory = tmp_path_factory.mktemp("tampered")
    made = FleetDirectory(directory / "fleet", directory / "out")
    made.write("pipegen.yaml", "blueprints: [platform]\nenvironments: {staging: {parameters: {Topic: x}}}\n")
    made.blueprint()
    made.user("billing")
    made.plain("orders", more="parameters: {Topic: {Type: String}}\n")
    made.render()
    files = made.files()
    return made, files.pop("manifest.json"), files


def tampered(data: st.DataObject, manifest: Any) -> None:
    """Something in the manifest is something else."""
    inside = manifest
    while True:
        key = data.draw(st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside))))
        if not isinstance(inside[key], dict | list) or not inside[key] or data.draw(st.integers(0, 3)) == 0:
            break
        inside = inside[key]
    value = data.draw(ODD)
    if isinstance(inside, dict) and isinstance(value, str) and data.draw(st.booleans()):
        inside[value] = inside.pop(key)
    else:
        inside[key] = value


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_in_a_manifest_a_render_ends_well(
    data: st.DataObject, rendered: tuple[FleetDirectory, str, dict[str, str]]
) -> None:
    fleet, text, files = rendered
    manifest = json.loads(text)
    tampered(data, manifest)
    (fleet.out / "manifest.json").write_text(json.dumps(manifest))
    result = fleet.run("--jobs", "1")
    assert result.exit_code == 0 or "another fleet" in result.stderr or "duplicate-" in result.stderr, result.stderr
    after = fleet.files()
    assert json.loads(after.pop("manifest.json"))["version"] == 2
    assert after == files
