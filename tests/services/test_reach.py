"""How a service is reached by name, by Service Connect or DNS: what CloudFormation gets, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from troposphere import Ref

from pipegen.checks.values.constraints import constraints
from pipegen.ecs.connect import ClientAlias, ConnectService, HeaderMatch, ServiceConnect
from pipegen.ecs.discovery import ServiceDiscovery
from pipegen.ecs.tasks.logs import LogConfiguration
from pipegen.ecs.tasks.ports import PortMapping
from pipegen.ecs.tasks.task_definition import RuntimePlatform, TaskDefinition
from pipegen.errors import Path
from tests.services.test_parts import APP, CONNECT, DISCOVERY, ON_INSTANCES, TASK, codes_and_paths, data

# Service Connect


def test_a_port_is_reached_by_its_name_unless_more_is_said() -> None:
    assert CONNECT.configuration(TASK).to_dict() == {
        "Enabled": True,
        "Namespace": "acme.internal",
        "Services": [{"PortName": "http", "ClientAliases": [{"Port": 3000}]}],
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": "/ecs/shop",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "connect",
            },
        },
    }


FULL_CONNECT = ServiceConnect(
    namespace=Ref("Namespace"),
    services=[
        ConnectService(
            port_name="http",
            discovery_name="shop-http",
            aliases=[
                ClientAlias(port=80, dns_name="shop.local", test_header=HeaderMatch("x-test", value=Ref("Secret")))
            ],
            ingress_port=9000,
            idle_timeout_seconds=0,
            per_request_timeout_seconds=30,
        ),
        ConnectService(port_name="tcp", idle_timeout_seconds=60),
    ],
    log_configuration=LogConfiguration(
        driver="splunk", options={"splunk-url": "https://splunk"}, secret_options={"splunk-token": Ref("Token")}
    ),
)


def test_everything_that_service_connect_takes_can_be_said() -> None:
    assert FULL_CONNECT.configuration(TASK).to_dict() == {
        "Enabled": True,
        "Namespace": {"Ref": "Namespace"},
        "Services": [
            {
                "PortName": "http",
                "DiscoveryName": "shop-http",
                "ClientAliases": [
                    {
                        "Port": 80,
                        "DnsName": "shop.local",
                        "TestTrafficRules": {"Header": {"Name": "x-test", "Value": {"Exact": {"Ref": "Secret"}}}},
                    }
                ],
                "IngressPortOverride": 9000,
                "Timeout": {"IdleTimeoutSeconds": 0, "PerRequestTimeoutSeconds": 30},
            },
            {"PortName": "tcp", "ClientAliases": [{"Port": 5432}], "Timeout": {"IdleTimeoutSeconds": 60}},
        ],
        "LogConfiguration": {
            "LogDriver": "splunk",
            "Options": {"splunk-url": "https://splunk"},
            "SecretOptions": [{"Name": "splunk-token", "ValueFrom": {"Ref": "Token"}}],
        },
    }
    assert codes_and_paths(FULL_CONNECT.problems(TASK)) == []


def test_a_mere_client_offers_nothing() -> None:
    client = ServiceConnect(namespace="acme.internal")
    assert client.configuration(TASK).to_dict() == {"Enabled": True, "Namespace": "acme.internal"}
    assert codes_and_paths(client.problems(TASK)) == []


def connected(port_name: str = "http", *aliases: ClientAlias, **fields: Any) -> ServiceConnect:
    return ServiceConnect(namespace="acme", services=[ConnectService(port_name=port_name, aliases=aliases, **fields)])


def header(name: str) -> ClientAlias:
    return ClientAlias(port=80, test_header=HeaderMatch(name))


HERE = ("services", 0)
LONG = "a" * 63
CONNECTS: dict[str, tuple[ServiceConnect, list[tuple[str, Path]]]] = {
    "a name": (CONNECT, []),
    "an ARN": (
        replace(CONNECT, namespace="arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-abcdefghijklmnop"),
        [],
    ),
    "an id": (replace(CONNECT, namespace="ns-abcdefghijklmnop"), [("wrong-reference", ("namespace",))]),
    "no namespace": (replace(CONNECT, namespace=""), [("wrong-reference", ("namespace",))]),
    "a log without a group": (
        replace(CONNECT, log_configuration=LogConfiguration(driver="awslogs")),
        [("task-log", ("log_configuration", "options"))],
    ),
    "no such port": (connected("grpc"), [("connect-port", (*HERE, "port_name"))]),
    "the first and the last port": (connected("http", ClientAlias(port=1), ingress_port=65535), []),
    "the longest names": (
        connected("http", ClientAlias(port=80, dns_name=f"{LONG}.{LONG}"), discovery_name="a" * 64),
        [],
    ),
    "names that are too long": (
        connected("http", ClientAlias(port=80, dns_name=f"{LONG}.{LONG[1:]}.b"), discovery_name="a" * 65),
        [("wrong-form", (*HERE, "discovery_name")), ("wrong-form", (*HERE, "aliases", 0, "dns_name"))],
    ),
    "a part of a name that is too long": (
        connected("http", ClientAlias(port=80, dns_name=f"{LONG}a")),
        [("wrong-form", (*HERE, "aliases", 0, "dns_name"))],
    ),
    "capitals": (
        connected("http", ClientAlias(port=80, dns_name="Shop"), discovery_name="Shop"),
        [("wrong-form", (*HERE, "discovery_name")), ("wrong-form", (*HERE, "aliases", 0, "dns_name"))],
    ),
    "hyphens first": (
        connected("http", ClientAlias(port=80, dns_name="-a"), discovery_name="-a"),
        [("wrong-form", (*HERE, "discovery_name")), ("wrong-form", (*HERE, "aliases", 0, "dns_name"))],
    ),
    "a name twice": (
        ServiceConnect(
            namespace="acme",
            services=[ConnectService(port_name="http"), ConnectService(port_name="tcp", discovery_name="http")],
        ),
        [("connect-name", ("services", 1))],
    ),
    "a port under two names": (
        ServiceConnect(
            namespace="acme",
            services=[ConnectService(port_name="http"), ConnectService(port_name="http", discovery_name="web")],
        ),
        [],
    ),
    "the longest waits": (
        connected(idle_timeout_seconds=2147483647, per_request_timeout_seconds=2147483647),
        [],
    ),
    "requests of plain TCP": (
        connected("tcp", per_request_timeout_seconds=5),
        [("connect-protocol", (*HERE, "per_request_timeout_seconds"))],
    ),
    "headers of plain TCP": (
        connected("tcp", header("x-test")),
        [("connect-protocol", (*HERE, "aliases", 0, "test_header"))],
    ),
    "no header": (
        connected("http", header("x test")),
        [("wrong-form", (*HERE, "aliases", 0, "test_header", "name"))],
    ),
}


@pytest.mark.parametrize(("connect", "expected"), CONNECTS.values(), ids=CONNECTS.keys())
def test_service_connect_is_accepted_or_rejected(connect: ServiceConnect, expected: list[tuple[str, Path]]) -> None:
    assert codes_and_paths([*constraints(connect), *connect.problems(TASK)]) == expected


def test_a_range_of_ports_needs_an_alias_that_says_which() -> None:
    some = PortMapping(container_port_range="8000-8010", name="http", app_protocol="http")
    task = replace(TASK, containers=[replace(APP, ports=[some])])
    assert codes_and_paths(connected().problems(task)) == [("connect-port", HERE)]
    assert codes_and_paths(connected("http", ClientAlias(port=8000)).problems(task)) == []


def with_app(task: TaskDefinition, **changes: Any) -> TaskDefinition:
    return replace(task, containers=[replace(APP, **changes)])


UNCONNECTED: dict[str, TaskDefinition] = {
    "no memory": replace(ON_INSTANCES, memory=None),
    "no memory beyond the containers'": with_app(TASK, memory=1024),
    "links": with_app(ON_INSTANCES, links=["side"]),
    "a hostname in bridge mode": with_app(ON_INSTANCES, hostname="shop"),
    "Windows": replace(TASK, runtime_platform=RuntimePlatform(operating_system_family="WINDOWS_SERVER_2022_CORE")),
}


@pytest.mark.parametrize("task", UNCONNECTED.values(), ids=UNCONNECTED.keys())
def test_a_task_that_the_proxy_cannot_join_is_rejected(task: TaskDefinition) -> None:
    assert codes_and_paths(CONNECT.problems(task)) == [("connect-task", ())]


def test_a_task_that_the_proxy_can_join_is_not_rejected() -> None:
    linux = RuntimePlatform(operating_system_family="LINUX")
    for task in (with_app(TASK, memory=1023), ON_INSTANCES, replace(TASK, runtime_platform=linux)):
        assert codes_and_paths(CONNECT.problems(task)) == []


# Service discovery


def test_tasks_are_found_by_their_addresses() -> None:
    assert data(*DISCOVERY.resources("shop")) == {
        "DiscoveryService": {
            "Type": "AWS::ServiceDiscovery::Service",
            "Properties": {
                "Name": "shop",
                "NamespaceId": {"Ref": "NamespaceId"},
                "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 60}], "RoutingPolicy": "MULTIVALUE"},
                "HealthCheckCustomConfig": {"FailureThreshold": 1},
            },
        }
    }
    assert DISCOVERY.registry().to_dict() == {"RegistryArn": {"Fn::GetAtt": ["DiscoveryService", "Arn"]}}


def test_tasks_are_found_by_their_ports_too() -> None:
    by_port = ServiceDiscovery(namespace="ns-1", name="db", record_type="SRV", ttl_seconds=5, port=5432)
    made = data(*by_port.resources("shop"))["DiscoveryService"]["Properties"]
    assert made["Name"] == "db"
    assert made["DnsConfig"]["DnsRecords"] == [{"Type": "SRV", "TTL": 5}]
    registry = {"RegistryArn": {"Fn::GetAtt": ["DiscoveryService", "Arn"]}}
    assert by_port.registry().to_dict() == {**registry, "Port": 5432}
    of_container = replace(by_port, container="app").registry().to_dict()
    assert of_container == {**registry, "ContainerName": "app", "ContainerPort": 5432}


def discovered(**changes: Any) -> ServiceDiscovery:
    return replace(ServiceDiscovery(namespace="ns-abcdefghijklmnop"), **changes)


RECORD, WRONG = "discovery-record", "wrong-form"
DISCOVERIES: dict[str, tuple[ServiceDiscovery, TaskDefinition, list[tuple[str, Path]]]] = {
    "an address": (discovered(), TASK, []),
    "an expression": (DISCOVERY, TASK, []),
    "a port": (discovered(record_type="SRV", port=3000), TASK, []),
    "a container's port": (discovered(record_type="SRV", container="app", port=3000), TASK, []),
    "on instances": (discovered(record_type="SRV", container="app", port=3000), ON_INSTANCES, []),
    "an address on instances": (discovered(), ON_INSTANCES, [(RECORD, ("record_type",))]),
    "no container on instances": (discovered(record_type="SRV", port=3000), ON_INSTANCES, [(RECORD, ())]),
    "no port": (discovered(record_type="SRV", container="app"), TASK, [(RECORD, ())]),
    "a port of an address": (
        discovered(container="app", port=3000),
        TASK,
        [(RECORD, ("container",)), (RECORD, ("port",))],
    ),
    "another port": (discovered(record_type="SRV", container="app", port=80), TASK, [(RECORD, ("port",))]),
    "another container": (discovered(record_type="SRV", container="db", port=3000), TASK, [(RECORD, ("port",))]),
    "no network": (discovered(), replace(ON_INSTANCES, network_mode="none"), [(RECORD, ())]),
    "the shortest time": (discovered(ttl_seconds=0), TASK, []),
    "the longest time": (discovered(ttl_seconds=2147483647), TASK, []),
    "a namespace by name": (discovered(namespace="acme.internal"), TASK, [("wrong-reference", ("namespace",))]),
    "a namespace by ARN": (
        discovered(namespace="arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"),
        TASK,
        [("wrong-reference", ("namespace",))],
    ),
    "an empty name": (discovered(name=""), TASK, [(WRONG, ("name",))]),
    "the longest part of a name": (discovered(name="a" * 63), TASK, []),
    "a name of parts": (discovered(name="_shop._tcp"), TASK, []),
    "too long a part of a name": (discovered(name="a" * 64), TASK, [(WRONG, ("name",))]),
    "the longest name": (discovered(name=f"{'a' * 63}.{'a' * 63}"), TASK, []),
    "too long a name": (discovered(name=f"{'a' * 63}.{'a' * 62}.a"), TASK, [(WRONG, ("name",))]),
    "a hyphen last": (discovered(name="shop-"), TASK, [(WRONG, ("name",))]),
}


@pytest.mark.parametrize(("discovery", "task", "expected"), DISCOVERIES.values(), ids=DISCOVERIES.keys())
def test_service_discovery_is_accepted_or_rejected(
    discovery: ServiceDiscovery, task: TaskDefinition, expected: list[tuple[str, Path]]
) -> None:
    assert codes_and_paths([*constraints(discovery), *discovery.problems(task, "shop")]) == expected


def test_a_service_whose_name_is_none_in_dns_needs_another() -> None:
    assert codes_and_paths(discovered().problems(TASK, "a" * 64)) == [("discovery-name", ("name",))]
    assert codes_and_paths(discovered(name="shop").problems(TASK, "a" * 64)) == []
    assert codes_and_paths(discovered().problems(TASK)) == []
