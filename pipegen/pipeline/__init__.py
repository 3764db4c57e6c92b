"""A pipeline of CodePipeline: stages, the contracts of actions and rules, artifacts, triggers."""
