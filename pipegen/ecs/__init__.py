"""Amazon ECS: task definitions, clusters, deployment strategies, scaling and networking of services."""

from __future__ import annotations

from pipegen.lazy import public_names

TYPE_CHECKING = False  # as type checkers know it, without the time that the import of typing takes
if TYPE_CHECKING:
    from pipegen.ecs.autoscaling import Autoscaling as Autoscaling
    from pipegen.ecs.capacity import CapacityProvider as CapacityProvider
    from pipegen.ecs.cluster import Cluster as Cluster
    from pipegen.ecs.connect import (
        ClientAlias as ClientAlias,
        ConnectService as ConnectService,
        HeaderMatch as HeaderMatch,
        ServiceConnect as ServiceConnect,
    )
    from pipegen.ecs.discovery import ServiceDiscovery as ServiceDiscovery
    from pipegen.ecs.http_check import HttpCheck as HttpCheck
    from pipegen.ecs.lifecycle import LifecycleHook as LifecycleHook, Pause as Pause
    from pipegen.ecs.network import ServiceNetwork as ServiceNetwork
    from pipegen.ecs.placement import (
        PlacementStrategy as PlacementStrategy,
        ServicePlacementConstraint as ServicePlacementConstraint,
    )
    from pipegen.ecs.schedule import Schedule as Schedule
    from pipegen.ecs.strategy import BlueGreen as BlueGreen, Canary as Canary, Linear as Linear, Rolling as Rolling
    from pipegen.ecs.tasks.container import (
        Container as Container,
        EnvironmentFile as EnvironmentFile,
        HostEntry as HostEntry,
        NvidiaMps as NvidiaMps,
        RepositoryCredentials as RepositoryCredentials,
        ResourceRequirement as ResourceRequirement,
        RestartPolicy as RestartPolicy,
        SharingStrategy as SharingStrategy,
    )
    from pipegen.ecs.tasks.container import ContainerDependency as ContainerDependency
    from pipegen.ecs.tasks.health_check import HealthCheck as HealthCheck
    from pipegen.ecs.tasks.linux import (
        Device as Device,
        KernelCapabilities as KernelCapabilities,
        LinuxParameters as LinuxParameters,
        SystemControl as SystemControl,
        Tmpfs as Tmpfs,
        Ulimit as Ulimit,
    )
    from pipegen.ecs.tasks.logs import (
        FirelensConfiguration as FirelensConfiguration,
        LogConfiguration as LogConfiguration,
    )
    from pipegen.ecs.tasks.ports import PortMapping as PortMapping
    from pipegen.ecs.tasks.task_definition import (
        EphemeralStorage as EphemeralStorage,
        PlacementConstraint as PlacementConstraint,
        ProxyConfiguration as ProxyConfiguration,
        RuntimePlatform as RuntimePlatform,
        TaskDefinition as TaskDefinition,
    )
    from pipegen.ecs.tasks.volumes import (
        DockerVolumeConfiguration as DockerVolumeConfiguration,
        EfsAuthorizationConfig as EfsAuthorizationConfig,
        EfsVolumeConfiguration as EfsVolumeConfiguration,
        FsxAuthorizationConfig as FsxAuthorizationConfig,
        FsxWindowsFileServerVolumeConfiguration as FsxWindowsFileServerVolumeConfiguration,
        HostVolume as HostVolume,
        MountPoint as MountPoint,
        S3FilesVolumeConfiguration as S3FilesVolumeConfiguration,
        Volume as Volume,
        VolumeFrom as VolumeFrom,
    )
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.ecs.autoscaling": "Autoscaling",
            "pipegen.ecs.capacity": "CapacityProvider",
            "pipegen.ecs.cluster": "Cluster",
            "pipegen.ecs.connect": "ClientAlias ConnectService HeaderMatch ServiceConnect",
            "pipegen.ecs.discovery": "ServiceDiscovery",
            "pipegen.ecs.http_check": "HttpCheck",
            "pipegen.ecs.lifecycle": "LifecycleHook Pause",
            "pipegen.ecs.network": "ServiceNetwork",
            "pipegen.ecs.placement": "PlacementStrategy ServicePlacementConstraint",
            "pipegen.ecs.schedule": "Schedule",
            "pipegen.ecs.strategy": "BlueGreen Canary Linear Rolling",
            "pipegen.ecs.tasks.container": (
                "Container ContainerDependency EnvironmentFile HostEntry NvidiaMps RepositoryCredentials "
                "ResourceRequirement RestartPolicy SharingStrategy"
            ),
            "pipegen.ecs.tasks.health_check": "HealthCheck",
            "pipegen.ecs.tasks.linux": "Device KernelCapabilities LinuxParameters SystemControl Tmpfs Ulimit",
            "pipegen.ecs.tasks.logs": "FirelensConfiguration LogConfiguration",
            "pipegen.ecs.tasks.ports": "PortMapping",
            "pipegen.ecs.tasks.task_definition": (
                "EphemeralStorage PlacementConstraint ProxyConfiguration RuntimePlatform TaskDefinition"
            ),
            "pipegen.ecs.tasks.volumes": (
                "DockerVolumeConfiguration EfsAuthorizationConfig EfsVolumeConfiguration "
                "FsxAuthorizationConfig FsxWindowsFileServerVolumeConfiguration HostVolume MountPoint "
                "S3FilesVolumeConfiguration Volume VolumeFrom"
            ),
        },
    )
