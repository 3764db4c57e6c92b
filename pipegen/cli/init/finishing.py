"""From the definition to the files that are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pipegen.cli import report
from pipegen.cli.init.next_steps import show_for_definition
from pipegen.cli.init.plan import Plan, add_hooks, add_workflow, definition_plan
from pipegen.cli.init.request import Request
from pipegen.cli.init.target import Target, Trial
from pipegen.cli.init.writing import write_plan


def finish(
    target: Target,
    trial: Trial,
    request: Request,
    decide: Callable[[Plan, Sequence[Path]], Plan | None] | None = None,
) -> bool:
    """Write the files, and show what comes next; whether they were written."""
    plan = definition_plan(target, trial, request)
    add_checks(plan, request)
    if not write_plan(plan, request.force, decide):
        return False
    report.show(trial.problems)
    show_for_definition(plan, trial)
    return True


def add_checks(plan: Plan, request: Request) -> None:
    """Add the hooks and the workflow that the options request."""
    if request.pre_commit:
        add_hooks(plan)
    if request.workflow is not None:
        add_workflow(plan)
