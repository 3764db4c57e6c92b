"""What a CodeBuild project consists of; the actions that build are in `pipegen.actions`."""
