"""The triggers and variables of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from troposphere import codepipeline

from pipegen.pipeline.located import LocatedAction
from pipegen.pipeline.pipeline import Pipeline, Variable
from pipegen.pipeline.trigger import Patterns, PullRequest, Push, Trigger
from pipegen.values.create import create


def declarations(pipeline: Pipeline, actions: Iterable[LocatedAction]) -> dict[str, Any]:
    """Return the properties of the pipeline for triggers and variables, without empty ones."""
    providers = {located.action.name: located.action.action_type.provider for located in actions}
    return _set_properties(
        Triggers=[_trigger(trigger, providers.get(trigger.source_name, "")) for trigger in pipeline.triggers],
        Variables=[_variable(name, variable) for name, variable in pipeline.variables.items()],
    )


def _set_properties(**properties: Any) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value}


def _variable(name: str, variable: Variable) -> codepipeline.VariableDeclaration:
    optional = _set_properties(DefaultValue=variable.default, Description=variable.description)
    return create(codepipeline.VariableDeclaration, Name=name, **optional)


def _trigger(trigger: Trigger, provider: str) -> codepipeline.PipelineTriggerDeclaration:
    filters = _set_properties(
        Push=list(map(_push, trigger.push)), PullRequest=list(map(_pull_request, trigger.pull_request))
    )
    git = create(codepipeline.GitConfiguration, SourceActionName=trigger.source_name, **filters)
    return create(codepipeline.PipelineTriggerDeclaration, ProviderType=provider, GitConfiguration=git)


def _push(push: Push) -> codepipeline.GitPushFilter:
    return create(
        codepipeline.GitPushFilter,
        **_set_properties(
            Branches=_branches(push),
            FilePaths=_criteria(codepipeline.GitFilePathFilterCriteria, push.file_paths),
            Tags=_criteria(codepipeline.GitTagFilterCriteria, push.tags),
        ),
    )


def _pull_request(pull_request: PullRequest) -> codepipeline.GitPullRequestFilter:
    # Always with events: CodePipeline's default includes CLOSED.
    return create(
        codepipeline.GitPullRequestFilter,
        Events=list(pull_request.events),
        **_set_properties(
            Branches=_branches(pull_request),
            FilePaths=_criteria(codepipeline.GitFilePathFilterCriteria, pull_request.file_paths),
        ),
    )


def _branches(of: Push | PullRequest) -> Any:
    """Return the filter of branches. CodePipeline requires branches with file paths. Default with file paths: all
    branches. https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html"""
    every = Patterns(includes=("**",)) if of.file_paths is not None else None
    return _criteria(codepipeline.GitBranchFilterCriteria, of.branches or every)


def _criteria(kind: Any, patterns: Patterns | None) -> Any:
    if patterns is None:
        return None
    return kind(**_set_properties(Includes=list(patterns.includes), Excludes=list(patterns.excludes)))
