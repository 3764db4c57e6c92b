"""Jinja expressions of blueprints, in a box: they see plain data, and can do nothing but make data of it.

What may be said is listed, node by node of Jinja's own syntax tree, and everything else is refused before it is
compiled: no calls of methods, no attributes but keys of mappings, no imports, macros or assignments. What is computed
is bounded: rounds of loops, lengths of texts and lists. Jinja's sandbox and StrictUndefined are the second wall.
https://jinja.palletsprojects.com/en/stable/sandbox/
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, cast

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipegen.errors import one_line

LIMIT_TEXT = 1_000_000
"""Characters of a result; as much as a definition's file."""
LIMIT_EXPRESSION = 10_000
LIMIT_DEPTH = 20
"""Of expressions and statements within each other; what is nested deeper takes long to compile."""
LIMIT_VALUES = 20_000
"""Values that a list or mapping has within it, counted as often as they are there."""
LIMIT_COMPARED = 1_000
"""The same of one that is compared or sorted."""
LIMIT_ROUNDS = 10_000
"""Rounds of all loops of one file, those of inner loops counted each time."""

OMIT: Any = type("Omit", (), {"__slots__": (), "__repr__": lambda _: "omit"})()
"""The value of `omit`: what is removed."""

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
_LOOP = frozenset({"index", "index0", "first", "last", "length"})

# fmt: off
_FILTERS = (
    "capitalize", "default", "dictsort", "first", "int", "items", "join", "last", "length", "list", "lower", "replace",
    "sort", "string", "title", "tojson", "trim", "unique", "upper",
)
_TESTS = (
    "boolean", "defined", "eq", "equalto", "even", "false", "float", "ge", "gt", "in", "integer", "le", "lt", "mapping",
    "ne", "none", "number", "odd", "sequence", "string", "true", "undefined",
)
# fmt: on


class ExpressionFailed(Exception):
    """What is wrong with an expression, in words; line: where in a file, as far as it is known."""

    def __init__(self, text: str, line: int = 1) -> None:
        super().__init__(text)
        self.line = line


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
    tree: nodes.Template = _safely(lambda: _environment().parse(text))
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
            raise ExpressionFailed(f"{node.name} is no name that can be used here")
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
    kind, known = ("filter", _FILTERS) if isinstance(node, nodes.Filter) else ("test", _TESTS)
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
    made.set_environment(_environment())
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
    template.set_environment(_environment())
    compiled = _environment().from_string(template)

    def value(names: Mapping[str, Any]) -> Any:
        context = compiled.new_context({**names, "_rounds": [0]})
        for _ in compiled.root_render_func(context):
            pass
        return _plain(context.vars["result"], [0])

    return value


def _text_of(tree: nodes.Template) -> Callable[[Mapping[str, Any]], str]:
    compiled = _environment().from_string(tree)

    def text(names: Mapping[str, Any]) -> str:
        parts, length = [], 0
        for part in compiled.root_render_func(compiled.new_context({**names, "_rounds": [0]})):
            length += len(part)
            if length > LIMIT_TEXT:
                raise ExpressionFailed(f"makes more than {LIMIT_TEXT:,} characters")
            parts.append(part)
        return "".join(parts)

    return text


def _plain(value: Any, seen: list[int]) -> Any:
    """A value as data: defined all the way down, what is `omit` left out of lists and mappings."""
    seen[0] += 1
    if seen[0] > LIMIT_VALUES:
        raise ExpressionFailed("has too many values within it")
    _defined(value)
    if isinstance(value, Mapping):
        kept = {_key(key): each for key, each in value.items() if each is not OMIT}
        return {key: _plain(each, seen) for key, each in kept.items()}
    if isinstance(value, list | tuple | Iterator):
        return [_plain(each, seen) for each in value if each is not OMIT]
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionFailed("is no number that can be written")
    return value


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise ExpressionFailed("makes a mapping with a key that is not text")
    return key


def _defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)  # raises, saying which name
    return value


def _compared(value: Any) -> Any:
    """A value that is compared with others, if that cannot take long: what is in it more than once counts each time."""
    if isinstance(value, Mapping | list | tuple):
        seen = [LIMIT_VALUES - LIMIT_COMPARED]
        _plain(value, seen)
    return value


class _Environment(ImmutableSandboxedEnvironment):
    """Keys of mappings and items of lists are all that can be looked into."""

    intercepted_binops = frozenset(["+", "-", "*", "//", "%"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        _defined(obj)
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple) and type(argument) is int and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(f"there is no {one_line(argument, 60)} in {one_line(_kind(obj), 60)}")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if _is_number(left) and _is_number(right):
            return super().call_binop(context, operator, left, right)
        if operator == "+" and isinstance(left, list | tuple) and isinstance(right, list | tuple):
            _bound(len(left) + len(right), LIMIT_ROUNDS)
            return [*left, *right]
        _defined(left)
        _defined(right)
        raise SecurityError(f"{operator} is for numbers{', and for lists' * (operator == '+')}; ~ joins texts")

    def is_safe_callable(self, obj: Any) -> bool:
        return getattr(obj, "pipegen_file", False) is True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18


def _kind(value: Any) -> str:
    if isinstance(value, int | float):
        return f"the value {shown(value)}"
    known: dict[type, str] = {dict: "the mapping", list: "the list", str: "the text"}
    return known.get(type(value), str(type(value).__name__))


def shown(value: Any) -> str:
    """A value within other text."""
    _defined(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    what = "nothing" if value is None else "omit" if value is OMIT else _kind(value)
    raise ExpressionFailed(f"{what} cannot be put within text; let it be a scalar of its own")


def _joined(values: Iterable[Any], separator: str = "") -> str:
    texts = [shown(value) for value in _items(values)]
    _bound(sum(map(len, texts)) + len(texts) * len(separator), LIMIT_TEXT)
    return separator.join(texts)


def _items(values: Any) -> Iterable[Any]:
    _defined(values)
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ExpressionFailed(f"{_kind(values)} is not a list")
    return values


def _replace(text: str, old: str, new: str) -> str:
    _bound(len(shown(text)) + text.count(old) * len(new), LIMIT_TEXT)
    return text.replace(old, new)


def _json(value: Any, indent: int | None = None) -> str:
    parts, length = [], 0
    for part in json.JSONEncoder(ensure_ascii=False, indent=min(indent or 0, 8) or None).iterencode(value):
        length += len(part)
        _bound(length, LIMIT_TEXT)
        parts.append(part)
    return "".join(parts)


def _bound(size: int, limit: int) -> None:
    if size > limit:
        raise ExpressionFailed(f"makes more than {limit:,}")


@pass_context
def _bounded(context: Context, values: Any) -> Iterator[Any]:
    rounds = context["_rounds"]
    for value in list(_items(values)):
        rounds[0] += 1
        if rounds[0] > LIMIT_ROUNDS:
            raise ExpressionFailed(f"loops more than {LIMIT_ROUNDS:,} times")
        yield value


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = _Environment(
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # data and scripts, not HTML
    )
    made.globals = {"omit": OMIT}
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.filters |= {"join": _joined, "replace": _replace, "tojson": _json, "string": shown}
    made.filters |= {"_bounded": _bounded, "_compared": _compared}
    made.tests = {name: made.tests[name] for name in _TESTS}
    return made
