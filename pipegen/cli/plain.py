"""Commands that convert plain values without Typer.

Typer converts every value with Pydantic, also those of options that were not given. The import of Pydantic takes as
long as that of Typer; texts, flags and paths do not need it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperOption

if TYPE_CHECKING:
    from typer._coercion import TypeDescriptor

_CONVERSIONS: Mapping[Any, Callable[[Any], Any]] = {
    bool: bool,
    str: str,
    Path: Path,
    list[str]: list,
    list[Path]: lambda given: [Path(each) for each in given],
}


class _NotPlain(Exception):
    """A value that Typer has to convert or report."""


class PlainCommand(TyperCommand):
    """A command that converts its arguments itself if all are plain, and otherwise lets Typer do it.

    Typer also handles what is wrong or missing, `--help`, and completion.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            try:
                ctx.params.update(self._plain_values(ctx, args))
                return []
            except _NotPlain:
                pass
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")  # Pydantic's prefix
            raise

    def _plain_values(self, ctx: Any, args: list[str]) -> dict[str, Any]:
        texts, rest, _ = self.make_parser(ctx).parse_args(list(args))
        known: list[Any] = self.params
        values = {each.name: _plain_value(each, ctx, texts.pop(each.name, None)) for each in known}
        if rest or texts:  # an argument too many, or --help
            raise _NotPlain
        return values


def _plain_value(parameter: TyperArgument | TyperOption, ctx: Any, text: Any) -> Any:
    is_given = text not in (None, ())
    # Typer had no type descriptors, and did not need Pydantic, before 0.29.
    descriptor = getattr(parameter, "type_descriptor", None)
    if descriptor is None or parameter.callback or parameter.envvar or (parameter.required and not is_given):
        raise _NotPlain
    return _converted(descriptor, text) if is_given else parameter.get_default(ctx)


def _converted(descriptor: TypeDescriptor, text: Any) -> Any:
    convert = descriptor.parameter_info.parser or _CONVERSIONS.get(descriptor.annotation)
    if convert is None:
        raise _NotPlain
    try:
        return convert(text)
    except typer.BadParameter:
        raise _NotPlain from None
