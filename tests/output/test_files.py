"""Templates into files: whole or not at all, and only where something changed."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipegen import OutputFailed
from pipegen.output.files import Change, compare, write
from tests.conftest import Pipegen
from tests.examples import EXAMPLES

NAMES = ("first", "second", "third")


@pytest.fixture
def old(tmp_path: Path) -> dict[Path, str]:
    """Three files as an earlier run left them."""
    texts = {tmp_path / name: f"old {name}\n" for name in NAMES}
    for path, text in texts.items():
        path.write_text(text)
    return texts


def new(directory: Path) -> dict[Path, str]:
    return {directory / name: f"new {name}: é\n" * 1000 for name in NAMES}


def contents(directory: Path) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sorted(directory.rglob("*")) if path.is_file()}


def test_files_are_new_changed_or_unchanged(tmp_path: Path) -> None:
    (tmp_path / "same").write_text("é\n", encoding="utf-8")
    (tmp_path / "other").write_bytes(b"e\r\n")
    texts = {tmp_path / "same": "é\n", tmp_path / "other": "e\n", tmp_path / "deep" / "new": ""}
    assert [change.status for change in compare(texts)] == ["unchanged", "changed", "new"]
    assert not (tmp_path / "deep").exists()


def test_all_that_changes_is_written_and_directories_are_made(tmp_path: Path) -> None:
    texts = {tmp_path / "a" / "b" / "one": "one\n", tmp_path / "two": "é…\n", tmp_path / "empty": ""}
    write(compare(texts))
    assert contents(tmp_path) == dict(sorted(texts.items()))
    assert {change.status for change in compare(texts)} == {"unchanged"}


def test_a_file_that_does_not_change_is_not_touched(old: dict[Path, str], tmp_path: Path) -> None:
    def state(path: Path) -> tuple[int, int]:
        return path.stat().st_mtime_ns, path.stat().st_ino

    for path in old:
        os.utime(path, ns=(1, 1))
    before = {path: state(path) for path in old}
    changed = tmp_path / NAMES[1]
    write(compare(old | {changed: "new\n"}))
    assert {path for path in old if state(path) != before[path]} == {changed}
    assert changed.read_text() == "new\n"


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600), (0o027, 0o640)])
def test_a_file_has_the_mode_that_the_umask_leaves(mask: int, mode: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        write(compare({tmp_path / "template": "text\n"}))
        write(compare({tmp_path / "template": "changed\n"}))
        assert os.umask(mask) == mask  # it was looked at, and put back
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "template").stat().st_mode) == mode


def fails_at(call: int, function: Callable[..., Any], error: OSError) -> Callable[..., Any]:
    """The function, but its `call`-th call fails."""
    count = 0

    def called(*arguments: Any, **keywords: Any) -> Any:
        nonlocal count
        count += 1
        if count == call:
            raise error
        return function(*arguments, **keywords)

    return called


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("function", ["os.fsync", "os.chmod", "tempfile.mkstemp"])
def test_an_error_before_everything_is_on_disk_leaves_all_old_files_and_nothing_else(
    function: str, call: int, old: dict[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = compare(new(tmp_path))
    module, name = function.split(".")
    original = getattr({"os": os, "tempfile": tempfile}[module], name)
    error = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(f"pipegen.output.files.{function}", fails_at(call, original, error))
    with pytest.raises(OutputFailed) as failed:
        write(changes)
    assert contents(tmp_path) == old
    assert str(failed.value) == (
        f"{tmp_path / NAMES[call - 1]}: cannot be written: No space left on device; choose another directory with -o"
    )


@pytest.mark.parametrize("call", [1, 2, 3])
def test_an_error_while_files_are_replaced_leaves_every_file_whole_and_nothing_else(
    call: int, old: dict[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = compare(new(tmp_path))
    error = OSError(errno.EPERM, "Operation not permitted")
    monkeypatch.setattr("pipegen.output.files.os.replace", fails_at(call, os.replace, error))
    with pytest.raises(OutputFailed, match="cannot be written: Operation not permitted"):
        write(changes)
    replaced = {path: text for path, text in new(tmp_path).items() if path.name in NAMES[: call - 1]}
    assert contents(tmp_path) == old | replaced


def test_an_interruption_leaves_nothing_behind(
    old: dict[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = compare(new(tmp_path))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipegen.output.files.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(changes)
    assert contents(tmp_path) == old


def test_a_directory_in_the_way_of_one_file_keeps_all_from_being_written(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    texts = new(tmp_path)
    with pytest.raises(OutputFailed, match="second: cannot be read: Is a directory"):
        compare(texts)
    changes = [Change(path, text, "new") for path, text in texts.items()]
    with pytest.raises(OutputFailed, match="second: cannot be written: "):
        write(changes)
    assert contents(tmp_path) == {}


def test_a_file_in_the_way_of_a_directory_is_reported(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(OutputFailed, match="out: is not a directory; give -o a directory"):
        compare({tmp_path / "out" / "first": ""})
    with pytest.raises(OutputFailed, match="out/first: cannot be written: "):
        write([Change(tmp_path / "out" / "first", "", "new")])
    assert contents(tmp_path) == {tmp_path / "out": "in the way"}


def test_a_link_is_replaced_and_what_it_led_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept\n")
    (tmp_path / "first").symlink_to("elsewhere")
    write(compare({tmp_path / "first": "new\n"}))
    assert contents(tmp_path) == {tmp_path / "elsewhere": "kept\n", tmp_path / "first": "new\n"}
    assert not (tmp_path / "first").is_symlink()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with no room for a template."""
    directory = tmp_path / "full"
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(directory)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount")
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)


def test_a_full_disk_is_reported_in_a_line_and_keeps_the_old_files(pipegen: Pipegen, full_disk: Path) -> None:
    old = full_disk / EXAMPLES[0].golden.name
    old.write_text("Resources: {}\n")
    failed = pipegen("render", EXAMPLES[0].yaml, EXAMPLES[1].yaml, "-o", full_disk)
    [line] = failed.stderr.splitlines()
    assert line.startswith(f"pipegen: {old}: cannot be written: No space left on device")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert contents(full_disk) == {old: "Resources: {}\n"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize(
    "arguments", [("schema",), ("render", EXAMPLES[0].yaml), ("validate", EXAMPLES[0].yaml, "--format", "json")]
)
def test_an_output_that_accepts_nothing_is_not_a_bug(arguments: tuple[str | Path, ...], tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "pipegen"), *map(str, arguments)]
    with Path("/dev/full").open("w") as full:
        failed = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path)
    assert "bug" not in failed.stderr
    assert "No space left on device" in failed.stderr
    assert failed.returncode == 1
