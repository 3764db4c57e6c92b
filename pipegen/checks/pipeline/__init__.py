"""Checks of stages, actions, artifacts, triggers and variables."""
