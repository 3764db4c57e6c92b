"""Services of definitions as stacks: what their parts become together, and how several definitions get along."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipegen import render
from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from pipegen.services.images import FIRST_IMAGE
from tests.conftest import Pipegen
from tests.networks import prepare_network
from tests.support.cloud import Cloud
from tests.support.command import problems_in, without_summary

DEFINITION = """\
name: NAME
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
    task_definition: {cpu: 256, memory: 512, containers: [{name: app, ports: [8080]}]}
    load_balancer: BALANCER
pipeline:
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: shop, branch: main}]
    - name: Build
      actions: [{kind: docker-build, name: Image, images: [{container: app, repository: shop}]}]
    - name: Production
      actions: [{kind: ecs-deploy, name: Deploy, service: web}]
"""
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/50dc6c495c0c9188/{0}"
SHARED = "{{listener: '{0}', security_group: sg-0a1b2c3d, priority: {1}, path_patterns: [/{2}/*]}}"


OWN_FIRST = {"    load_balancer": "    first_images: {app: shop/hello:1}\n    load_balancer"}


def definition(name: str = "shop", balancer: str = "{scheme: internal}") -> str:
    return DEFINITION.replace("NAME", name).replace("BALANCER", balancer)


def edited(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    return text


def documents(text: str) -> dict[str, Mapping[str, Any]]:
    return {each.stack.name: each.stack.document() for each in render(read(parse(text, "shop.yaml").data)).stacks}


def properties(text: str, logical_id: str, stack: str = "shop-web") -> dict[str, Any]:
    return dict(documents(text)[stack]["Resources"][logical_id]["Properties"])


def test_priorities_on_a_shared_listener_are_unique_over_all_definitions_of_a_render(
    pipegen: Pipegen, tmp_path: Path
) -> None:
    for name, listener, priority in (("one", "a", 10), ("two", "a", 10), ("three", "b", 10), ("four", "a", 11)):
        balancer = SHARED.format(LISTENER.format(listener), priority, name)
        (tmp_path / f"{name}.yaml").write_text(definition(name, balancer))
    result = pipegen("render", "one.yaml", "two.yaml", "three.yaml", "four.yaml", "-o", "out")
    assert result.returncode == 1
    assert without_summary(result.stderr) == (
        "two.yaml:7:154: error: priority 10 on this listener is already used by one (one.yaml); "
        "give each rule on a listener its own priority [listener-priority]\none.yaml: note: related location\n"
    )
    assert not (tmp_path / "out").exists()
    assert pipegen("render", "one.yaml", "three.yaml", "four.yaml", "-o", "out").returncode == 0


def test_desired_count_is_left_out_where_autoscaling_rules() -> None:
    assert properties(definition(), "Service")["DesiredCount"] == 1
    scaling = "    autoscaling: {minimum: 2, maximum: 4, cpu_percent: 50}\n    load_balancer"
    scaled = definition().replace("    load_balancer", scaling)
    assert "DesiredCount" not in properties(scaled, "Service")


def test_the_load_balancer_may_reach_the_ports_of_requests_and_of_health_checks() -> None:
    text = definition(balancer="{scheme: internal, target_group: {health_check: {port: 9000}}}")
    text = edited(text, {"    load_balancer": "    first_images: {app: acme/hello:1}\n    load_balancer"})
    ingress = properties(text, "ServiceSecurityGroup")["SecurityGroupIngress"]
    assert [(rule["FromPort"], rule["SourceSecurityGroupId"]["Fn::GetAtt"][0]) for rule in ingress] == [
        (8080, "LoadBalancerSecurityGroup"),
        (9000, "LoadBalancerSecurityGroup"),
    ]


def test_clients_may_reach_every_port_of_the_containers() -> None:
    text = definition().replace("subnet-0a1b2c3e]}", "subnet-0a1b2c3e], client_security_groups: [sg-0a1b2c3d]}")
    ingress = properties(text, "ServiceSecurityGroup")["SecurityGroupIngress"]
    assert [(rule["FromPort"], rule["SourceSecurityGroupId"]) for rule in ingress][1:] == [(8080, "sg-0a1b2c3d")]


ON_INSTANCES = {
    "cpu: 256, memory: 512, ": "requires_compatibilities: [EC2], network_mode: bridge, ",
    "name: app, ports": "name: app, memory: 64, ports",
}
EMPTY: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "on Fargate": (
        {},
        {
            "LoadBalancers": [],
            "ServiceRegistries": [],
            "ServiceConnectConfiguration": {"Enabled": False},
            "EnableExecuteCommand": False,
        },
    ),
    "on instances": (
        ON_INSTANCES,
        {
            "LoadBalancers": [],
            "ServiceRegistries": [],
            "ServiceConnectConfiguration": {"Enabled": False},
            "EnableExecuteCommand": False,
            "PlacementConstraints": [],
            "PlacementStrategies": [],
        },
    ),
    "a daemon": (
        {
            **ON_INSTANCES,
            "    cluster": "    scheduling_strategy: DAEMON\n    deployment: {minimum_healthy_percent: 0}\n    cluster",
        },
        {
            "LoadBalancers": [],
            "ServiceRegistries": [],
            "ServiceConnectConfiguration": {"Enabled": False},
            "EnableExecuteCommand": False,
            "PlacementConstraints": [],
        },
    ),
    "on machines elsewhere": (
        {
            "    cluster: main": "    cluster: main\n    launch_type: EXTERNAL",
            "cpu: 256, memory: 512, ": "requires_compatibilities: [EXTERNAL], network_mode: bridge, ",
            "name: app, ports": "name: app, memory: 64, ports",
        },
        {"EnableExecuteCommand": False, "PlacementConstraints": [], "PlacementStrategies": []},
    ),
}
REMOVABLE = (
    "LoadBalancers",
    "ServiceRegistries",
    "ServiceConnectConfiguration",
    "EnableExecuteCommand",
    "PlacementConstraints",
    "PlacementStrategies",
)


@pytest.mark.parametrize(("changes", "expected"), EMPTY.values(), ids=EMPTY.keys())
def test_what_a_service_does_not_have_is_taken_from_one_that_runs(
    changes: dict[str, str], expected: dict[str, Any]
) -> None:
    found = properties(edited(definition(), {"    load_balancer: {scheme: internal}\n": "", **changes}), "Service")
    assert {name: found[name] for name in REMOVABLE if name in found} == expected


def test_a_service_that_codedeploy_deploys_to_has_no_settings_that_it_rejects() -> None:
    text = edited(
        definition(), {"    load_balancer": "    deployment: {kind: codedeploy, alarms: []}\n    load_balancer"}
    )
    found = properties(text, "Service")
    assert [name for name in REMOVABLE if name in found] == ["LoadBalancers"]


def test_a_load_balancer_and_commands_are_taken_from_a_running_service(
    cloud: Cloud, pipegen: Pipegen, tmp_path: Path
) -> None:
    cloud.reset()
    cloud.aws("ecs", "create-cluster", "--cluster-name", "main")
    parameters = prepare_network(cloud, {"VpcId": "", "Subnets": ""})
    vpc = {
        "name: NAME\n": "name: shop\nparameters: {VpcId: {}, Subnets: {Type: CommaDelimitedList}}\n",
        "vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]": "!Ref VpcId, subnets: !Ref Subnets",
    }
    before = edited(DEFINITION, vpc).replace("BALANCER", "{scheme: internal}\n    execute_command: true")
    after = before.replace("    load_balancer: {scheme: internal}\n    execute_command: true\n", "")
    found = []
    for number, text in enumerate((before, after)):
        (tmp_path / "shop.yaml").write_text(text)
        assert pipegen("render", "shop.yaml", "-o", f"out{number}").returncode == 0
        cloud.deploy(tmp_path / f"out{number}" / "shop-registry.yaml", "shop-registry")
        cloud.deploy(tmp_path / f"out{number}" / "shop-web.yaml", "shop-web", parameters=parameters)
        [service] = cloud.aws_json("ecs", "describe-services", "--cluster", "main", "--services", "shop-web")[
            "services"
        ]
        found.append((len(service["loadBalancers"]), service["enableExecuteCommand"]))
    assert found == [(1, True), (0, False)]


MAKER = """\
  first:
    cluster: {name: main, create: true}
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
    task_definition: {cpu: 256, memory: 512, containers: [{name: app}]}
