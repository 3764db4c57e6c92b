"""Every kind of rule there is, read top to bottom. A new kind is a file of its own and a line here."""

from __future__ import annotations

from pipegen.rule import Rule
from pipegen.rules.alarm import AlarmRule
from pipegen.rules.codebuild import CodeBuildRule
from pipegen.rules.commands import CommandsRule
from pipegen.rules.deployment_window import DeploymentWindowRule
from pipegen.rules.function import LambdaRule
from pipegen.rules.variable import VariableRule

KINDS: dict[str, type[Rule]] = {
    "alarm": AlarmRule,
    "deployment-window": DeploymentWindowRule,
    "lambda": LambdaRule,
    "variable": VariableRule,
    "codebuild": CodeBuildRule,
    "commands": CommandsRule,
}
"""The word in a definition -> the kind."""
