"""Rules about stages, actions, artifacts, triggers and variables."""