pipeline:
"""


def test_what_creates_a_cluster_is_deployed_before_what_runs_in_it() -> None:
    text = edited(definition(), {"pipeline:\n": MAKER})
    assert list(documents(text)) == ["shop-registry", "shop-first", "shop-web", "shop-pipeline"]


def test_a_stack_has_the_parameters_that_it_refers_to_and_no_others() -> None:
    parameters = "parameters: {VpcId: {}, Repository: {}, Unused: {}}\nservices:"
    text = definition().replace("services:", parameters, 1).replace("vpc-0a1b2c3d", "!Ref VpcId")
    text = text.replace("repository: shop}]", "repository: !Ref Repository}]")
    found = {name: list(document.get("Parameters", {})) for name, document in documents(text).items()}
    assert found == {
        "shop-registry": [],
        "shop-web": ["VpcId", "Repository", "AppImage"],
        "shop-pipeline": ["Repository", "Unused"],
    }


def test_a_daemon_takes_no_maximum_and_no_count() -> None:
    changes = {
        "    load_balancer: {scheme: internal}": "    scheduling_strategy: DAEMON\n"
        "    deployment: {minimum_healthy_percent: 0}",
        "cpu: 256, memory: 512, ": "requires_compatibilities: [EC2], ",
        "name: app, ports": "name: app, memory: 64, ports",
    }
    found = properties(edited(definition(), changes), "Service")
    assert found["SchedulingStrategy"] == "DAEMON"
    assert found["DeploymentConfiguration"]["MinimumHealthyPercent"] == 0
    assert "MaximumPercent" not in found["DeploymentConfiguration"]
    assert "DesiredCount" not in found


def test_roles_that_are_given_are_used_and_not_made() -> None:
    text = edited(definition(), OWN_FIRST)
    text = text.replace("{cpu: 256,", "{task_role: shop-task, execution_role: shop-execution, cpu: 256,")
    found = documents(text)
    assert [each["Type"] for each in found["shop-web"]["Resources"].values()].count("AWS::IAM::Role") == 0
    policy = json.dumps(found["shop-pipeline"]["Resources"]["PipelineRole"])
    assert "role/shop-task" in policy
    assert "ImportValue" not in policy


@pytest.mark.parametrize(
    ("deployment", "provider"),
    [
        ("{kind: rolling}", "ECS"),
        ("{kind: canary, canary_bake_minutes: 20}", "ECS"),
        ("{kind: canary, canary_bake_minutes: 60}", "CodeBuild"),
        ("{kind: codedeploy, alarms: []}", "CodeDeployToECS"),
    ],
)
def test_the_deploy_is_what_the_service_calls_for(deployment: str, provider: str) -> None:
    text = definition().replace("    load_balancer", f"    deployment: {deployment}\n    load_balancer")
    [stage] = documents(text)["shop-pipeline"]["Resources"]["Pipeline"]["Properties"]["Stages"][2:]
    deploy, record = stage["Actions"]
    assert deploy["ActionTypeId"]["Provider"] == provider
    assert (record["ActionTypeId"]["Provider"], record["RunOrder"]) == ("Commands", deploy["RunOrder"] + 1)
    assert "/pipegen/shop/web/app/image" in record["Commands"][-1]


SECRETS = {
    '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1b2c3:key::"': (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1b2c3",
    ),
    '!Sub "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db-a1b2c3:key::"': (
        "secretsmanager:GetSecretValue",
        {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db-a1b2c3"},
    ),
    '!Sub "${Secret}:key::"': ("secretsmanager:GetSecretValue", {"Ref": "Secret"}),
    '!Join ["", [!Ref Secret, ":password::"]]': ("secretsmanager:GetSecretValue", {"Ref": "Secret"}),
    '!Join [":", [!ImportValue secret-arn, password, "", ""]]': (
        "secretsmanager:GetSecretValue",
        {"Fn::ImportValue": "secret-arn"},
    ),
    '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db"': (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-??????",
    ),
    '!Sub "/${Secret}/db"': (
        "ssm:GetParameters",
        {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${Secret}/db"},
    ),
    '!Sub "arn:aws:ssm:${AWS::Region}:123456789012:parameter/db"': (
        "ssm:GetParameters",
        {"Fn::Sub": "arn:aws:ssm:${AWS::Region}:123456789012:parameter/db"},
    ),
    "/shop/db": (
        "ssm:GetParameters",
        {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shop/db"},
    ),
}


@pytest.mark.parametrize(("secret", "granted"), SECRETS.items(), ids=SECRETS.keys())
def test_the_execution_role_reads_the_secret_and_nothing_else(secret: str, granted: tuple[str, Any]) -> None:
    changes = {
        "name: shop\n": "name: shop\nparameters: {Secret: {}}\n",
        "name: app, ports: [8080]": f"name: app, ports: [8080], secrets: {{DB: {secret}}}",
        **OWN_FIRST,
    }
    assert granted_to(edited(definition(), changes), "ssm:", "secretsmanager:") == {granted[0]: [granted[1]]}


def granted_to(text: str, *services: str) -> dict[str, Any]:
    """What the execution role may do of these services' actions, and on what."""
    role = properties(text, "ExecutionRole")
    return {
        action: statement["Resource"]
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        if action.startswith(services)
    }


