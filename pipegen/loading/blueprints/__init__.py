"""Finding blueprints, reading them, and expanding them with the arguments of a definition."""
