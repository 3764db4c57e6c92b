"""Render and validate fleets, and report progress and results."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipegen.cli import report
from pipegen.cli.formats import ReportFormat
from pipegen.errors import InvalidDefinition, OutputFailed, printable
from pipegen.frozen import frozen
from pipegen.loading.layout import FLEET_FILE

if TYPE_CHECKING:
    from pipegen.cli.report import Reporter
    from pipegen.fleet.git import Revision
    from pipegen.fleet.rendering import FleetResult, Request
    from pipegen.loading.options import RenderOptions


@frozen(kw_only=True)
class FleetOptions:
    """The options of `render` for a fleet; None if not given."""

    output: Path | None
    format: str | None
    check: bool
    prune: bool
    changed_since: str | None
    jobs: int | None
    git_sync: bool
    script: bool
    against: str | None
    accept_unsafe: bool


def is_fleet(paths: Sequence[Path]) -> bool:
    """Whether the one path is the directory of a fleet."""
    try:
        return len(paths) == 1 and (paths[0] / FLEET_FILE).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def render_fleet(root: Path, options: FleetOptions, reporter: Reporter) -> None:
    if options.check and options.prune:
        raise typer.BadParameter("--check writes and removes nothing; keep one of them", param_hint="--prune")
    if options.check and options.changed_since is not None:
        raise typer.BadParameter("--check renders everything; keep one of them", param_hint="--changed-since")
    root = _called(root)
    request, output = _request(root, options, reporter)
    result = _run(request, reporter)
    reporter.flush()
    if result.is_unsafe:
        explain_unsafe_changes(options.check)
    for status, path in result.changes:
        reporter.say(f"{status:9} {printable(str(output / path))}")
    sys.stdout.flush()
    _summarise(result, options.prune)
    if options.check:
        reporter.outdated(str(output / path) for _, path in result.changes)
    if reporter.format is not ReportFormat.text:
        reporter.finish(result.files)
    failed = bool(result.failed) or result.stopped or (options.prune and result.count("gone") > 0)
    if request.against is not None and result.outputs:
        failed |= missed_templates(request.against, output, result.outputs, options.accept_unsafe)
    raise typer.Exit(int(failed or (options.check and bool(result.changes))))


def _request(root: Path, options: FleetOptions, reporter: Reporter) -> tuple[Request, Path]:
    """Return the request for these options, and the output directory."""
    from pipegen.fleet.inputs import Settings
    from pipegen.fleet.rendering import Request

    shared = _shared_options(root)
    if shared is not None:
        _check_agreement(shared, options)
    output = options.output or (root / shared.output if shared is not None and shared.output else None)
    if output is None:
        text = f"a fleet is rendered into a directory; name one, or set render: {{output: …}} in {FLEET_FILE}"
        raise typer.BadParameter(text, param_hint="-o DIR")
    settings = Settings(
        format=shared.format if shared else options.format or "yaml",
        git_sync=shared.git_sync if shared else options.git_sync,
        script=shared.deploy_script if shared else options.script,
        directory=_from_repository(output),
    )
    request = Request(
        root=root,
        out=output,
        settings=settings,
        check=options.check,
        prune=options.prune,
        jobs=options.jobs,
        changed=_changed(options.changed_since, root) if options.changed_since is not None else None,
        against=revision(options.against, output) if options.against is not None else None,
        accept_unsafe=options.accept_unsafe,
        agreed=shared is not None,
        severities=reporter.severities,
    )
    return request, output


def _shared_options(root: Path) -> RenderOptions | None:
    from pipegen.loading.render_options import render_options

    try:
        return render_options(root)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None


def _check_agreement(shared: RenderOptions, options: FleetOptions) -> None:
    """Reject options that contradict the fleet's file, as the next render would undo them."""
    wanted = {
        "--template-format": ("format", options.format, shared.format),
        "--deploy-script": ("deploy_script", options.script or None, shared.deploy_script),
        "--git-sync": ("git_sync", options.git_sync or None, shared.git_sync),
    }
    for option, (key, given, agreed) in wanted.items():
        if given is not None and given != agreed:
            shown = str(given).lower()
            text = (
                f"{FLEET_FILE} has render: {{{key}: {str(agreed).lower()}}} for every render; set {key}: {shown} there"
            )
            raise typer.BadParameter(text, param_hint=option)


def explain_unsafe_changes(check: bool) -> None:
    """Explain how to proceed after unsafe changes."""
    if check:
        report.fail("running stacks may not survive these changes; with --accept-unsafe-changes they are warnings")
    else:
        report.fail("these changes were not written; --accept-unsafe-changes writes them")


