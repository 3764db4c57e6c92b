"""The syntax of strings in definitions: cron, glob patterns, shell commands, AWS names."""
