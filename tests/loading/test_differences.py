"""Values that differ between environments: sections of services, and arguments of blueprints."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipegen import load
from pipegen.loading.definition import read
from pipegen.loading.fleet_file import read_fleet
from pipegen.loading.yaml_file import load_yaml
from tests.fleets import FleetDirectory, fleet
from tests.support.command import problems_in, run

__all__ = ["fleet"]

PIPELINE = """\
pipeline:
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: orders, branch: main}]
    - name: Build
      actions: [{kind: docker-build, name: Image, images: [{container: app, repository: orders}]}]
    - name: Deploy
      actions: [{kind: ecs-deploy, name: Deploy, service: web}]
"""
SERVICE = """\
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
    task_definition:
      memory: 1024
      containers: [{name: app, ports: [3000], environment: {LOG: info, PORT: "3000"}}]
"""
ORDERS = f"""\
name: orders
services:
  web:
{SERVICE}    environments:
      staging:
        task_definition: {{cpu: 256, containers: [{{name: app, environment: {{LOG: debug}}}}]}}
      production:
        task_definition: {{cpu: 512}}
        autoscaling: {{minimum: 2, maximum: 6, cpu_percent: 60}}
{PIPELINE}"""
BLUEPRINT = """\
summary: A web service
parameters:
  cpu: {type: integer, minimum: 256, maximum: 4096}
  size: {default: small, allowed_values: [small, large]}
  token: {pattern: "[a-z]+", default: none}
  topic: {type: value, required: false}
  count: {type: integer, default: 1}
  rebalanced: {type: boolean, default: false}
definition:
  name: orders
  tags: {size: "{{ size }}", token: "{{ token }}"}
  services:
    web:
      cluster: main
      network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
      task_definition:
        cpu: "{{ cpu }}"
        memory: "{{ cpu * 2 }}"
        containers: [{name: app, ports: [3000]}]
      desired_count: "{{ count }}"
      availability_zone_rebalancing: "{{ rebalanced }}"
