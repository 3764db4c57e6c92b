"""The files of a fleet with the results of rendering them."""

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
"""With fewer files, another process would start too late to help."""
_JOBS_A_PROCESSOR = 4
"""More processes would only use memory, even if requested."""


@frozen
class RenderedFile:
    """A file and its result, which is None if the output is up to date.

    rejected: whether the result must not be written, because another definition uses its names, its output cannot be
    written, or a warning counts as an error.
    """

    file: SourceFile
    result: Result | None = None
    rejected: bool = False

    @property
    def output(self) -> DefinitionOutput | None:
        """The output to write."""
        return self.result.output if self.result is not None and not self.rejected else None

    @property
    def failed(self) -> bool:
        return self.rejected or (self.result is not None and self.result.output is None)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The cache entries of its definitions after this run."""
        return (self.output.entry,) if self.output is not None else self.file.earlier

    def problems(self, paths: PortablePaths) -> Sequence[Problem]:
        """Return the problems found when it was rendered, now or earlier."""
        if self.result is not None:
            return self.result.problems
        return paths.restored(each for entry in self.file.earlier for each in entry.problems)


def rendered(request: Request, scan: Scan, staged: Path | None) -> Iterator[RenderedFile]:
    """Render stale files. Yields all files in order. staged: the staging directory."""
    stale = [file.path for file in scan.files if not file.is_fresh]
    results = _results(request, scan, stale, staged) if stale else iter(())
    for file in scan.files:
        yield RenderedFile(file, None if file.is_fresh else next(results))


def _results(request: Request, scan: Scan, stale: Sequence[Path], staged: Path | None) -> Iterator[Result]:
    from pipegen.fleet.file_renderer import FileRenderer, Result

    renderer = FileRenderer(
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
    return run(stale, renderer, lambda path: Result(error=f"{path}: the process that rendered it died"), jobs)


def resolved(files: Sequence[RenderedFile], scan: Scan) -> tuple[list[RenderedFile], list[Problem]]:
    """Reject files whose resource names an earlier file uses. Returns all files, and problems of the rejected ones."""
    by_source = {each.file.source: each for each in files}
    problems: dict[str, Problem] = {}
    rejected = set()
    for conflict in conflicts(_name_users(files), scan.targets):
        source = conflict.user.source
        if conflict.is_certain:
            rejected.add(source)
        if source not in problems and not by_source[source].failed:
            location = _location(conflict, by_source[source].file, scan)
            problems[source] = conflict.problem(location, str(scan.paths.local(conflict.earlier.source)))
    rejected |= {each.file.source for each in files if each.rejected}
    return [replace(each, rejected=each.file.source in rejected) for each in files], [*problems.values()]


def _name_users(files: Iterable[RenderedFile]) -> list[NameUser]:
    return [
        NameUser(name=entry.name, source=entry.source, environments=entry.environments, names=entry.names)
        for file in files
        for entry in file.entries
    ]


def _location(conflict: Conflict, file: SourceFile, scan: Scan) -> str:
    """Find where a definition sets the name. It is rendered again to find out, as conflicts are rare."""
    from pipegen.loading import load_file
    from pipegen.rendering import render_definition

    if file.source == FLEET_FILE:
        return str(file.path)
    try:
        for loaded in load_file(file.path, scan.read_fleet()):
            if loaded.definition.name == conflict.user.name:
                return location_of(loaded, render_definition(loaded.definition).stacks, conflict.resource_name)
    except InvalidDefinition:
        pass  # it has changed since
    return str(file.path)
