"""Permissions: grants, and what IAM's own lists say about them."""
