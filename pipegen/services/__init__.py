"""An ECS service with everything it runs behind, as one noun of a definition."""
