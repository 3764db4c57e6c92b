"""A fleet rendered as a whole: only what is stale, in parallel, into a directory that is never half-written.

What is rendered is staged beside the output first, by the processes that render it. When all is known, and no two
definitions claim one name, gone files are removed where that is asked for, then the manifest is replaced, then every
file by renaming. So the manifest lists whatever was ever written, and a run that is killed leaves whole files; the next
one finds those whose digests are not the manifest's. The modules that say whether anything is stale import nothing of
troposphere or Jinja.
"""
