"""YAML read strictly, with positions, and merged."""
