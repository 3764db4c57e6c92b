"""Manifests and caches that somebody else wrote: they never make a render fail or stop."""

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
    return lambda cache: cache["blueprints"].update({"platform/reviewed": [path]})


def names(*found: object) -> Change:
    return lambda cache: cache["definitions"]["orders"].update(names=list(found))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        *map(shared, ("../../../../../../../../dev/zero", "../fifo", "a\0b", "pipegen:../../x/blueprint.yaml")),
        *map(names, ("stack", "", "\ud800", ["X", "y"], ["stack"], ["stack", 1], [[], "y"], ["stack", "x", "y", "z"])),
        *map(names, (["stack", ["x", {}]], ["stack", [{"Ref": 1}]], ["stack", [{"Ref": "A", "Default": 1}]])),
        lambda cache: cache["definitions"]["billing"]["outputs"].update({"billing/\ud800": "x"}),
        lambda cache: cache["definitions"]["billing"]["outputs"].update({"orders/x": "x"}),
        lambda cache: cache["gone"].append("billing/\ud800"),
        lambda cache: cache["fleet"].update(definitions=["a**b"]),
        lambda cache: cache["fleet"].update(definitions=["**/**/**/**/**/**/**/*.yaml"]),
    ],
)
def test_a_cache_with_anything_that_pipegen_does_not_write_is_ignored(change: Change, fleet: FleetDirectory) -> None:
    os.mkfifo(fleet.root.parent / "fifo")
    fleet.render()
    before, cached = fleet.files(), fleet.cache.read_text()
    cache = json.loads(cached)
    change(cache)
    fleet.cache.write_text(json.dumps(cache))
    (fleet.out / "billing/billing-pipeline.yaml").unlink()
    done = processed(fleet)
    assert (done.returncode, done.stderr.splitlines()[0][:23]) == (0, "definitions: 3 rendered"), done.stderr
    assert fleet.files() == before
    assert fleet.cache.read_text() == cached


@pytest.mark.parametrize("path", ["manifest.json", "catalog/manifest.json"])
@pytest.mark.parametrize(
    "text", ["[1]", "{}", "\ud800", '{"source": "../x", "environments": [], "stacks": [], "files": []}']
)
def test_a_manifest_that_pipegen_has_not_written_is_reported(path: str, text: str, fleet: FleetDirectory) -> None:
    fleet.render()
    before = fleet.files()
    fleet.cache.unlink()
    (fleet.out / path).write_text(text, errors="surrogatepass")
    done = processed(fleet)
    assert (done.returncode, f"{path}: warning: the manifest was not" in done.stderr) == (0, True), done.stderr
    assert fleet.files() == before


@pytest.mark.parametrize("path", ["../../outside.txt", "/etc/passwd", "orders/orders-pipeline.yaml", "catalog"])
def test_a_manifest_lists_only_files_of_its_definition(path: str, fleet: FleetDirectory) -> None:
    outside = fleet.root.parent / "outside.txt"
    outside.write_text("mine")
    fleet.render()
    before = fleet.files()
    fleet.cache.unlink()
    (fleet.root / "services/catalog.yaml").unlink()
    manifest = json.loads(before["catalog/manifest.json"])
    (fleet.out / "catalog/manifest.json").write_text(json.dumps(manifest | {"files": [path]}))
    fleet.render("--prune")
    assert outside.read_text() == "mine"
    assert fleet.files()["orders/orders-pipeline.yaml"] == before["orders/orders-pipeline.yaml"]


@pytest.mark.parametrize("path", ["orders/orders-pipeline.yaml", "manifest.json"])
def test_a_pipe_in_place_of_output_is_reported(path: str, fleet: FleetDirectory) -> None:
    fleet.render()
    (fleet.out / path).unlink()
    os.mkfifo(fleet.out / path)
    done = processed(fleet)
    assert done.returncode == 1
    assert f"{path}: cannot be" in done.stderr
    assert "is not a regular file" in done.stderr


def test_a_pipe_among_the_inputs_of_a_manifest_is_not_waited_for(fleet: FleetDirectory) -> None:
    fleet.render()
    (fleet.root / "platform/reviewed/files/release.j2").unlink()
    os.mkfifo(fleet.root / "platform/reviewed/files/release.j2")
    done = processed(fleet)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[FleetDirectory, str, dict[str, str]]:
    directory = tmp_path_factory.mktemp("tampered")
    fleet = FleetDirectory(directory / "fleet", directory / "out")
    fleet.write("pipegen.yaml", "blueprints: [platform]\nenvironments: {staging: {parameters: {Topic: x}}}\n")
    fleet.blueprint()
    fleet.user("billing")
    fleet.plain("orders", more="parameters: {Topic: {Type: String}}\n")
    fleet.render()
    return fleet, fleet.cache.read_text(), fleet.files()


def tampered(data: st.DataObject, cache: Any) -> None:
    """Something in the cache is something else."""
    inside = cache
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
def test_a_render_succeeds_with_anything_in_a_cache(
    data: st.DataObject, rendered: tuple[FleetDirectory, str, dict[str, str]]
) -> None:
    fleet, text, files = rendered
    cache = json.loads(text)
    tampered(data, cache)
    fleet.cache.write_text(json.dumps(cache))
    result = fleet.run("--jobs", "1")
    assert result.exit_code == 0 or "duplicate-" in result.stderr, result.stderr
    after = fleet.files()
    if result.exit_code == 0:
        fleet.run()
        after = fleet.files()
    assert json.loads(fleet.cache.read_text())["version"] == 1
    assert after.pop("manifest.json")
    assert after == {path: content for path, content in files.items() if path != "manifest.json"}
