"""How text is written: YAML, scripts, and files that are never half-written."""
