"""The order in which the actions of a stage run."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import check
from pipegen.loading.definition import read
from tests.templates import BUILD, DEPLOY, SOURCE, definition, resources

APPROVAL: dict[str, Any] = {"kind": "approval", "name": "Release"}
LINT: dict[str, Any] = {"kind": "codebuild", "name": "Lint", "commands": ["make lint"], "input": "App"}


def staged(*actions: dict[str, Any]) -> dict[str, Any]:
    """A pipeline with these actions in its last stage."""
    data = definition()
    data["pipeline"]["stages"][2]["actions"] = [dict(each) for each in actions]
    return data


def orders(data: dict[str, Any], stage: int = 2) -> dict[str, int]:
    actions = resources(data)["Pipeline"]["Stages"][stage]["Actions"]
    return {action["Name"]: action["RunOrder"] for action in actions}


def codes(data: dict[str, Any]) -> list[str]:
    return [problem.code for problem in check(read(data)) if problem.severity == "error"]


def test_actions_of_a_stage_run_in_the_order_in_which_they_are_written() -> None:
    assert orders(staged(LINT, APPROVAL, DEPLOY)) == {"Lint": 1, "Release": 2, "Deploy": 3}


def test_sources_run_in_parallel() -> None:
    data = definition()
    data["pipeline"]["stages"][0]["actions"].append({**SOURCE, "name": "Tools"})
    data["pipeline"]["stages"][1]["actions"][0]["input"] = "App"
    assert orders(data, 0) == {"App": 1, "Tools": 1}


def test_actions_with_equal_orders_run_in_parallel_and_the_next_one_follows_both() -> None:
    notes = {**LINT, "name": "Notes"}
    data = staged({**LINT, "run_order": 5}, {**notes, "run_order": 5}, APPROVAL, DEPLOY)
    assert orders(data) == {"Lint": 5, "Notes": 5, "Release": 6, "Deploy": 7}


def test_orders_that_are_all_given_need_not_be_as_written() -> None:
    data = staged({**DEPLOY, "run_order": 2}, {**APPROVAL, "run_order": 1})
    assert (orders(data), codes(data)) == ({"Deploy": 2, "Release": 1}, [])


def test_an_action_without_order_follows_the_highest_before_it() -> None:
    data = staged({**LINT, "run_order": 4}, {**APPROVAL, "run_order": 2}, DEPLOY)
    assert orders(data) == {"Lint": 4, "Release": 2, "Deploy": 5}


@pytest.mark.parametrize("given", [1, 2])
def test_a_given_order_does_not_overtake_an_action_that_is_written_before_it(given: int) -> None:
    assert "run-order" in codes(staged(LINT, APPROVAL, {**DEPLOY, "run_order": given}))


def test_nothing_goes_beyond_the_highest_order() -> None:
    assert codes(staged({**APPROVAL, "run_order": 999}, DEPLOY)) == ["run-order"]


@pytest.mark.parametrize("gate", [APPROVAL, {**LINT, "category": "Test"}], ids=["approval", "test"])
def test_a_gate_in_parallel_with_a_deployment_is_rejected(gate: dict[str, Any]) -> None:
    data = staged({**gate, "run_order": 1}, {**DEPLOY, "run_order": 1})
    assert codes(data) == ["gate-parallel"]
    assert codes(staged({**gate, "run_order": 1}, {**DEPLOY, "run_order": 2})) == []


CUSTOM: dict[str, Any] = {"kind": "codebuild", "name": "Go", "input": "App", "commands": ["make"]}
LIKE_DEPLOYMENTS: list[dict[str, Any]] = [
    *(
        {"commands": [command]}
        for command in (
            "npx cdk deploy --all",
            "aws --region eu-west-1 cloudformation deploy --stack-name x --template-file y",
            "cd infra && aws cloudformation execute-change-set --change-set-name x",
            "aws ecs update-service --cluster main --service web --force-new-deployment",
            "aws lambda update-function-code --function-name x --zip-file y",
            "./scripts/deploy.sh production",
            "npm run deploy:production",
            "terraform -chdir=infra apply -auto-approve",
            "kubectl -n shop set image deployment/web web=$IMAGE",
            "helm upgrade shop ./chart",
            "helm --kube-context production upgrade --install shop ./chart",
            "aws deploy create-deployment --application-name shop",
            "aws cloudformation deploy --stack-name x \\\n  --template-file y",
            "aws s3 sync build s3://acme-site",
            "AWS_REGION=eu-west-1 sam deploy --no-confirm-changeset",
            "serverless deploy --stage production",
            "copilot svc deploy --name web",
            "eb deploy",
            "make -C infra deploy-production",
            "npm --prefix web run deploy",
            "yarn deploy",
            'if [ -n "$RELEASE" ]; then ./deploy.sh; fi',
            "kubectl create -f x --dry-run=client -o yaml | kubectl apply -f -",
        )
    ),
    *(
        {"name": name, "commands": [], "buildspec": "ci/release.yml"}
        for name in ("DeployToProduction", "AppDeploy", "api-release", "Release")
    ),
    {"grants": [{"actions": ["cloudformation:UpdateStack"], "resources": ["*"], "because": "x"}]},
]


def warnings(data: dict[str, Any]) -> list[tuple[str, str]]:
    problems = check(read(data))
    return [(each.code, each.text) for each in problems if each.severity == "warning" and each.code == "gate-parallel"]


@pytest.mark.parametrize("custom", LIKE_DEPLOYMENTS)
def test_a_gate_in_parallel_with_a_build_that_looks_like_a_deployment_is_warned_of(custom: dict[str, Any]) -> None:
    build = {**CUSTOM, "run_order": 1} | custom
    said = f"Deploy/Confirm runs in parallel with Deploy/{build['name']} and cannot stop it"
    assert warnings(staged(build, {**APPROVAL, "name": "Confirm", "run_order": 1})) == [("gate-parallel", said)]
    test = {**LINT, "category": "Test", "run_order": 1}
    assert len(warnings(staged(build, test))) == 1
    assert warnings(staged({**build, "run_order": 2}, {**APPROVAL, "run_order": 1})) == []


def test_a_build_that_is_written_after_an_approval_and_does_not_wait_for_it_is_warned_of() -> None:
    approval, build = {**APPROVAL, "run_order": 1}, {**CUSTOM, "run_order": 1}
    assert len(warnings(staged(approval, build))) == 1
    assert warnings(staged(APPROVAL, CUSTOM)) == []


@pytest.mark.parametrize(
    "command",
    [
        "cat deploy/taskdef.json",
        "make test",
        "aws s3 ls",
        "aws s3 sync s3://acme-cache cache",
        "aws deploy list-deployments",
        "aws cloudformation deploy --no-execute-changeset --template-file x --stack-name y",
        "kubectl get pods",
        "kubectl apply --dry-run=client -f k8s",
        "kubectl rollout status deployment/web",
        "kubectl config set-context shop",
        "terraform plan",
        "helm dependency update",
        "cdk diff deploy",
        "cp deployment.yaml out",
        "cd deploy && npm test",
        "ls deploy",
        "echo 'then; ./deploy.sh'",
        "# ./deploy.sh",
        "shellcheck deploy.sh",
        "./deploy_test.sh",
        "npm run deploy:check",
        "npm install deploy",
        "make -C deploy test",
        "python -m pytest deploy.py",
    ],
)
def test_a_build_that_deploys_nothing_may_run_beside_an_approval(command: str) -> None:
    build = {**CUSTOM, "run_order": 1, "commands": [command]}
    assert warnings(staged(build, {**APPROVAL, "run_order": 1})) == []


@pytest.mark.parametrize("name", ["ReleaseNotes", "DeployCheck", "Prerelease", "deployable"])
def test_a_name_that_only_begins_like_a_deployments_is_not_one(name: str) -> None:
    assert warnings(staged({**CUSTOM, "name": name, "run_order": 1}, {**APPROVAL, "run_order": 1})) == []


def test_a_rollout_beside_its_approval_is_rejected() -> None:
    rollout = {**DEPLOY, "kind": "ecs-rollout", "run_order": 1}
    assert "gate-parallel" in codes(staged(rollout, {**APPROVAL, "run_order": 1}))


def test_a_build_may_run_in_parallel_with_a_deployment() -> None:
    assert codes(staged({**LINT, "run_order": 1}, {**DEPLOY, "run_order": 1})) == []


def test_a_later_action_may_read_what_an_earlier_one_of_its_stage_makes() -> None:
    data = definition()
    data["pipeline"]["stages"][1:] = [{"name": "Release", "actions": [dict(BUILD), dict(DEPLOY)]}]
    assert orders(data, 1) == {"Image": 1, "Deploy": 2}
