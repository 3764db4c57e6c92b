"""Everything that stands beside a definition's templates so that they can be deployed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pipegen.deploy.deploy_script import SCRIPT, script_text
from pipegen.deploy.git_sync import git_sync_file, git_sync_text
from pipegen.deploy.parameters import parameter_file, parameters_text, takes_file
from pipegen.model.environment import Environment
from pipegen.rendering import RenderedStack


def deployment_files(
    stacks: Sequence[RenderedStack],
    environments: Mapping[str, Environment],
    name: str,
    *,
    git_sync: bool = False,
    script: bool = False,
    directory: str = "",
) -> Mapping[str, str]:
    """The files' texts by their paths from the directory of the templates, which is called `name`.

    environments: those that the definition is deployed to. directory: what that of the templates is in, as seen from
    the root of the repository; Git sync wants to know. Raises InvalidDefinition where that would refuse them.
    """
    files = {}
    for each, environment in environments.items():
        if takes_file(stacks):
            files[parameter_file(each)] = parameters_text(stacks, environment)
        for rendered in stacks if git_sync else ():
            template = PurePosixPath(directory, name, rendered.file_name)
            files[git_sync_file(each, rendered)] = git_sync_text(rendered, each, environment, str(template))
    if script and environments:
        files[SCRIPT] = script_text(stacks, environments)
    return files
