"""Names that two definitions of a fleet would both take, and those that they may share."""

from __future__ import annotations

import json
import re

import pytest

from tests.examples import EXAMPLES, ROOT
from tests.fleets import FLEET, FleetDirectory, fleet, loaded
from tests.support.command import problems_in, run

__all__ = ["fleet", "loaded"]

PUSHING = """\
name: {name}
{more}
pipeline:
  name: {pipeline}
  stages:
    - name: Source
      actions: [{{kind: codecommit, name: App, repository: app, branch: main}}]
    - name: Build
      actions:
        - kind: docker-build
          name: Image
          images: [{{container: app, repository: {{name: {repository}, create: true}}}}]
"""
GUARDED = (ROOT / "examples/guarded_service.yaml").read_text()
BOOKING = next(each.parameters for each in EXAMPLES if each.name == "guarded_service")
SHARED = (ROOT / "examples/service_shared_listener.yaml").read_text()


LISTENER = r"arn:aws:elasticloadbalancing:eu-west-1:\1:listener/app/shared/50dc6c495c0c9188/{}"
PARAMETERS = f'VpcId: vpc-0a1b2c3d, ListenerArn: "{LISTENER}", OtherArn: "{LISTENER}"'
GIVEN = re.sub(
    r'account: "(\d+)", region: eu-west-1}',
    rf'account: "\1", region: eu-west-1, parameters: {{{PARAMETERS.format("f1", "f1")}}}}}',
    FLEET,
)


def pushing(fleet: FleetDirectory, name: str, pipeline: str = "", repository: str = "", more: str = "") -> None:
    text = PUSHING.format(name=name, pipeline=pipeline or name, repository=repository or name, more=more)
    fleet.write(f"services/{name}.yaml", text)


def reported(fleet: FleetDirectory, command: str = "render") -> list[str]:
    """The problems, with places as seen from the fleet."""
    result = fleet.run(command=command)
    lines = [
        line.replace(f"{fleet.root}/services/", "")
        for line in problems_in(result.stderr)
        if "[duplicate-" in line or "[listener-" in line
    ]
    assert result.exit_code == bool(lines), result.stderr
    return lines


@pytest.mark.parametrize("command", ["render", "validate"])
def test_a_name_of_a_definition_is_used_once_in_any_case(command: str, fleet: FleetDirectory) -> None:
    fleet.plain("Orders", file="zebra")
    assert reported(fleet, command) == [
        "zebra.yaml:1:1: error: orders.yaml already has a definition named orders; "
        "rename one of the two [duplicate-definition]\norders.yaml: note: related location"
    ]


def test_what_comes_later_is_not_written_and_the_first_has_the_name(fleet: FleetDirectory) -> None:
    fleet.plain("orders", "Mine", file="aardvark")
    fleet.run("--jobs", "2")
    assert "message: Mine" not in fleet.files()["orders/orders-pipeline.yaml"]
    assert fleet.manifest["definitions"]["orders"]["source"] == "services/aardvark.yaml"


def test_names_of_pipelines_and_repositories_are_taken_once(fleet: FleetDirectory) -> None:
    pushing(fleet, "one", pipeline="same")
    pushing(fleet, "two", pipeline="same")
    pushing(fleet, "three", repository="shop/app")
    pushing(fleet, "tree", repository="shop/app")
    assert [re.sub(r":\d+:\d+:", "", line) for line in reported(fleet)] == [
        "tree.yaml error: three.yaml also creates the repository shop/app; rename one of the two "
        "[duplicate-resource]\nthree.yaml: note: related location",
        "two.yaml error: one.yaml also creates the pipeline same; rename one of the two [duplicate-resource]\n"
        "one.yaml: note: related location",
    ]


