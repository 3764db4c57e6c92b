"""The questions about a whole definition: the blueprint, the interview, and what to do about existing files."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pipegen.cli import report
from pipegen.cli.blueprints import named_blueprint, summary
from pipegen.cli.init.arguments import exit_with, read_arguments
from pipegen.cli.init.finishing import finish
from pipegen.cli.init.interview import interview
from pipegen.cli.init.menu import Choice, Menu
from pipegen.cli.init.plan import Plan
from pipegen.cli.init.prompts import BACK, say, terminal
from pipegen.cli.init.request import Request
from pipegen.cli.init.target import Target
from pipegen.cli.init.writing import fail_for_existing, without_offered
from pipegen.cli.options import usage_error
from pipegen.errors import printable
from pipegen.loading.blueprints.catalog import catalog

if TYPE_CHECKING:
    from pipegen.loading.blueprints.blueprint import Blueprint
    from pipegen.loading.fleet import Fleet


@dataclass(slots=True)
class Draft:
    """What was answered so far, which is shown as a command if the questions end early."""

    request: Request
    blueprint: str | None
    answers: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Lose no answer to an error or an interruption."""
        try:
            yield
        except (KeyboardInterrupt, EOFError):
            typer.echo(err=True)
            report.fail("interrupted; nothing was written")
            self._show()
            raise typer.Exit(128 + signal.SIGINT) from None  # as shells report it
        except BaseException:
            self._show()
            raise

    def _show(self) -> None:
        if self.answers:
            typer.echo(f"To go on with these answers:\n{self.request.command(self.blueprint, self.answers)}", err=True)


def start_with_questions(request: Request, fleet: Fleet | None) -> None:
    """Ask for everything, and write the definition. Raises InvalidDefinition."""
    draft = Draft(request, request.blueprint)
    with terminal(), draft.kept():
        decide = _Consent(request)
        decide.ask_for_definition()
        target: Target | None = None
        is_reviewed = False
        while True:
            target = target or _target(draft, fleet)
            outcome = interview(target, draft.answers, is_reviewed=is_reviewed)
            if outcome is BACK:
                target = None
                continue
            target, trial = outcome
            is_reviewed = True
            if finish(target, trial, request, decide):
                return


def _target(draft: Draft, fleet: Fleet | None) -> Target:
    """The blueprint that was given, or that is chosen now, with those of the answers that it has parameters for."""
    request = draft.request
    named = request.blueprint or _choose_blueprint(fleet)
    directory = (request.file or Path("any.yaml")).parent
    blueprint, notes = named_blueprint(named, fleet, directory, "--blueprint")
    report.show(notes)
    arguments, faults = read_arguments(blueprint, request.settings)
    exit_with(faults)
    draft.blueprint = named
    kept = {name: data for name, data in draft.answers.items() if _fits(blueprint, name, data)}
    draft.answers.clear()
    draft.answers.update({**arguments, **kept})
    return Target(named, blueprint, fleet, request.file)


def _fits(blueprint: Blueprint, name: str, data: Any) -> bool:
    parameter = blueprint.data.parameters.get(name)
    return parameter is not None and not list(parameter.faults(data))


def _choose_blueprint(fleet: Fleet | None) -> str:
    known = catalog(fleet)
    width = max(map(len, known), default=0)
    summaries = {name: summary(each, fleet) for name, each in known.items()}
    choices = [Choice(name, f"{name:{width}}  {text}", text) for name, text in summaries.items()]
    if not choices:
        usage_error("there are no blueprints here")
    while (picked := Menu("Blueprint", choices).run()) is BACK:
        pass  # there is no question before this one
    say(f"blueprint: {picked[0]}")
    return picked[0]


@dataclass(slots=True)
class _Consent:
    """Asks before existing files are replaced. allowed: the files that may be."""

    request: Request
    allowed: set[Path] = field(default_factory=set)

    def ask_for_definition(self) -> None:
        """Ask about the definition's own file before any other question."""
        file = self.request.file
        if file is None or self.request.force or not file.exists():
            return
        choices = [Choice("no", "No, leave it as it is"), Choice("yes", "Yes, replace it")]
        if Menu(f"{printable(str(file))} exists. Replace it?", choices).run() != ["yes"]:
            fail_for_existing([file])
        self.allowed.add(file)

    def __call__(self, plan: Plan, existing: Sequence[Path]) -> Plan | None:
        asked = [path for path in existing if path not in self.allowed]
        if not asked:
            return plan
        names = ", ".join(printable(str(path)) for path in asked)
        choices = [Choice("back", "Go back to the review")]
        if plan.offered.issuperset(asked):
            choices.append(Choice("keep", "Keep them, and write the other files"))
        choices.append(Choice("replace", "Replace them"))
        picked = Menu(f"Existing files: {names}", choices).run()
        if picked == ["keep"]:
            return without_offered(plan, asked)
        return plan if picked == ["replace"] else None
