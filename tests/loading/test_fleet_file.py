"""What a pipegen.yaml does to the definitions below it: defaults, tags, locks, environments, blueprints of its own."""

from __future__ import annotations

import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from pipegen import load, render
from pipegen.errors import InvalidDefinition, quoted
from pipegen.loading import load_file
from pipegen.loading.blueprints.catalog import catalog, own_directory
from pipegen.loading.fleet_file import find_fleet, read_fleet
from pipegen.loading.sources import Loaded
from tests.loading.test_blueprint_files import WEB, service, written

PLAIN = """\
name: plain
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: plain, branch: main}]}
    - {name: Release, actions: [{kind: approval, name: Yes}]}
"""
FLEET = """\
blueprints: [platform]
defaults:
  with: {port: 8080, cluster: main}
  permissions_boundary: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/boundary"
  tags: {tier: silver}
tags: {cost-centre: retail, tier: bronze}
environments:
  staging: {account: "111111111111", region: eu-west-1, parameters: {VpcId: vpc-1, Subnets: [a, b]}}
  production: {account: "222222222222", region: eu-west-1}
locked:
  permissions_boundary: Security owns it
  with.cluster: There is one
  "pipeline.stages.*.actions.*.kind": Use a blueprint
"""


def loaded(root: Path, text: str, fleet: str = FLEET, blueprint: str = WEB) -> Loaded:
    tree = {"pipegen.yaml": fleet, "platform/web/blueprint.yaml": blueprint, "services/orders.yaml": text}
    [loaded] = load_file(written(root, tree) / "services/orders.yaml")
    return loaded


def reported(root: Path, text: str, fleet: str = FLEET, blueprint: str = WEB) -> list[str]:
    with pytest.raises(InvalidDefinition) as raised:
        loaded(root, text, fleet, blueprint)
    return [str(problem).replace(f"{root}/", "") for problem in raised.value.problems]


def web(**arguments: str) -> str:
    return service(**{"service": "orders"} | arguments).replace("./web", "web")


def test_blueprint_defaults_and_file_are_put_on_top_of_each_other(tmp_path: Path) -> None:
    definition = loaded(tmp_path, web() + "tags: {tier: gold}\n").definition
    assert definition.tags == {
        "service": "orders",
        "orders-port": "8080",  # the fleet's argument, not the blueprint's default
        "cost-centre": "retail",
        "tier": "gold",
    }
    assert definition.permissions_boundary is not None
    definition = loaded(tmp_path, web(port="80")).definition
    assert (definition.tags["orders-port"], definition.tags["tier"]) == ("80", "silver")


def test_a_definition_without_a_blueprint_has_the_defaults_too(tmp_path: Path) -> None:
    definition = loaded(tmp_path, PLAIN, FLEET.replace('  "pipeline.', '  "services.')).definition
    assert definition.tags == {"cost-centre": "retail", "tier": "silver"}
    assert definition.permissions_boundary is not None


def test_what_is_locked_is_reported_with_its_reason_and_with_all_other_problems(tmp_path: Path) -> None:
    assert reported(tmp_path, web(cluster="own", prt="1") + "permissions_boundary: x\n") == [
        "services/orders.yaml:4:3: error: with.cluster is locked: There is one; remove it "
        "[locked-field]\npipegen.yaml:12:3: note: related location",
        'services/orders.yaml:4:3: error: unknown parameter "cluster" of the blueprint web; use one of service, '
        "port, stages, connection, approve, boundary [unknown-argument]",
        'services/orders.yaml:5:3: error: unknown parameter "prt" of the blueprint web; '
        'did you mean "port"? [unknown-argument]',
        "services/orders.yaml:6:1: error: permissions_boundary is locked: Security owns it; remove it "
        "[locked-field]\npipegen.yaml:11:3: note: related location",
    ]


def test_a_lock_with_stars_finds_every_place(tmp_path: Path) -> None:
    lines = reported(tmp_path, PLAIN)
    assert [line.split("; ")[0] for line in lines] == [
        "services/orders.yaml:4:33: error: pipeline.stages.*.actions.*.kind is locked: Use a blueprint",
        "services/orders.yaml:5:34: error: pipeline.stages.*.actions.*.kind is locked: Use a blueprint",
    ]


