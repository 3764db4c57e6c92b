"""pipegen: container delivery pipelines on AWS as plain CloudFormation.

The public names, and nothing else. They are imported when they are first used, so that `pipegen --help` needs none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pipegen._version import __version__

if TYPE_CHECKING:
    from pipegen.actions.approval import Approval
    from pipegen.actions.codebuild import BuildOutput, CodeBuild, Report
    from pipegen.actions.codecommit import CodeCommit
    from pipegen.actions.connection import Bitbucket, GitHub, GitHubEnterprise, GitLab, GitLabSelfManaged
    from pipegen.actions.docker_build import DockerBuild, FromEnvironment, Image
    from pipegen.actions.ecr import Ecr
    from pipegen.actions.ecs_deploy import EcsDeploy
    from pipegen.actions.s3 import S3
    from pipegen.artifact import Artifact
    from pipegen.builds.cache import Cache
    from pipegen.builds.environment import ParameterStore, SecretsManager
    from pipegen.builds.vpc import Vpc
    from pipegen.compile import compile_definition
    from pipegen.definition import Definition, Parameter
    from pipegen.definitions import load
    from pipegen.emit import Render, Rendered, render, template_text
    from pipegen.errors import InvalidDefinition, OutputFailed, PipegenError, Problem
    from pipegen.grant import Grant
    from pipegen.pipeline import Pipeline, Stage
    from pipegen.repository import Repository
    from pipegen.stack import Stack
    from pipegen.store import ArtifactStore

_HOMES = {
    "actions.approval": ("Approval",),
    "actions.codebuild": ("BuildOutput", "CodeBuild", "Report"),
    "actions.codecommit": ("CodeCommit",),
    "actions.connection": ("Bitbucket", "GitHub", "GitHubEnterprise", "GitLab", "GitLabSelfManaged"),
    "actions.docker_build": ("DockerBuild", "FromEnvironment", "Image"),
    "actions.ecr": ("Ecr",),
    "actions.ecs_deploy": ("EcsDeploy",),
    "actions.s3": ("S3",),
    "artifact": ("Artifact",),
    "compile": ("compile_definition",),
    "definition": ("Definition", "Parameter"),
    "definitions": ("load",),
    "emit": ("Render", "Rendered", "render", "template_text"),
    "errors": ("InvalidDefinition", "OutputFailed", "PipegenError", "Problem"),
    "grant": ("Grant",),
    "pipeline": ("Pipeline", "Stage"),
    "builds.cache": ("Cache",),
    "builds.environment": ("ParameterStore", "SecretsManager"),
    "builds.vpc": ("Vpc",),
    "repository": ("Repository",),
    "stack": ("Stack",),
    "store": ("ArtifactStore",),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "S3",
    "Approval",
    "Artifact",
    "ArtifactStore",
    "Bitbucket",
    "BuildOutput",
    "Cache",
    "CodeBuild",
    "CodeCommit",
    "Definition",
    "DockerBuild",
    "Ecr",
    "EcsDeploy",
    "FromEnvironment",
    "GitHub",
    "GitHubEnterprise",
    "GitLab",
    "GitLabSelfManaged",
    "Grant",
    "Image",
    "InvalidDefinition",
    "OutputFailed",
    "Parameter",
    "ParameterStore",
    "PipegenError",
    "Pipeline",
    "Problem",
    "Render",
    "Rendered",
    "Report",
    "Repository",
    "SecretsManager",
    "Stack",
    "Stage",
    "Vpc",
    "__version__",
    "compile_definition",
    "load",
    "render",
    "template_text",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'pipegen' has no attribute {name!r}")
    return getattr(import_module(f"pipegen.{_MODULES[name]}"), name)
