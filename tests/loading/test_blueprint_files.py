"""Blueprints as files, through the front door: what they make of arguments, and where their mistakes are told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from pipegen import load
from pipegen.errors import InvalidDefinition
from pipegen.loading import load_file
from tests.support.command import run

WEB = """\
summary: A web service
parameters:
  service: {pattern: "[a-z-]+", description: What it is called}
  port: {type: integer, default: 3000, minimum: 1, maximum: 65535}
  stages: {type: list, default: [staging, production]}
  connection: {type: value, default: !Ref ConnectionArn}
  approve: {type: boolean, default: true}
  boundary: {type: value, required: false}
definition:
  name: "{{ service }}"
  parameters: {ConnectionArn: {Type: String}}
  permissions_boundary: "{{ boundary | default(omit) }}"
  artifacts: {when: "{{ port == 443 }}", create_key: true}
  tags: {service: "{{ service }}", "{{ service }}-port": "{{ port | string }}"}
  pipeline:
    stages:
      - name: Source
        actions:
          - {kind: github, name: App, repository: "acme/{{ service }}", branch: main, connection: "{{ connection }}"}
      - name: Build
        actions:
          - {kind: docker-build, name: Image, images: [{container: app, repository: "{{ service }}"}]}
      - name: "{{ item | title }}"
        loop: "{{ stages }}"
        actions:
          - {kind: approval, name: Release, when: "{{ approve and item == 'production' }}"}
          - {kind: ecs-deploy, name: Deploy, run_order: 2, cluster: "{{ item }}", service: "{{ service }}", roles: [a]}
