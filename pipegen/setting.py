"""A value of the configuration of an action or rule, which CodePipeline takes as text."""

from __future__ import annotations

from typing import Annotated, Any

from pipegen.values import TextValue


class FlagAsText:
    """Tells pydantic that true and false stand for their texts: CodePipeline spells them `true` and `false`.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html (BatchEnabled)"""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(text_of_flag, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        inner = handler(core)
        return {"anyOf": [*inner.get("anyOf", [inner]), {"type": "boolean"}]}


def text_of_flag(data: Any) -> Any:
    """True or false as text; anything else as it is."""
    return str(data).lower() if isinstance(data, bool) else data


Setting = Annotated[TextValue, FlagAsText]
"""A text, a number, true or false, which stand for their texts, or an expression."""
