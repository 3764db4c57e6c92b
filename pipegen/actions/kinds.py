"""The action kinds. A new kind is a new module and a line here."""

from __future__ import annotations

from pipegen.pipeline.action import Action
from pipegen.pipeline.kinds import Kinds

KINDS: Kinds[Action] = Kinds(
    "pipegen.actions",
    {
        "github": "connection.GitHub",
        "github-enterprise": "connection.GitHubEnterprise",
        "gitlab": "connection.GitLab",
        "gitlab-self-managed": "connection.GitLabSelfManaged",
        "bitbucket": "connection.Bitbucket",
        "codecommit": "codecommit.CodeCommit",
        "s3": "s3.S3",
        "ecr": "ecr.Ecr",
        "docker-build": "docker_build.DockerBuild",
        "codebuild": "codebuild.CodeBuild",
        "commands": "commands.Commands",
        "approval": "approval.Approval",
        "ecs-deploy": "ecs_deploy.EcsDeploy",
        "ecs-rollout": "ecs_rollout.EcsRollout",
        "codedeploy-ecs": "codedeploy_ecs.CodeDeployEcs",
        "cloudformation": "cloudformation.CloudFormation",
        "record-images": "record_images.RecordImages",
        "s3-deploy": "s3_deploy.S3Deploy",
        "lambda": "function.LambdaInvoke",
        "step-functions": "step_functions.StepFunctions",
        "start-pipeline": "start_pipeline.StartPipeline",
        "action": "generic.GenericAction",
    },
)
"""The class of each kind, by its name in definitions."""
