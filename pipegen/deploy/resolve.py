"""Resolve CloudFormation expressions without CloudFormation, for input of AWS CLI commands.

Parameters, pseudo parameters and functions of text can be resolved; attributes of resources cannot. Everything that is
missing is reported at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipegen.checks.stacks.parameter_values import is_list
from pipegen.errors import one_line
from pipegen.frozen import frozen
from pipegen.model.stack_settings import Parameter
from pipegen.syntax.names import PARAMETER
from pipegen.values.expression import Expression

PSEUDO = ("AccountId", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
"""The pseudo parameters that options can set.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html"""

_PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
}
"""The partitions other than `aws` by the beginning of their regions, with their DNS suffixes.
https://docs.aws.amazon.com/general/latest/gr/rande.html; the list is botocore's."""


def partition(region: str) -> tuple[str, str]:
    """Return the partition of a region and its URL suffix."""
    return next((found for start, found in _PARTITIONS.items() if region.startswith(start)), ("aws", "amazonaws.com"))


_USE_PARAMETER = "use a parameter of type String and set its value"


@frozen
class Resolved:
    """Data without expressions, incomplete if anything is missing or unknown.

    missing: parameters that need a value. unknown: messages about expressions that only CloudFormation can resolve.
    """

    data: Any
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def resolve(data: Any, parameters: Mapping[str, Parameter], values: Mapping[str, str]) -> Resolved:
    """Resolve all expressions in data. values: by parameter, pseudo parameter or export."""
    resolver = _Resolver(parameters, _with_partition(values))
    found = resolver.data(data)
    return Resolved(found, tuple(resolver.missing), tuple(resolver.unknown))


def _with_partition(values: Mapping[str, str]) -> Mapping[str, str]:
    if "AWS::Region" not in values:
        return values
    name, suffix = partition(values["AWS::Region"])
    return {"AWS::Partition": name, "AWS::URLSuffix": suffix, **values}


_ResolvedValue = str | list[str] | None
"""None: unknown, and already reported."""


@dataclass(slots=True)
class _Resolver:
    parameters: Mapping[str, Parameter]
    values: Mapping[str, str]
    missing: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)

    def data(self, data: Any) -> Any:
        if isinstance(data, Expression):
            return self._text(data.to_dict()) or ""
        if isinstance(data, Mapping):
            return {key: self.data(item) for key, item in data.items()}
        if isinstance(data, list | tuple):
            return [self.data(item) for item in data]
        if isinstance(data, str) and "{{resolve:" in data:
            self._add_unknown(f"{one_line(data, 60)} can only be resolved by CloudFormation")
        return data

    def _add_unknown(self, message: str, fix: str = _USE_PARAMETER) -> None:
        self.unknown[f"{message}; {fix}"] = None

    def _text(self, argument: Any) -> str | None:
        found = self._value(argument)
        if isinstance(found, list):
            self._add_unknown(
                f"{_short_form(argument)} must be text, got a list",
                "select an item with !Select",
            )
            return None
        return found

    def _value(self, argument: Any) -> _ResolvedValue:
        """Resolve a literal or an expression in its long form."""
        if isinstance(argument, bool):
            return str(argument).lower()
        if isinstance(argument, str | int | float):
            return str(argument)
        if isinstance(argument, Mapping) and len(argument) == 1:
            [(function, inner)] = argument.items()
            known = _FUNCTIONS.get(function)
            if known is not None:
                try:
                    return known(self, inner)
                except (TypeError, ValueError):  # Python can put any argument into an expression
                    self._add_unknown(f"{_short_form(argument)} has invalid arguments", "correct them")
                    return None
        self._add_unknown(f"{_short_form(argument)} can only be resolved by CloudFormation")
        return None

    def _ref(self, name: str) -> _ResolvedValue:
        declared = self.parameters.get(name)
        if declared is None:
            return self._pseudo(name)
        if declared.type.startswith("AWS::SSM::Parameter::Value<"):
            self._add_unknown(f"!Ref {name} is read from Parameter Store by CloudFormation")
            return None
        value = self.values.get(name, declared.default)
        if value is None:
            self.missing[name] = None
            return None
        if is_list(declared):  # trimmed, as documented for CommaDelimitedList
            return [item.strip() for item in value.split(",")]
        return value

    def _import_value(self, argument: Any) -> str | None:
        """Resolve an export of another stack, unless its name could be the name of a parameter."""
        name = self._text(argument)
        if name is None or PARAMETER.matches(name):
            self._add_unknown(f"{_short_form({'Fn::ImportValue': argument})} can only be resolved by CloudFormation")
            return None
        if name not in self.values:
            self.missing[name] = None
        return self.values.get(name)

    def _pseudo(self, name: str) -> str | None:
        if name in self.values:
            return self.values[name]
        if name.removeprefix("AWS::") in PSEUDO and name.startswith("AWS::"):
            self.missing[name] = None
        else:
            self._add_unknown(f"!Ref {name} can only be resolved by CloudFormation")
        return None

    def _sub(self, argument: Any) -> str | None:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        whole = True

        def replaced(match: re.Match[str]) -> str:
            nonlocal whole
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                found = self._text(own[name])
            elif "." in name:
                found = self._text({"Fn::GetAtt": name.split(".", 1)})
            else:
                found = self._text({"Ref": name})
            whole &= found is not None
            return found or ""

        made = re.sub(r"\$\{([^}]*)\}", replaced, text)
        return made if whole else None

    def _join(self, argument: Any) -> str | None:
        delimiter, items = argument
        found = self._list(items)
        return None if found is None else str(delimiter).join(found)

    def _list(self, argument: Any) -> list[str] | None:
        if isinstance(argument, list | tuple):
            texts = [self._text(item) for item in argument]
            whole = [text for text in texts if text is not None]
            return whole if len(whole) == len(texts) else None
        found = self._value(argument)
        if isinstance(found, str):
            self._add_unknown(f"{_short_form(argument)} must be a list, got text", "split it with !Split")
            return None
        return found

    def _select(self, argument: Any) -> str | None:
        index, items = self._text(argument[0]), self._list(argument[1])
        if index is None or items is None:
            return None
        if index.isdecimal() and int(index) < len(items):
            return items[int(index)]
        message = f"{_short_form({'Fn::Select': argument})}: index {index} is out of range"
        self._add_unknown(message, f"use 0 to {len(items) - 1}")
        return None

    def _split(self, argument: Any) -> list[str] | None:
        delimiter, text = argument
        found = self._text(text)
        return None if found is None else found.split(delimiter)


_FUNCTIONS: Mapping[str, Callable[[_Resolver, Any], _ResolvedValue]] = {
    "Ref": _Resolver._ref,
    "Fn::ImportValue": _Resolver._import_value,
    "Fn::Sub": _Resolver._sub,
    "Fn::Join": _Resolver._join,
    "Fn::Select": _Resolver._select,
    "Fn::Split": _Resolver._split,
}


def _short_form(argument: Any) -> str:
    """Format an expression in its short form: `!GetAtt Web.Arn`."""
    if not (isinstance(argument, Mapping) and len(argument) == 1):
        return one_line(json.dumps(argument, default=str), 60)
    [(function, inner)] = argument.items()
    if function == "Fn::GetAtt" and not isinstance(inner, str):
        inner = ".".join(map(str, inner))
    text = inner if isinstance(inner, str) else json.dumps(inner, default=str)
    return f"!{function.removeprefix('Fn::')} {one_line(text, 60)}"
