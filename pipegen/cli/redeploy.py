"""`pipegen redeploy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipegen.cli.options import (
    AccountOption,
    ActionOption,
    DefinitionOption,
    ParameterOption,
    PathArgument,
    RegionOption,
)

if TYPE_CHECKING:
    from pipegen.pipeline.effects import Target
    from pipegen.pipeline.located import LocatedAction


def command(
    path: PathArgument,
    action: ActionOption = None,
    parameter: ParameterOption = None,
    account: AccountOption = None,
    region: RegionOption = None,
    definition: DefinitionOption = None,
) -> None:
    """Print the commands that restart the tasks of services with the same task definitions.

    There is one command for each service that ECS itself deploys, with any strategy. For a service that CodeDeploy
    deploys, use `pipegen deployment`. Nothing is sent to AWS. YAML is only read. A Python file is executed.

    Example: pipegen redeploy orders.yaml --action Production/Deploy
    """
    from pipegen.cli.manual import choose, load_request, show
    from pipegen.deploy.manual import redeploy_command

    request = load_request(path, definition, parameter, account, region)

    def targets(located: LocatedAction) -> list[Target]:
        return [target for target in located.action.deploys_to() if target.controller == "ECS"]

    noun = "deploys by a service's own strategy (CodeDeploy's are started with pipegen deployment)"
    chosen = choose(request, action, lambda each: bool(targets(each)), noun)
    services = [(target.cluster, target.service) for each in chosen for target in targets(each)]
    found = request.resolved(services, chosen)
    lines = dict.fromkeys(redeploy_command(cluster, service, region) for cluster, service in found)
    show("".join(f"{line}\n" for line in lines))
