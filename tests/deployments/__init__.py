"""Tests of `pipegen/deployments`."""
