"""Literals of another form than their field wants: an ARN for a name, a name for an ARN, an ARN of something else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.validating import validated

PIPELINE = """\
name: shop
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: shop, branch: main}
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: web, repository: shop}]}
"""


def arn(service: str, resource: str, account: str = "123456789012") -> str:
    return f"arn:aws:{service}:eu-west-1:{account}:{resource}"


def action(text: str) -> str:
    return f"{PIPELINE}    - {{name: Next, actions: [{{name: This, {text}}}]}}\n"


def build(text: str) -> str:
    return action(f"kind: codebuild, commands: [make], {text}")


def service(*, container: str = "cpu: 256", more: str = "desired_count: 1") -> str:
    return f"""\
{PIPELINE}    - {{name: Deploy, actions: [{{kind: ecs-deploy, name: Web, service: web}}]}}
services:
  web:
    cluster: main
    network: {{vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}}
    first_images: {{web: nginx}}
    task_definition:
      cpu: 256
      memory: 512
      containers: [{{name: web, ports: [8080], {container}}}]
    {more}
"""


def approval(topic: str) -> str:
    return action(f'kind: approval, topic: "{topic}"')


def store(key: str) -> str:
    return f'{PIPELINE}artifacts: {{bucket: shop-artifacts, key_arn: "{key}"}}\n'


def build_secret(reference: str) -> str:
    return build(f'environment: {{A: {{secrets_manager: "{reference}"}}}}')


def build_parameter(reference: str) -> str:
    return build(f'environment: {{A: {{parameter_store: "{reference}"}}}}')


def task_secret(reference: str) -> str:
    return service(container=f'secrets: {{A: "{reference}"}}')


def log_group(group: str) -> str:
    options = f'awslogs-group: "{group}", awslogs-region: eu-west-1, awslogs-stream-prefix: web'
    return service(container=f"log_configuration: {{driver: awslogs, options: {{{options}}}}}")


def alarm(name: str) -> str:
    return service(more=f'deployment: {{alarms: ["{name}"]}}')


SECRET_ARN = arn("secretsmanager", "secret:shop-a1B2c3")
PARAMETER_ARN = arn("ssm", "parameter/shop/url")
WRONG = {
    "a topic by its name": (approval("releases"), "wrong-reference"),
    "a topic of SQS": (approval(arn("sqs", "releases")), "wrong-reference"),
    "a topic of a short account": (approval(arn("sns", "releases", "1234")), "wrong-reference"),
    "a key by its alias": (store("alias/shop"), "wrong-reference"),
    "a key by its alias's ARN": (store(arn("kms", "alias/shop")), "wrong-reference"),
    "a key of a short account": (store(arn("kms", "key/1", "1234")), "wrong-reference"),
    "a bucket for a key": (store("arn:aws:s3:::shop"), "wrong-reference"),
    "a key of parameters by its alias": (build("decrypt_keys: [alias/shop]"), "wrong-reference"),
    "every version of a build's secret": (build_secret(f"{SECRET_ARN}:*"), "wrong-reference"),
    "every version of a secret by name": (build_secret("shop:*"), "wrong-reference"),
    "too many parts": (build_secret("shop:a:b:c:d"), "wrong-reference"),
    "a parameter for a build's secret": (build_secret(PARAMETER_ARN), "wrong-reference"),
    "a secret of a short account": (build_secret(arn("secretsmanager", "secret:shop", "1234")), "wrong-reference"),
    "a parameter's version": (build_parameter("/shop/url:3"), "wrong-reference"),
    "a parameter's version by ARN": (build_parameter(f"{PARAMETER_ARN}:3"), "wrong-reference"),
    "a secret for a build's parameter": (build_parameter(SECRET_ARN), "wrong-reference"),
    "every version of a container's secret": (task_secret(f"{SECRET_ARN}:*"), "wrong-reference"),
    "a container's parameter with version": (task_secret(f"{PARAMETER_ARN}:3"), "wrong-reference"),
    "a container's parameter with label": (task_secret("/shop/url:live"), "wrong-reference"),
    "a bucket for a container's secret": (task_secret("arn:aws:s3:::shop"), "wrong-reference"),
    "a log group by its ARN": (log_group(arn("logs", "log-group:/ecs/shop")), "task-log"),
    "an alarm by its ARN": (alarm(arn("cloudwatch", "alarm:slow")), "wrong-reference"),
    "a role for a policy": (service(more='managed_policies: ["arn:aws:iam::123456789012:role/x"]'), "wrong-reference"),
    "a policy of a short account": (
        f'{PIPELINE}permissions_boundary: "arn:aws:iam::1234:policy/x"\n',
        "wrong-reference",
    ),
    "a queue for a file": (service(container=f'environment_files: ["{arn("sqs", "a.env")}"]'), "wrong-reference"),
    "a network by its ARN": (
        build(f'vpc: {{vpc_id: "{arn("ec2", "vpc/vpc-01")}", subnets: [subnet-01], security_groups: [sg-01]}}'),
        "wrong-reference",
    ),
    "a hook's role by its name": (
        service(
            more=f"load_balancer: {{test_port: 8443}}\n    deployment: {{kind: blue-green, hooks: [{{role: hook, "
            f'function: "{arn("lambda", "function:check")}", stages: [POST_SCALE_UP]}}]}}'
        ),
        "wrong-reference",
    ),
}


@pytest.mark.parametrize(("text", "code"), WRONG.values(), ids=WRONG)
def test_a_literal_of_another_form_is_rejected_at_its_field(text: str, code: str, tmp_path: Path) -> None:
    found = [re.match(r"x\.yaml:\d+:\d+: error: .* \[([a-z-]+)\]", line) for line in validated(text, tmp_path)]
    assert [each[1] for each in found if each] == [code]


RIGHT = {
    "a topic": approval(arn("sns", "releases.fifo")),
    "a topic in China": approval("arn:aws-cn:sns:cn-north-1:123456789012:releases"),
    "a topic in GovCloud": approval("arn:aws-us-gov:sns:us-gov-west-1:123456789012:releases"),
    "a key": store(arn("kms", "key/mrk-1234abcd12ab34cd56ef1234567890ab")),
    "a secret by ARN": build_secret(SECRET_ARN),
    "a key of a secret": build_secret(f"{SECRET_ARN}:password:AWSPREVIOUS"),
    "a version of a secret": build_secret("shop/database:password::11111111-2222"),
    "a parameter by name": build_parameter("/shop/url"),
    "a parameter by ARN": build_parameter(PARAMETER_ARN),
    "a container's secret": task_secret(f"{SECRET_ARN}:password::"),
    "a container's parameter": task_secret("shop.url"),
    "a container's parameter by ARN": task_secret(PARAMETER_ARN),
    "a log group": log_group("/ecs/shop"),
    "an alarm": alarm("arnold: slow / shop"),
    "a policy of AWS": service(more='managed_policies: ["arn:aws:iam::aws:policy/service-role/AmazonX"]'),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_literal_of_the_right_form_is_taken(text: str, tmp_path: Path) -> None:
    assert [line for line in validated(text, tmp_path) if ": warning:" not in line and ": note:" not in line] == []


def test_what_may_be_the_secret_itself_is_not_shown(tmp_path: Path) -> None:
    lines = validated(task_secret("correct horse battery staple"), tmp_path)
    assert "wrong-reference" in lines[0]
    assert not any("horse" in line for line in lines)
