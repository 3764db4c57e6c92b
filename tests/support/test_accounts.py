"""Stacks of several accounts and regions are in these, and what they make too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.test_examples_deployed import deploy_stacks, example_named, parameter_values
from tests.support.accounts import Accounts, contents
from tests.support.cloud import CommandFailed
from tests.support.deployed import NO_CHANGES, written

STAGING, PRODUCTION = "111111111111", "222222222222"
TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\nOutputs: {Topic: {Value: !Ref Topic, Export: {Name: topic}}}\n"


def test_an_example_is_deployed_to_one_account_and_nothing_of_it_to_another(accounts: Accounts) -> None:
    staging, production = accounts.at(STAGING), accounts.at(PRODUCTION)
    nothing = contents(production)
    example = example_named("service_rolling")
    deploy_stacks(example, staging, parameter_values(example, staging))
    found = contents(staging)
    assert found["stacks"] == tuple(sorted(example.stacks))
    assert found["services"] == ("espresso-production/espresso-production", "espresso-staging/espresso-staging")
    assert found["task definitions"] == ("espresso-production:1", "espresso-staging:1")
    assert found["repositories"] == ("espresso",)
    assert len(found["images"]) == 2
    assert contents(production) == contents(accounts.cloud) == nothing == {}
    assert all(NO_CHANGES in said for said in deploy_stacks(example, staging, {}))


def test_accounts_and_regions_have_stacks_of_the_same_name(accounts: Accounts, tmp_path: Path) -> None:
    template = written(tmp_path, TOPIC)
    places = [accounts.at(STAGING), accounts.at(PRODUCTION), accounts.at(PRODUCTION, "us-west-2")]
    for place in places:
        place.deploy(template, "shared")
    found = [place.aws_json("sns", "list-topics")["Topics"] for place in places]
    starts = [f"arn:aws:sns:{place.region}:{place.account}:shared-" for place in places]
    assert all(topic["TopicArn"].startswith(start) for [topic], start in zip(found, starts, strict=True))
    places[0].aws("cloudformation", "delete-stack", "--stack-name", "shared")
    assert [contents(place) for place in places] == [{}, {"stacks": ("shared",)}, {"stacks": ("shared",)}]


def test_an_export_is_one_of_its_account(accounts: Accounts, tmp_path: Path) -> None:
    accounts.at(STAGING).deploy(written(tmp_path, TOPIC), "shared")
    importing = written(tmp_path, TOPIC.replace("{Topic: {Value: !Ref Topic", "{Topic: {Value: !ImportValue topic"))
    importing.write_text("Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue topic}}}")
    with pytest.raises(CommandFailed) as failure:
        accounts.at(PRODUCTION).deploy(importing, "importing")
    assert "No export named topic found" in failure.value.__notes__[0]


def test_a_profile_is_in_its_account(accounts: Accounts, tmp_path: Path) -> None:
    profiles = {"staging": accounts.at(STAGING), "production": accounts.at(PRODUCTION)}
    person = accounts.person(tmp_path / "config", profiles)
    assert person.aws("sts", "get-caller-identity", check=False).returncode != 0
    for profile, there in profiles.items():
        assert person.aws_json("--profile", profile, "sts", "get-caller-identity")["Account"] == there.account
