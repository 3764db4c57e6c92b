"""What moto's CloudFormation lacks for a delivery stack: resource types, and an engine that updates as AWS does.

Importing this package teaches the running process; starting a server and talking to it live in `cloud.py`. Every
resource ends in moto's own back end of its service, so that the service's API gives back what the template asked for.
Nothing here is lenient: a property, attribute or resource type nobody taught is refused, as CloudFormation would.

Templates become stacks in `templates`, `parameters`, `engine` and `stacks`; what resource types share is in `resource`
and `conversion`, the types themselves in a module for each family of services.
"""

from tests.support.moto_cloudformation import (
    access,
    balancing,
    containers,
    delivery,
    discovery,
    engine,
    networks,
    observing,
    parameters,
    records,
    scaling,
    services,
    stacks,
    storage,
    templates,
)

__all__ = [
    "access",
    "balancing",
    "containers",
    "delivery",
    "discovery",
    "engine",
    "networks",
    "observing",
    "parameters",
    "records",
    "scaling",
    "services",
    "stacks",
    "storage",
    "templates",
]
