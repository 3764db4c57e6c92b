"""A whole fleet: what is stale is rendered, names are held against each other, and the output brought up to date."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipegen.definitions.layout import FLEET_FILE, service_files
from pipegen.errors import InvalidDefinition, OutputFailed, Problem, one_line, untold
from pipegen.fleet.before import Before
from pipegen.fleet.claims import Claimant, Clash, clashes, environments_of, with_what_is_claimed
from pipegen.fleet.inputs import CLOCKS, Digests
from pipegen.fleet.manifest import FILE_NAME, Entry, Manifest, content_of, read_manifest
from pipegen.fleet.missing import joined, told_apart
from pipegen.fleet.places import Places
from pipegen.fleet.request import Listener, Outcome, Request
from pipegen.fleet.staging import PREFIX, failed, is_there, prepare, put, remove, staging
from pipegen.fleet.workers import processors, run

if TYPE_CHECKING:
    from pipegen.definitions.fleet import Fleet
    from pipegen.fleet.work import Result, Staged

__all__ = ["Listener", "Outcome", "Request", "render_fleet"]
_FILES_A_PROCESS = 12
"""Fewer are rendered sooner than another process is ready."""
_JOBS_A_PROCESSOR = 4
"""More of them, whoever asks for them, only take memory."""


@dataclass(slots=True)
class _File:
    """A file of the fleet. earlier: its definitions in the manifest. kept: they are what rendering it would give."""

    path: Path
    source: str
    earlier: tuple[Entry, ...]
    kept: bool
    result: Result | None = None
    failed: bool = False

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its definitions as they are, or are to be."""
        return self.earlier if self.result is None or self.failed else tuple(each.entry for each in self.result.made)


def render_fleet(request: Request, listener: Listener) -> Outcome:
    """Bring a fleet's output up to date, or say what that would change. Raises InvalidDefinition and OutputFailed."""
    return _Run(request, listener).outcome()