"""


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def definition_of(root: Path, service: str, blueprint: str = WEB, **files: str) -> Any:
    written(root, {"web/blueprint.yaml": blueprint, "orders.yaml": service, **files})
    [definition] = load(root / "orders.yaml")
    return definition


def reported(root: Path, service: str, blueprint: str = WEB, **files: str) -> list[str]:
    """The lines that are told of a definition, seen from its directory."""
    with pytest.raises(InvalidDefinition) as raised:
        definition_of(root, service, blueprint, **files)
    return [str(problem).replace(f"{root}/", "") for problem in raised.value.problems]


def service(**arguments: str) -> str:
    given = "".join(f"\n  {name}: {value}" for name, value in arguments.items())
    return f"blueprint: ./web\nwith:{given or ' {}'}\n"


def test_arguments_become_a_definition(tmp_path: Path) -> None:
    made = definition_of(tmp_path, service(service="orders", port="8080"))
    assert made.name == "orders"
    assert made.tags == {"service": "orders", "orders-port": "8080"}
    assert [stage.name for stage in made.pipeline.stages] == ["Source", "Build", "Staging", "Production"]
    assert [action.name for action in made.pipeline.stages[2].actions] == ["Deploy"]
    assert [action.name for action in made.pipeline.stages[3].actions] == ["Release", "Deploy"]
    assert [stage.actions[-1].cluster for stage in made.pipeline.stages[2:]] == ["staging", "production"]
    assert made.permissions_boundary is None
    assert not made.artifacts.create_key


def test_a_mapping_is_left_out_unless_its_when_holds(tmp_path: Path) -> None:
    assert definition_of(tmp_path, service(service="orders", port="443")).artifacts.create_key


def test_an_expression_of_cloudformation_is_an_argument(tmp_path: Path) -> None:
    made = definition_of(tmp_path, service(service="orders", boundary="!ImportValue Boundary"))
    assert made.permissions_boundary.to_dict() == {"Fn::ImportValue": "Boundary"}
    assert made.pipeline.stages[0].actions[0].connection.to_dict() == {"Ref": "ConnectionArn"}


def test_keys_of_the_file_are_merged_over_what_the_blueprint_makes(tmp_path: Path) -> None:
    own = "tags: {owner: retail, service: overridden}\npipeline: {execution_mode: SUPERSEDED}\n"
    made = definition_of(tmp_path, service(service="orders") + own)
    assert made.tags == {"service": "overridden", "orders-port": "3000", "owner": "retail"}
    assert (made.pipeline.execution_mode, len(made.pipeline.stages)) == ("SUPERSEDED", 4)
    made = definition_of(tmp_path, service(service="orders") + "pipeline: {stages: []}\n")
    assert made.pipeline.stages == ()


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (
            {},
            [
                "orders.yaml:1:1: error: service is missing (What it is called); give it under with: "
                "service: … [missing-argument]\nweb/blueprint.yaml:3:3: note: related location"
            ],
        ),
        (
            {"service": "ORDERS", "port": "0", "prot": "1", "approve": "maybe", "stages": "staging"},
            [
                'orders.yaml:3:3: error: service must match [a-z-]+, got "ORDERS" '
                "[wrong-argument]\nweb/blueprint.yaml:3:3: note: related location",
                "orders.yaml:4:3: error: port must be between 1 and 65,535, got 0 "
                "[wrong-argument]\nweb/blueprint.yaml:4:3: note: related location",
                'orders.yaml:5:3: error: unknown parameter "prot" of the blueprint web; '
                'did you mean "port"? [unknown-argument]',
                'orders.yaml:6:3: error: approve must be true or false, got "maybe" '
                "[wrong-argument]\nweb/blueprint.yaml:7:3: note: related location",
                'orders.yaml:7:3: error: stages must be a list, got "staging" [wrong-argument]\n'
                "web/blueprint.yaml:5:3: note: related location",
            ],
        ),
        (
            {"service": "1", "port": "true", "connection": "{a: 1}"},
            [
                'orders.yaml:3:3: error: service must match [a-z-]+, got "1" '
                "[wrong-argument]\nweb/blueprint.yaml:3:3: note: related location",
                "orders.yaml:4:3: error: port must be an integer, got true [wrong-argument]\n"
                "web/blueprint.yaml:4:3: note: related location",
                "orders.yaml:5:3: error: connection must be a string or a CloudFormation expression, got a "
                "mapping [wrong-argument]\nweb/blueprint.yaml:6:3: note: related location",
            ],
        ),
        (  # a problem of what is in an argument stands where that does, and where the blueprint puts it
            {"service": "orders", "stages": "\n    - {}"},
            [
                "orders.yaml:5:7: error: cluster must be a string, or one of !Ref !Sub !GetAtt !ImportValue !Join "
                "!Select !If !FindInMap, got a mapping with no keys [wrong-type]\n"
                "web/blueprint.yaml:27:60: note: related location",
            ],
        ),
    ],
    ids=["missing", "all at once", "types", "deep"],
)
def test_what_is_wrong_with_arguments_stands_in_the_file(
    given: dict[str, str], lines: list[str], tmp_path: Path
) -> None:
    blueprint = WEB.replace('name: "{{ item | title }}"', "name: Deploy")
    assert reported(tmp_path, service(**given), blueprint) == lines


def test_a_wrong_value_that_an_argument_led_to_stands_at_the_argument(tmp_path: Path) -> None:
    blueprint = (
        WEB.replace("execution_mode", "")
        .replace(
            "  pipeline:\n", '  pipeline:\n    execution_mode: "{{ mode }}"\n    restart_on_update: "{{ port }}"\n'
        )
        .replace("parameters:\n", "parameters:\n  mode: {}\n", 1)
    )
    lines = reported(tmp_path, service(service="orders", mode="FAST"), blueprint)
    assert lines == [
        'orders.yaml:4:3: error: execution_mode must be "QUEUED", "SUPERSEDED" or "PARALLEL", got "FAST" '
        "[wrong-value]\nweb/blueprint.yaml:17:5: note: related location",
        "web/blueprint.yaml:18:5: error: restart_on_update must be true or false, got the number 3000 "
        "[wrong-type]\norders.yaml: note: related location",
    ]


def test_a_location_inside_of_an_argument_is_exact_to_the_character(tmp_path: Path) -> None:
    blueprint = (
        "summary: s\nparameters:\n  actions: {type: list}\ndefinition:\n  name: a\n  pipeline:\n    stages:\n"
        + ('      - {name: Source, actions: "{{ actions }}"}\n')
    )
    given = "blueprint: ./web\nwith:\n  actions:\n    - kind: github\n      name: App\n      repsitory: a/b\n"
    lines = reported(tmp_path, given, blueprint)
    assert any(line.startswith('orders.yaml:6:7: error: unknown key "repsitory"; did you mean') for line in lines)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('name: "{{ service }}"', 'name: "{{ servce }}"', 'web/blueprint.yaml:10:3: error: unknown parameter "servce"'),
        (
            'name: "{{ service }}"',
            'name: "{{ service"',
            "web/blueprint.yaml:10:3: error: the expression is not closed; close it",
        ),
        (
            'name: "{{ service }}"',
            'name: "{{ boundary }}"',
            'web/blueprint.yaml:10:3: error: "boundary" has no value',
        ),
        ("{{ stages }}", "{{ service }}", 'web/blueprint.yaml:24:9: error: loop must be a list, got "orders"'),
        (
            "{{ approve and item",
            "{{ port or item",
            "web/blueprint.yaml:26:45: error: when must be true or false, got 3000",
        ),
        (
            "minimum: 1,",
            "minimum: 4000,",
            "web/blueprint.yaml:4:25: error: default must be between 4,000 and 65,535, got 3000",
        ),
        ("[a-z-]+", "(", "web/blueprint.yaml:3:13: error: pattern must be a regular expression: "),
        (
            "  port: {",
            "  Port: {",
            "web/blueprint.yaml:4:3: error: a key of parameters must be lower-case letters",
        ),
        (
            "  port: {",
            "  omit: {",
            "web/blueprint.yaml:4:3: error: a key of parameters must be lower-case letters",
        ),
        ("type: integer", "type: int", "web/blueprint.yaml:4:10: error: type must be "),
        ("pattern:", "patern:", 'web/blueprint.yaml:3:13: error: unknown key "patern"; did you mean "pattern"?'),
        ("summary:", "sumary:", 'web/blueprint.yaml:1:1: error: unknown key "sumary"; did you mean "summary"?'),
        (
            "A web service",
            "x" * 101,
            "web/blueprint.yaml:1:1: error: summary must have 1 to 100 characters",
        ),
        (
            'permissions_boundary: "{{ boundary | default(omit) }}"',
            "permission_boundary: x",
            'web/blueprint.yaml:12:3: error: unknown key "permission_boundary"; did you mean "permissions_bound',
        ),
    ],
)
def test_a_wrong_blueprint_is_reported_with_its_location(before: str, after: str, line: str, tmp_path: Path) -> None:
    assert before in WEB
    blueprint = WEB.replace(before, after, 1)
    lines = reported(tmp_path, service(service="orders"), blueprint)
    assert lines[0].startswith(line), lines
    assert all("blueprint.yaml" in each for each in lines)


HOSTILE = {
    "loops in loops": (
        "summary: s\ndefinition:\n  name: a\n  pipeline:\n    stages:\n"
        + "      - loop: &many ["
        + ", ".join(["1"] * 1000)
        + "]\n        name: x\n        actions:\n"
        + "          - loop: *many\n            when: false\n            name: x\n            reads:\n"
        + "              - {loop: *many, when: false}\n",
        "blueprint-limit",
    ),
    "loops that make nothing": (
        "summary: s\ndefinition:\n  name: a\n  pipeline:\n    stages:\n"
        + "      - loop: &many ["
        + ", ".join(["1"] * 1000)
        + "]\n        actions:\n"
        + "          - {loop: *many, when: false, name: x}\n",
        "blueprint-limit",
    ),
    "texts of texts": (
        "summary: s\nparameters:\n  big: {default: "
        + "x" * 9000
        + "}\ndefinition:\n  name: a\n  tags:\n"
        + "".join(f'    t{index}: "' + "{{ big }}" * 100 + '"\n' for index in range(20)),
        "blueprint-limit",
    ),
    "a bomb of aliases": (
        "summary: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"k{i}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)),
        "yaml-limit",
    ),
    "a template outside": (
        "summary: s\ndefinition: {name: a}\nfiles:\n  - {path: x, template: ../../secret}\n",
        "blueprint-file",
    ),
    "a path outside": (
        "summary: s\ndefinition: {name: a}\nfiles:\n  - {path: ../x, template: ok.txt}\n",
        "blueprint-file",
    ),
    "a pattern that would never end": (
        "summary: s\nparameters:\n  text: {pattern: '(a+)+b', default: " + "a" * 5000 + "}\ndefinition: {name: a}\n",
        "blueprint-parameter",
    ),
    "a pattern without end": (
        "summary: s\nparameters:\n  text: {pattern: '((a{999}){999}){999}'}\ndefinition: {name: a}\n",
        "blueprint-parameter",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_blueprint_is_rejected_at_once(name: str, tmp_path: Path) -> None:
    text, code = HOSTILE[name]
    started = time.monotonic()
    lines = reported(tmp_path, "blueprint: ./web\n", text, **{"web/files/ok.txt": "fine\n"})
    assert time.monotonic() - started < 10
    assert f"[{code}]" in lines[0], lines
    assert all(len(line) < 2000 for line in lines)


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", "", ".", "a/", "a\\b", "a\tb", "x" * 201, "\N{RIGHT-TO-LEFT OVERRIDE}x"]
)
def test_an_argument_does_not_lead_a_file_out_of_its_tree(path: str, tmp_path: Path) -> None:
    blueprint = (
        "summary: s\nparameters: {where: {}}\ndefinition: {name: a, pipeline: {stages: []}}\n"
        'files:\n  - {path: "{{ where }}", template: x.txt}\n'
    )
    given = f"blueprint: ./web\nwith: {{where: {json.dumps(path)}}}\n"
    [line] = reported(tmp_path, given, blueprint, **{"web/files/x.txt": "fine\n"})
    line, related = line.split("\n")
    assert line.startswith("web/blueprint.yaml:5:5: error: ")
    assert line.endswith("[blueprint-file]")
    assert related == "orders.yaml:2:8: note: related location"
    assert line.isprintable()


def test_files_are_rendered_with_the_arguments(tmp_path: Path) -> None:
    blueprint = WEB + (
        "files:\n"
        '  - {path: "{{ service }}/Dockerfile", template: Dockerfile.j2}\n'
        '  - {path: .dockerignore, template: ignore, when: "{{ port == 80 }}"}\n'
    )
    files = {"web/files/Dockerfile.j2": "FROM node\nEXPOSE {{ port }}\n", "web/files/ignore": ".git\n"}
    written(tmp_path, {"web/blueprint.yaml": blueprint, "orders.yaml": service(service="orders"), **files})
    [loaded] = load_file(tmp_path / "orders.yaml")
    assert loaded.origin is not None
    assert [(each.path, each.text) for each in loaded.origin.files] == [
        ("orders/Dockerfile", "FROM node\nEXPOSE 3000\n")
    ]
    assert {each.name for each in loaded.origin.inputs} == {"orders.yaml", "blueprint.yaml", "Dockerfile.j2", "ignore"}


def test_the_text_of_a_file_can_be_a_value(tmp_path: Path) -> None:
    blueprint = WEB.replace('repository: "{{ service }}"}]}', "repository: x}], before: [\"{{ file('test.sh') }}\"]}")
    made = definition_of(
        tmp_path, service(service="orders"), blueprint, **{"web/files/test.sh": "npm test -- {{ port }}"}
    )
    assert made.pipeline.stages[1].actions[0].before == ("npm test -- 3000",)
    blueprint = blueprint.replace("test.sh", "tset.sh")
    [line] = reported(tmp_path, service(service="orders"), blueprint)
    assert 'error: files/ has no "tset.sh"; did you mean "test.sh"?' in line


def test_a_link_does_not_lead_out_of_a_blueprint(tmp_path: Path) -> None:
    written(tmp_path, {"secret": "TOP", "web/files/x": "", "web/blueprint.yaml": WEB})
    (tmp_path / "web/files/x").unlink()
    (tmp_path / "web/files/x").symlink_to(tmp_path / "secret")
    [line] = reported(tmp_path, service(service="orders"))
    assert line == "web/files/x: error: leads out of the blueprint; put the file itself there [unreadable]"
    (tmp_path / "web/files/x").unlink()
    (tmp_path / "web/files").rmdir()
    written(tmp_path, {"elsewhere/secret": "TOP"})
    (tmp_path / "web/files").symlink_to(tmp_path / "elsewhere")
    [line] = reported(tmp_path, service(service="orders"))
    assert line == "web/files/secret: error: leads out of the blueprint; put the file itself there [unreadable]"
    (tmp_path / "web/files").unlink()
    (tmp_path / "web/blueprint.yaml").rename(tmp_path / "elsewhere/blueprint.yaml")
    (tmp_path / "web/blueprint.yaml").symlink_to(tmp_path / "elsewhere/blueprint.yaml")
    with pytest.raises(InvalidDefinition, match=r"web/blueprint\.yaml: error: leads out of the blueprint"):
        load(tmp_path / "orders.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("blueprint: web\n", 'error: unknown blueprint "web"; use one of '),
        ("blueprint: ecs-roling\n", 'error: unknown blueprint "ecs-roling"; did you mean "ecs-rolling"?'),
        ("blueprint: ./nowhere\n", "error: there is no "),
        ("blueprint: /etc\n", 'error: a blueprint must be a name or a path, got "/etc"; give'),
        ("blueprint: a/../../b\n", 'error: a blueprint must be a name or a path, got "a/../../b"'),
        ("blueprint: [web]\n", "error: a blueprint must be a name or a path, got a list;"),
        ("blueprint:\n", "error: the value of blueprint is missing;"),
        ("blueprint: ./web\nwith: [a]\n", "orders.yaml:2:1: error: with must be a mapping"),
        ("with: {a: b}\nname: x\n", "orders.yaml:1:1: error: arguments without a blueprint; add blueprint: NAME"),
        (
            "blueprint: ./web\nport: 80\n",
            'orders.yaml:2:1: error: unknown key "port"; it is an argument of the blueprint: give it under with:',
        ),
        (
            "blueprint: ./web\nwith: {service: a}\nenvironments: [x]\n",
            "error: environments must be a mapping, got a list",
        ),
    ],
)
def test_a_blueprint_that_is_not_there_is_reported(text: str, words: str, tmp_path: Path) -> None:
    [line] = reported(tmp_path, text)
    assert words in line
    assert line.startswith("orders.yaml:")


def test_two_renders_are_the_same_bytes_and_a_changed_blueprint_is_read_again(tmp_path: Path) -> None:
    written(tmp_path, {"web/blueprint.yaml": WEB, "orders.yaml": service(service="orders")})
    first, second = (run("render", tmp_path / "orders.yaml").stdout for _ in range(2))
    assert first == second
    assert "Name: orders" in first
    written(tmp_path, {"web/blueprint.yaml": WEB.replace('name: "{{ service }}"', 'name: "shop-{{ service }}"', 1)})
    assert "Name: shop-orders" in run("render", tmp_path / "orders.yaml").stdout
