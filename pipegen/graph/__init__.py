"""A definition as CodePipeline runs it: its actions in order, deploys lowered, artifacts connected."""
