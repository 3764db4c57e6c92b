"""Where stacks are deployed, and what they are given there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import combinations
from typing import Annotated

from pipegen import facts
from pipegen.fields.constraints import Matches
from pipegen.fields.listed import Listed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.value import Text

_FORM = r"[a-z]{2,}(-[a-z0-9]+)+-[0-9]+"
_REGION = Listed("region", facts.region_names, also=rf"(?!{_FORM}$).*")
"""Of those that have the form of one: the others are reported for it."""


@frozen(kw_only=True)
class Environment(Model):
    """Where stacks are deployed, and the values of their parameters there."""

    account: Annotated[str, Matches(r"[0-9]{12}", "12 digits, in quotes")] | None = None
    """The id of the AWS account. Default: that of the credentials in use."""
    region: Annotated[str, Matches(_FORM, "a region such as eu-west-1"), _REGION] | None = None
    """The region. Default: that of the AWS configuration in use."""
    parameters: Mapping[str, Text | Sequence[Text]] = field(default_factory=dict)
    """The values of the templates' parameters, by name; a list for a parameter of a list type. Its items have no
    commas, which CloudFormation puts between items."""

    def value(self, parameter: str) -> str | None:
        """The value of a parameter as CloudFormation takes it."""
        given = self.parameters.get(parameter)
        return given if given is None or isinstance(given, str) else ",".join(given)


def in_one_place(environments: Mapping[str, Environment]) -> Iterator[tuple[str, str]]:
    """The pairs that are in one account and region: stacks of one name are the same stack there. What is not said is
    not known to be the same."""
    for (one, first), (other, second) in combinations(environments.items(), 2):
        if None not in (first.account, first.region) and (first.account, first.region) == (
            second.account,
            second.region,
        ):
            yield one, other
