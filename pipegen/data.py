"""Free data: what a template holds where pipegen gives it no meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from troposphere import AWSHelperFn


class DataSchema:
    """Tells pydantic how free data is read: anything that a template can hold."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        def read(data: Any) -> Any:
            if not is_data(data):
                raise PydanticCustomError("value", "{text}", {"text": "expected data that a template can hold"})
            return data

        return core_schema.no_info_plain_validator_function(read)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: Any) -> dict[str, Any]:
        return {}


Data = Annotated[Any, DataSchema]
"""Free data: text, numbers, lists, mappings, expressions."""


def is_data(data: Any) -> bool:
    """Whether a template can hold it."""
    if isinstance(data, Mapping):
        return all(isinstance(key, str) and is_encodable(key) and is_data(value) for key, value in data.items())
    if isinstance(data, list | tuple):
        return all(map(is_data, data))
    if isinstance(data, str):
        return is_encodable(data)
    if isinstance(data, float):
        return math.isfinite(data)
    return data is None or isinstance(data, bool | int | AWSHelperFn)


def is_encodable(text: str) -> bool:
    """Whether a text can be written; Python can hold halves of characters, which cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
