"""What a value of the model refers to: a subnet by its id, a role by its name or ARN.

`forms` says what texts look like, `kinds` has the complete list, `mark` puts them into annotations of fields, and
`faults` says what was found in the place of the right thing.
"""
