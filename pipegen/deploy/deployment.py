"""The files that are written next to templates to deploy them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pipegen.deploy.deploy_script import SCRIPT, script_text
from pipegen.deploy.git_sync import git_sync_file, git_sync_text
from pipegen.deploy.parameters import parameter_file, parameters_text, takes_file
from pipegen.model.environment import Environment
from pipegen.rendering import RenderedStack, stacks_in


def deployment_files(
    stacks: Sequence[RenderedStack],
    environments: Mapping[str, Environment],
    name: str,
    *,
    git_sync: bool = False,
    script: bool = False,
    directory: str = "",
) -> Mapping[str, str]:
    """Return the texts of the files by path, relative to the directory of the templates.

    environments: those that the definition is deployed to. name: the name of the directory of the templates. directory:
    its parent, relative to the root of the repository, which Git sync needs. Raises InvalidDefinition if Git sync would
    reject a file.
    """
    files = {}
    for each, environment in environments.items():
        deployed = stacks_in(stacks, each)
        if takes_file(deployed):
            files[parameter_file(each)] = parameters_text(deployed, environment)
        for rendered in deployed if git_sync else ():
            template = PurePosixPath(directory, name, rendered.file_name)
            files[git_sync_file(each, rendered)] = git_sync_text(rendered, each, environment, str(template))
    if script and environments:
        files[SCRIPT] = script_text(stacks, environments)
    return files
