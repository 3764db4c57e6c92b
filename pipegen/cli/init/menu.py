"""A list to choose from on a terminal: it is searched by typing, scrolls, and shows what the pointed choice is for."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import Dimension, FormattedTextControl, HSplit, Layout, ScrollOffsets, Window
from prompt_toolkit.utils import get_cwidth

from pipegen.cli.init.prompts import BACK, STYLE, Back
from pipegen.frozen import frozen

_PAGE = 10
_FEW = 5
_MARKS = {True: "[x] ", False: "[ ] "}


@frozen
class Choice:
    """value: what choosing it gives. about: shown below the list while it is pointed at."""

    value: str
    title: str
    about: str = ""


def _has(words: Sequence[str], text: str) -> bool:
    return all(word in text.lower() for word in words)


@dataclass(slots=True)
class Menu:
    """What is typed, pointed at and marked. marked: None where exactly one choice is taken."""

    title: str
    choices: Sequence[Choice]
    marked: set[str] | None = None
    at: int = 0
    typed: str = ""

    @property
    def visible(self) -> list[Choice]:
        """The choices that have all words that were typed, those first whose values have them."""
        words = self.typed.lower().split()
        choices = [each for each in self.choices if _has(words, f"{each.title} {each.about}")]
        return sorted(choices, key=lambda each: not _has(words, each.value))

    @property
    def pointed(self) -> Choice | None:
        visible = self.visible
        return visible[self.at] if self.at < len(visible) else None

    def move(self, by: int) -> None:
        """One step goes around the ends of the list, more stop there."""
        last = len(self.visible) - 1
        if last >= 0:
            self.at = (self.at + by) % (last + 1) if abs(by) == 1 else min(max(self.at + by, 0), last)

    def search(self, typed: str) -> None:
        """Show what matches, and point at the best match; without a search, at the same choice as before."""
        pointed = self.pointed
        self.typed = typed
        visible = self.visible
        self.at = visible.index(pointed) if not typed and pointed in visible else 0

    def toggle(self) -> None:
        if self.marked is not None and self.pointed is not None:
            self.marked ^= {self.pointed.value}

    @property
    def result(self) -> list[str] | None:
        """What Enter takes; None if nothing matches what was typed."""
        if self.marked is not None:
            return [each.value for each in self.choices if each.value in self.marked]
        return None if self.pointed is None else [self.pointed.value]

    def run(self) -> list[str] | Back:
        """Let the user choose. Raises KeyboardInterrupt and EOFError."""
        layout = Layout(HSplit(_windows(self)))
        app: Application[list[str] | Back] = Application(
            layout, key_bindings=_keys(self), style=STYLE, erase_when_done=True
        )
        return app.run()


def _keys(menu: Menu) -> KeyBindings:
    keys = KeyBindings()

    def on(names: Sequence[str], act: Callable[[], None]) -> None:
        for name in names:
            keys.add(name)(lambda event: act())

    on(["up", "c-p"], lambda: menu.move(-1))
    on(["down", "c-n"], lambda: menu.move(1))
    on(["pageup"], lambda: menu.move(-_PAGE))
    on(["pagedown"], lambda: menu.move(_PAGE))
    on(["home"], lambda: menu.move(-len(menu.choices) - 1))
    on(["end"], lambda: menu.move(len(menu.choices) + 1))
    on(["backspace"], lambda: menu.search(menu.typed[:-1]))
    on(["c-u"], lambda: menu.search(""))
    _leaving_keys(menu, keys)

    @keys.add(Keys.Any)
    def _(event: KeyPressEvent) -> None:
        if menu.marked is not None and event.data == " ":
            menu.toggle()
        elif event.data.isprintable():
            menu.search(menu.typed + event.data)

    return keys


def _leaving_keys(menu: Menu, keys: KeyBindings) -> None:
    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        if menu.result is not None:
            event.app.exit(result=menu.result)

    @keys.add("s-tab")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=BACK)

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)


def _windows(menu: Menu) -> list[Window]:
    def text(lines: Callable[[], StyleAndTextTuples]) -> Window:
        return Window(FormattedTextControl(lines), dont_extend_height=True, wrap_lines=True)

    rows = FormattedTextControl(
        lambda: _rows(menu), get_cursor_position=lambda: Point(0, menu.at), focusable=True, show_cursor=False
    )
    listed = Window(
        rows,
        height=lambda: Dimension(min=1, max=max(len(menu.visible), 1)),
        dont_extend_height=True,
        scroll_offsets=ScrollOffsets(top=2, bottom=2),
    )
    return [text(lambda: _head(menu)), listed, text(lambda: _about(menu)), text(lambda: _hint(menu))]


def _columns() -> int:
    return get_app().output.get_size().columns


def _head(menu: Menu) -> StyleAndTextTuples:
    hint = "(type to search)" if not menu.typed and len(menu.choices) > _FEW else ""
    return [("class:question", f"{menu.title} "), ("", menu.typed or hint)]


def _rows(menu: Menu) -> StyleAndTextTuples:
    visible = menu.visible
    if not visible:
        return [("class:error", "  nothing matches; Backspace shows more")]
    fragments: StyleAndTextTuples = []
    for index, choice in enumerate(visible):
        is_pointed = index == menu.at
        mark = "" if menu.marked is None else _MARKS[choice.value in menu.marked]
        row = _cut(f"{'> ' if is_pointed else '  '}{mark}{choice.title}", _columns() - 1)
        fragments.append(("class:pointed" if is_pointed else "", row if index == len(visible) - 1 else f"{row}\n"))
    return fragments


def _about(menu: Menu) -> StyleAndTextTuples:
    pointed = menu.pointed
    lines = textwrap.wrap(pointed.about, max(min(_columns(), 100) - 4, 20)) if pointed is not None else []
    return [("class:about", "\n".join(f"  {line}" for line in ["", *lines]))]


def _hint(menu: Menu) -> StyleAndTextTuples:
    position = f"{menu.at + 1} of {len(menu.visible)}" if menu.visible else "0"
    mark = " · Space: select" if menu.marked is not None else ""
    return [("class:hint", f"\n{position}{mark} · Enter: continue · Shift-Tab: back · Ctrl-C: stop")]


def _cut(text: str, columns: int) -> str:
    """The text in so many columns, wide characters counted as two."""
    if get_cwidth(text) <= columns:
        return text
    while text and get_cwidth(text) >= columns:
        text = text[:-1]
    return f"{text}…"
