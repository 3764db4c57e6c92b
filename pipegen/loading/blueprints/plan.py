"""A blueprint's nodes made ready to be filled in: expressions are compiled once, and filled in for each definition.

What comes out are nodes again. A value that an argument went into stands where the argument does, any other where the
blueprint says it; `Node.other` has the other of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from pipegen.errors import InvalidDefinition, Problem, one_line
from pipegen.frozen import frozen
from pipegen.loading.blueprints.expressions import Expression, is_expression_text
from pipegen.loading.blueprints.sandbox import OMIT, ExpressionFailed
from pipegen.loading.layout import OWN
from pipegen.loading.yaml.nodes import Node, list_node, mapping_node, node_of, problem_at
from pipegen.loading.yaml.parsing import LIMIT_NODES

_KEYWORDS = ("when", "loop")
_LETTERS = 64
"""So many letters of a text count as a value."""


@frozen
class Scope:
    """What a blueprint is filled in with.

    names: values by name. marks: where those stand that were given. user: who uses the blueprint. defaults: where the
    others stand.
    """

    names: Mapping[str, Any]
    marks: Mapping[str, Node]
    user: Node
    defaults: Mapping[str, Node] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    made: list[int] = field(default_factory=lambda: [0])

    def with_item(self, item: Node) -> Scope:
        return replace(self, names={**self.names, "item": item.data}, marks={**self.marks, "item": item})

    def count(self, node: Node) -> Node:
        """The node, counted: values and long texts that are made, each time that they are."""
        self.spend(node.size + (len(node.data) // _LETTERS if isinstance(node.data, str) else 0), node)
        return node

    def spend(self, amount: int, node: Node) -> None:
        self.made[0] += amount
        if self.made[0] > LIMIT_NODES:
            text = f"makes more than {LIMIT_NODES:,} values, or as much text"
            raise InvalidDefinition([self.problem_at(node, "blueprint-limit", text, "make loops and lists smaller")])

    def problem_at(self, node: Node, code: str, text: str, fix: str = "") -> Problem:
        return problem_at(node, code, text, fix, self.user)


Plan = Callable[[Scope], "Node | None"]
"""Makes a node; None where it is left out."""


@frozen
class Known:
    """The names that expressions may use; removed: where others are that were inherited; used: those that one does."""

    names: Sequence[str]
    removed: Mapping[str, Node] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def unknown(self, used: Iterable[str]) -> list[str]:
        """Those of the names that are not known, sorted."""
        found = set(used)
        self.used.update(found)
        return sorted(found.difference(self.names))


def plan(node: Node, known: Known, problems: list[Problem]) -> Plan:
    """What fills in a node. known: the names that expressions may use; what is wrong is added to `problems`."""
    return _Planner(known, problems).plan(node)


class _Planner:
    def __init__(self, known: Known, problems: list[Problem]) -> None:
        self._known = known
        self._problems = problems

    def plan(self, node: Node) -> Plan:
        if not _varies(node):
            return lambda scope: scope.count(node)
        if isinstance(node.data, dict):
            return self._conditional(node)
        if isinstance(node.data, list):
            return self._list(node)
        return self._scalar(node)

    def _conditional(self, node: Node, skipped: Sequence[str] = ()) -> Plan:
        """A mapping, left out unless its `when` holds."""
        made = self._mapping(node, (*skipped, "when"))
        if "when" not in node.data:
            return made
        when = self.plan(node.inside["when"])
        return lambda scope: made(scope) if is_true(node.inside["when"], when, scope) else None

    def _mapping(self, node: Node, skipped: Sequence[str]) -> Plan:
        parts = [
            (self._key(str(key), inside), self.plan(inside))
            for key, inside in node.inside.items()
            if key not in skipped
        ]

        def make(scope: Scope) -> Node:
            made = [(key(scope), value(scope)) for key, value in parts]
            return mapping_node(node, {key: value for key, value in made if key is not None and value is not None})

        return make

    def _key(self, key: str, inside: Node) -> Callable[[Scope], str | None]:
        if not is_expression_text(key):
            return lambda _: key
        expression = self._compiled(Node(key, inside.line, inside.column, file=inside.file))

        def make(scope: Scope) -> str | None:
            value = _value(expression, inside, scope)
            if value is not OMIT and not isinstance(value, str):
                scope.problems.append(
                    scope.problem_at(inside, "expression", "a key is not text", "~ makes text of numbers")
                )
            return value if isinstance(value, str) else None

        return make

    def _list(self, node: Node) -> Plan:
        parts = [self._item(inside) for inside in node.inside.values()]
        return lambda scope: list_node(node, [made for part in parts for made in part(scope)])

    def _item(self, node: Node) -> Callable[[Scope], Iterator[Node]]:
        """An item of a list: none, one, or in a loop several."""
        looped = isinstance(node.data, dict) and "loop" in node.data
        plan = self._conditional(node, ("loop",)) if looped else self.plan(node)
        loop = self.plan(node.inside["loop"]) if looped else None

        def make(scope: Scope) -> Iterator[Node]:
            for each in [scope] if loop is None else _rounds(node.inside["loop"], loop, scope):
                made = plan(each)
                if made is not None:
                    yield made

        return make

    def _scalar(self, node: Node) -> Plan:
        expression = self._compiled(node)
        name = str(node.data).strip("{ }")

        def make(scope: Scope) -> Node | None:
            value = _value(expression, node, scope)
            if value is OMIT:
                return None
            mark = next((each for given, each in scope.marks.items() if given in _names(expression)), None)
            if mark is None:
                return scope.count(_own(value, node, scope.defaults.get(name)))
            if name in scope.marks:  # the argument as it is, with the places of all that is in it
                return scope.count(replace(mark, data=value, other=node))
            made = node_of(value, Node(None, mark.line, mark.column, file=mark.file, other=node))
            return scope.count(_with_items(made, scope, _names(expression), node))

        return make

    def _compiled(self, node: Node) -> Expression | None:
        try:
            expression = Expression(node.data)
        except ExpressionFailed as error:
            self._problems.append(problem_at(node, "expression", one_line(error)))
            return None
        for name in self._known.unknown(expression.names):
            fix = f"there are {', '.join(self._known.names)}"
            text, removed = f"{one_line(name, 40)} is no parameter", self._known.removed.get(name)
            self._problems.append(problem_at(node, "expression", text, fix, removed))
        return expression


def _with_items(made: Node, scope: Scope, used: Collection[str], node: Node) -> Node:
    """A list whose items stand where those of the lists do that it was made of."""
    lists = [each for name, each in scope.marks.items() if name in used and isinstance(each.data, list)]
    if isinstance(made.data, list) and lists:
        for index, item in enumerate(made.data):
            found = next((own for each in lists for own in each.inside.values() if own.data == item), None)
            if found is not None:
                made.inside[index] = replace(found, other=node)
    return made


def is_true(node: Node, when: Plan, scope: Scope) -> bool:
    """Whether a condition holds; what is neither true nor false is a problem."""
    made = when(scope)
    if made is not None and not isinstance(made.data, bool):
        text = f"when is {one_line(repr(made.data), 60)}"
        scope.problems.append(
            scope.problem_at(node, "expression", text, "expected true or false; compare, or use is defined")
        )
    return made is not None and made.data is True


def _rounds(node: Node, loop: Plan, scope: Scope) -> Iterator[Scope]:
    made = loop(scope)
    if made is not None and not isinstance(made.data, list):
        text = f"loop is {one_line(repr(made.data), 60)}"
        scope.problems.append(
            scope.problem_at(node, "expression", text, "expected a list; items makes one of a mapping")
        )
    elif made is not None:
        for item in made.inside.values():
            scope.spend(1, node)
            yield scope.with_item(item)


def _value(expression: Expression | None, node: Node, scope: Scope) -> Any:
    if expression is None:
        return OMIT
    try:
        return expression.value(scope.names)
    except ExpressionFailed as error:
        problem = scope.problem_at(node, "expression", one_line(error))
        mark = next((each for name, each in scope.marks.items() if name in expression.names), None)
        if mark is not None and node.file.startswith(OWN):  # whose expressions are right: the argument is not
            problem = replace(problem, place=mark.place, other=node.place)
        scope.problems.append(problem)
        return OMIT


def _own(value: Any, node: Node, default: Node | None) -> Node:
    """A value without an argument stands where the expression does, or else where the default of another file does."""
    if default is not None and default.file != node.file:
        return replace(default, data=value)
    return replace(node_of(value, node), replaced=node.replaced)


def _names(expression: Expression | None) -> Any:
    return expression.names if expression is not None else ()


def _varies(node: Node) -> bool:
    """Whether anything in it depends on what it is filled in with."""
    if isinstance(node.data, dict):
        return any(
            is_expression_text(key) or key in _KEYWORDS or _varies(inside) for key, inside in node.inside.items()
        )
    if isinstance(node.data, list):
        return any(map(_varies, node.inside.values()))
    return is_expression_text(node.data)
