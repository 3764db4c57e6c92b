"""Blueprints that extend others, through the front door: what they inherit, change, add, fix and remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen import load
from pipegen.loading import load_file
from tests.support.command import problems_in, run, without_summary

BASE = """\
summary: A service
parameters:
  service: {description: Its name}
  port: {type: integer, default: 8080, maximum: 9000}
  script: {default: test}
  topic: {type: value, required: false}
definition:
  name: "{{ service }}"
  tags: {service: "{{ service }}", port: "{{ port | string }}", tier: web}
  pipeline:
    stages:
      - name: Source
        actions:
          - {kind: codecommit, name: App, repository: "{{ service }}", branch: main}
      - name: Build
        actions:
          - {kind: codebuild, name: Test, commands: ["npm run {{ script }}"], environment: {PORT: "{{ port }}"}}
          - {kind: approval, name: Release, topic: "{{ topic | default(omit) }}"}
files:
  - {path: Makefile, template: Makefile}
  - {path: notes.txt, template: notes}
"""
TEAM = """\
extends: base
summary: A service of the team
parameters:
  port: {default: 3000}
  level: {default: high, description: What its scan fails for}
definition:
  tags: {tier: team}
  pipeline:
    stages:
      - name: Build
        actions:
          - name: Test
            timeout_minutes: 20
          - {kind: codebuild, name: Scan, commands: ["scan --fail {{ level }}"]}
"""
SERVICE = "blueprint: team\nwith: {service: orders}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet as the working directory."""
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        {
            "pipegen.yaml": "blueprints: [platform]\n",
            "platform/base/blueprint.yaml": BASE,
            "platform/base/files/Makefile": "port := {{ port }}\n",
            "platform/base/files/notes": "inherited\n",
            "platform/team/blueprint.yaml": TEAM,
            "services/orders.yaml": SERVICE,
        },
    )
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def extended(root: Path, text: str, service: str = SERVICE) -> Any:
    """The definition of a service whose blueprint extends `base` like this."""
    write(root, {"platform/team/blueprint.yaml": text, "services/orders.yaml": service})
    return load("services/orders.yaml")[0]


def lines(root: Path, text: str, service: str = SERVICE) -> list[str]:
    """What `pipegen validate` says of such a service."""
    write(root, {"platform/team/blueprint.yaml": text, "services/orders.yaml": service})
    return problems_in(run("validate", "services/orders.yaml").stderr)


def actions(definition: Any) -> list[list[str]]:
    return [[stage.name, *(action.name for action in stage.actions)] for stage in definition.pipeline.stages]


def over(stages: str) -> str:
    return f"extends: base\ndefinition: {{pipeline: {{stages: {stages}}}}}\n"


def test_a_blueprint_has_what_it_inherits_changes_and_adds(root: Path) -> None:
    made = extended(root, TEAM)
    assert actions(made) == [["Source", "App"], ["Build", "Test", "Scan", "Release"]]
    test, scan, _ = made.pipeline.stages[1].actions
    assert (test.commands, test.environment, test.timeout_minutes) == (("npm run test",), {"PORT": "3000"}, 20)
    assert scan.commands == ("scan --fail high",)
    assert made.tags == {"service": "orders", "port": "3000", "tier": "team"}
    assert without_summary(run("validate", "services/orders.yaml").stderr) == ""


def test_chains_are_merged_from_the_first_to_the_last(root: Path) -> None:
    last = "extends: team\nparameters: {level: {default: low}}\ndefinition: {tags: {port: none}}\n"
    write(root, {"platform/last/blueprint.yaml": last})
    made = extended(root, TEAM, SERVICE.replace("team", "last"))
    assert made.pipeline.stages[1].actions[1].commands == ("scan --fail low",)
    assert made.tags == {"service": "orders", "port": "none", "tier": "team"}


@pytest.mark.parametrize(
    ("stages", "names"),
    [
        ("[{name: New, actions: []}]", ["Source", "Build", "New"]),
        ("[{name: Source}, {name: New, actions: []}, {name: Next, actions: []}]", ["Source", "New", "Next", "Build"]),
        ("[{name: New, actions: []}, {name: Build}]", ["Source", "New", "Build"]),
        ("[{name: Build}, {name: Source}, {name: New, actions: []}]", ["Source", "New", "Build"]),
        ("[{name: Build, when: false}, {name: New, actions: []}]", ["Source", "New"]),
        ("[]", []),
    ],
    ids=["at the end", "after", "before", "inherited order", "instead", "none"],
)
def test_added_stages_go_after_the_one_that_is_listed_before_them(stages: str, names: list[str], root: Path) -> None:
    found = explained(root, over(stages))
    assert [stage["name"] for stage in found["pipeline"]["stages"]] == names


