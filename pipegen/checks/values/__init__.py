"""Checks of single values: references, and contents."""
