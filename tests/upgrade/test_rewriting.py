"""Texts of 0.1.0 as this version reads them: what is renamed, what is asked, and that everything else stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipegen.errors import InvalidDefinition
from pipegen.loading.renamed import DEFINITION_KEYS
from pipegen.loading.yaml.parsing import parse
from pipegen.upgrade.document import NotUpgraded
from pipegen.upgrade.rewriting import rewriting

NETWORK = "services:\n  web:\n    network: {NETWORK}\n"
SPELLINGS = {
    "flow": ("services: {web: {network: {vpc: vpc-1}}}", "services: {web: {network: {vpc_id: vpc-1}}}"),
    "block": (
        "services:\n  web:\n    network:\n      vpc: vpc-1\n",
        "services:\n  web:\n    network:\n      vpc_id: vpc-1\n",
    ),
    "quotes": ("services: {'web': {\"network\": {'vpc': a}}}", "services: {'web': {\"network\": {'vpc_id': a}}}"),
    "json": ('{"services": {"web": {"network": {"vpc": "a"}}}}', '{"services": {"web": {"network": {"vpc_id": "a"}}}}'),
    "a tag": (NETWORK.replace("NETWORK", "vpc: !Ref VpcId"), NETWORK.replace("NETWORK", "vpc_id: !Ref VpcId")),
    "an anchor of the key": (
        NETWORK.replace("NETWORK", "&key vpc: vpc-1"),
        NETWORK.replace("NETWORK", "&key vpc_id: vpc-1"),
    ),
    "an explicit key": (
        "services:\n  ? web\n  : network:\n      ? vpc\n      : a\n",
        "services:\n  ? web\n  : network:\n      ? vpc_id\n      : a\n",
    ),
    "an alias": (
        "x-network: &net {vpc: a}  # all\nservices: {web: {network: *net}, api: {network: *net}}\n",
        "x-network: &net {vpc_id: a}  # all\nservices: {web: {network: *net}, api: {network: *net}}\n",
    ),
    "a merge key": (
        "x-network: &net\n  vpc: a\nservices:\n  web: {network: {<<: *net, clients: [sg]}}\n",
        "x-network: &net\n  vpc_id: a\nservices:\n  web: {network: {<<: *net, client_security_groups: [sg]}}\n",
    ),
    "merge keys": (
        "x: [&a {vpc: a}, &b {clients: []}]\nservices: {web: {network: {<<: [*a, *b]}}}\n",
        "x: [&a {vpc_id: a}, &b {client_security_groups: []}]\nservices: {web: {network: {<<: [*a, *b]}}}\n",
    ),
    "comments": (
        "# vpc: x\nservices:  # vpc: y\n\n\n  web:\n    # vpc: z\n    writer:   pipeline   # vpc\n    # last",
        "# vpc: x\nservices:  # vpc: y\n\n\n  web:\n    # vpc: z\n    deployed_by:   pipeline   # vpc\n    # last",
    ),
    "CRLF": ("services:\r\n  web: {writer: pipeline}\r\n", "services:\r\n  web: {deployed_by: pipeline}\r\n"),
    "wide characters": (
        "description: 𝔘 ü 字\nservices: {web: {writer: pipeline}}  # 𝔘",
        "description: 𝔘 ü 字\nservices: {web: {deployed_by: pipeline}}  # 𝔘",
    ),
    "other line ends": (
        "a: 1\x85services: {web: {writer: x}}\u2028b: 1",
        "a: 1\x85services: {web: {deployed_by: x}}\u2028b: 1",
    ),
    "long lines": (
        f"description: {'word ' * 60}\nfoundation: {{by: name, name: {'n' * 200}}}\n",
        f"description: {'word ' * 60}\nfoundation: {{referenced_by: name, name: {'n' * 200}}}\n",
    ),
    "values and other keys": (
        "writer: a\nservices: {writer: {task_definition: {writer: 1}, cluster: writer, scheduling: DAEMON}}\n",
        "writer: a\nservices: {writer: {task_definition: {writer: 1}, cluster: writer, scheduling_strategy: DAEMON}}\n",
    ),
    "builds": (
        "pipeline: {stages: [{actions: [{vpc: {vpc_id: a}, compute: X, concurrent_builds: 2}]}]}",
        "pipeline: {stages: [{actions: [{vpc: {vpc_id: a}, compute_type: X, concurrent_build_limit: 2}]}]}",
    ),
}


@pytest.mark.parametrize(("old", "new"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_key_is_renamed_and_every_other_character_stays(old: str, new: str) -> None:
    made = rewriting(old, "orders.yaml", "orders.yaml")
    assert made.text == new
    assert rewriting(new, "orders.yaml", "orders.yaml").edits == ()


def test_the_keys_of_a_blueprint_and_of_a_fleet_are_renamed_where_they_have_a_definition() -> None:
    blueprint = (
        "definition: {services: {'{{ s }}': {writer: '{{ w }}', when: '{{ writer }}'}}}\nservices: {a: {writer: 1}}\n"
    )
    expected = blueprint.replace("{writer: '{{ w }}'", "{deployed_by: '{{ w }}'")
    assert rewriting(blueprint, "web/blueprint.yaml", "blueprint.yaml").text == expected
    fleet = "services: [a]\ndefaults: {services: {a: {writer: x}}, with: {writer: y, services: z}}\n"
    expected = "definitions: [a]\ndefaults: {services: {a: {deployed_by: x}}, with: {writer: y, services: z}}\n"
    assert rewriting(fleet, "pipegen.yaml", "pipegen.yaml").text == expected


def test_paths_that_a_fleet_locks_are_renamed() -> None:
    locked = """\
