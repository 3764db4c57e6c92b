"""The parameter files of a definition, one for each environment, and checks of the values.

All stacks of a definition share a file: the AWS CLI ignores parameters that a template does not declare.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from pipegen.checks.stacks.parameter_values import invalid_value, with_value
from pipegen.errors import Path, Problem, did_you_mean, one_line
from pipegen.facts import closest
from pipegen.fields.model import keyed_fields
from pipegen.model.environment import Environment
from pipegen.model.stack_settings import Parameter
from pipegen.model.tags import tag_value_fault
from pipegen.rendering import RenderedStack
from pipegen.stacks.stack import Document, mapping, sequence
from pipegen.syntax import plaintext
from pipegen.syntax.plaintext import heads_in, names_secret, token_in
from pipegen.values.lists import is_list_type
from pipegen.values.value import Text

_FIELDS = keyed_fields(Parameter)


def parameter_file(environment: str) -> str:
    """Return the name of the parameter file of an environment."""
    return f"{environment}.parameters.json"


def variable_of(parameter: str) -> str:
    """Return the environment variable from which `deploy.sh` reads the value of a NoEcho parameter."""
    return f"PARAMETER_{parameter}"


def declared(stacks: Sequence[RenderedStack]) -> Mapping[str, Parameter]:
    """Return the parameters that the templates declare, sorted."""
    parameters = {}
    for rendered in stacks:
        for name, parameter in rendered.stack.template.parameters.items():
            properties = {_FIELDS[key]: value for key, value in parameter.properties.items() if key in _FIELDS}
            parameters[name] = Parameter(name, **properties)
    return dict(sorted(parameters.items()))


def _split(stacks: Sequence[RenderedStack]) -> tuple[list[str], list[str]]:
    """Return the names of the NoEcho parameters that the templates declare, and those of the others, both sorted."""
    parameters = {
        name: _is_true(parameter.properties.get("NoEcho"))
        for rendered in stacks
        for name, parameter in rendered.stack.template.parameters.items()
    }
    names = sorted(parameters)
    return [name for name in names if parameters[name]], [name for name in names if not parameters[name]]


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"  # an override may have set text


def secrets(stacks: Sequence[RenderedStack]) -> list[str]:
    """Return the NoEcho parameters, whose values are written to no file."""
    return _split(stacks)[0]


def takes_file(stacks: Sequence[RenderedStack]) -> bool:
    """Whether there are parameters other than NoEcho ones."""
    return bool(_split(stacks)[1])


def values(stacks: Sequence[RenderedStack], environment: Environment) -> dict[str, str]:
    """Return the values of an environment for the parameters of stacks, sorted, without NoEcho parameters."""
    known = ((name, environment.value(name)) for name in _split(stacks)[1])
    return {name: value for name, value in known if value is not None}


def parameters_text(stacks: Sequence[RenderedStack], environment: Environment) -> str:
    """Return a file for `aws cloudformation deploy --parameter-overrides file://…`.

    It is a JSON list of `Name=value`, the only form that both versions of the AWS CLI accept, in ASCII, as the CLI
    reads files in the encoding of the locale.
    https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/index.html;
    https://github.com/aws/aws-cli/blob/v2/awscli/customizations/cloudformation/deploy.py"""
    words = [f"{name}={value}" for name, value in values(stacks, environment).items()]
    return json.dumps(words, indent=2) + "\n"


