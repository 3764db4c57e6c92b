"""Writing output: YAML, scripts, and files atomically."""
