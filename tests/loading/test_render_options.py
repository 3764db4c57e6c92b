"""How a fleet is rendered, in its pipegen.yaml: every render, hook and workflow agrees."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import Pipegen
from tests.fleet.test_since import git
from tests.fleets import FLEET, FleetDirectory, fleet, loaded

__all__ = ["fleet", "loaded"]
ALL = "render: {output: made/templates, deploy_script: true, git_sync: true, format: json}\n"


def test_one_command_without_options_renders_what_the_file_says(
    fleet: FleetDirectory, pipegen: Pipegen, tmp_path: Path
) -> None:
    fleet.write("pipegen.yaml", FLEET + ALL)
    done = pipegen("render", "fleet")
    assert done.returncode == 0, done.stderr
    made = {str(path.relative_to(fleet.root / "made/templates")) for path in (fleet.root / "made").rglob("*")}
    assert made >= {"manifest.json", "orders/orders-pipeline.json", "orders/deploy.sh"}
    assert "orders/staging/orders-pipeline.deployment.yaml" in made
    assert "fleet/made/templates/orders/deploy.sh" in done.stdout
    for options in ([], ["--check"], ["--deploy-script", "--git-sync", "--template-format", "json"]):
        again = pipegen("render", "fleet", *options)
        assert (again.returncode, again.stdout) == (0, ""), again.stderr
    elsewhere = pipegen("render", "fleet", "-o", "elsewhere")
    assert elsewhere.returncode == 0
    assert (tmp_path / "elsewhere" / "orders" / "deploy.sh").exists()


@pytest.mark.parametrize(
    ("said", "option", "words"),
    [
        (
            "{output: made}",
            "--deploy-script",
            "render: {deploy_script: false} for every render; set deploy_script: true",
        ),
        ("{output: made}", "--git-sync", "render: {git_sync: false} for every render; set git_sync: true there"),
        ("{format: json}", "--template-format=yaml", "render: {format: json} for every render; set format: yaml there"),
    ],
)
def test_the_command_line_may_not_say_otherwise(
    said: str, option: str, words: str, fleet: FleetDirectory, pipegen: Pipegen
) -> None:
    fleet.write("pipegen.yaml", f"{FLEET}render: {said}\n")
    result = pipegen("render", "fleet", "-o", "out", option)
    assert result.returncode == 2
    assert words in " ".join(result.stderr.split())
    assert not fleet.out.exists()


def test_without_any_output_the_error_names_both_ways_to_say_it(fleet: FleetDirectory, pipegen: Pipegen) -> None:
    result = pipegen("render", "fleet")
    assert result.returncode == 2
    assert "name one, or set render: {output: …} in pipegen.yaml" in " ".join(result.stderr.split())


WRONG = {
    "an absolute path": ("{output: /tmp/x}", 'error: output must be a path relative to the fleet, got "/tmp/x"'),
    "no path": ('{output: ""}', 'error: output must be a path relative to the fleet, got ""'),
    "a list": ("[templates]", "wrong-type"),
    "a format there is not": ("{format: xml}", "pipegen.yaml:5:"),
    "a word for true": ("{deploy_script: always}", "pipegen.yaml:5:"),
    "a key there is not": ("{deploy-script: true}", 'did you mean "deploy_script"?'),
    "no YAML": ("{output", "pipegen.yaml:"),
    "the fleet itself": ("{output: .}", "contains the fleet itself"),
}


@pytest.mark.parametrize(("said", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_with_them_is_reported_with_its_location(
    said: str, words: str, fleet: FleetDirectory, pipegen: Pipegen
) -> None:
    fleet.write("pipegen.yaml", f"{FLEET}render: {said}\n")
    result = pipegen("render", "fleet")
    assert result.returncode in (1, 2), result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(fleet.root.rglob("manifest.json"))


def test_an_option_that_is_only_on_one_command_line_is_warned_of_at_the_next(fleet: FleetDirectory) -> None:
    first = fleet.run("--deploy-script")
    assert "render-options" not in first.stderr
    forgotten = fleet.run("--check")
    assert forgotten.exit_code == 1
    assert (
        f"{fleet.out}: warning: the existing output was rendered with other options (deploy_script); "
        "set them under render: in pipegen.yaml, so that every render agrees" in forgotten.stderr
    )
    fleet.write("pipegen.yaml", FLEET + "render: {deploy_script: true}\n")
    assert "render-options" not in fleet.run().stderr
    assert fleet.render("--check") == []


def test_options_are_read_without_the_libraries_that_render(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET + ALL)
    program = (
        "import sys; sys.modules['troposphere'] = sys.modules['jinja2'] = None\n"
        "from pathlib import Path\n"
        "from pipegen.loading.render_options import render_options\n"
        f"print(render_options(Path({str(fleet.root)!r})))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "output='made/templates', format='json', deploy_script=True, git_sync=True" in done.stdout


def test_hooks_and_workflow_of_init_pass_in_a_fleet_with_deploy_scripts(
    fleet: FleetDirectory, pipegen: Pipegen
) -> None:
    git(fleet.root, "init", "-q")
    fleet.write("pipegen.yaml", FLEET + "render: {output: templates, deploy_script: true}\n")
    begun = pipegen(
        *("init", "--blueprint", "reviewed", "--set", "service=cart", "--no-input"),
        *("--pre-commit", "--workflow", "github"),
        cwd=fleet.root,
    )
    assert begun.returncode == 0, begun.stderr
    assert begun.stderr.splitlines()[:] != []
    assert "  pipegen render .\n" in begun.stderr
    assert pipegen("render", ".", cwd=fleet.root).returncode == 0
    git(fleet.root, "add", "-A")
    git(fleet.root, "commit", "-qm", "Begin")
    git(fleet.root, "commit", "-qm", "Nothing", "--allow-empty")
    workflow = yaml.safe_load((fleet.root / ".github/workflows/pipegen.yaml").read_text())
    [job] = workflow["jobs"].values()
    runs = [step["run"] for step in job["steps"] if step.get("run", "").startswith("pipegen")]
    [entry] = yaml.safe_load((fleet.root / ".pre-commit-config.yaml").read_text())["repos"]
    runs += [hook["entry"] for hook in entry["hooks"]]
    assert len(runs) == 4
    for words in runs:
        done = pipegen(*shlex.split(words.replace("$ACCEPT", ""))[1:], cwd=fleet.root)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
