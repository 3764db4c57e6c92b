"""Resources as plain data."""

from __future__ import annotations

from typing import Any

from troposphere import AWSObject, encode_to_dict


class PlainResource(AWSObject):
    """A resource as plain data, which troposphere does not validate."""

    def __init__(self, title: str, data: dict[str, Any]) -> None:
        super().__init__(title)
        self.resource = dict(data)
        self.properties.update(data.get("Properties", {}))

    def to_dict(self, validation: bool = True) -> dict[str, Any]:
        data: dict[str, Any] = encode_to_dict(self.resource)
        return data
