"""What deployments to ECS are made of, whichever action or service uses it."""
