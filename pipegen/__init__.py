"""pipegen: container delivery pipelines on AWS as plain CloudFormation.

This package exports the names that most definitions need. Models of single AWS services are in `pipegen.ecs`,
`pipegen.elb`, `pipegen.codebuild` and `pipegen.codedeploy`, conditions of stages in `pipegen.conditions`, notifications
in `pipegen.notifications`. Custom action kinds need the names in `pipegen.actions`.
"""

from __future__ import annotations

from pipegen._version import __version__ as __version__
from pipegen.lazy import public_names

TYPE_CHECKING = False  # as type checkers know it, without the time that the import of typing takes
if TYPE_CHECKING:
    from pipegen.actions.approval import Approval as Approval
    from pipegen.actions.cloudformation import CloudFormation as CloudFormation
    from pipegen.actions.codebuild import CodeBuild as CodeBuild
    from pipegen.actions.codecommit import CodeCommit as CodeCommit
    from pipegen.actions.codedeploy_ecs import CodeDeployEcs as CodeDeployEcs
    from pipegen.actions.connection import (
        Bitbucket as Bitbucket,
        GitHub as GitHub,
        GitHubEnterprise as GitHubEnterprise,
        GitLab as GitLab,
        GitLabSelfManaged as GitLabSelfManaged,
    )
    from pipegen.actions.docker_build import DockerBuild as DockerBuild
    from pipegen.actions.ecr import Ecr as Ecr
    from pipegen.actions.ecs_deploy import EcsDeploy as EcsDeploy
    from pipegen.actions.ecs_rollout import EcsRollout as EcsRollout
    from pipegen.actions.record_images import RecordImages as RecordImages
    from pipegen.actions.s3 import S3 as S3
    from pipegen.api import Rendering as Rendering, check as check, load as load, render as render
    from pipegen.codebuild.image import Image as Image
    from pipegen.definition import Definition as Definition
    from pipegen.errors import (
        InvalidDefinition as InvalidDefinition,
        OutputFailed as OutputFailed,
        PipegenError as PipegenError,
        Problem as Problem,
    )
    from pipegen.iam.grant import Grant as Grant
    from pipegen.model.environment import Environment as Environment
    from pipegen.model.repository import Repository as Repository
    from pipegen.model.stack_settings import Parameter as Parameter
    from pipegen.pipeline.artifact_store import ArtifactStore as ArtifactStore
    from pipegen.pipeline.foundation import Foundation as Foundation, FoundationReference as FoundationReference
    from pipegen.pipeline.pipeline import Pipeline as Pipeline, Variable as Variable
    from pipegen.pipeline.schedule import PipelineSchedule as PipelineSchedule
    from pipegen.pipeline.stage import Stage as Stage
    from pipegen.pipeline.trigger import (
        Patterns as Patterns,
        PullRequest as PullRequest,
        Push as Push,
        Trigger as Trigger,
    )
    from pipegen.rendering import template_text as template_text
    from pipegen.services.service import EcsService as EcsService
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.actions.approval": "Approval",
            "pipegen.actions.cloudformation": "CloudFormation",
            "pipegen.actions.codebuild": "CodeBuild",
            "pipegen.actions.codecommit": "CodeCommit",
            "pipegen.actions.codedeploy_ecs": "CodeDeployEcs",
            "pipegen.actions.connection": "Bitbucket GitHub GitHubEnterprise GitLab GitLabSelfManaged",
            "pipegen.actions.docker_build": "DockerBuild",
            "pipegen.actions.ecr": "Ecr",
            "pipegen.actions.ecs_deploy": "EcsDeploy",
            "pipegen.actions.ecs_rollout": "EcsRollout",
            "pipegen.actions.record_images": "RecordImages",
            "pipegen.actions.s3": "S3",
            "pipegen.api": "Rendering check load render",
            "pipegen.codebuild.image": "Image",
            "pipegen.definition": "Definition",
            "pipegen.errors": "InvalidDefinition OutputFailed PipegenError Problem",
            "pipegen.iam.grant": "Grant",
            "pipegen.model.environment": "Environment",
            "pipegen.model.repository": "Repository",
            "pipegen.model.stack_settings": "Parameter",
            "pipegen.pipeline.artifact_store": "ArtifactStore",
            "pipegen.pipeline.foundation": "Foundation FoundationReference",
            "pipegen.pipeline.pipeline": "Pipeline Variable",
            "pipegen.pipeline.schedule": "PipelineSchedule",
            "pipegen.pipeline.stage": "Stage",
            "pipegen.pipeline.trigger": "Patterns PullRequest Push Trigger",
            "pipegen.rendering": "template_text",
            "pipegen.services.service": "EcsService",
        },
    )
