"""The files that are written next to templates to deploy them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pipegen.deploy.deploy_script import SCRIPT, script_text
from pipegen.deploy.git_sync import git_sync_file, git_sync_text
from pipegen.deploy.parameters import parameter_file, parameters_text, takes_file
from pipegen.deploy.targets import stacks_by_environment
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
    """Return the texts of the files by path, relative to the directory of the templates.

    environments: those that the definition is deployed to. name: the name of the directory of the templates. directory:
    its parent, relative to the root of the repository, which Git sync needs. Raises InvalidDefinition if Git sync would
    reject a file.
    """
    files = {}
    for each, own in stacks_by_environment(stacks, environments).items():
        environment = environments[each]
        if takes_file(own):
            files[parameter_file(each)] = parameters_text(own, environment)
        for rendered in own if git_sync else ():
            template = PurePosixPath(directory, name, rendered.file_name)
            files[git_sync_file(each, rendered)] = git_sync_text(rendered, each, environment, str(template))
    if script and environments:
        files[SCRIPT] = script_text(stacks, environments)
    return files
