"""What actions deploy to, prepare, change and expose, for checks across actions and for manual deployments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pipegen.errors import Path
from pipegen.frozen import frozen
from pipegen.values.data import Data
from pipegen.values.value import Value


@frozen(kw_only=True)
class Target:
    """An ECS service that an action deploys to, and the deployment controller that it requires. group: the deployment
    group that the stack creates for it."""

    cluster: Value
    service: Value
    controller: Literal["ECS", "CODE_DEPLOY"]
    path: Path = ()
    group: Any = None


@frozen(kw_only=True)
class Preparation:
    """A resource that one action creates for a later one, such as a change set.

    names: the names that identify it, such as stack and change set. path: the field of the action with the last name.
    """

    words: str
    names: Sequence[Value]
    path: Path


@frozen(kw_only=True)
class StackUpdate:
    """A stack that an action creates or updates, with the capabilities that it acknowledges and the names of the
    parameters that it sets. template: the path of the template in an artifact."""

    name: Value
    template: str
    capabilities: Sequence[str]
    parameters: Sequence[str]


@frozen(kw_only=True)
class ExposedValue:
    """A value that an action exposes. path: the field that exposes it. origin: the field that has the value."""

    path: Path
    origin: Path
    value: Any


@frozen(kw_only=True)
class ManualDeployment:
    """The parts of a deployment through CodeDeploy that is started manually.

    task_definition, appspec: data with placeholders, or the path of a file in the source. images: the placeholder in
    the task definition for the image of each container that the deployment updates.
    """

    application: Value
    deployment_group: Value
    task_definition: str | Mapping[str, Data]
    appspec: str | Mapping[str, Data]
    images: Mapping[str, str]