"""


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def documents(fleet: FleetDirectory, name: str = "orders") -> dict[str, Any]:
    """The templates of a definition after it is rendered, by file name."""
    done = fleet.run("--template-format", "json")
    assert done.exit_code == 0, done.stderr
    files = sorted((fleet.out / name).glob("*.json"))
    return {file.name: json.loads(file.read_text()) for file in files if "parameters" not in file.name}


def reported(fleet: FleetDirectory, text: str | None = None) -> list[str]:
    if text is not None:
        fleet.write("services/orders.yaml", text)
    lines = problems_in(fleet.run(command="validate").stderr.replace(f"{fleet.root}/", ""))
    return [line.splitlines()[0] for line in lines]  # without related locations


@pytest.fixture
def orders(fleet: FleetDirectory) -> FleetDirectory:
    """A fleet with one definition, whose service differs between staging and production."""
    for file in (fleet.root / "services").iterdir():
        file.unlink()
    fleet.write("services/orders.yaml", ORDERS)
    return fleet


@pytest.fixture
def blueprint(orders: FleetDirectory) -> FleetDirectory:
    """The same with a definition that uses a blueprint."""
    orders.write("blueprints/web/blueprint.yaml", BLUEPRINT + indented(PIPELINE))
    orders.write("services/orders.yaml", "blueprint: web\nwith: {cpu: {staging: 256, production: 1024}}\n")
    return orders


def test_a_stack_that_differs_has_a_template_for_each_environment(orders: FleetDirectory) -> None:
    found = documents(orders)
    assert [*found] == [
        "manifest.json",
        "orders-pipeline.json",
        "orders-registry.json",
        "orders-web.production.json",
        "orders-web.staging.json",
    ]
    for name, cpu, log in (("staging", "256", "debug"), ("production", "512", "info")):
        resources = found[f"orders-web.{name}.json"]["Resources"]
        task = resources["TaskDefinition"]["Properties"]
        variables = {each["Name"]: each["Value"] for each in task["ContainerDefinitions"][0]["Environment"]}
        assert (task["Cpu"], task["Memory"], variables) == (cpu, "1024", {"LOG": log, "PORT": "3000"})
        assert ("ScalableTarget" in resources) == (name == "production")
    stacks = {each["template"]: [*each["deploy"]] for each in found["manifest.json"]["stacks"]}
    assert stacks == {
        "orders/orders-registry.json": ["staging", "production"],
        "orders/orders-web.staging.json": ["staging"],
        "orders/orders-web.production.json": ["production"],
        "orders/orders-pipeline.json": ["staging", "production"],
    }


def test_rendering_again_changes_nothing_and_equal_templates_are_written_once(orders: FleetDirectory) -> None:
    before = documents(orders)
    assert documents(orders) == before
    orders.write("services/orders.yaml", ORDERS.partition("    environments:")[0] + PIPELINE.replace("x", "x"))
    text = ORDERS.replace("task_definition: {cpu: 512}\n", "task_definition: {cpu: 256}\n")
    text = text.replace("        autoscaling: {minimum: 2, maximum: 6, cpu_percent: 60}\n", "").replace("debug", "info")
    orders.write("services/orders.yaml", text)
    assert "orders-web.json" in documents(orders)


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ("cpu: 512", "cpu: 500", ["13:27: error: cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 on "
         "Fargate, got 500 in production; choose one of these; 1024 units are one vCPU [task-size]"]),
        ("minimum: 2", "minimum: 7", ["14:23: error: minimum must be at most maximum (6), got 7 in production; lower "
         "minimum, or raise maximum [autoscaling-capacity]"]),
        ("cpu: 512", "cpuu: 512",
         ['13:27: error: unknown key "cpuu" in production; did you mean "cpu"? [unknown-key]']),
        ("{minimum: 2, ", "{", ["14:9: error: minimum is missing in production; add minimum: [missing-key]"]),
        ("cluster: main", "cluster: {create: 1}", None),
        ("memory: 1024", "memory: 100000", None),
        ("      staging:\n", "      stagign:\n", ["10:7: error: there is no environment stagign; "
         'did you mean "staging"? [unknown-environment]']),
        ("      staging:\n", "      staging:\n        name: x\n",
         ["11:9: error: name cannot differ between environments, because it identifies the service; "
          "remove it from staging [environment-difference]"]),
        ("      production:\n", "      production: 5\n      x-production:\n", None),
    ],
)  # fmt: skip
def test_a_problem_names_the_environment_if_only_that_has_it(
    old: str, new: str, messages: list[str] | None, orders: FleetDirectory
) -> None:
    found = reported(orders, ORDERS.replace(old, new))
    if messages is None:
        assert found
        assert not any("in staging" in line or "in production" in line for line in found if "memory" not in line)
    else:
        assert found == [f"services/orders.yaml:{each}" for each in messages]


def test_one_file_is_validated_and_rendered_for_every_environment(orders: FleetDirectory) -> None:
    file = orders.root / "services" / "orders.yaml"
    done = run("render", file, "-o", orders.out)
    assert done.exit_code == 0, done.stderr
    written = sorted(each.name for each in orders.out.iterdir())
    assert written[2:] == ["orders-web.production.yaml", "orders-web.staging.yaml"]
    orders.write("services/orders.yaml", ORDERS.replace("cpu: 256", "cpu: 250"))
    [line] = problems_in(run("validate", file).stderr)
    assert "got 250 in staging" in line


def test_sections_need_environments(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(ORDERS)
    [line] = problems_in(run("validate", tmp_path / "orders.yaml").stderr)
    assert "orders.yaml:9:5: error: a service has values for environments, but there are no environments" in line


def test_a_lock_applies_to_sections(orders: FleetDirectory) -> None:
    orders.write("pipegen.yaml", (orders.root / "pipegen.yaml").read_text() + "locked: {services.*.autoscaling: no}\n")
    [line] = reported(orders)
    assert "services/orders.yaml:14:9: error: services.*.autoscaling is locked" in line


def test_a_replacement_is_found_when_a_template_is_split(orders: FleetDirectory) -> None:
    common = ORDERS.replace(ORDERS[ORDERS.index("    environments:") : ORDERS.index("pipeline:")], "")
    orders.write("services/orders.yaml", common.replace("memory: 1024", "memory: 1024\n      cpu: 256"))
    documents(orders)
    done = orders.run("--template-format", "json")
    assert done.exit_code == 0
    orders.write("services/orders.yaml", ORDERS.replace("memory: 1024", "memory: 1024\n      execution_role: orders"))
    done = orders.run("--template-format", "json")
    assert "fixed-property" in done.stderr


def test_arguments_differ_between_environments(blueprint: FleetDirectory) -> None:
    found = documents(blueprint)
    for name, cpu in (("staging", "256"), ("production", "1024")):
        task = found[f"orders-web.{name}.json"]["Resources"]["TaskDefinition"]["Properties"]
        assert (task["Cpu"], task["Memory"]) == (cpu, str(int(cpu) * 2))


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ("{cpu: {staging: 256, production: 8192}}", ["2:28: error: cpu must be between 256 and 4,096, got 8192 in "
         "production [wrong-argument]"]),
        ("{cpu: {staging: 256, production: many}}", ['2:28: error: cpu must be an integer, got "many" in production '
         "[wrong-argument]"]),
        ("{cpu: {staging: 256, prod: 512}}", ["2:28: error: there is no environment prod; did you mean \"production\"? "
         "[unknown-environment]"]),
        ("{cpu: {staging: 256}}", ["1:1: error: cpu is missing in production; give it under with: cpu: … "
         "[missing-argument]"]),
        ("{cpu: 256, size: {staging: large, production: huge}}", ["2:41: error: size must be one of small, large, got "
         '"huge" in production [wrong-argument]']),
        ("{cpu: 256, token: {staging: a1, production: b}}",
         ['2:26: error: token must match [a-z]+, got "a1" in staging [wrong-argument]']),
        ("{cpu: 256, size: {staging: large}}", []),
        ("{cpu: 256, rebalanced: {production: true}, count: {staging: 3}}", []),
        ("{cpu: {staging: 300, production: 512}}", None),
    ],
)  # fmt: skip
def test_an_argument_is_checked_for_each_environment(
    arguments: str, messages: list[str] | None, blueprint: FleetDirectory
) -> None:
    found = reported(blueprint, f"blueprint: web\nwith: {arguments}\n")
    if messages is None:
        assert len(found) == 1
        assert "got 300 in staging" in found[0]
    else:
        assert found == [f"services/orders.yaml:{each}" for each in messages]


def test_defaults_of_the_fleet_differ_too(blueprint: FleetDirectory) -> None:
    text = (blueprint.root / "pipegen.yaml").read_text()
    blueprint.write("pipegen.yaml", f"{text}defaults: {{with: {{cpu: {{staging: 512, production: 2048}}}}}}\n")
    blueprint.write("services/orders.yaml", "blueprint: web\nwith: {cpu: {production: 1024}}\n")
    found = documents(blueprint)
    sizes = [
        found[f"orders-web.{name}.json"]["Resources"]["TaskDefinition"]["Properties"]["Cpu"]
        for name in ("staging", "production")
    ]
    assert sizes == ["512", "1024"]


def test_an_expression_is_one_value_and_not_one_for_each_environment(blueprint: FleetDirectory) -> None:
    text = 'blueprint: web\nwith: {cpu: 256, topic: !Ref Topic}\nparameters: {Topic: {Type: String, Default: "x"}}\n'
    assert not any("environment" in line for line in reported(blueprint, text))


def test_a_definition_with_its_own_environments_deploys_the_service_to_each(tmp_path: Path) -> None:
    environments = """\
