"""`pipegen upgrade` on files and fleets, and the examples of 0.1.0 rendered after it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipegen.loading.renamed import FLEET_KEYS
from pipegen.loading.yaml.parsing import nodes_of
from tests.blueprints import BLUEPRINTS
from tests.examples import EXAMPLES, ROOT, Example
from tests.support.command import run

OLD = ROOT / "tests" / "first_version"
COMMIT = ('{COMMIT_MESSAGE: "#{App.CommitMessage}"}', '{COMMIT_ID: "#{App.CommitId}"}')
HELLO = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/hello:1"
CHECK = """\
    - name: Build
      before_entry:
        result: FAIL
        rules:
          - {kind: variable, name: Suite, variable: "#{variables.SUITE}", operator: MATCHES, value: "^(quick|all)$"}
"""
SCHEDULE = """\
  schedules:
    - {name: Weekly, schedule: "cron(0 4 ? * MON *)"}
  variables:
"""
BY_HAND: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ec2_blue_green": (COMMIT,),
    "ec2_rolling": (('COMMIT_MESSAGE: "#{App.CommitMessage}"', 'COMMIT_ID: "#{App.CommitId}"'),),
    "service_ec2": (COMMIT,),
    "governed": (("    - name: Build\n", CHECK), ("  variables:\n", SCHEDULE)),
    "service_canary": (
        ("pause_at: [PRE_PRODUCTION_TRAFFIC_SHIFT]", "pause_at: [POST_TEST_TRAFFIC_SHIFT]"),
        ("    grants:\n", f"    first_images: {{parcels: {HELLO.replace('hello', 'idle')}}}\n    grants:\n"),
    ),
    "service_shared_listener": (
        ("    placement_strategies:\n", f"    first_images: {{catalog: {HELLO}}}\n    placement_strategies:\n"),
    ),
    "service_validated": (
        ("    load_balancer:\n", f"    first_images: {{app: {HELLO}, proxy: {HELLO}}}\n    load_balancer:\n"),
        ("A Lambda function of one's own that", "Your Lambda function that"),
    ),
    "promotion": (("  staging_secrets", f"  first_image: {HELLO}\n  staging_secrets"),),
    "worker": (("  environment:", f"  first_image: {HELLO.replace('hello', 'idle')}\n  environment:"),),
}
"""What docs/how-to/upgrade.md asks people to change themselves, in the examples."""


def old(example: Example) -> Path:
    return OLD / ("blueprints" if example in BLUEPRINTS else "") / f"{example.name}.yaml"


@pytest.mark.parametrize(
    "example", [each for each in (*EXAMPLES, *BLUEPRINTS) if old(each).exists()], ids=lambda example: example.label
)
def test_an_example_of_the_first_version_renders_to_the_templates_of_today(example: Example, tmp_path: Path) -> None:
    file = tmp_path / example.yaml.name
    shutil.copy(old(example), file)
    upgraded = run("upgrade", "--keep-parallel", file)
    assert upgraded.exit_code == 0, upgraded.stderr
    again = run("upgrade", "--keep-parallel", "--check", file)
    assert (again.exit_code, again.stdout) == (0, "")
    text = file.read_text()
    for before, after in BY_HAND.get(example.name, ()):
        assert before in text
        text = text.replace(before, after)
    file.write_text(text)
    rendered = run("render", file, "-o", tmp_path / "out")
    assert rendered.exit_code == 0, rendered.stderr
    found = {each.name: nodes_of(each).data for each in (tmp_path / "out").iterdir()}
    assert found == {golden.name: nodes_of(golden).data for golden in example.goldens}


FLEET = """\
# Our fleet.
services: ["services/**/*.yaml"]   # where they are

blueprints: [platform]
environments:
  staging: {account: "111111111111", region: eu-west-1}
locked:
  services.*.writer: 'Pipelines deploy'
"""
WEB = """\
summary: A web service
parameters: {service: {}}
definition:
  name: "{{ service }}"
  services:
    web:
      cluster: main
      # The network of the account.
      network: {vpc: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
      task_definition: {cpu: 256, memory: 512, containers: [{name: app}]}
  pipeline:
    stages:
      - name: Source
        actions: [{kind: codecommit, name: App, repository: "{{ service }}", branch: main}]
      - name: Build
        actions: [{kind: docker-build, name: Image, images: [{container: app, repository: "{{ service }}"}]}]
      - name: Production
        actions: [{kind: ecs-deploy, name: Deploy, service: web}]
"""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet of 0.1.0, in the working directory."""
    files = {
        "pipegen.yaml": FLEET,
        "platform/web/blueprint.yaml": WEB,
        "services/orders.yaml": "blueprint: web\nwith: {service: orders}\nservices: {web: {scheduling: REPLICA}}\n",
        "services/cart.yaml": "blueprint: web\nwith: {service: cart}\n",
        "services/notes.txt": "services: {a: {writer: b}}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def texts(directory: Path) -> dict[str, str]:
    return {str(file.relative_to(directory)): file.read_text() for file in directory.rglob("*") if file.is_file()}


def test_a_fleet_is_upgraded_with_its_definitions_and_blueprints(fleet: Path) -> None:
    assert "services was renamed to definitions; run pipegen upgrade" in run("validate", ".").stderr
    done = run("upgrade")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "pipegen.yaml:2: services renamed to definitions",
            "pipegen.yaml:8: services.*.writer renamed to services.*.deployed_by",
            "services/orders.yaml:3: scheduling renamed to scheduling_strategy",
            "platform/web/blueprint.yaml:9: vpc renamed to vpc_id",
        ],
    )
    assert done.stderr == "files: 3 upgraded, 1 unchanged; run pipegen validate to see what is left to change\n"
    upgraded = texts(fleet)
    assert upgraded["pipegen.yaml"] == FLEET.replace("services: [", "definitions: [").replace("writer:", "deployed_by:")
    assert upgraded["platform/web/blueprint.yaml"] == WEB.replace("{vpc:", "{vpc_id:")
    assert run("validate", ".").exit_code == 0
    again = run("upgrade", ".")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "files: 0 upgraded, 4 unchanged\n")
    assert texts(fleet) == upgraded


