"""Tests of `pipegen/definitions`."""
