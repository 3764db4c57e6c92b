"""Rewrite files of version 0.1.0 in place: renamed keys, and the order of actions that ran in parallel.

Only the characters that change are replaced, at the positions that PyYAML reports. Everything else stays byte for byte.
Libraries that write the whole document again do not guarantee that: ruamel.yaml changes unrelated lines in one of
twelve files of 0.1.0.
"""
