"""Tests of `pipegen/emit`."""
