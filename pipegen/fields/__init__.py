"""The types of model fields: how values are read from files, checked in Python objects and described for editors.

Everything is derived from the annotation of a field. `hints` creates a `Type` from it once; a `Type` reads values,
checks them and describes itself as a JSON Schema.
"""
