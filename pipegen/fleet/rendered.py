"""The files of a fleet with what rendering made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, Problem
from pipegen.fleet.cache import Entry
from pipegen.fleet.conflicts import Conflict, NameUser, conflicts
from pipegen.fleet.portable_paths import PortablePaths
from pipegen.fleet.request import Request
from pipegen.fleet.resource_names import location_of
from pipegen.fleet.scan import Scan, SourceFile
from pipegen.fleet.workers import processors, run
from pipegen.frozen import frozen
from pipegen.loading.layout import FLEET_FILE

if TYPE_CHECKING:
    from pipegen.fleet.file_renderer import DefinitionOutput, Result

_FILES_A_PROCESS = 12
"""Fewer files are rendered before another process is ready."""
_JOBS_A_PROCESSOR = 4
"""More processes would only take memory, even if they are asked for."""


@frozen
class RenderedFile:
    """A file and its result; None if its output is up to date. rejected: the result may not be written, because another
    definition has its names, something is in the way of its output, or a warning about it is an error."""

    file: SourceFile
    result: Result | None = None
    rejected: bool = False

    @property
    def output(self) -> DefinitionOutput | None:
        """What has to be written."""
        return self.result.output if self.result is not None and not self.rejected else None

    @property
    def failed(self) -> bool:
        return self.rejected or (self.result is not None and self.result.output is None)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its definitions: as they will be, or as they stay."""
        return (self.output.entry,) if self.output is not None else self.file.earlier

    def problems(self, paths: PortablePaths) -> Sequence[Problem]:
        """What was found while rendering it, now or earlier."""
        if self.result is not None:
            return self.result.problems
        return paths.restored(each for entry in self.file.earlier for each in entry.problems)


def rendered(request: Request, scan: Scan, staged: Path | None) -> Iterator[RenderedFile]:
    """Each file with its result, in their order. staged: the directory for the texts."""
    stale = [file.path for file in scan.files if not file.is_fresh]
    results = _results(request, scan, stale, staged) if stale else iter(())
    for file in scan.files:
        yield RenderedFile(file, None if file.is_fresh else next(results))


def _results(request: Request, scan: Scan, stale: Sequence[Path], staged: Path | None) -> Iterator[Result]:
    from pipegen.fleet.file_renderer import FileRenderer, Result

    work = FileRenderer(
        fleet=scan.read_fleet(),
        paths=scan.paths,
        settings=request.settings,
        digests=scan.digests,
        out=request.out,
        waiting=staged,
        check=request.check,
        against=request.against,
        accept_unsafe=request.accept_unsafe,
        shapes=request.shapes,
    )
    jobs = min(processors(), max(1, len(stale) // _FILES_A_PROCESS))
    if request.jobs is not None:
        jobs = min(request.jobs, processors() * _JOBS_A_PROCESSOR)
    return run(stale, work, lambda path: Result(error=f"{path}: the process that rendered it has died"), jobs)


def resolved(files: Sequence[RenderedFile], scan: Scan) -> tuple[list[RenderedFile], list[Problem]]:
    """The files, rejected where an earlier one has a name of theirs, with a problem for each that had not failed."""
    by_source = {each.file.source: each for each in files}
    problems: dict[str, Problem] = {}
    rejected = set()
    for conflict in conflicts(_name_users(files), scan.targets):
        source = conflict.user.source
        if conflict.is_certain:
            rejected.add(source)
        if source not in problems and not by_source[source].failed:
            place = _location(conflict, by_source[source].file, scan)
            problems[source] = conflict.problem(place, str(scan.paths.local(conflict.earlier.source)))
    rejected |= {each.file.source for each in files if each.rejected}
    return [replace(each, rejected=each.file.source in rejected) for each in files], [*problems.values()]


def _name_users(files: Iterable[RenderedFile]) -> list[NameUser]:
    return [
        NameUser(name=entry.name, source=entry.source, environments=entry.environments, names=entry.names)
        for file in files
        for entry in file.entries
    ]


def _location(conflict: Conflict, file: SourceFile, scan: Scan) -> str:
    """Where the definition makes the resource_name. Conflicts are rare, so it is rendered once more to find out."""
    from pipegen.loading import load
    from pipegen.rendering import render_definition

    if file.source == FLEET_FILE:
        return str(file.path)
    try:
        for loaded in load(file.path, scan.read_fleet()):
            if loaded.definition.name == conflict.user.name:
                return location_of(loaded, render_definition(loaded.definition).stacks, conflict.resource_name)
    except InvalidDefinition:
        pass  # it has changed since
    return str(file.path)
