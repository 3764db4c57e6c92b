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
    from pipegen.artifact import Artifact
    from pipegen.builds.cache import Cache
    from pipegen.builds.environment import ParameterStore, SecretsManager
    from pipegen.builds.image import FromEnvironment, Image
    from pipegen.condition import BeforeEntry, OnFailure, OnSuccess
    from pipegen.definition import Definition
    from pipegen.definitions import load
    from pipegen.deployments.appspec import AppSpec, Hooks, Network
    from pipegen.deployments.capacity import CapacityProvider
    from pipegen.deployments.codedeploy import Application, CanaryShift, DeploymentGroup, LinearShift
    from pipegen.deployments.container import Container, ResourceRequirement, RestartPolicy
    from pipegen.deployments.dependencies import ContainerDependency
    from pipegen.deployments.health_check import HealthCheck
    from pipegen.deployments.hook import HttpCheck
    from pipegen.deployments.lifecycle import LifecycleHook, Pause
    from pipegen.deployments.linux import Device, KernelCapabilities, LinuxParameters, Tmpfs, Ulimit
    from pipegen.deployments.logs import FirelensConfiguration, LogConfiguration
    from pipegen.deployments.ports import PortMapping
    from pipegen.deployments.strategy import BlueGreen, Canary, Linear, Rolling
    from pipegen.deployments.task_definition import PlacementConstraint, RuntimePlatform, TaskDefinition
    from pipegen.deployments.volumes import EfsVolumeConfiguration, HostVolume, MountPoint, Volume, VolumeFrom
    from pipegen.errors import InvalidDefinition, OutputFailed, PipegenError, Problem
    from pipegen.foundation import Foundation, FoundationReference
    from pipegen.governed import Parameter
    from pipegen.grant import Grant
    from pipegen.network import Vpc
    from pipegen.pipeline import Pipeline, Stage, Variable
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
    from pipegen.repository import Repository
    from pipegen.rules.alarm import AlarmRule
    from pipegen.rules.codebuild import CodeBuildRule
    from pipegen.rules.commands import CommandsRule
    from pipegen.rules.deployment_window import DeploymentWindowRule
    from pipegen.rules.function import LambdaRule
    from pipegen.rules.variable import VariableRule
    from pipegen.services.autoscaling import Autoscaling
    from pipegen.services.cluster import Cluster
    from pipegen.services.codedeploy import CodeDeploy
    from pipegen.services.connect import ClientAlias, ConnectService, HeaderMatch, ServiceConnect
    from pipegen.services.discovery import ServiceDiscovery
    from pipegen.services.listener import SharedListener, TestRule
    from pipegen.services.load_balancer import AccessLogs, LoadBalancer
    from pipegen.services.network import ServiceNetwork
    from pipegen.services.placement import PlacementStrategy, ServicePlacementConstraint
    from pipegen.services.schedule import Schedule
    from pipegen.services.service import EcsService
    from pipegen.services.target_group import Stickiness, TargetGroup, TargetHealthCheck
    from pipegen.stack import Stack
    from pipegen.store import ArtifactStore
    from pipegen.trigger import Patterns, PullRequest, Push, Trigger

_HOMES = {
    "services.autoscaling": ("Autoscaling",),
    "services.schedule": ("Schedule",),
    "services.cluster": ("Cluster",),
    "services.codedeploy": ("CodeDeploy",),
    "services.connect": (
        "ClientAlias",
        "ConnectService",
        "HeaderMatch",
        "ServiceConnect",
    ),
    "services.discovery": ("ServiceDiscovery",),
    "services.listener": (
        "SharedListener",
        "TestRule",
    ),
    "services.load_balancer": (
        "AccessLogs",
        "LoadBalancer",
    ),
    "services.network": ("ServiceNetwork",),
    "services.placement": (
        "PlacementStrategy",
        "ServicePlacementConstraint",
    ),
    "services.service": ("EcsService",),
    "services.target_group": (
        "Stickiness",
        "TargetGroup",
        "TargetHealthCheck",
    ),
    "actions.codedeploy_ecs": (
        "CodeDeployEcs",
        "DeployedImage",
        "File",
    ),
    "deployments.capacity": ("CapacityProvider",),
    "deployments.appspec": (
        "AppSpec",
        "Hooks",
        "Network",
    ),
    "deployments.codedeploy": (
        "Application",
        "CanaryShift",
        "DeploymentGroup",
        "LinearShift",
    ),
    "deployments.container": (
        "Container",
        "ResourceRequirement",
        "RestartPolicy",
    ),
    "deployments.dependencies": ("ContainerDependency",),
    "deployments.health_check": ("HealthCheck",),
    "deployments.hook": ("HttpCheck",),
    "deployments.lifecycle": (
        "LifecycleHook",
        "Pause",
    ),
    "deployments.linux": (
        "Device",
        "KernelCapabilities",
        "LinuxParameters",
        "Tmpfs",
        "Ulimit",
    ),
    "deployments.logs": (
        "FirelensConfiguration",
        "LogConfiguration",
    ),
    "deployments.ports": ("PortMapping",),
    "deployments.strategy": (
        "BlueGreen",
        "Canary",
        "Linear",
        "Rolling",
    ),
    "deployments.task_definition": (
        "PlacementConstraint",
        "RuntimePlatform",
        "TaskDefinition",
    ),
    "deployments.volumes": (
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
    "artifact": ("Artifact",),
    "condition": ("BeforeEntry", "OnFailure", "OnSuccess"),
    "definition": ("Definition",),
    "definitions": ("load",),
    "errors": ("InvalidDefinition", "OutputFailed", "PipegenError", "Problem"),
    "foundation": ("Foundation", "FoundationReference"),
    "governed": ("Parameter",),
    "grant": ("Grant",),
    "pipeline": ("Pipeline", "Stage", "Variable"),
    "builds.cache": ("Cache",),
    "builds.environment": ("ParameterStore", "SecretsManager"),
    "builds.image": ("FromEnvironment", "Image"),
    "network": ("Vpc",),
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