class _Run:
    def __init__(self, request: Request, listener: Listener) -> None:
        self.request, self.listener = request, listener
        time.sleep(CLOCKS)  # what was written just before this run began is older than it, then
        self.places = Places(request.root)
        self.digests = Digests(self.places, request.settings, time.time_ns())
        self.known = self._known()
        if self.known is not None and not request.agreed:
            self.listener.problems(request.settings.problems(self.known.settings, str(request.out)))
        self.fleet: Fleet | None = None
        self.unused: tuple[Problem, ...] = ()
        self.unmatched: list[Problem] = []
        if (
            request.check
            or request.prune
            or self.known is None
            or self.known.fleet != self.digests.fleet()
            or not self.known.fleet
        ):
            self._read_fleet()
        self.files = list(self._files())
        if self.unmatched or not self.files:  # as the manifest says; what does the fleet say?
            self._read_fleet()
            self.unmatched = []
            self.files = list(self._files())
        self._want_definitions()

    def _known(self) -> Manifest | None:
        if self.request.out is None:
            return None
        self._want_own_directory(self.request.out)
        try:
            known = read_manifest(self.request.out)
            if known is not None and known.root != self.places.seen_from(self.request.out):
                fix = f"choose another directory with -o, or remove its {FILE_NAME} if the fleet was moved"
                raise OutputFailed(
                    f"{self.request.out}: has the output of another fleet, {one_line(known.root)}; {fix}"
                )
            return known
        except ValueError as error:
            place, fix = str(self.request.out / FILE_NAME), "everything is rendered again, and gone files are not known"
            self.listener.problems([Problem("manifest", (), str(error), fix, "warning", place)])
            return None

    def _want_own_directory(self, out: Path) -> None:
        if Path(os.path.realpath(self.request.root)).is_relative_to(os.path.realpath(out)):
            raise OutputFailed(f"{out}: the fleet itself is in it; choose another directory with -o")

    def _want_definitions(self) -> None:
        """Raises InvalidDefinition where the fleet has none at all: what was written would then be as good as gone."""
        if not self.files:
            text, fix = f"no file is like {', '.join(self._services) or 'nothing'}", "correct the pattern, or add one"
            self.unmatched = [Problem("fleet-services", ("services",), text, fix)]
        if self.unmatched:
            from pipegen.definitions.nodes import placed

            self.unmatched = placed(self._read_fleet().node, self.unmatched)
        if not self.files:
            raise InvalidDefinition(self.unmatched)

    def _service_files(self) -> list[Path]:
        """Those of the patterns, sorted."""
        found: set[Path] = set()
        for index, pattern in enumerate(self._services):
            like = service_files(self.request.root, [pattern])
            if not like:
                text, fix = f"no file is like {one_line(pattern, 60)}", "correct it, or remove it"
                self.unmatched.append(Problem("fleet-services", ("services", index), text, fix, "warning"))
            found.update(like)
        return sorted(found)

    def _read_fleet(self) -> Fleet:
        from pipegen.definitions.fleet import read_fleet

        if self.fleet is None:
            self.fleet = read_fleet(self.request.root)
        return self.fleet

    @property
    def _services(self) -> Sequence[str]:
        return self.fleet.data.services if self.fleet is not None else self.known.services if self.known else ()

    def _environments(self) -> Mapping[str, Any]:
        if self.fleet is None:
            return self.known.environments if self.known is not None else {}
        return environments_of(self.fleet.data.environments)

    def _files(self) -> Iterator[_File]:
        entries: dict[str, list[Entry]] = {}
        for entry in self.known.entries.values() if self.known is not None else ():
            entries.setdefault(entry.source, []).append(entry)
        before = self._before()
        out = Path(os.path.realpath(self.request.out)) if self.request.out is not None else None
        for path in [*self._foundation(entries), *self._service_files()]:
            if out is not None and self._is_output(path, out):
                continue
            source = self.places.portable(path)
            earlier = tuple(entries.get(source, ()))
            yield _File(
                path, source, earlier, bool(earlier) and not self.request.check and all(map(before.is_fresh, earlier))
            )

    def _before(self) -> Before:
        return Before(self.known, self.places, self.digests, Path(str(self.request.out)), self.request.changed)

    def _is_output(self, path: Path, out: Path) -> bool:
        """Whether it is of what was rendered. Raises OutputFailed for other files in the output."""
        real = Path(os.path.realpath(path.parent), path.name)
        if not real.is_relative_to(out):
            return False
        below = real.relative_to(out).as_posix()
        if below in self._written_before or below == FILE_NAME or below.startswith(PREFIX):
            return True
        raise OutputFailed(
            f"{self.request.out}: {path} of the fleet's services is in it; choose another directory with -o"
        )

    def _foundation(self, entries: Mapping[str, Sequence[Entry]]) -> list[Path]:
        """The fleet's own file, where that has a foundation: it comes first."""
        has_one = self.fleet.foundation is not None if self.fleet is not None else FLEET_FILE in entries
        return [self.request.root / FLEET_FILE] if has_one else []

    def outcome(self) -> Outcome:
        out, writes = self.request.out, self.request.out is not None and not self.request.check
        with staging(Path(str(out))) if writes else nullcontext() as waiting:
            self.listener.problems(self.unmatched)
            self._render(waiting)
            self._tell_clashes()
            outputs = [path for file in self.files for entry in file.entries for path in entry.outputs]
            outcome = Outcome(files=len(self.files), outputs=outputs)
            self._tell_unused()
            if out is not None:
                self._bring(out, waiting, outcome)
            outcome.refused = any(file.result is not None and file.result.refused for file in self.files)
            outcome.failed = [str(file.path) for file in self.files if file.failed]
            outcome.rendered = sum(file.result is not None and not file.failed for file in self.files)
            return outcome

    def _render(self, waiting: Path | None) -> None:
        """Render what is stale; tell what is to be told of all, in their order."""
        stale = [file.path for file in self.files if not file.kept]
        self.listener.begin(len(stale))
        results = self._results(stale, waiting) if stale else iter(())
        missing: list[tuple[str, Problem]] = []
        told: set[tuple[str, str, str]] = set()
        for file in self.files:
            if file.kept:
                before = self.places.told(each for entry in file.earlier for each in entry.problems)
                self.listener.problems(untold(before, told))
                continue
            file.result = next(results)
            self.listener.done()
            lacking, others = told_apart(file.result.problems)
            missing += [(file.source, each) for each in lacking]
            self.listener.problems(untold(others, told))
            if file.result.error:
                self.listener.error(file.result.error)
            file.failed = not file.result.made
        self.listener.problems(joined(missing))

    def _results(self, stale: Sequence[Path], waiting: Path | None) -> Iterator[Result]:
        from pipegen.fleet.work import Result, Work

        work = Work(
            fleet=self._read_fleet(),
            places=self.places,
            settings=self.request.settings,
            digests=self.digests,
            out=self.request.out,
            waiting=waiting,
            check=self.request.check,
            against=self.request.against,
            accept_unsafe=self.request.accept_unsafe,
        )
        jobs = min(processors(), max(1, len(stale) // _FILES_A_PROCESS))
        if self.request.jobs is not None:
            jobs = min(self.request.jobs, processors() * _JOBS_A_PROCESSOR)
        return run(stale, work, lambda path: Result(error=f"{path}: the process that rendered it has died"), jobs)

    def _tell_unused(self) -> None:
        """Parameters of environments that nothing has; not where a file failed that may have them."""
        if any(file.failed for file in self.files):
            return
        entries = [entry for file in self.files for entry in file.entries]
        if (
            self.fleet is None
            and self.known is not None
            and self.known.entries.keys() == {each.name for each in entries}
        ):
            self.listener.problems(self.places.told(self.known.problems))
            self.unused = self.known.problems
            return
        from pipegen.definitions.nodes import placed
        from pipegen.emit.parameters import unused_problems

        used: dict[str, set[str]] = {}
        for entry in entries:
            for name in entry.environments:
                used.setdefault(name, set()).update(entry.parameters)
        fleet = self._read_fleet()
        found = placed(fleet.node, unused_problems(fleet.data.environments, used))
        self.listener.problems(found)
        self.unused = tuple(self.places.kept(found))

    def _tell_clashes(self) -> None:
        """Of definitions that claim one name, the first has it; the files of the others are not written."""
        entries = (entry for file in self.files for entry in file.entries)
        claimants = [
            Claimant(name=e.name, source=e.source, environments=e.environments, claims=e.claims) for e in entries
        ]
        files = {file.source: file for file in self.files}
        for clash in clashes(claimants, self._environments()):
            file = files[clash.claimant.source]
            if not file.failed:
                self.listener.problems([self._told(clash, file)])
            file.failed = True

    def _told(self, clash: Clash, file: _File) -> Problem:
        return clash.problem(self._place(clash, file), str(self.places.local(clash.earlier.source)))

    def _place(self, clash: Clash, file: _File) -> str:
        """Where the definition makes the claim: looked up only now, as few do clash."""
        from pipegen.definitions import load
        from pipegen.fleet.work import place_of_claim
        from pipegen.rendering import render

        if file.source == FLEET_FILE:
            return str(file.path)
        try:
            for loaded in load(file.path, self._read_fleet()):
                if loaded.definition.name == clash.claimant.name:
                    return place_of_claim(loaded, render(loaded.definition).stacks, clash.claim)
        except InvalidDefinition:
            pass  # it is no longer what it was a moment ago
        return str(file.path)

    def _bring(self, out: Path, waiting: Path | None, outcome: Outcome) -> None:
        """The output up to date, or what that would change."""
        staged = self._prepared(out) if waiting is not None else self._staged()
        manifest = self._manifest(out)
        gone = manifest.gone
        if self.request.prune and waiting is not None and self._may_prune(gone):
            self._prune(out, gone)
            manifest = replace(manifest, gone=tuple(path for path in gone if is_there(out, path)))
        self._bring_manifest(out, manifest.text().encode(), waiting, outcome)
        for each in staged:
            if each.waiting is not None:
                put(each.waiting, out, each.path)
            outcome.changes.append((each.status, each.path))
        outcome.changes += [("gone" if path in manifest.gone else "removed", path) for path in gone]

    def _bring_manifest(self, out: Path, content: bytes, waiting: Path | None, outcome: Outcome) -> None:
        file = out / FILE_NAME
        try:
            old = content_of(file)
            if old == content:
                return
            if waiting is not None:
                (waiting / FILE_NAME).write_bytes(content)
        except OSError as error:
            raise failed(file, error) from None
        if waiting is not None:
            put(waiting / FILE_NAME, out, FILE_NAME)
        outcome.changes.append(("new" if old is None else "changed", FILE_NAME))

    def _staged(self) -> list[Staged]:
        return [
            each
            for file in self.files
            if file.result is not None and not file.failed
            for made in file.result.made
            for each in made.staged
        ]

    def _prepared(self, out: Path) -> list[Staged]:
        """What is staged, its directories made. A file whose output cannot be put there fails."""
        for file in self.files:
            if file.result is None or file.failed:
                continue
            try:
                for made in file.result.made:
                    for each in made.staged:
                        prepare(out, each.path)
            except OutputFailed as error:
                file.failed = True
                self.listener.error(str(error))
        return self._staged()

    def _manifest(self, out: Path) -> Manifest:
        entries = {entry.name: entry for file in self.files if not file.failed for entry in file.entries}
        for file in self.files:
            if file.failed:
                for entry in file.earlier:
                    entries.setdefault(entry.name, entry)
        known = self.known
        shared = dict(known.shared) if known is not None else {}
        for file in self.files:
            if file.result is not None and not file.failed:
                shared |= {made.entry.blueprint: made.shared for made in file.result.made if made.shared}
        used = {entry.blueprint for entry in entries.values()}
        live = {path for entry in entries.values() for path in entry.outputs}
        return Manifest(
            settings=self.request.settings.words,
            root=self.places.seen_from(out),
            fleet=self.digests.fleet(),
            services=tuple(self._services),
            environments=with_what_is_claimed(self._environments(), self._claims()),
            shared={name: paths for name, paths in shared.items() if name in used},
            entries=entries,
            problems=self.unused,
            gone=tuple(sorted(path for path in self._written_before - live if is_there(out, path))),
        )

    def _claims(self) -> Iterator[str]:
        """Those that a next run may believe; what could not be rendered now is rendered then."""
        for file in self.files:
            if file.result is None or file.result.made:
                for entry in file.entries:
                    yield from entry.claims

    @cached_property
    def _written_before(self) -> set[str]:
        if self.known is None:
            return set()
        return {*self.known.gone, *(path for entry in self.known.entries.values() for path in entry.outputs)}

    def _may_prune(self, gone: Sequence[str]) -> bool:
        """Whether what nothing makes now is what nothing is to make."""
        if gone and any(file.failed for file in self.files):
            self.listener.error("nothing is removed while a file fails: it may be what makes it")
        elif gone and self.unmatched:
            self.listener.error("nothing is removed while a pattern of services is like no file")
        else:
            return True
        return False

    def _prune(self, out: Path, gone: Iterable[str]) -> None:
        for path in gone:
            try:
                remove(out, path)
            except OutputFailed as error:
                self.listener.error(str(error))
