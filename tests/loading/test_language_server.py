"""The schemas in the YAML language server that editors run, with the settings that the documentation shows."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen.actions.approval import Approval
from pipegen.actions.kinds import KINDS
from pipegen.cli.schema import SchemaKind, schema_text
from pipegen.fields.documentation import documentation
from pipegen.loading.blueprints.catalog import catalog
from pipegen.loading.fleet_file import read_fleet
from tests.examples import ROOT
from tests.small_fleet import write_fleet
from tests.strategies import SEEDS
from tests.support.command import run
from tests.support.language_server import LanguageServer, start_language_server

pytestmark = pytest.mark.slow

PROGRAM = ROOT / ".venv-editor" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
[SHOWN] = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "how-to" / "editors.md").read_text(), re.DOTALL)
TAGS = json.loads(SHOWN)["yaml.customTags"]
SCHEMAS: Mapping[str, list[str]] = {
    "fleet": ["**/pipegen.yaml"],
    "blueprint": ["**/blueprint.yaml"],
    "definition": [
        "examples/*.yaml",
        "reference_examples/*.yaml",
        "services/**/*.yaml",
        "**/example.yaml",
        "written/*.yaml",
    ],
}


@dataclass(frozen=True)
class Editor:
    """An editor in which a fleet is open; it has the examples and blueprints of the repository too."""

    server: LanguageServer
    root: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def problems(self, text: str, name: str = "written/{}.yaml") -> list[str]:
        """What is reported of a file."""
        return [str(each["message"]) for each in self.server.open(self.file(name), text)]

    def offers(self, text: str, name: str = "written/{}.yaml") -> dict[str, str]:
        """What is offered at the mark | in a file, besides tags, with its documentation."""
        before, after = text.split("|")
        file = self.file(name)
        self.server.open(file, before + after)
        line, column = before.count("\n"), len(before.rpartition("\n")[2])
        offered = self.server.complete(file, line, column)
        return {label: text for label, text in offered.items() if not label.startswith("!")}

    def file(self, name: str) -> Path:
        """A path that nothing was written to; {} in its name is a number."""
        return self.root / name.format(next(self.numbers))


def missing() -> str | None:
    """Why no language server can run on this machine, or None if one can."""
    if shutil.which("node") is None:
        return "Node.js is not installed, which the YAML language server needs: https://nodejs.org"
    return None if PROGRAM.exists() else "the YAML language server is not installed; scripts/test does it with npm"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    reason = missing()
    if reason is not None:
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    root = write_fleet(tmp_path_factory.mktemp("editor"))
    fleet, schemas = read_fleet(root), {}
    for sort, patterns in SCHEMAS.items():
        file = root / f"{sort}.schema.json"
        file.write_text(schema_text(SchemaKind(sort), fleet))
        schemas[file.as_uri()] = patterns
    settings = {"schemas": schemas, "customTags": TAGS, "schemaStore": {"enable": False}}
    with start_language_server(PROGRAM, root, {"yaml": {**SWITCHES, **settings}}) as server:
        yield Editor(server, root)


SWITCHES = {"validate": True, "hover": True, "completion": True, "kubernetesCRDStore": {"enable": False}}


def files() -> Iterator[tuple[str, str]]:
    """Every definition, fleet and blueprint of the repository, by a path that its schema goes by."""
    patterns = ("examples/**/*.yaml", "blueprints/*/*.yaml", "tests/reference_examples/**/*.yaml")
    for file in sorted(file for pattern in patterns for file in ROOT.glob(pattern)):
        yield file.relative_to(ROOT).as_posix(), file.read_text()
    for index, seed in enumerate(SEEDS):
        yield f"services/seed{index}.yaml", seed


def keys(text: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Every key of a document and its path, but for those below a tag."""
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(yaml.compose(text, Loader=yaml.CSafeLoader), ())]
    while waiting:
        node, path = waiting.pop()
        if node.tag.startswith("!"):
            continue
        if isinstance(node, yaml.MappingNode):
            yield from ((key, (*path, key.value)) for key, _ in node.value)
            waiting += [(value, (*path, key.value)) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(item, (*path, index)) for index, item in enumerate(node.value)]


