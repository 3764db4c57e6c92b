"""Amazon ECS: clusters, deployment strategies, scaling and networking of services."""