def test_a_wrong_default_stands_in_the_fleets_file_and_tells_whose_it_is(tmp_path: Path) -> None:
    assert reported(tmp_path, web(), FLEET.replace("tier: silver", "tier: true")) == [
        "pipegen.yaml:5:10: error: tier must be a string, or one of !Ref !Sub !GetAtt !ImportValue !Join !Select "
        "!If !FindInMap, got true; put it in quotes [wrong-type]\nservices/orders.yaml: note: related location"
    ]
    assert reported(tmp_path, web(), FLEET.replace("port: 8080", "port: x")) == [
        'pipegen.yaml:3:10: error: port must be an integer, got "x" '
        "[wrong-argument]\nplatform/web/blueprint.yaml:4:3: note: related location"
    ]


def test_environments_are_all_or_those_that_are_named(tmp_path: Path) -> None:
    def environments(text: str, fleet: str = FLEET) -> tuple[str, ...]:
        origin = loaded(tmp_path, text, fleet).origin
        assert origin is not None
        return origin.environments

    assert environments(web()) == ("staging", "production")
    assert environments(web() + "environments: [production]\n") == ("production",)
    only = FLEET.replace("defaults:\n", "defaults:\n  environments: [staging]\n")
    assert environments(web(), only) == ("staging",)
    assert environments(web() + "environments: [production, staging]\n", only) == ("staging", "production")


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("[prod]", "services/orders.yaml:4:16: error: there is no environment prod; there are staging"),
        ("[]", "services/orders.yaml:4:1: error: environments must be a list of names; there are staging"),
        ("staging", "services/orders.yaml:4:1: error: environments must be a list of names; there are staging"),
        ("[3]", "services/orders.yaml:4:1: error: environments must be a list of names; there are staging"),
    ],
)
def test_environments_that_are_not_there_are_reported(given: str, line: str, tmp_path: Path) -> None:
    [only] = reported(tmp_path, web() + f"environments: {given}\n")
    assert only.startswith(line)


def test_expressions_see_the_environments(tmp_path: Path) -> None:
    blueprint = WEB.replace('"{{ service }}-port": ', 'vpc: "{{ environments.staging.parameters.VpcId }}", x: ')
    assert loaded(tmp_path, web(), blueprint=blueprint).definition.tags["vpc"] == "vpc-1"
    blueprint = blueprint.replace("staging.parameters", "prod.parameters")
    [line] = reported(tmp_path, web(), blueprint=blueprint)
    assert "platform/web/blueprint.yaml:14:" in line
    assert "error: there is no prod in the mapping" in line


def test_values_of_parameters_are_texts_as_cloudformation_takes_them(tmp_path: Path) -> None:
    written(tmp_path, {"pipegen.yaml": FLEET})
    staging = read_fleet(tmp_path).data.environments["staging"]
    assert [staging.value(name) for name in ("VpcId", "Subnets", "Other")] == ["vpc-1", "a,b", None]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("locked:", "loked:", 'pipegen.yaml:10:1: error: unknown key "loked"; did you mean "locked"?'),
        (
            "region: eu-west-1, ",
            "rgion: x, ",
            'pipegen.yaml:8:38: error: unknown key "rgion"; did you mean "region"?',
        ),
        ('"111111111111"', "111111111111", "pipegen.yaml:8:13: error: account must be a string, got the number"),
        ('"111111111111"', '"1"', 'pipegen.yaml:8:13: error: account must be 12 digits, in quotes, got "1"'),
        (
            "eu-west-1, p",
            "Ireland, p",
            'pipegen.yaml:8:38: error: region must be a region such as eu-west-1, got "Ireland"',
        ),
        (
            "  staging:",
            "  files:",
            "pipegen.yaml:8:3: error: a key of environments must be 1 to 63",
        ),
        (
            "  staging:",
            "  ../up:",
            "pipegen.yaml:8:3: error: a key of environments must be 1 to 63",
        ),
        (
            "VpcId: vpc-1",
            "VpcId: true",
            "pipegen.yaml:8:70: error: VpcId must be a string or a list, got true; put it in quotes",
        ),
        (
            "Security owns it",
            '" "',
            'pipegen.yaml:11:3: error: "permissions_boundary" is locked without a reason',
        ),
        ("  with.cluster:", "  with..cluster:", 'pipegen.yaml:12:3: error: "with..cluster" is locked without'),
        (
            "blueprints: [",
            "definitions: [../*.yaml]\nblueprints: [",
            'pipegen.yaml:1:15: error: "../*.yaml" leads',
        ),
        (
            "blueprints: [",
            "definitions: [/etc/*]\nblueprints: [",
            'pipegen.yaml:1:15: error: "/etc/*" leads out',
        ),
        ("defaults:", "defaults: &x [*x]\nd:", "pipegen.yaml:2:15: error: the alias"),
    ],
)
def test_a_wrong_fleet_is_reported_with_its_location(before: str, after: str, line: str, tmp_path: Path) -> None:
    assert before in FLEET
    lines = reported(tmp_path, web(), FLEET.replace(before, after, 1))
    assert [each.startswith(line) for each in lines] == [True], lines


