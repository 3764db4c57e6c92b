"""The command as a user meets it: outputs, streams, exit codes."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pipegen.cli import main
from tests.conftest import Pipegen
from tests.examples import DIRECTORY, EXAMPLES, ROOT
from tests.support.command import problems_in

ROLLING = EXAMPLES[0]


def test_one_stack_goes_to_standard_output_and_its_command_to_standard_error(pipegen: Pipegen) -> None:
    rendered = pipegen("render", ROLLING.yaml)
    assert rendered.stdout == ROLLING.golden.read_text()
    assert rendered.stderr.splitlines() == [
        "aws cloudformation deploy \\",
        "    --stack-name expresso-pipeline \\",
        "    --template-file expresso-pipeline.yaml \\",
        "    --capabilities CAPABILITY_IAM \\",
        "    --parameter-overrides ConnectionArn=VALUE ReleaseTopicArn=VALUE \\",
        "    --no-fail-on-empty-changeset",
    ]


@pytest.mark.slow
def test_several_stacks_want_a_directory(pipegen: Pipegen, tmp_path: Path) -> None:
    files = [example.yaml for example in EXAMPLES]
    result = pipegen("render", *files)
    assert (result.returncode, result.stdout) == (2, "")
    assert "-o DIR" in result.stderr
    written = pipegen("render", *files, "-o", tmp_path / "out")
    assert written.returncode == 0
    assert {file.name: file.read_text() for file in (tmp_path / "out").iterdir()} == {
        golden.name: golden.read_text() for example in EXAMPLES for golden in example.goldens
    }
    deployed = re.findall("^    --stack-name (.*) ", written.stderr, re.MULTILINE)
    assert deployed == [stack for example in EXAMPLES for stack in example.stacks]


@pytest.mark.slow
def test_check_says_what_would_change_and_writes_nothing(pipegen: Pipegen, tmp_path: Path) -> None:
    assert pipegen("render", ROLLING.yaml, "--check", "-o", "out").returncode == 1
    assert not (tmp_path / "out").exists()
    pipegen("render", ROLLING.yaml, "-o", "out")
    fresh = pipegen("render", ROLLING.yaml, "--check", "-o", "out")
    assert (fresh.returncode, fresh.stdout) == (0, f"unchanged out/{ROLLING.golden.name}\n")
    file = tmp_path / "out" / ROLLING.golden.name
    file.write_text(file.read_text() + "# edited\n")
    stale = pipegen("render", ROLLING.yaml, "--check", "-o", "out")
    assert (stale.returncode, stale.stdout) == (1, f"changed   out/{ROLLING.golden.name}\n")
    assert file.read_text().endswith("# edited\n")


def test_check_without_a_directory_is_misuse(pipegen: Pipegen) -> None:
    result = pipegen("render", ROLLING.yaml, "--check")
    assert result.returncode == 2
    assert "-o DIR" in result.stderr


def test_one_bad_file_keeps_the_others_from_being_written_and_all_are_reported(
    pipegen: Pipegen, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\npipeline: 3\n")
    result = pipegen("render", "one.yaml", ROLLING.yaml, "two.yaml", "-o", "out")
    assert result.returncode == 1
    assert [line.split(":")[0] for line in problems_in(result.stderr)] == ["one.yaml", "two.yaml"]
    assert not (tmp_path / "out").exists()


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    pipegen = Path(sys.executable).parent / "pipegen"
    command = f"{pipegen} schema | head -n 1; exit ${{PIPESTATUS[0]}}"
    left = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert left.stdout == "{\n"
    assert left.stderr == ""


INTERRUPTING = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored where tests run in the background
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""
"""A sitecustomize.py that presses Ctrl-C when a module is about to be imported."""


@pytest.mark.parametrize("module", ["pipegen.cli", "typer", "pipegen.cli.render"])
@pytest.mark.parametrize("as_module", [True, False])
def test_ctrl_c_at_the_start_is_one_line(as_module: bool, module: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTING)
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    entry, _, function = scripts["pipegen"].partition(":")
    words = ("-m", "pipegen") if as_module else ("-c", f"from {entry} import {function}; {function}()")
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "INTERRUPTED_AT": module}
    done = subprocess.run(
        [sys.executable, *words, "--version"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "pipegen: interrupted\n")


def test_our_own_bug_is_one_line_and_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # There is no bug at hand to go through the front door with, so one is put behind it.
    def broken(*_: object, **__: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr("pipegen.rendering.render_definition", broken)
    monkeypatch.setattr(sys, "argv", ["pipegen", "render", str(ROLLING.yaml)])
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 3
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    [report] = tmp_path.glob("pipegen-report-*.txt")
    assert str(report) in error
    assert "KeyError: 'oh'" in report.read_text()


def test_version(pipegen: Pipegen) -> None:
    shown = pipegen("--version")
    assert shown.stdout.startswith("pipegen 0.")
    assert shown.returncode == 0


def test_a_large_template_is_noted_and_its_command_names_a_bucket(pipegen: Pipegen, tmp_path: Path) -> None:
    (tmp_path / "many.py").write_text(
        "from pipegen import *\n"
        "builds = [CodeBuild(f'Build{n}', commands=['make ' * 300]) for n in range(30)]\n"
        "source = CodeCommit('App', repository='app', branch='main')\n"
        "stages = [Stage('Source', actions=[source]), Stage('Build', actions=builds)]\n"
        "many = Definition('many', pipeline=Pipeline(stages=stages))\n"
    )
    rendered = pipegen("render", "many.py", "-o", "out")
    assert rendered.returncode == 0, rendered.stderr
    assert "[template-size]" in rendered.stderr
    assert "--s3-bucket BUCKET" in rendered.stderr


def test_examples_are_rendered_from_anywhere(pipegen: Pipegen, tmp_path: Path) -> None:
    relative = Path(os.path.relpath(DIRECTORY / "rolling.py", tmp_path))
    assert pipegen("render", relative).returncode == 0


def test_a_closed_standard_output_is_not_a_bug(tmp_path: Path) -> None:
    command = f"{shlex.quote(str(Path(sys.executable).parent / 'pipegen'))} render {EXAMPLES[0].yaml} >&-"
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert "bug" not in ran.stderr
