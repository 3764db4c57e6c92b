"""Files of 0.1.0 rewritten in place: keys that were renamed, and the order of actions that used to run in parallel.

Only the characters that change are replaced, at the positions that PyYAML reports; everything else stays byte for byte.
(Libraries that write a whole document again do not promise that: of the files of 0.1.0, ruamel.yaml changes one in
twelve in places that nobody edits.)
"""
