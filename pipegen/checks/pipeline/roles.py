"""Checks of roles in other accounts than the pipeline's, which policies in its account allow to use artifacts.
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.graph.outline import Outline
from pipegen.pipeline.located import LocatedAction
from pipegen.stacks.stack import referred_names
from pipegen.values.expression import Expression
from pipegen.values.value import Value

if TYPE_CHECKING:
    from pipegen.model.environment import Environment
    from pipegen.model.repository import Repository
    from pipegen.services.named_service import NamedService

_OF_A_STACK = re.compile(r"AWS::(?:AccountId|Region|StackId|StackName)|Fn::ImportValue")
"""What differs between the stacks of two accounts."""


def other_accounts(written: Outline) -> Iterator[Problem]:
    """Find roles in other accounts that policies of the pipeline's account cannot name, or name although they should
    not."""
    definition, home = written.definition, written.definition.placement.home
    if home is None:
        return
    for located in written.actions:
        if located.environment is not None and located.environment.account != home.account:
            yield from _artifact_role(definition, located, located.environment)
    pushed = [each.repository for located in written.actions for each in located.action.pushes()]
    created = [each.name for each in pushed if each.create]
    others = [each for each in written.services if each.environment and each.environment.account != home.account]
    for named in others:
        role = named.service.task_definition.execution_role
        if named.environment is not None and role is not None and any(each.name in created for each in _pulled(named)):
            path: Path = ("services", named.key, "task_definition", "execution_role")
            yield from _resolved_here(definition, path, role, named.environment)
    if others or any(each.environment and each.environment.account != home.account for each in written.actions):
        yield from _among_readers(definition)


def _pulled(named: NamedService) -> Iterator[Repository]:
    for several in named.repositories.values():
        yield from several


def _artifact_role(definition: Definition, located: LocatedAction, environment: Environment) -> Iterator[Problem]:
    """Find an existing role that may not use the artifacts of the pipeline."""
    found, shared, own = located.action.artifact_role, definition.shared_stores, definition.artifacts
    if found is None or (shared is None and own.bucket is not None and not own.create_key):
        return
    (field, role), path = found, (*located.path, found[0])
    if role is None:
        text = f"the role of the project of {located.words} is not known, so the artifacts cannot be shared with it "
        text += f"in another account, {environment.account}"
        yield Problem("environment-role", path, text, "set role to the role of the project")
    elif shared is not None and not isinstance(role, Expression) and f"/{_name(role)}".find(shared.reader_path) != 0:
        text = f"{field} of {located.words} cannot use the artifacts of the foundation {shared.name}, since it is not "
        text += f"below the path {shared.reader_path}"
        yield Problem("environment-role", path, text, "use a role on this path, or add artifacts: {create_key: true}")
    else:
        yield from _resolved_here(definition, path, role, environment)


def _name(role: Value) -> str:
    """Return the name of a role, with its path."""
    return str(role).rpartition(":role/")[2].removeprefix("/")


def _resolved_here(definition: Definition, path: Path, role: Value, environment: Environment) -> Iterator[Problem]:
    """Find a role that has another value in the pipeline's account, where a policy names it."""
    if not isinstance(role, Expression):
        return
    data, home = role.to_dict(), definition.placement.home
    assert home is not None
    match = _OF_A_STACK.search(json.dumps(data))
    what = match[0].replace("Fn::ImportValue", "!ImportValue") if match else ""
    for name in referred_names(data):
        default = definition.parameters[name].default if name in definition.parameters else None
        here, there = (each.value(name) or default for each in (home, environment))
        if here != there:
            what = what or f"the parameter {name}"
    if what:
        text = f"{path[-1]} refers to {what}, but a policy in the pipeline's account names the role of the account "
        text += f"{environment.account}"
        yield Problem("environment-role", path, text, "write the name of the role")


def _among_readers(definition: Definition) -> Iterator[Problem]:
    """Find a path of roles on which roles of other accounts can read the artifacts of a foundation."""
    shared = definition.foundation
    if shared is not None and shared.several_accounts and definition.role_path.startswith(shared.reader_path):
        text = f"role_path is {definition.role_path}, but roles below {shared.reader_path} of other accounts may use "
        text += f"the artifacts of the foundation {shared.name}"
        yield Problem("environment-role", ("role_path",), text, "use another path")
