"""Languages that are not pipegen's, which texts of a definition are in: cron, globs, shell, names of AWS."""
