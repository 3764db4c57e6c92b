"""`python -m pipegen`."""

from pipegen.cli import main

main()
