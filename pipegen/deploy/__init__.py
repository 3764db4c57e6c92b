"""How rendered stacks are deployed: commands, parameters, scripts, and deployments outside the pipeline."""
