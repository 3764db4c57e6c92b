"""Tests of `pipegen/checks`."""
