"""The entry point of `pipegen` and `python -m pipegen`, which handles interruptions from the first import on."""

from __future__ import annotations

import gc
import sys

INTERRUPTED = 130


def main() -> None:
    """The entry point of the command `pipegen`."""
    # Most objects of this short process are imported modules: collecting garbage takes a seventh of a render's time.
    gc.set_threshold(250_000, 20, 20)
    try:
        from pipegen.cli import main as command

        command()
    except KeyboardInterrupt:
        _report_interruption()
        sys.exit(INTERRUPTED)
    except SystemExit as leaving:
        # Typer exits without a message if a command is interrupted and does not handle it.
        if isinstance(getattr(leaving.__context__, "__cause__", None), KeyboardInterrupt):
            _report_interruption()
        raise
    finally:
        gc.freeze()  # otherwise Python searches all remaining objects for garbage, a quarter of the time


def _report_interruption() -> None:
    if sys.stderr is not None:
        print("pipegen: interrupted", file=sys.stderr)


if __name__ == "__main__":
    main()
