"""`pipegen blueprints`: what there is, and what one makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipegen.loading.blueprints.catalog import catalog
from tests.small_fleet import write_fleet
from tests.support.command import run


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet as the working directory."""
    monkeypatch.chdir(write_fleet(tmp_path))
    return tmp_path


def show(name: str) -> str:
    shown = run("blueprints", name)
    assert (shown.exit_code, shown.stderr) == (0, ""), shown.stderr
    return shown.stdout


def test_the_fleets_own_are_listed_first_with_their_summaries(fleet: Path) -> None:
    lines = run("blueprints").stdout.splitlines()
    assert lines[0].startswith("web ")
    assert "A web service with an approval before production" in lines[0]
    assert "(platform/web)" in " ".join(lines[:2])
    listed = json.loads(run("blueprints", "--format", "json").stdout)
    assert [each["name"] for each in listed] == ["web", *catalog(None)]
    assert listed[0] == {
        "name": "web",
        "summary": "A web service with an approval before production",
        "directory": "platform/web",
        "hides": None,
    }


def test_one_that_hides_another_says_so(fleet: Path) -> None:
    (fleet / "more" / "web").mkdir(parents=True)
    (fleet / "more" / "web" / "blueprint.yaml").write_text("summary: Another\ndefinition: {name: a}\n")
    file = fleet / "pipegen.yaml"
    file.write_text(file.read_text().replace("[platform]", "[more, platform]"))
    [found] = [each for each in json.loads(run("blueprints", "--format", "json").stdout) if each["name"] == "web"]
    assert (found["summary"], found["directory"], found["hides"]) == ("Another", "more/web", "platform/web")
    assert "hides platform/web" in " ".join(run("blueprints").stdout.split())


def test_a_path_is_taken_as_definitions_take_it(fleet: Path) -> None:
    assert show("./platform/web").replace("./platform/web", "web") == show("web")
    (fleet / "pipegen.yaml").unlink()
    [described] = [json.loads(run("blueprints", "./platform/web", "--format", "json").stdout)]
    assert (described["name"], described["directory"]) == ("./platform/web", "platform/web")


def test_one_that_cannot_be_read_does_not_hide_the_others(fleet: Path) -> None:
    (fleet / "platform" / "bad").mkdir()
    (fleet / "platform" / "bad" / "blueprint.yaml").write_text("summary: 3\n")
    listed = run("blueprints")
    assert listed.exit_code == 0
    assert "platform/bad/blueprint.yaml:1:1: error: " in listed.stderr
    assert "web " in listed.stdout


def test_one_is_drawn_with_its_parameters_stages_and_stacks(fleet: Path) -> None:
    assert show("web") == (
        "web: A web service with an approval before production (platform/web)\n"
        "\n"
        "Stages\n"
        "  Source      App (github)\n"
        "  |\n"
        "  Build       Image (docker-build)\n"
        "  |\n"
        "  Staging     Deploy (ecs-deploy to service-staging)\n"
        "  |           on failure: ROLLBACK\n"
        "  |\n"
        "  Production  Release (approval) -> Deploy (ecs-deploy to service-production)\n"
        "              on failure: ROLLBACK\n"
        "\n"
        "Required\n"
        "  service  The service's name [like [a-z-]{1,20}]\n"
        "\n"
        "Optional\n"
        "  cluster   The cluster that it runs in [this fleet's main]\n"
        "  port      Where it listens [integer; at least 1; at most 65535; default 8080;\n"
        "            this fleet's 3000]\n"
        "  approve   Whether production waits for somebody [boolean; default true]\n"
        "  size      How large its build is [one of small, large; default small]\n"
        "  commands  What tests it [list; default []]\n"
        "  labels    Variables of the build [mapping]\n"
        "  topic     Who hears of approvals [value]\n"
        "  offered   Whether a Dockerfile is offered [boolean; default false]\n"
        "\n"
        "CloudFormation parameters of its stacks\n"
        "  ConnectionArn  Reads the repository\n"
        "  TopicArn       Who hears of releases [default\n"
        "                 arn:aws:sns:eu-west-1:123456789012:all]\n"
        "\n"
        "Stacks, in order of deployment\n"
        "  service-pipeline\n"
        "\n"
        "Files for the application, from the templates\n"
        "  Dockerfile.j2\n"
    )


