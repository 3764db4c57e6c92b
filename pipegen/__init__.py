"""pipegen: container delivery pipelines on AWS as plain CloudFormation.

The public names, and nothing else. They are imported when they are first used, so that `pipegen --help` needs none.
"""

from __future__ import annotations

from importlib import import_module

from pipegen._version import __version__

TYPE_CHECKING = False  # as type checkers know it, without the time that the import of typing takes
if TYPE_CHECKING:
    from pipegen.actions.approval import Approval
    from pipegen.actions.cloudformation import ArtifactAttribute, ArtifactFile, CloudFormation, FileValue
    from pipegen.actions.codebuild import BuildOutput, CodeBuild, Report
    from pipegen.actions.codecommit import CodeCommit
    from pipegen.actions.codedeploy_ecs import CodeDeployEcs, DeployedImage, File
    from pipegen.actions.connection import Bitbucket, GitHub, GitHubEnterprise, GitLab, GitLabSelfManaged
    from pipegen.actions.docker_build import DockerBuild
    from pipegen.actions.ecr import Ecr
    from pipegen.actions.ecs_deploy import EcsDeploy
    from pipegen.actions.ecs_rollout import EcsRollout
    from pipegen.actions.record_images import RecordImages
    from pipegen.actions.s3 import S3
    from pipegen.codebuild.cache import Cache
    from pipegen.codebuild.environment import ParameterStore, SecretsManager
    from pipegen.codebuild.image import FromEnvironment, Image
    from pipegen.codedeploy.appspec import AppSpec, Hooks, Network
    from pipegen.codedeploy.deployment_group import Application, CanaryShift, DeploymentGroup, LinearShift
    from pipegen.codedeploy.service_deployment import CodeDeploy
    from pipegen.conditions.alarm import AlarmRule
    from pipegen.conditions.codebuild import CodeBuildRule
    from pipegen.conditions.commands import CommandsRule
    from pipegen.conditions.deployment_window import DeploymentWindowRule
    from pipegen.conditions.function import LambdaRule
    from pipegen.conditions.variable import VariableRule
    from pipegen.definition import Definition
    from pipegen.ecs.autoscaling import Autoscaling
    from pipegen.ecs.capacity import CapacityProvider
    from pipegen.ecs.cluster import Cluster
    from pipegen.ecs.connect import ClientAlias, ConnectService, HeaderMatch, ServiceConnect
    from pipegen.ecs.discovery import ServiceDiscovery
    from pipegen.ecs.hook import HttpCheck
    from pipegen.ecs.lifecycle import LifecycleHook, Pause
    from pipegen.ecs.network import ServiceNetwork
    from pipegen.ecs.placement import PlacementStrategy, ServicePlacementConstraint
    from pipegen.ecs.schedule import Schedule
    from pipegen.ecs.strategy import BlueGreen, Canary, Linear, Rolling
    from pipegen.ecs.tasks.container import Container, ResourceRequirement, RestartPolicy
    from pipegen.ecs.tasks.dependencies import ContainerDependency
    from pipegen.ecs.tasks.health_check import HealthCheck
    from pipegen.ecs.tasks.linux import Device, KernelCapabilities, LinuxParameters, Tmpfs, Ulimit
    from pipegen.ecs.tasks.logs import FirelensConfiguration, LogConfiguration
    from pipegen.ecs.tasks.ports import PortMapping
    from pipegen.ecs.tasks.task_definition import PlacementConstraint, RuntimePlatform, TaskDefinition
    from pipegen.ecs.tasks.volumes import EfsVolumeConfiguration, HostVolume, MountPoint, Volume, VolumeFrom
    from pipegen.elb.listener import SharedListener, TestRule
    from pipegen.elb.load_balancer import AccessLogs, LoadBalancer
    from pipegen.elb.target_group import Stickiness, TargetGroup, TargetHealthCheck
    from pipegen.errors import InvalidDefinition, OutputFailed, PipegenError, Problem
    from pipegen.iam.grant import Grant
    from pipegen.loading import load
    from pipegen.model.network import Vpc
    from pipegen.model.repository import Repository
    from pipegen.model.stack_settings import Parameter
    from pipegen.pipeline.artifact import Artifact
    from pipegen.pipeline.artifact_store import ArtifactStore
    from pipegen.pipeline.condition import BeforeEntry, OnFailure, OnSuccess
    from pipegen.pipeline.foundation import Foundation, FoundationReference
    from pipegen.pipeline.pipeline import Pipeline, Stage, Variable
    from pipegen.pipeline.trigger import Patterns, PullRequest, Push, Trigger
    from pipegen.rendering import (
        Render,
        Rendered,
        check,
        compile_definition,
        foundation_stack,
        render,
        render_foundation,
        template_text,
    )
    from pipegen.services.service import EcsService
    from pipegen.stacks.stack import Stack

