"""What a value stands for: whatever expression spells an ARN or a name, what is derived from it is the same."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import AWSHelperFn, FindInMap, GetAtt, If, ImportValue, Join, Ref, Select, Split, Sub

from pipegen.ecs.roles import role_arn
from pipegen.fields.gaps import is_known
from pipegen.model.image_pulls import repositories_of, sources_of
from pipegen.model.repository import Repository
from pipegen.references.secrets import parameter_arns, secret_arns, task_secrets
from pipegen.values.shape import arn_or_name, bucket_of, shape, shapes, without_variables
from pipegen.values.value import Value
from tests.strategies import fuzzing

OWN = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
}
WELL_FORMED = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:[^:\s${}]+(:[^:\s${}]+)*")


def resolved(value: Any, known: Mapping[str, str]) -> str:
    """The text that CloudFormation makes of a value, with what is known by parameter, export and reference."""
    data = value.to_dict() if isinstance(value, AWSHelperFn) else value
    if isinstance(data, str):
        return re.sub(r"\{\{resolve:ssm:([^{}]*)\}\}", lambda match: known[match[1]], data)
    [(function, argument)] = data.items()
    if function == "Ref" or function == "Fn::ImportValue":
        return known[argument]
    if function == "Fn::Sub":
        text, own = (argument, {}) if isinstance(argument, str) else argument
        inside = {name: resolved(each, known) for name, each in own.items()}
        made = re.sub(r"\$\{([^!}]+)\}", lambda match: {**known, **inside}[match[1]], text)
        return resolved(made, known)
    if function == "Fn::Join":
        return str(argument[0]).join(resolved(each, known) for each in argument[1])
    if function == "Fn::If":
        return resolved(argument[1], known)
    if function == "Fn::Select":
        delimiter, text = argument[1]["Fn::Split"]
        return resolved(text, known).split(str(delimiter))[int(argument[0])]
    raise AssertionError(function)


Form = tuple[Value, Mapping[str, str]]


@st.composite
def forms(draw: Callable[[st.SearchStrategy[Any]], Any], text: str) -> Form:
    """An expression for the text, and what it takes to resolve it. A gap is a whole part between `:`, `/`, `@` and
    `.`, neither the last, which says where it ends, nor one that says what it is."""
    parts = [part for part in re.split(r"([:/@.])", text) if part]
    known = dict(OWN)
    pieces: list[Value] = []
    for index, part in enumerate(parts):
        way = draw(st.sampled_from(("text", "text", "Ref", "ImportValue", "resolve")))
        if way == "text" or index == len(parts) - 1 or part in ":/@." or _says_what(part):
            pieces.append(part)
            continue
        name = f"P{index}"
        known[name] = part
        pieces.append({"Ref": Ref(name), "ImportValue": ImportValue(name)}.get(way, f"{{{{resolve:ssm:{name}}}}}"))
    return draw(st.sampled_from(WRITERS))(pieces), known


def _says_what(part: str) -> bool:
    return part in (
        "arn",
        "secretsmanager",
        "ssm",
        "ecr",
        "iam",
        "s3",
        "dkr",
        "credentialspec",
        "credentialspecdomainless",
        "secret",
        "parameter",
        "repository",
        "role",
    )


def _sub(pieces: list[Value]) -> Value:
    own = {f"V{index}": each for index, each in enumerate(pieces) if not isinstance(each, (str, Ref))}
    names = {index: f"V{index}" for index, each in enumerate(pieces) if not isinstance(each, (str, Ref))}
    text = "".join(
        each if isinstance(each, str) else f"${{{names.get(index) or each.data['Ref']}}}"
        for index, each in enumerate(pieces)
    )
    return Sub(text, own) if own else Sub(text)


WRITERS: tuple[Callable[[list[Value]], Value], ...] = (
    _sub,
    lambda pieces: Join("", pieces),
    lambda pieces: Join("", [_sub(pieces[:2]), Join("", pieces[2:])]) if len(pieces) > 2 else _sub(pieces),
    lambda pieces: If("Production", _sub(pieces), _sub(pieces)),
    lambda pieces: Select(1, ["other", _sub(pieces)]),
)

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-a1B2c3"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"
REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"

Derive = Callable[[Value], Iterable[Value]]
DERIVED: Mapping[str, tuple[Derive, str, str]] = {
    "a task's secret": (lambda value: task_secrets(value)[0], SECRET, SECRET),
    "a part of a secret": (lambda value: task_secrets(value)[0], f"{SECRET}:password::", SECRET),
    "a secret without its suffix": (lambda value: task_secrets(value)[0], SECRET[:-7], SECRET),
    "a secret whose name ends like a suffix": (
        lambda value: task_secrets(value)[0],
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/orders-secret",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/orders-secret-a1B2c3",
    ),
    "a task's parameter": (lambda value: task_secrets(value)[1], PARAMETER, PARAMETER),
    "a task's parameter by name": (lambda value: task_secrets(value)[1], "/shop/db", PARAMETER),
    "a build's secret": (secret_arns, f"{SECRET}:password:AWSCURRENT:", SECRET),
    "a build's secret by name": (secret_arns, "shop/db:password", SECRET),
    "a build's parameter": (parameter_arns, "shop/db/x", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/x"),
    "a role": (lambda value: [role_arn(value)], "arn:aws:iam::123456789012:role/shop", "arn:aws:iam::*:role/shop"),
    "a role by name": (lambda value: [role_arn(value)], "apps/web/shop", "arn:aws:iam::*:role/apps/web/shop"),
    "a repository": (lambda value: [Repository(value).arn], REPOSITORY, REPOSITORY),
    "a repository by URI": (lambda value: [Repository(value).arn], IMAGE, REPOSITORY),
    "a repository by name": (lambda value: [Repository(value).arn], "shop/web", REPOSITORY),
    "an image by tag": (lambda value: [each.arn for each in repositories_of(value)], f"{IMAGE}:1", REPOSITORY),
    "an image by digest": (lambda value: [each.arn for each in repositories_of(value)], f"{IMAGE}@x:1", REPOSITORY),
    "a file's bucket": (
        lambda value: [bucket_of(each) for each in shapes(value)],
        "arn:aws:s3:::shop-config/web/app.env",
        "arn:aws:s3:::shop-config",
    ),
    "a function": (
        lambda value: [arn_or_name(value, "lambda", "function:", gap="name")],
        "arn:aws:lambda:eu-west-1:123456789012:function:check",
        "arn:aws:lambda:eu-west-1:123456789012:function:check",
    ),
}


@fuzzing(300)
@given(st.data())
def test_every_form_of_a_value_gives_the_resource_that_its_text_gives(data: st.DataObject) -> None:
    derive, text, resource = DERIVED[data.draw(st.sampled_from(sorted(DERIVED)))]
    value, known = data.draw(forms(text))
    literal = [resolved(each, OWN) for each in derive(text)]
    found = [resolved(each, known) for each in derive(value)]
    for each in (*literal, *found):
        assert WELL_FORMED.fullmatch(each), (each, value)
    for given_ in (literal, found):
        assert any(fnmatch.fnmatchcase(resource, each) or fnmatch.fnmatchcase(each, resource) for each in given_)
    assert {*literal} <= {*found} or any(each.endswith("-??????") for each in found)


@pytest.mark.parametrize(
    ("image", "sources"),
    [
        ("aws/codebuild/standard:7.0", {"curated"}),
        (Sub("aws/codebuild/${Image}"), {"curated"}),
        (Join("/", ["aws", "codebuild", Ref("Image")]), {"curated"}),
        ("node:22", {"public"}),
        (Sub("node:${Version}"), {"public"}),
        (Sub("public.ecr.aws/docker/library/${Image}"), {"public"}),
        (Sub("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/build:${Tag}"), {"ecr"}),
        (Sub("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Image}"), {"unknown"}),
        (Ref("Image"), {"unknown"}),
        (Sub("${Registry}/build:1"), {"unknown"}),
        ("{{resolve:ssm:/build/image}}", {"unknown"}),
        (FindInMap("Images", Ref("AWS::Region"), "build"), {"unknown"}),
        (If("Own", Sub("${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/a:1"), "node:22"), {"ecr", "public"}),
    ],
    ids=range(13),
)
def test_an_image_shows_where_it_is_pulled_from_or_is_unknown(image: Value, sources: set[str]) -> None:
    assert sources_of(image) == sources


def test_a_value_whose_text_is_not_known_is_an_arn_where_an_arn_can_stand() -> None:
    for value in (
        Ref("Arn"),
        GetAtt("Role", "Arn"),
        ImportValue("arn"),
        "{{resolve:ssm:/role}}",
        Select(0, Split(",", Ref("Arns"))),
    ):
        assert role_arn(value) == value
        assert secret_arns(value) == [value]
        assert task_secrets(value) == ([value], [value])


def test_a_branch_without_a_value_has_no_resource() -> None:
    value = If("Production", SECRET, Ref("AWS::NoValue"))
    assert task_secrets(value) == ([SECRET], [])
    role = role_arn(If("Production", "shop", Ref("AWS::NoValue")))
    assert isinstance(role, If)
    assert role.data["Fn::If"][2] == Ref("AWS::NoValue")


def test_a_substitution_inside_a_dynamic_reference_is_part_of_it() -> None:
    assert shape(Sub("{{resolve:ssm:/${Stage}/vpc}}")).is_gap
    assert shape(Sub("x-{{resolve:ssm:/${Stage}/vpc}}")).text[:-1] == "x-"


def test_what_is_replaced_later_is_not_known() -> None:
    assert is_known("vpc-1")
    for value in ("{{resolve:ssm:/vpc}}", "a-{{resolve:ssm:/vpc}}-b", "#{Plan.Cluster}", Ref("Vpc"), 1, None):
        assert not is_known(value)


def test_a_permission_has_a_wildcard_where_an_action_has_a_variable() -> None:
    assert without_variables("arn:aws:ecs:::service/#{Plan.Cluster}/web") == "arn:aws:ecs:::service/*/web"
    value = without_variables(Sub("arn:${AWS::Partition}:ecs:::service/#{Plan.Cluster}/web"))
    assert isinstance(value, AWSHelperFn)
    assert value.to_dict() == {"Fn::Sub": "arn:${AWS::Partition}:ecs:::service/*/web"}
    assert without_variables(Ref("Arn")) == Ref("Arn")


def test_no_character_of_a_text_is_taken_for_a_gap() -> None:
    for text in ("\U000f0000", "a\ue000\U000ffffd"):
        assert shape(text).text == text
        assert shape(Sub("${A}" + text)).value() == Sub("${A}" + text)
        assert [each.text for each in shapes(If("Has", text, "b"))] == [text, "b"]


def test_a_value_of_very_many_parts_is_one_gap() -> None:
    many = Join("", [Ref(f"A{index}") for index in range(3000)])
    assert shape(many).is_gap
    assert shape(many).value() is many


@pytest.mark.parametrize(
    ("value", "text", "gaps"),
    [
        (Sub("a/${!Name}"), "a/${Name}", []),
        (Sub("${A}-${B}", {"B": "b"}), "\ud800-b", [{"Ref": "A"}]),
        (Join("/", ["a", Ref("B"), Sub("${C.Arn}")]), "a/\ud800/\ud801", [{"Ref": "B"}, {"Fn::GetAtt": ["C", "Arn"]}]),
        (Select(1, ["a", Ref("B")]), "\ud800", [{"Ref": "B"}]),
        (Select(2, ["a"]), "\ud800", [{"Fn::Select": [2, ["a"]]}]),
    ],
)
def test_the_text_of_a_value_has_a_gap_for_what_only_the_deployment_knows(
    value: AWSHelperFn, text: str, gaps: list[Any]
) -> None:
    found = shape(value)
    assert found.text == text
    assert [each.to_dict() for each in found.gaps if isinstance(each, AWSHelperFn)] == gaps
