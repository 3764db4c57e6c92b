"""Values: what data becomes an expression, and how literals and expressions become one text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from troposphere import AWSHelperFn, Base64, Cidr, GetAtt, GetAZs, If, ImportValue, Join, Ref, Select, Split, Sub

from pipegen.values.functions import expression_fault, from_data, list_from_data, sub_names
from pipegen.values.value import Value, arn, concat
from tests.strategies import data, expressions, fuzzing
from tests.templates import allowed, definition, resources


def resolved(value: Any, variables: Mapping[str, str] | None = None) -> str:
    """The text that CloudFormation makes of a value, where a parameter's value is its own name in angle brackets."""
    if isinstance(value, str):
        return value
    [(function, argument)] = (value if isinstance(value, dict) else value.to_dict()).items()
    if function == "Fn::Sub":
        text, own = (argument, {}) if isinstance(argument, str) else argument
        return substituted(text, {name: resolved(each) for name, each in own.items()})
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    if function == "Fn::Join":
        return str(argument[0]).join(map(resolved, argument[1]))
    return f"<{resolved(argument)}>"


def substituted(text: str, own: Mapping[str, str]) -> str:
    """`${Name}` replaced, `${!Name}` left as `${Name}`.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html"""

    def replacement(match: re.Match[str]) -> str:
        name = match["name"]
        return "${" if name is None else own.get(name, f"<{name}>")

    return re.sub(r"\$\{(?:!|(?P<name>[^!}][^}]*)\})", replacement, text)


def joined(*parts: Value) -> str:
    return "".join(map(resolved, parts))


literals = st.text(st.sampled_from(["$", "{", "}", "!", "A", "x", "-", "\n"]), max_size=6) | st.text(max_size=5)
# Their texts are those of a person who closes every brace: a Sub with an open one is refused when it is read.
subs = st.sampled_from(("${A}", "a${A.Arn}b", "${!A}", "", "-${AWS::Region}-", "a}b", "{x}"))
values: st.SearchStrategy[Value] = st.one_of(
    literals,
    st.sampled_from(("A", "B", "AWS::Region", "Value", "Value0")).map(Ref),
    subs.map(Sub),
    subs.map(lambda text: Sub(text, {"A": Ref("B")})),
    st.sampled_from((GetAtt("A", "Arn"), GetAtt("A", "B.C"), ImportValue("x"), ImportValue(Sub("${A}")))),
    st.sampled_from((Join("-", ["a", Ref("B")]), Join("", [Ref("A"), "${A}"]))),
)


@fuzzing(300)
@given(st.lists(values, max_size=6))
def test_concat_resolves_to_its_parts_one_after_the_other(parts: list[Value]) -> None:
    # What a part ends in and the next begins with is a test of its own.
    ends = [first.endswith("$") for first in map(resolved, parts[:-1])]
    assume(not any(end and resolved(then).startswith("{") for end, then in zip(ends, parts[1:], strict=True)))
    assert resolved(concat(*parts)) == joined(*parts)


@fuzzing(200)
@given(st.lists(literals, max_size=6))
def test_literals_stay_a_literal(parts: list[str]) -> None:
    assert concat(*parts) == "".join(parts)


@fuzzing(300)
@given(literals, literals)
def test_a_literal_never_becomes_a_substitution(before: str, after: str) -> None:
    value = concat(before, Ref("A"), after)
    assert not isinstance(value, str)
    assert sub_names(value.to_dict()["Fn::Sub"]) == ("A",)
    assert resolved(value) == f"{before}<A>{after}"


@pytest.mark.parametrize(
    "parts",
    [("$", "{A}", Ref("B")), (Ref("B"), "$", "{A}"), (Sub("a$"), "{A}"), ("$", Sub("{A}")), (Sub("$"), Sub("{A}"))],
)
def test_a_dollar_and_the_brace_of_the_next_part_are_not_a_substitution(parts: tuple[Value, ...]) -> None:
    assert resolved(concat(*parts)) == joined(*parts)


@pytest.mark.parametrize(
    "parts",
    [
        (Ref("Value1"), ImportValue("x")),
        (ImportValue("x"), Ref("Value1")),
        (Sub("${Value1.Arn}${Value1}"), ImportValue("x")),
        (GetAtt("Value1", "Arn"), ImportValue("x"), ImportValue("y"), Ref("Value2")),
    ],
)
def test_a_parameter_that_is_called_like_a_variable_of_concat_is_still_the_parameter(parts: tuple[Value, ...]) -> None:
    assert resolved(concat(*parts)) == joined(*parts)


