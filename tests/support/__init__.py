"""What the tests lean on: stand-ins for the services that a pipeline talks to."""
