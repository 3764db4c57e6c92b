"""What a service's stack is made of besides roles and load balancer: what CloudFormation gets, and what is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from troposphere import AWSHelperFn, AWSObject, GetAtt, GetAZs, Join, Parameter, Ref, Split, Sub, Template, ecs

from pipegen.checks.values.constraints import constraints
from pipegen.ecs.autoscaling import Autoscaling
from pipegen.ecs.capacity import CapacityProvider
from pipegen.ecs.cluster import Cluster, ClusterReference
from pipegen.ecs.connect import ClientAlias, ConnectService, HeaderMatch, ServiceConnect
from pipegen.ecs.discovery import ServiceDiscovery
from pipegen.ecs.network import ServiceNetwork
from pipegen.ecs.placement import (
    PlacementStrategy,
    ServicePlacementConstraint,
    placement_problems,
    placement_properties,
)
from pipegen.ecs.schedule import Schedule
from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.logs import LogConfiguration
from pipegen.ecs.tasks.ports import PortMapping
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.errors import InvalidDefinition, Problem
from pipegen.errors import Path as Place
from pipegen.fields.model import Model
from pipegen.loading.schemas.schema import schema_of
from pipegen.reading import check_as, read_as
from pipegen.values.expression import Expression
from pipegen.values.value import Values

HTTP = PortMapping(container_port=3000, name="http", app_protocol="http")
TCP = PortMapping(container_port=5432, name="tcp")
APP = Container("app", image="public.ecr.aws/acme/app:1", ports=[HTTP, TCP])
TASK = TaskDefinition(family="shop", cpu=512, memory=1024, containers=[APP])
ON_INSTANCES = replace(TASK, network_mode="bridge", requires_compatibilities=["EC2"])

NETWORK = ServiceNetwork(vpc_id=Ref("VpcId"), subnets=Ref("SubnetIds"))
CLUSTER = Cluster(
    "shop",
    create=True,
    capacity_providers=["FARGATE", "FARGATE_SPOT"],
    default_strategy=[
        CapacityProvider(provider="FARGATE", base=1),
        CapacityProvider(provider="FARGATE_SPOT", weight=3),
    ],
)
WEEKDAYS = Schedule(schedule="cron(0 8 ? * MON-FRI *)", minimum=4, time_zone="Europe/Berlin")
NIGHTS = Schedule(schedule="cron(0 20 * * ? *)", minimum=1, maximum=2)
SCALED = Autoscaling(minimum=2, maximum=10, cpu_percent=60, schedules=[WEEKDAYS, NIGHTS])
LOG = LogConfiguration(
    driver="awslogs",
    options={"awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "connect"},
)
CONNECT = ServiceConnect(namespace="acme.internal", services=[ConnectService(port_name="http")], log_configuration=LOG)
DISCOVERY = ServiceDiscovery(namespace=Ref("NamespaceId"))


def data(*resources: AWSObject) -> dict[str, Any]:
    """The resources as a template has them, by logical id."""
    template = Template()
    for resource in resources:
        template.add_resource(resource)
    return dict(template.to_dict()["Resources"])


WRONG = "wrong-form"
REFERENCE = "wrong-reference"


def codes_and_paths(problems: Iterable[Problem]) -> list[tuple[str, Place]]:
    listed = list(problems)
    assert all(problem.text and (problem.fix or problem.code in (WRONG, REFERENCE)) for problem in listed)
    return [(problem.code, problem.path) for problem in listed]


# The network


def test_the_network_is_in_the_subnets_of_a_list_parameter() -> None:
    assert NETWORK.awsvpc([GetAtt("Group", "GroupId")]).to_dict() == {
        "AwsvpcConfiguration": {
            "Subnets": {"Ref": "SubnetIds"},
            "SecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}],
            "AssignPublicIp": "DISABLED",
        }
    }


def test_the_network_is_in_subnets_and_groups_that_are_listed() -> None:
    network = ServiceNetwork(
        vpc_id="vpc-1", subnets=["subnet-1", Ref("Subnet")], security_groups=["sg-1"], assign_public_ip=True
    )
    assert network.awsvpc(network.security_groups).to_dict() == {
        "AwsvpcConfiguration": {
            "Subnets": ["subnet-1", {"Ref": "Subnet"}],
            "SecurityGroups": ["sg-1"],
            "AssignPublicIp": "ENABLED",
        }
    }


def test_a_security_group_allows_the_listed_sources_in_and_everything_out() -> None:
    made = NETWORK.security_group("Group", "shop", [(3000, Ref("Balancer"), "From the load balancer")])
    assert data(made) == {
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "Tasks of shop",
                "VpcId": {"Ref": "VpcId"},
                "SecurityGroupIngress": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 3000,
                        "ToPort": 3000,
                        "SourceSecurityGroupId": {"Ref": "Balancer"},
                        "Description": "From the load balancer",
                    }
                ],
            },
        }
    }
    assert "SecurityGroupIngress" not in data(NETWORK.security_group("Group", "shop", []))["Group"]["Properties"]


def in_subnets(**changes: Any) -> ServiceNetwork:
    return replace(ServiceNetwork(vpc_id="vpc-1", subnets=["subnet-1"]), **changes)


NETWORK_CODE = "service-network"
NETWORKS: dict[str, tuple[ServiceNetwork, list[tuple[str, Place]]]] = {
    "expressions": (ServiceNetwork(vpc_id=Ref("V"), subnets=Ref("S"), security_groups=Split(",", Ref("G"))), []),
    "16 subnets": (in_subnets(subnets=[f"subnet-{number}" for number in range(16)]), []),
    "no subnets": (in_subnets(subnets=[]), [(NETWORK_CODE, ("subnets",))]),
    "5 groups": (in_subnets(security_groups=[f"sg-{number}" for number in range(5)]), []),
    "a public address": (in_subnets(assign_public_ip=True), []),
    "names": (
        in_subnets(vpc_id="main", subnets=["subnet-1", "private"], security_groups=["web"]),
        [(REFERENCE, ("vpc_id",)), (REFERENCE, ("subnets", 1)), (REFERENCE, ("security_groups", 0))],
    ),
    "one for another": (
        in_subnets(vpc_id="subnet-1", subnets=["vpc-1"]),
        [(REFERENCE, ("vpc_id",)), (REFERENCE, ("subnets", 0))],
    ),
}


@pytest.mark.parametrize(("network", "expected"), NETWORKS.values(), ids=NETWORKS.keys())
def test_a_network_is_accepted_or_rejected(network: ServiceNetwork, expected: list[tuple[str, Place]]) -> None:
    assert codes_and_paths([*constraints(network), *network.problems(fargate=True)]) == expected


def test_tasks_on_instances_get_no_public_address() -> None:
    assert codes_and_paths(in_subnets(assign_public_ip=True).problems(fargate=False)) == [
        ("service-network", ("assign_public_ip",))
    ]


# Lists of values


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Model):
    values: Values


SCHEMA = schema_of(Listing)

LISTS: dict[str, Any] = {
    "a list": ["subnet-1", {"Ref": "Subnet"}],
    "no items": [],
    "a parameter": {"Ref": "SubnetIds"},
    "an attribute": {"Fn::GetAtt": ["Network", "Subnets"]},
    "lists by condition": {"Fn::If": ["A", ["subnet-1"], {"Fn::If": ["B", [], {"Ref": "AWS::NoValue"}]}]},
    "from a mapping": {"Fn::FindInMap": ["Subnets", {"Ref": "AWS::Region"}, "private"]},
    "what a text is split into": {"Fn::Split": [",", {"Fn::ImportValue": "subnets"}]},
}
NO_LISTS: dict[str, tuple[Any, str]] = {
    "text": ("subnet-1", 'got "subnet-1"'),
    "a number": (1, "got the number 1"),
    "nothing": (None, "the value of values is missing"),
    "no keys": ({}, "got a mapping with no keys"),
    "a text of parts": ({"Fn::Sub": "${A}"}, "got !Sub"),
    "an imported text": ({"Fn::ImportValue": "a"}, "got !ImportValue"),
    "a text by condition": ({"Fn::If": ["A", "b", "c"]}, 'got "b"'),
    "a list or a text": ({"Fn::If": ["A", ["b"], {"Fn::Sub": "c"}]}, "got !Sub"),
    "a condition only": (
        {"Fn::If": ["A"]},
        "the argument of !If in values must be a list of a condition's name",
    ),
    "another function": ({"Fn::GetAZs": ""}, "got !GetAZs"),
    "no name": ({"Ref": ""}, "the argument of !Ref in values must be the name"),
    "two functions": ({"Ref": "A", "Fn::Split": [",", "a"]}, "got a mapping with Ref, Fn::Split"),
    "a list with a number": (["a", 1], "got the number 1"),
    "a list in a list": ([["a"]], "got a list"),
}


@pytest.mark.parametrize("given", LISTS.values(), ids=LISTS.keys())
def test_a_list_of_values_is_a_list_or_an_expression_that_yields_one(given: Any) -> None:
    values = read_as(Listing, {"values": given}).values
    made = [value.to_dict() if isinstance(value, AWSHelperFn) else value for value in _items(values)]
    assert made == (given if isinstance(given, list) else [given])
    assert Draft202012Validator(SCHEMA).is_valid({"values": given})


def _items(values: Values) -> Sequence[Any]:
    return [values] if isinstance(values, Expression) else values


@pytest.mark.parametrize(("given", "words"), NO_LISTS.values(), ids=NO_LISTS.keys())
def test_what_is_not_a_list_of_values_is_rejected_with_what_would_be(given: Any, words: str) -> None:
    with pytest.raises(InvalidDefinition) as raised:
        read_as(Listing, {"values": given})
    [problem] = raised.value.problems
    assert words in problem.text
    assert problem.path[0] == "values"
    assert not Draft202012Validator(SCHEMA).is_valid({"values": given})


def test_a_list_made_in_python_may_be_any_expression_but_one_of_a_text() -> None:
    for values in (("a", Ref("B")), ["a"], Ref("A"), GetAZs("")):
        assert check_as(Listing, Listing(values=values))[0].values == (
            tuple(values) if isinstance(values, list) else values
        )
    for text in (Sub("${A}"), Join(",", ["a"]), "subnet-1"):
        with pytest.raises(InvalidDefinition, match="values must be a list, or one of !Ref "):
            check_as(Listing, Listing(values=text))


# The cluster


def test_a_cluster_to_create_has_its_settings_and_providers() -> None:
    assert data(*CLUSTER.resources()) == {
        "Cluster": {
            "Type": "AWS::ECS::Cluster",
            "Properties": {
                "ClusterName": "shop",
                "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
                "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
                "DefaultCapacityProviderStrategy": [
                    {"Base": 1, "CapacityProvider": "FARGATE", "Weight": 1},
                    {"Base": 0, "CapacityProvider": "FARGATE_SPOT", "Weight": 3},
                ],
            },
        }
    }
    assert CLUSTER.reference == Ref("Cluster")


def test_a_cluster_to_create_may_have_no_more_than_its_name() -> None:
    [(_, made)] = data(*Cluster("shop", create=True, container_insights="enhanced").resources()).items()
    assert made["Properties"] == {
        "ClusterName": "shop",
        "ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}],
    }


def test_a_cluster_that_exists_makes_nothing_and_is_meant_by_its_name() -> None:
    for name in ("main", Ref("ClusterName")):
        assert Cluster.of(name).resources() == ()
        assert Cluster.of(name).reference == name
        assert codes_and_paths(Cluster.of(name).problems()) == []
    assert Cluster.of(CLUSTER) is CLUSTER


def test_a_cluster_is_read_from_a_name_an_expression_or_a_mapping() -> None:
    assert read_as(ClusterReference, "main") == "main"
    assert read_as(ClusterReference, {"Ref": "ClusterName"}) == Ref("ClusterName")
    assert read_as(ClusterReference, {"name": "shop", "create": True}) == Cluster("shop", create=True)
    with pytest.raises(InvalidDefinition, match="name"):
        read_as(ClusterReference, {"create": True})


PROVIDERS = [CapacityProvider(provider="FARGATE")]
CLUSTERS: dict[str, tuple[Cluster, list[tuple[str, Place]]]] = {
    "all of it": (CLUSTER, []),
    "20 providers": (Cluster("a", create=True, capacity_providers=[f"p{number}" for number in range(20)]), []),
    "an expression among providers": (
        Cluster(
            "a",
            create=True,
            capacity_providers=[Ref("Provider")],
            default_strategy=[CapacityProvider(provider=Ref("Provider"))],
        ),
        [],
    ),
    "a misspelled provider": (
        Cluster("a", create=True, capacity_providers=["FARGATE", "fargate_spot"]),
        [("cluster-capacity", ("capacity_providers", 1))],
    ),
    "a provider by ARN": (
        Cluster("a", create=True, capacity_providers=["arn:x"]),
        [(REFERENCE, ("capacity_providers", 0))],
    ),
    "a strategy of others": (
        Cluster("a", create=True, default_strategy=PROVIDERS),
        [("cluster-capacity", ("default_strategy", 0, "provider"))],
    ),
    "a strategy without weight": (
        Cluster(
            "a",
            create=True,
            capacity_providers=["FARGATE"],
            default_strategy=[CapacityProvider(provider="FARGATE", weight=0)],
        ),
        [("cluster-capacity", ("default_strategy",))],
    ),
    "an ARN": (Cluster("arn:aws:ecs:eu-west-1:123456789012:cluster/a"), [(REFERENCE, ("name",))]),
    "an expression to create": (Cluster(Ref("Name"), create=True), [("cluster-create", ("name",))]),
    "options of one that exists": (
        Cluster("a", container_insights="enhanced", capacity_providers=["FARGATE"], default_strategy=PROVIDERS),
        [("cluster-create", (name,)) for name in ("container_insights", "capacity_providers", "default_strategy")],
    ),
}


@pytest.mark.parametrize(("cluster", "expected"), CLUSTERS.values(), ids=CLUSTERS.keys())
def test_a_cluster_is_accepted_or_rejected(cluster: Cluster, expected: list[tuple[str, Place]]) -> None:
    assert codes_and_paths([*constraints(cluster), *cluster.problems()]) == expected


# Placement

ZONES = PlacementStrategy(type="spread", field="attribute:ecs.availability-zone")
PACKED = PlacementStrategy(type="binpack", field="memory")
APART = ServicePlacementConstraint(type="distinctInstance")
SMALL = ServicePlacementConstraint(type="memberOf", expression="attribute:ecs.instance-type =~ t3.*")


def test_strategies_keep_their_order() -> None:
    properties = placement_properties([ZONES, PACKED, PlacementStrategy(type="random")], [APART, SMALL])
    assert ecs.Service("Service", TaskDefinition="shop", **properties).to_dict()["Properties"] == {
        "TaskDefinition": "shop",
        "PlacementStrategies": [
            {"Type": "spread", "Field": "attribute:ecs.availability-zone"},
            {"Type": "binpack", "Field": "memory"},
            {"Type": "random"},
        ],
        "PlacementConstraints": [
            {"Type": "distinctInstance"},
            {"Type": "memberOf", "Expression": "attribute:ecs.instance-type =~ t3.*"},
        ],
    }
    assert placement_properties([], []) == {}


Rule = PlacementStrategy | ServicePlacementConstraint


def placed(*rules: Rule, fargate: bool = False, daemon: bool = False, of_task: int = 0) -> list[tuple[str, Place]]:
    return codes_and_paths(
        placement_problems(
            [each for each in rules if isinstance(each, PlacementStrategy)],
            [each for each in rules if isinstance(each, ServicePlacementConstraint)],
            fargate=fargate,
            daemon=daemon,
            of_task=of_task,
        )
    )


STRATEGIES, CONSTRAINTS = "placement_strategies", "placement_constraints"
PLACEMENTS: dict[str, tuple[Sequence[Rule], list[Place]]] = {
    "all of it": ([ZONES, PACKED, APART, SMALL], []),
    "over hosts and instances": (
        [PlacementStrategy(type="spread", field="host"), PlacementStrategy(type="spread", field="instanceId")],
        [],
    ),
    "packed by CPU": ([PlacementStrategy(type="binpack", field="cpu")], []),
    "spread over memory": ([PlacementStrategy(type="spread", field="memory")], [(STRATEGIES, 0, "field")]),
    "packed by host": ([PlacementStrategy(type="binpack", field="host")], [(STRATEGIES, 0, "field")]),
    "an attribute without a name": ([PlacementStrategy(type="spread", field="attribute:")], [(STRATEGIES, 0, "field")]),
    "spread over nothing": ([PlacementStrategy(type="spread")], [(STRATEGIES, 0)]),
    "packed by nothing": ([PlacementStrategy(type="binpack")], [(STRATEGIES, 0)]),
    "random by a field": ([PlacementStrategy(type="random", field="cpu")], [(STRATEGIES, 0, "field")]),
    "members of nothing": ([ServicePlacementConstraint(type="memberOf")], [(CONSTRAINTS, 0)]),
    "apart by an expression": (
        [ServicePlacementConstraint(type="distinctInstance", expression="a")],
        [(CONSTRAINTS, 0, "expression")],
    ),
    "an expression of CloudFormation": ([ServicePlacementConstraint(type="memberOf", expression=Ref("Where"))], []),
}


@pytest.mark.parametrize(("rules", "paths"), PLACEMENTS.values(), ids=PLACEMENTS.keys())
def test_a_placement_is_accepted_or_rejected(rules: Sequence[Rule], paths: list[Place]) -> None:
    assert placed(*rules) == [("placement-rule", path) for path in paths]


def test_constraints_count_together_with_the_task_definitions() -> None:
    assert placed(*[SMALL] * 9, of_task=1) == []
    assert placed(*[SMALL] * 9, of_task=2) == [("placement-rule", (CONSTRAINTS,))]
    assert placed(of_task=11) == []


def test_fargate_places_tasks_itself() -> None:
    assert placed(ZONES, SMALL, fargate=True) == [
        ("placement-where", (STRATEGIES,)),
        ("placement-where", (CONSTRAINTS,)),
    ]
    assert placed(fargate=True) == []


def test_a_daemon_is_on_all_instances_that_its_constraints_allow() -> None:
    assert placed(ZONES, SMALL, daemon=True) == [("placement-where", (STRATEGIES,))]


# All of it together


PARAMETERS = {
    "VpcId": "AWS::EC2::VPC::Id",
    "SubnetIds": "List<AWS::EC2::Subnet::Id>",
    "BalancerGroupId": "AWS::EC2::SecurityGroup::Id",
    "NamespaceId": "String",
}


def template(task: TaskDefinition, *resources: AWSObject, **service: Any) -> Template:
    template = Template(Description="A service of these values alone")
    template.add_resource(ecs.TaskDefinition.from_dict("TaskDefinition", task.properties({})))
    template.add_resource(
        ecs.Service("Service", Cluster=Ref("Cluster"), TaskDefinition=Ref("TaskDefinition"), **service)
    )
    for resource in resources:
        template.add_resource(resource)
    return template


def on_fargate() -> Template:
    ingress = [(3000, Ref("BalancerGroupId"), "From the load balancer")]
    made = template(
        TASK,
        *CLUSTER.resources(),
        NETWORK.security_group("Group", "shop", ingress),
        *DISCOVERY.resources("shop"),
        *SCALED.resources(CLUSTER.reference, GetAtt("Service", "Name")),
        LaunchType="FARGATE",
        NetworkConfiguration=NETWORK.awsvpc([GetAtt("Group", "GroupId")]),
        ServiceConnectConfiguration=CONNECT.configuration(TASK),
        ServiceRegistries=[DISCOVERY.registry()],
    )
    for name, kind in PARAMETERS.items():
        made.add_parameter(Parameter(name, Type=kind))
    return made


def on_instances() -> Template:
    cluster = Cluster("shop", create=True, container_insights="disabled")
    discovery = ServiceDiscovery(namespace="ns-1", record_type="SRV", container="app", port=3000)
    by_memory = Autoscaling(minimum=1, maximum=2, memory_percent=75)
    port = replace(
        CONNECT.services[0],
        aliases=[ClientAlias(port=80, test_header=HeaderMatch("x-test", value="1"))],
        ingress_port=9000,
        per_request_timeout_seconds=30,
    )
    return template(
        ON_INSTANCES,
        *cluster.resources(),
        *discovery.resources("shop"),
        *by_memory.resources(cluster.reference, GetAtt("Service", "Name")),
        LaunchType="EC2",
        ServiceConnectConfiguration=replace(CONNECT, services=[port]).configuration(ON_INSTANCES),
        ServiceRegistries=[discovery.registry()],
        **placement_properties([ZONES, PACKED], [APART, SMALL]),
    )


@pytest.fixture(params=[on_fargate, on_instances], ids=lambda made: made.__name__)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    written = tmp_path / "service.json"
    written.write_text(request.param().to_json())
    return written


def test_cfn_lint_finds_nothing_in_a_service_of_these_values(file: Path, cfn_lint: Path) -> None:
    command = [str(cfn_lint), "--region", "eu-west-1", "--format", "json"]
    linted = subprocess.run(
        [*command, "--include-checks", "I", "--template", str(file)], capture_output=True, text=True, check=False
    )
    assert json.loads(linted.stdout or "[]") == [], linted.stdout


def test_checkov_finds_nothing_in_a_service_of_these_values(file: Path, checkov: Path) -> None:
    command: list[str | Path] = [
        checkov,
        "--skip-download",
        "--framework",
        "cloudformation",
        "--file",
        str(file),
        "--output",
        "json",
        "--quiet",
    ]
    scanned = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert scanned["summary"]["passed"] > 0
    assert [(found["check_id"], found["resource"]) for found in scanned["results"]["failed_checks"]] == []
