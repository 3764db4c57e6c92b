"""Values that may be absent, and what is taken for a resource: nothing valid is refused, nothing malformed rendered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pipegen import InvalidDefinition, render
from pipegen.loading.definition import read
from tests.templates import BUILD, definition, resources
from tests.test_every_form import APPROVAL, HERE, KEY, SECRET, TOPIC, _built, _deployed, _service, _source

NO_VALUE = {"Ref": "AWS::NoValue"}
OPTIONAL: dict[str, Any] = {
    "parameters": {"ConnectionArn": {}, "Given": {"Default": "none"}},
    "conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Given"}, "none"]}]}},
}
GIVEN = {"Fn::If": ["Has", {"Ref": "Given"}, NO_VALUE]}


def stacks_of(data: Mapping[str, Any], **declared: Any) -> list[Any]:
    return [*render(read({**data, "parameters": {"ConnectionArn": {}}, **declared})).stacks]


def error_codes(data: Mapping[str, Any], **declared: Any) -> list[str]:
    with pytest.raises(InvalidDefinition) as raised:
        stacks_of(data, **declared)
    return [problem.code for problem in raised.value.problems if problem.severity == "error"]


def test_a_permission_on_an_optional_resource_is_as_optional() -> None:
    role = resources({**definition(deploy=APPROVAL | {"topic": GIVEN}), **OPTIONAL}, "AWS::IAM::Role")["PipelineRole"]
    [condition, policy, nothing] = role["Policies"][1]["Fn::If"]
    assert (condition, policy["PolicyName"], nothing) == ("Has", "PermissionsIfHas", NO_VALUE)
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement == {"Action": ["sns:Publish"], "Effect": "Allow", "Resource": [{"Ref": "Given"}]}


@pytest.mark.parametrize(
    "data",
    [
        definition(permissions_boundary=GIVEN),
        definition(artifacts={"key_arn": GIVEN}),
        _deployed(roles=["app", GIVEN]),
        _service(container={"secrets": {"A": {"Fn::If": ["Has", {"Ref": "Given"}, SECRET]}}}),
        _built(grants=[{"actions": ["sqs:SendMessage"], "resources": [f"arn:aws:sqs:{HERE}:a", GIVEN]}]),
    ],
)
def test_the_default_of_an_optional_parameter_is_not_a_resource(data: Mapping[str, Any]) -> None:
    assert stacks_of(data, **OPTIONAL)


@pytest.mark.parametrize(
    "reference",
    ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf:password::", "rds!db-1:password"],
)
def test_secrets_that_services_manage_are_secrets(reference: str) -> None:
    assert stacks_of(_built(environment={"A": {"secrets_manager": reference}}))


@pytest.mark.parametrize(
    "grant",
    [
        {"actions": ["sqs:SendMessage"], "resources": ["arn:aws:sqs:eu-*:1234*:orders-?"]},
        {"actions": ["kms:CreateAlias"], "resources": [KEY.replace("key/", "alias/")]},
        {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop/a file:kms:b:alias/c"]},
        {"actions": ["logs:GetLogEvents"], "resources": [f"arn:aws:logs:{HERE}:log-group:/a/arn:b"]},
    ],
)
def test_a_grant_takes_every_resource_that_iam_takes(grant: Any) -> None:
    assert stacks_of(_built(grants=[grant]))


@pytest.mark.parametrize("host", ["dkr.ecr.eusc-de-east-1.amazonaws.eu", "dkr-ecr.eu-west-1.on.aws"])
def test_an_image_is_pulled_from_any_host_of_ecr(host: str) -> None:
    data = _service(sidecar={"image": f"123456789012.{host}/shop/web:1"})
    documents = [each.text for each in stacks_of(data)]
    assert any(":123456789012:repository/shop/web" in text for text in documents)


def test_what_other_languages_write_like_a_variable_stays() -> None:
    assert stacks_of(_service(container={"environment": {"SPRING": "#{systemProperties.user}"}}))
    assert error_codes(_service(container={"environment": {"A": "#{App.CommitId}"}})) == ["variable-unresolved"]


SOMETIMES = {"Fn::If": ["Has", "x", NO_VALUE]}


@pytest.mark.parametrize(
    "data",
    [
        definition(artifacts={"bucket": {"Fn::If": ["Has", "shop-artifacts", NO_VALUE]}}),
        _built(environment={"A": SOMETIMES}),
        _built(image=SOMETIMES),
        _deployed(cluster=SOMETIMES),
        _service(container={"environment_files": [{"Fn::If": ["Has", "arn:aws:s3:::shop/a.env", NO_VALUE]}]}),
        _source(kind="codecommit", repository=SOMETIMES, branch="main"),
    ],
)
def test_what_a_template_needs_is_not_left_out(data: Mapping[str, Any]) -> None:
    assert set(error_codes(data, **OPTIONAL)) == {"no-value"}


@pytest.mark.parametrize("text", [f"{SECRET}:password::", SECRET[:-7]])
def test_a_parameter_for_a_permission_is_a_whole_secret(text: str) -> None:
    data = _service(container={"secrets": {"A": {"Ref": "Given"}}})
    assert error_codes(data, parameters={"ConnectionArn": {}, "Given": {"Default": text}}) == ["grant-resource"]


def test_a_secret_inside_a_text_by_condition_is_a_secret_each_time() -> None:
    arns = {"Fn::If": ["Has", SECRET[:-7], SECRET[:-7].replace("db", "dev")]}
    data = _service(container={"secrets": {"A": {"Fn::Sub": ["${S}:pw::", {"S": arns}]}}})
    text = "".join(each.text for each in stacks_of(data, **OPTIONAL))
    assert f"{SECRET[:-7]}-??????" in text
    assert f"{SECRET[:-7].replace('db', 'dev')}-??????" in text


def test_a_variable_in_a_grant_is_rejected() -> None:
    grant = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop/#{App.CommitId}"]}
    assert "grant-resource" in error_codes(_built(grants=[grant]))
    assert TOPIC in str(stacks_of(definition(build=BUILD, deploy=APPROVAL | {"topic": TOPIC}))[-1].text)


def test_a_repository_by_its_dual_stack_host_is_pushed_to_by_the_host_that_builds_read() -> None:
    uri = "123456789012.dkr-ecr.eu-west-1.on.aws/shop/web"
    data = definition(build=BUILD | {"images": [{"container": "app", "repository": uri}]}, deploy=APPROVAL)
    [project] = resources(data, "AWS::CodeBuild::Project").values()
    [repository] = project["Environment"]["EnvironmentVariables"]
    assert repository["Value"] == {"Fn::Sub": "123456789012.dkr.ecr.eu-west-1.${AWS::URLSuffix}/shop/web"}
