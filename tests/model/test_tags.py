"""Tags: what IAM would not take is refused where it is written."""

from __future__ import annotations

import pytest
from troposphere import If, Join, Sub

from pipegen.model.tags import tag_problems
from tests.fleets import FLEET, FleetDirectory, fleet

__all__ = ["fleet"]


@pytest.mark.parametrize("value", ["", "a b", "é ß 東京", "a_.:/=+-@b", "x" * 256, "42", "{{resolve:ssm:/x}}-b"])
def test_what_iam_takes_is_taken(value: str) -> None:
    assert not list(tag_problems({"key with spaces/and:signs": value}))


@pytest.mark.parametrize(
    "value",
    [
        *("a&b", "a,b", "a\tb", "a#b", "a(b)", "a*b", "a;b", "a'b", "a\U0001f600", "aws:a", "AWS:a", "x" * 257),
        *(Sub("${A}&"), Sub("${A}-${!B}"), Join("&", ["a", "b"]), Join("-", ["a", "b&"]), If("A", "b", "c&")),
    ],
    ids=lambda value: ascii(value if isinstance(value, str) else value.to_dict())[:40],
)
def test_what_iam_rejects_is_rejected(value: object) -> None:
    [problem] = tag_problems({"key": value})
    assert (problem.code, problem.path) == ("tags", ("tags", "key"))


@pytest.mark.parametrize("key", ["", "aws:a", "Aws:a", "a&b", "x" * 129])
def test_keys_are_held_to_the_same(key: str) -> None:
    [problem] = tag_problems({key: "value"})
    assert problem.path == ("tags", key)


def test_a_tag_of_a_fleet_is_rejected_once_in_the_fleets_file(fleet: FleetDirectory) -> None:
    fleet.plain("orders")
    fleet.plain("cart")
    fleet.write("pipegen.yaml", f"{FLEET}tags: {{team: a & b}}\n")
    result = fleet.run()
    assert result.exit_code == 1
    assert [line for line in result.stderr.splitlines() if "[tags]" in line] == [
        line for line in result.stderr.splitlines() if "pipegen.yaml" in line and 'cannot be "a & b"' in line
    ]
    assert result.stderr.count('cannot be "a & b"') == 1


def test_a_value_of_an_environment_that_becomes_a_tag_is_rejected_there(fleet: FleetDirectory) -> None:
    fleet.plain("orders", more="parameters: {Team: {Type: String}}\ntags: {team: !Ref Team}\n")
    given = FLEET.replace("region: eu-west-1}", "region: eu-west-1, parameters: {Team: a & b}}")
    assert given != FLEET
    fleet.write("pipegen.yaml", given)
    result = fleet.run()
    assert ": error: Team of staging is the value of the tag team, and it has the character '&'" in result.stderr


def test_a_value_that_an_environment_lacks_is_reported_once_for_all_definitions(fleet: FleetDirectory) -> None:
    for number in range(7):
        fleet.plain(f"orders{number}", more="parameters: {Topic: {Type: String}, Team: {Type: String}}\n")
    result = fleet.run()
    lines = [line for line in result.stderr.splitlines() if "parameter-missing" in line]
    assert result.exit_code == 1
    assert len(lines) == 2
    assert all("7 files need it: services/orders0.yaml, services/orders1.yaml, " in line for line in lines)
    assert all(" and 2 more; set it in environments." in line for line in lines)
