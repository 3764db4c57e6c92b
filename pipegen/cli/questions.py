"""Questions to whoever runs a command, on standard error; an end of the answers ends the command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from pipegen.cli import report
from pipegen.cli.options import near

if TYPE_CHECKING:
    from pipegen.definitions.blueprint import Blueprint

T = TypeVar("T")
INTERRUPTED = 130


def ask(text: str, understood: Callable[[str], T], default: str | None = None) -> T:
    """The answer to a question, asked again until it is understood: until no ValueError is raised."""
    while True:
        try:
            return understood(_answer(text, default))
        except ValueError as error:
            typer.echo(f"  {error}", err=True)


def confirm(text: str) -> bool:
    """Yes or no; no unless said otherwise."""

    def understood(answer: str) -> bool:
        if answer.lower() not in ("", "y", "yes", "n", "no"):
            raise ValueError("y or n")
        return answer.lower() in ("y", "yes")

    return ask(f"{text} [y/N]", understood, "")


def _answer(text: str, default: str | None) -> str:
    try:
        return str(typer.prompt(text, default=default, show_default=False, err=True)).strip()
    except typer.Abort as error:
        interrupted = isinstance(error.__context__, KeyboardInterrupt)
        typer.echo(err=True)
        report.fail("interrupted" if interrupted else "the answers ended; nothing was written")
        raise typer.Exit(INTERRUPTED if interrupted else 1) from None


def ask_blueprint(summaries: Mapping[str, str]) -> str:
    """One of the blueprints."""
    width = max(map(len, summaries), default=0)
    for name, summary in summaries.items():
        typer.echo(f"  {name:{width}}  {summary}", err=True)

    def understood(answer: str) -> str:
        if answer not in summaries:
            raise ValueError(f"there is no blueprint {answer}; {near(answer, summaries)}")
        return answer

    return ask("Blueprint", understood)


def ask_arguments(blueprint: Blueprint, names: Iterable[str], kept: Mapping[str, Any]) -> dict[str, Any]:
    """An argument for each of these parameters; kept: what is taken where the answer is empty, None for nothing."""
    from pipegen.cli.picture import described, literal
    from pipegen.definitions.arguments import argument

    found = {}
    for name in names:
        parameter = blueprint.data.parameters[name]
        for line in described(parameter):
            typer.echo(line, err=True)

        def understood(answer: str, name: str = name) -> Any:
            if not answer and name in kept:
                return _KEPT
            return argument(blueprint.data.parameters[name], answer)

        shown = f" [{literal(kept[name])}]" if kept.get(name) is not None else ""
        answer = ask(f"{name}{shown}", understood, "" if name in kept else None)
        if answer is not _KEPT:
            found[name] = answer
    return found


_KEPT = object()
