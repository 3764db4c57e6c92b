"""What cfn-lint finds, as `pipegen validate` reports it."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipegen import load, render
from pipegen.errors import spell
from pipegen.lint import _linter, findings
from pipegen.lint.messages import readable
from pipegen.lint.shapes import shape_of
from pipegen.rendering import RenderedStack
from tests.examples import ROOT
from tests.mutants.mutant import DEFINITIONS
from tests.support.command import problems_in, run, without_summary

CLEAN = "checked 1 definition: no problems\n"
TAGS = "tags: {team: !Sub shop}\n"
"""cfn-lint warns of it, and pipegen has no opinion on it."""
DEFINITION = f"""\
name: orders
{TAGS}pipeline:
  stages:
    - name: Source
      actions:
        - {{kind: codecommit, name: App, repository: orders, branch: main}}
    - name: Build
      actions:
        - {{kind: codebuild, name: Test, commands: [make test]}}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a definition, where cfn-lint has something to say."""
    (tmp_path / "orders.yaml").write_text(DEFINITION)
    monkeypatch.chdir(tmp_path)
    return tmp_path


LINE = (
    "orders.yaml:2:8: warning: W1020 'Fn::Sub' isn't needed because there are no variables "
    "(ArtifactBucket.Tags.0.Value in orders-pipeline.yaml) [cfn-lint]\n"
)


def test_cfn_lint_is_run_by_default_and_its_findings_are_at_the_lines_of_the_definition(here: Path) -> None:
    shown = run("validate", "orders.yaml", None)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert without_summary(shown.stderr) == LINE


def test_its_own_configuration_is_heeded(here: Path) -> None:
    (here / ".cfnlintrc").write_text("ignore_checks: [W1020]\n")
    _linter.cache_clear()
    try:
        assert run("validate", "orders.yaml", "--lint").stderr == CLEAN
    finally:
        _linter.cache_clear()


def test_a_finding_about_one_line_is_reported_once_for_all_resources_that_have_it(here: Path) -> None:
    assert len(problems_in(run("validate", "orders.yaml", "--lint").stderr)) == 1


def test_a_finding_about_an_added_output_is_at_its_line(here: Path) -> None:
    added = (
        "pipeline:\n  resources: {Queue: {Type: AWS::SQS::Queue}}\n  outputs:\n    Url: {Value: !GetAtt Queue.Nope}\n"
    )
    (here / "orders.yaml").write_text(DEFINITION.replace("pipeline:\n", added))
    [line] = [line for line in problems_in(run("validate", "orders.yaml", "--lint").stderr) if "E6101" in line]
    assert line.startswith("orders.yaml:6:11: error: ")


def test_it_is_turned_off(here: Path) -> None:
    assert run("validate", "orders.yaml", "--no-lint").stderr == CLEAN


def test_without_cfn_lint_it_is_left_out(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cfnlint", None)
    shown = run("validate", "orders.yaml", None)
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", CLEAN)


def test_without_cfn_lint_asking_for_it_says_how_to_install_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cfnlint", None)
    shown = run("validate", "orders.yaml", "--lint")
    assert shown.exit_code == 2
    assert shown.stderr == "pipegen: --lint needs cfn-lint, which is not installed: pip install 'pipegen-aws[lint]'\n"


def test_a_definition_with_errors_is_not_linted(here: Path) -> None:
    (here / "orders.yaml").write_text(DEFINITION.replace("branch: main", "branch: ''"))
    assert "cfn-lint" not in run("validate", "orders.yaml", "--lint").stderr


def test_objects_of_python_are_named_by_their_lines(here: Path) -> None:
    text = (ROOT / "examples" / "rolling.py").read_text()
    text = text.replace('tags={"team": "coffee"}', 'tags={"team": Sub("coffee")}')
    text = text.replace("from pipegen", "from troposphere import Sub\n\nfrom pipegen", 1)
    (here / "orders.py").write_text(text)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith("expresso = "))
    shown = run("validate", "orders.py", "--lint").stderr
    assert shown.startswith(f"orders.py:{line}: warning: expresso.tags.team: W1020 "), shown


FLEET = "foundation: {name: delivery}\n"


@pytest.fixture
def fleet(here: Path) -> Path:
    """Two definitions that differ in values alone, and two whose overrides do."""
    (here / "orders.yaml").unlink()
    (here / "pipegen.yaml").write_text(FLEET)
    (here / "services").mkdir()
    override = "overrides: {{TestProject: {{TimeoutInMinutes: {}}}}}\n"
    for name, more in {"carts": "", "orders": "", "stock": override.format(10), "tills": override.format(20)}.items():
        text = DEFINITION.replace("name: orders", f"name: {name}").replace("repository: orders", f"repository: {name}")
        (here / "services" / f"{name}.yaml").write_text(text + more)
    return here


def files_of(output: str) -> list[str]:
    return [line.split(":")[0] for line in problems_in(output)]


def test_of_a_fleet_one_template_of_each_shape_is_linted(fleet: Path) -> None:
    shown = run("validate", ".", None)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert files_of(shown.stderr) == ["services/carts.yaml", "services/stock.yaml", "services/tills.yaml"]


def test_of_a_fleet_every_template_is_linted_if_asked_for(fleet: Path) -> None:
    shown = run("validate", ".", "--lint")
    names = ("carts", "orders", "stock", "tills")
    assert files_of(shown.stderr) == [f"services/{name}.yaml" for name in names]


def test_the_foundation_of_a_fleet_is_linted(fleet: Path) -> None:
    (fleet / "pipegen.yaml").write_text("foundation: {name: delivery, tags: {team: !Sub shop}}\n")
    assert files_of(run("validate", ".", None).stderr)[0] == "pipegen.yaml"


def test_of_a_fleet_nothing_is_linted_where_it_is_turned_off(fleet: Path) -> None:
    assert run("validate", ".", "--no-lint").stderr == "checked 5 definitions: no problems\n"


Change = Callable[[dict[str, Any]], None]


def changed_template(name: str, part: str, change: Change) -> tuple[Any, RenderedStack]:
    """A definition, and one of its templates after it was changed."""
    [definition] = load(DEFINITIONS / f"{name}.yaml")
    [stack] = [each for each in render(definition).stacks if each.stack.name.endswith(f"-{part}")]
    document = copy.deepcopy(dict(stack.document))
    change(document)
    return definition, replace(stack, document=document)


def reported(name: str, part: str, change: Change) -> list[tuple[str, str, str]]:
    """Severity, path and text of what is found about it."""
    definition, stack = changed_template(name, part, change)
    return [(each.severity, spell(each.path), each.text) for each in findings(definition, [stack])]


def resource(document: dict[str, Any], name: str) -> Any:
    return document["Resources"][name]["Properties"]


def many(document: dict[str, Any]) -> None:
    resource(document, "Service")["DesiredCount"] = "many"


def test_an_error_is_at_the_field_that_has_the_value() -> None:
    def change(document: dict[str, Any]) -> None:
        resource(document, "LoadBalancer")["Subnets"] = {"Ref": "Vpc"}

    [(severity, path, _)] = [each for each in reported("bitbucket_service", "web", change) if "E1020" in each[2]]
    assert (severity, path) == ("error", "services.web.network.vpc_id")


def test_a_property_without_a_field_of_its_value_is_at_the_field_of_its_name() -> None:
    [(_, path, text)] = reported("spot_worker", "sorter", many)
    assert path == "services.sorter.desired_count"
    assert text == "E3012 'many' is not of type 'integer' (Service.DesiredCount in sorting-sorter.yaml)"


def test_what_only_pipegen_writes_is_at_the_origin_of_the_resource() -> None:
    def change(document: dict[str, Any]) -> None:
        resource(document, "TaskRole")["Pth"] = "/"

    assert [path for _, path, _ in reported("spot_worker", "sorter", change)] == ["services.sorter"]


def test_an_override_is_at_its_own_line() -> None:
    def change(document: dict[str, Any]) -> None:
        resource(document, "PipelineRole")["MaxSessionDuration"] = 600

    [(_, path, _)] = reported("conditional", "pipeline", change)
    assert path == "overrides.PipelineRole.MaxSessionDuration"


def test_the_value_of_a_parameter_is_at_its_default_and_nothing_else_is_reported_of_it() -> None:
    def change(document: dict[str, Any]) -> None:
        document["Parameters"]["Vpc"]["Type"] = "AWS::EC2::Vpc::Id"

    [(_, path, text)] = reported("discovery", "geo", change)
    assert path == "parameters.Vpc.Type"
    assert text.startswith("E2002 'AWS::EC2::Vpc::Id' is not one of ")


def test_a_parameter_that_is_not_used_is_reported_only_if_nothing_else_is_wrong() -> None:
    def unused(document: dict[str, Any]) -> None:
        document["Parameters"] = {"Stage": {"Type": "String", "Default": "staging"}}

    def wrong(document: dict[str, Any]) -> None:
        unused(document)
        resource(document, "PipelineRole")["MaxSessionDuration"] = 600

    assert [text[:5] for _, _, text in reported("spot_worker", "pipeline", unused)] == ["W2001"]
    assert [text[:5] for _, _, text in reported("spot_worker", "pipeline", wrong)] == ["E3034"]


def test_what_is_reported_already_is_not_repeated() -> None:
    definition, stack = changed_template("spot_worker", "sorter", many)
    [problem] = findings(definition, [stack])
    assert findings(definition, [stack], [problem]) == []


def test_a_long_list_of_choices_becomes_the_nearest_one() -> None:
    message = "'DnsName' is not one of ['A', 'B', 'C', 'D', 'E', 'F', 'DNSName'] in ['us-east-1']"
    assert readable(message) == ("'DnsName' is not one of 7 values in ['us-east-1']", 'did you mean "DNSName"?')
    assert readable("'a' is not one of ['b', 'c']") == ("'a' is not one of ['b', 'c']", "")
    assert readable("{'Ref': 'Vpc'} is not of type 'array'.") == ("!Ref Vpc is not of type 'array'", "")


def test_templates_have_one_shape_if_they_differ_in_values() -> None:
    text = (DEFINITIONS / "external.yaml").read_text()
    assert shape(text) == shape(text.replace("cpu: 512", "cpu: 256").replace("name: kiosk\n", "name: till\n", 1))
    assert shape(text) == shape(text.replace("ports: [8080]", "ports: [8080, 8081]"))
    assert shape(text) != shape(text.replace("ports: [8080]", "ports: [8080], user: root"))


def shape(text: str) -> list[str]:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "x.yaml"
        file.write_text(text)
        [definition] = load(file)
        return [shape_of(each.document) for each in render(definition).stacks]
