"""Types that read with another type and check what it read."""

from __future__ import annotations

from typing import Any, ClassVar

from pipegen.errors import Path
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.frozen import frozen


@frozen
class RefinedType:
    """Reads with the type `inner`. Subclasses check the values.

    only_sound: whether to skip values in which `inner` found a problem.
    """

    only_sound: ClassVar[bool] = False

    inner: Type

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        reported = len(reading.problems)
        value = self.inner.read(data, path, reading)
        is_sound = len(reading.problems) == reported
        if value is not INVALID and value is not None and (is_sound or not self.only_sound):
            self.check(value, path, reading)
        return value

    def check(self, value: Any, path: Path, reading: Reading) -> None:
        """Report what is wrong with a value."""
        raise NotImplementedError

    def schema(self, schemas: Schemas) -> Json:
        return self.inner.schema(schemas)
