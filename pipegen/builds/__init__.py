"""What builds with CodeBuild consist of; the kinds that build are in `pipegen.actions`."""
