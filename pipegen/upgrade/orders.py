"""Keep the order of actions: in 0.1.0, actions of a stage without a `run_order` ran in parallel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from pipegen.frozen import frozen
from pipegen.upgrade.document import Edit, NotUpgraded, Question, addition, value_at

_SOURCES = {
    *("github", "github-enterprise", "gitlab", "gitlab-self-managed", "bitbucket", "codecommit", "s3", "ecr"),
}
_DEPLOYS = {"ecs-deploy", "ecs-rollout", "codedeploy-ecs", "cloudformation"}
_KEY = "run_order"


@frozen
class _Action:
    node: MappingNode
    fields: Mapping[str, str]
    is_repeated: bool

    @property
    def run_order(self) -> int | None:
        order = self.fields.get(_KEY, "")
        return int(order) if order.isdecimal() else None

    @property
    def is_gate(self) -> bool:
        return self.fields.get("kind") == "approval" or self.is_test

    @property
    def is_test(self) -> bool:
        return self.fields.get("category") == "Test"

    def gates(self, other: _Action) -> bool:
        """Whether this action is intended to run before the other one."""
        kind = other.fields.get("kind")
        return kind in _DEPLOYS if self.is_test else self.is_gate and kind != "approval"


def kept_orders(text: str, stages: Node | None, *, keep_parallel: bool) -> Iterator[Edit | Question]:
    """Find stages whose actions ran in parallel in 0.1.0 and no longer do.

    keep_parallel: whether to keep them in parallel. This is not the default, because a file does not show whether it
    was written for 0.1.0. Approvals and tests in parallel with what they should precede always result in a question.
    Raises NotUpgraded.
    """
    found = stages.value if isinstance(stages, SequenceNode) else []
    lists = [actions for stage in found if isinstance(actions := value_at(stage, "actions"), SequenceNode)]
    uses = Counter(id(item) for actions in lists for item in actions.value)
    for actions in lists:
        items = [_action(node) for node in actions.value if isinstance(node, MappingNode)]
        if len(items) < len(actions.value) or _is_as_before(items):
            continue
        if (gate := _gate(items)) is not None:
            text = f"{gate.fields.get('name')} did not hold back other actions in 0.1.0: they ran in parallel"
            yield _question(gate.node, text)
            continue
        if not keep_parallel:
            yield _question(actions, "these actions ran in parallel in 0.1.0", ", or use --keep-parallel")
            continue
        for item in items:
            if item.run_order is None:
                if uses[id(item.node)] > 1:
                    raise NotUpgraded(
                        item.node,
                        "this action, which several stages share by an alias, ran in parallel",
                        "set run_order",
                    )
                yield addition(text, item.node, _KEY, "1", "run_order: 1 added")


def _action(node: MappingNode) -> _Action:
    fields = {name: value_at(node, name) for name in ("kind", "name", "category", _KEY, "loop")}
    texts = {name: found.value for name, found in fields.items() if isinstance(found, ScalarNode)}
    return _Action(node, texts, fields["loop"] is not None)


def _is_as_before(items: Sequence[_Action]) -> bool:
    """Whether the actions run in the same order as in 0.1.0."""
    if all(item.fields.get("kind") in _SOURCES for item in items):
        return True
    highest = 0
    for item in items:
        order = item.run_order if item.run_order is not None else highest + 1
        if order != (item.run_order or 1) or (item.is_repeated and item.run_order is None):
            return False
        highest = max(highest, order)
    return True


def _gate(items: Sequence[_Action]) -> _Action | None:
    """Find an approval or a test that ran in parallel with an action that it should precede."""
    return next(
        (
            one
            for one in items
            for other in items
            if one.gates(other) and (one.run_order or 1) == (other.run_order or 1)
        ),
        None,
    )


def _question(node: Node, text: str, more: str = "") -> Question:
    fix = f"actions now run in the written order; set run_order if that is wrong{more}"
    return Question(node.start_mark.line + 1, node.start_mark.column + 1, text, fix)