def test_an_expression_that_does_not_say_which_is_a_secret_or_a_parameter() -> None:
    changes = {
        "name: shop\n": "name: shop\nparameters: {Secret: {}}\n",
        "name: app, ports: [8080]": "name: app, ports: [8080], secrets: {DB: !Ref Secret}",
        **OWN_FIRST,
    }
    assert granted_to(edited(definition(), changes), "ssm:", "secretsmanager:") == {
        "secretsmanager:GetSecretValue": [{"Ref": "Secret"}],
        "ssm:GetParameters": [{"Ref": "Secret"}],
    }


@pytest.mark.parametrize("secret", ["!Ref Secret", "!If [IsTest, !Ref Secret, !Ref Secret]"])
def test_a_parameter_with_the_name_of_a_parameter_is_read_by_its_arn(secret: str) -> None:
    declared = "parameters: {Secret: {Type: 'AWS::SSM::Parameter::Name', Default: /shop/db}}\n"
    declared += "conditions: {IsTest: !Equals [!Ref 'AWS::Region', eu-west-1]}\n"
    changes = {
        "name: shop\n": f"name: shop\n{declared}",
        "name: app, ports: [8080]": f"name: app, ports: [8080], secrets: {{DB: {secret}}}",
        **OWN_FIRST,
    }
    arn = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
    assert granted_to(edited(definition(), changes), "ssm:", "secretsmanager:") == {
        "ssm:GetParameters": [{"Fn::Sub": f"{arn}/${{Secret}}"}, {"Fn::Sub": f"{arn}${{Secret}}"}]
    }


