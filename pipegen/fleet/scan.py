"""Find the files of a fleet, and which of them have to be rendered."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, OutputFailed, Problem, one_line
from pipegen.fleet.cache import DIRECTORY, Cache, Entry
from pipegen.fleet.conflicts import Target, targets_of
from pipegen.fleet.freshness import Freshness
from pipegen.fleet.inputs import CLOCKS, Digests
from pipegen.fleet.manifest import FILE_NAME
from pipegen.fleet.portable_paths import PortablePaths
from pipegen.fleet.request import Request
from pipegen.fleet.staging import PREFIX
from pipegen.frozen import frozen
from pipegen.loading.layout import FLEET_FILE, definition_files
from pipegen.loading.render_options import may_set

if TYPE_CHECKING:
    from pipegen.loading.fleet import Fleet
    from pipegen.problems.severity import Level


@frozen
class SourceFile:
    """A file of the fleet.

    source: its portable path. earlier: its definitions in the cache. is_fresh: whether their output is up to date.
    """

    path: Path
    source: str
    earlier: tuple[Entry, ...]
    is_fresh: bool


@frozen(kw_only=True)
class Scan:
    """The files of a fleet.

    cache: what earlier renders wrote. fleet: None while everything is as in the cache. unmatched: problems of patterns
    that match no file.
    """

    cache: Cache | None
    paths: PortablePaths
    digests: Digests
    fleet: Fleet | None = None
    files: tuple[SourceFile, ...] = ()
    unmatched: tuple[Problem, ...] = ()

    @property
    def patterns(self) -> Sequence[str]:
        if self.fleet is not None:
            return self.fleet.data.definitions
        return self.cache.patterns if self.cache is not None else ()

    @property
    def targets(self) -> Mapping[str, Target]:
        if self.fleet is not None:
            return targets_of(self.fleet.data.environments)
        return self.cache.targets if self.cache is not None else {}

    @property
    def levels(self) -> Mapping[str, Level]:
        """The severities that the fleet configures."""
        if self.fleet is None and not may_set(b"severity", self.paths.root):
            return {}
        return self.read_fleet().data.severity

    @property
    def written(self) -> frozenset[str]:
        """The files that earlier renders wrote, relative to the output directory."""
        return self.cache.written if self.cache is not None else frozenset()

    def read_fleet(self) -> Fleet:
        """Return the fleet, reading it if that has not happened yet. Raises InvalidDefinition."""
        from pipegen.loading.fleet_file import read_fleet

        return self.fleet if self.fleet is not None else read_fleet(self.paths.root)


def scan(request: Request, cache: Cache | None) -> Scan:
    """Find the files of the fleet. Raises InvalidDefinition if there are none, OutputFailed if some are in the output.

    The fleet's file is read only if necessary: reading it takes longer than finding that nothing has changed.
    """
    time.sleep(CLOCKS)  # so that files written just before this run are older than its start
    paths = PortablePaths(request.root)
    empty = Scan(cache=cache, paths=paths, digests=Digests(paths, request.settings, time.time_ns()))
    may_trust = cache is not None and bool(cache.fleet) and not request.check and not request.prune
    result = empty
    if cache is not None and may_trust and cache.fleet == empty.digests.fleet():
        result = _with_files(empty, request)
    if result.unmatched or not result.files:
        result = _with_files(_with_fleet(empty), request)
    elif not _is_as_known(result):
        result = _with_fleet(result)
    return _valid(result)


def _with_fleet(scan: Scan) -> Scan:
    return replace(scan, fleet=scan.read_fleet())


def _is_as_known(scan: Scan) -> bool:
    """Whether the cache describes exactly these files and all are up to date."""
    names = {entry.name for file in scan.files for entry in file.earlier}
    return scan.cache is not None and scan.cache.entries.keys() == names and all(file.is_fresh for file in scan.files)


def _with_files(scan: Scan, request: Request) -> Scan:
    earlier: dict[str, list[Entry]] = {}
    for entry in scan.cache.entries.values() if scan.cache is not None else ():
        earlier.setdefault(entry.source, []).append(entry)
    has_foundation = scan.fleet.foundation is not None if scan.fleet is not None else FLEET_FILE in earlier
    definitions, unmatched = _definitions(scan)
    paths = [*([scan.paths.root / FLEET_FILE] if has_foundation else []), *definitions]
    freshness = _freshness(scan, request)
    files = []
    for path in _without_output(paths, scan, request.out):
        source = scan.paths.portable(path)
        entries = tuple(earlier.get(source, ()))
        is_fresh = freshness is not None and bool(entries) and all(map(freshness.is_fresh, entries))
        files.append(SourceFile(path, source, entries, is_fresh))
    return replace(scan, files=tuple(files), unmatched=unmatched)


def _freshness(scan: Scan, request: Request) -> Freshness | None:
    """Return None if every file has to be rendered."""
    if scan.cache is None or request.out is None or request.check:
        return None
    return Freshness(scan.cache, scan.paths, scan.digests, request.out, request.changed)


def _definitions(scan: Scan) -> tuple[list[Path], tuple[Problem, ...]]:
    """Return the files that match the patterns, sorted, and a warning for each pattern without a match."""
    paths: set[Path] = set()
    unmatched = []
    for index, pattern in enumerate(scan.patterns):
        matching = definition_files(scan.paths.root, [pattern])
        if not matching:
            text, fix = f"no file matches {one_line(pattern, 60)}", "correct or remove the pattern"
            unmatched.append(Problem("fleet-definitions", ("definitions", index), text, fix, "warning"))
        paths.update(matching)
    return sorted(paths), tuple(unmatched)


def _without_output(paths: Sequence[Path], scan: Scan, out: Path | None) -> list[Path]:
    """Exclude files that earlier renders wrote. Raises OutputFailed for other files in the output directory."""
    if out is None:
        return list(paths)
    real_out, written = Path(os.path.realpath(out)), scan.written
    sources = []
    for path in paths:
        real = Path(os.path.realpath(path.parent), path.name)
        if not real.is_relative_to(real_out):
            sources.append(path)
            continue
        below = real.relative_to(real_out).as_posix()
        if below not in written and below != FILE_NAME and not below.startswith((PREFIX, f"{DIRECTORY}/")):
            text = f"contains the definition {path}; choose another directory with -o"
            raise OutputFailed(f"{out}: {text}")
    return sources


def _valid(scan: Scan) -> Scan:
    """Locate the problems of a scan. Raises InvalidDefinition if there are no files: all output would be gone."""
    unmatched = list(scan.unmatched)
    if not scan.files:
        text, fix = f"no file matches {', '.join(scan.patterns) or 'nothing'}", "correct or add a pattern"
        unmatched = [Problem("fleet-definitions", ("definitions",), text, fix)]
    if not unmatched:
        return scan
    from pipegen.loading.yaml.nodes import located

    unmatched = located(scan.read_fleet().node, unmatched)
    if not scan.files:
        raise InvalidDefinition(unmatched)
    return replace(scan, unmatched=tuple(unmatched))
