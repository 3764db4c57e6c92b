"""Paths in containers and on their instances."""

from __future__ import annotations

from pipegen.fields.constraints import Matches

_WINDOWS = r"[A-Za-z]:[\\/].*|\\\\.*"

CONTAINER_PATH = Matches(
    rf"/+[^/:][^:]*|{_WINDOWS}",
    "an absolute path below / without colons, such as /data",
    "https://docs.docker.com/reference/cli/docker/container/run/#volume",
)
"""A path at which a volume is mounted."""
DIRECTORY = Matches(rf"/.*|{_WINDOWS}", "an absolute path, such as /app")
