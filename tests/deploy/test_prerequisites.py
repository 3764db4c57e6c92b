"""What an account must have before a definition can be deployed."""

from __future__ import annotations

import shlex
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from pipegen import load
from pipegen.deploy.prerequisites import Prerequisite, prerequisites
from pipegen.loading.blueprints.catalog import catalog, own_directory

NETWORK = ["VpcId", "PublicSubnets", "PrivateSubnets"]
EXPECTED = {
    "ecs-blue-green": ["ConnectionArn", "CertificateArn", *NETWORK],
    "ecs-ec2": ["ConnectionArn", "CertificateArn", "VpcId", "PublicSubnets"],
    "ecs-hooks": ["ConnectionArn", "CertificateArn", *NETWORK],
    "ecs-native": ["ConnectionArn", "CertificateArn", *NETWORK],
    "ecs-rolling": ["ConnectionArn", "CertificateArn", *NETWORK],
    "ecs-shared-listener": ["ConnectionArn", "VpcId", "ListenerArn"],
    "monorepo": ["ConnectionArn", "VpcId", "PrivateSubnets", "ListenerArn", "LoadBalancerSecurityGroup"],
    "multi-image": ["ConnectionArn", "CertificateArn", *NETWORK],
    "promotion": ["ConnectionArn", "CertificateArn", *NETWORK],
    "worker": ["VpcId", "PrivateSubnets"],
}


def of(blueprint: str) -> list[Prerequisite]:
    [definition] = load(own_directory() / blueprint / "example.yaml")
    return list(prerequisites(definition))


@pytest.mark.parametrize("blueprint", catalog(None))
def test_a_blueprint_has_the_prerequisites_that_it_needs_and_no_others(blueprint: str) -> None:
    found = of(blueprint)
    assert [each.parameter for each in found] == EXPECTED[blueprint]
    assert all(each.description and each.find for each in found)


def test_a_connection_is_created_for_the_provider_of_the_source_and_completed_in_the_console() -> None:
    for blueprint, provider in (("ecs-rolling", "GitHub"), ("ecs-hooks", "GitLab"), ("multi-image", "Bitbucket")):
        [connection] = [each for each in of(blueprint) if each.parameter == "ConnectionArn"]
        assert f"--provider-type {provider} --connection-name " in connection.create
        assert connection.create.endswith("https://console.aws.amazon.com/codesuite/settings/connections")
        assert connection.find == f"aws codeconnections list-connections --provider-type-filter {provider}"


def test_a_connection_to_a_self_hosted_server_needs_its_host(tmp_path: Path) -> None:
    text = (own_directory() / "ecs-rolling" / "example.yaml").read_text()
    file = tmp_path / "a.yaml"
    file.write_text(
        f"{text}pipeline: {{stages: [{{name: Source, actions: [{{name: App, kind: github-enterprise}}]}}]}}\n"
    )
    [definition] = load(file)
    assert "--host-arn HOST_ARN" in next(iter(prerequisites(definition))).create


def test_the_commands_are_ones_that_the_aws_cli_has() -> None:
    session = botocore.session.get_session()
    commands = {text for name in EXPECTED for each in of(name) for text in (each.find, each.create.partition(";")[0])}
    for command in filter(lambda text: text.startswith("aws "), commands):
        _, service, verb, *options = shlex.split(command)
        model = session.get_service_model(service)
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        members = {xform_name(name, "-") for name in model.operation_model(operations[verb]).input_shape.members}
        assert {word[2:] for word in options if word.startswith("--")} <= members, command
