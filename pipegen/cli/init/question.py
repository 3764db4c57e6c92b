"""The question about one parameter of a blueprint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pipegen.cli.init.menu import Choice, Menu
from pipegen.cli.init.prompts import BACK, Back, ask_text, say, say_error
from pipegen.cli.picture import about_parameter
from pipegen.frozen import frozen
from pipegen.loading.blueprints.arguments import WrongArgument, argument, argument_text

if TYPE_CHECKING:
    from pipegen.loading.blueprints.parameter import BlueprintParameter

UNSET = object()
"""The answer to a question that was left empty."""


@frozen(kw_only=True)
class Question:
    """A question for the argument of a parameter.

    start: the current argument, or UNSET. may_be_empty: whether the parameter needs no argument. faults: returns
    messages about an argument that go beyond its type and limits.
    """

    name: str
    parameter: BlueprintParameter
    start: Any
    may_be_empty: bool
    faults: Callable[[Any], Sequence[str]]
    progress: str

    def ask(self) -> object:
        """An argument, UNSET or BACK. Raises KeyboardInterrupt and EOFError."""
        choices = list(self._choices())
        say("")
        if choices:
            return self._pick(choices)
        say(about_parameter(self.parameter))
        return self._type()

    def _choices(self) -> Iterator[Choice]:
        values = self.parameter.allowed_values or ([True, False] if self.parameter.type == "boolean" else [])
        for value in values:
            yield Choice(json.dumps(value), argument_text(value), about_parameter(self.parameter))

    def _pick(self, choices: Sequence[Choice]) -> object:
        pointed = next((n for n, each in enumerate(choices) if each.value == self._start_value()), 0)
        while True:
            picked = Menu(self.name, choices, at=pointed).run()
            if picked is BACK:
                return BACK
            data = json.loads(picked[0])
            pointed = next(n for n, each in enumerate(choices) if each.value == picked[0])
            say(f"{self.name}: {argument_text(data)}")
            faults = self.faults(data)
            for fault in faults:
                say_error(fault)
            if not faults or self._keeps():
                return data

    def _start_value(self) -> str:
        return "" if self.start is UNSET else json.dumps(self.start)

    def _keeps(self) -> bool | Back:
        choices = [Choice("keep", "Keep it, and correct the other answer"), Choice("again", "Choose another value")]
        return Menu(f"{self.name} does not go with other answers", choices).run() == ["keep"]

    def _type(self) -> object:
        text, kept = ("" if self.start is UNSET else argument_text(self.start)), None
        while True:
            answer = ask_text(self.name, text, self.progress)
            if answer is BACK:
                return BACK
            if not answer and self.may_be_empty:
                return UNSET
            text = answer
            faults, data = self._understood(answer)
            if data is not UNSET and (not faults or answer == kept):
                return data
            for fault in faults:
                say_error(fault)
            if data is not UNSET:
                kept = answer
                say("Correct it, or press Enter again to keep it and change another answer later.", "  ")

    def _understood(self, answer: str) -> tuple[Sequence[str], Any]:
        """What is wrong with an answer, and the argument that it is, or UNSET."""
        if not answer:
            return ["a value is required"], UNSET
        try:
            data = argument(self.parameter, answer)
        except WrongArgument as error:
            return [str(error)], UNSET
        return self.faults(data), data
