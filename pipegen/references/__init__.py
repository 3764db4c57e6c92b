"""What a value of the model refers to: a subnet by its id, a role by its name or ARN.

`forms` says what texts look like, `kinds` has the complete list, `mark` puts them into annotations of fields, and
`faults` says what was found in the place of the right thing.
"""

WRONG_IMPORT = "wrong-import"
"""The code of problems about imports of other kinds of exports. It is here as fleets need it without the rest."""
