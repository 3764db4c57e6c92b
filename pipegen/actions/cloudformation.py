"""CloudFormation actions: create, update or delete a stack, or create or execute a change set.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import Annotated, Literal

from pipegen.ecs.roles import role_arn
from pipegen.errors import Path, Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import RELATIVE_PATH, Matches
from pipegen.fields.marks import Keyed, Mapped
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, Contents, Files, Output, Reference, SourceTree
from pipegen.pipeline.artifact_file import ArtifactFile, path_in
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.effects import Preparation, StackUpdate
from pipegen.pipeline.requirement import AnyArtifact, Input, OneFile
from pipegen.references.kinds import ROLE, ROLE_NAME
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.expression import Expression
from pipegen.values.shape import shapes, shown
from pipegen.values.value import TextValue, Value, arn, concat

Mode = Literal["CREATE_UPDATE", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE", "DELETE_ONLY"]
Capability = Literal["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]

_API = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference"
_STACK = Matches(
    r"[a-zA-Z][-a-zA-Z0-9]{0,127}",
    "a letter, then up to 127 letters, digits or -",
    f"{_API}/API_CreateStack.html",
)
_CHANGE_SET = Matches(_STACK.expression, _STACK.words, f"{_API}/API_CreateChangeSet.html")
_STACK_OUTPUT = Matches(
    r"[A-Za-z0-9]{1,255}",
    "1 to 255 letters or digits, its logical name in the template",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",
)
_OVERRIDES = 1000
"""The limit of ParameterOverrides is 1 KB, and that of a configuration value 1,000 characters.
https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

_TEMPLATE_FIELDS = ("template_configuration", "capabilities", "parameter_overrides", "output_file", "stack_outputs")
_REQUIRED: Mapping[Mode, tuple[str, ...]] = {
    "CREATE_UPDATE": ("template", "role"),
    "REPLACE_ON_FAILURE": ("template", "role"),
    "CHANGE_SET_REPLACE": ("template", "role", "change_set_name"),
    "CHANGE_SET_EXECUTE": ("change_set_name",),
    "DELETE_ONLY": ("role",),
}
_ALLOWED: Mapping[Mode, tuple[str, ...]] = {
    "CREATE_UPDATE": _TEMPLATE_FIELDS,
    "REPLACE_ON_FAILURE": _TEMPLATE_FIELDS,
    "CHANGE_SET_REPLACE": _TEMPLATE_FIELDS,
    "CHANGE_SET_EXECUTE": ("output_file", "stack_outputs"),
    "DELETE_ONLY": (),
}
_DESCRIBE = ("DescribeStackEvents", "DescribeStacks")
_CHANGE = (*_DESCRIBE, "CreateStack", "DescribeStackResources", "GetTemplate", "UpdateStack")
_ON_STACK: Mapping[Mode, tuple[tuple[str, ...], str]] = {
    "CREATE_UPDATE": (_CHANGE, "creates or updates the stack and waits for it"),
    "REPLACE_ON_FAILURE": ((*_CHANGE, "DeleteStack"), "creates, updates or replaces the stack and waits for it"),
    "CHANGE_SET_REPLACE": (_DESCRIBE, "reads the stack of the change set"),
    "CHANGE_SET_EXECUTE": (_DESCRIBE, "waits for the stack that the change set updates"),
    "DELETE_ONLY": ((*_DESCRIBE, "DeleteStack"), "deletes the stack and waits for it"),
}
_ON_CHANGE_SET: Mapping[Mode, tuple[tuple[str, ...], str]] = {
    "CHANGE_SET_REPLACE": (("CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet"), "recreates the change set"),
    "CHANGE_SET_EXECUTE": (("DescribeChangeSet", "ExecuteChangeSet"), "executes the change set"),
}


@frozen(kw_only=True)
class FileValue(Model):
    """The value of a key in a JSON file of an artifact, read when the action runs.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-parameter-override-functions.html
    """

    key: str
    """The key in the file."""
    path: Annotated[str, RELATIVE_PATH]
    """The path of the file in the artifact."""
    artifact: Reference[SourceTree | Files] | None = None
    """The artifact. Default: the only one that contains the file."""


@frozen(kw_only=True)
class ArtifactAttribute(Model):
    """An attribute of the location where an artifact is stored.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-parameter-override-functions.html
    """

    attribute: Literal["BucketName", "ObjectKey", "URL"]
    """The attribute: the name of the bucket, the key of the object, or its URL."""
    artifact: Reference[Contents]
    """The artifact."""


_FileOr = Annotated[str | Expression | FileValue, Mapped(FileValue, otherwise=TextValue)]
Override = Annotated[
    str | Expression | FileValue | ArtifactAttribute, Keyed(attribute=ArtifactAttribute, otherwise=_FileOr)
]

