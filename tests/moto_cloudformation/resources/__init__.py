"""The resource types, a module for each family of services; moto finds every one that is imported."""

from tests.moto_cloudformation.resources import (
    access,
    balancing,
    containers,
    delivery,
    discovery,
    firewalls,
    networks,
    notifications,
    observing,
    records,
    scaling,
    services,
    storage,
)

__all__ = [
    "access",
    "balancing",
    "containers",
    "delivery",
    "discovery",
    "firewalls",
    "networks",
    "notifications",
    "observing",
    "records",
    "scaling",
    "services",
    "storage",
]
