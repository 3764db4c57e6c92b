"""Where `pipegen` and `python -m pipegen` begin. It imports nothing to speak of before it can be interrupted."""

from __future__ import annotations

import gc
import sys

INTERRUPTED = 130


def main() -> None:
    """The entry point of the command `pipegen`."""
    # A short life, mostly of imports: looking for garbage in them is a seventh of the time of a render.
    gc.set_threshold(250_000, 20, 20)
    try:
        from pipegen.cli import main as command

        command()
    except KeyboardInterrupt:
        _tell()
        sys.exit(INTERRUPTED)
    except SystemExit as leaving:
        # Typer leaves without a word when a command is interrupted that does not see to it itself.
        if isinstance(getattr(leaving.__context__, "__cause__", None), KeyboardInterrupt):
            _tell()
        raise
    finally:
        gc.freeze()  # or Python would look through all that is left before it ends, a quarter of the time


def _tell() -> None:
    if sys.stderr is not None:
        print("pipegen: interrupted", file=sys.stderr)


if __name__ == "__main__":
    main()