_TYPE = ActionType(category="Deploy", provider="CloudFormation", inputs=(0, 10), outputs=(0, 1), distinct_inputs=False)
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html"""


@frozen(kw_only=True)
class CloudFormation(Action):
    """A deployment of a CloudFormation stack in the pipeline's account and region.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html"""

    kind: Literal["cloudformation"] = "cloudformation"
    stack_name: Annotated[Value, _STACK, ConfigurationKey("StackName")]
    """The name of the stack."""
    mode: Annotated[Mode, ConfigurationKey("ActionMode")] = "CREATE_UPDATE"
    """CREATE_UPDATE creates or updates the stack; REPLACE_ON_FAILURE also deletes a stack that has failed before;
    CHANGE_SET_REPLACE creates a change set and replaces one with the same name; CHANGE_SET_EXECUTE executes it;
    DELETE_ONLY deletes the stack. Default: CREATE_UPDATE."""
    change_set_name: Annotated[Value, _CHANGE_SET, ConfigurationKey("ChangeSetName")] | None = None
    """The name of the change set, without variables of the pipeline. Required for the modes of change sets."""
    template: Annotated[ArtifactFile, ConfigurationKey("TemplatePath")] | None = None
    """The template. Required for all modes except CHANGE_SET_EXECUTE and DELETE_ONLY."""
    template_configuration: Annotated[ArtifactFile, ConfigurationKey("TemplateConfiguration")] | None = None
    """A file with parameters, tags and a stack policy:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html"""
    role: Annotated[Value, Refers(ROLE_NAME, ROLE), ConfigurationKey("RoleArn")] | None = None
    """The name or ARN of the role that CloudFormation assumes, the only one that the pipeline may pass. Required for
    all modes except CHANGE_SET_EXECUTE."""
    capabilities: Annotated[Sequence[Capability], ConfigurationKey("Capabilities")] = ()
    """Capabilities that the template requires, without duplicates:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
    parameter_overrides: Annotated[
        Mapping[Annotated[str, names.PARAMETER], Override], ConfigurationKey("ParameterOverrides")
    ] = field(default_factory=dict)
    """Values for parameters of the template, by name. Text may use `#{namespace.variable}`;
    `{key: …, path: …, artifact: …}` is read from a file when the action runs, and `{attribute: …, artifact: …}` is the
    location of an artifact. All together have at most 1,000 characters of JSON:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    output_file: Annotated[str, RELATIVE_PATH, ConfigurationKey("OutputFileName")] | None = None
    """The path of a JSON file with the outputs of the stack, in an artifact that the action creates. Default: none."""
    stack_outputs: Sequence[Annotated[str, _STACK_OUTPUT]] = ()
    """Names of outputs of the stack that later actions may use as `#{namespace.name}`."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def output(self) -> Artifact[Files]:
        """The artifact with the output file."""
        return self.reference()

    def reads(self) -> Sequence[Input]:
        inputs = [
            _input((name, "artifact"), file)
            for name, file in (("template", self.template), ("template_configuration", self.template_configuration))
            if file is not None
        ]
        for name, value in self.parameter_overrides.items():
            if isinstance(value, FileValue | ArtifactAttribute):
                inputs.append(_input(("parameter_overrides", name, "artifact"), value))
        return inputs

    def makes(self) -> Sequence[Output]:
        if self.output_file is None:
            return ()
        return (Output(name="outputs", contents=Files(files=(self.output_file,)), always=True),)

    def variable(self, name: str) -> str:
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self.stack_outputs)

    @property
    def updated_stack(self) -> StackUpdate | None:
        if self.template is None:
            return None
        parameters = [*self.parameter_overrides]
        return StackUpdate(
            name=self.stack_name, template=self.template.path, capabilities=self.capabilities, parameters=parameters
        )

    @property
    def deleted_stack(self) -> Value | None:
        return self.stack_name if self.mode == "DELETE_ONLY" else None

    def prepares(self) -> Sequence[Preparation]:
        return self._change_sets("CHANGE_SET_REPLACE")

    def expects(self) -> Sequence[Preparation]:
        return self._change_sets("CHANGE_SET_EXECUTE")

    def _change_sets(self, mode: Mode) -> Sequence[Preparation]:
        if self.mode != mode or self.change_set_name is None:
            return ()
        names = (self.stack_name, self.change_set_name)
        words = f"the change set {_plain(self.change_set_name)} of the stack {_plain(self.stack_name)}"
        return (Preparation(words=words, names=names, path=("change_set_name",)),)

    def problems(self) -> Iterator[Problem]:
        yield from self._mode_problems()
        yield from self._name_problems()
        for index, capability in enumerate(self.capabilities):
            if capability in self.capabilities[:index]:
                text = f"capabilities contains {capability} twice"
                yield Problem("cloudformation-capabilities", ("capabilities", index), text, "list it once")
        length = sum(len(part) for part in self._override_parts({}) if isinstance(part, str))
        if length > _OVERRIDES:
            text = f"parameter_overrides must have at most {_OVERRIDES:,} characters of JSON, got {length:,}"
            fix = "use template_configuration for some of them"
            yield Problem("configuration-length", ("parameter_overrides",), text, fix)

    def _mode_problems(self) -> Iterator[Problem]:
        required, allowed = _REQUIRED[self.mode], _ALLOWED[self.mode]
        for name in required:
            if getattr(self, name) is None:
                yield Problem("cloudformation-mode", ("mode",), f"mode {self.mode} requires {name}", f"add {name}")
        for name in ("change_set_name", "template", "role", *_TEMPLATE_FIELDS):
            if getattr(self, name) not in (None, (), {}) and name not in (*required, *allowed):
                modes = [mode for mode in _REQUIRED if name in (*_REQUIRED[mode], *_ALLOWED[mode])]
                fix = f"remove it, or use mode {', '.join(modes)}"
                yield Problem("cloudformation-mode", (name,), f"mode {self.mode} does not support {name}", fix)

    def _name_problems(self) -> Iterator[Problem]:
        change_set = () if self.change_set_name is None else shapes(self.change_set_name)
        if any("#{" in each.text for each in change_set):
            text = f"change_set_name must not contain variables, got {shown(self.change_set_name or '')}"
            fix = "write a name without #{…}; the permission of the pipeline contains it"
            yield Problem("cloudformation-name", ("change_set_name",), text, fix)

    def bind(self, context: Context) -> Bound:
        artifacts = {
            wanted.path[:-1]: wired.artifact for wanted, wired in zip(self.reads(), context.inputs, strict=True)
        }
        role = None if self.role is None else role_arn(self.role, context.account)
        settings: dict[str, Value | None] = {
            "ActionMode": self.mode,
            "StackName": self.stack_name,
            "ChangeSetName": self.change_set_name,
            "TemplatePath": path_in(artifacts.get(("template",)), self.template),
            "TemplateConfiguration": path_in(artifacts.get(("template_configuration",)), self.template_configuration),
            "RoleArn": role,
            "Capabilities": ",".join(self.capabilities) or None,
            "ParameterOverrides": concat(*self._override_parts(artifacts)) if self.parameter_overrides else None,
            "OutputFileName": self.output_file,
        }
        return Bound(
            configuration={key: value for key, value in settings.items() if value is not None},
            grants=[*self._grants(), *_pass(role)],
        )

    def _override_parts(self, artifacts: Mapping[Path, str]) -> Iterator[Value]:
        """The literal parts of the JSON object, with expressions in quotes between them."""
        start = "{"
        for name, value in self.parameter_overrides.items():
            head = f"{start}{json.dumps(name)}:"
            artifact = artifacts.get(("parameter_overrides", name), "")
            if isinstance(value, FileValue):
                yield head + _json({"Fn::GetParam": [artifact, value.path, value.key]})
            elif isinstance(value, ArtifactAttribute):
                yield head + _json({"Fn::GetArtifactAtt": [artifact, value.attribute]})
            elif isinstance(value, str):
                yield head + json.dumps(value)
            else:
                yield from (head + '"', value, '"')
            start = ","
        yield "}"

    def _grants(self) -> Iterator[Grant]:
        """The permissions of each mode, from the page of the provider and the CDK.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html#edit-role-cloudformation
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html"""
        stack = (arn("cloudformation", "stack/", self.stack_name, "/*"),)
        actions, because = _ON_STACK[self.mode]
        yield Grant(actions=_named(actions), resources=stack, because=because)
        if self.mode in _ON_CHANGE_SET and self.change_set_name is not None:
            actions, because = _ON_CHANGE_SET[self.mode]
            named = {"StringEqualsIfExists": {"cloudformation:ChangeSetName": self.change_set_name}}
            yield Grant(actions=_named(actions), resources=stack, conditions=named, because=because)
        if self.template_configuration is not None:
            actions = ("SetStackPolicy", "TagResource")
            yield Grant(actions=_named(actions), resources=stack, because="sets the policy and tags of the stack")
        if self.template is not None:
            because = "validates the template before the stack exists; the action does not support resources"
            yield Grant(actions=("cloudformation:ValidateTemplate",), resources=("*",), because=because)


def _input(path: Path, field_value: ArtifactFile | FileValue | ArtifactAttribute) -> Input:
    requires = AnyArtifact() if isinstance(field_value, ArtifactAttribute) else OneFile(path=field_value.path)
    return Input(path=path, requires=requires, artifact=field_value.artifact)


def _json(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))


def _named(actions: Sequence[str]) -> list[str]:
    return [f"cloudformation:{action}" for action in actions]


def _pass(role: Value | None) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html"""
    if role is not None:
        yield Grant(
            actions=("iam:PassRole",),
            resources=(role,),
            conditions={"StringEquals": {"iam:PassedToService": ("cloudformation.amazonaws.com",)}},
            because="lets CloudFormation use its role",
        )


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else shown(value)
