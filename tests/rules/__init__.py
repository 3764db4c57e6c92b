"""Tests of `pipegen/rules`."""
