"""Tests of `pipegen/services`."""
