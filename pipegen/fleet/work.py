"""One file of a fleet: read, rendered, compared with what is there, and staged where it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pipegen.definitions import load
from pipegen.definitions.catalog import directories
from pipegen.definitions.fleet import Fleet
from pipegen.definitions.layout import BLUEPRINT_FILE
from pipegen.definitions.sources import Loaded
from pipegen.emit import Render, Rendered, render
from pipegen.emit.commands import deploy_command
from pipegen.emit.files import compare
from pipegen.emit.fixed import fixed_in_files
from pipegen.errors import InvalidDefinition, OutputFailed, Problem
from pipegen.fleet.claims import DEFINITION, claims_of
from pipegen.fleet.inputs import Digests, Settings, sha256, shared_inputs
from pipegen.fleet.manifest import Entry, line_of
from pipegen.fleet.places import Places
from pipegen.fleet.staging import failed

Status = Literal["new", "changed", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A file that is to change. waiting: where its text is, unless nothing is to be written."""

    status: Status
    path: str
    waiting: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of a definition."""

    entry: Entry
    shared: tuple[str, ...]
    staged: tuple[Staged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a file: its definitions, or what is wrong with it. problems: as they are told."""

    made: tuple[Made, ...] = ()
    problems: tuple[Problem, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How the files of a fleet become results. out: none where nothing is compared. waiting: where texts are staged."""

    fleet: Fleet
    places: Places
    settings: Settings
    digests: Digests
    out: Path | None
    waiting: Path | None
    check: bool = False

    def __call__(self, file: Path) -> Result:
        problems: list[Problem] = []
        try:
            rendered = [(loaded, *self._rendered(loaded, problems)) for loaded in load(file, self.fleet)]
            made = tuple(self._made(*each, problems) for each in rendered)
            return Result(made=made, problems=tuple(problems))
        except InvalidDefinition as error:
            return Result(problems=(*problems, *error.problems))
        except OutputFailed as error:
            return Result(problems=tuple(problems), error=str(error))

    def _rendered(self, loaded: Loaded, problems: list[Problem]) -> tuple[Render, list[Problem]]:
        source = Path(loaded.file).name
        try:
            found = render(loaded.definition, format=self.settings.format, source=source)  # type: ignore[arg-type]
        except InvalidDefinition as error:
            raise InvalidDefinition(loaded.placed(error.problems)) from None
        told = [*(loaded.origin.notes if loaded.origin is not None else ()), *loaded.placed(found.problems)]
        problems += told
        return found, told

    def _made(self, loaded: Loaded, found: Render, told: Sequence[Problem], problems: list[Problem]) -> Made:
        name, texts = loaded.definition.name, dict(self._texts(loaded, found.stacks))
        environments = self._environments(loaded)
        shared, blueprint = self._shared(loaded)
        source = self.places.portable(Path(loaded.file))
        entry = Entry(
            name=name,
            source=source,
            inputs=self.digests.definition(source, shared),
            blueprint=blueprint,
            environments=environments,
            outputs={path: sha256(text.encode()) for path, text in texts.items()},
            claims=tuple(dict.fromkeys(claim for claim, _, _ in claimed(loaded, found.stacks))),
            problems=tuple(self.places.kept(told)),
            line="",
        )
        stacks = [self._stack(each, entry) for each in found.stacks]
        staged = self._staged(texts, found.stacks, problems)
        return Made(entry=replace(entry, line=line_of(entry, stacks)), shared=shared, staged=staged)

    def _texts(self, loaded: Loaded, stacks: Sequence[Rendered]) -> Iterator[tuple[str, str]]:
        name = loaded.definition.name
        for each in stacks:
            yield f"{name}/{each.file_name}", each.text
        if loaded.origin is not None:
            for file in loaded.origin.files:
                yield f"{name}/files/{file.path}", file.text

    def _environments(self, loaded: Loaded) -> tuple[str, ...]:
        return loaded.origin.environments if loaded.origin is not None else tuple(self.fleet.data.environments)

    def _shared(self, loaded: Loaded) -> tuple[tuple[str, ...], str]:
        """The inputs that all users of its blueprint have, and what these are called."""
        inputs = loaded.origin.inputs if loaded.origin is not None else ()
        blueprint = next((path.parent for path in inputs[1:] if path.name == BLUEPRINT_FILE), None)
        if blueprint is None:
            return (), ""
        found = tuple(shared_inputs(blueprint, directories(self.fleet), self.places))
        return found, self.places.portable(blueprint)

    def _stack(self, rendered: Rendered, entry: Entry) -> Mapping[str, Any]:
        path = f"{entry.name}/{rendered.file_name}"
        command = deploy_command(rendered, path).replace(" \\\n    ", " ")
        return {
            "name": rendered.stack.name,
            "template": path,
            "sha256": entry.outputs[path],
            "parameters": {"open": rendered.stack.open_parameters},
            "capabilities": rendered.stack.capabilities,
            "deploy": dict.fromkeys(entry.environments or ("",), command),
        }

    def _staged(
        self, texts: Mapping[str, str], stacks: Sequence[Rendered], problems: list[Problem]
    ) -> tuple[Staged, ...]:
        if self.out is None:
            return ()
        changes = compare({self.out / path: text for path, text in texts.items()})
        problems += fixed_in_files(stacks, changes, "error" if self.check else "warning")
        return tuple(
            Staged(status=change.status, path=path, waiting=self._stage(path, change.text))
            for path, change in zip(texts, changes, strict=True)
            if change.status != "unchanged"
        )

    def _stage(self, path: str, text: str) -> Path | None:
        if self.waiting is None:
            return None
        waiting = self.waiting / sha256(path.encode())[:40]
        try:
            waiting.write_bytes(text.encode())
        except OSError as error:
            raise failed(Path(str(self.out)) / path, error) from None
        return waiting


def claimed(loaded: Loaded, stacks: Sequence[Rendered]) -> Iterator[tuple[str, Rendered | None, str]]:
    """What a definition claims, with the stack and the logical id that do so."""
    yield f"{DEFINITION} {loaded.definition.name.casefold()}", None, ""
    for each in stacks:
        for claim, logical_id in claims_of(each.stack.name, each.document):
            yield claim, each, logical_id


def place_of_claim(loaded: Loaded, stacks: Sequence[Rendered], claim: str) -> str:
    """Where a definition says what makes this claim."""
    for found, rendered, logical_id in claimed(loaded, stacks):
        if found == claim:
            path = rendered.stack.origins.get(logical_id, ("name",)) if rendered is not None else ("name",)
            return loaded.placed([Problem("", path, "")])[0].place
    return loaded.file
