"""Mistakes that people make with YAML: one line says what was found, and how to write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipegen import InvalidDefinition, load, render
from pipegen.loading.yaml.parsing import parse

BEFORE = """\
name: orders
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: orders, branch: main}
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: app, repository: orders}]}
        - kind: codebuild
          name: Test
"""
SERVICE = """\
services:
  web:
    cluster: main
"""


def reported(text: str, directory: Path, file: str = "x.yaml") -> list[str]:
    path = directory / file
    path.write_text(text)
    with pytest.raises(InvalidDefinition) as raised:
        _render(path)
    return [str(problem).replace(f"{directory}/", "") for problem in raised.value.problems]


def _render(path: Path) -> None:
    for definition in load(path):
        render(definition)


FOREIGN = {
    "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n": "a CloudFormation template",
    "Resources: {A: {Type: 'AWS::SNS::Topic'}}\n": "a CloudFormation template",
    "version: '3'\nservices: {web: {image: nginx, ports: ['80:80']}}\n": "a Docker Compose file",
    "services: {web: {build: .}}\n": "a Docker Compose file",
    "version: 0.2\nphases: {build: {commands: [make]}}\n": "a buildspec",
    "on: [push]\njobs: {test: {runs-on: x}}\n": "a workflow of GitHub Actions",
    '{"family": "web", "containerDefinitions": []}': "an ECS task definition",
    '{"taskDefinition": {"family": "web"}, "tags": []}': "an ECS task definition",
    "version: 0.0\nResources: [{TargetService: {}}]\n": "an appspec",
    '[{"name": "app", "imageUri": "x"}]': "a file of image definitions",
    '{"pipeline": {"name": "x", "roleArn": "x", "artifactStore": {}, "stages": []}}': "a pipeline as the AWS CLI",
    "apiVersion: v1\nkind: Service\nmetadata: {}\n": "a Kubernetes manifest",
    "summary: A web service\nparameters: {}\ndefinition: {}\n": "a blueprint",
    "services: [x]\ndefaults: {}\n": "a fleet's file",
    '{"name": "web", "scripts": {"test": "jest"}}': "a package.json",
}


@pytest.mark.parametrize(("text", "what"), FOREIGN.items())
@pytest.mark.parametrize("file", ["x.yaml", "x.json"])
def test_a_file_of_another_program_is_named_in_one_line(text: str, what: str, file: str, tmp_path: Path) -> None:
    [line] = reported(text, tmp_path, file)
    assert line.startswith(f"{file}:1:1: error: is {what}")
    assert ", not a definition; " in line


SYNTAX = {
    "name: a\npipeline:\n\tstages: []\n": "x.yaml:3:1: error: a tab cannot indent YAML; use spaces",
    "a:\n  - b\n\t- c\n": "x.yaml:3:1: error: a tab cannot indent YAML; use spaces",
    "name: %a\n": "x.yaml:1:7: error: a text cannot begin with %; put the text in quotes",
    "name: @a\n": "x.yaml:1:7: error: a text cannot begin with @; put the text in quotes",
    "name: `a`\n": "x.yaml:1:7: error: a text cannot begin with `; put the text in quotes",
    "paths: [a]\nname: *.js\n": "error: a text cannot begin with *, which names an anchor; put the text in quotes",
    "name: &\n": "error: a text cannot begin with &, which sets an anchor; put the text in quotes",
    "name: !important a\n": "ut a text that begins with ! in quotes",
    'name: "abc\npipeline: x\n': "x.yaml:1:7: error: the quote that begins here is never closed; close it",
    "name: 'abc\n": "x.yaml:1:7: error: the quote that begins here is never closed; close it",
    "a: [b, c\nd: e\n": "x.yaml:1:4: error: the [ that begins here is not closed, or a comma is missing",
    "a: {b: c\nd: e\n": "x.yaml:1:4: error: the { that begins here is not closed, or a comma is missing",
    "name: a: b\n": "x.yaml:1:8: error: unexpected ': ' in a value",
    "a:\n  b: c\n d: e\n": "x.yaml:3:2: error: neither a key of the mapping that begins in line 1",
    "a:\n  - b\n  c: d\n": "x.yaml:3:3: error: neither an item of the list that begins in line 2",
    'a: "\\d"\n': "x.yaml:1:5: error: an unknown escape",
    "a: | b\n": "error: the text of a block begins in the next line",
    "": "error: the file is empty; begin with name: and pipeline:",
}


@pytest.mark.parametrize(("text", "line"), SYNTAX.items())
def test_a_slip_of_yaml_is_reported_with_what_to_write(text: str, line: str, tmp_path: Path) -> None:
    assert line in reported(text, tmp_path)[0]


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("pipegen.yaml", "write {} if it sets nothing"),
        ("blueprint.yaml", "begin with summary: and definition:"),
        ("orders.yaml", "begin with name: and pipeline:"),
    ],
)
def test_the_fix_for_an_empty_file_is_that_of_its_kind(name: str, fix: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        parse("", name)
    assert [each.fix for each in caught.value.problems] == [fix]


FIELDS = {
    "commands:\n            - npm test: ok": 'put the text in quotes: "npm test: ok"',
    "commands:\n            - 'echo \"a\"': b": "put the text in quotes: 'echo \"a\": b'",
    "commands: make": 'commands must be a list, got "make"; write [make]',
    'commands: "{{resolve:ssm:/command}}"': 'write ["{{resolve:ssm:/command}}"]',
    "commands: a, b": 'write ["a, b"]',
    """commands: 'echo "a"'""": """write ['echo "a"']""",
    "commands: 'yes'": 'write ["yes"]',
    "commands: '12'": 'write ["12"]',
    "commands: 'echo: a'": 'write ["echo: a"]',
    "commands: {a: b}": "commands must be a list, got a mapping; write a list: [one, two]",
    "environment: [A=1]": "environment must be a mapping, got a list; write NAME: before each instead of '- '",
    "environment:\n            A:\n              b c: d": "put the text in quotes",
    "environment: {A: true}": "got true; put it in quotes",
    "timeout_minutes: '5'": 'must be an integer, got "5"; write it without quotes',
    "docker: yes": 'docker must be true or false, got "yes"; write true',
    'docker: "False"': 'docker must be true or false, got "False"; write false',
    "vpc: vpc-1": 'vpc must be a mapping, got "vpc-1"; it has the keys ',
}


@pytest.mark.parametrize(("field", "line"), FIELDS.items())
def test_a_field_of_another_form_is_reported_with_what_to_write(field: str, line: str, tmp_path: Path) -> None:
    lines = reported(f"{BEFORE}          {field}\n", tmp_path)
    assert any(line in each for each in lines), lines


WHOLE = {
    (
        "images: [{container: app, repository: orders}]",
        "images: app",
    ): "write a list of mappings, such as - container: app",
    (
        "images: [{container: app, repository: orders}]",
        "images: {container: app}",
    ): "got a mapping; write '- ' before each item",
    (
        "images: [{container: app, repository: orders}]",
        "images: [app]",
    ): 'got "app"; it has the keys container, repository',
    ("kind: codebuild\n          name: Test", "kind: codebuild"): "error: name is missing; add name:",
    (
        "name: orders\n",
        "name: orders\nservices: [web]\n",
    ): "services must be a mapping, got a list; write NAME: before each",
    (
        "name: orders\n",
        "name: orders\nservices: web\n",
    ): 'services must be a mapping, got "web"; write NAME:',
    ("name: orders\n", "name: orders\nservices: {web: }\n"): "the value of web is missing; indent",
    (
        "name: orders\n",
        f"name: orders\n{SERVICE}    deployment: canary\n",
    ): 'got "canary"; write {kind: canary}',
    (
        "name: orders\n",
        f"name: orders\n{SERVICE}    deployment: [canary]\n",
    ): "got a list; write its keys without '- ': kind,",
    ("name: orders\n", f"name: orders\n{SERVICE}    network: {{subnets: a}}\n"): 'got "a"; write [a]',
}


@pytest.mark.parametrize(("change", "line"), WHOLE.items())
def test_a_part_of_another_form_is_reported_with_what_to_write(
    change: tuple[str, str], line: str, tmp_path: Path
) -> None:
    lines = reported(f"{BEFORE}          commands: [make]\n".replace(*change, 1), tmp_path)
    assert any(line in each for each in lines), lines


def test_a_number_becomes_text_where_texts_are_numbers(tmp_path: Path) -> None:
    numbers = """\
          environment: {PORT: 8080, RATIO: 0.5}
          runtime_versions: {nodejs: 22}
          commands: [make]
