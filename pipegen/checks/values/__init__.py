"""Rules about single values: what they refer to, and what they contain."""
