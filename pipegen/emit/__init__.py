"""What is made of rendered stacks: files, commands, scripts, parameter files, plans of migrations."""