tags: {year: 2024}
parameters: {Count: {Type: Number, Default: 2, AllowedValues: [1, 2.5, 2]}}
"""
    variables = "pipeline:\n  variables: {Count: {default: 3}}\n"
    texts = numbers
    for number in ("8080", "0.5", "22", "2024", "2.5"):
        texts = texts.replace(number, f"'{number}'")
    texts = texts.replace("Default: 2, AllowedValues: [1, '2.5', 2]", "Default: '2', AllowedValues: ['1', '2.5', '2']")
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text((BEFORE + numbers).replace("pipeline:\n", variables))
    other.write_text((BEFORE + texts).replace("pipeline:\n", variables.replace("3", "'3'")))
    assert load(one)[0] == load(other)[0]
    assert texts.count("'") > 12


@pytest.mark.parametrize("number", ["3.10", "1e3", "1.50", "-0.0e1"])
def test_a_number_that_does_not_spell_its_text_is_to_be_quoted(number: str, tmp_path: Path) -> None:
    [line] = reported(
        f"{BEFORE}          commands: [make]\n          runtime_versions: {{python: {number}}}\n", tmp_path
    )
    assert f"python must be a string, got {number}, which YAML reads as the number" in line
    assert line.endswith(f'put it in quotes: "{number}" [wrong-type]')


def test_an_account_with_a_leading_zero_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(
        f"{BEFORE}          commands: [make]\n          environment: {{A: 012345678901, B: 123456789012}}\n"
    )
    build = load(file)[0].pipeline.stages[1].actions[1]
    assert build.environment == {"A": "012345678901", "B": "123456789012"}  # type: ignore[attr-defined]


MERGED = """\
x-build: &build
  kind: codebuild
  environment: {A: a, B: b}
  timeout_minutes: 5