def words(hover: str) -> str:
    """What is said over a key, without the schema's title and place."""
    return re.sub(r"(?m)^(?:#### .*|Source: .*|[|\s]*)$", "", hover).strip()


def test_no_file_has_an_error_and_every_key_has_a_description(editor: Editor) -> None:
    found, over = {}, {}
    for name, text in files():
        file = editor.root / name
        problems = [str(each["message"]) for each in editor.server.open(file, text)]
        if problems := [each for each in problems if not each.startswith("Unused anchor")]:
            found[name] = problems
        for key, path in keys(text):
            mark = key.start_mark
            if "<<" not in path and not words(editor.server.hover(file, mark.line, mark.column)):
                over[name, *path] = mark.line + 1
    assert (found, over) == ({}, {})


def test_the_files_of_a_fleet_have_no_errors(editor: Editor) -> None:
    names = ("pipegen.yaml", "services/orders.yaml", "platform/web/blueprint.yaml")
    assert [editor.server.open(editor.root / name, (editor.root / name).read_text()) for name in names] == [[], [], []]


STAGES = """\
name: orders
pipeline:
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: orders, branch: main}]
    - name: Next
      actions:
        - """


def action(text: str) -> str:
    """A definition with an action."""
    return f"{STAGES}{text}\n"


def approval(text: str) -> str:
    return action(f"kind: approval\n          name: Ask\n          {text}")


def web(text: str) -> str:
    """A definition with the fleet's blueprint, and an argument."""
    return f"blueprint: web\nwith:\n  service: orders\n  {text}\n"


def deployment(text: str) -> str:
    return f"name: orders\nservices:\n  web:\n    deployment:\n      {text}\n"


@pytest.mark.parametrize("value", ["a", "!Ref A", "{Ref: A}", "!If [A, b, !Sub c]", '"#{A.B}"'])
def test_a_key_has_the_text_of_its_field_for_any_value(editor: Editor, value: str) -> None:
    file, text = editor.file("written/{}.yaml"), approval(f"topic: {value}")
    editor.server.open(file, text)
    line = text.rstrip().count("\n")
    shown = [words(editor.server.hover(file, line - up, 10)) for up in (0, 1, 2)]
    of_fields = documentation(Approval)
    expected = [of_fields["topic"], of_fields["name"], Approval.__doc__ or ""]
    assert [each.split()[:5] for each in shown] == [each.split()[:5] for each in expected]


def test_kinds_and_the_keys_of_the_chosen_one_are_offered(editor: Editor) -> None:
    kinds = editor.offers(action("kind: |"))
    assert kinds.keys() == KINDS.keys()
    assert kinds["github"] == "A repository on github.com."
    offered = editor.offers(approval("|"))
    assert {"topic", "message", "review_url", "timeout_minutes"} <= offered.keys()
    assert not {"repository", "images", "kind", "name"} & offered.keys()
    assert {"bake_minutes", "canary_percent"} <= editor.offers(deployment("kind: canary\n      |")).keys()
    assert "step_percent" not in editor.offers(deployment("kind: canary\n      |"))


def test_values_are_offered(editor: Editor) -> None:
    assert editor.offers(action("kind: docker-build\n          platform: |")).keys() == {"amd64", "arm64"}
    assert editor.offers(deployment("kind: |")).keys() == {
        "rolling",
        "blue-green",
        "canary",
        "linear",
        "codedeploy",
    }
    assert editor.offers("blueprint: web\nenvironments:\n  - |").keys() == {"staging", "production"}