def test_the_execution_role_reads_the_password_of_a_registry_whose_secret_is_given_by_name() -> None:
    credentials = "repository_credentials: {credentials_parameter: shop/registry}"
    text = edited(definition(), {"name: app, ports: [8080]": f"name: app, ports: [8080], {credentials}"})
    named = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:shop/registry-??????"
    assert granted_to(text, "ssm:", "secretsmanager:") == {"secretsmanager:GetSecretValue": [{"Fn::Sub": named}]}


@pytest.mark.parametrize(
    ("group", "named"),
    [("/shop/web", "/shop/web"), ("!Sub '/shop/${Stage}'", "/shop/${Stage}"), ("!Ref Stage", "${Stage}")],
)
def test_the_execution_role_writes_to_a_log_group_that_a_container_names(group: str, named: str) -> None:
    options = f"{{awslogs-group: {group}, awslogs-region: !Ref AWS::Region, awslogs-stream-prefix: app"
    changes = {
        "name: shop\n": "name: shop\nparameters: {Stage: {}}\n",
        "name: app, ports: [8080]": f"name: app, ports: [8080], log_configuration: "
        f"{{driver: awslogs, options: {options}, awslogs-create-group: 'true'}}}}",
    }
    of_group = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{named}"
    assert granted_to(edited(definition(), changes), "logs:") == {
        "logs:CreateLogGroup": [{"Fn::Sub": of_group}],
        "logs:CreateLogStream": [{"Fn::Sub": f"{of_group}:*"}],
        "logs:PutLogEvents": [{"Fn::Sub": f"{of_group}:*"}],
    }


