"""ECS services as definitions describe them, including load balancing, scaling and deployments."""
