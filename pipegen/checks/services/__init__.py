"""Rules about services, and about actions that deploy to them."""
