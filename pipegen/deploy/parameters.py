"""What the stacks of a definition are given in each environment: a file of parameters, and what is wrong with them.

All stacks of a definition share the file: the AWS CLI leaves out what a template does not declare.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from pipegen.checks.stacks.parameter_values import invalid_value
from pipegen.errors import Path, Problem, one_line, quoted
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
    """The name of the file."""
    return f"{environment}.parameters.json"


def variable_of(parameter: str) -> str:
    """The environment variable that `deploy.sh` takes the value of a NoEcho parameter from."""
    return f"PARAMETER_{parameter}"


def declared(stacks: Sequence[RenderedStack]) -> Mapping[str, Parameter]:
    """The parameters of their templates, sorted."""
    found = {}
    for rendered in stacks:
        for name, parameter in rendered.stack.template.parameters.items():
            properties = {_FIELDS[key]: value for key, value in parameter.properties.items() if key in _FIELDS}
            found[name] = Parameter(name, **properties)
    return dict(sorted(found.items()))


def is_secret(parameter: Parameter) -> bool:
    return str(parameter.no_echo).lower() == "true"  # an override may have made a text of it


def secrets(stacks: Sequence[RenderedStack]) -> list[str]:
    """The NoEcho parameters: no file has a value of theirs."""
    return [name for name, parameter in declared(stacks).items() if is_secret(parameter)]


def takes_file(stacks: Sequence[RenderedStack]) -> bool:
    """Whether there is a parameter that a file could give."""
    return not all(map(is_secret, declared(stacks).values()))


def values(stacks: Sequence[RenderedStack], environment: Environment) -> dict[str, str]:
    """What an environment gives for the parameters of these stacks, sorted; NoEcho ones are left out."""
    known = (
        (name, environment.value(name)) for name, parameter in declared(stacks).items() if not is_secret(parameter)
    )
    return {name: value for name, value in known if value is not None}


def parameters_text(stacks: Sequence[RenderedStack], environment: Environment) -> str:
    """A file for `aws cloudformation deploy --parameter-overrides file://…`: a JSON list of `Name=value`, the one form
    that both versions of the AWS CLI read (of mappings, the first knows nothing). ASCII alone: the CLI reads it in the
    encoding of the user's locale.
    https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/index.html;
    https://github.com/aws/aws-cli/blob/v2/awscli/customizations/cloudformation/deploy.py"""
    words = [f"{name}={value}" for name, value in values(stacks, environment).items()]
    return json.dumps(words, indent=2) + "\n"


def parameter_problems(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> Iterator[Problem]:
    """What CloudFormation would refuse of the values that these environments give to a definition's stacks.

    Paths that begin with `environments` are of the fleet's file, those that begin with `parameters` of the definition.
    """
    known = declared(stacks)
    for name, parameter in known.items():
        if is_secret(parameter):
            yield from _secret_problems(name, parameter, environments)
        else:
            yield from _missing(name, parameter, environments, known)
            yield from _refused(name, parameter, environments)
            yield from _plain_secrets(name, environments)
    yield from _in_tags(stacks, environments)


def _missing(
    name: str, parameter: Parameter, environments: Mapping[str, Environment], known: Collection[str]
) -> Iterator[Problem]:
    lacking = [each for each, environment in environments.items() if environment.value(name) is None]
    if parameter.default is None and lacking:
        text = f"{name} has no value in {', '.join(lacking)}, and no default"
        given = environments[lacking[0]].parameters
        near = closest(name, given)
        fix = f"give it in environments.{lacking[0]}.parameters of the fleet, or the parameter a Default"
        if near and near not in known:
            text += f": there is {near}"
            fix = f"did you mean {name}?"
            yield Problem("parameter-missing", _place(lacking[0], near), text, fix)
        else:
            yield Problem("parameter-missing", ("environments", lacking[0], "parameters"), text, fix)


def _in_tags(stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]) -> Iterator[Problem]:
    """Values that become those of tags, which take fewer characters."""
    tagged = {name: key for rendered in stacks for name, key in _tag_parameters(rendered.document)}
    for name, key in tagged.items():
        for each, environment in environments.items():
            if fault := tag_value_fault(environment.value(name) or ""):
                text = f"{name} of {each} is the value of the tag {one_line(key, 60)}, and {fault[0]}"
                yield Problem("tags", _place(each, name), text, fault[1])


def _tag_parameters(document: Document) -> Iterator[tuple[str, str]]:
    for resource in mapping(document.get("Resources")).values():
        for tag in sequence(mapping(mapping(resource).get("Properties")).get("Tags")):
            parameter = mapping(mapping(tag).get("Value")).get("Ref")
            if isinstance(parameter, str):
                yield parameter, str(mapping(tag).get("Key"))


def _refused(name: str, parameter: Parameter, environments: Mapping[str, Environment]) -> Iterator[Problem]:
    for each, environment in environments.items():
        value = environment.value(name)
        if _is_list_for_one(parameter, environment.parameters.get(name, "")):
            text = f"{name} of {each} is a list, and the parameter takes one {parameter.type}"
            yield Problem("parameter-value", _place(each, name), text, "give one, or change the type of the parameter")
        elif value is not None and (reason := invalid_value(parameter, value)):
            what, _, fix = reason.partition("; ")
            text = f"{name} of {each}: its value {quoted(value, 60)} {what}"
            yield Problem("parameter-value", _place(each, name), text, fix or "correct it")


def _is_list_for_one(parameter: Parameter, given: Text | Sequence[Text]) -> bool:
    """A text may hold items with commas between them; a number, an id or a name does not."""
    takes_one = parameter.type != "String" and not is_list_type(parameter.type)
    return takes_one and not isinstance(given, str) and len(given) > 1


def _secret_problems(name: str, parameter: Parameter, environments: Mapping[str, Environment]) -> Iterator[Problem]:
    by_hand = f"{variable_of(name)}=… ./deploy.sh ENVIRONMENT gives it, once; updates keep it"
    given = [each for each, environment in environments.items() if environment.value(name) is not None]
    for each in given:
        text = f"{name} of {each} is NoEcho, and its value is in a file"
        yield Problem("parameter-secret", _place(each, name), text, f"remove it, and renew the secret; {by_hand}")
    if parameter.default is None and environments and not given:
        text = f"{name} is NoEcho and in no file: it is given by hand"
        yield Problem("parameter-secret", ("parameters", name), text, by_hand, severity="note")


def _plain_secrets(name: str, environments: Mapping[str, Environment]) -> Iterator[Problem]:
    """Secrets among the values, which are in the fleet's file and in those that are rendered."""
    for each, environment in environments.items():
        value = environment.value(name) or ""
        if (names_secret(name) and plaintext.is_secret(name, value)) or token_in(value, heads_in(value)):
            text = f"{name} of {each} is a secret, and here it is plain text"
            fix = "give the ARN of a secret, and refer to it where there is a field for secrets"
            yield Problem("secret-plaintext", _place(each, name), text, fix, "warning")


def unused_problems(environments: Mapping[str, Environment], used: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """The parameters of a fleet's environments that no template declares. used: by environment, the parameters of all
    definitions that are deployed there. Paths are of the fleet's file."""
    for each, environment in environments.items():
        for name in environment.parameters:
            if name not in used.get(each, ()):
                text = f"{name}: nothing that is deployed to {each} has such a parameter"
                fix = "remove it, or correct its name"
                yield Problem("parameter-unused", _place(each, name), text, fix, severity="warning")


def _place(environment: str, parameter: str) -> Path:
    return ("environments", environment, "parameters", parameter)
