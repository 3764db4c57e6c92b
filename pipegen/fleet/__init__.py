"""A fleet rendered as a whole: only what is stale, in parallel, into a directory that is never half-written.

`rendering` has the whole flow. The processes that render also write their texts, into a staging directory beside the
output. When all results are known, and no two definitions resource_name one name, gone files are removed if that is asked for,
then the manifest is replaced, then every file by renaming. So the manifest lists whatever was ever written, and a run
that is killed leaves whole files; the next one finds those whose digests are not the manifest's. The modules that find
out whether anything is stale do not import troposphere or Jinja.
"""
