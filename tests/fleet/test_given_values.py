"""What the values of a fleet's environments make of permissions; and that a mistake in its file is reported once."""

from __future__ import annotations

import pytest

from tests.fleets import FLEET, FleetDirectory, fleet
from tests.support.command import problems_in, run

__all__ = ["fleet"]

DEFINITION = """\
name: NAME
parameters:
  Table: {Type: String}
  Role: {Type: String, Default: "arn:aws:iam::111111111111:role/deploy"}
  Account: {Type: String, Default: "111111111111"}
conditions: {Other: !Equals [!Ref Account, "222222222222"]}
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: app, branch: main}]}
    - name: Build
      actions:
        - kind: codebuild
          name: Build
          commands: [make]
          outputs: [{name: stack, files: [stack.yaml]}]
          grants: [{actions: ["dynamodb:GetItem"], resources: [!Ref Table]}]
    - name: Deploy
      actions:
        - kind: cloudformation
          name: Deploy
          stack_name: app
          template: {artifact: Build.stack, path: stack.yaml}
          role: ROLE
"""
TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
THEIRS = "arn:aws:iam::222222222222:role/deploy"
IN_ACCOUNT = '!Sub "arn:${AWS::Partition}:iam::${Account}:role/deploy"'


def reported(fleet: FleetDirectory) -> list[str]:
    return problems_in(fleet.run(command="validate").stderr.replace(f"{fleet.root}/", ""))


def reported_with(fleet: FleetDirectory, role: str = "!Ref Role", **values: str) -> list[str]:
    """What is reported of two definitions where staging, in the account 111111111111, has these values."""
    parameters = "".join(f"      {name}: {value!r}\n" for name, value in values.items())
    fleet.write(
        "pipegen.yaml", f'environments:\n  staging:\n    account: "111111111111"\n    parameters:\n{parameters}'
    )
    for file in (fleet.root / "services").iterdir():
        file.unlink()
    for name in ("billing", "orders"):
        fleet.write(f"services/{name}.yaml", DEFINITION.replace("NAME", name).replace("ROLE", role))
    return reported(fleet)


@pytest.mark.parametrize("value", ["orders", "table/orders", "arn:aws:dynamodb:eu-west-1:orders"])
def test_a_value_that_makes_a_permission_for_no_arn_is_reported_where_it_is_given(
    value: str, fleet: FleetDirectory
) -> None:
    assert reported_with(fleet, Table=value) == [
        f'pipegen.yaml:5:7: error: Table of staging: a permission has the resource "{value}", which is not an ARN; '
        "use the ARN, or write it with !Sub around the variable part [grant-resource]"
    ]


@pytest.mark.parametrize("value", [TABLE, "*"])
def test_a_value_that_makes_a_permission_for_an_arn_is_accepted(value: str, fleet: FleetDirectory) -> None:
    assert reported_with(fleet, Table=value) == []


@pytest.mark.parametrize(
    ("role", "name", "value", "arn"),
    [
        ("!Ref Role", "Role", THEIRS, THEIRS),
        (IN_ACCOUNT, "Account", "222222222222", THEIRS.replace("arn:aws:", "arn:…:")),
    ],
    ids=["an ARN", "an account"],
)
def test_a_role_of_another_account_is_reported_where_its_value_is_given(
    role: str, name: str, value: str, arn: str, fleet: FleetDirectory
) -> None:
    assert reported_with(fleet, role, Table=TABLE, **{name: value}) == [
        f"pipegen.yaml:6:7: error: {name} of staging: {arn} is passed to a service, but staging is in account "
        "111111111111; set the ARN of a role of that account [role-account]"
    ]
    assert reported_with(fleet, role, Table=TABLE, **{name: value.replace("2", "1")}) == []


def test_a_default_of_another_account_is_reported_in_the_environment_that_gives_no_value(fleet: FleetDirectory) -> None:
    fleet.write("services/orders.yaml", DEFINITION.replace("NAME", "orders").replace("ROLE", "!Ref Role"))
    fleet.write("pipegen.yaml", FLEET.replace('1"', f'1", parameters: {{Table: "{TABLE}"}}', 1))
    lines = [line for line in reported(fleet) if "role-account" in line]
    assert lines == [
        "pipegen.yaml:4:3: error: Role of production: arn:aws:iam::111111111111:role/deploy is passed to a "
        "service, but production is in account 222222222222; set the ARN of a role of that account [role-account]"
    ]


def test_a_role_that_a_condition_chooses_may_be_of_any_account(fleet: FleetDirectory) -> None:
    assert reported_with(fleet, f'!If [Other, "{THEIRS}", !Ref Role]', Table=TABLE) == []


def test_a_mistake_in_the_defaults_of_a_fleet_is_reported_once(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET + "defaults:\n  role_path: delivery\nfoundation: {name: delivery}\n")
    problem = "pipegen.yaml:6:3: error: role_path must be a path of at most 512 characters that begins and ends with /"
    assert reported(fleet) == [f'{problem}, such as /delivery/, got "delivery" [wrong-form]']
    files = [str(file) for file in (fleet.root / "services").glob("*.yaml")]
    assert len(files) > 1
    [line] = problems_in(run("validate", *files).stderr.replace(f"{fleet.root}/", ""))
    assert line.startswith(problem)


def test_a_mistake_in_a_value_of_a_fleet_is_reported_once(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET.replace('1"', '1", parameters: {Port: many}', 1))
    for name in ("billing", "orders"):
        fleet.plain(name, more="parameters: {Port: {Type: Number, Default: 1}}\n")
    [line] = [line for line in reported(fleet) if "parameter-value" in line]
    assert line.startswith("pipegen.yaml:3:51: error: Port of staging")


def test_a_mistake_that_two_definitions_make_is_reported_for_each(fleet: FleetDirectory) -> None:
    for name in ("billing", "orders"):
        fleet.plain(name, more="role_path: delivery\n")
    assert [line.partition(":")[0] for line in reported(fleet) if "wrong-form" in line] == [
        "services/billing.yaml",
        "services/orders.yaml",
    ]


@pytest.mark.parametrize(
    ("blueprint", "more", "argument"),
    [
        ("ecs-rolling", "", "first_image: …"),
        ("multi-image", ", sidecars: [{name: proxy, directory: proxy, port: 81}]", "first_images: {proxy: …}"),
    ],
)
def test_a_first_image_that_a_blueprint_takes_is_asked_for_where_the_blueprint_is_used(
    blueprint: str, more: str, argument: str, fleet: FleetDirectory
) -> None:
    fleet.write("pipegen.yaml", FLEET + "  china: {region: cn-north-1}\n")
    fleet.write("services/web.yaml", f"blueprint: {blueprint}\nwith: {{service: web, repository: acme/web{more}}}\n")
    lines = [line for line in reported(fleet) if "service-first-image" in line]
    assert lines
    assert all(line.startswith("services/web.yaml:2:1: ") for line in lines)
    assert any(f"such as your own: with: {{{argument}}} [service-first-image]\npipegen:" in line for line in lines)
