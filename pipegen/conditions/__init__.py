"""Kinds of rules in the conditions of stages."""
