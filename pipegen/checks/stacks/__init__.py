"""Checks of templates: parameters, policies, properties and limits."""
