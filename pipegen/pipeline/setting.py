"""Values in the configuration of an action or rule, which CodePipeline requires as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pipegen.errors import Path
from pipegen.fields.base import Json, Reading, Schemas, Type, alternatives
from pipegen.fields.refined import RefinedType
from pipegen.frozen import frozen
from pipegen.values.value import TextValue


@frozen
class FlagAsTextType(RefinedType):
    """The type of a text that can be written as true or false.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html (BatchEnabled)"""

    def fits(self, data: Any) -> bool:
        return isinstance(data, bool) or self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return self.inner.read(text_of_flag(data), path, reading)

    def schema(self, schemas: Schemas) -> Json:
        return alternatives(self.inner.schema(schemas), {"type": "boolean"})


class _IsFlagToo:
    """Marker of a field whose text can be written as true or false."""

    @staticmethod
    def type_of(resolve: Callable[[Any], Type], plain: Any) -> Type:
        return FlagAsTextType(resolve(plain))


def text_of_flag(data: Any) -> Any:
    """Convert true or false to text; return anything else unchanged."""
    return str(data).lower() if isinstance(data, bool) else data


Setting = Annotated[TextValue, _IsFlagToo]
"""A text, an expression, or a number, true or false, which are converted to text."""
