"""The type of CloudFormation expressions in annotations."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, runtime_checkable

    @runtime_checkable
    class Expression(Protocol):
        """An expression: one of troposphere's functions, such as `Ref("VpcId")`, or a parameter.

        Type checkers see this protocol in place of troposphere's class. As troposphere has no `py.typed`, its classes
        are `Any` in the projects of users, where a field would then take anything.
        """

        @property
        def data(self) -> Any: ...

        def to_dict(self) -> Any:
            return self.data

        def to_json(self, *, indent: int = 4, sort_keys: bool = True) -> str:
            return str(self.data)
else:
    from troposphere import AWSHelperFn as Expression

__all__ = ["Expression"]
