"""What the fields of models take: read from data of files, checked on objects of Python, described for editors.

The annotation of a field says it all. `hints` makes a `Type` of it once; a `Type` reads, checks and describes.
"""
