"""Tests of `pipegen/builds`."""