def test_the_nearest_fleet_above_a_file_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, {"pipegen.yaml": "{}", "team/pipegen.yaml": "tags: {team: a}", "team/services/a.yaml": PLAIN})
    [definition] = load(tmp_path / "team/services/a.yaml")
    assert definition.tags == {"team": "a"}
    monkeypatch.chdir(tmp_path / "team/services")
    [definition] = load(Path("a.yaml"))
    assert definition.tags == {"team": "a"}
    (tmp_path / "team/pipegen.yaml").unlink()
    [definition] = load(tmp_path / "team/services/a.yaml")
    assert definition.tags == {}


def test_files_of_a_fleet_are_sorted_and_its_own_is_none_of_them(tmp_path: Path) -> None:
    names = ["pipegen.yaml", "services/b.yaml", "services/a/c.yaml", "services/a.yml", "other/d.yaml"]
    written(tmp_path, dict.fromkeys(names, "{}"))
    paths = read_fleet(tmp_path).files()
    assert [str(each.relative_to(tmp_path)) for each in paths] == ["services/a/c.yaml", "services/b.yaml"]
    written(tmp_path, {"pipegen.yaml": 'definitions: ["**/*.y*ml"]'})
    os.utime(tmp_path / "pipegen.yaml", ns=(1, 1))
    paths = read_fleet(tmp_path).files()
    assert [str(each.relative_to(tmp_path)) for each in paths] == [
        "other/d.yaml", "services/a/c.yaml", "services/a.yml", "services/b.yaml",
    ]  # fmt: skip


def test_own_blueprints_come_first_and_what_they_hide_is_reported(tmp_path: Path) -> None:
    fleet = FLEET.replace("[platform]", "[more, platform]")
    written(
        tmp_path, {"more/web/blueprint.yaml": WEB.replace("port: {type: integer, default: 3000", "port: {default: '1'")}
    )
    made = loaded(tmp_path, web(port="'7'"), fleet.replace("port: 8080, ", ""))
    assert made.definition.tags["orders-port"] == "7"
    assert made.origin is not None
    [note] = made.origin.notes
    assert str(note).replace(f"{tmp_path}/", "") == (
        "more/web: note: the blueprint web hides the one in platform/web; rename it if that is not "
        "meant [blueprint-shadowed]"
    )
    entries = catalog(find_fleet(tmp_path / "services/orders.yaml"))
    assert entries["web"].directory == tmp_path / "more/web"
    assert {each.parent.name for each in own_directory().glob("[a-z]*/blueprint.yaml")} <= entries.keys()


def test_a_path_is_seen_from_the_root_and_stays_inside(tmp_path: Path) -> None:
    assert loaded(tmp_path, web().replace(": web", ": ./platform/web", 1)).definition.name == "orders"
    outside = tmp_path / "fleet"
    written(tmp_path, {"web/blueprint.yaml": WEB})
    [line] = reported(outside, web().replace(": web", ": ../web", 1))
    assert 'services/orders.yaml:1:1: error: "../web" leads out of the fleet' in line
    (outside / "link").symlink_to(tmp_path / "web")
    [line] = reported(outside, web().replace(": web", ": ./link", 1))
    assert "leads out of the fleet" in line
    made: Any = loaded(outside, web().replace(": web", ": ../web", 1), FLEET.replace("[platform]", "[../../fleet/..]"))
    assert made.definition.name == "orders"


def test_definitions_use_the_fleets_foundation_by_its_exports(tmp_path: Path) -> None:
    fleet = FLEET + "foundation: {name: delivery, create_key: true, tags: {tier: gold}}\n"
    definition = loaded(tmp_path, web(), fleet).definition
    assert definition.foundation is not None
    assert (definition.foundation.name, definition.foundation.referenced_by, definition.foundation.has_key) == (
        "delivery",
        "export",
        True,
    )
    shared = read_fleet(tmp_path).foundation
    assert shared is not None
    assert shared.tags == {"cost-centre": "retail", "tier": "gold"}
    definition = loaded(
        tmp_path, web(), fleet.replace("defaults:", "defaults:\n  foundation: {referenced_by: parameter}")
    ).definition
    assert definition.foundation is not None
    assert (definition.foundation.name, definition.foundation.referenced_by) == ("delivery", "parameter")
    lines = reported(tmp_path, web(), FLEET + "foundation: {nam: delivery}\n")
    assert lines == ['pipegen.yaml:14:14: error: unknown key "nam"; did you mean "name"? [unknown-key]']