def explained(root: Path, text: str) -> Any:
    """The completed definition, right or wrong."""
    write(root, {"platform/team/blueprint.yaml": text})
    return yaml.safe_load(run("explain", "services/orders.yaml").stdout)


def test_values_and_items_are_removed(root: Path) -> None:
    made = extended(
        root,
        over(
            '[{name: Build, actions: [{name: Release, when: false}, {name: Test, environment: {PORT: "{{ omit }}"}}]}]'
        ),
    )
    assert actions(made) == [["Source", "App"], ["Build", "Test"]]
    assert made.pipeline.stages[1].actions[0].environment == {}


def test_a_parameter_is_removed(root: Path) -> None:
    text = "parameters: {topic: {when: false}}\n" + over("[{name: Build, actions: [{name: Release, when: false}]}]")
    assert actions(extended(root, text)) == [["Source", "App"], ["Build", "Test"]]
    [line] = lines(root, text, SERVICE.replace("orders}", "orders, topic: a}"))
    assert 'error: unknown parameter "topic" of the blueprint team; use one of service, port, script [' in line


@pytest.mark.parametrize(
    ("change", "demand"),
    [
        ("description: Its name", "be 3 to 6 letters"),
        ('pattern: "[a-z]{4}"', "match [a-z]{4}"),
        ('pattern: "[a-z]{4}", pattern_description: 4 letters', "be 4 letters"),
    ],
)
def test_the_description_of_a_pattern_is_inherited_with_the_pattern(root: Path, change: str, demand: str) -> None:
    described = 'service: {pattern: "[a-z]{3,6}", pattern_description: 3 to 6 letters}'
    write(root, {"platform/base/blueprint.yaml": BASE.replace("service: {description: Its name}", described)})
    text = f"extends: base\nsummary: A service of the team\nparameters: {{service: {{{change}}}}}\n"
    [line] = lines(root, text, SERVICE.replace("orders", "Orders 1"))
    assert f'error: service must {demand}, got "Orders 1" [wrong-argument]' in line


def test_lists_without_names_are_replaced(root: Path) -> None:
    made = extended(root, over("[{name: Build, actions: [{name: Test, commands: [make]}]}]"))
    assert made.pipeline.stages[1].actions[0].commands == ("make",)


def test_a_fixed_parameter_has_its_default_and_is_not_offered(root: Path) -> None:
    fixed = "extends: base\nparameters: {script: {fixed: true, default: check}, topic: {fixed: true}}\n"
    made = extended(root, fixed)
    assert made.pipeline.stages[1].actions[0].commands == ("npm run check",)
    assert made.pipeline.stages[1].actions[1].topic is None
    assert "script" not in run("blueprints", "team").stdout
    assert lines(root, fixed, SERVICE.replace("orders}", "orders, script: x}")) == [
        "services/orders.yaml:2:25: error: the blueprint team fixes script; remove it "
        "[unknown-argument]\nplatform/team/blueprint.yaml:2:14: note: related location"
    ]
    write(root, {"pipegen.yaml": "blueprints: [platform]\ndefaults: {with: {script: lint}}\n"})
    assert extended(root, fixed).pipeline.stages[1].actions[0].commands == ("npm run check",)
    assert lines(root, "extends: base\nparameters: {service: {fixed: true}}\n")[0].startswith(
        "platform/team/blueprint.yaml:2:24: error: fixed is true, and there is no value; add default: V"
    )


def test_a_parameter_may_be_asked_for_again(root: Path) -> None:
    [line] = lines(root, "extends: base\nparameters: {script: {required: true, description: The script}}\n")
    assert "error: script is missing (The script)" in line


def test_files_are_inherited_replaced_and_removed(root: Path) -> None:
    write(root, {"platform/team/files/notes": "{{ level }} of the team\n"})
    write(
        root,
        {"platform/team/blueprint.yaml": TEAM + "files: [{path: Makefile, when: false}, {path: x, template: notes}]\n"},
    )
    origin = load_file("services/orders.yaml")[0].origin
    assert origin is not None
    assert [(each.path, each.text) for each in origin.files] == [
        ("x", "high of the team\n"), ("notes.txt", "high of the team\n"),
    ]  # fmt: skip


