"""An ECS service and what it runs behind."""
