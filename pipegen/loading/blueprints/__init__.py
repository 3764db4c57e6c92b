"""Blueprints: found, read, and filled in with a definition's arguments."""