def validate_fleet(root: Path, lints: bool, reporter: Reporter, *, every: bool) -> None:
    """lints: whether cfn-lint is run, too, over every template or over one of those that differ only in values."""
    from pipegen.fleet.rendering import Request

    root = _called(root)
    result = _run(Request(root=root, out=None, shapes=lints, severities=reporter.severities), reporter)
    failed = bool(result.failed) or result.stopped
    failed = failed or (lints and _lint(root, result, reporter, every))
    reporter.finish(result.files)
    if failed:
        raise typer.Exit(1)


def _lint(root: Path, result: FleetResult, reporter: Reporter, every: bool) -> bool:
    """Run cfn-lint; whether it finds errors."""
    from pipegen.cli.progress import listening
    from pipegen.fleet.linting import lint_fleet
    from pipegen.loading.fleet_file import read_fleet

    with listening("Linting", reporter) as listener:
        problems = [*lint_fleet(root, result.shapes, listener, every=every)]
    return reporter.collect(problems, read_fleet(root).data.severity)


def _called(root: Path) -> Path:
    """Return the directory as messages show it: relative to the working directory if it is below it."""
    root = Path(os.path.normpath(root))
    try:
        return root.relative_to(Path.cwd())
    except (ValueError, OSError):
        return root


def _from_repository(output: Path) -> str:
    """Return the output directory relative to the root of its git repository, or else its name."""
    absolute = Path(os.path.abspath(output))  # noqa: PTH100  not through links
    top = next((each for each in (absolute, *absolute.parents) if (each / ".git").exists()), absolute.parent)
    return absolute.relative_to(top).as_posix()


def _changed(revision: str, root: Path) -> frozenset[str]:
    from pipegen.fleet.git import NotInGit, changed_since

    try:
        return changed_since(revision, root)
    except NotInGit as error:
        report.fail(f"--changed-since: {error}")
        raise typer.Exit(2) from None


def revision(name: str, output: Path) -> Revision:
    """Return the output at a revision."""
    from pipegen.fleet.git import NotInGit, at_revision

    try:
        return at_revision(name, output)
    except NotInGit as error:
        where = "; the directory of the templates is given with -o, and this is a revision" if _is_there(name) else ""
        report.fail(f"--against: {error}{where}")
        raise typer.Exit(2) from None


def _is_there(name: str) -> bool:
    try:
        return bool(name) and Path(name).is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def missed_templates(base: Revision, output: Path, outputs: Sequence[str], accept_unsafe: bool) -> bool:
    """Whether the templates of a revision are in another directory than the output, so that nothing was compared.

    Reports this, and also reports if the revision has no templates at all.
    """
    if base.has_any(output / path for path in outputs):
        return False
    text = f"{base.name} has none of these templates in {output}, so nothing was compared"
    moved = base.elsewhere(outputs)
    if not moved:
        report.fail(f"{text}: all stacks count as new")
        return False
    where = f"it has them in {printable(', '.join(moved[:3]))}"
    fix = "" if accept_unsafe else "; give the directory with -o, or --accept-unsafe-changes if they have moved"
    report.fail(f"{text}: {where}{fix}")
    return not accept_unsafe


def _run(request: Request, reporter: Reporter) -> FleetResult:
    from pipegen.cli.progress import listening
    from pipegen.fleet.rendering import render_fleet

    try:
        with listening("Rendering", reporter) as listener:
            return render_fleet(request, listener)
    except InvalidDefinition as error:
        reporter.show(error.problems)
        reporter.finish(0)
    except OutputFailed as error:
        reporter.flush()
        report.fail(str(error))
    except KeyboardInterrupt:
        reporter.flush()
        report.fail("interrupted; every file is whole, and the next render goes on from here")
        raise typer.Exit(130) from None
    raise typer.Exit(1)


def _summarise(result: FleetResult, prune: bool) -> None:
    counts = {
        "rendered": result.rendered,
        "unchanged": result.kept,
        "failed": len(result.failed),
        "new": result.count("new"),
        "changed": result.count("changed"),
        "gone": result.count("gone"),
    }
    if prune:
        counts["removed"] = result.count("removed")
    if sys.stderr.isatty():
        _show_table(counts)
    else:
        words = [f"{count} {name}" for name, count in counts.items()]
        print(f"definitions: {', '.join(words[:3])}; files: {', '.join(words[3:])}", file=sys.stderr)
    for name in result.failed:
        print(f"failed    {printable(name)}", file=sys.stderr)


def _show_table(counts: dict[str, int]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE, show_header=False)
    table.add_column()
    table.add_column()
    table.add_column(justify="right")
    for index, (name, count) in enumerate(counts.items()):
        table.add_row({0: "definitions", 3: "files"}.get(index, ""), name, f"{count:,}")
    Console(stderr=True).print(table)
