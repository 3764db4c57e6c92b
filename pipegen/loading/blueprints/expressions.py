"""The Jinja expressions of blueprints, restricted to computing data from data.

The allowed node types of Jinja's syntax tree are listed, and everything else is rejected before compilation: method
calls, attributes other than keys of mappings, imports, macros, assignments. Expressions then run in the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast

from jinja2 import TemplateSyntaxError, UndefinedError, nodes
from jinja2.meta import find_undeclared_variables

from pipegen.errors import one_line, quoted
from pipegen.loading.blueprints.sandbox import FILTERS, LIMIT_TEXT, TESTS, ExpressionFailed, environment, plain
from pipegen.loading.blueprints.suggestions import suggestion

LIMIT_EXPRESSION = 10_000
"""The maximum number of characters in a scalar with expressions."""
LIMIT_DEPTH = 20
"""The maximum nesting of expressions and statements, because deeply nested ones are slow to compile."""

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
_RESERVED = frozenset({"self", "super", "caller", "varargs", "kwargs"})


class Expression:
    """A compiled scalar with expressions.

    names: the names that it uses. value: its result; a scalar that consists of one expression keeps the type of the
    result, any other scalar is a string.
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
    """A compiled file of a blueprint, which can contain {% if %} and {% for %}."""

    __slots__ = ("_evaluate", "names")

    def __init__(self, text: str) -> None:
        tree = _parsed(text, _STATEMENTS, LIMIT_TEXT)
        self.names: AbstractSet[str] = find_undeclared_variables(tree)
        self._evaluate = _safely(lambda: _text_of(tree))

    def text(self, names: Mapping[str, Any]) -> str:
        """Raises ExpressionFailed."""
        return str(_safely(lambda: self._evaluate(names)))


def is_expression_text(data: Any) -> bool:
    """Whether a scalar contains Jinja syntax."""
    return isinstance(data, str) and ("{{" in data or "{%" in data or "{#" in data)


def _safely(call: Callable[[], Any]) -> Any:
    """Turn all exceptions of an expression, which users write, into ExpressionFailed."""
    try:
        return call()
    except ExpressionFailed:
        raise
    except RecursionError:
        raise ExpressionFailed("is nested too deep") from None
    except TemplateSyntaxError as error:
        raise ExpressionFailed(*_syntax_error(one_line(error.message)), error.lineno) from None
    except UndefinedError as error:
        raise ExpressionFailed(*_undefined(one_line(error))) from None
    except Exception as error:
        raise ExpressionFailed(one_line(error) or type(error).__name__) from None


def _syntax_error(message: str) -> tuple[str, str]:
    """A message of Jinja's parser as ours, and the fix."""
    for begin, text, fix in _SYNTAX_ERRORS:
        if message.startswith(begin):
            return text, fix
    text, _, more = message.rstrip(".").partition(". ")
    return text[:1].lower() + text[1:], more[:1].lower() + more[1:].replace(". ", ", ")


_SYNTAX_ERRORS = (
    ("unexpected end of template", "the expression is not closed", "close it with }}"),
    ("Expected an expression, got 'end of print", "the expression is empty", "write a value between {{ and }}"),
)
"""How messages of Jinja's parser begin, with our texts and fixes."""


def _undefined(message: str) -> tuple[str, str]:
    """A message of Jinja about a name without a value as ours, and the fix. Messages of our sandbox stay."""
    name = message.removesuffix(" is undefined").strip("'")
    if message != f"'{name}' is undefined":
        return message, ""
    return f"{quoted(name, 40)} has no value", f"give it one, or write {one_line(name, 40)} | default(omit)"


def _parsed(text: str, allowed: _Allowed, limit: int) -> nodes.Template:
    if len(text) > limit:
        raise ExpressionFailed(f"has {len(text):,} characters; {limit:,} at most")
    tree: nodes.Template = _safely(lambda: environment().parse(text))
    _safely(lambda: _admit(tree, allowed))
    return tree


def _admit(tree: nodes.Template, allowed: _Allowed) -> None:
    """Reject node types that are not listed, and add limits to loops and joined texts."""
    calls = allowed is _EXPRESSIONS
    for node in list(_below(tree)):
        if isinstance(node, nodes.Call):
            _admit_call(node, calls)
        elif not isinstance(node, allowed):
            raise ExpressionFailed(f"{_words(node)} cannot be used here")
        elif isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name in _RESERVED):
            raise ExpressionFailed(f"{node.name} is not a name that can be used here")
        elif isinstance(node, nodes.Filter | nodes.Test):
            _admit_named(node)
        elif isinstance(node, nodes.For) and node.recursive:
            raise ExpressionFailed("a recursive loop cannot be used here")
        _add_limits(node)


def _add_limits(node: nodes.Node) -> None:
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
        raise ExpressionFailed(f"unknown {kind} {quoted(node.name, 40)}", suggestion(node.name, known))
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
    """A function that evaluates a scalar that consists of one expression; None for other scalars."""
    body = tree.body
    if len(body) != 1 or not isinstance(body[0], nodes.Output) or len(body[0].nodes) != 1:
        return None
    [expression] = body[0].nodes
    if isinstance(expression, nodes.TemplateData):
        return None
    if isinstance(expression, nodes.Name):
        return _value_named(expression.name)
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


def _value_named(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """A function that returns the value of a name. Most expressions are only a name, and a template would take many
    times longer to compile and to evaluate."""
    known = environment().globals

    def value(names: Mapping[str, Any]) -> Any:
        found = names if name in names else known
        return plain(found[name] if name in found else environment().undefined(name=name), [0])

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
