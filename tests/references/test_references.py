"""Every field that refers to something, with every form of a reference: the right ones are taken, all others refused.

The fields are found in the annotations of all models; the forms are those that pipegen knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from troposphere import If, Ref, Select, Sub

from pipegen.fields.base import Reading
from pipegen.fields.marks import Keyed, Mapped
from pipegen.fields.model import Model
from pipegen.reading import TYPES
from pipegen.references.contents import value_type
from pipegen.references.forms import Arn, Form, Id, Name
from pipegen.references.mark import ReferenceType, Refers
from pipegen.references.others import every_form
from tests.aws_names import _LATE, names_of, subclasses

ACCOUNT, REGION = "123456789012", "eu-west-1"


def text_of(form: Form) -> str:
    """A literal that has a form."""
    if isinstance(form, Id):
        return f"{form.prefix}-0a1b2c3d"
    if isinstance(form, Arn):
        region = REGION if form.region else ""
        account = ACCOUNT if form.account else ""
        named = form.named.replace("NAME/ID/ID", "shop/0a1b2c3d/4e5f6a7b").replace("JSON-KEY", "password")
        named = named.replace("NAME:ID", "NAME:0a1b2c3d")
        return f"arn:aws:{form.services[0]}:{region}:{account}:{form.starts[0]}{named}"
    return {"a hosted zone": "Z0123456789ABC"}.get(form.noun, "shop")


def marks(hint: Any) -> Iterator[Refers]:
    """The marks anywhere in an annotation."""
    if get_origin(hint) is Annotated:
        for mark in get_args(hint)[1:]:
            if isinstance(mark, Refers):
                yield mark
            for inside in (mark.otherwise,) if isinstance(mark, Keyed | Mapped) else ():
                yield from marks(inside)
    for each in get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint):
        yield from marks(each)


@cache
def hints(model: Any) -> Mapping[str, Any]:
    return get_type_hints(model, localns=_LATE, include_extras=True)


MODELS: list[Any] = sorted((each for each in subclasses(Model) if is_dataclass(each)), key=lambda each: each.__name__)
MARKED = {
    f"{model.__name__}.{field.name}": (model, field.name, found[0])
    for model in MODELS
    for field in fields(model)
    if (found := [*marks(hints(model)[field.name])])
}
FORMS = {f"{each.what} of {each.noun}": each for each in every_form()}
PARAMETERS = {each.parameter for each in every_form() if each.parameter}


def document(kind: str) -> dict[str, Any]:
    listed = kind.replace("<", "<List<").replace(">", ">>") if "<" in kind else f"List<{kind}>"
    return {"Parameters": {"Given": {"Type": kind}, "Many": {"Type": listed}}, "Mappings": {}}


def faults(mark: Refers, value: Any, declared: Mapping[str, Any] = {"Parameters": {}}) -> list[str]:
    """What is wrong with the value of a field with a mark, which takes a value or a list of values."""
    made = ReferenceType(TYPES.of(Any), mark)
    reading = Reading(is_python=True, declared=declared)
    made.read(value, ("field",), reading)
    assert all(each.code == "wrong-reference" for each in reading.problems)
    return [each.text for each in reading.problems]


@pytest.mark.parametrize("name", MARKED)
def test_a_field_accepts_only_literals_of_its_forms(name: str) -> None:
    mark = MARKED[name][2]
    for form in mark.forms:
        assert not faults(mark, text_of(form)), text_of(form)
    words, texts = {form.words for form in mark.forms}, {text_of(form) for form in mark.forms}
    for form in every_form():
        text = text_of(form)
        if isinstance(form, Name) or form.words in words or text in texts:
            continue
        [said] = faults(mark, text)
        assert form.words in said or mark.is_secret or _shares_text(form), (said, form.words)


def _shares_text(form: Form) -> bool:
    """Whether another form has the same texts, such as the file systems of EFS and FSx."""
    return sum(each.could_be(text_of(form)) for each in every_form() if not isinstance(each, Name)) > 1


@pytest.mark.parametrize("name", MARKED)
def test_a_field_accepts_only_parameters_of_its_types_and_of_texts(name: str) -> None:
    mark = MARKED[name][2]
    own = {form.parameter for form in mark.forms}
    for kind in PARAMETERS:
        for spelled in (kind, f"AWS::SSM::Parameter::Value<{kind}>"):
            for value in (Ref("Given"), If("C", "{{resolve:ssm:x}}", Ref("Given")), Select(0, Ref("Many"))):
                found = faults(mark, value, document(spelled))
                assert bool(found) == (kind not in own), (kind, value)
                assert not found or kind in found[0]
    for kind in ("String", "AWS::SSM::Parameter::Value<String>"):
        assert not faults(mark, Ref("Given"), document(kind))


@pytest.mark.parametrize("name", MARKED)
def test_a_field_takes_what_only_the_deployment_knows(name: str) -> None:
    mark = MARKED[name][2]
    for value in ("{{resolve:ssm:/shop/it}}", "#{Build.It}", Sub("${Given}"), Ref("Resource"), Ref("AWS::NoValue")):
        assert not faults(mark, value, document("String"))


@pytest.mark.parametrize("name", MARKED)
def test_a_substitution_with_the_own_partition_region_and_account_is_taken(name: str) -> None:
    mark = MARKED[name][2]
    for form in mark.forms:
        if isinstance(form, Arn):
            text = text_of(form).replace("arn:aws:", "arn:${AWS::Partition}:").replace(REGION, "${AWS::Region}")
            assert not faults(mark, Sub(text.replace(ACCOUNT, "${AWS::AccountId}")))
            assert not faults(mark, Sub(text.replace(ACCOUNT, "${Given}")))
            declared = {"Parameters": {"Given": {"Type": "String", "Default": text_of(form)}}}
            assert not faults(mark, Sub("${Given}"), declared)


def test_the_types_of_parameters_and_of_their_items() -> None:
    assert value_type("List<AWS::EC2::Subnet::Id>") == "AWS::EC2::Subnet::Id"
    assert value_type("AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>") == "AWS::EC2::Subnet::Id"
    assert value_type("CommaDelimitedList") == value_type("AWS::SSM::Parameter::Value<String>") == ""


SAYS = ("Arn", "VpcId", "Subnets", "SubnetIds", "SecurityGroupIds", "SecurityGroups", "NamespaceId", "FilesystemId")
"""How AWS calls properties that hold an ARN or an id."""


def test_every_field_that_aws_calls_an_arn_or_an_id_is_marked() -> None:
    missing = [
        f"{model.__name__}.{field}"
        for model in MODELS
        for field, found in names_of(model).items()
        if any(name.rpartition(".")[2].endswith(SAYS) for name in found) and f"{model.__name__}.{field}" not in MARKED
    ]
    assert missing == []
