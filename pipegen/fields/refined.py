"""Types that read values with another type and check them."""

from __future__ import annotations

from typing import Any, ClassVar

from pipegen.errors import Path
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.frozen import frozen


@frozen
class RefinedType:
    """A type that wraps another one. Subclasses check the values.

    only_valid: whether to skip values with problems that `inner` reported.
    """

    only_valid: ClassVar[bool] = False

    inner: Type

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        reported = len(reading.problems)
        value = self.inner.read(data, path, reading)
        is_valid = len(reading.problems) == reported
        if value is not INVALID and value is not None and (is_valid or not self.only_valid):
            self.check(value, path, reading)
        return value

    def check(self, value: Any, path: Path, reading: Reading) -> None:
        """Report the problems of a value."""
        raise NotImplementedError

    def schema(self, schemas: Schemas) -> Json:
        return self.inner.schema(schemas)
