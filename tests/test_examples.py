"""Every example, of blueprints too: its golden, its twin, its determinism, and what scanners say of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pipegen import load
from tests.blueprints import BLUEPRINTS
from tests.conftest import Pipegen
from tests.examples import DIRECTORY, EXAMPLES, ROOT, Example

ALL = [*EXAMPLES, *BLUEPRINTS]
each_example = pytest.mark.parametrize("example", ALL, ids=lambda example: example.label)
each_with_a_twin = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.label)


def rendered(pipegen: Pipegen, file: Path, output: Path, *options: str, **environment: str) -> dict[str, str]:
    """The files that a render of one definition writes."""
    done = pipegen("render", file, "-o", output, *options, **environment)
    assert done.returncode == 0, done.stderr
    return {each.name: each.read_text() for each in output.iterdir()}


@each_example
def test_an_example_renders_to_its_goldens(example: Example, pipegen: Pipegen, tmp_path: Path) -> None:
    texts = rendered(pipegen, example.yaml, tmp_path)
    if "UPDATE_GOLDEN" in os.environ:
        for name, text in texts.items():
            (example.golden_directory / name).write_text(text)
    assert texts == {golden.name: golden.read_text() for golden in example.goldens}


@pytest.mark.slow
@each_with_a_twin
def test_twins_are_equal_as_models_and_render_to_the_same_bytes(
    example: Example, pipegen: Pipegen, tmp_path: Path
) -> None:
    [from_yaml], [from_python] = load(example.yaml), load(example.python)
    assert from_yaml == from_python
    texts = [
        {name: text.replace(file.name, "") for name, text in rendered(pipegen, file, tmp_path / file.suffix).items()}
        for file in (example.yaml, example.python)
    ]
    assert texts[0] == texts[1] != {}


@pytest.mark.slow
@each_example
def test_an_example_has_no_warnings(example: Example, pipegen: Pipegen) -> None:
    validated = pipegen("validate", example.yaml, "--lint")
    assert (validated.returncode, validated.stdout) == (0, "")
    *problems, summary = validated.stderr.splitlines()
    assert [line for line in problems if not line.endswith("[template-size]")] == []
    assert summary == f"checked 1 definition: {'1 note' if problems else 'no problems'}"


def test_every_file_of_examples_and_goldens_is_tested() -> None:
    assert {file.name for file in DIRECTORY.iterdir() if file.is_file()} == {
        name for example in EXAMPLES for name in (example.yaml.name, example.python.name)
    }
    directories = {example.golden_directory for example in ALL}
    assert {file for each in directories for file in each.iterdir()} == {
        golden for example in ALL for golden in example.goldens
    }


@pytest.mark.slow
@each_example
def test_two_hash_seeds_give_the_same_bytes(example: Example, pipegen: Pipegen, tmp_path: Path) -> None:
    file = example.python if example in EXAMPLES else example.yaml
    first, second = (rendered(pipegen, file, tmp_path / seed, PYTHONHASHSEED=seed) for seed in ("1", "4711"))
    assert first == second != {}


@pytest.mark.slow
@each_example
def test_json_and_yaml_are_the_same_template(example: Example, pipegen: Pipegen, tmp_path: Path) -> None:
    from cfnlint.decode import cfn_yaml

    texts = rendered(pipegen, example.yaml, tmp_path, "--template-format", "json")
    as_yaml = {golden.stem: _plain(cfn_yaml.loads(golden.read_text())) for golden in example.goldens}
    assert as_yaml == {Path(name).stem: json.loads(text) for name, text in texts.items()}


def _plain(value: object) -> object:
    """A decoded template without its positions, and `A.B` of GetAtt as the list that it stands for."""
    if isinstance(value, dict):
        if set(value) == {"Fn::GetAtt"} and isinstance(value["Fn::GetAtt"], list):
            return {"Fn::GetAtt": [str(part) for part in value["Fn::GetAtt"]]}
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


@pytest.mark.slow
@each_example
def test_cfn_lint_finds_nothing_with_every_rule(example: Example, cfn_lint: Path) -> None:
    command: list[str | Path] = [cfn_lint, "--include-checks", "I", "--template", *example.goldens]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.slow
def test_checkov_finds_nothing_and_every_suppression_has_a_reason() -> None:
    # It wants other versions of our libraries, so it lives in an environment of its own: see scripts/test.
    checkov = shutil.which("checkov", path=os.pathsep.join([str(ROOT / ".venv-checkov" / "bin"), os.environ["PATH"]]))
    if checkov is None:
        assert "CI" not in os.environ, "checkov is not installed"
        pytest.skip("checkov is not installed; scripts/test does it")
    files = [golden for example in ALL for golden in example.goldens]
    command: list[str | Path] = [checkov, "--framework", "cloudformation", "--output", "json", "--file", *files]
    scanned = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(scanned.stdout)
    assert report["summary"]["failed"] == 0, [check["check_name"] for check in report["results"]["failed_checks"]]
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 100
    reasons = [check["check_result"]["suppress_comment"] for check in report["results"]["skipped_checks"]]
    assert reasons
    assert all(len(reason) > 20 for reason in reasons)


@pytest.mark.parametrize(
    ("example", "golden"),
    [
        pytest.param(example, golden, id=f"{example.label}-{golden.stem}")
        for example in ALL
        for golden in example.goldens
    ],
)
def test_a_golden_reads_like_a_template(example: Example, golden: Path) -> None:
    """Type before Properties, no anchors or aliases, no folded lines, scripts as literal blocks."""
    text = golden.read_text()
    assert text.startswith(f"# Generated by pipegen from {example.yaml.name}.")
    events = list(yaml.parse(text, Loader=yaml.CSafeLoader))
    assert not any(isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) for event in events)
    scalars = [event for event in events if isinstance(event, yaml.ScalarEvent)]
    assert {event.style for event in scalars if "\n" in event.value} <= {"|"}
    lines = text.splitlines()
    types = [index for index, line in enumerate(lines) if line.startswith("    Type: AWS::")]
    assert types
    assert all(lines[index - 1].startswith("  ") and lines[index - 1].endswith(":") for index in types)
