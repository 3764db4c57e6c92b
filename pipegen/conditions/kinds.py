"""The kinds of rules. A new kind is a new module and a line here."""

from __future__ import annotations

from pipegen.pipeline.kinds import Kinds
from pipegen.pipeline.rule import Rule

KINDS: Kinds[Rule] = Kinds(
    "pipegen.conditions",
    {
        "alarm": "alarm.AlarmRule",
        "deployment-window": "deployment_window.DeploymentWindowRule",
        "lambda": "function.LambdaRule",
        "variable": "variable.VariableRule",
        "codebuild": "codebuild.CodeBuildRule",
        "commands": "commands.CommandsRule",
    },
)
"""The class of each kind, by its name in definitions."""