@pytest.mark.parametrize(
    ("lock", "own", "place"),
    [
        ("tags.cost-centre", "tags: !Ref Tags", "5:1"),
        ("tags.cost-centre", "tags: [a]", "5:1"),
        ("tags.cost-centre", "tags:", "5:1"),
        ("services.*.tags.team", "services: {app: !Ref App}", "5:12"),
        ('tags."owner.team"', "tags: {owner.team: me, team: me}", "5:8"),
        ("with.connection", "description: x", "4:3"),
        ("overrides", "overrides: {Role: {PermissionsBoundary: none}}", "5:1"),
        ("services.*.overrides", "services: {app: {overrides: {}}}", "5:18"),
        ("pipeline.stages.*.actions.*.kind", "pipeline: {stages: !Ref X}", "5:12"),
        ("pipeline.*.rules", "pipeline: {execution_mode: QUEUED, stages: !Ref X}", "5:36"),
    ],
)
def test_anything_that_replaces_a_locked_value_sets_it(lock: str, own: str, place: str, tmp_path: Path) -> None:
    fleet = f"blueprints: [platform]\ntags: {{cost-centre: retail}}\nlocked: {{'{lock}': Not yours}}\n"
    lines = reported(tmp_path, web(connection="x") + own + "\n", fleet)
    locked = [line for line in lines if "locked-field" in line]
    words = f": error: {lock} is locked: Not yours; remove it [locked-field]\npipegen.yaml:3:10: note: related location"
    assert locked == [f"services/orders.yaml:{place}{words}"], lines


def test_what_leaves_a_locked_path_alone_is_allowed(tmp_path: Path) -> None:
    locked = "{tags.key: x, 'tags.\"a.b\"': x, with.port: x, 'pipeline.stages.*.on_failure': x}"
    fleet = f"blueprints: [platform]\nlocked: {locked}\n"
    own = "tags: {owner: me, a: me}\n"
    assert loaded(tmp_path, web() + own, fleet).definition.tags["a"] == "me"
    assert loaded(tmp_path, PLAIN + own, fleet).definition.tags == {"owner": "me", "a": "me"}
    [line] = reported(tmp_path, "blueprint: web\nwith:\n", fleet)
    assert "error: service" in line


@pytest.mark.parametrize("where", ["tags", "services: {app: {task_definition: {tags"])
def test_an_expression_cannot_be_a_mapping_of_tags(where: str, tmp_path: Path) -> None:
    lines = reported(tmp_path, f"{PLAIN}{where}: !Ref X{'}' * where.count('{')}\n", "{}")
    [line] = [line for line in lines if "tags" in line]
    words = "error: tags must be tags by their names, got !Ref [wrong-type]"
    assert line == f"services/orders.yaml:6:{1 + where.rfind('tags')}: {words}"


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ("permission_boundary", 'definitions have no permission_boundary; did you mean "permissions_boundary"?'),
        ("*.stages", "definitions have no *; there are name, pipeline, "),
        ("with.prt", 'no blueprint has that parameter; did you mean "port"?'),
        ("with.stages.0", "arguments are replaced as a whole; lock with.stages"),
        ('tags."owner.team', "is locked without a reason, or is not a path; such as "),
        ('tags."a"b', "is locked without a reason, or is not a path; such as "),
    ],
)
def test_a_lock_that_would_hold_nothing_is_reported(lock: str, words: str, tmp_path: Path) -> None:
    [line] = reported(tmp_path, web(), f"blueprints: [platform]\nlocked: {{'{lock}': Not yours}}\n")
    assert line.startswith(f"pipegen.yaml:2:10: error: {quoted(lock)} ")
    assert words in line


@pytest.mark.parametrize("lock", ["blueprint", "environments", "with", "with.*", "with.approve", "with.queues"])
def test_every_key_of_a_file_can_be_locked(lock: str, tmp_path: Path) -> None:
    written(tmp_path, {"pipegen.yaml": f"blueprints: [platform]\nlocked: {{'{lock}': Not yours}}\n"})
    written(tmp_path, {"platform/web/blueprint.yaml": WEB})
    assert read_fleet(tmp_path).data.locked == {lock: "Not yours"}


def test_a_blueprint_that_cannot_be_read_is_reported_only_where_it_is_used(tmp_path: Path) -> None:
    fleet = "blueprints: [platform]\nlocked: {with.connection: Not yours}\n"
    written(tmp_path, {"platform/broken/blueprint.yaml": "summary: 3"})
    assert loaded(tmp_path, web(), fleet).definition.name == "orders"


