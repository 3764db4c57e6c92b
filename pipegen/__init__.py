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
    from pipegen.condition import BeforeEntry, OnFailure, OnSuccess
    from pipegen.definition import Definition, Parameter
    from pipegen.definitions import load
    from pipegen.emit import Render, Rendered, render, template_text
    from pipegen.errors import InvalidDefinition, OutputFailed, PipegenError, Problem
    from pipegen.grant import Grant
    from pipegen.pipeline import Pipeline, Stage, Variable
    from pipegen.repository import Repository
    from pipegen.rules.alarm import AlarmRule
    from pipegen.rules.codebuild import CodeBuildRule
    from pipegen.rules.commands import CommandsRule
    from pipegen.rules.deployment_window import DeploymentWindowRule
    from pipegen.rules.function import LambdaRule
    from pipegen.rules.variable import VariableRule
    from pipegen.stack import Stack
    from pipegen.store import ArtifactStore
    from pipegen.trigger import Patterns, PullRequest, Push, Trigger

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
    "condition": ("BeforeEntry", "OnFailure", "OnSuccess"),
    "definition": ("Definition", "Parameter"),
    "definitions": ("load",),
    "emit": ("Render", "Rendered", "render", "template_text"),
    "errors": ("InvalidDefinition", "OutputFailed", "PipegenError", "Problem"),
    "grant": ("Grant",),
    "pipeline": ("Pipeline", "Stage", "Variable"),
    "builds.cache": ("Cache",),
    "builds.environment": ("ParameterStore", "SecretsManager"),
    "builds.vpc": ("Vpc",),
    "repository": ("Repository",),
    "rules.alarm": ("AlarmRule",),
    "rules.codebuild": ("CodeBuildRule",),
    "rules.commands": ("CommandsRule",),
    "rules.deployment_window": ("DeploymentWindowRule",),
    "rules.function": ("LambdaRule",),
    "rules.variable": ("VariableRule",),
    "stack": ("Stack",),
    "store": ("ArtifactStore",),
    "trigger": ("Patterns", "PullRequest", "Push", "Trigger"),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "S3",
    "AlarmRule",
    "Approval",
    "Artifact",
    "ArtifactStore",
    "BeforeEntry",
    "Bitbucket",
    "BuildOutput",
    "Cache",
    "CodeBuild",
    "CodeBuildRule",
    "CodeCommit",
    "CommandsRule",
    "Definition",
    "DeploymentWindowRule",
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
    "LambdaRule",
    "OnFailure",
    "OnSuccess",
    "OutputFailed",
    "Parameter",
    "ParameterStore",
    "Patterns",
    "PipegenError",
    "Pipeline",
    "Problem",
    "PullRequest",
    "Push",
    "Render",
    "Rendered",
    "Report",
    "Repository",
    "SecretsManager",
    "Stack",
    "Stage",
    "Trigger",
    "Variable",
    "VariableRule",
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
