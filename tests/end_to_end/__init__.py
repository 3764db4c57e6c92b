"""Tests that deploy to a cloud on loopback with the real AWS CLI."""