def parameter_problems(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> Iterator[Problem]:
    """Find values of environments that CloudFormation would reject.

    Paths that begin with `environments` are in the fleet's file, paths that begin with `parameters` in the definition.
    """
    inputs = {name for rendered in stacks for name in rendered.stack.inputs}
    known = {name: parameter for name, parameter in declared(stacks).items() if name not in inputs}
    heads = heads_in("\0".join([each.value(name) or "" for each in environments.values() for name in known]))
    for name, parameter in known.items():
        if _is_true(parameter.no_echo):
            yield from _secret_problems(name, parameter, environments)
        else:
            yield from _missing(name, parameter, environments, known)
            yield from _invalid(name, parameter, environments)
            yield from _plain_secrets(name, environments, heads)
    yield from _in_tags(stacks, environments)


def value_problems(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> Iterator[Problem]:
    """Find values of environments that CloudFormation would reject, or that are secrets. Missing values are not
    reported. Paths begin with `environments`."""
    inputs = {name for rendered in stacks for name in rendered.stack.inputs}
    known = {name: parameter for name, parameter in declared(stacks).items() if name not in inputs}
    heads = heads_in("\0".join([each.value(name) or "" for each in environments.values() for name in known]))
    for name, parameter in known.items():
        yield from _invalid(name, parameter, environments)
        yield from _plain_secrets(name, environments, heads)
    yield from _in_tags(stacks, environments)


def _missing(
    name: str, parameter: Parameter, environments: Mapping[str, Environment], known: Collection[str]
) -> Iterator[Problem]:
    missing = [each for each, environment in environments.items() if environment.value(name) is None]
    if parameter.default is None and missing:
        text = f"{name} has no value in {', '.join(missing)} and no default"
        values = environments[missing[0]].parameters
        near = closest(name, values)
        fix = f"set it in environments.{missing[0]}.parameters of the fleet, or add a Default to the parameter"
        if near and near not in known:
            text += f": there is {near}"
            fix = did_you_mean(name)
            yield Problem("parameter-missing", _path(missing[0], near), text, fix)
        else:
            yield Problem("parameter-missing", ("environments", missing[0], "parameters"), text, fix)


def _in_tags(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> Iterator[Problem]:
    """Check values that are used as tag values, which allow fewer characters."""
    tagged = {name: key for rendered in stacks for name, key in _tag_parameters(rendered.document)}
    for name, key in tagged.items():
        for each, environment in environments.items():
            if fault := tag_value_fault(environment.value(name) or ""):
                text = f"{name} of {each} is the value of the tag {one_line(key, 60)}, and {fault[0]}"
                yield Problem("tags", _path(each, name), text, fault[1])


def _tag_parameters(document: Document) -> Iterator[tuple[str, str]]:
    for resource in mapping(document.get("Resources")).values():
        for tag in sequence(mapping(mapping(resource).get("Properties")).get("Tags")):
            parameter = mapping(mapping(tag).get("Value")).get("Ref")
            if isinstance(parameter, str):
                yield parameter, str(mapping(tag).get("Key"))


def _invalid(name: str, parameter: Parameter, environments: Mapping[str, Environment]) -> Iterator[Problem]:
    for each, environment in environments.items():
        value = environment.value(name)
        if _is_list_for_one(parameter, environment.parameters.get(name, "")):
            text = f"{name} of {each} must be one {parameter.type}, got a list"
            yield Problem(
                "parameter-value", _path(each, name), text, "set one value, or change the type of the parameter"
            )
        elif value is not None and (reason := invalid_value(parameter, value)):
            what, _, fix = reason.partition("; ")
            text = f"{name} of {each}: {with_value(parameter, 'its value', value)} {what}"
            yield Problem("parameter-value", _path(each, name), text, fix or "correct it")


def _is_list_for_one(parameter: Parameter, value: Text | Sequence[Text]) -> bool:
    """Whether a list is set for a parameter with one value. Text may contain items separated by commas."""
    takes_one = parameter.type != "String" and not is_list_type(parameter.type)
    return takes_one and not isinstance(value, str) and len(value) > 1


def _secret_problems(name: str, parameter: Parameter, environments: Mapping[str, Environment]) -> Iterator[Problem]:
    manual = f"{variable_of(name)}=… ./deploy.sh ENVIRONMENT sets it once; updates keep it"
    names = [each for each, environment in environments.items() if environment.value(name) is not None]
    for each in names:
        text = f"{name} of {each} is NoEcho, but its value is in a file"
        yield Problem("parameter-secret", _path(each, name), text, f"remove the value and rotate the secret; {manual}")
    if parameter.default is None and environments and not names:
        text = f"{name} is NoEcho, so no file has its value: set it manually"
        yield Problem("parameter-secret", ("parameters", name), text, manual, severity="note")


def _plain_secrets(name: str, environments: Mapping[str, Environment], heads: Sequence[str]) -> Iterator[Problem]:
    """Find secrets among the values, which are visible in the fleet's file and in rendered files."""
    for each, environment in environments.items():
        value = environment.value(name) or ""
        if (names_secret(name) and plaintext.is_secret(name, value)) or token_in(value, heads):
            text = f"{name} of {each} is a secret in plain text"
            fix = "store it in Secrets Manager, and set a field for secrets to the ARN"
            yield Problem("secret-plaintext", _path(each, name), text, fix, "warning")


def unused_problems(
    environments: Mapping[str, Environment], used: Mapping[str, Collection[str]], what: str = "definition"
) -> Iterator[Problem]:
    """Find parameters of environments that no template declares. Paths begin with `environments`.

    used: by environment, the parameters of all that is deployed there. what: the word for that.
    """
    for each, environment in environments.items():
        for name in environment.parameters:
            if name not in used.get(each, ()):
                text = f"{name} is not a parameter of any {what} that is deployed to {each}"
                fix = "remove it, or correct its name"
                yield Problem("parameter-unused", _path(each, name), text, fix, severity="warning")


def _path(environment: str, parameter: str) -> Path:
    return ("environments", environment, "parameters", parameter)
