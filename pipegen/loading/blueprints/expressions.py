"""Jinja expressions of blueprints, in a box: they see plain data, and can do nothing but make data of it.

What may be said is listed, node by node of Jinja's own syntax tree, and everything else is refused before it is
compiled: no calls of methods, no attributes but keys of mappings, no imports, macros or assignments. What runs then
runs in the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast

from jinja2 import TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from pipegen.errors import one_line
from pipegen.loading.blueprints.sandbox import FILTERS, LIMIT_TEXT, TESTS, ExpressionFailed, environment, plain

LIMIT_EXPRESSION = 10_000
"""Characters of a scalar that has expressions."""
LIMIT_DEPTH = 20
"""Of expressions and statements within each other; what is nested deeper takes long to compile."""

FILE = "file"

_Allowed = tuple[type[nodes.Node], ...]

_EXPRESSIONS: _Allowed = (
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Concat,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Neg,
    nodes.Pos,
    nodes.List,
    nodes.Tuple,
    nodes.Dict,
    nodes.Pair,
    nodes.Keyword,
)
_STATEMENTS: _Allowed = (*_EXPRESSIONS, nodes.For, nodes.If)
_COMPARING = frozenset({"dictsort", "eq", "equalto", "ge", "gt", "in", "le", "lt", "ne", "sort", "unique"})
_JINJAS_OWN = frozenset({"self", "super", "caller", "varargs", "kwargs"})


class Expression:
    """A scalar with expressions, compiled.

    names: those that it uses. value: what it is; a scalar of exactly one expression keeps its type, any other is text.
    """

    __slots__ = ("_evaluate", "names")

    def __init__(self, text: str) -> None:
        tree = _parsed(text, _EXPRESSIONS, LIMIT_EXPRESSION)
        self.names: AbstractSet[str] = find_undeclared_variables(tree)
        self._evaluate = _safely(lambda: _value_of(tree) or _text_of(tree))

    def value(self, names: Mapping[str, Any]) -> Any:
        """Raises ExpressionFailed."""
        return _safely(lambda: self._evaluate(names))


class File:
    """A file of a blueprint: a template with {% if %} and {% for %} beside expressions."""

    __slots__ = ("_evaluate", "names")

    def __init__(self, text: str) -> None:
        tree = _parsed(text, _STATEMENTS, LIMIT_TEXT)
        self.names: AbstractSet[str] = find_undeclared_variables(tree)
        self._evaluate = _safely(lambda: _text_of(tree))

    def text(self, names: Mapping[str, Any]) -> str:
        """Raises ExpressionFailed."""
        return str(_safely(lambda: self._evaluate(names)))


def is_expression_text(data: Any) -> bool:
    """Whether a scalar has anything for Jinja in it."""
    return isinstance(data, str) and ("{{" in data or "{%" in data or "{#" in data)


def _safely(call: Callable[[], Any]) -> Any:
    """Whatever an expression may raise, in words: its text is a user's, so nothing of it is a bug of ours."""
    try:
        return call()
    except ExpressionFailed:
        raise
    except RecursionError:
        raise ExpressionFailed("is nested too deep") from None
    except TemplateSyntaxError as error:
        raise ExpressionFailed(one_line(error.message), error.lineno) from None
    except Exception as error:
        raise ExpressionFailed(one_line(error) or type(error).__name__) from None


def _parsed(text: str, allowed: _Allowed, limit: int) -> nodes.Template:
    if len(text) > limit:
        raise ExpressionFailed(f"has {len(text):,} characters; {limit:,} at most")
    tree: nodes.Template = _safely(lambda: environment().parse(text))
    _safely(lambda: _admit(tree, allowed))
    return tree


def _admit(tree: nodes.Template, allowed: _Allowed) -> None:
    """Refuses what is not listed, and puts bounds around loops and joined texts."""
    calls = allowed is _EXPRESSIONS
    for node in list(_below(tree)):
        if isinstance(node, nodes.Call):
            _admit_call(node, calls)
        elif not isinstance(node, allowed):
            raise ExpressionFailed(f"{_words(node)} cannot be used here")
        elif isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name in _JINJAS_OWN):
            raise ExpressionFailed(f"{node.name} is not a name that can be used here")
        elif isinstance(node, nodes.Filter | nodes.Test):
            _admit_named(node)
        elif isinstance(node, nodes.For) and node.recursive:
            raise ExpressionFailed("a recursive loop cannot be used here")
        _put_bounds(node)


