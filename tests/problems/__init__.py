"""Tests of `pipegen/cli`."""
