"""The command line: one file per command, and the only package that prints.

Exit codes: 0 success, 1 errors in the input (or, with --check, files that would change), 2 wrong usage, 3 a bug in
pipegen, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from pipegen._version import __version__
from pipegen.cli.plain import PlainCommand

COMMANDS = {
    "render": "Render definitions, or a fleet, into CloudFormation templates.",
    "validate": "Find every problem of definitions, without writing anything.",
    "blueprints": "List blueprints, or show what one contains.",
    "init": "Write a definition that uses a blueprint, after questions.",
    "explain": "Explain a code, or show where the values of a file come from.",
    "schema": "Print the JSON Schema of a kind of file.",
    "taskdef": "Print a deployment's task definition with its images.",
    "appspec": "Print a deployment's AppSpec.",
    "deployment": "Print a deployment through CodeDeploy, to start it manually.",
    "redeploy": "Print the commands that restart the tasks of services.",
    "migrate": "Render a change that one stack update cannot make, in steps.",
    "upgrade": "Rewrite files of version 0.1.0 in place, for this version.",
    "completion": "Print a script that completes commands in bash or zsh.",
}
"""The modules of commands, each with a function `command`, and their lines in the help, which fit 80 columns."""
_COMPLETING = "_PIPEGEN_COMPLETE"
"""The environment variable that a shell sets to request completions."""


def application(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Build the whole command line, or one with only these commands."""
    app = _typer(add_completion=_COMPLETING in os.environ)  # `pipegen completion` prints the script
    app.callback()(_options)
    for name in names:
        _add(app, name)
    return app


def _one(name: str) -> typer.Typer:
    """Build a single command, to save the time that the others take to import."""
    app = _typer()
    _add(app, name)
    return app


def _typer(*, add_completion: bool = False) -> typer.Typer:
    return typer.Typer(
        name="pipegen",
        help="Container delivery pipelines on AWS as plain CloudFormation: sources, image builds and ECS deployments.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=add_completion,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 1_000},  # the terminal's
    )


def _add(app: typer.Typer, name: str) -> None:
    app.command(name, cls=PlainCommand, short_help=COMMANDS[name])(import_module(f"pipegen.cli.{name}").command)


def _run(arguments: list[str]) -> None:
    """Run the command that the arguments name. Help, and the error about a wrong name, need all commands."""
    name = arguments[0] if arguments else ""
    if _COMPLETING in os.environ:
        application(_completed())(arguments)
    elif name in COMMANDS:
        _one(name)(arguments[1:], prog_name=f"pipegen {name}")
    else:
        application()(arguments)


def _completed() -> Iterable[str]:
    """Return the command whose arguments are being completed, or all commands while its name is being typed."""
    arguments = os.environ.get("_TYPER_COMPLETE_ARGS", "").split(" ")
    return [arguments[1]] if len(arguments) > 2 and arguments[1] in COMMANDS else COMMANDS


def _print_version(is_set: bool) -> None:
    if is_set:
        typer.echo(f"pipegen {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line of `pipegen`."""
    # Python sets a stream to None if its file descriptor was closed.
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # for any locale
    try:
        try:
            _run(sys.argv[1:])
        finally:
            sys.stdout.flush()  # here, where errors are handled, instead of at exit
    except BrokenPipeError:
        # The reader of the output has closed it, as `head` does. The last flush, at exit, must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        from pipegen.cli.report import fail

        fail(f"cannot go on: {error.strerror or error}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        from pipegen.cli.report import internal_error

        sys.exit(internal_error(error))
