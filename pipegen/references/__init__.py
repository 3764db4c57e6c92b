"""References from values to AWS resources: to a subnet by its ID, to a role by its name or ARN.

`forms` defines the forms of names, IDs and ARNs, `kinds` lists the resources, `mark` annotates fields with them, and
`faults` describes wrong values.
"""

WRONG_IMPORT = "wrong-import"
"""The code of problems about imports of the wrong export. It is defined here because fleets need it without the other
modules."""
