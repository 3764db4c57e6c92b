"""Roles that are passed to services are in the account of the stack."""

from __future__ import annotations

from tests.fleets import FleetDirectory, fleet
from tests.templates import DEPLOY, definition, resources

__all__ = ["fleet"]

ROLE = "arn:aws:iam::{}:role/orders"


def test_roles_of_one_account_are_accepted() -> None:
    assert resources(definition(deploy=DEPLOY | {"roles": [ROLE.format("1" * 12), ROLE.format("1" * 12) + "-2"]}))


def test_a_role_of_another_account_than_an_environments_is_rejected_there(fleet: FleetDirectory) -> None:
    rollout = """\
name: redeploy
environments: [ENVIRONMENTS]
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: app, branch: main}]}
    - name: Deploy
      actions:
        - {kind: cloudformation, name: Deploy, stack_name: app, template: {path: app.yaml}, role: "ROLE"}
""".replace("ROLE", ROLE.format("1" * 12))
    fleet.write("services/redeploy.yaml", rollout.replace("ENVIRONMENTS", "staging"))
    assert fleet.run().exit_code == 0
    fleet.write("services/redeploy.yaml", rollout.replace("ENVIRONMENTS", "staging, production"))
    result = fleet.run()
    assert result.exit_code == 1
    [line] = [line for line in result.stderr.splitlines() if "[role-account]" in line]
    assert line.partition(": ")[0].endswith("pipegen.yaml:4:16")
    assert (
        f"redeploy-pipeline passes the role {ROLE.format('1' * 12)}, but production is in account 222222222222" in line
    )