def test_the_execution_role_finds_the_bucket_of_files_that_expressions_name() -> None:
    changes = {
        "name: shop\n": "name: shop\nparameters: {Bucket: {}, File: {}}\n",
        "name: app, ports: [8080]": "name: app, ports: [8080], environment_files: "
        "[!Sub 'arn:aws:s3:::${Bucket}/app.env', !Ref File]",
        **OWN_FIRST,
    }
    assert granted_to(edited(definition(), changes), "s3:") == {
        "s3:GetObject": [{"Fn::Sub": "arn:aws:s3:::${Bucket}/app.env"}, {"Ref": "File"}],
        "s3:GetBucketLocation": [
            {"Fn::Sub": "arn:aws:s3:::${Bucket}"},
            {"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "File"}]}]},
        ],
    }


def test_the_first_pull_through_a_cache_may_make_the_repository() -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx:1"
    sources = "    repositories: [more, {name: mirror/redis, pull_through: true}]\n"
    changes = {"ports: [8080]}]": f"ports: [8080]}}, {{name: side, image: '{image}'}}]"}
    text = edited(definition(), {**changes, "    load_balancer": f"{sources}    load_balancer"})
    found = granted_to(text, "ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
    for resources in found.values():
        assert [str(each).rsplit("repository/", 1)[-1].rstrip("'}") for each in resources] == [
            "mirror/redis",
            "docker-hub/library/nginx",
        ]
    assert len(found) == 2


def test_the_execution_role_pulls_an_image_whose_tag_is_an_expression() -> None:
    image = "!Sub '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/side:${Tag}'"
    changes = {
        "name: shop\n": "name: shop\nparameters: {Tag: {}}\n",
        "ports: [8080]}]": f"ports: [8080]}}, {{name: side, image: {image}}}]",
    }
    found = granted_to(edited(definition(), changes), "ecr:BatchGetImage")["ecr:BatchGetImage"]
    assert {"Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/side"} in found


def test_the_execution_role_pulls_from_every_repository_that_images_come_from() -> None:
    ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    side = f"{{name: side, image: '{ecr}/side:1@sha256:{'a' * 64}'}}"
    sources = f"    first_images: {{app: '{ecr}/base/boot:1'}}\n    repositories: [more]\n"
    changes = {"ports: [8080]}]": f"ports: [8080]}}, {side}]", "    load_balancer": f"{sources}    load_balancer"}
    found = granted_to(edited(definition(), changes), "ecr:BatchGetImage")["ecr:BatchGetImage"]
    assert [str(each).rsplit("repository/", 1)[-1].rstrip("'}") for each in found] == [
        "shop",
        "more",
        "side",
        "base/boot",
    ]


BY_CLOUDFORMATION = {
    "name: shop\n": 'name: shop\nparameters: {VpcId: {}, Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}}\n',
    "cluster: main": "cluster: parcels",
    "vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]": "vpc_id: !Ref VpcId, subnets: !Ref Subnets",
    "    load_balancer": "    deployed_by: cloudformation\n    load_balancer",
    "[{kind: ecs-deploy, name: Deploy, service: web}]": """
        - kind: cloudformation
          name: Deploy
          stack_name: shop-web
          template: {path: shop-web.yaml}
          role: deploys-shop
          capabilities: [CAPABILITY_IAM]
          parameter_overrides: {AppImage: "#{Image.IMAGE_URI_APP}"}""",
}


def test_cloudformation_as_the_writer_brings_the_image_by_a_parameter(
    cloud: Cloud, pipegen: Pipegen, tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text(edited(definition(), BY_CLOUDFORMATION))
    rendered = pipegen("render", "shop.yaml", "-o", "out")
    assert rendered.returncode == 0, rendered.stderr
    assert sorted(file.stem for file in (tmp_path / "out").iterdir()) == ["shop-pipeline", "shop-web"]
    cloud.reset()
    parameters = prepare_network(cloud, {"VpcId": "", "Subnets": ""})
    for image in ("shop:1", "shop:2"):
        cloud.deploy(tmp_path / "out" / "shop-web.yaml", "shop-web", parameters={**parameters, "AppImage": image})
        described = cloud.aws_json("ecs", "describe-services", "--cluster", "parcels", "--services", "shop-web")
        named = ("ecs", "describe-task-definition", "--task-definition", described["services"][0]["taskDefinition"])
        assert cloud.aws_json(*named)["taskDefinition"]["containerDefinitions"][0]["image"] == image


WRITERS = {
    "both": (
        {"    load_balancer": "    deployed_by: cloudformation\n    load_balancer"},
        "CloudFormation deploys the service web",
    ),
    "by its own name": (
        {"service: web}": "cluster: main, service: shop-web, roles: [shop-task]}"},
        "this is the service web of the definition, whose image would not be recorded",
    ),
    "a stack without an image": (
        {**BY_CLOUDFORMATION, 'parameter_overrides: {AppImage: "#{Image.IMAGE_URI_APP}"}': "parameter_overrides: {}"},
        'the image of "app" is missing, but CloudFormation deploys web',
    ),
    "a stack with an image that deployments bring": (
        {**BY_CLOUDFORMATION, "    deployed_by: cloudformation\n": ""},
        'AppImage sets the image of "app", which deployments of the pipeline also set',
    ),
}


@pytest.mark.parametrize(("changes", "said"), WRITERS.values(), ids=WRITERS.keys())
def test_a_service_has_one_writer_of_task_definitions(
    changes: Mapping[str, str], said: str, pipegen: Pipegen, tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text(edited(definition(), changes))
    result = pipegen("validate", "shop.yaml")
    assert result.returncode == 1
    [line] = problems_in(result.stderr)
    assert line.endswith("[service-writer]")
    assert said in line


def test_the_command_that_creates_a_service_that_pauses_says_how_to_go_on(pipegen: Pipegen, tmp_path: Path) -> None:
    pause = "    deployment: {kind: blue-green, hooks: [{pause_at: [POST_TEST_TRAFFIC_SHIFT], timeout_minutes: 60}]}\n"
    (tmp_path / "shop.yaml").write_text(edited(definition(), {"    load_balancer": f"{pause}    load_balancer"}))
    commands = pipegen("render", "shop.yaml", "-o", "out").stderr
    assert "# When shop-web is created, the service's first deployment pauses at POST_TEST_TRAFFIC_SHIFT." in commands
    assert "list-service-deployments --cluster main --service shop-web" in commands
    assert "continue-service-deployment" in commands
    (tmp_path / "shop.yaml").write_text(definition())
    assert "continue-service-deployment" not in pipegen("render", "shop.yaml", "-o", "out").stderr


def test_the_commands_say_what_runs_before_the_first_deployment(pipegen: Pipegen, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(definition())
    commands = pipegen("render", "shop.yaml", "-o", "out").stderr
    assert f"#   {FIRST_IMAGE}\n#   /pipegen/shop/web/app/image\n" in commands
    (tmp_path / "shop.yaml").write_text(edited(definition(), OWN_FIRST))
    assert "hello-app" not in pipegen("render", "shop.yaml", "-o", "out").stderr


def test_the_first_image_is_pinned() -> None:
    assert re.fullmatch(r"[^:@]+@sha256:[0-9a-f]{64}", FIRST_IMAGE)
