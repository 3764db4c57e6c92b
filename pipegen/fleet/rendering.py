"""The whole flow of a fleet: scan its files, render those that are stale, resolve conflicts of names, write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from pipegen.errors import Problem, has_errors, unreported
from pipegen.fleet.commit import cache_of, prepared, pruned, written
from pipegen.fleet.parameters import merged, split_missing, unused
from pipegen.fleet.previous_output import previous_output
from pipegen.fleet.rendered import RenderedFile, rendered, resolved
from pipegen.fleet.request import FleetResult, Listener, Request
from pipegen.fleet.scan import Scan, scan
from pipegen.fleet.staging import staging
from pipegen.problems.severity import Severities
from pipegen.references import WRONG_IMPORT

__all__ = ["FleetResult", "Listener", "Request", "render_fleet"]


def render_fleet(request: Request, listener: Listener) -> FleetResult:
    """Update the output of a fleet, or find what would change. Raises InvalidDefinition and OutputFailed."""
    known, warnings = previous_output(request)
    fleet_scan = scan(request, known)
    severities = request.severities.over(fleet_scan.levels)
    with _staging(request) as staged:
        of_fleet = severities.applied([*warnings, *fleet_scan.unmatched])
        listener.problems(of_fleet)
        listener.begin(sum(not file.is_fresh for file in fleet_scan.files))
        imports: list[Problem] = []
        results = rendered(request, fleet_scan, staged)
        files: Sequence[RenderedFile] = [*_reported(results, fleet_scan, listener, severities, imports)]
        files, conflicts = resolved(files, fleet_scan)
        unneeded = severities.applied(unused(fleet_scan, files))
        of_fleet += unneeded
        listener.problems([*_unknown(imports, conflicts), *severities.applied(conflicts), *unneeded])
        if request.out is None or has_errors(of_fleet):
            return replace(_result(files, ()), stopped=has_errors(of_fleet))
        files, output_errors = prepared(files, request.out, staged)
        cache = cache_of(request, fleet_scan, files, unneeded, request.out)
        remaining, prune_errors = pruned(request, fleet_scan, files, cache.gone)
        for error in (*output_errors, *prune_errors):
            listener.error(error)
        changes = [*written(request, replace(cache, gone=tuple(remaining)), files, request.out, staged)]
        gone = [("gone" if path in remaining else "removed", path) for path in cache.gone]
        return _result(files, [*changes, *gone])


def _staging(request: Request) -> AbstractContextManager[Path | None]:
    """Return the staging directory; None if nothing will be written."""
    return nullcontext() if request.out is None or request.check else staging(request.out)


def _result(files: Sequence[RenderedFile], changes: Sequence[tuple[str, str]]) -> FleetResult:
    return FleetResult(
        files=len(files),
        outputs=[path for file in files for entry in file.entries for path in entry.outputs],
        rendered=sum(file.output is not None for file in files),
        failed=[str(each.file.path) for each in files if each.failed],
        changes=changes,
        is_unsafe=any(each.result is not None and each.result.is_unsafe for each in files),
        shapes={each.file.path: each.output.shapes for each in files if each.output is not None},
    )


def _unknown(imports: Sequence[Problem], conflicts: Sequence[Problem]) -> list[Problem]:
    """Return the warnings about imports that no definition of the fleet exports."""
    known = {each.location for each in conflicts if each.code == WRONG_IMPORT}
    return [each for each in imports if each.location not in known]


def _reported(
    files: Iterable[RenderedFile], scan: Scan, listener: Listener, severities: Severities, imports: list[Problem]
) -> Iterator[RenderedFile]:
    """Report the problems of each file to the listener, and reject files with errors.

    Missing parameter values are reported at the end, for all files together. imports: the list to which warnings about
    imports are added, as they depend on other files.
    """
    missing: list[tuple[str, Problem]] = []
    reported: set[Problem] = set()
    for each in files:
        if each.result is not None:
            listener.done()
        problems = severities.applied(each.problems(scan.paths))
        values, others = split_missing(problems)
        missing += [(each.file.source, problem) for problem in values]
        others = unreported(others, reported)
        imports += (problem for problem in others if problem.code == WRONG_IMPORT and problem.severity == "warning")
        listener.problems([problem for problem in others if problem not in imports])
        if each.result is not None and each.result.error:
            listener.error(each.result.error)
        yield replace(each, rejected=each.rejected or has_errors(problems))
    listener.problems(merged(missing))
