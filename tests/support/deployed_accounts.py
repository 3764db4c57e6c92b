"""Rendered stacks deployed to the accounts and regions of their environments, and deleted again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipegen.rendering import RenderedStack
from pipegen.stacks.stack import StackOutput
from tests.networks import prepare_network
from tests.support.accounts import Accounts
from tests.support.cloud import Cloud
from tests.support.deployed import outputs

Place = tuple[str, str]


@dataclass
class DeployedAccounts:
    """The stacks of a definition in their order. given: values of parameters that are the same everywhere."""

    accounts: Accounts
    stacks: Sequence[RenderedStack]
    directory: Path
    given: Mapping[str, str] = field(default_factory=dict)
    clouds: dict[Place, Cloud] = field(default_factory=dict)
    values: dict[Place, Mapping[str, str]] = field(default_factory=dict)

    def cloud(self, rendered: RenderedStack) -> Cloud:
        environment = rendered.stack.environment
        assert environment is not None
        return self.at(environment.account or "", environment.region or "")

    def at(self, account: str, region: str) -> Cloud:
        """The cloud in an account and region, with one set of credentials."""
        if (account, region) not in self.clouds:
            self.clouds[account, region] = self.accounts.at(account, region)
        return self.clouds[account, region]

    def deploy(self, *names: str) -> Iterator[str]:
        """Deploy all stacks, or those with these names. Yields what the CLI says about each."""
        for rendered in [each for each in self.stacks if not names or each.name in names]:
            file = self.directory / rendered.file_name
            file.write_text(rendered.text)
            stack, cloud = rendered.stack, self.cloud(rendered)
            done = cloud.deploy(
                file, stack.name, parameters=self._parameters(rendered), capabilities=stack.capabilities
            )
            yield done.stdout + done.stderr

    def _parameters(self, rendered: RenderedStack) -> dict[str, str]:
        cloud, declared = self.cloud(rendered), rendered.stack.template.parameters
        place = (cloud.account, cloud.region)
        if place not in self.values:
            wanted = dict.fromkeys(("VpcId", "PrivateSubnets", "PublicSubnets"), "")
            self.values[place] = {**prepare_network(cloud, wanted), **self.given}
        known = {**self.values[place], **{name: self._output(each) for name, each in rendered.stack.inputs.items()}}
        return {name: value for name, value in known.items() if name in declared}

    def _output(self, source: StackOutput) -> str:
        if source.environment is not None:
            return outputs(self.at(*source.environment.account_and_region), source.stack)[source.output]
        [rendered] = [each for each in self.stacks if each.stack.name == source.stack]
        return outputs(self.cloud(rendered), source.stack)[source.output]

    def delete(self) -> None:
        """Delete all stacks, the last one first."""
        for rendered in reversed(self.stacks):
            cloud, named = self.cloud(rendered), ("--stack-name", rendered.stack.name)
            cloud.aws("cloudformation", "delete-stack", *named)
            cloud.aws("cloudformation", "wait", "stack-delete-complete", *named)