def test_programs_get_the_same_as_json(fleet: Path) -> None:
    found = json.loads(run("blueprints", "web", "--format", "json").stdout)
    assert found["parameters"][0] == {
        "name": "service",
        "type": "string",
        "required": True,
        "pattern": "[a-z-]{1,20}",
        "description": "The service's name",
    }
    assert found["stages"][3] == {
        "name": "Production",
        "actions": [
            {"name": "Release", "kind": "approval", "run_order": 1, "deploys_to": []},
            {"name": "Deploy", "kind": "ecs-deploy", "run_order": 2, "deploys_to": ["service-production"]},
        ],
        "conditions": [{"when": "on_failure", "result": "ROLLBACK", "rules": []}],
    }
    assert found["stacks"] == ["service-pipeline"]
    assert [each["name"] for each in found["cloudformation_parameters"]] == ["ConnectionArn", "TopicArn"]
    assert found["files"] == ["Dockerfile.j2"]


def test_what_the_fleet_gives_is_in_the_picture(fleet: Path) -> None:
    file = fleet / "pipegen.yaml"
    file.write_text(file.read_text().replace("{cluster: main,", "{approve: false, cluster: main,"))
    assert "Release" not in show("web")


def test_an_example_gives_what_cannot_be_guessed(fleet: Path) -> None:
    blueprint = fleet / "platform" / "web" / "blueprint.yaml"
    blueprint.write_text(blueprint.read_text().replace("[a-z-]{1,20}", "shop-[0-9]{4}"))
    assert "Its stages depend on arguments without a default or sample." in show("web")
    (blueprint.parent / "example.yaml").write_text("blueprint: web\nwith: {service: shop-1234}\n")
    assert "ecs-deploy to shop-1234-staging" in show("web")


def test_services_are_shown_with_their_strategy(fleet: Path) -> None:
    own, shared, none = (show(name) for name in ("ecs-blue-green", "ecs-shared-listener", "worker"))
    assert "\nServices\n  app  codedeploy deployments, its own load balancer\n" in own
    assert "\nServices\n  app  rolling deployments, a rule on a shared listener\n" in shared
    assert "\nServices\n  app  rolling deployments, no load balancer\n" in none
    assert "Deploy (ecs-deploy to staging)" in show("promotion")
    assert "Release (approval) -> Deploy (ecs-deploy to production)" in show("promotion")


def test_conditions_and_parallel_actions_are_drawn(fleet: Path) -> None:
    (fleet / "platform" / "small").mkdir()
    (fleet / "platform" / "small" / "blueprint.yaml").write_text(
        """\
summary: Small
definition:
  name: small
  pipeline:
    stages:
      - name: Source
        actions: [{kind: codecommit, name: App, repository: app, branch: main}]
      - name: A-stage-whose-name-is-longer-than-any-column
        before_entry:
          result: FAIL
          rules: [{kind: alarm, name: Quiet, alarm: too-many-errors}]
        actions:
          - {kind: codebuild, name: Three, commands: [make three], run_order: 3}
          - {kind: codebuild, name: One, commands: [make one], run_order: 1}
          - {kind: codebuild, name: Two, commands: [make two], run_order: 1}
"""
    )
    lines = show("small").splitlines()
    assert "  A-stage-whose-name-is-l…  One (codebuild) + Two (codebuild) -> Three" in lines
    assert "                            before entry: Quiet (alarm), else FAIL" in lines


@pytest.mark.parametrize("name", ["web", *catalog(None)])
def test_each_fits_into_80_columns_and_has_a_picture(fleet: Path, name: str) -> None:
    shown = show(name)
    assert max(map(len, shown.splitlines())) <= 80
    assert "\nStages\n" in shown
    assert "\nStacks, in order of deployment\n" in shown
    assert "\x1b" not in shown


def test_the_list_uses_a_wide_terminal(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = run("blueprints").stdout.splitlines()
    monkeypatch.setattr("pipegen.cli.picture.terminal_width", lambda: 200)
    wide = run("blueprints").stdout.splitlines()
    assert max(map(len, narrow)) <= 80
    assert len(wide) == 1 + len(catalog(None))
    assert wide[0].split("  ")[-1].strip() == "platform/web"


def test_an_unknown_one_and_a_fleet_that_cannot_be_read_are_reported(fleet: Path) -> None:
    result = run("blueprints", "wbe")
    assert (result.exit_code, result.stderr) == (2, 'pipegen: unknown blueprint "wbe"; did you mean "web"?\n')
    result = run("blueprints", "./wbe")
    assert result.stderr == "pipegen: there is no wbe/blueprint.yaml; paths are relative to the fleet's root\n"
    (fleet / "pipegen.yaml").write_text("blueprint: [x]\n")
    result = run("blueprints")
    assert result.exit_code == 1
    assert 'did you mean "blueprints"?' in result.stderr


def test_an_unknown_format_is_reported() -> None:
    result = run("blueprints", "--format", "xml")
    assert (result.exit_code, "Error: Invalid value for '--format': 'xml' is not one of" in result.stderr) == (
        2,
        True,
    )
