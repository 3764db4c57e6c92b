"""Actions of any provider, such as AWS Device Farm, Elastic Beanstalk or Jenkins.
https://docs.aws.amazon.com/codepipeline/latest/userguide/integrations-action-type.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import Annotated, Literal

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Matches
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, grant_problems
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action, ActionType, variable_of
from pipegen.pipeline.action_output import OUTPUT_VARIABLE, ActionOutput, every_input, every_output, output_problems
from pipegen.pipeline.artifact import Artifact, Contents, Output, Reference, SourceTree, Tree
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.requirement import Input
from pipegen.pipeline.setting import Setting
from pipegen.values.value import Text

Category = Literal["Source", "Build", "Test", "Deploy", "Invoke", "Approval", "Compute"]
Owner = Literal["AWS", "ThirdParty", "Custom"]

_API = "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionTypeId.html"
_PROVIDER = Matches(r"[0-9A-Za-z_-]{1,35}", "1 to 35 letters, digits, _ or -, such as ElasticBeanstalk", _API)
_VERSION = Matches(r"[0-9A-Za-z_-]{1,9}", "1 to 9 letters, digits, _ or -", _API)

_MANY = (0, 1000)
"""AWS documents no limit."""
_LIMITS: Mapping[tuple[Owner, str], tuple[tuple[int, int], tuple[int, int]]] = {
    ("AWS", "DeviceFarm"): ((1, 1), (0, 0)),
    ("AWS", "ElasticBeanstalk"): ((1, 1), (0, 0)),
    ("AWS", "OpsWorks"): ((1, 1), (0, 0)),
    ("AWS", "ServiceCatalog"): ((1, 1), (0, 0)),
    ("ThirdParty", "AlexaSkillsKit"): ((1, 2), (0, 0)),
}
"""The numbers of inputs and outputs of providers without a kind.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html"""
_OF_CUSTOM = (0, 5)

_TYPE_ID = "AWS::CodePipeline::Pipeline.ActionTypeId"


@frozen(kw_only=True)
class GenericAction(Action):
    """An action of any provider, for providers without a kind.

    The configuration is passed on unchanged, and the action has only the permissions that it lists.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html"""

    kind: Literal["action"] = "action"
    category: Annotated[Category, Property(f"{_TYPE_ID}.Category")]
    """What the action does. Actions of the category Source are in the first stage, and only these."""
    provider: Annotated[str, _PROVIDER, Property(f"{_TYPE_ID}.Provider")]
    """The provider, as its page names it.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-valid-providers.html"""
    owner: Annotated[Owner, Property(f"{_TYPE_ID}.Owner")] = "AWS"
    """The owner of the action type: AWS, a partner (ThirdParty), or your account (Custom). Default: AWS.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html"""
    version: Annotated[Text, _VERSION, Property(f"{_TYPE_ID}.Version")] = "1"
    """The version of the action type. Default: 1."""
    configuration: Annotated[
        Mapping[str, Setting], Property("AWS::CodePipeline::Pipeline.ActionDeclaration.Configuration")
    ] = field(default_factory=dict)
    """The configuration, with the keys of the provider. Values may use `#{namespace.variable}`. Numbers, true and false
    are converted to text."""
    inputs: Annotated[Sequence[Reference[Contents]], INPUT_ARTIFACTS] = ()
    """The artifacts that the action reads, in the order that the provider expects."""
    outputs: Annotated[
        Sequence[ActionOutput], Property("AWS::CodePipeline::Pipeline.ActionDeclaration.OutputArtifacts")
    ] = ()
    """The artifacts that the action creates."""
    output_variables: Sequence[Annotated[str, OUTPUT_VARIABLE]] = ()
    """The output variables of the provider that later actions use as `#{namespace.variable}`."""
    grants: Sequence[Grant] = ()
    """The permissions that the provider requires, for the role of the pipeline, or that of the actions in the other
    account or region.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html"""

    @property
    def action_type(self) -> ActionType:
        limits = (_OF_CUSTOM, _OF_CUSTOM) if self.owner == "Custom" else (_MANY, _MANY)
        inputs, outputs = _LIMITS.get((self.owner, self.provider), limits)
        if self.category == "Source":
            inputs, outputs = (0, 0), (1, max(1, outputs[1]))
        return ActionType(
            self.category,
            self.provider,
            owner=self.owner,
            version=self.version,
            inputs=inputs,
            outputs=outputs,
        )

    @property
    def takes_role(self) -> bool:
        # https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html
        return self.owner == "AWS" and self.category != "Approval"

    def output(self, name: str) -> Artifact[Tree]:
        return self.reference(name)

    def reads(self) -> Sequence[Input]:
        return every_input(self.inputs)

    def makes(self) -> Sequence[Output]:
        if self.category == "Source":
            return [Output(name=each.name, contents=SourceTree(), always=True) for each in self.outputs]
        return every_output(self.outputs)

    def variable(self, name: str) -> str:
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self.output_variables)

    @property
    def may_deploy(self) -> bool:
        return self.category in ("Build", "Invoke", "Compute")

    def problems(self) -> Iterator[Problem]:
        yield from output_problems(self.outputs)
        yield from grant_problems(self.grants)

    def bind(self, context: Context) -> Bound:
        return Bound(configuration=self.configuration, grants=self.grants)
