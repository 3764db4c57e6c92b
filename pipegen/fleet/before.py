"""Whether what the manifest says of a definition is what rendering it would give."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipegen.definitions.layout import FLEET_FILE
from pipegen.files import open_regular
from pipegen.fleet.inputs import Digests, sha256
from pipegen.fleet.manifest import Entry, Manifest
from pipegen.fleet.places import Places


@dataclass(frozen=True, slots=True)
class Before:
    """An output directory and its manifest. changed: of absolute paths, those that may differ from what the output was
    made of; none where it is read."""

    known: Manifest | None
    places: Places
    digests: Digests
    out: Path
    changed: frozenset[str] | None

    def is_fresh(self, entry: Entry) -> bool:
        known, changed = self.known, self.changed
        if known is None or known.settings != self.digests.settings.words:
            return False
        shared = known.shared.get(entry.blueprint, ())
        if not entry.inputs or entry.inputs != self.digests.definition(entry.source, shared):
            return False  # also where changes are known: git is blind to what it ignores, and outside of its work tree
        if changed is None:
            return self._is_whole(entry)
        return not self._is_touched((entry.source, *shared), entry, changed)

    def _is_touched(self, inputs: Iterable[str], entry: Entry, changed: frozenset[str]) -> bool:
        """Whether something that changed had a part in a definition, as an input or in its output."""
        directories = frozenset(map(os.path.dirname, changed))
        for name in (FLEET_FILE, *inputs):
            local = self.places.local(name)
            for path in (os.path.realpath(local), os.path.join(os.path.realpath(local.parent), local.name)):  # noqa: PTH118
                if path in changed or (name.endswith("/") and path in directories):
                    return True
        out = os.path.realpath(self.out)
        return any(f"{out}/{path}" in changed for path in entry.outputs)

    def _is_whole(self, entry: Entry) -> bool:
        """Whether the output is what was written."""
        try:
            return all(self._digest(path) == digest for path, digest in entry.outputs.items())
        except OSError:
            return False

    def _digest(self, path: str) -> str:
        with open_regular(self.out / path) as file:
            return sha256(file.read())
