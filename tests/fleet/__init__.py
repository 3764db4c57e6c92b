"""Tests of `pipegen/fleet`."""
