"""Render a fleet: only what is stale, in parallel, into a directory that is always consistent.

`rendering` contains the whole flow. Worker processes render definitions and write the results into a staging directory
inside the output. When all results are known and no two definitions use the same resource name, files that are gone
are removed (with `--prune`), then the manifest is replaced, then each file by renaming. The manifest therefore lists
every file that was ever written. A run that is killed leaves only complete files, and the next run detects files whose
digests differ from the cache. The modules that decide what is stale import neither troposphere nor Jinja.
"""