def test_check_and_diff_write_nothing(fleet: Path) -> None:
    before = texts(fleet)
    checked = run("upgrade", "--check")
    assert (checked.exit_code, len(checked.stdout.splitlines())) == (1, 4)
    assert checked.stderr == "files: 3 to upgrade, 1 unchanged\n"
    shown = run("upgrade", "--diff", "pipegen.yaml")
    assert (shown.exit_code, shown.stdout.splitlines()[:6]) == (
        1,
        [
            "--- a/pipegen.yaml",
            "+++ b/pipegen.yaml",
            "@@ -1,8 +1,8 @@",
            " # Our fleet.",
            '-services: ["services/**/*.yaml"]   # where they are',
            '+definitions: ["services/**/*.yaml"]   # where they are',
        ],
    )
    assert texts(fleet) == before


def test_the_diff_is_one_that_git_applies(fleet: Path) -> None:
    (fleet / "services/orders.yaml").write_bytes(b"services: {web: {writer: x}}\r\n# end")
    patch = run("upgrade", "--diff").stdout_bytes
    subprocess.run(["git", "apply", "-"], cwd=fleet, input=patch, check=True)
    assert run("upgrade", "--check").exit_code == 0
    assert (fleet / "services/orders.yaml").read_bytes() == b"services: {web: {deployed_by: x}}\r\n# end"


def test_files_that_cannot_be_rewritten_are_named_and_the_others_are_upgraded(fleet: Path) -> None:
    (fleet / "services/orders.yaml").write_text("services: {web: {writer: a, deployed_by: b}}\n")
    (fleet / "services/broken.yaml").write_text("name: [\n")
    (fleet / "orders.py").write_text("raise SystemExit\n")
    done = run("upgrade", ".", "orders.py", "missing.yaml", "services/notes.txt")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("files: 3 upgraded, 1 unchanged, 4 failed; ")
    for start in (
        "services/orders.yaml:1:18: error: writer and deployed_by, its new name, cannot both be set",
        "services/broken.yaml:2:1: error: ",
        "orders.py: error: Python is not rewritten",
        "missing.yaml: error: there is no such file",
    ):
        assert sum(line.startswith(start) for line in done.stderr.splitlines()) == 1, (start, done.stderr)
    assert done.stderr.count("[upgrade-failed]") == 2
    assert (fleet / "services/orders.yaml").read_text() == "services: {web: {writer: a, deployed_by: b}}\n"
    assert "definitions:" in (fleet / "pipegen.yaml").read_text()


def test_what_only_a_person_can_decide_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(OLD / "sidecars.yaml", tmp_path / "sidecars.yaml")
    done = run("upgrade", "sidecars.yaml")
    assert (done.exit_code, done.stdout) == (0, "")
    [line, _] = done.stderr.splitlines()
    assert line.startswith("sidecars.yaml:66:9: warning: these actions ran in parallel in 0.1.0; ")
    assert line.endswith("set run_order if that is wrong, or use --keep-parallel [upgrade-check]")


def test_a_directory_without_a_fleet_is_not_searched(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text("services: {web: {writer: x}}\n")
    done = run("upgrade", tmp_path)
    assert (done.exit_code, "has no pipegen.yaml; name the files" in done.stderr) == (1, True)
    assert "writer" in (tmp_path / "orders.yaml").read_text()


def test_bytes_modes_and_links_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "orders.yaml", tmp_path / "link.yaml"
    file.write_bytes("\ufeffservices: {web: {writer: ü}}\r\n# end".encode())
    file.chmod(0o640)
    link.symlink_to(file)
    assert run("upgrade", link).exit_code == 0
    assert file.read_bytes() == "\ufeffservices: {web: {deployed_by: ü}}\r\n# end".encode()
    assert (file.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.yaml", "orders.yaml"]


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text("services: {web: {writer: x}}\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    done = run("upgrade", file)
    assert (done.exit_code, "orders.yaml: cannot be written: No space left" in done.stderr) == (1, True)
    assert file.read_text() == "services: {web: {writer: x}}\n"
    assert list(tmp_path.iterdir()) == [file]


def test_a_blueprint_of_the_first_version_renders_after_the_upgrade(tmp_path: Path) -> None:
    shutil.copytree(OLD / "promotion", tmp_path / "promotion")
    text = (OLD / "blueprints/promotion.yaml").read_text().replace("blueprint: promotion", "blueprint: ./promotion")
    (tmp_path / "ledger.yaml").write_text(text)
    assert run("upgrade", tmp_path / "ledger.yaml").exit_code == 0
    blueprint = tmp_path / "promotion/blueprint.yaml"
    assert blueprint.read_text() == (OLD / "promotion/blueprint.yaml").read_text().replace("{vpc:", "{vpc_id:")


def test_the_guide_names_every_key_that_was_renamed() -> None:
    guide = (ROOT / "docs" / "how-to" / "upgrade.md").read_text()
    for old_path, new in FLEET_KEYS.items():
        row = next(line for line in guide.splitlines() if f"`{new}`" in line and line.startswith("|"))
        assert old_path.rpartition(".")[2] in row
