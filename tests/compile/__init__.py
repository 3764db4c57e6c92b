"""Tests of `pipegen/compile`."""