def test_blueprints_and_their_arguments_are_offered(editor: Editor) -> None:
    blueprints = editor.offers("blueprint: |")
    assert blueprints.keys() == catalog(read_fleet(editor.root)).keys()
    assert blueprints["web"] == "A web service with an approval before production"
    arguments = editor.offers(web("|"))
    assert {"cluster", "port", "approve", "size", "topic"} <= arguments.keys()
    assert arguments["port"] == "Where it listens"
    assert not {"repository", "language", "service"} & arguments.keys()
    assert "language" in editor.offers("blueprint: ecs-rolling\nwith:\n  service: orders\n  |")
    assert editor.offers(web("size: |")).keys() == {"small", "large"}


def test_the_keys_of_fleets_and_blueprints_are_offered(editor: Editor) -> None:
    fleet, blueprint = "fleets/{}/pipegen.yaml", "made/{}/blueprint.yaml"
    assert {"tags", "pipeline", "with"} <= editor.offers("defaults:\n  |", fleet).keys()
    assert {"port", "cluster"} <= editor.offers("defaults:\n  with:\n    |", fleet).keys()
    assert {"create_key", "emails"} <= editor.offers("foundation:\n  |", fleet).keys()
    assert {"type", "pattern"} <= editor.offers("summary: A\nparameters:\n  service:\n    |", blueprint).keys()
    start = "summary: A\ndefinition:\n  pipeline:\n    stages:\n      - actions:\n          - "
    assert editor.offers(f"{start}kind: |", blueprint).keys() == KINDS.keys()
    assert {"topic", "when", "loop"} <= editor.offers(f"{start}kind: approval\n            |", blueprint).keys()


WRONG = [
    (approval("mesage: hi"), "Property mesage is not allowed."),
    (approval("timeout_minutes: 1"), "Value is below the minimum of 5."),
    (approval("timeout_minutes: soon"), 'Incorrect type. Expected "integer | Expression | null".'),
    (approval("run_order: !Ref Order"), 'Incorrect type. Expected "integer | null".'),
    (approval("message: [a]"), 'Incorrect type. Expected "string | Expression | null".'),
    (approval("review_url: example.com"), "must be a URL that starts with https:// or http://"),
    (action("{kind: codebuild, name: B, commands: !Ref A}"), 'Incorrect type. Expected "array".'),
    (action("{kind: codebuild, name: B, docker: !Ref A}"), 'Incorrect type. Expected "boolean".'),
    (action("{kind: codebuild, name: B, environment: {1X: a}}"), "must be a letter or _, then letters, digits or _"),
    (action("{kind: aproval, name: B}"), "Value must be"),
    (web("port: 70000"), "Value is above the maximum of 65535."),
    (web("prt: 80"), "Property prt is not allowed."),
    (web("size: huge"), 'Value is not accepted. Valid values: "small", "large".'),
    ("blueprint: web\nwith: {service: A B}\n", "must match [a-z-]{1,20}"),
    ("blueprint: web\n", 'Missing property "with".'),
    ("name: orders\n", 'Missing property "pipeline".'),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=lambda value: value[-40:])
def test_what_is_wrong_is_reported(editor: Editor, text: str, message: str) -> None:
    found = editor.problems(text)
    assert any(each.startswith(message) for each in found), found


def test_a_tag_that_cloudformation_does_not_have_is_reported(editor: Editor) -> None:
    assert editor.problems(approval("message: !Reff A")) == ["Unresolved tag: !Reff"]


def test_a_file_of_init_names_its_schema_itself(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(editor.root)
    result = run("init", "kept/cart.yaml", "--blueprint", "web", "--no-input", "--set", "service=cart")
    assert result.exit_code == 0, result.stderr
    file = editor.root / "kept" / "cart.yaml"
    text = file.read_text()
    assert editor.server.open(file, text) == []
    wrong = file.with_name("wrong.yaml")
    assert [each["message"] for each in editor.server.open(wrong, text + "  prt: 80\n")] == [
        "Property prt is not allowed."
    ]
