"""Where stacks are deployed, and what they are given there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipegen.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment(Model):
    """Where stacks are deployed: an account and a region, as far as they are said.

    parameters: values of the templates' CloudFormation parameters, by name; a list for a parameter that takes one.
    """

    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    def value(self, parameter: str) -> str | None:
        """The value of a parameter as CloudFormation takes it."""
        given = self.parameters.get(parameter)
        return given if given is None or isinstance(given, str) else ",".join(given)
