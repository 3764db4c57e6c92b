"""Permissions: grants, and checks of them against IAM's reference lists."""
