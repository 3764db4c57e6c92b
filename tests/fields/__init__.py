"""Tests of `pipegen/fields`."""
