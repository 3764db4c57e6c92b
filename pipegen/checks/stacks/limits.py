"""Checks of AWS limits: configuration values, buildspecs, role policies, resources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.definition import Definition, texts_below
from pipegen.errors import Path, Problem, last_of, one_line
from pipegen.graph.outline import Outline
from pipegen.pipeline.located import LocatedRule
from pipegen.stacks.stack import Document, Stack, mapping, resources_of, sequence

CONFIGURATION_VALUE = 1000
RULE_VALUE = 10_000
"""https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RuleDeclaration.html"""
CONFIGURATION_KEY = 50
COMMAND = 1000
"""https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html"""
TRIGGER_BYTES = 200 * 1024
BUILDSPEC = 25_600
ROLE_POLICIES = 10_240
_LENGTHS = {"AWS::Partition": 6, "AWS::Region": 14, "AWS::AccountId": 12, "AWS::URLSuffix": 16}
_OTHER_LENGTH = 64
RESOURCES, PARAMETERS, OUTPUTS = 500, 200, 200


def configuration(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    for reader, path, configured in lowered.configured(document):
        longest = RULE_VALUE if isinstance(reader, LocatedRule) else CONFIGURATION_VALUE
        yield from _configuration(lowered.definition, path, configured, longest)


def _configuration(
    definition: Definition, path: Path, configured: Mapping[str, Any], longest: int
) -> Iterator[Problem]:
    for key, value in mapping(configured.get("Configuration")).items():
        if len(key) > CONFIGURATION_KEY:
            text = f"configuration key {key[:20]}… must have at most {CONFIGURATION_KEY} characters, got {len(key)}"
            yield Problem("configuration-length", path, text, "shorten it")
        if isinstance(value, str) and not 1 <= len(value) <= longest:
            field = next((each for each, text in texts_below(definition, path) if text == value), None)
            name = key if field is None else last_of(field)
            text = f"{name} must have 1 to {longest:,} characters, got {len(value):,}"
            yield Problem("configuration-length", field or path, text)


def commands(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""
    for reader, path, configured in lowered.configured(document):
        if isinstance(reader, LocatedRule):
            continue
        for command in (each for each in sequence(configured.get("Commands")) if isinstance(each, str)):
            if len(command) > COMMAND:
                size = f"at most {COMMAND:,} characters, got {len(command):,}"
                text = f"a command must have {size}: {one_line(command, 60)}"
                yield Problem("action-commands", path, text, "use shorter names")
            if "\n" in command:
                text = f"a command must be one line, got {one_line(command, 60)}"
                yield Problem("action-commands", path, text, "use names without line breaks")


def triggers(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    for _, properties in resources_of(document, "AWS::CodePipeline::Pipeline"):
        size = len(json.dumps(resolved(properties.get("Triggers", [])), separators=(",", ":")))
        if size > TRIGGER_BYTES:
            text = f"triggers must have at most 204,800 characters, got {size:,}"
            yield Problem("trigger-count", ("pipeline", "triggers"), text, "use broader patterns")


def buildspec(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html"""
    for logical_id, properties in resources_of(document, "AWS::CodeBuild::Project"):
        text = mapping(properties.get("Source")).get("BuildSpec")
        if isinstance(text, str) and len(text) > BUILDSPEC:
            what = f"an inline buildspec must have at most {BUILDSPEC:,} characters, got {len(text):,}"
            fix = "move commands into a script in the source"
            yield Problem("buildspec-length", stack.origins.get(logical_id, ()), what, fix)


def role_policy(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find roles whose inline policies are too long; IAM does not count white space.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    for logical_id, properties in resources_of(document, "AWS::IAM::Role"):
        policies = [mapping(policy).get("PolicyDocument") for policy in sequence(properties.get("Policies"))]
        size = sum(len(json.dumps(resolved(policy), separators=(",", ":"))) for policy in policies)
        if size > ROLE_POLICIES:
            text = f"the policy of {logical_id} must have at most {ROLE_POLICIES:,} characters, got {size:,}"
            fix = "split the pipeline, or use fewer roles, secrets and parameters"
            yield Problem("policy-length", stack.origins.get(logical_id, ("pipeline",)), text, fix)


def resolved(data: Any) -> Any:
    """Return the data with expressions replaced by texts of about their final length."""
    if isinstance(data, list):
        return [resolved(item) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        [(function, argument)] = data.items()
        if function == "Fn::Sub":
            text = argument if isinstance(argument, str) else str(argument[0] if argument else "")
            return re.sub(r"\$\{([^}]*)\}", lambda name: "x" * _LENGTHS.get(name[1], _OTHER_LENGTH), text)
        if function == "Ref" or str(function).startswith("Fn::"):
            return "x" * _LENGTHS.get(str(argument), _OTHER_LENGTH)
    return {key: resolved(value) for key, value in data.items()}


def template(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
    template = stack.template
    for noun, number, most in (
        ("resources", len(template.resources), RESOURCES),
        ("parameters", len(template.parameters), PARAMETERS),
        ("outputs", len(template.outputs), OUTPUTS),
    ):
        if number > most:
            text = f"the stack {stack.name} must have at most {most} {noun}, got {number}"
            yield Problem("template-limit", ("pipeline",), text, "split the pipeline")
