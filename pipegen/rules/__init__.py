"""Every kind of rule there is, read top to bottom. A new kind is a file of its own and a line here."""

from __future__ import annotations

from pipegen.kinds import Kinds
from pipegen.rule import Rule

KINDS: Kinds[Rule] = Kinds(
    "pipegen.rules",
    {
        "alarm": "alarm.AlarmRule",
        "deployment-window": "deployment_window.DeploymentWindowRule",
        "lambda": "function.LambdaRule",
        "variable": "variable.VariableRule",
        "codebuild": "codebuild.CodeBuildRule",
        "commands": "commands.CommandsRule",
    },
)
"""The word in a definition -> the kind."""
