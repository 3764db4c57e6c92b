"""Reports of `validate` and `render` in formats for programs, the summary, and definitions on standard input."""

from __future__ import annotations

import email.message
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.examples import EXAMPLES
from tests.support import rejects
from tests.support.command import run

SARIF_SCHEMA = Path(rejects.__file__).parent / "sarif-schema-2.1.0.json"
"""https://github.com/oasis-tcs/sarif-spec/blob/e0583813964ec43cea53b6b531b402866095ed1f/sarif-2.1/schema/sarif-schema-2.1.0.json"""

RIGHT = rejects.bases()["approved"]
WRONG = RIGHT.replace("kind: approval", "kind: approval\n      timeout_minutes: 1")
BLUEPRINT = {
    "platform/web/blueprint.yaml": "summary: s\nparameters:\n  port: {type: integer}\ndefinition: {name: a}\n",
    "orders.yaml": "blueprint: ./platform/web\nwith: {port: x}\n",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return tmp_path


def write(files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)


def report(*arguments: str | Path) -> dict[str, Any]:
    """The report in JSON, which is all that is on standard output and fits its schema."""
    found: dict[str, Any] = json.loads(run(*arguments, "--format", "json").stdout)
    jsonschema.validate(found, json.loads(run("schema", "report").stdout))
    return found


def sarif(*arguments: str | Path) -> dict[str, Any]:
    """The one run of a report in SARIF, which fits the schema of OASIS."""
    found = json.loads(run(*arguments, "--format", "sarif").stdout)
    schema = json.loads(SARIF_SCHEMA.read_text())
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(found)
    [only] = found["runs"]
    return only  # type: ignore[no-any-return]


def test_every_problem_is_one_line_with_its_location_severity_fix_and_code() -> None:
    write({"orders.yaml": WRONG})
    result = run("validate", "orders.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "orders.yaml:14:7: error: timeout_minutes must be between 5 and 86,400, got 1 [out-of-range]\n"
        "checked 1 definition: 1 error\n"
    )


def test_a_related_location_follows_in_a_separate_line() -> None:
    write(BLUEPRINT)
    assert run("validate", "orders.yaml").stderr == (
        'orders.yaml:2:8: error: port must be an integer, got "x" [wrong-argument]\n'
        "platform/web/blueprint.yaml:3:3: note: related location\n"
        "checked 1 definition: 1 error\n"
    )


@pytest.mark.parametrize("name", ["unknown-key-parameter", "ecs-roles", "yaml-tag", "action-commands"])
def test_json_has_what_the_text_says(name: str, here: Path) -> None:
    file = rejects.cases()[name].write(here)
    lines = [re.fullmatch(r"(.+?): (\w+): (.+) \[(.+)\]", each) for each in rejects.cases()[name].output.splitlines()]
    found = report("validate", file)
    said = []
    for problem in found["problems"]:
        where = problem["location"]
        place = ":".join(str(where[key]) for key in ("file", "line", "column") if where[key])
        text = "; ".join(filter(None, (problem["message"], problem["fix"])))
        said.append((place, problem["severity"], text, problem["code"]))
    shown = [line.groups() for line in lines if line]
    assert [each[:2] + each[3:] for each in said] == [each[:2] + each[3:] for each in shown]
    assert all(full.endswith(text) for (_, _, text, _), (_, _, full, _) in zip(said, shown, strict=True))
    assert found["summary"]["errors"] == sum(line[1] == "error" for line in shown)


@pytest.mark.parametrize("files", [("a.yaml", "b.yaml", "c.yaml"), (".",)], ids=["files", "a fleet"])
def test_problems_are_in_the_order_of_their_locations(files: tuple[str, ...]) -> None:
    wrong = WRONG.replace("kind: codecommit", "tag: x\n      kind: codecommit") + "tags: {'aws:team': x}\n"
    warned = rejects.cases()["ecs-roles"].content.decode()
    write({"pipegen.yaml": "definitions: ['[abc].yaml']\n", "a.yaml": warned, "b.yaml": wrong, "c.yaml": warned})
    shown = [re.match(r"(.+?):(\d+):(\d+): ", line) for line in run("validate", *files).stderr.splitlines()]
    places = [(line[1], int(line[2]), int(line[3])) for line in shown if line]
    names = [*dict.fromkeys(file for file, *_ in places)]
    assert places == sorted(places, key=lambda place: (names.index(place[0]), *place[1:]))
    assert names == ["a.yaml", "b.yaml", "c.yaml"]
    assert len(places) == 5
    located = [each["location"] for each in report("validate", *files)["problems"]]
    assert [(each["file"], each["line"], each["column"]) for each in located] == places


def test_json_has_related_locations_and_paths() -> None:
    write(BLUEPRINT)
    [problem] = report("validate", "orders.yaml")["problems"]
    assert problem["related"] == [{"file": "platform/web/blueprint.yaml", "line": 3, "column": 3}]
    write({"orders.yaml": WRONG})
    [problem] = report("validate", "orders.yaml")["problems"]
    assert problem["path"] == "pipeline.stages[1].actions[0].timeout_minutes"


def test_annotations_of_github_escape_what_would_end_a_value() -> None:
    name = "a,b 100%:c/orders.yaml"
    write({name: "name: 5\n"})
    result = run("validate", name, "--format", "github")
    first, *_, last = result.stdout.splitlines()
    assert first.startswith(
        "::error file=a%2Cb 100%25%3Ac/orders.yaml,line=1,col=1,title=pipegen wrong-type::name must be"
    )
    assert (result.exit_code, last) == (1, "checked 1 definition: 2 errors")
    write(BLUEPRINT)
    [line, _] = run("validate", "orders.yaml", "--format", "github").stdout.splitlines()
    assert line.endswith("[wrong-argument]%0Arelated location: platform/web/blueprint.yaml:3:3")


def test_severities_are_those_of_github() -> None:
    write({"orders.yaml": rejects.cases()["ecs-roles"].content.decode()})
    [line, _] = run("validate", "orders.yaml", "--format", "github").stdout.splitlines()
    assert line.startswith("::warning file=orders.yaml,line=19,col=7,")


def test_paths_for_github_are_those_of_the_checkout(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(here))
    write({"services/orders.yaml": "name: 5\n"})
    monkeypatch.chdir("services")
    assert "file=services/orders.yaml," in run("validate", "orders.yaml", "--format", "github").stdout
    assert "file=services/orders.yaml," in run("validate", here / "services/orders.yaml", "--format", "github").stdout
    for found in sarif("validate", "orders.yaml")["results"]:
        assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "services/orders.yaml"


@pytest.mark.parametrize(
    ("urls", "address"),
    [
        (["Documentation, https://docs.example.com/"], "https://docs.example.com/checks/template/#template-size"),
        (None, "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"),
    ],
    ids=["with an address of the documentation", "without one"],
)
def test_rules_of_sarif_link_the_page_that_explains_them(
    urls: list[str] | None, address: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = email.message.Message()
    for url in urls or ():
        installed["Project-URL"] = url
    monkeypatch.setattr("pipegen.cli.formats.sarif.metadata", lambda _: installed)
    rejects.cases()["template-size"].write(here)
    rules = {rule["id"]: rule for rule in sarif("validate", "orders.py")["tool"]["driver"]["rules"]}
    assert rules["template-size"]["helpUri"] == address
    assert "Example:" in rules["template-size"]["help"]["text"]


def test_sarif_has_rules_with_help_and_locations(here: Path) -> None:
    write(BLUEPRINT | {"with space/ä.yaml": RIGHT.replace("kind: approval", "kind: approval\n      ä: 1")})
    made = sarif("validate", "orders.yaml", "with space/ä.yaml")
    rules = {rule["id"]: rule for rule in made["tool"]["driver"]["rules"]}
    assert rules.keys() == {"wrong-argument", "unknown-key"}
    assert "**Fix:**" in rules["unknown-key"]["help"]["markdown"]
    first, second = made["results"]
    assert (first["ruleId"], first["level"]) == ("wrong-argument", "error")
    assert made["tool"]["driver"]["rules"][second["ruleIndex"]]["id"] == "unknown-key"
    [related] = first["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 3}
    [location] = second["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "with%20space/%C3%A4.yaml"


def test_columns_of_sarif_count_characters() -> None:
    write({"orders.yaml": "name: orders\npipeline: {stages: [{name: \N{PILE OF POO}\N{PILE OF POO}, actoins: []}]}\n"})
    made = sarif("validate", "orders.yaml")
    assert made["columnKind"] == "unicodeCodePoints"
    columns = [each["locations"][0]["physicalLocation"]["region"]["startColumn"] for each in made["results"]]
    line = Path("orders.yaml").read_text().splitlines()[1]
    assert line.index("actoins") + 1 in columns


@pytest.mark.parametrize("format", ["github", "json", "sarif"])
def test_files_that_would_change_are_problems_of_a_check(format: str, here: Path) -> None:
    file = str(EXAMPLES[0].yaml)
    assert run("render", file, "-o", "out").exit_code == 0
    clean = run("render", file, "-o", "out", "--check", "--format", format)
    assert (clean.exit_code, "outdated" in clean.stdout) == (0, False)
    [template, *_] = sorted(Path("out").iterdir())
    template.write_text("AWSTemplateFormatVersion: 2010-09-09\n")
    dirty = run("render", file, "-o", "out", "--check", "--format", format)
    assert (dirty.exit_code, "outdated" in dirty.stdout) == (1, True)
    assert f"out/{template.name}" in dirty.stdout
    assert dirty.stderr.startswith("changed ") or "changed " in dirty.stderr


def test_a_template_and_a_report_do_not_share_standard_output() -> None:
    write({"orders.yaml": RIGHT})
    result = run("render", "orders.yaml", "--format", "json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "-o DIR" in result.stderr


def test_the_format_of_templates_has_a_separate_option() -> None:
    write({"orders.yaml": RIGHT})
    assert run("render", "orders.yaml", "--template-format", "json").stdout.startswith("{")


def test_a_summary_counts_definitions_severities_and_files() -> None:
    warned = rejects.cases()["ecs-roles"].content.decode()
    write({"one.yaml": RIGHT, "two.yaml": warned.replace("name: orders", "name: shop", 1), "three.yaml": "name: 5\n"})
    said = {
        ("one.yaml",): "checked 1 definition: no problems",
        ("two.yaml",): "checked 1 definition: 1 warning",
        ("one.yaml", "two.yaml"): "checked 2 definitions: 1 warning in 1 file",
        ("one.yaml", "two.yaml", "three.yaml"): "checked 3 definitions: 2 errors, 1 warning in 2 files",
        ("missing.yaml",): "checked 1 definition: 1 error",
    }
    for files, summary in said.items():
        result = run("validate", *files)
        assert (result.stdout, result.stderr.splitlines()[-1]) == ("", summary)
        assert result.exit_code == ("error" in summary)


def test_a_definition_on_standard_input_is_one_of_the_working_directory() -> None:
    write({"pipegen.yaml": "defaults: {tags: {team: shop}, role_path: 5}\n"})
    result = run("validate", "-", input=RIGHT)
    assert result.exit_code == 1
    assert result.stderr.startswith("pipegen.yaml:1:32: error: role_path must be a string")
    write({"pipegen.yaml": "{}\n"})
    assert run("validate", "-", input=RIGHT).exit_code == 0
    wrong = run("validate", "-", input="name: 5\n")
    assert wrong.stderr.splitlines()[0].startswith("<stdin>:1:1: error: name must be a string")
    assert run("render", "-", input=RIGHT).stdout == run("render", "-", input=RIGHT).stdout != ""
    huge = run("validate", "-", input="#" * 1_000_001)
    assert huge.stderr.startswith("<stdin>: error: the file has more than 1,000,000 bytes; ")
