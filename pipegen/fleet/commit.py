"""Write the output of a fleet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import OutputFailed, Problem
from pipegen.fleet import cache as cache_files
from pipegen.fleet.cache import Cache
from pipegen.fleet.conflicts import with_parameters_of
from pipegen.fleet.json_file import content_of
from pipegen.fleet.manifest import FILE_NAME, fleet_text
from pipegen.fleet.rendered import RenderedFile
from pipegen.fleet.request import Request
from pipegen.fleet.resource_names import ResourceName
from pipegen.fleet.scan import Scan
from pipegen.fleet.staging import exists, failed, move_into_place, prepare, remove

if TYPE_CHECKING:
    from pipegen.fleet.file_renderer import DefinitionOutput


def prepared(files: Sequence[RenderedFile], out: Path, staged: Path | None) -> tuple[Sequence[RenderedFile], list[str]]:
    """Create the output directories of the files. Returns the files, rejected if that failed, and the errors."""
    if staged is None:
        return files, []
    found, errors = [], []
    for each in files:
        try:
            for output in each.output.staged if each.output is not None else ():
                prepare(out, output.path)
            found.append(each)
        except OutputFailed as error:
            found.append(replace(each, rejected=True))
            errors.append(str(error))
    return found, errors


def cache_of(
    request: Request, scan: Scan, files: Sequence[RenderedFile], unused: Iterable[Problem], out: Path
) -> Cache:
    """Build the cache that describes the output after this run."""
    entries = {entry.name: entry for file in files if not file.failed for entry in file.entries}
    for file in files:
        for entry in file.entries if file.failed else ():
            entries.setdefault(entry.name, entry)
    shared = dict(scan.cache.shared) if scan.cache is not None else {}
    shared |= {output.entry.blueprint: output.shared for output in _outputs(files) if output.shared}
    used = {entry.blueprint for entry in entries.values()}
    live = {path for entry in entries.values() for path in entry.outputs}
    return Cache(
        settings=request.settings.words,
        root=scan.paths.seen_from(out),
        fleet=scan.digests.fleet(),
        patterns=tuple(scan.patterns),
        targets=with_parameters_of(_known_names(files), scan.targets),
        shared={name: paths for name, paths in shared.items() if name in used},
        entries=entries,
        problems=tuple(scan.paths.stored(unused)),
        gone=tuple(sorted(path for path in scan.written - live if exists(out, path))),
    )


def _outputs(files: Iterable[RenderedFile]) -> Iterator[DefinitionOutput]:
    return (each.output for each in files if each.output is not None)


def _known_names(files: Iterable[RenderedFile]) -> Iterator[ResourceName]:
    """Return names whose parameters are not secret. In a file that cannot be rendered, they may have become secret."""
    for file in files:
        if file.result is None or file.result.output is not None:
            for entry in file.entries:
                yield from entry.names


def pruned(
    request: Request, scan: Scan, files: Iterable[RenderedFile], gone: Sequence[str]
) -> tuple[Sequence[str], list[str]]:
    """Remove files that are gone, if requested. Returns those that remain, and errors."""
    if request.out is None or request.check or not request.prune or not gone:
        return gone, []
    if any(file.failed for file in files):
        return gone, ["nothing is removed while a file fails: the failing file may still produce it"]
    if scan.unmatched:
        return gone, ["nothing is removed while a pattern of definitions matches no file"]
    errors = []
    for path in gone:
        try:
            remove(request.out, path)
        except OutputFailed as error:
            errors.append(str(error))
    return [path for path in gone if exists(request.out, path)], errors


def written(
    request: Request, cache: Cache, files: Iterable[RenderedFile], out: Path, staged: Path | None
) -> Iterator[tuple[str, str]]:
    """Write the cache, the fleet's manifest and then each file. Writes nothing without staged files.

    Yields the status and path of each file that changes, except the cache. Raises OutputFailed.
    """
    if staged is not None:
        _write_cache(cache, out, staged)
    yield from _manifest_written(fleet_text(request.settings, cache.root, cache.gone), out, staged)
    for output in _outputs(files):
        for each in output.staged:
            if each.waiting is not None:
                move_into_place(each.waiting, out, each.path)
            yield each.status, each.path


def _write_cache(cache: Cache, out: Path, staged: Path) -> None:
    """Write the cache into a directory that git ignores."""
    content = cache.text().encode()
    prepare(out, cache_files.FILE_NAME)
    ignored, waiting = out / cache_files.DIRECTORY / ".gitignore", staged / "cache"
    try:
        if content_of(out / cache_files.FILE_NAME) == content:
            return
        if not ignored.exists():
            ignored.write_text("*\n")
        waiting.write_bytes(content)
    except OSError as error:
        raise failed(out / cache_files.FILE_NAME, error) from None
    move_into_place(waiting, out, cache_files.FILE_NAME)


def _manifest_written(text: str, out: Path, staged: Path | None) -> Iterator[tuple[str, str]]:
    file, content = out / FILE_NAME, text.encode()
    try:
        old = content_of(file)
        if old == content:
            return
        if staged is not None:
            (staged / FILE_NAME).write_bytes(content)
    except OSError as error:
        raise failed(file, error) from None
    if staged is not None:
        move_into_place(staged / FILE_NAME, out, FILE_NAME)
    yield "new" if old is None else "changed", FILE_NAME
