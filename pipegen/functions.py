"""CloudFormation's intrinsic functions: those of troposphere, with types for strict type checkers.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pipegen.values.expression import Expression
    from pipegen.values.value import Value, Values

    class _Function(Expression):
        @property
        def data(self) -> Any: ...

    class Ref(_Function):
        def __init__(self, data: str) -> None: ...

    class GetAtt(_Function):
        def __init__(self, logicalName: str, attrName: Value) -> None: ...  # noqa: N803

    class Sub(_Function):
        def __init__(self, input_str: str, dict_values: Mapping[str, Value] | None = None, **values: Value) -> None: ...

    class Join(_Function):
        def __init__(self, delimiter: str, values: Values) -> None: ...

    class Select(_Function):
        def __init__(self, indx: int | Value, objects: Values) -> None: ...

    class Split(_Function):
        def __init__(self, delimiter: str, values: Value) -> None: ...

    class ImportValue(_Function):
        def __init__(self, data: Value) -> None: ...

    class FindInMap(_Function):
        def __init__(self, mapname: Value, toplevelkey: Value, secondlevelkey: Value) -> None: ...

    class If(_Function):
        def __init__(self, cond: str, true: Value | Sequence[Value], false: Value | Sequence[Value]) -> None: ...

    class Equals(_Function):
        def __init__(self, value_one: Value, value_two: Value) -> None: ...

    class And(_Function):
        def __init__(self, cond_one: Expression, cond_two: Expression, *conditions: Expression) -> None: ...

    class Or(_Function):
        def __init__(self, cond_one: Expression, cond_two: Expression, *conditions: Expression) -> None: ...

    class Not(_Function):
        def __init__(self, cond: Expression) -> None: ...

    class Condition(_Function):
        def __init__(self, data: str) -> None: ...
else:
    from troposphere import (
        And,
        Condition,
        Equals,
        FindInMap,
        GetAtt,
        If,
        ImportValue,
        Join,
        Not,
        Or,
        Ref,
        Select,
        Split,
        Sub,
    )

__all__ = [
    "And",
    "Condition",
    "Equals",
    "FindInMap",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Ref",
    "Select",
    "Split",
    "Sub",
]