_HOMES = {
    "ecs.autoscaling": ("Autoscaling",),
    "ecs.schedule": ("Schedule",),
    "ecs.cluster": ("Cluster",),
    "codedeploy.service_deployment": ("CodeDeploy",),
    "ecs.connect": (
        "ClientAlias",
        "ConnectService",
        "HeaderMatch",
        "ServiceConnect",
    ),
    "ecs.discovery": ("ServiceDiscovery",),
    "elb.listener": (
        "SharedListener",
        "TestRule",
    ),
    "elb.load_balancer": (
        "AccessLogs",
        "LoadBalancer",
    ),
    "ecs.network": ("ServiceNetwork",),
    "ecs.placement": (
        "PlacementStrategy",
        "ServicePlacementConstraint",
    ),
    "services.service": ("EcsService",),
    "elb.target_group": (
        "Stickiness",
        "TargetGroup",
        "TargetHealthCheck",
    ),
    "actions.codedeploy_ecs": (
        "CodeDeployEcs",
        "DeployedImage",
        "File",
    ),
    "ecs.capacity": ("CapacityProvider",),
    "codedeploy.appspec": (
        "AppSpec",
        "Hooks",
        "Network",
    ),
    "codedeploy.deployment_group": (
        "Application",
        "CanaryShift",
        "DeploymentGroup",
        "LinearShift",
    ),
    "ecs.tasks.container": (
        "Container",
        "ResourceRequirement",
        "RestartPolicy",
    ),
    "ecs.tasks.dependencies": ("ContainerDependency",),
    "ecs.tasks.health_check": ("HealthCheck",),
    "ecs.hook": ("HttpCheck",),
    "ecs.lifecycle": (
        "LifecycleHook",
        "Pause",
    ),
    "ecs.tasks.linux": (
        "Device",
        "KernelCapabilities",
        "LinuxParameters",
        "Tmpfs",
        "Ulimit",
    ),
    "ecs.tasks.logs": (
        "FirelensConfiguration",
        "LogConfiguration",
    ),
    "ecs.tasks.ports": ("PortMapping",),
    "ecs.strategy": (
        "BlueGreen",
        "Canary",
        "Linear",
        "Rolling",
    ),
    "ecs.tasks.task_definition": (
        "PlacementConstraint",
        "RuntimePlatform",
        "TaskDefinition",
    ),
    "ecs.tasks.volumes": (
        "EfsVolumeConfiguration",
        "HostVolume",
        "MountPoint",
        "Volume",
        "VolumeFrom",
    ),
    "actions.approval": ("Approval",),
    "actions.cloudformation": ("ArtifactAttribute", "ArtifactFile", "CloudFormation", "FileValue"),
    "actions.codebuild": ("BuildOutput", "CodeBuild", "Report"),
    "actions.codecommit": ("CodeCommit",),
    "actions.connection": ("Bitbucket", "GitHub", "GitHubEnterprise", "GitLab", "GitLabSelfManaged"),
    "actions.docker_build": ("DockerBuild",),
    "actions.ecr": ("Ecr",),
    "actions.ecs_deploy": ("EcsDeploy",),
    "actions.ecs_rollout": ("EcsRollout",),
    "actions.record_images": ("RecordImages",),
    "actions.s3": ("S3",),
    "pipeline.artifact": ("Artifact",),
    "pipeline.condition": ("BeforeEntry", "OnFailure", "OnSuccess"),
    "definition": ("Definition",),
    "loading": ("load",),
    "errors": ("InvalidDefinition", "OutputFailed", "PipegenError", "Problem"),
    "pipeline.foundation": ("Foundation", "FoundationReference"),
    "model.stack_settings": ("Parameter",),
    "iam.grant": ("Grant",),
    "pipeline.pipeline": ("Pipeline", "Stage", "Variable"),
    "codebuild.cache": ("Cache",),
    "codebuild.environment": ("ParameterStore", "SecretsManager"),
    "codebuild.image": ("FromEnvironment", "Image"),
    "model.network": ("Vpc",),
    "rendering": (
        "Render",
        "Rendered",
        "check",
        "compile_definition",
        "foundation_stack",
        "render",
        "render_foundation",
        "template_text",
    ),
    "model.repository": ("Repository",),
    "conditions.alarm": ("AlarmRule",),
    "conditions.codebuild": ("CodeBuildRule",),
    "conditions.commands": ("CommandsRule",),
    "conditions.deployment_window": ("DeploymentWindowRule",),
    "conditions.function": ("LambdaRule",),
    "conditions.variable": ("VariableRule",),
    "stacks.stack": ("Stack",),
    "pipeline.artifact_store": ("ArtifactStore",),
    "pipeline.trigger": ("Patterns", "PullRequest", "Push", "Trigger"),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "S3",
    "AccessLogs",
    "AlarmRule",
    "AppSpec",
    "Application",
    "Approval",
    "Artifact",
    "ArtifactAttribute",
    "ArtifactFile",
    "ArtifactStore",
    "Autoscaling",
    "BeforeEntry",
    "Bitbucket",
    "BlueGreen",
    "BuildOutput",
    "Cache",
    "Canary",
    "CanaryShift",
    "CapacityProvider",
    "ClientAlias",
    "CloudFormation",
    "Cluster",
    "CodeBuild",
    "CodeBuildRule",
    "CodeCommit",
    "CodeDeploy",
    "CodeDeployEcs",
    "CommandsRule",
    "ConnectService",
    "Container",
    "ContainerDependency",
    "Definition",
    "DeployedImage",
    "DeploymentGroup",
    "DeploymentWindowRule",
    "Device",
    "DockerBuild",
    "Ecr",
    "EcsDeploy",
    "EcsRollout",
    "EcsService",
    "EfsVolumeConfiguration",
    "File",
    "FileValue",
    "FirelensConfiguration",
    "Foundation",
    "FoundationReference",
    "FromEnvironment",
    "GitHub",
    "GitHubEnterprise",
    "GitLab",
    "GitLabSelfManaged",
    "Grant",
    "HeaderMatch",
    "HealthCheck",
    "Hooks",
    "HostVolume",
    "HttpCheck",
    "Image",
    "InvalidDefinition",
    "KernelCapabilities",
    "LambdaRule",
    "LifecycleHook",
    "Linear",
    "LinearShift",
    "LinuxParameters",
    "LoadBalancer",
    "LogConfiguration",
    "MountPoint",
    "Network",
    "OnFailure",
    "OnSuccess",
    "OutputFailed",
    "Parameter",
    "ParameterStore",
    "Patterns",
    "Pause",
    "PipegenError",
    "Pipeline",
    "PlacementConstraint",
    "PlacementStrategy",
    "PortMapping",
    "Problem",
    "PullRequest",
    "Push",
    "RecordImages",
    "Render",
    "Rendered",
    "Report",
    "Repository",
    "ResourceRequirement",
    "RestartPolicy",
    "Rolling",
    "RuntimePlatform",
    "Schedule",
    "SecretsManager",
    "ServiceConnect",
    "ServiceDiscovery",
    "ServiceNetwork",
    "ServicePlacementConstraint",
    "SharedListener",
    "Stack",
    "Stage",
    "Stickiness",
    "TargetGroup",
    "TargetHealthCheck",
    "TaskDefinition",
    "TestRule",
    "Tmpfs",
    "Trigger",
    "Ulimit",
    "Variable",
    "VariableRule",
    "Volume",
    "VolumeFrom",
    "Vpc",
    "__version__",
    "check",
    "compile_definition",
    "foundation_stack",
    "load",
    "render",
    "render_foundation",
    "template_text",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'pipegen' has no attribute {name!r}")
    return getattr(import_module(f"pipegen.{_MODULES[name]}"), name)
