"""Checks of services, and about actions that deploy to them."""
