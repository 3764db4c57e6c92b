"""The values of fields: literals, and CloudFormation expressions, which are resolved at deployment."""
