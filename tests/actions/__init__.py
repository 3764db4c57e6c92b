"""Tests of `pipegen/actions`."""
