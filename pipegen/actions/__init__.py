"""Every action kind there is, read top to bottom. A new kind is a file of its own and a line here."""

from __future__ import annotations

from pipegen.action import Action
from pipegen.actions.approval import Approval
from pipegen.actions.codebuild import CodeBuild
from pipegen.actions.codecommit import CodeCommit
from pipegen.actions.codedeploy_ecs import CodeDeployEcs
from pipegen.actions.connection import Bitbucket, GitHub, GitHubEnterprise, GitLab, GitLabSelfManaged
from pipegen.actions.docker_build import DockerBuild
from pipegen.actions.ecr import Ecr
from pipegen.actions.ecs_deploy import EcsDeploy
from pipegen.actions.s3 import S3

KINDS: dict[str, type[Action]] = {
    "github": GitHub,
    "github-enterprise": GitHubEnterprise,
    "gitlab": GitLab,
    "gitlab-self-managed": GitLabSelfManaged,
    "bitbucket": Bitbucket,
    "codecommit": CodeCommit,
    "s3": S3,
    "ecr": Ecr,
    "docker-build": DockerBuild,
    "codebuild": CodeBuild,
    "approval": Approval,
    "ecs-deploy": EcsDeploy,
    "codedeploy-ecs": CodeDeployEcs,
}
"""The word in a definition -> the kind."""