def test_explain_says_where_every_value_is_written(root: Path) -> None:
    shown = run("explain", "services/orders.yaml", "--width", "200").stdout
    assert "# blueprint: team (platform/team, platform/base)\n" in shown
    comments = dict(line.strip().removeprefix("- ").split("  # ") for line in shown.splitlines() if "  # " in line)
    found = {text.strip(): comment for text, comment in comments.items()}
    team, base = "platform/team/blueprint.yaml", "platform/base/blueprint.yaml"
    assert found["tier: team"] == f"{team}:7, replaces {base}:9"
    assert found["PORT: 3000"] == f"{team}:4, replaces {base}:4"
    assert found["timeout_minutes: 20"] == f"{team}:13"
    assert found["name: Test"] == f"{base}:17"
    assert found["name: orders"] == f"services/orders.yaml:2 via {base}:8"


def test_explain_says_what_an_expression_replaced(root: Path) -> None:
    write(root, {"platform/team/blueprint.yaml": TEAM.replace("tier: team", 'tier: "{{ level }}"')})
    shown = run("explain", "services/orders.yaml", "--width", "200").stdout
    line = next(line for line in shown.splitlines() if "tier: high" in line)
    assert line.endswith("# platform/team/blueprint.yaml:7, replaces platform/base/blueprint.yaml:9")


def test_a_problem_stands_in_the_blueprint_that_wrote_the_value(root: Path) -> None:
    text = TEAM.replace("timeout_minutes: 20", "timeout_minutes: 0").replace("default: 3000", "default: 9001")
    assert lines(root, text)[0].startswith(
        "platform/team/blueprint.yaml:4:10: error: default must be 9,000 or less, got 9001"
    )
    [line] = lines(root, text.replace("9001", "8000"))
    assert line.startswith("platform/team/blueprint.yaml:13:13: ")
    assert line.endswith("]\nservices/orders.yaml: note: related location")
    write(root, {"platform/base/blueprint.yaml": BASE.replace("Release,", "Release, run_order: 0,")})
    [line] = lines(root, TEAM)
    assert line.startswith("platform/base/blueprint.yaml:18:")
    write(root, {"platform/base/blueprint.yaml": BASE, "platform/base/files/notes": "{{ nothing }}"})
    assert lines(root, TEAM)[0].startswith('platform/base/files/notes: error: unknown parameter "nothing"')


def test_a_default_that_does_not_fit_stands_where_it_is_written(root: Path) -> None:
    text = TEAM.replace("tags: {tier: team}", 'description: "{{ 3 * port }}"')
    [line] = lines(root, text)
    assert line.startswith("platform/team/blueprint.yaml:7:3: error: description")
    text = "extends: base\nparameters: {port: {type: string, default: many, maximum: null}}\n"
    write(root, {"platform/base/blueprint.yaml": BASE.replace("commands:", 'timeout_minutes: "{{ port }}", commands:')})
    [line] = lines(root, text)
    assert line.startswith("platform/team/blueprint.yaml:2:35: error: timeout_minutes")
    assert line.endswith("]\nservices/orders.yaml: note: related location")


