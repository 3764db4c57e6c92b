"""Conditions and mappings that definitions declare, in the stacks that use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from troposphere import And, Condition, Equals, FindInMap, GetAtt, If, Not, Or, Ref

from pipegen import Definition, Foundation, InvalidDefinition, Parameter, load, render
from tests.examples import EXAMPLES

SERVICES = next(example.yaml for example in EXAMPLES if example.name == "service_canary")
STAGE = {"Stage": Parameter("Stage", allowed_values=["staging", "production"], default="staging")}


def definition(**changed: Any) -> Definition:
    definition = load(EXAMPLES[0].yaml)[0]
    changed["parameters"] = {**definition.parameters, **STAGE, **changed.get("parameters", {})}
    return replace(definition, **changed)


def documents(definition: Definition) -> Mapping[str, Mapping[str, Any]]:
    return {each.stack.name: each.document for each in render(definition).stacks}


def error_of(**changed: Any) -> str:
    with pytest.raises(InvalidDefinition) as error:
        render(definition(**changed))
    return str(error.value)


PRODUCTION = {"IsProduction": Equals(Ref("Stage"), "production")}


def test_a_condition_is_in_the_template_that_uses_it() -> None:
    made = definition(conditions=PRODUCTION, tags={"stage": If("IsProduction", "live", "test")})
    [document] = documents(made).values()
    assert document["Conditions"] == {"IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}}
    assert {"Key": "stage", "Value": {"Fn::If": ["IsProduction", "live", "test"]}} in document["Resources"][
        "ArtifactBucket"
    ]["Properties"]["Tags"]
    assert list(document).index("Conditions") < list(document).index("Resources")


def test_each_stack_has_what_it_uses_and_what_that_needs() -> None:
    definition = load(SERVICES)[0]
    conditions = {
        **PRODUCTION,
        "IsEurope": Equals(FindInMap("Places", Ref("AWS::Region"), "continent"), "europe"),
        "IsBoth": And(Condition("IsProduction"), Or(Condition("IsEurope"), Not(Condition("IsEurope")))),
        "IsUnused": Equals(Ref("Stage"), "x"),
    }
    places = {"Places": {"eu-west-1": {"continent": "europe"}}, "Unused": {"a": {"b": "c"}}}
    [key, *_] = definition.services
    patch = {"Service": {"EnableExecuteCommand": If("IsBoth", "true", "false")}}
    services = {**definition.services, key: replace(definition.services[key], overrides=patch)}
    made = replace(
        definition,
        parameters={**definition.parameters, **STAGE},
        conditions=conditions,
        mappings=places,
        services=services,
    )
    found = documents(made)
    using = found[f"{definition.name}-{key}"]
    assert list(using["Conditions"]) == ["IsProduction", "IsEurope", "IsBoth"]
    assert list(using["Mappings"]) == ["Places"]
    assert "Stage" in using["Parameters"]
    for name, other in found.items():
        if name != f"{definition.name}-{key}":
            assert not {"Conditions", "Mappings"} & set(other)
            assert "Stage" not in other.get("Parameters", {})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tags": {"a": If("IsProduction", "b", "c")}}, "error: tags.a: IsProduction is not a condition"),
        (
            {"conditions": PRODUCTION, "tags": {"a": If("IsProductoin", "b", "c")}},
            'error: tags.a: IsProductoin is not a condition; did you mean "IsProduction"?',
        ),
        (
            {"overrides": {"Pipeline": {"Name": {"Fn::If": ["Nope", "b", "c"]}}}},
            "Fn::If[0]: Nope is not a condition",
        ),
        ({"tags": {"a": FindInMap("Sizes", "a", "b")}}, "error: tags.a: Sizes is not a mapping; declare it"),
        (
            {"mappings": {"Sizes": {"small": {"cpu": "1"}}}, "tags": {"a": FindInMap("Sizes", "smal", "cpu")}},
            'the mapping Sizes has no key smal; did you mean "small"?',
        ),
        (
            {"mappings": {"Sizes": {"small": {"cpu": "1"}}}, "tags": {"a": FindInMap("Sizes", "small", "memory")}},
            "the mapping Sizes.small has no key memory; keys are cpu",
        ),
        (
            {"conditions": {"A": Condition("B"), "B": Not(Condition("A"))}, "tags": {"a": If("A", "b", "c")}},
            "error: conditions.A: the condition A depends on itself",
        ),
        ({"conditions": {"A": Equals(Ref("Stag"), "x")}}, 'did you mean "Stage"?'),
        ({"conditions": {"A": Equals(Ref("ArtifactBucket"), "x")}}, "ArtifactBucket is not a parameter"),
        (
            {"conditions": {"A": Equals(GetAtt("ArtifactBucket", "Arn"), "x")}},
            "Equals in A must compare strings and parameters",
        ),
        ({"conditions": {"A": Ref("Stage")}}, "must be one of Equals, And, Or, Not, Condition, got Ref"),
        ({"conditions": {"A": "true"}}, "must be one of Equals"),
        ({"conditions": {"A-B": Equals("a", "b")}}, "a key of conditions must be 1 to 255 letters or digits"),
        ({"mappings": {"A": {"b": "c"}}}, "error: mappings.A.b must be a mapping"),
        ({"tags": {"a": Equals("a", "b")}}, "Equals can only be used in conditions"),
    ],
    ids=range(15),
)
def test_what_is_not_declared_or_used_wrongly_is_rejected(changed: dict[str, Any], said: str) -> None:
    assert said in error_of(**changed)


def test_a_foundation_declares_them_too() -> None:
    tags = {"stage": If("IsProduction", "live", "test")}
    with pytest.raises(InvalidDefinition, match="IsProduction is not a condition"):
        render(Foundation(tags=tags)).stacks[0]
    rendered = render(Foundation(tags=tags, conditions=PRODUCTION, parameters=STAGE)).stacks[0]
    assert list(rendered.document["Conditions"]) == ["IsProduction"]


TEXT = """
conditions:
  IsProduction: !Equals [!Ref Stage, production]
  IsSmall: !And [!Not [!Condition IsProduction], !Or [!Condition IsProduction, !Equals [a, a]]]
mappings:
  Sizes: {production: {cpu: 1024, zones: [a, b]}, staging: {cpu: "256", zones: [a]}}
overrides:
  Pipeline: {Name: !If [IsSmall, a, !FindInMap [Sizes, !Ref Stage, cpu]]}
"""


def test_yaml_and_python_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    text = EXAMPLES[0].yaml.read_text().replace("parameters:\n", "parameters:\n  Stage: {Type: String}\n", 1)
    file.write_text(text + TEXT)
    definition = load(file)[0]
    conditions = {
        "IsProduction": Equals(Ref("Stage"), "production"),
        "IsSmall": And(Not(Condition("IsProduction")), Or(Condition("IsProduction"), Equals("a", "a"))),
    }
    sizes = {"production": {"cpu": "1024", "zones": ["a", "b"]}, "staging": {"cpu": "256", "zones": ["a"]}}
    assert definition == replace(definition, conditions=conditions, mappings={"Sizes": sizes})
    [rendered] = render(definition).stacks
    assert rendered.document["Mappings"] == {"Sizes": sizes}
    assert "  IsProduction: !Equals\n  - !Ref Stage\n  - production\n" in rendered.text.replace("    - ", "  - ")
