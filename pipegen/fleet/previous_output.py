"""What earlier renders wrote into an output directory, according to the cache and, for the rest, the manifests."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipegen.errors import OutputFailed, Problem, one_line
from pipegen.fleet.cache import Cache, Entry, line_of, read_cache
from pipegen.fleet.manifest import FILE_NAME, ListedDefinition, Manifests, manifest_of, read_manifests
from pipegen.fleet.portable_paths import PortablePaths
from pipegen.fleet.request import Request


def previous_output(request: Request) -> tuple[Cache | None, Sequence[Problem]]:
    """Read the cache and the manifests, with warnings. Raises OutputFailed if they belong to another fleet."""
    out = request.out
    if out is None:
        return None, []
    if Path(os.path.realpath(request.root)).is_relative_to(os.path.realpath(out)):
        raise OutputFailed(f"{out}: contains the fleet itself; choose another directory with -o")
    cache = read_cache(out)
    try:
        manifests = read_manifests(out, _in(cache))
    except ValueError:
        text, fix = (
            "the manifest was not written by pipegen",
            "everything is rendered again; files that are gone cannot be listed",
        )
        return None, [Problem("manifest", (), text, fix, "warning", str(out / FILE_NAME))]
    if manifests is None:
        return None, []
    if manifests.root != PortablePaths(request.root).seen_from(out):
        fix = f"choose another directory with -o, or remove its {FILE_NAME} if the fleet was moved"
        raise OutputFailed(f"{out}: contains the output of another fleet, {one_line(manifests.root)}; {fix}")
    different = [] if request.agreed else request.settings.problems(manifests.options, str(out))
    return _completed(cache, manifests), [*manifests.problems, *different]


def _in(cache: Cache | None) -> frozenset[str]:
    """Return the definitions in a cache, including those that are gone."""
    if cache is None:
        return frozenset()
    return frozenset(
        [
            *cache.entries,
            *(path.partition("/")[0] for path in cache.gone if path == manifest_of(path.partition("/")[0])),
        ]
    )


def _completed(cache: Cache | None, manifests: Manifests) -> Cache:
    """Add the definitions that only the manifests list. They have no digests, so they are rendered again."""
    if cache is None or cache.root != manifests.root:
        cache = Cache(settings="", root=manifests.root, fleet="", patterns=(), targets={})
    listed = {name: _entry(name, each) for name, each in manifests.definitions.items()}
    return replace(cache, entries={**cache.entries, **listed}, gone=(*cache.gone, *manifests.gone))


def _entry(name: str, listed: ListedDefinition) -> Entry:
    entry = Entry(
        name=name,
        source=listed.source,
        inputs="",
        blueprint="",
        environments=listed.environments,
        outputs=dict.fromkeys(listed.outputs, ""),
        parameters=(),
        names=(),
        problems=(),
        line="",
    )
    return replace(entry, line=line_of(entry))
