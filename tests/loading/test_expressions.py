"""Expressions of blueprints: what they are worth, and that nothing gets out of the box."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pipegen.loading.blueprints.expressions import LIMIT_EXPRESSION, Expression, File
from pipegen.loading.blueprints.sandbox import LIMIT_ROUNDS, LIMIT_TEXT, ExpressionFailed
from pipegen.loading.blueprints.sandbox import OMIT as OMITTED

NAMES: dict[str, Any] = {
    "port": 3000,
    "flag": True,
    "service": "orders",
    "paths": ["/a", "/b"],
    "tags": {"team": "retail", "items": "3"},
    "connection": {"Ref": "ConnectionArn"},
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ port }}", 3000),
        ("{{ flag }}", True),
        ("{{ nothing }}", None),
        ("{{ paths }}", ["/a", "/b"]),
        ("{{ connection }}", {"Ref": "ConnectionArn"}),
        ("{{port}}", 3000),
        ("{{ service }}-{{ port }}", "orders-3000"),
        (" {{ port }}", " 3000"),
        ("is {{ flag }}", "is true"),
        ("{{ port + 1 }}", 3001),
        ("{{ port // 7 - port % 7 * 2 }}", 420),
        ("{{ -port }}", -3000),
        ("{{ service ~ '-' ~ port }}", "orders-3000"),
        ("{{ paths + ['/c'] }}", ["/a", "/b", "/c"]),
        ("{{ [service, port] }}", ["orders", 3000]),
        ("{{ {'name': service} }}", {"name": "orders"}),
        ("{{ tags.team }}", "retail"),
        ("{{ tags.items }}", "3"),
        ("{{ tags['team'] }}", "retail"),
        ("{{ paths[0] }}", "/a"),
        ("{{ paths[-1] }}", "/b"),
        ("{{ certificate | default(omit) }}", OMITTED),
        ("{{ certificate is defined }}", False),
        ("{{ tags.owner | default('nobody') }}", "nobody"),
        ("{{ 'yes' if flag and port > 80 else 'no' }}", "yes"),
        ("{{ not flag or 'x' in paths }}", False),
        ("{{ service | upper }}", "ORDERS"),
        ("{{ paths | join(',') }}", "/a,/b"),
        ("{{ paths | length }}", 2),
        ("{{ tags | items }}", [["team", "retail"], ["items", "3"]]),
        ("{{ service | replace('o', '0') }}", "0rders"),
        ("{{ paths | tojson }}", '["/a", "/b"]'),
        ('{{ "<&>" | tojson }}', '"<&>"'),
        ("{{ '7' | int }}", 7),
        ("{{ '{{ port }}' }}", "{{ port }}"),
        ("a{# not seen #}b", "ab"),
        ("{{ ['a', certificate | default(omit), 'b'] }}", ["a", "b"]),
        ("{{ [omit] }}", []),
        ("{{ {'a': omit, 'b': [omit, 1]} }}", {"b": [1]}),
        ("{{ [tags | items] }}", [[["team", "retail"], ["items", "3"]]]),
        ("{{ (service, port) }}", ["orders", 3000]),
    ],
)
def test_an_expression_is_worth(text: str, value: object) -> None:
    found = Expression(text).value(NAMES)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ certificate }}", '"certificate" has no value; give it one, or write certificate | default(omit)'),
        ("x{{ certificate }}", '"certificate" has no value; give it one, or write certificate | default(omit)'),
        ("{{ tags.owner }}", "there is no owner in the mapping"),
        ("{{ paths[2] }}", "there is no 2 in the list"),
        ("{{ paths }} x", "the list cannot be part of a text"),
        ("{{ connection }}/x", "the mapping cannot be part of a text"),
        ("{{ nothing }}x", "nothing cannot be part of a text"),
        ("{{ 'x' ~ connection }}", "the mapping cannot be part of a text"),
        ("{{ service + 'x' }}", "~ joins texts"),
        ("{{ flag + 1 }}", "+ is for numbers"),
        ("{{ port // 0 }}", "by zero"),
        ("{{ port", "the expression is not closed; close it with }}"),
        ("{{ }}", "the expression is empty; write a value between"),
        ("{{ service | shout }}", 'unknown filter "shout"; did you mean "sort"?'),
        (
            "{{ port is prime }}",
            'unknown test "prime"; use one of boolean, defined, eq, equalto, even, false, float, ge, ',
        ),
        ("{{ 1e999 }}", ""),
        ("{{ [certificate] }}", '"certificate" has no value; give it one, or write certificate | default(omit)'),
        ("{{ {'a': [tags.owner]} }}", "there is no owner in the mapping"),
        ("{{ {1: 2} }}", "a key that is not text"),
    ],
)
def test_a_wrong_expression_is_reported_in_words(text: str, words: str) -> None:
    with pytest.raises(ExpressionFailed) as failed:
        Expression(text).value(NAMES)
    assert words in str(failed.value)
    assert str(failed.value).isprintable()


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ tags.__class__.__mro__ }}",
    "{{ paths.append(1) }}",
    "{{ tags.get('team') }}",
    "{{ tags.update }}",
    "{{ service.format('x') }}",
    "{{ service.upper() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ super() }}",
    "{{ caller() }}",
    "{{ config }}",
    "{{ request }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ lipsum.__globals__ }}",
    "{{ range(9) }}",
    "{{ dict(a=1) }}",
    "{{ namespace() }}",
    "{{ joiner }}",
    "{{ get_flashed_messages }}",
    "{{ omit.__class__ }}",
    "{{ omit() }}",
    "{{ file.__globals__ }}",
    "{{ file }}x",
    "{{ file(*['x']) }}",
    "{{ file(name='x') }}",
    "{{ paths | map('upper') | list }}",
    "{{ paths | attr('__class__') }}",
    "{{ service | attr('upper') }}",
    "{{ paths | map(attribute='__class__') }}",
    "{{ paths | sort(attribute='__class__') }}",
    "{{ paths | unique(attribute='__class__') | list }}",
    "{{ service | format }}",
    "{{ '%s' % service }}",
    "{{ service | xmlattr }}",
    "{{ service | pprint }}",
    "{{ service | safe }}",
    "{{ paths | groupby('__class__') }}",
    "{{ service | default(service.__class__.__mro__, **tags) }}",
    "{{ _rounds }}",
    "{{ __builtins__ }}",
    "{{ paths | _bounded }}",
    "{{ port is _x }}",
    "{{ paths[0:1] }}",
    "{{ 2 ** 99 }}",
    "{% for each in paths %}{{ each }}{% endfor %}",
    "{% if flag %}x{% endif %}",
    "{% set x = 1 %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% macro x() %}{% endmacro %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% block x %}{% endblock %}",
    "{% with x = 1 %}{% endwith %}",
    "{% autoescape true %}{% endautoescape %}",
    "{{ debug() }}",
    "{% debug %}",
    "{% do paths.append(1) %}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_gets_out_of_the_box(text: str) -> None:
    names = {**NAMES, "file": _file}
    with pytest.raises(ExpressionFailed):
        Expression(text).value(names)
    if "file(" not in text:
        with pytest.raises(ExpressionFailed):
            Expression(f"x{text}").value(names)


@pytest.mark.parametrize(
    "text",
    [
        each
        for each in ESCAPES
        if each not in ("{% for each in paths %}{{ each }}{% endfor %}", "{% if flag %}x{% endif %}")
    ],
)
def test_nor_out_of_a_file(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        File(f"{{% if flag %}}{text}{{% endif %}}").text({**NAMES, "file": _file})


def _file(name: str) -> str:
    raise AssertionError("called")


BOMBS = [
    "{{ 'a' * 1000000000 }}",
    "{{ paths * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ service | center(1000000000) }}",
    "{{ service | indent(1000000000) }}",
    "{{ service | replace('', '" + "x" * 9000 + "') | replace('x', '" + "y" * 100 + "') }}",
    "{{ " + " ~ ".join(["big"] * 2000) + " }}",
    "{{ " + "big " * 1 + "}}" + "{{ big }}" * 500,
    "{{ [" + ", ".join(["big"] * 2000) + "] | join }}",
    "{{ [" + ", ".join(["big"] * 2000) + "] | tojson }}",
    "{{ " + " + ".join(["long"] * 2000) + " }}",
    "{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}",
    "{{ " + "[" * 4000 + "]" * 4000 + " }}",
    "{{ " + "not " * 2000 + "1 + }}",
    "{{ " + "9" * 9000 + " }}",
    "{{ " + "9" * 18 + " * " + "9" * 18 + " * 9 }}",
    "x" * (LIMIT_EXPRESSION + 1) + "{{ port }}",
    "{{ [" + ", ".join(["long"] * 2000) + "] }}",
    "{{ " + "port + " * 350 + "1 }}",
    "{{ service" + " | string" * 290 + " }}",
    "{{ " + "not " * 300 + "flag }}",
    "{{ " + "[" * 30 + "]" * 30 + " }}",
    "{{ long == long }}",
    "{{ long in [long] }}",
    "{{ long is eq(long) }}",
    "{{ long | sort }}",
    "{{ long | unique }}",
]


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: text[:40])
def test_what_would_grow_without_bounds_is_rejected_at_once(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(ExpressionFailed):
        Expression(text).value({**NAMES, "big": "x" * 10_000, "long": [1] * 5_000})
    assert time.monotonic() - started < 5


def test_loops_of_files_are_bounded_all_together() -> None:
    loops = "{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}"
    few, many = list(range(99)), list(range(101))
    assert File(loops).text({"many": few}) == ""
    assert len(few) + len(few) ** 2 <= LIMIT_ROUNDS < len(many) ** 2
    with pytest.raises(ExpressionFailed, match=r"loops more than 10,000 times"):
        File(loops).text({"many": many})


def test_lists_of_lists_are_not_compared_without_end() -> None:
    loops = "".join(f"{{% for a{n + 1} in [[{', '.join([f'a{n}'] * 60)}]] %}}" for n in range(8))
    template = f"{{% for a0 in many %}}{loops}{{{{ a8 == a7 }}}}{'{% endfor %}' * 9}"
    started = time.monotonic()
    with pytest.raises(ExpressionFailed):
        File(template).text({"many": [1, 2]})
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("block", ["{% for a in many %}", "{% if many %}"])
def test_blocks_are_not_nested_without_end(block: str) -> None:
    end = "{% endfor %}" if "for" in block else "{% endif %}"
    assert File(block * 9 + "x" + end * 9).text({"many": [1]}) == "x"
    with pytest.raises(ExpressionFailed, match="nested deeper"):
        File(block * 25 + end * 25)


def test_the_text_of_a_file_is_bounded() -> None:
    template = File("{% for a in many %}{{ big }}{% endfor %}")
    assert len(template.text({"many": [0] * 10, "big": "x" * 100_000})) == LIMIT_TEXT
    with pytest.raises(ExpressionFailed, match=r"more than 1,000,000"):
        template.text({"many": [0] * 11, "big": "x" * 100_000})


def test_a_file_has_loops_and_conditions() -> None:
    template = File(
        "FROM node\n"
        "{% for path in paths %}\n"
        "COPY {{ path }} /app{% if not loop.last %} # {{ loop.index }}{% endif %}\n\n"
        "{% endfor %}\n"
        "{% if port != 80 %}\n"
        "EXPOSE {{ port }}\n"
        "{% else %}\n"
        "# none\n"
        "{% endif %}\n"
    )
    assert template.text(NAMES) == "FROM node\nCOPY /a /app # 1\nCOPY /b /app\nEXPOSE 3000\n"
    with pytest.raises(ExpressionFailed, match="cannot be part of a text"):
        File("{% for path in paths %}{{ loop }}{% endfor %}").text(NAMES)


def test_a_wrong_file_says_its_line() -> None:
    with pytest.raises(ExpressionFailed) as failed:
        File("a\nb\n{% if %}\n")
    assert failed.value.line == 3


def test_values_are_not_changed_by_what_is_made_of_them() -> None:
    given = ["/a"]
    made = Expression("{{ given + ['/b'] }}").value({"given": given})
    assert (given, made) == (["/a"], ["/a", "/b"])


def test_names_are_known_before() -> None:
    assert Expression("{{ a if b.c else d['e'] }}-{{ omit }}").names - {"omit"} == {"a", "b", "d"}
