"""JSON Schemas of files, and advice taken from them."""