def test_such_a_parameter_is_still_the_parameter_in_a_permission() -> None:
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "cluster": {"Ref": "Value1"}, "roles": ["app"]}
    service = {"service": {"Fn::ImportValue": "shop-service"}}
    described = definition(deploy=deploy | service, parameters={"ConnectionArn": {}, "Value1": {}})
    [service_arn] = allowed(resources(described, "AWS::IAM::Role")["PipelineRole"], "ecs:UpdateService")
    assert resolved(service_arn).endswith(":service/<Value1>/<shop-service>")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), ""),
        (("a", "b"), "ab"),
        (("${A}",), "${A}"),
        ((Ref("A"),), {"Ref": "A"}),
        ((Ref("A"), ""), {"Fn::Sub": "${A}"}),
        (("arn:", Ref("AWS::Partition"), ":x"), {"Fn::Sub": "arn:${AWS::Partition}:x"}),
        ((GetAtt("A", "B.C"), "/*"), {"Fn::Sub": "${A.B.C}/*"}),
        ((Sub("${A}${!B}"), "${C}"), {"Fn::Sub": "${A}${!B}${!C}"}),
        (("${!A}", Ref("B")), {"Fn::Sub": "${!!A}${B}"}),
        ((ImportValue("x"), "/"), {"Fn::Sub": ["${Value1}/", {"Value1": {"Fn::ImportValue": "x"}}]}),
        (
            (Sub("${a}", {"a": Ref("A")}), Select(0, ["x"])),
            {
                "Fn::Sub": [
                    "${Value1}${Value2}",
                    {"Value1": {"Fn::Sub": ["${a}", {"a": {"Ref": "A"}}]}, "Value2": {"Fn::Select": [0, ["x"]]}},
                ]
            },
        ),
        # An attribute's name may be an expression, which has no place inside a Sub's text.
        (
            (GetAtt("A", Ref("B")), "x"),
            {"Fn::Sub": ["${Value1}x", {"Value1": {"Fn::GetAtt": ["A", {"Ref": "B"}]}}]},
        ),
    ],
)
def test_concat_writes_what_can_stand_inside_a_text_inside_it(parts: tuple[Value, ...], expected: Any) -> None:
    value = concat(*parts)
    assert (value if isinstance(value, str) else value.to_dict()) == expected


def test_an_arn_is_of_the_stacks_own_partition_region_and_account() -> None:
    own = arn("ecs", "cluster/", "main")
    assert resolved(own) == "arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:cluster/main"
    assert (
        resolved(arn("iam", "role/", Ref("Role"), region=""))
        == "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/<Role>"
    )
    assert resolved(arn("s3", "b", region="", account="")) == "arn:<AWS::Partition>:s3:::b"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("${A}-${B.Arn}", ("A", "B.Arn")),
        ("${!A}", ()),
        ("$${A}", ("A",)),
        ("${!${A}}", ("A",)),
        ("${}${", ()),
        ("${AWS::Region}\n${A}", ("AWS::Region", "A")),
    ],
)
def test_the_names_of_a_sub_are_those_that_it_substitutes(text: str, names: tuple[str, ...]) -> None:
    assert sub_names(text) == names


def lists(data: Any) -> Any:
    """What an expression in data renders to: the dotted form of GetAtt is a list there."""
    if isinstance(data, dict):
        return {key: _attribute(value) if key == "Fn::GetAtt" else lists(value) for key, value in data.items()}
    return list(map(lists, data)) if isinstance(data, list) else data


def _attribute(argument: Any) -> Any:
    return argument.split(".", 1) if isinstance(argument, str) else argument


@pytest.mark.slow
@fuzzing(300)
@given(expressions())
def test_an_expression_of_the_right_form_is_read_and_written_as_it_was(expression: Any) -> None:
    value = from_data(expression)
    assert not isinstance(value, str)
    assert value.to_dict() == lists(expression)


@fuzzing(300)
@given(st.text())
def test_any_text_is_a_literal(text: str) -> None:
    assert from_data(text) == text


def refusal(anything: Any) -> str | None:
    try:
        from_data(anything)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.slow
