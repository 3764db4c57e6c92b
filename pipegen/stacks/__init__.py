"""CloudFormation stacks, and the names that their templates use."""
