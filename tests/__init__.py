"""The tests of pipegen."""
