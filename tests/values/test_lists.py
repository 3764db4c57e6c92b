"""Parameters that are lists in the place of texts, and the other way around."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import GetAtt, If, Join, Ref, Select, Split, Sub

from pipegen.values.lists import list_faults, parameter_uses

DECLARED = {
    "Parameters": {
        "Text": {"Type": "String"},
        "Id": {"Type": "AWS::EC2::Subnet::Id"},
        "Texts": {"Type": "CommaDelimitedList"},
        "Ids": {"Type": "List<AWS::EC2::Subnet::Id>"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>"},
    }
}
RIGHT_TEXTS = [
    Ref("Text"),
    Ref("Id"),
    Ref("Resource"),
    Ref("AWS::Region"),
    GetAtt("A", "B"),
    Sub("${Text}-${!Ids}"),
    Sub("${Ids}", {"Ids": Ref("Text")}),
    Join(",", Ref("Ids")),
    Join(",", [Ref("Id"), Select(0, Ref("Stored"))]),
    Select(1, Split(",", Ref("Text"))),
    If("C", Ref("Id"), Select(0, Ref("Texts"))),
]
WRONG_TEXTS = [
    Ref("Ids"),
    Ref("Texts"),
    Ref("Stored"),
    Sub("${Ids}"),
    Sub("${X}", {"X": Ref("Ids")}),
    Join(",", [Ref("Ids")]),
    Join(",", Ref("Text")),
    Select(0, Ref("Id")),
    Select(0, [Ref("Ids")]),
    Select(0, Split(",", Ref("Ids"))),
    If("C", Ref("Id"), Ref("Ids")),
]


@pytest.mark.parametrize("value", RIGHT_TEXTS)
def test_a_text_is_taken(value: Any) -> None:
    assert [*list_faults(parameter_uses(value), DECLARED["Parameters"])] == []


@pytest.mark.parametrize("value", WRONG_TEXTS)
def test_a_list_for_a_text_is_reported_once(value: Any) -> None:
    [(found, fix)] = list_faults(parameter_uses(value), DECLARED["Parameters"])
    assert "a parameter of the type" in found
    assert fix


@pytest.mark.parametrize("value", [Ref("Ids"), Split(",", Ref("Text")), If("C", Ref("Ids"), [Ref("Id")])])
def test_a_list_is_taken(value: Any) -> None:
    assert [*list_faults(parameter_uses(value, "a list"), DECLARED["Parameters"])] == []


@pytest.mark.parametrize("value", [Ref("Id"), Ref("Text"), Split(",", Ref("Ids")), If("C", [Ref("Ids")], Ref("Ids"))])
def test_a_text_for_a_list_is_reported_once(value: Any) -> None:
    [(found, _)] = list_faults(parameter_uses(value, "a list"), DECLARED["Parameters"])
    assert "a parameter of the type" in found
