"""Values of fields: literals, and CloudFormation expressions that are resolved at deployment."""