WRONG = {
    "unknown": ("extends: bsae\n", '1:1: error: unknown blueprint "bsae"; did you mean "base"?'),
    "no name": ("extends: [base]\n", "1:1: error: a blueprint must be a name or a path, got a list; give a name"),
    "no path": ("extends: ../bsae\n", "1:1: error: there is no platform/bsae/blueprint.yaml; paths are relative"),
    "outside": ("extends: ../../../x\n", "1:1: error: \"../../../x\" leads out of the fleet"),
    "itself": ("extends: team\n", "1:1: error: the blueprints extend each other: team -> team"),
    "by its path": ("extends: ../team\n", "1:1: error: the blueprints extend each other: team -> team"),
    "stage": (
        over("[{name: Biuld, actions: [{name: Test, timeout_minutes: 3}]}]"),
        "2:34: warning: nothing that is inherited here is called Biuld, so that this is added; "
        "did you mean \"Build\"? [inherited-name]\nplatform/base/blueprint.yaml:15:9: note: related location",
    ),
    "action": (
        over("[{name: Build, actions: [{name: test, timeout_minutes: 3}]}]"),
        "2:58: warning: nothing that is inherited here is called test, so that this is added; did you",
    ),
    "removed": (
        over("[{name: Tests, when: false}]"),
        "2:34: error: nothing that is inherited here is called Tests; there are Source, Build",
    ),
    "parameter": (
        "extends: base\nparameters: {prot: {default: 1}}\n",
        "2:14: warning: nothing uses the parameter prot, which is not inherited; did you mean \"port\"?",
    ),
    "stage twice": (
        over("[{name: Build}, {name: Build, actions: [{kind: approval, name: Again}]}]"),
        '2:50: error: the pipeline has two stages named "Build"',
    ),
    "removed parameter": (
        "extends: base\nparameters: {prot: {when: false}}\n",
        "2:14: error: nothing that is inherited here is called prot; did you mean \"port\"?",
    ),
    "removed mapping": (
        "extends: base\ndefinition: {artefacts: {when: false}}\n",
        "2:14: error: nothing that is inherited here is called artefacts; there are name, tags, pipeline",
    ),
    "removed file": (
        "extends: base\nfiles: [{path: Makefil, when: false}]\n",
        "2:9: error: nothing that is inherited here is called Makefil; did you mean \"Makefile\"?",
    ),
    "inherited default": (
        "extends: base\nparameters: {script: {allowed_values: [lint]}}\n",
        "2:14: error: the inherited default must be one of lint, got \"test\" "
        "[blueprint-parameter]\nplatform/base/blueprint.yaml:5:12: note: related location",
    ),
    "expression": (over('[{name: "{{ prot }}", actions: []}]'), '2:35: error: unknown parameter "prot"; did you'),
    "type": ("extends: base\nparameters: []\n", "2:1: error: parameters must be a mapping"),
    "key": ("extends: base\ndefinitions: {}\n", '2:1: error: unknown key "definitions"; did you mean "definition"?'),
    "template": ("extends: base\nfiles: [{path: x, template: y}]\n", '2:19: error: files/ has no template "y"'),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_reported_where_it_is(name: str, root: Path) -> None:
    text, expected = WRONG[name]
    found = lines(root, text)
    assert found[0].startswith(f"platform/team/blueprint.yaml:{expected}"), found


def test_a_parameter_that_is_removed_and_used_names_both_places(root: Path) -> None:
    [line] = lines(root, "extends: base\nparameters: {topic: {when: false}}\n")
    assert line.startswith('platform/base/blueprint.yaml:18:45: error: unknown parameter "topic"; use one of ')
    assert line.endswith("]\nplatform/team/blueprint.yaml:2:14: note: related location")


def test_an_item_that_is_added_may_be_left_out(root: Path) -> None:
    stage = "{name: Later, when: false, actions: [{kind: approval, name: Look}]}"
    assert lines(root, over(f"[{stage}]")) == []


def test_names_that_are_meant_to_be_others_are_not_warned_about(root: Path) -> None:
    for name in ("BuildTwo", "Build-eu", "Verify", "PreBuild", "Build2"):
        assert lines(root, over(f"[{{name: {name}, actions: [{{kind: codebuild, name: T, commands: [x]}}]}}]")) == []


def test_a_cycle_of_two_is_reported(root: Path) -> None:
    write(root, {"platform/base/blueprint.yaml": "extends: team\n" + BASE})
    assert lines(root, TEAM) == [
        "platform/base/blueprint.yaml:1:1: error: the blueprints extend each other: team -> base -> team; "
        "one of them must extend no other [blueprint-cycle]"
    ]


def test_a_definition_merges_over_its_blueprint_in_the_same_way(root: Path) -> None:
    own = "pipeline: {stages: [{name: Build, actions: [{name: Test}, {kind: approval, name: Lint}]}]}\n"
    assert actions(extended(root, TEAM, SERVICE + own))[1] == ["Build", "Test", "Lint", "Scan", "Release"]
    removed = "pipeline: {stages: [{name: Build, actions: [{name: Scan, when: false}]}]}\n"
    assert actions(extended(root, TEAM, SERVICE + removed))[1] == ["Build", "Test", "Release"]
    [line] = lines(root, TEAM, SERVICE + removed.replace("Scan", "Scam"))
    assert line == (
        "services/orders.yaml:3:45: error: nothing that is inherited here is called Scam; "
        'did you mean "Scan"? [inherited-name]'
    )


def test_what_is_locked_cannot_be_removed(root: Path) -> None:
    fleet = "blueprints: [platform]\nlocked: {pipeline.stages.Build.actions.Release.kind: A person looks at it}\n"
    write(root, {"pipegen.yaml": fleet})
    for own in ("[{name: Build, when: false}]", "[{name: Build, actions: [{name: Release, when: false}]}]"):
        [line] = lines(root, TEAM, f"{SERVICE}pipeline: {{stages: {own}}}\n")
        assert "error: pipeline.stages.Build.actions.Release.kind is locked" in line
    for own in ("[{name: Source, when: false}]", "[{name: Build, actions: [{name: Scan, timeout_minutes: 5}]}]"):
        assert "locked-field" not in str(lines(root, TEAM, f"{SERVICE}pipeline: {{stages: {own}}}\n"))
    [line] = lines(root, TEAM, f"{SERVICE}pipeline: {{stages: []}}\n")
    assert "locked-field" in line


def test_a_blueprint_may_take_the_name_of_the_one_that_it_extends(root: Path) -> None:
    ours = "extends: worker\nparameters: {queues: {default: [jobs]}, branch: {fixed: true, default: trunk}}\n"
    service = "blueprint: worker\nwith: {service: jobs, repository: acme/jobs}\n"
    write(root, {"platform/worker/blueprint.yaml": ours, "services/orders.yaml": service})
    made: Any = load("services/orders.yaml")[0]
    assert made.pipeline.stages[0].actions[0].branch == "trunk"
    shown = run("validate", ".")
    assert "blueprint-shadowed" not in shown.stderr
    assert "jobs" in run("blueprints", "worker").stdout


def test_those_of_pipegen_extend_nothing_of_a_fleet(root: Path) -> None:
    write(
        root, {f"platform/{name}/blueprint.yaml": "summary: Ours\ndefinition: {}\n" for name in ("_web", "ecs-rolling")}
    )
    made = extended(root, "extends: ecs-native\n", SERVICE.replace("orders}", "orders, repository: acme/orders}"))
    assert actions(made) == [["Source", "App"], ["Build", "Image"], ["Deploy", "Service"]]


def test_a_part_is_only_for_blueprints(root: Path) -> None:
    write(root, {"platform/_part/blueprint.yaml": BASE.partition("files:")[0]})
    assert actions(extended(root, TEAM.replace("base", "_part")))[1] == ["Build", "Test", "Scan", "Release"]
    assert "_part" not in run("blueprints").stdout
    assert (
        'error: a blueprint must be a name or a path, got "_part"'
        in lines(root, TEAM, SERVICE.replace("team", "_part"))[0]
    )


def test_a_path_is_seen_from_the_blueprint(root: Path) -> None:
    write(root, {"platform/base/inner/blueprint.yaml": BASE.partition("files:")[0]})
    assert extended(root, TEAM.replace("extends: base", "extends: ../base/inner")).name == "orders"


def test_its_source_and_what_it_comes_to_are_printed(root: Path) -> None:
    assert run("blueprints", "team", "--source").stdout == TEAM
    shown = run("blueprints", "team", "--resolved", "--width", "200").stdout
    assert "default: 3000" in shown
    assert "# platform/team/blueprint.yaml:4, replaces platform/base/blueprint.yaml:4" in shown
    whole = yaml.safe_load(shown)
    assert sorted(whole["parameters"]) == ["level", "port", "script", "service", "topic"]
    write(
        root,
        {"platform/whole/blueprint.yaml": shown, "platform/whole/files/notes": "", "platform/whole/files/Makefile": ""},
    )
    before = run("render", "services/orders.yaml").stdout
    write(root, {"services/orders.yaml": SERVICE.replace("team", "whole")})
    assert run("render", "services/orders.yaml").stdout == before
    assert run("blueprints", "--source").exit_code == 2
    assert run("blueprints", "team", "--source", "--resolved").exit_code == 2


@pytest.mark.parametrize(
    "changed", ["base/blueprint.yaml", "base/files/Makefile", "base/files/new", "team/blueprint.yaml"]
)
def test_a_fleet_notices_that_an_extended_blueprint_changed(changed: str, root: Path) -> None:
    assert run("render", ".", "-o", "out").exit_code == 0
    assert run("render", ".", "-o", "out", "--check").exit_code == 0
    file = root / "platform" / changed
    text = file.read_text() if file.exists() else ""
    write(
        root, {f"platform/{changed}": text.replace("test}", "check}").replace("port :=", "PORT :=").replace("20", "30")}
    )
    is_used = changed != "base/files/new"
    again = run("render", ".", "-o", "out", "--check")
    assert again.exit_code == int(is_used), again.stdout + again.stderr
    assert "1 rendered" in run("render", ".", "-o", "out", "--accept-unsafe-changes").stderr
    assert "0 rendered" in run("render", ".", "-o", "out").stderr
