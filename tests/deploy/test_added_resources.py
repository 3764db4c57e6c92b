"""Changes of the resources that a definition adds to its stacks: CloudFormation replaces some of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipegen import facts
from tests.deploy.test_migrate import DEFINITION, ROLLING
from tests.support.command import run

ADDED = """\
  resources:
    Orders:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: !Ref Table
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        BillingMode: PAY_PER_REQUEST
    Limit:
      Type: AWS::Budgets::Budget
      Properties: {Budget: {BudgetName: orders, BudgetType: COST, TimeUnit: MONTHLY}}
"""
TEXT = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", ROLLING) + ADDED
TEXT = TEXT.replace("parameters:\n", "parameters:\n  Table: {Type: String, Default: orders}\n")
EDITS = {
    "a name": (
        ("TableName: !Ref Table", "TableName: purchases"),
        "out/shop-pipeline.yaml: warning: shop-pipeline: TableName of Orders would change, but CloudFormation would "
        "create another AWS::DynamoDB::Table and delete this one; restore it, or set UpdateReplacePolicy: Retain to "
        "keep this one [fixed-property]",
    ),
    "a property inside another": (
        ("BudgetName: orders", "BudgetName: shop"),
        "out/shop-pipeline.yaml: warning: shop-pipeline: Budget.BudgetName of Limit would change, but CloudFormation "
        "would create another AWS::Budgets::Budget and delete this one; restore it, or set UpdateReplacePolicy: Retain "
        "to keep this one [fixed-property]",
    ),
    "a name of a resource that is kept": (
        (
            "Properties:\n        TableName: !Ref Table",
            "UpdateReplacePolicy: Retain\n      Properties:",
        ),
        "out/shop-pipeline.yaml: warning: shop-pipeline: TableName of Orders would change, but CloudFormation would "
        "create another AWS::DynamoDB::Table and leave this one outside the stack; restore it [fixed-property]",
    ),
    "a property that replaces it at times": (
        ("KeySchema: [{AttributeName: id, KeyType: HASH}]", "KeySchema: [{AttributeName: id, KeyType: RANGE}]"),
        "out/shop-pipeline.yaml: warning: shop-pipeline: KeySchema of Orders would change, but CloudFormation may "
        "create another AWS::DynamoDB::Table and delete this one; restore it, or set UpdateReplacePolicy: Retain to "
        "keep this one [fixed-property]",
    ),
}


def write(directory: Path, text: str) -> Path:
    file = directory / "shop.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(("edit", "message"), EDITS.values(), ids=EDITS.keys())
def test_a_change_that_replaces_an_added_resource_is_a_warning(
    edit: tuple[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("render", write(tmp_path, TEXT), "-o", "out").exit_code == 0
    assert edit[0] in TEXT
    changed = write(tmp_path, TEXT.replace(*edit))
    checked = run("render", changed, "-o", "out", "--check")
    assert (checked.exit_code, message.replace("warning", "error") in checked.stderr.splitlines()) == (1, True)
    done = run("render", changed, "-o", "out")
    assert (done.exit_code, [line for line in done.stderr.splitlines() if "fixed-property" in line]) == (0, [message])


def test_other_changes_of_added_resources_are_not_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("render", write(tmp_path, TEXT), "-o", "out")
    changed = TEXT.replace("TimeUnit: MONTHLY", "TimeUnit: DAILY").replace("PAY_PER_REQUEST", "PROVISIONED")
    done = run("render", write(tmp_path, changed), "-o", "out", "--check")
    assert "changed   out/shop-pipeline.yaml" in done.stdout
    assert "fixed-property" not in done.stderr


def test_another_type_under_the_same_logical_id_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("render", write(tmp_path, TEXT), "-o", "out")
    changed = write(tmp_path, TEXT.replace("Type: AWS::Budgets::Budget", "Type: Custom::Budget"))
    assert (
        "out/shop-pipeline.yaml: error: shop-pipeline: the type of Limit would change from AWS::Budgets::Budget to "
        "Custom::Budget, which CloudFormation rejects; give the new resource another logical ID [fixed-property]"
    ) in run("render", changed, "-o", "out").stderr.splitlines()


def test_a_parameter_with_another_value_replaces_a_resource_too(tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    (root / "services").mkdir(parents=True)
    values = {"VpcId": "vpc-0a1b2c3d", "Subnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"], "Table": "orders"}
    (root / "services" / "shop.yaml").write_text(TEXT)

    def render(**changes: str) -> str:
        environment = {"account": "111111111111", "region": "eu-west-1", "parameters": values | changes}
        fleet = {"environments": {"staging": environment}, "render": {"output": "out"}}
        (root / "pipegen.yaml").write_text(json.dumps(fleet))
        done = run("render", root)
        assert done.exit_code == 0, done.stderr
        return done.stderr

    assert "fixed-property" not in render()
    assert (
        "warning: shop-pipeline: TableName of Orders would change with the parameter Table of staging, but "
        "CloudFormation would create another AWS::DynamoDB::Table and delete this one; "
    ) in render(Table="purchases")


def test_the_properties_of_every_resource_type_are_known() -> None:
    assert facts.create_only("AWS::SQS::Queue") == (("FifoQueue", "QueueName"), ())
    assert facts.create_only("AWS::EC2::SecurityGroup")[0] == ("GroupDescription", "GroupName", "VpcId")
    assert facts.create_only("Custom::Budget") == ((), ())
