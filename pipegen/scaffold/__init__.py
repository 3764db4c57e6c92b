"""Hooks and workflows that `pipegen init` writes to check definitions."""
