"""Rules about templates: parameters, policies, properties and limits."""