def test_a_lock_on_patches_holds_where_the_example_of_a_fleet_has_it(tmp_path: Path) -> None:
    example = (files("pipegen") / "templates/fleet.yaml").read_text()
    locks = example[example.index("# locked:") :].replace("# ", "")
    [line] = reported(tmp_path, PLAIN + "overrides: {PipelineRole: {PermissionsBoundary: none}}\n", locks)
    message, _, related = line.partition("\n")
    assert message == (
        "services/orders.yaml:6:1: error: overrides is locked: "
        "Overrides patch templates and could bypass locked keys; remove it [locked-field]"
    )
    assert related.endswith("note: related location")


def test_pipegens_own_blueprints_are_called_the_same_on_every_machine(tmp_path: Path) -> None:
    fleet = "blueprints: [platform]\n"
    written(tmp_path, {"platform/worker/blueprint.yaml": WEB})
    found = loaded(tmp_path, web().replace(": web", ": worker", 1), fleet)
    assert found.origin is not None
    [note] = found.origin.notes
    assert "the blueprint worker hides the one in pipegen:worker; " in str(note)
    [line] = reported(tmp_path, "blueprint: ecs-rolling\nwith: {service: a, repository: acme/shop}\n", fleet)
    place = re.escape("\npipegen:_web/blueprint.yaml:")
    assert re.search(rf"{place}\d+:\d+: note: related location$", line), line


GOVERNED = """\
defaults:
  parameters: {BoundaryName: {Type: String}, Unused: {Type: String, Default: x}, Team: {Type: String, Default: retail}}
  permissions_boundary: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${BoundaryName}"
  role_path: /delivery/
  tags: {team: !Ref Team}
tags: {cost-centre: "42"}
foundation: {name: shared}
"""


def test_defaults_that_govern_roles_and_tags_reach_the_foundation(tmp_path: Path) -> None:
    (tmp_path / "pipegen.yaml").write_text(GOVERNED)
    shared = read_fleet(tmp_path).foundation
    assert shared is not None
    found = json.loads(render(shared, format="json").stacks[0].text)
    roles = [each["Properties"] for each in found["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    assert len(roles) == 2
    for role in roles:
        assert role["PermissionsBoundary"]["Fn::Sub"].endswith(":policy/${BoundaryName}")
        assert role["Path"] == "/delivery/"
        assert {"Key": "team", "Value": {"Ref": "Team"}} in role["Tags"]
        assert {"Key": "cost-centre", "Value": "42"} in role["Tags"]
    assert set(found["Parameters"]) == {"BoundaryName", "Team"}


def test_what_the_foundation_says_itself_wins_over_the_defaults(tmp_path: Path) -> None:
    own = "foundation: {name: shared, permissions_boundary: 'arn:aws:iam::111111111111:policy/own', role_path: /own/}"
    (tmp_path / "pipegen.yaml").write_text(GOVERNED.replace("foundation: {name: shared}", own))
    shared = read_fleet(tmp_path).foundation
    assert shared is not None
    assert (shared.permissions_boundary, shared.role_path) == ("arn:aws:iam::111111111111:policy/own", "/own/")
    assert set(shared.parameters) == {"Team"}


def test_a_pipeline_refers_by_name_to_the_role_of_the_foundation_under_its_path(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "pipegen.yaml").write_text(GOVERNED)
    path = tmp_path / "services" / "app.yaml"
    path.write_text(
        "name: app\nfoundation: {referenced_by: name}\npipeline:\n  stages:\n"
        "    - {name: Source, actions: [{kind: codecommit, name: App, repository: app, branch: main}]}\n"
        "    - {name: Release, actions: [{kind: approval, name: Approve}]}\n"
    )
    [definition] = load(path)
    [stack] = render(definition).stacks
    assert "role/delivery/shared-events-${AWS::Region}" in stack.text


def test_two_environments_in_one_place_give_a_foundation_one_value_of_a_default_parameter(tmp_path: Path) -> None:
    place = 'account: "111111111111", region: eu-west-1'
    environments = "environments:\n" + "".join(
        f"  {name}: {{{place}, parameters: {{BoundaryName: {name}}}}}\n" for name in ("one", "two")
    )
    (tmp_path / "pipegen.yaml").write_text(GOVERNED + environments)
    with pytest.raises(InvalidDefinition) as raised:
        read_fleet(tmp_path)
    assert [problem.code for problem in raised.value.problems] == ["same-environment"]