locked:
  services.*.writer: Reason writer  # services.*.writer
  "services.web.network.vpc": Reason
  pipeline.stages.Build.actions.*.compute: Reason
  'services."a.b".scheduling': Reason
  services.*.network: Reason
  with.writer: Reason
  foundation.by: Reason
"""
    expected = """\
locked:
  services.*.deployed_by: Reason writer  # services.*.writer
  "services.web.network.vpc_id": Reason
  pipeline.stages.Build.actions.*.compute_type: Reason
  'services."a.b".scheduling_strategy': Reason
  services.*.network: Reason
  with.writer: Reason
  foundation.referenced_by: Reason
"""
    made = rewriting(locked, "pipegen.yaml", "pipegen.yaml")
    assert made.text == expected
    assert rewriting(expected, "pipegen.yaml", "pipegen.yaml").edits == ()


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (
            "services: {a: {writer: x, deployed_by: y}}",
            (1, 16),
            "writer and deployed_by, its new name, cannot both be set",
        ),
        ('services:\n  a: {"wr\\x69ter": x}', (2, 7), "'writer' is written with escapes"),
    ],
)
def test_what_cannot_be_rewritten_says_where_and_why(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(NotUpgraded) as raised:
        rewriting(text, "orders.yaml", "orders.yaml")
    assert (raised.value.line, raised.value.column) == place
    assert words in raised.value.text


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2", "{a: !Nothing x}", "", "- " * 60, "a: \0"])
def test_what_cannot_be_read_is_reported(text: str) -> None:
    with pytest.raises(InvalidDefinition):
        rewriting(text, "orders.yaml", "orders.yaml")


def stage(*actions: str) -> str:
    return "pipeline:\n  stages:\n    - name: Build\n      actions:\n" + "".join(
        f"        - {each}\n" for each in actions
    )


A, B = "{kind: codebuild, name: A}", "{kind: codebuild, name: B}"
BLOCK = "kind: codebuild\n          name: B  # second\n          commands: [b]"
PARALLEL: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "flow": ((A, B), ("{kind: codebuild, name: A, run_order: 1}", "{kind: codebuild, name: B, run_order: 1}")),
    "block": (
        (A, BLOCK),
        (
            "{kind: codebuild, name: A, run_order: 1}",
            "kind: codebuild\n          name: B  # second\n          run_order: 1\n          commands: [b]",
        ),
    ),
    "only some": (
        (A, B, "{kind: codebuild, name: C, run_order: 2}"),
        (
            "{kind: codebuild, name: A, run_order: 1}",
            "{kind: codebuild, name: B, run_order: 1}",
            "{kind: codebuild, name: C, run_order: 2}",
        ),
    ),
    "after a later one": (
        ("{kind: codebuild, name: A, run_order: 2}", B),
        ("{kind: codebuild, name: A, run_order: 2}", "{kind: codebuild, name: B, run_order: 1}"),
    ),
    "a loop": (
        ("{loop: '{{ items }}', kind: codebuild, name: '{{ item }}'}",),
        ("{loop: '{{ items }}', kind: codebuild, name: '{{ item }}', run_order: 1}",),
    ),
    "json": (
        ('{"kind": "codebuild", "name": "A"}', '{"kind": "codebuild", "name": "B"}'),
        ('{"kind": "codebuild", "name": "A", "run_order": 1}', '{"kind": "codebuild", "name": "B", "run_order": 1}'),
    ),
}


@pytest.mark.parametrize(("old", "new"), PARALLEL.values(), ids=PARALLEL.keys())
def test_actions_that_ran_in_parallel_are_kept_so_on_request(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    made = rewriting(stage(*old), "orders.yaml", "orders.yaml", keep_parallel=True)
    assert made.text == stage(*new)
    assert rewriting(made.text, "orders.yaml", "orders.yaml", keep_parallel=True).edits == ()
    [asked] = rewriting(stage(*old), "orders.yaml", "orders.yaml").questions
    assert (asked.line, asked.text) == (5, "these actions ran in parallel in 0.1.0")
    assert "--keep-parallel" in asked.fix
    assert rewriting(stage(*old), "orders.yaml", "orders.yaml").text == stage(*old)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_line_is_added_with_the_line_end_of_the_file(end: str) -> None:
    text = stage("kind: codebuild\n          commands: [a]\n          name: A", "kind: codebuild\n          name: B")
    text = text.removesuffix("\n").replace("\n", end or "\n") + end
    made = rewriting(text, "orders.yaml", "orders.yaml", keep_parallel=True).text
    line = end or "\n"
    assert made.count(f"{line}          run_order: 1") == 2
    assert made.endswith(f"name: B{line}          run_order: 1{end}")
    assert ("\r" in made) == (end == "\r\n")


GATES = {
    "an approval": ("{kind: approval, name: Release}", "{kind: ecs-deploy, name: Deploy}", "Release"),
    "a test": ("{kind: ecs-deploy, name: Deploy}", "{kind: codebuild, name: Smoke, category: Test}", "Smoke"),
}


@pytest.mark.parametrize(("one", "other", "name"), GATES.values(), ids=GATES.keys())
def test_a_gate_that_held_nothing_back_is_left_to_a_person(one: str, other: str, name: str) -> None:
    made = rewriting(stage(one, other), "orders.yaml", "orders.yaml", keep_parallel=True)
    [asked] = made.questions
    assert (made.edits, asked.text.split()[0]) == ((), name)


@pytest.mark.parametrize(
    "actions",
    [
        (A,),
        ("{kind: github, name: A}", "{kind: ecr, name: B}"),
        (A, "{kind: codebuild, name: B, run_order: 2}"),
        ("{kind: approval, name: R, run_order: 1}", "{kind: ecs-deploy, name: D, run_order: 2}"),
        ("{kind: codebuild, name: A, run_order: 1}", "{kind: codebuild, name: B, run_order: 1}"),
    ],
)
def test_an_order_that_did_not_change_is_left_alone(actions: tuple[str, ...]) -> None:
    made = rewriting(stage(*actions), "orders.yaml", "orders.yaml", keep_parallel=True)
    assert (made.edits, made.questions) == ((), ())


def test_an_action_that_two_stages_share_is_not_given_an_order() -> None:
    shared = "x: &a {kind: codebuild, name: A}\n" + stage("*a", B) + "    - {name: Test, actions: [*a, *a]}\n"
    with pytest.raises(NotUpgraded, match="several stages share"):
        rewriting(shared, "orders.yaml", "orders.yaml", keep_parallel=True)


def test_lists_that_now_merge_with_those_of_a_blueprint_are_named() -> None:
    stages = "pipeline:\n  stages: [{name: Build, actions: [{name: Image}]}]\n"
    text = f"blueprint: web\nwith: {{sidecars: [{{name: a}}]}}\n{stages}"
    [asked] = rewriting(text, "orders.yaml", "orders.yaml").questions
    assert (asked.line, asked.column) == (4, 3)
    assert "stages replaced" in asked.text
    assert rewriting(text.replace("blueprint: web\n", ""), "orders.yaml", "orders.yaml").questions == ()


SCALARS = st.sampled_from(["vpc", "'vpc'", '"a b"', "!Ref Vpc", "1", "null", "|\n  text\n", "# no\n x", "ü𝔘"])
KEYS = st.sampled_from(
    ["services", "web", "network", "vpc", "clients", "writer", "'network'", '"vpc"', "scheduling", "x"]
)


def written(data: Any, indent: str = "") -> str:
    """A mapping in block or flow style, with comments and blank lines."""
    if isinstance(data, str):
        return f" {data.splitlines()[0]}\n" if data[0] not in "|#" else " plain  # vpc: 1\n"
    flow, items = data
    if flow:
        return " {" + ", ".join(f"{key}: {_inline(value)}" for key, value in items) + "}\n"
    return "\n" + "".join(f"{indent}# {key}\n\n{indent}{key}:{written(value, indent + '  ')}" for key, value in items)


def _inline(data: Any) -> str:
    if isinstance(data, str):
        return "plain" if data[0] in "|#" else data
    return "{" + ", ".join(f"{key}: {_inline(value)}" for key, value in data[1]) + "}"


def unique(items: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return list({key.strip("'\""): (key, value) for key, value in items}.values())


MAPPINGS = st.recursive(
    SCALARS,
    lambda inside: st.tuples(st.booleans(), st.lists(st.tuples(KEYS, inside), min_size=1, max_size=4).map(unique)),
    max_leaves=20,
)


def renamed(data: Any, path: tuple[str, ...] = ()) -> Any:
    """The expected data, found without looking at the text."""
    if not isinstance(data, dict):
        return data
    made = {}
    for key, value in data.items():
        here = (*path, key)
        new = next((new for old, new in DEFINITION_KEYS.items() if _is_at(here, old.split("."))), key)
        made[new] = renamed(value, here)
    return made


def _is_at(path: tuple[str, ...], old: list[str]) -> bool:
    return len(path) == len(old) and all(part in ("*", given) for given, part in zip(path, old, strict=True))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MAPPINGS.filter(lambda each: not isinstance(each, str)))
@example((False, [("services", (True, [("web", (False, [("network", (True, [("vpc", "1")]))]))]))]))
def test_only_renamed_keys_are_other_ones_in_any_document(made: Any) -> None:
    text = written((False, made[1]))
    before = parse(text, "x").data
    after = rewriting(text, "x", "x").text
    assert parse(after, "x").data == renamed(before)
    assert rewriting(after, "x", "x").edits == ()
    kept = [line for line in text.splitlines() if line.lstrip().startswith("#") or not line.strip()]
    assert [line for line in after.splitlines() if line.lstrip().startswith("#") or not line.strip()] == kept
