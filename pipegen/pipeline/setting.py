"""A value of the configuration of an action or rule, which CodePipeline takes as text."""

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
    """A type of texts where true and false stand for their texts, as CodePipeline spells them.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html (BatchEnabled)"""

    def fits(self, data: Any) -> bool:
        return isinstance(data, bool) or self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        return self.inner.read(text_of_flag(data), path, reading)

    def schema(self, schemas: Schemas) -> Json:
        return alternatives(self.inner.schema(schemas), {"type": "boolean"})


class _IsFlagToo:
    """Marks a field that takes true and false for their texts."""

    @staticmethod
    def type_of(resolve: Callable[[Any], Type], plain: Any) -> Type:
        return FlagAsTextType(resolve(plain))


def text_of_flag(data: Any) -> Any:
    """True or false as text; anything else as it is."""
    return str(data).lower() if isinstance(data, bool) else data


Setting = Annotated[TextValue, _IsFlagToo]
"""A text, a number, true or false, which stand for their texts, or an expression."""
