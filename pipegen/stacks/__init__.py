"""Stacks of CloudFormation, and what their templates use."""
