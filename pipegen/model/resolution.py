"""Expressions in a stack of one environment whose values are those of another environment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY
from functools import partial
from typing import Any

from troposphere import AWSHelperFn

from pipegen.fields.gaps import DYNAMIC
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.model.stack_settings import Parameter
from pipegen.values.expression import Expression

_OF_A_STACK = ("AWS::StackId", "AWS::StackName")
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


@frozen
class Unresolved:
    """A part of an expression whose value in the environment is unknown.

    words: what it is. parameter: the name of the parameter that has no value in the environment.
    """

    words: str
    argument: str = ""
    parameter: str | None = None


class _Form(AWSHelperFn):
    """The long form of an expression, unchanged."""

    def __init__(self, data: Any) -> None:
        self.data = data


@frozen
class Resolution:
    """What an expression of one environment is in a stack of another. of: the environment whose values are used. stack:
    the environment of the stack."""

    of: Environment
    stack: Environment
    _: KW_ONLY
    parameters: Mapping[str, Parameter]
    conditions: Mapping[str, Expression]

    def written(self, value: Any) -> Any:
        """Return a value as the stack contains it: where names have other values in the stack, with the values that
        they have in the environment. Expressions that do not change are returned as they are."""
        if isinstance(value, Expression):
            form = value.to_dict()
            literal = self._literal(form)
            return value if literal == form else _Form(literal) if isinstance(literal, Mapping) else literal
        if isinstance(value, Mapping):
            return {key: self.written(item) for key, item in value.items()}
        return [self.written(item) for item in value] if isinstance(value, list | tuple) else value

    def unresolved(self, value: Any) -> Iterator[Unresolved]:
        """Yield the parts of a value, or of its long form, that the stack cannot contain: their values in the
        environment are unknown."""
        if isinstance(value, Expression):
            yield from self.unresolved(value.to_dict())
        elif isinstance(value, str):
            yield from (Unresolved(found) for found in DYNAMIC.findall(value))
        elif isinstance(value, list | tuple):
            for item in value:
                yield from self.unresolved(item)
        elif isinstance(value, Mapping):
            for function, argument in value.items():
                yield from self._unresolved(function, argument)

    def _unresolved(self, function: str, argument: Any) -> Iterator[Unresolved]:
        for name in _names(function, argument):
            if name in _OF_A_STACK:
                yield Unresolved(name)
            elif name in self.parameters and self._value(name, self.of) is None:
                has_value = self.of.value(name) is not None or self.parameters[name].default is not None
                yield Unresolved(f"the parameter {name}", parameter=None if has_value else name)
        if function == "Fn::ImportValue":
            yield Unresolved("!ImportValue", json.dumps(argument, default=_form))
        elif function == "Fn::GetAZs" and self.of.region != self.stack.region:
            yield Unresolved("!GetAZs")
        elif function == "Fn::If" and not self._is_same(self.conditions.get(argument[0])):
            yield Unresolved(f"the condition {argument[0]}")
        yield from self.unresolved(argument)

    def _is_same(self, condition: Any) -> bool:
        """Return whether a condition has the same result in both environments, as far as is known."""
        form = _form(condition)
        if isinstance(form, list | tuple):
            return all(map(self._is_same, form))
        if not isinstance(form, Mapping):
            return True
        names = [name for function, argument in form.items() for name in _names(function, argument)]
        if any(self._value(each, self.of) is None or self._differs(each) for each in names if self._has(each)):
            return False
        nested = form.get("Condition")
        return self._is_same(self.conditions.get(nested) if isinstance(nested, str) else [*form.values()])

    def _has(self, name: str) -> bool:
        return name in self.parameters or name in ("AWS::AccountId", "AWS::Region")

    def _differs(self, name: str) -> bool:
        return self._value(name, self.of) != self._value(name, self.stack)

    def _value(self, name: str, environment: Environment) -> str | None:
        """Return the value of a parameter or pseudo parameter in an environment; None if it is unknown."""
        if name in ("AWS::AccountId", "AWS::Region"):
            return environment.account if name == "AWS::AccountId" else environment.region
        parameter = self.parameters.get(name)
        if parameter is None or parameter.type.startswith("AWS::SSM::Parameter::Value<"):
            return None  # the value is in Parameter Store
        value = environment.value(name)
        return parameter.default if value is None else value

    def _replacement(self, name: str) -> str | None:
        """Return the text to write in place of a name; None if the name has the right value."""
        return self._value(name, self.of) if self._has(name) and self._differs(name) else None

    def _literal(self, data: Any) -> Any:
        """Return the long form of an expression with replaced names."""
        if isinstance(data, Expression):
            return self._literal(data.to_dict())
        if isinstance(data, list | tuple):
            return [self._literal(item) for item in data]
        if not isinstance(data, Mapping):
            return data
        if "Ref" in data and (text := self._replacement(str(data["Ref"]))) is not None:
            return text.split(",") if self._is_list(str(data["Ref"])) else text
        if "Fn::Sub" in data:
            return self._substituted(data["Fn::Sub"])
        return {key: self._literal(item) for key, item in data.items()}

    def _is_list(self, name: str) -> bool:
        return name in self.parameters and "List" in self.parameters[name].type

    def _substituted(self, argument: Any) -> Any:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        replaced = _VARIABLE.sub(partial(self._in_text, own), text)
        if own:
            return {"Fn::Sub": [replaced, self._literal(own)]}
        return {"Fn::Sub": replaced} if "${" in replaced else replaced

    def _in_text(self, own: Mapping[str, Any], match: re.Match[str]) -> str:
        text = None if match[1] in own else self._replacement(match[1])
        return match[0] if text is None else text.replace("${", "${!")


def _form(value: Any) -> Any:
    return value.to_dict() if isinstance(value, Expression) else value


def _names(function: str, argument: Any) -> list[str]:
    """Return the names of parameters and pseudo parameters to which a function refers."""
    if function == "Ref":
        return [str(argument)]
    if function != "Fn::Sub":
        return []
    text, own = (argument, {}) if isinstance(argument, str) else argument
    return [name for name in _VARIABLE.findall(text) if name not in own]