@fuzzing(500)
@given(data())
def test_any_other_data_is_rejected_in_words(anything: Any) -> None:
    told = refusal(anything)
    words = (
        "must be a string, or one of !Ref "
        "|the argument of !(Ref|Sub|GetAtt|ImportValue|Join|Select|Split|If|FindInMap) must be "
    )
    assert told is None or (re.match(words, told) and "\n" not in told)


@pytest.mark.parametrize(
    "value",
    [Ref("A"), If("A", "b", "c"), Select(0, Split(",", "a")), Base64("x")],
)
def test_an_expression_of_troposphere_is_taken_as_it_is(value: Value) -> None:
    assert from_data(value) is value


@pytest.mark.parametrize(
    ("value", "function"),
    [
        (Split(",", "a,b"), "!Split"),
        (GetAZs(""), "!GetAZs"),
        (Cidr("10.0.0.0/16", 2, 8), "!Cidr"),
        (If("A", ["x"], ["y"]), "!If"),
        (If("A", Split(",", "a"), Ref("B")), "!If"),
    ],
)
def test_an_expression_that_yields_a_list_is_not_text(value: AWSHelperFn, function: str) -> None:
    with pytest.raises(ValueError, match=f"got {function}, which returns a list"):
        from_data(value)
    assert list_from_data(value) is not None


def test_an_item_of_a_list_of_aws_is_a_text_and_an_encoded_text_is_not_a_list() -> None:
    for value in (Select(0, GetAZs("")), Join(",", Cidr("10.0.0.0/16", 2, 8)), Base64("x")):
        assert from_data(value) is value
        assert expression_fault(value) is None
    with pytest.raises(ValueError, match="got !Base64"):
        list_from_data(Base64("x"))
    assert str(expression_fault(Join("", [Split(",", "a")]))).startswith("must be a string")


