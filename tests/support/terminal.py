"""A command on a terminal of its own, whose screen is read as text."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

ENTER, SPACE, BACK, UP, DOWN, INTERRUPT, END_OF_INPUT = "\r", " ", "\x1b[Z", "\x1b[A", "\x1b[B", "\x03", "\x04"
CLEAR = "\x15"
"""Ctrl-U removes what is typed."""
_SECONDS = 60


class _Screen(pyte.HistoryScreen):
    """A screen that answers as terminals do: prompts ask where the cursor is."""

    answer: Callable[[str], None]

    def write_process_input(self, data: str) -> None:
        self.answer(data)


class Terminal:
    """screen: what is drawn."""

    def __init__(self, process: int, descriptor: int, columns: int, rows: int) -> None:
        self._process, self._descriptor, self._has_ended = process, descriptor, False
        self.screen = _Screen(columns, rows, history=2000, ratio=0.5)
        self.screen.answer = lambda data: self._write(data)
        self._stream = pyte.ByteStream(self.screen)
        self.resize(columns, rows)

    def type(self, *keys: str) -> None:
        for each in keys:
            self._write(each)

    def answer(self, prompt: str, text: str | None = None) -> None:
        """Wait for a prompt, or for a choice that is pointed at; give the text, or accept what is there."""
        self.wait_at(prompt)
        self.type(*([] if text is None else [CLEAR, text]), ENTER)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, of which the command gets a signal."""
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def wait_for(self, *texts: str) -> None:
        """Read until all these texts are on the screen at once."""
        self._read_while(lambda: not all(text in self.text for text in texts))
        assert all(text in self.text for text in texts), self.text

    def wait_at(self, text: str) -> None:
        """Read until the cursor is in a line that begins with the text: until a prompt is ready."""
        self._read_while(lambda: not self.lines[self.screen.cursor.y].startswith(text))
        assert self.lines[self.screen.cursor.y].startswith(text), self.text

    def wait_until_gone(self, text: str) -> None:
        self._read_while(lambda: text in self.text)
        assert text not in self.text, self.text

    def wait(self) -> int:
        """Read until the command has ended; its exit code."""
        ended, status = 0, 0

        def goes_on() -> bool:
            nonlocal ended, status
            ended, status = os.waitpid(self._process, os.WNOHANG)
            return not ended

        while not ended and self._read_while(goes_on):
            time.sleep(0.01)  # it has closed the terminal, and is about to end
        assert ended, self.text
        self._has_ended = True
        self._read_while(lambda: True, seconds=0.2)
        return os.waitstatus_to_exitcode(status)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def everything(self) -> str:
        """The screen, and what has scrolled out of it."""
        columns = range(self.screen.columns)
        above = ["".join(line[column].data for column in columns).rstrip() for line in self.screen.history.top]
        return "\n".join([*above, *self.lines])

    def _write(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def _read_while(self, goes_on: Callable[[], bool], seconds: float = _SECONDS) -> bool:
        """Whether there is nothing more to read, as the command has closed the terminal."""
        deadline = time.monotonic() + seconds
        while goes_on() and time.monotonic() < deadline:
            if select.select([self._descriptor], [], [], 0.2)[0]:
                try:
                    self._stream.feed(os.read(self._descriptor, 65536))
                except OSError:
                    return True
        return False

    def close(self) -> None:
        if not self._has_ended:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        os.close(self._descriptor)


@contextmanager
def terminal(
    command: Sequence[str | Path],
    directory: Path,
    *,
    columns: int = 80,
    rows: int = 24,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Terminal]:
    """Run a command on a terminal of that size."""
    given = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR", "COLUMNS", "LINES")}
    process, descriptor = pty.fork()
    if process == 0:  # pragma: no cover
        try:
            os.chdir(directory)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests in the background has it ignored
            words = [str(word) for word in command]
            os.execvpe(words[0], words, {**given, "TERM": "xterm-256color", **(environment or {})})
        except OSError as error:
            print(error)
        finally:
            os._exit(127)  # or it would go on as a second run of the tests
    terminal = Terminal(process, descriptor, columns, rows)
    try:
        yield terminal
    finally:
        terminal.close()
