"""Whether the output of a definition is up to date."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pipegen.fleet.cache import Cache, Entry
from pipegen.fleet.inputs import Digests, sha256
from pipegen.fleet.portable_paths import PortablePaths
from pipegen.frozen import frozen
from pipegen.loading.layout import FLEET_FILE
from pipegen.syntax.paths import open_regular


@frozen
class Freshness:
    """An output directory and its cache.

    changed: absolute paths that may differ from what the output was rendered from; None to compare the digests of the
    whole output.
    """

    cache: Cache
    paths: PortablePaths
    digests: Digests
    out: Path
    changed: frozenset[str] | None

    def is_fresh(self, entry: Entry) -> bool:
        if self.cache.settings != self.digests.settings.words:
            return False
        shared = self.cache.shared.get(entry.blueprint, ())
        # Inputs are compared even if the changes are known: git sees neither what it ignores nor other directories.
        if not entry.inputs or entry.inputs != self.digests.definition(entry.source, shared):
            return False
        if self.changed is None:
            return self._is_whole(entry)
        return not self._is_touched((entry.source, *shared), entry, self.changed)

    def _is_touched(self, inputs: Iterable[str], entry: Entry, changed: frozenset[str]) -> bool:
        """Whether a change affects the inputs or the output of a definition."""
        directories = frozenset(map(os.path.dirname, changed))
        for name in (FLEET_FILE, *inputs):
            local = self.paths.local(name)
            for path in (os.path.realpath(local), os.path.join(os.path.realpath(local.parent), local.name)):  # noqa: PTH118
                if path in changed or (name.endswith("/") and path in directories):
                    return True
        out = os.path.realpath(self.out)
        return any(f"{out}/{path}" in changed for path in entry.outputs)

    def _is_whole(self, entry: Entry) -> bool:
        """Whether the output is unchanged since it was written."""
        try:
            return all(self._digest(path) == digest for path, digest in entry.outputs.items())
        except OSError:
            return False

    def _digest(self, path: str) -> str:
        with open_regular(self.out / path) as file:
            return sha256(file.read())