x-more: &more {timeout_minutes: 7, log_retention_days: 30}
name: orders
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: orders, branch: main}
    - name: Build
      actions:
        - <<: *build
          name: One
          commands: [make]
        - <<: [*build, *more]
          name: Two
          commands: [make]
          environment: {C: c}
"""


def test_merge_keys_merge_and_own_keys_win(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(MERGED)
    definition = load(file)[0]
    one, two = definition.pipeline.stages[1].actions
    assert (one.environment, one.timeout_minutes) == ({"A": "a", "B": "b"}, 5)  # type: ignore[attr-defined]
    assert (two.environment, two.timeout_minutes) == ({"C": "c"}, 5)  # type: ignore[attr-defined]
    assert two.log_retention_days == 30  # type: ignore[attr-defined]
    render(definition)


def test_what_is_wrong_with_merged_values_is_reported_with_its_location(tmp_path: Path) -> None:
    lines = reported(MERGED.replace("timeout_minutes: 5", "timeout_minutes: soon"), tmp_path)
    assert [line.split(" ")[0] for line in lines] == ["x.yaml:4:3:", "x.yaml:4:3:"]
    lines = reported(MERGED.replace("*more]", "text]"), tmp_path)
    assert lines == ["x.yaml:17:11: error: << must be a mapping; merge mappings: <<: *anchor [yaml-merge]"]
