"""Tests of `pipegen/linting`."""