def test_stacks_of_different_definitions_may_not_have_one_name(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", GIVEN)
    fleet.plain("shop-pipeline", file="b")
    fleet.write(
        "services/a.yaml", SHARED.replace("name: shelves", "name: shop").replace("catalog", "pipeline-pipeline")
    )
    assert "b.yaml:1:1: error: a.yaml also creates the stack shop-pipeline-pipeline" in reported(fleet)[0]


def test_where_they_do_not_meet_they_may_share_a_name(fleet: FleetDirectory) -> None:
    pushing(fleet, "one", repository="app", more="environments: [staging]")
    pushing(fleet, "two", repository="app", more="environments: [production]")
    assert reported(fleet) == []
    pushing(fleet, "two", repository="app", more="environments: [production, staging]")
    assert len(reported(fleet)) == 1


@pytest.mark.parametrize(
    ("account", "region", "clash"),
    [("111111111111", "eu-west-1", 1), ("111111111111", "eu-central-1", 0), ("999999999999", "eu-west-1", 0)],
)
def test_environments_of_one_account_and_region_are_one_place(
    account: str, region: str, clash: int, fleet: FleetDirectory
) -> None:
    fleet.write("pipegen.yaml", FLEET + f'  canary: {{account: "{account}", region: {region}}}\n')
    pushing(fleet, "one", repository="app", more="environments: [staging]")
    pushing(fleet, "two", repository="app", more="environments: [canary]")
    assert len(reported(fleet)) == clash


def test_what_is_not_known_of_an_environment_may_be_the_same(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET + "  canary: {}\n")
    pushing(fleet, "one", repository="app", more="environments: [staging]")
    pushing(fleet, "two", repository="app", more="environments: [canary]")
    assert len(reported(fleet)) == 1


def test_what_is_up_to_date_takes_part(fleet: FleetDirectory, loaded: list[str]) -> None:
    pushing(fleet, "one", repository="app")
    assert reported(fleet) == []
    pushing(fleet, "two", repository="app")
    loaded.clear()
    assert len(reported(fleet)) == 1
    assert loaded == ["two"]
    pushing(fleet, "two")
    assert reported(fleet) == []


def test_names_with_parameters_are_compared_by_their_values(fleet: FleetDirectory, loaded: list[str]) -> None:
    """One has the value as its parameter's default, the other in a parameter that the environments give."""
    fleet.write("pipegen.yaml", FLEET.replace("region: eu-west-1}", "region: eu-west-1, parameters: {Team: shop}}"))
    named = 'overrides: {PipelineRole: {RoleName: !Sub "${%s}-${AWS::Region}"}}\nparameters: {%s: {Type: String%s}}\n'
    pushing(fleet, "one", more=named % ("Team", "Team", ""))
    assert reported(fleet) == []
    names = json.loads(fleet.cache.read_text())["definitions"]["one"]["names"]
    assert ["AWS::IAM::Role", [{"Ref": "Team"}, "-", {"Ref": "AWS::Region"}]] in names
    loaded.clear()
    for default, count in (("shop", 1), ("shelf", 0)):
        pushing(fleet, "two", more=named % ("Group", "Group", f", Default: {default}"))
        lines = reported(fleet)
        assert len(lines) == count
        assert all("also creates the role ${Group}-${AWS::Region}" in line for line in lines)
    assert set(loaded) == {"two"}


def test_an_earlier_file_that_takes_a_name_later_leaves_the_other_as_it_was(fleet: FleetDirectory) -> None:
    pushing(fleet, "two", repository="app")
    assert reported(fleet) == []
    before = fleet.files()["two/two-pipeline.yaml"]
    pushing(fleet, "one", repository="app")
    first, second = reported(fleet), reported(fleet)
    assert first == second
    assert first[0].startswith("two.yaml:")
    assert fleet.files()["two/two-pipeline.yaml"] == before


def test_a_dns_name_in_a_hosted_zone_is_taken_once(fleet: FleetDirectory) -> None:
    given = {name: value.split(",") if name.endswith("Subnets") else value for name, value in BOOKING.items()}
    values = json.dumps(given).replace("123456789012", r"\1")
    parameters = rf'account: "\1", region: eu-west-1, parameters: {values}}}'
    fleet.write("pipegen.yaml", re.sub(r'account: "(\d+)", region: eu-west-1}', parameters, FLEET))
    one = GUARDED.replace("!Ref HostedZoneId}", "Z0123456789ABC, ipv6: true}")
    one = one.replace("test_port: 8443", "test_port: 8443\n      ip_address_type: dualstack")
    fleet.write("services/booking.yaml", one)
    assert reported(fleet, "validate") == []
    fleet.write("services/rental.yaml", one.replace("booking", "rental").replace("rental.example", "booking.example"))
    [line] = reported(fleet, "validate")
    assert re.match(
        r"rental\.yaml:\d+:\d+: error: booking\.yaml also creates the DNS record booking\.example\.com", line
    )
    number = int(line.split(":")[1])
    assert "booking.example.com" in (fleet.root / "services/rental.yaml").read_text().splitlines()[number - 1]
    fleet.write("services/rental.yaml", one.replace("booking", "rental").replace("Z0123456789ABC", "Z9876543210ABC"))
    assert reported(fleet, "validate") == []


def test_a_priority_on_a_listener_is_taken_once(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", GIVEN)
    fleet.write("services/shelves.yaml", SHARED)
    other = SHARED.replace("shelves", "tables").replace("catalog", "chairs").replace("search", "find")
    fleet.write("services/tables.yaml", other.replace("priority: 110", "priority: 111"))
    [line] = reported(fleet)
    assert line.startswith("tables.yaml:")
    assert "error: priority 120 on this listener is already used by shelves (shelves.yaml)" in line
    fleet.write("services/tables.yaml", other.replace("priority: 1", "priority: 2"))
    assert reported(fleet) == []


def test_a_listener_is_what_the_environment_says_that_it_is(fleet: FleetDirectory) -> None:
    for given, expected in ((GIVEN, 1), (re.sub('f1"}', 'f2"}', GIVEN), 0)):
        fleet.write("pipegen.yaml", given)
        fleet.write("services/shelves.yaml", SHARED)
        other = SHARED.replace("shelves", "tables").replace("catalog", "chairs").replace("search", "find")
        fleet.write("services/tables.yaml", other.replace("ListenerArn", "OtherArn"))
        assert len(reported(fleet)) == expected


def test_files_that_are_given_by_name_are_held_against_each_other_too(fleet: FleetDirectory) -> None:
    pushing(fleet, "one", repository="app")
    pushing(fleet, "two", repository="app")
    files = [str(fleet.root / f"services/{name}.yaml") for name in ("one", "two")]
    result = run("render", *files, "-o", fleet.out)
    assert result.exit_code == 1
    assert "duplicate-resource" in result.stderr
    assert not fleet.out.exists()


def test_a_name_with_spaces_is_shown_whole(fleet: FleetDirectory) -> None:
    alarm = "overrides:\n  PipelineRole: {RoleName: %s}\n"
    for name in ("one", "two"):
        pushing(fleet, name, more=alarm % "Deployer of apps")
    [line] = reported(fleet)
    assert "one.yaml also creates the role Deployer of apps" in line
