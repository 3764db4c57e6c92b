"""Kinds of actions, a file each."""
