"""CodeDeploy's applications, deployment groups and appspecs for ECS."""