environments:
  tools: {account: "111111111111", region: eu-west-1}
  staging: {account: "222222222222", region: eu-west-1}
  production: {account: "333333333333", region: eu-west-1}
pipelines: tools
artifacts: {create_key: true}
"""
    deploys = "{kind: ecs-deploy, name: %s, service: web-%s}"
    both = ", ".join(deploys % (name.capitalize(), name) for name in ("staging", "production"))
    text = environments + ORDERS.replace("{kind: ecs-deploy, name: Deploy, service: web}", both)
    (tmp_path / "orders.yaml").write_text(text)
    [definition] = load(tmp_path / "orders.yaml")
    services = definition.services
    assert [(key, each.environment, each.task_definition.cpu) for key, each in services.items()] == [
        ("web-staging", "staging", 256),
        ("web-production", "production", 512),
    ]
    (tmp_path / "orders.yaml").write_text(text.replace("cpu: 512", "cpu: 500"))
    [line] = problems_in(run("validate", tmp_path / "orders.yaml").stderr)
    assert "orders.yaml:19:27: error: cpu must be one of" in line
    (tmp_path / "orders.yaml").write_text(text.replace("      staging:\n", "      test:\n"))
    lines = problems_in(run("validate", tmp_path / "orders.yaml").stderr)
    assert any("there is no environment test" in line for line in lines)


def test_a_list_of_environments_is_a_section_for_each_without_differences(orders: FleetDirectory) -> None:
    listed = re.sub(r"    environments:\n(?:      .*\n)+", "    environments: [staging, production]\n", ORDERS)
    sections = listed.replace("[staging, production]", "{staging: {}, production: {}}")
    sized = [text.replace("memory: 1024", "memory: 1024\n      cpu: 256") for text in (listed, sections)]
    found = []
    for text in sized:
        orders.write("services/orders.yaml", text)
        found.append({name: each for name, each in documents(orders).items() if name != "manifest.json"})
    assert [*found[0]] == ["orders-pipeline.json", "orders-registry.json", "orders-web.json"]
    assert found[0] == found[1]
    [line] = reported(orders, sized[0].replace("[staging, ", "[stagign, "))
    assert 'orders.yaml:10:20: error: there is no environment stagign; did you mean "staging"? [unknown' in line


@pytest.mark.parametrize(
    "names",
    [
        "service_discovery: {namespace: ns-0a1b2c3d4e5f6071, name: orders}",
        "service_connect: {namespace: shop, services: [{port_name: http}]}",
        "load_balancer: {listener: !Ref ListenerArn, security_group: sg-0a1b2c3d, priority: 1, path_patterns: [/a]}",
    ],
)
def test_services_in_two_accounts_can_have_the_same_names(names: str, tmp_path: Path) -> None:
    places = {"tools": "1", "staging": "2", "production": "3"}
    environments = {name: {"account": digit * 12, "region": "eu-west-1"} for name, digit in places.items()}
    text = ORDERS.replace("cluster: main", f"cluster: main\n    {names}").replace("[3000]", "[3000]\n")
    text = re.sub(r"    environments:\n(?:      .*\n)+", "    environments: [staging, production]\n", text)
    text = text.replace("[3000]\n", "[{container_port: 3000, name: http}]").replace(
        "memory:", "cpu: 256\n      memory:"
    )
    deploys = "{kind: ecs-deploy, name: %s, service: web-%s}"
    both = ", ".join(deploys % (name.capitalize(), name) for name in ("staging", "production"))
    text = text.replace("{kind: ecs-deploy, name: Deploy, service: web}", both)
    text += f"environments: {json.dumps(environments)}\npipelines: tools\nartifacts: {{create_key: true}}\n"
    text += "parameters: {ListenerArn: {Type: String}}\n"
    file = tmp_path / "orders.yaml"
    file.write_text(text)
    assert problems_in(run("validate", file, "--no-lint").stderr) == []
    file.write_text(text.replace("222222222222", "333333333333"))
    found = problems_in(run("validate", file, "--no-lint").stderr)
    assert [line for line in found if "[discovery-name]" in line or "-name]" in line or "[listener-priority]" in line]


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "desired_count": st.integers(0, 3),
        "platform_version": st.sampled_from(["LATEST", "1.4.0"]),
        "task_definition": st.fixed_dictionaries(
            {},
            optional={
                "cpu": st.sampled_from([256, 512]),
                "tags": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"])),
                "runtime_platform": st.fixed_dictionaries(
                    {}, optional={"cpu_architecture": st.sampled_from(["ARM64", "X86_64"])}
                ),
            },
        ),
        "network": st.fixed_dictionaries(
            {}, optional={"subnets": st.lists(st.sampled_from(["subnet-0a1b2c3d", "subnet-0a1b2c3e"]), min_size=1)}
        ),
    },
)


def merged(under: Any, over: Any) -> Any:
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **{key: merged(under[key], each) if key in under else each for key, each in over.items()}}
    return over


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(common=PARTS, staging=PARTS, production=PARTS)
def test_reading_a_section_is_reading_the_merged_data(
    common: Any, staging: Any, production: Any, orders: FleetDirectory
) -> None:
    data = yaml.safe_load(ORDERS)
    service = merged(data["services"]["web"], common)
    del service["environments"]
    sections = {"staging": staging, "production": production}
    written = copy.deepcopy(data)
    written["services"]["web"] = {**service, "environments": sections}
    file = orders.write("services/orders.yaml", yaml.safe_dump(written, sort_keys=False))
    for name, section in sections.items():
        data["services"]["web"] = merged(service, section)
        assert load_yaml(file, read_fleet(orders.root), environment=name).definition == read(data)
