"""Blueprints with compiled expressions: compiled once, evaluated for each definition.

The results are nodes. A value that uses an argument has the location of the argument, and any other value its location
in the blueprint; `Node.other` is the node at the other location.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from pipegen.errors import InvalidDefinition, Problem, quoted
from pipegen.frozen import frozen
from pipegen.loading.blueprints.expressions import Expression, is_expression_text
from pipegen.loading.blueprints.sandbox import OMIT, ExpressionFailed
from pipegen.loading.blueprints.suggestions import suggestion
from pipegen.loading.layout import OWN
from pipegen.loading.yaml.nodes import Node, list_node, mapping_node, node_of, problem_at
from pipegen.loading.yaml.parsing import LIMIT_NODES

_KEYWORDS = ("when", "loop")
_LETTERS = 64
"""The number of letters that count as one value towards the limit."""


@frozen
class Scope:
    """The names and values that the expressions of a blueprint are evaluated with.

    names: the values by name. marks: the nodes of arguments. user: the node that names the blueprint.
    defaults: the nodes of defaults. problems: collects problems. spent: counts the values that were created.
    """

    names: Mapping[str, Any]
    marks: Mapping[str, Node]
    user: Node
    defaults: Mapping[str, Node] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spent: list[int] = field(default_factory=lambda: [0])

    def with_item(self, item: Node) -> Scope:
        return replace(self, names={**self.names, "item": item.data}, marks={**self.marks, "item": item})

    def count(self, node: Node) -> Node:
        """Count the values and letters of a node towards the limit, and return the node."""
        self.spend(node.size + (len(node.data) // _LETTERS if isinstance(node.data, str) else 0), node)
        return node

    def spend(self, amount: int, node: Node) -> None:
        self.spent[0] += amount
        if self.spent[0] > LIMIT_NODES:
            text = f"makes more than {LIMIT_NODES:,} values, or as much text"
            raise InvalidDefinition([self.problem_at(node, "blueprint-limit", text, "make loops and lists smaller")])

    def problem_at(self, node: Node, code: str, text: str, fix: str = "") -> Problem:
        return problem_at(node, code, text, fix, self.user)


Plan = Callable[[Scope], "Node | None"]
"""Evaluates a node; returns None if it is omitted."""


@frozen
class Known:
    """The names that expressions can use.

    removed: the nodes that remove inherited parameters. used: the names that expressions use.
    """

    names: Sequence[str]
    removed: Mapping[str, Node] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def unknown(self, used: Iterable[str]) -> list[str]:
        """Record names as used, and return the unknown ones, sorted."""
        names = set(used)
        self.used.update(names)
        return sorted(names.difference(self.names))


def plan(node: Node, known: Known, problems: list[Problem]) -> Plan:
    """Compile the expressions of a node. known: the names that they can use. Adds to `problems`."""
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
        """Compile a mapping that is omitted if its `when` is false."""
        inside = self._mapping(node, (*skipped, "when"))
        if "when" not in node.data:
            return inside
        when = self.plan(node.inside["when"])
        return lambda scope: inside(scope) if is_true(node.inside["when"], when, scope) else None

    def _mapping(self, node: Node, skipped: Sequence[str]) -> Plan:
        parts = [
            (self._key(str(key), inside), self.plan(inside))
            for key, inside in node.inside.items()
            if key not in skipped
        ]

        def make(scope: Scope) -> Node:
            items = [(key(scope), value(scope)) for key, value in parts]
            return mapping_node(node, {key: value for key, value in items if key is not None and value is not None})

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
        """Compile an item of a list, which becomes zero, one, or in a loop any number of nodes."""
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
            if name in scope.marks:  # the argument itself, with the locations of the values in it
                return scope.count(replace(mark, data=value, other=node))
            made = node_of(value, Node(None, mark.line, mark.column, file=mark.file, other=node))
            return scope.count(_with_items(made, scope, _names(expression), node))

        return make

    def _compiled(self, node: Node) -> Expression | None:
        try:
            expression = Expression(node.data)
        except ExpressionFailed as error:
            self._problems.append(problem_at(node, "expression", error.text, error.fix))
            return None
        for name in self._known.unknown(expression.names):
            text, fix = f"unknown parameter {quoted(name, 40)}", suggestion(name, self._known.names)
            removed = self._known.removed.get(name)
            self._problems.append(problem_at(node, "expression", text, fix, removed))
        return expression


def _with_items(created: Node, scope: Scope, used: Collection[str], node: Node) -> Node:
    """Give the items of a list the locations of equal items in the arguments."""
    lists = [each for name, each in scope.marks.items() if name in used and isinstance(each.data, list)]
    if isinstance(created.data, list) and lists:
        for index, item in enumerate(created.data):
            found = next((own for each in lists for own in each.inside.values() if own.data == item), None)
            if found is not None:
                created.inside[index] = replace(found, other=node)
    return created


def is_true(node: Node, when: Plan, scope: Scope) -> bool:
    """Whether a condition is true. Reports values other than true and false."""
    made = when(scope)
    if made is not None and not isinstance(made.data, bool):
        text, fix = f"when must be true or false, got {quoted(made.data, 60)}", "compare it, or write NAME is defined"
        scope.problems.append(scope.problem_at(node, "expression", text, fix))
    return made is not None and made.data is True


def _rounds(node: Node, loop: Plan, scope: Scope) -> Iterator[Scope]:
    made = loop(scope)
    if made is not None and not isinstance(made.data, list):
        text, fix = f"loop must be a list, got {quoted(made.data, 60)}", "for a mapping, write NAME | items"
        scope.problems.append(scope.problem_at(node, "expression", text, fix))
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
        problem = scope.problem_at(node, "expression", error.text, error.fix)
        mark = next((each for name, each in scope.marks.items() if name in expression.names), None)
        # pipegen's own expressions are valid, so the argument is not.
        if mark is not None and node.file.startswith(OWN):
            problem = replace(problem, location=mark.location, related=node.location)
        scope.problems.append(problem)
        return OMIT


def _own(value: Any, node: Node, default: Node | None) -> Node:
    """Return a node for a value that uses no argument: at the expression, or at a default in another file."""
    if default is not None and default.file != node.file:
        return replace(default, data=value)
    return replace(node_of(value, node), replaced=node.replaced)


def _names(expression: Expression | None) -> Any:
    return expression.names if expression is not None else ()


def _varies(node: Node) -> bool:
    """Whether a node contains expressions, conditions or loops."""
    if isinstance(node.data, dict):
        return any(
            is_expression_text(key) or key in _KEYWORDS or _varies(inside) for key, inside in node.inside.items()
        )
    if isinstance(node.data, list):
        return any(map(_varies, node.inside.values()))
    return is_expression_text(node.data)