def _put_bounds(node: nodes.Node) -> None:
    if isinstance(node, nodes.For):
        node.iter = _filter(node, "_bounded", node.iter)
    elif isinstance(node, nodes.Compare | nodes.Operand):
        node.expr = _filter(node, "_compared", node.expr)
    elif isinstance(node, nodes.Filter | nodes.Test) and node.name in _COMPARING and node.node is not None:
        node.node = _filter(node, "_compared", node.node)
        node.args = [_filter(node, "_compared", each) for each in node.args or ()]
    elif isinstance(node, nodes.Concat):
        joined = nodes.List(node.nodes, lineno=node.lineno)
        node.nodes = [_filter(node, "join", joined)]


def _below(node: nodes.Node, depth: int = 0) -> Iterator[nodes.Node]:
    if depth > LIMIT_DEPTH:
        raise ExpressionFailed(f"is nested deeper than {LIMIT_DEPTH} levels")
    for child in node.iter_child_nodes():
        yield child
        yield from _below(child, depth + 1)


def _admit_call(node: nodes.Call, here: bool) -> None:
    is_file = isinstance(node.node, nodes.Name) and node.node.name == FILE and not (node.dyn_args or node.dyn_kwargs)
    if not (here and is_file and len(node.args) == 1 and not node.kwargs):
        raise ExpressionFailed(f'nothing can be called but {FILE}("…"), and that not in a file')


def _admit_named(node: nodes.Filter | nodes.Test) -> None:
    kind, known = ("filter", FILTERS) if isinstance(node, nodes.Filter) else ("test", TESTS)
    if node.name not in known and not node.name.startswith("_"):
        raise ExpressionFailed(f"there is no {kind} {one_line(node.name, 40)}; there are {', '.join(known)}")
    if node.name.startswith("_") or node.dyn_args or node.dyn_kwargs:
        raise ExpressionFailed(f"{one_line(node.name, 40)} cannot be used like this")


def _words(node: nodes.Node) -> str:
    names: dict[type, str] = {
        nodes.Pow: "**",
        nodes.Div: "/ (// divides numbers)",
        nodes.Slice: "a slice",
        nodes.Assign: "{% set %}",
    }
    return names.get(type(node)) or f"{{% {type(node).__name__.lower()} %}}"


def _filter(near: nodes.Node, name: str, of: nodes.Node) -> nodes.Filter:
    made = nodes.Filter(cast(nodes.Expr, of), name, [], [], None, None, lineno=near.lineno)
    made.set_environment(environment())
    return made


def _value_of(tree: nodes.Template) -> Callable[[Mapping[str, Any]], Any] | None:
    """For a text that is one expression alone: what gives its value."""
    body = tree.body
    if len(body) != 1 or not isinstance(body[0], nodes.Output) or len(body[0].nodes) != 1:
        return None
    [expression] = body[0].nodes
    if isinstance(expression, nodes.TemplateData):
        return None
    target = nodes.Name("result", "store", lineno=1)
    template = nodes.Template([nodes.Assign(target, expression, lineno=1)], lineno=1)
    template.set_environment(environment())
    compiled = environment().from_string(template)

    def value(names: Mapping[str, Any]) -> Any:
        context = compiled.new_context({**names, "_rounds": [0]})
        for _ in compiled.root_render_func(context):
            pass
        return plain(context.vars["result"], [0])

    return value


def _text_of(tree: nodes.Template) -> Callable[[Mapping[str, Any]], str]:
    compiled = environment().from_string(tree)

    def text(names: Mapping[str, Any]) -> str:
        parts, length = [], 0
        for part in compiled.root_render_func(compiled.new_context({**names, "_rounds": [0]})):
            length += len(part)
            if length > LIMIT_TEXT:
                raise ExpressionFailed(f"makes more than {LIMIT_TEXT:,} characters")
            parts.append(part)
        return "".join(parts)

    return text