_OR = "must be a string, or one of !Ref !Sub !GetAtt !ImportValue !Join !Select !If !FindInMap, got "


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, f"{_OR}nothing"),
        (True, f"{_OR}true"),
        (False, f"{_OR}false"),
        (12, f"{_OR}the number 12"),
        (1.5, f"{_OR}the number 1.5"),
        ([], f"{_OR}a list"),
        (["a"], f"{_OR}a list"),
        ({}, f"{_OR}a mapping with no keys"),
        ({"": "x"}, f"{_OR}a mapping with no keys"),
        ({"a": 1}, f"{_OR}a mapping with a"),
        ({"Ref": "A", "b": 1}, f"{_OR}a mapping with Ref, b"),
        ({"Sub": "A"}, f"{_OR}a mapping with Sub"),
        ({"Fn::GetAZs": "a"}, f"{_OR}!GetAZs"),
        ({"\x1b[31m\n": "A"}, f"{_OR}a mapping with \\x1b[31m"),
        ({"Ref": ""}, "the argument of !Ref must be the name of a parameter, a resource or a pseudo parameter"),
        ({"Ref": None}, "the argument of !Ref must be the name of a parameter, a resource or a pseudo parameter"),
        ({"Ref": ["A"]}, "the argument of !Ref must be the name of a parameter, a resource or a pseudo parameter"),
        ({"Fn::Sub": "${A"}, "the argument of !Sub must be a text whose every ${ is closed"),
        ({"Fn::Sub": "${A} ${"}, "the argument of !Sub must be a text whose every ${ is closed"),
        ({"Fn::Sub": 1}, "the argument of !Sub must be a text, or a list of a text and a mapping of variables"),
        ({"Fn::Sub": ["a"]}, "the argument of !Sub must be a text, or a list of a text and a mapping of variables"),
        ({"Fn::Sub": ["a", {}]}, "the argument of !Sub must be a text, or a list of a text and a mapping of variables"),
        ({"Fn::Sub": ["a", []]}, "the argument of !Sub must be a text, or a list of a text and a mapping of variables"),
        (
            {"Fn::Sub": ["a", {"b": "c"}, "d"]},
            "the argument of !Sub must be a text, or a list of a text and a mapping of variables",
        ),
        ({"Fn::Sub": ["a", {"b": 1}]}, f"{_OR}the number 1"),
        ({"Fn::GetAtt": "A"}, "the argument of !GetAtt must be Resource.Attribute"),
        ({"Fn::GetAtt": ".A"}, "the argument of !GetAtt must be Resource.Attribute"),
        ({"Fn::GetAtt": "A."}, "the argument of !GetAtt must be Resource.Attribute"),
        ({"Fn::GetAtt": ["A"]}, "the argument of !GetAtt must be Resource.Attribute"),
        ({"Fn::GetAtt": ["A", ""]}, "the argument of !GetAtt must be Resource.Attribute"),
        ({"Fn::GetAtt": ["A", {"Ref": "B"}]}, "the argument of !GetAtt must be Resource.Attribute"),
        ({"Fn::ImportValue": ["A"]}, f"{_OR}a list"),
        ({"Fn::Join": "A"}, "the argument of !Join must be a list of a delimiter and a list of values"),
        ({"Fn::Join": ["-", []]}, "the argument of !Join must be a list of a delimiter and a list of values"),
        ({"Fn::Join": ["-", "ab"]}, "the argument of !Join must be a list of a delimiter and a list of values"),
        ({"Fn::Join": [1, ["a"]]}, "the argument of !Join must be a list of a delimiter and a list of values"),
        ({"Fn::Join": ["-", ["a", 1]]}, f"{_OR}the number 1"),
        ({"Fn::Select": ["0", ["a"]]}, "the argument of !Select must be a list of an index and a list"),
        ({"Fn::Select": [True, ["a"]]}, "the argument of !Select must be a list of an index and a list"),
        ({"Fn::Select": [-1, ["a"]]}, "the argument of !Select must be a list of an index and a list"),
        ({"Fn::Select": [0, []]}, "the argument of !Select must be a list of an index and a list"),
        ({"Fn::Select": [0]}, "the argument of !Select must be a list of an index and a list"),
        ({"Fn::Select": [0, None]}, f"{_OR}nothing"),
        ({"Fn::Split": ["", "a"]}, "the argument of !Split must be a list of a delimiter and a value"),
        ({"Fn::Split": [",", "a", "b"]}, "the argument of !Split must be a list of a delimiter and a value"),
        ({"Fn::Split": [",", ["a"]]}, f"{_OR}a list"),
        (
            {"Fn::If": "A"},
            "the argument of !If must be a list of a condition's name, the value if it is true",
        ),
        ({"Fn::If": ["A", "b"]}, "the argument of !If must be a list of a condition's name"),
        ({"Fn::If": ["", "b", "c"]}, "the argument of !If must be a list of a condition's name"),
        ({"Fn::If": [{"Ref": "A"}, "b", "c"]}, "the argument of !If must be a list of a condition's name"),
        ({"Fn::If": ["A", ["b"], "c"]}, f"{_OR}a list"),
        ({"Fn::If": ["A", "b", 1]}, f"{_OR}the number 1"),
        (
            {"Fn::FindInMap": ["A", "b"]},
            "the argument of !FindInMap must be a list of a mapping's name and two keys, each a text, !Ref or",
        ),
        (
            {"Fn::FindInMap": ["A", {"Fn::Sub": "x"}, "b"]},
            "the argument of !FindInMap must be a list of a mapping's name and two keys",
        ),
        (
            {"Fn::FindInMap": ["A", "", "b"]},
            "the argument of !FindInMap must be a list of a mapping's name and two keys",
        ),
        ({"Fn::FindInMap": ["A", {"Ref": ""}, "b"]}, "the argument of !Ref must be the name of a parameter"),
        ({"Fn::Join": [",", {"Fn::If": ["A", ["b"], "c"]}]}, "must be a list, or one of !Ref !GetAtt !Split !If"),
        (
            {"Fn::ImportValue": {"Fn::Sub": ["${a}", {"a": {"Ref": ""}}]}},
            "the argument of !Ref must be the name of a parameter, a ",
        ),
    ],
)
def test_data_of_the_wrong_form_is_reported_with_the_right_one(wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        from_data(wrong)


def test_join_takes_an_expression_that_yields_a_list() -> None:
    """Such as !Ref of a list parameter; a text of its own is none."""
    value = from_data({"Fn::Join": [",", {"Ref": "Subnets"}]})
    assert isinstance(value, AWSHelperFn)
    assert value.to_dict() == {"Fn::Join": [",", {"Ref": "Subnets"}]}
    with pytest.raises(ValueError, match="a list of values"):
        from_data({"Fn::Join": [",", "Subnets"]})
