"""Where `pipegen` and `python -m pipegen` begin. It imports nothing to speak of before it can be interrupted."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """The entry point of the command `pipegen`."""
    try:
        from pipegen.cli import main as command

        command()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("pipegen: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
