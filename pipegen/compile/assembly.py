"""Assemble resources, parameters and outputs to a stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from troposphere import AWSObject, Output, Tags, Template
from troposphere import Parameter as TemplateParameter

from pipegen.errors import InvalidDefinition, Path, Problem
from pipegen.model.encryption import encrypt
from pipegen.model.environment import Environment
from pipegen.model.stack_settings import Parameter, StackSettings
from pipegen.stacks.immutable import ENCRYPTED_REPOSITORY, ImmutableProperties
from pipegen.stacks.stack import Stack, StackOutput, referred_names, template_data
from pipegen.stacks.uses import UsedDocument, used_sections
from pipegen.values.create import create

_UNTAGGED = (
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::SSM::Parameter",
)
"""Other services write to these resources when they are immutable. They get no tags: a change of tags would update the
resource, and an update may write every property of the template."""


def assemble(
    definition: StackSettings,
    *,
    name: str,
    description: str,
    resources: Iterable[tuple[AWSObject, Path]],
    outputs: Mapping[str, Output],
    parameters: Sequence[TemplateParameter] = (),
    optional: Mapping[str, Parameter] | None = None,
    immutable: Mapping[str, ImmutableProperties] | None = None,
    environment: Environment | None = None,
    inputs: Mapping[str, StackOutput] | None = None,
) -> Stack:
    """Return a stack. parameters: those of this stack, in addition to the definition's. optional: parameters that the
    stack gets if a resource or output refers to them. Raises InvalidDefinition if two elements have the same logical
    id."""
    template = Template()
    template.set_version("2010-09-09")
    template.set_description(description)
    for parameter in _declared(definition):
        template.parameters[str(parameter.title)] = parameter
    conditions: Mapping[str, Any] = definition.conditions
    template.conditions.update(conditions)
    template.mappings.update({name: dict(table) for name, table in definition.mappings.items()})
    for parameter in parameters:
        title = str(parameter.title)
        if title in definition.parameters:
            text = f"parameter {title} has the name of the stack's image parameter"
            raise InvalidDefinition([Problem("logical-id", ("parameters", title), text, "rename the parameter")])
        template.parameters[title] = parameter
    own = {name: each for name, each in (optional or {}).items() if name not in definition.parameters}
    template.parameters.update({name: _parameter(name, each) for name, each in own.items()})
    origins = _add_resources(template, resources, definition, immutable or {})
    for key, output in outputs.items():
        template.outputs[key] = output
    _drop_unused(template, own)
    return Stack(
        name=name,
        template=template,
        origins=origins,
        immutable={**_repositories(template), **(immutable or {})},
        environment=environment,
        inputs={key: each for key, each in (inputs or {}).items() if key in template.parameters},
    )


def _repositories(template: Template) -> dict[str, ImmutableProperties]:
    resources = template.resources.items()
    return {title: ENCRYPTED_REPOSITORY for title, each in resources if each.resource_type == "AWS::ECR::Repository"}


def _declared(definition: StackSettings) -> Iterator[TemplateParameter]:
    for name, parameter in definition.parameters.items():
        yield _parameter(name, parameter)


def _parameter(name: str, parameter: Parameter) -> TemplateParameter:
    given = parameter.properties().items()
    return create(
        TemplateParameter, name, **{key: list(value) if isinstance(value, tuple) else value for key, value in given}
    )


def _drop_unused(template: Template, optional: Iterable[str]) -> None:
    used = referred_names(template_data(template)) if optional else ()
    for name in optional:
        if name not in used:
            del template.parameters[name]


def used_document(stack: Stack) -> UsedDocument:
    """Return the template as data, without unused conditions and mappings."""
    document = UsedDocument(stack.document())
    for name, used in used_sections(document).items():
        _keep(document, name, used)
    template = stack.template
    template.conditions = {key: template.conditions[key] for key in document.get("Conditions", ())}
    template.mappings = {key: template.mappings[key] for key in document.get("Mappings", ())}
    return document


def with_used_parameters(stacks: Sequence[Stack]) -> tuple[tuple[Stack, UsedDocument], ...]:
    """Return the stacks with their templates as data. Each parameter remains in the stacks that refer to it; a
    parameter that no stack refers to remains in the last."""
    documents = [used_document(stack) for stack in stacks]
    used = [{*each.uses.names, *referred_names(each.get("Conditions"))} for each in documents]
    nowhere = set(stacks[-1].template.parameters).difference(*used)
    for stack, document, names in zip(stacks, documents, used, strict=True):
        kept = names | nowhere if stack is stacks[-1] else names
        for name in [name for name in stack.template.parameters if name not in kept]:
            del stack.template.parameters[name]
        declared = document.get("Parameters", {})
        _keep(document, "Parameters", {name: each for name, each in declared.items() if name in kept})
    return tuple(zip(stacks, documents, strict=True))


def _keep(document: UsedDocument, name: str, used: Mapping[str, Any]) -> None:
    """Reduce a section to what is used, and remove it if nothing is."""
    if used:
        document[name] = used
    else:
        document.pop(name, None)


def _add_resources(
    template: Template,
    resources: Iterable[tuple[AWSObject, Path]],
    definition: StackSettings,
    immutable: Mapping[str, ImmutableProperties],
) -> dict[str, Path]:
    """Add the resources with tags and the default key. Two resources with the same logical id must be equal."""
    origins: dict[str, Path] = {}
    problems: list[Problem] = []
    for resource, path in resources:
        encrypt(resource, definition.encryption_key)
        title = str(resource.title)
        if definition.tags and not (title in immutable and resource.resource_type in _UNTAGGED):
            _tag(resource, definition.tags)
        known = template.resources.get(title)
        if (known is not None and known != resource) or title in template.parameters:
            if title in template.parameters:
                path, other = ("parameters", title), "a resource"
            else:
                other = "another resource"
            text = f"{title} is also the logical id of {other}"
            problems.append(Problem("logical-id", path, text, "rename one of them"))
            continue
        template.resources[title] = resource
        origins.setdefault(title, path)
    if problems:
        raise InvalidDefinition(problems)
    return origins


def _tag(resource: AWSObject, tags: Mapping[str, Any]) -> None:
    """Add the definition's tags to those of the resource."""
    if "Tags" not in resource.props:
        return
    if resource.props["Tags"][0] is dict:
        resource.Tags = {**tags, **resource.properties.get("Tags", {})}
        return
    own = resource.properties.get("Tags", [])
    added = Tags(dict(tags))
    resource.properties["Tags"] = added if not own else [*added.tags, *own]
