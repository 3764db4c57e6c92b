"""Environments: the accounts and regions that stacks are deployed to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from itertools import combinations
from typing import Annotated

from pipegen import facts
from pipegen.errors import Path, Problem, did_you_mean, quoted, there_are
from pipegen.fields.constraints import Matches
from pipegen.fields.listed import Listed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.value import Text

_FORM = r"[a-z]{2,}(-[a-z0-9]+)+-[0-9]+"
_REGION = Listed("region", facts.region_names, also=rf"(?!{_FORM}$).*")
"""Checks values that have the form of a region; the form itself is checked by `Matches`."""


@frozen
class Environment(Model):
    """An account and region that stacks are deployed to, and the values of their parameters there."""

    account: Annotated[str, Matches(r"[0-9]{12}", "12 digits, in quotes")] | None = None
    """The ID of the AWS account. Default: the account of the credentials in use."""
    region: Annotated[str, Matches(_FORM, "a region such as eu-west-1"), _REGION] | None = None
    """The region. Default: the region of the AWS configuration in use."""
    _: KW_ONLY
    profile: Annotated[str, Matches(r"[^\s\"'\\]+", "a name without spaces and quotes")] | None = None
    """The named profile of the AWS CLI for the account, which `deploy.sh` and the printed commands use. `deploy.sh`
    prefers the one in the variable AWS_PROFILE_ENVIRONMENT, such as AWS_PROFILE_STAGING, and none if it is empty.
    Default: the credentials in use."""
    parameters: Mapping[str, Text | Sequence[Text]] = field(default_factory=dict)
    """The values of the templates' parameters, by name; a list for a parameter of a list type. Items cannot contain
    commas, because CloudFormation separates items with commas."""

    def value(self, parameter: str) -> str | None:
        """The value of a parameter as one string, the form that CloudFormation accepts."""
        value = self.parameters.get(parameter)
        return value if value is None or isinstance(value, str) else ",".join(value)

    @property
    def account_and_region(self) -> tuple[str, str]:
        """The account and region, as far as they are set."""
        return self.account or "", self.region or ""


@frozen
class Environments:
    """The environments of a definition. home: the one in which the pipeline runs, if the definition names one."""

    named: Mapping[str, Environment]
    home: Environment | None = None

    def away(self, name: str | None) -> Environment | None:
        """Return the environment with this name, if it is in another account or region than the pipeline."""
        environment = self.named.get(name) if name is not None else None
        return (
            None
            if environment is None
            or self.home is None
            or environment.account_and_region == self.home.account_and_region
            else environment
        )


def environment_problems(environments: Mapping[str, Environment], pipelines: str | None) -> Iterator[Problem]:
    """Find environments that are incomplete, and a missing environment of the pipelines. Paths start at their holder.

    pipelines: the name of the environment in which the pipelines run.
    """
    for name, environment in environments.items():
        for field_name in ("account", "region"):
            if getattr(environment, field_name) is None:
                text = f"the environment {name} has no {field_name}"
                yield Problem("environment-incomplete", ("environments", name), text, f"add {field_name}")
    if environments and pipelines is None:
        text = "pipelines is missing; it names the environment in which the pipeline runs"
        fix = f"add pipelines: {' or '.join(environments)}"
        yield Problem("environment-pipelines", ("environments",), text, fix)


def unknown_environment(environments: Mapping[str, Environment], path: Path, name: str) -> Problem:
    """Return the problem of a name that no environment has."""
    known = list(environments)
    fix = did_you_mean(facts.closest(name, known)) or (there_are(known) if known else "add it to environments")
    return Problem("unknown-environment", path, f"there is no environment {quoted(name, 60)}", fix)


def in_same_region(environments: Mapping[str, Environment]) -> Iterator[tuple[str, str]]:
    """Pairs of environments in the same account and region, where equally named stacks are the same stack.

    Environments without an account or region are left out: whether they are the same is unknown.
    """
    for (one, first), (other, second) in combinations(environments.items(), 2):
        if None not in (first.account, first.region) and (first.account, first.region) == (
            second.account,
            second.region,
        ):
            yield one, other
