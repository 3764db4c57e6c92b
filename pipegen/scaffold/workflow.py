"""A GitHub Actions workflow that checks definitions and their templates.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from pathlib import PurePosixPath

from pipegen._version import __version__
from pipegen.output.scripts import render
from pipegen.scaffold.checks import CheckTarget

WORKFLOW = PurePosixPath(".github/workflows/pipegen.yaml")


def workflow_text(checked: CheckTarget) -> str:
    return render("workflow.yaml.j2", version=__version__, validate=checked.validate, render=checked.render)
