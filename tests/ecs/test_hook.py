"""The HTTP check as a part of a stack: what it refuses, the function, its role, and what linters say."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from troposphere import GetAtt, Parameter, Ref, Template

from pipegen.checks.values.constraints import constraints
from pipegen.compile.roles import role
from pipegen.ecs.hook import hook_name, hook_resources
from pipegen.ecs.http_check import REPORT_SECONDS, HttpCheck
from pipegen.loading.definition import read
from pipegen.model.network import Vpc
from pipegen.rendering import template_text
from pipegen.stacks.stack import Stack
from pipegen.values.value import Value, arn, listed
from tests.examples import ROOT
from tests.templates import definition, statements

CHECK = HttpCheck(host="app.example.com")
VPC = Vpc(vpc_id="vpc-1", subnets=["subnet-0a1b2c3d", "subnet-1a1b2c3d"], security_groups=["sg-0a1b2c3d"])
GROUP = arn("codedeploy", "deploymentgroup:", "app/app")


def stack(check: HttpCheck, deployment_group_arn: Value | None = None) -> Stack:
    """The check alone in a stack, its role compiled as that of an action is."""
    made = hook_resources(check, logical_id="Check", name="app", deployment_group_arn=deployment_group_arn)
    template = Template()
    template.set_version()
    if not isinstance(check.host, str):
        template.add_parameter(Parameter("Host", Type="String"))
    for each in (*made.resources, role(made.role, read(definition()))):
        template.add_resource(each)
    return Stack(name="check", template=template)


def resources(check: HttpCheck, deployment_group_arn: Value | None = None) -> dict[str, Any]:
    found: dict[str, Any] = stack(check, deployment_group_arn).document()["Resources"]
    return {name: each["Properties"] for name, each in found.items()}


def allowed(check: HttpCheck, deployment_group_arn: Value | None = None) -> dict[str, Any]:
    """Resources by action, and nothing that is not allowed."""
    found = list(statements(resources(check, deployment_group_arn)["CheckRole"]))
    assert {statement["Effect"] for statement in found} == {"Allow"}
    return {action: statement["Resource"] for statement in found for action in statement["Action"]}


def codes(check: HttpCheck) -> list[tuple[str, tuple[str | int, ...]]]:
    problems = [*constraints(check), *check.problems()]
    assert all(problem.fix or " must " in problem.text for problem in problems)
    return [(problem.code, problem.path) for problem in problems]


LONG: dict[str, Any] = {"deadline_seconds": 900, "timeout_seconds": 1, "retries": 0, "retry_seconds": 0}


@pytest.mark.parametrize(
    ("field", "good", "bad", "code"),
    [
        ("host", ["a", "a.b-c_d.example", "203.0.113.5", "[2001:db8::1]", Ref("Host"), "a" * 253], None, ""),
        ("host", [], ["", "http://a", "a:80", "a/b", "a b", "-a", "a.", "::1", "a" * 254, "ä.example"], "hook-host"),
        ("host", [], ["user:secret@a", "@"], "hook-host"),
        ("path", ["/", "/a/b?c=d&e=%20", "/" + "a" * 999], ["", "a", "//a", "/a b", "/a#b", "/ä", "/\n"], "wrong-form"),
        ("path", [], ["/" + "a" * 1000], "wrong-form"),
        ("body", [None, "a", "(?s)^a.*b$", "ä" * 500], ["(", "a{99999999999}", "ä" * 501], "hook-body"),
    ],
)  # fmt: skip
def test_both_sides_of_every_bound(field: str, good: list[Any], bad: list[Any] | None, code: str) -> None:
    base = HttpCheck(host="a", **LONG)
    for value in good:
        assert codes(replace(base, **{field: value})) == [], value
    for value in bad or []:
        assert (code, (field,)) in codes(replace(base, **{field: value})), value


def test_each_status_out_of_range_is_named() -> None:
    found = codes(replace(CHECK, statuses=[199, 200, 600]))
    assert found == [("out-of-range", ("statuses", 0)), ("out-of-range", ("statuses", 2))]


def test_a_password_is_not_repeated() -> None:
    [problem] = replace(CHECK, host="user:hush@a").problems()
    assert "hush" not in str(problem)


def test_all_tries_and_the_report_must_fit() -> None:
    check = HttpCheck(host="a", retries=3, retry_seconds=7, timeout_seconds=5, deadline_seconds=51)
    assert check.worst_case_seconds == 4 * 5 + 3 * 7 + REPORT_SECONDS == 51
    assert codes(check) == []
    [problem] = replace(check, deadline_seconds=50).problems()
    assert (problem.code, problem.path) == ("hook-deadline", ("deadline_seconds",))
    assert problem.text.startswith("deadline_seconds must be at least 51, got 50: ")
    assert problem.fix == "set deadline_seconds: 51, or lower timeout_seconds"
    [problem] = HttpCheck(host="a", retries=100, retry_seconds=9).problems()
    assert problem.fix == "lower retries, or lower timeout_seconds"


def test_the_defaults_fit() -> None:
    assert codes(CHECK) == []


def test_the_network_has_limits() -> None:
    many = replace(VPC, subnets=[f"subnet-{number}" for number in range(17)], security_groups=[])
    assert codes(replace(CHECK, vpc=many)) == [
        ("wrong-length", ("vpc", "subnets")),
        ("wrong-length", ("vpc", "security_groups")),
    ]
    assert codes(replace(CHECK, vpc=VPC)) == []


def test_the_code_keeps_as_much_time_as_the_model_counts() -> None:
    code = (ROOT / "pipegen" / "templates" / "http_check.py").read_text()
    assert f"\nREPORT_SECONDS = {REPORT_SECONDS} " in code
    assert resources(CHECK)["Check"]["Code"] == {"ZipFile": code}


def test_the_function_is_configured_only_by_its_variables() -> None:
    check = replace(
        CHECK, scheme="https", path="/a?b=${c}", statuses=[200, 204], body="${ok}", verify_certificate=False
    )
    one, other = resources(check)["Check"], resources(CHECK)["Check"]
    assert one["Code"] == other["Code"]
    assert one["Environment"]["Variables"] == {
        "URL": "https://app.example.com:443/a?b=${c}",
        "STATUSES": "200,204",
        "BODY": "${ok}",
        "RETRIES": "5",
        "RETRY_SECONDS": "5",
        "TIMEOUT_SECONDS": "5",
        "VERIFY_CERTIFICATE": "false",
    }
    assert other["Environment"]["Variables"]["URL"] == "http://app.example.com:80/"
    assert other["Environment"]["Variables"]["VERIFY_CERTIFICATE"] == "true"
    assert "BODY" not in other["Environment"]["Variables"]


def test_a_host_known_at_deployment_only() -> None:
    check = replace(CHECK, host=GetAtt("LoadBalancer", "DNSName"), port=8080, path="/${x}")
    expected = {"Fn::Sub": "http://${LoadBalancer.DNSName}:8080/${!x}"}
    assert resources(check)["Check"]["Environment"]["Variables"]["URL"] == expected


def test_the_function_runs_as_long_as_it_was_given_and_logs_where_it_may() -> None:
    found = resources(replace(CHECK, deadline_seconds=300, log_retention_days=7))
    function = found["Check"]
    assert (function["Runtime"], function["Handler"], function["Timeout"]) == ("python3.13", "index.handler", 300)
    assert function["Role"] == {"Fn::GetAtt": ["CheckRole", "Arn"]}
    assert function["LoggingConfig"] == {"LogGroup": {"Ref": "CheckLogGroup"}}
    assert found["CheckLogGroup"] == {"LogGroupName": "/aws/lambda/CodeDeployHook_app", "RetentionInDays": 7}
    assert "VpcConfig" not in function
    assert "ReservedConcurrentExecutions" not in function


def test_its_name_is_one_that_codedeploy_may_invoke() -> None:
    made = hook_resources(CHECK, logical_id="Check", name="app")
    assert made.name == "CodeDeployHook_app" == resources(CHECK)["Check"]["FunctionName"]
    assert isinstance(made.arn, GetAtt)
    assert made.arn.to_dict() == {"Fn::GetAtt": ["Check", "Arn"]}
    assert hook_name("a" * 49) == "CodeDeployHook_" + "a" * 49
    assert len(hook_name("a" * 50)) == 64
    assert hook_name("a" * 50) != hook_name("a" * 51)
    assert hook_name("my app.check") == "CodeDeployHook_my-app-check"


LOG = {
    "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/CodeDeployHook_app:*"
}


def test_for_ecs_it_may_write_its_log_and_nothing_else() -> None:
    assert allowed(CHECK) == {"logs:CreateLogStream": [LOG], "logs:PutLogEvents": [LOG]}


def test_for_codedeploy_it_may_report_to_its_own_group() -> None:
    assert allowed(CHECK, GROUP) == {
        "logs:CreateLogStream": [LOG],
        "logs:PutLogEvents": [LOG],
        "codedeploy:PutLifecycleEventHookExecutionStatus": [
            {"Fn::Sub": "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:deploymentgroup:app/app"}
        ],
    }


def test_in_a_network_lambda_may_make_interfaces_and_the_code_may_not() -> None:
    check = replace(CHECK, vpc=VPC)
    found = resources(check)
    assert found["Check"]["VpcConfig"] == {
        "SubnetIds": listed(VPC.subnets),
        "SecurityGroupIds": listed(VPC.security_groups),
    }
    [network] = [each for each in statements(found["CheckRole"]) if each["Resource"] == ["*"]]
    assert network["Condition"] == {"Null": {"lambda:SourceFunctionArn": "true"}}
    assert set(network["Action"]) == {
        f"ec2:{action}"
        for action in (
            "AssignPrivateIpAddresses",
            "CreateNetworkInterface",
            "DeleteNetworkInterface",
            "DescribeNetworkInterfaces",
            "DescribeSubnets",
            "UnassignPrivateIpAddresses",
        )
    }
    grants = hook_resources(check, logical_id="Check", name="app").role.grants
    assert [problem for grant in grants for problem in grant.problems()] == []


def test_only_lambda_assumes_the_role() -> None:
    [statement] = resources(CHECK)["CheckRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_twice_gives_equal_values() -> None:
    first, second = (hook_resources(CHECK, logical_id="Check", name="app", deployment_group_arn="a") for _ in "ab")
    assert first == second


CHECKS = {
    "codedeploy": stack(replace(CHECK, host=Ref("Host"), body="ok"), GROUP),
    "ecs": stack(replace(CHECK, vpc=VPC)),
}


@pytest.mark.parametrize("stack", CHECKS.values(), ids=CHECKS)
def test_cfn_lint_finds_nothing(stack: Stack, tmp_path: Path, cfn_lint: Path) -> None:
    file = tmp_path / "check.yaml"
    file.write_text(template_text(stack.document()))
    assert "ZipFile: |\n" in file.read_text(), "the code is to be read in the template"
    command: list[str | Path] = [cfn_lint, "--include-checks", "I", "--template", file]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_checkov_finds_nothing_and_every_suppression_has_a_reason(tmp_path: Path, checkov: Path) -> None:
    for name, stack in CHECKS.items():
        (tmp_path / f"{name}.yaml").write_text(template_text(stack.document()))
    command: list[str | Path] = [
        checkov,
        "--skip-download",
        "--framework",
        "cloudformation",
        "--directory",
        tmp_path,
        "--output",
        "json",
    ]
    scanned = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(scanned.stdout)
    assert report["results"]["failed_checks"] == [], [each["check_id"] for each in report["results"]["failed_checks"]]
    assert report["summary"]["parsing_errors"] == 0
    used = {(each["check_id"], each["resource"], each["file_path"]) for each in report["results"]["skipped_checks"]}
    assert {check for check, _, _ in used} == {
        *("CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_158", "CKV_AWS_173"),
    }
    reasons = [each["check_result"]["suppress_comment"] for each in report["results"]["skipped_checks"]]
    assert all(len(reason) > 20 for reason in reasons)
