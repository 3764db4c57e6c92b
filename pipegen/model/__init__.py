"""Nouns that many parts of a definition share: parameters, tags, repositories, networks."""
