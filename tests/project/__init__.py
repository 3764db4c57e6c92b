"""Tests of the scripts, hooks, types and other files of the project."""
