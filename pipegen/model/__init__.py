"""The models that several parts of a definition share: parameters, tags, repositories, networks."""
