"""The questions about one definition, in an order in which one can go back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from pipegen.cli.init.checking import Checker, described
from pipegen.cli.init.menu import Choice, Menu
from pipegen.cli.init.prompts import BACK, Back, ask_text, say, say_error
from pipegen.cli.init.question import UNSET, Question
from pipegen.cli.init.target import Target, Trial, file_fault
from pipegen.cli.picture import about_parameter
from pipegen.loading.blueprints.arguments import argument_text, required_parameters
from pipegen.loading.blueprints.sample import samples


class Step(Enum):
    """The steps that are not about one parameter."""

    optional = "optional"
    file = "file"
    review = "review"


_WRITE, _MORE = ":write", ":more"
"""What the review offers beside the answers; no parameter has such a name."""


@dataclass(slots=True)
class Interview:
    """The questions about the arguments of a blueprint.

    answers: the answers so far, which are added as they are given. chosen: the optional parameters to ask for.
    done: the steps that are skipped when the interview moves forward again.
    """

    target: Target
    answers: dict[str, Any]
    checker: Checker
    chosen: list[str]
    done: set[str | Step]

    def run(self) -> tuple[Target, Trial] | Back:
        """Ask until the definition is to be written; BACK from the first question. Raises KeyboardInterrupt and
        EOFError."""
        self.checker.accept(self.answers)
        at = self._next(-1)
        while True:
            outcome = self._take(self._steps()[at])
            if isinstance(outcome, Trial):
                return self.target, outcome
            if outcome is BACK and at == 0:
                return BACK
            if isinstance(outcome, Step):
                at = self._steps().index(outcome)
            else:
                at = at - 1 if outcome is BACK else self._next(at)

    def _steps(self) -> list[str | Step]:
        needs_file = self.target.path(self.answers) is None
        required = required_parameters(self.target.blueprint, self.target.fleet)
        file = [Step.file] if needs_file or Step.file in self.done else []
        return [*required, Step.optional, *self.chosen, *file, Step.review]

    def _next(self, at: int) -> int:
        """The next step that was not taken yet: after a way back, those in between keep their answers."""
        steps = self._steps()
        return next(index for index in range(at + 1, len(steps)) if steps[index] not in self.done)

    def _take(self, step: str | Step) -> Trial | Back | Step | None:
        match step:
            case Step.optional:
                return self._choose()
            case Step.file:
                return self._ask_file()
            case Step.review:
                return self._review()
            case _:
                return self._ask(str(step))

    def _ask(self, name: str) -> Back | None:
        question = self._question(name)
        answer = question.ask()
        if answer is BACK:
            return BACK
        if answer is UNSET:
            self.answers.pop(name, None)
        else:
            self.answers[name] = answer
        self.done.add(name)
        self.checker.accept(self.answers)
        return None

    def _question(self, name: str) -> Question:
        named = [step for step in self._steps() if isinstance(step, str)]
        default = self._default(name)
        return Question(
            name=name,
            parameter=self.target.blueprint.data.parameters[name],
            start=self.answers.get(name, default),
            may_be_empty=name in self.chosen,
            faults=lambda data: self.checker.faults({**self.answers, name: data}, name),
            progress=f"{named.index(name) + 1} of {len(named)} · ",
        )

    def _default(self, name: str) -> Any:
        of_fleet = {} if self.target.fleet is None else self.target.fleet.arguments()
        node = of_fleet.get(name) or self.target.blueprint.default(name)
        return UNSET if node is None else node.data

    def _optional(self) -> list[str]:
        required = required_parameters(self.target.blueprint, self.target.fleet)
        fleet = self.target.fleet
        locked = set() if fleet is None else {path.removeprefix("with.") for path in fleet.data.locked}
        return [name for name in self.target.blueprint.data.parameters if name not in required and name not in locked]

    def _choose(self) -> Back | None:
        """Choose the optional parameters to set."""
        names = self._optional()
        self.done.add(Step.optional)
        if not names:
            return None
        menu = Menu(f"Set any of {len(names)} optional parameters?", self._rows(names), set(self.chosen))
        picked = menu.run()
        if picked is BACK:
            return BACK
        for name in set(self.chosen).difference(picked):
            self.answers.pop(name, None)
            self.done.discard(name)
        self.chosen = picked
        self.checker.accept(self.answers)
        return None

    def _rows(self, names: list[str]) -> list[Choice]:
        width = max(map(len, names))
        parameters = self.target.blueprint.data.parameters
        return [
            Choice(name, f"{name:{width}}  {self._shown(name)}".rstrip(), about_parameter(parameters[name]))
            for name in names
        ]

    def _shown(self, name: str) -> str:
        value = self.answers.get(name, self._default(name))
        return "" if value is UNSET else argument_text(value) or '""'

    def _ask_file(self) -> Back | None:
        text = "" if self.target.file is None else str(self.target.file)
        say("")
        say("The file to write the definition to, such as services/orders.yaml")
        while True:
            answer = ask_text("file", text, "")
            if answer is BACK:
                return BACK
            text = answer
            if fault := file_fault(Path(text)):
                say_error(fault)
                continue
            self.target = replace(self.target, file=Path(text))
            self.checker.target = self.target
            self.done.add(Step.file)
            return None

    def _review(self) -> Trial | Back | Step:
        """Show all answers, of which each can be changed before anything is written."""
        while True:
            trial = self.target.tried(self.answers)
            say("")
            for problem in trial.errors:
                say_error(described(problem, trial))
            picked = self._pick(trial)
            if picked is BACK:
                return BACK
            [value] = picked
            if value == _WRITE:
                return trial
            if value == _MORE:
                return Step.optional
            self._ask(value)

    def _pick(self, trial: Trial) -> list[str] | Back:
        answered = [name for name in self.target.blueprint.data.parameters if name in self.answers]
        title = "Review the answers; Enter on one changes it"
        write = [] if trial.errors else [Choice(_WRITE, f"Write {trial.path}", "Nothing has been written yet.")]
        more = [Choice(_MORE, "Set other parameters")] if self._optional() else []
        wrong = [trial.argument_of(problem) for problem in trial.errors]
        rows = self._rows(answered) if answered else []
        at = next((n for n, row in enumerate(rows) if row.value in wrong), 0)
        return Menu(title, [*write, *rows, *more], at=at).run()


def interview(target: Target, answers: dict[str, Any], *, is_reviewed: bool = False) -> tuple[Target, Trial] | Back:
    """Ask for what is not answered yet, and for what the user wants to set besides; with is_reviewed, show only the
    review."""
    required = required_parameters(target.blueprint, target.fleet)
    guessed = {name: value for name, value in samples(target.blueprint).items() if name in required}
    chosen = [name for name in answers if name not in required]
    done: set[str | Step] = {*answers, *([Step.optional] if is_reviewed else [])}
    return Interview(target, answers, Checker(target, guessed), chosen, done).run()
