"""Conditions of stages, and kinds of rules, one per module."""

from __future__ import annotations

from pipegen.lazy import public_names

TYPE_CHECKING = False  # as type checkers know it, without the time that the import of typing takes
if TYPE_CHECKING:
    from pipegen.conditions.alarm import AlarmRule as AlarmRule
    from pipegen.conditions.codebuild import CodeBuildRule as CodeBuildRule
    from pipegen.conditions.commands import CommandsRule as CommandsRule
    from pipegen.conditions.deployment_window import DeploymentWindowRule as DeploymentWindowRule
    from pipegen.conditions.function import LambdaRule as LambdaRule
    from pipegen.conditions.variable import VariableRule as VariableRule
    from pipegen.pipeline.condition import BeforeEntry as BeforeEntry, OnFailure as OnFailure, OnSuccess as OnSuccess
    from pipegen.pipeline.rule import BoundRule as BoundRule, Rule as Rule, RuleContext as RuleContext
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.conditions.alarm": "AlarmRule",
            "pipegen.conditions.codebuild": "CodeBuildRule",
            "pipegen.conditions.commands": "CommandsRule",
            "pipegen.conditions.deployment_window": "DeploymentWindowRule",
            "pipegen.conditions.function": "LambdaRule",
            "pipegen.conditions.variable": "VariableRule",
            "pipegen.pipeline.condition": "BeforeEntry OnFailure OnSuccess",
            "pipegen.pipeline.rule": "BoundRule Rule RuleContext",
        },
    )
