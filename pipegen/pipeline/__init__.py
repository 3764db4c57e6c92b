"""Pipelines: stages, the base classes of actions and rules, artifacts, triggers."""
