"""Mutants made from the models: for each field of the correct definitions the mistakes that its type makes possible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yaml import Node, ScalarNode

from pipegen.ecs.strategy import Rolling
from pipegen.fields.containers import ListType, MappingType, ModelType, is_required
from pipegen.fields.scalars import ChoiceType, FlagType, NumberType, TextType, WholeType
from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from pipegen.reading import TYPES
from tests.mutants import documents
from tests.mutants.documents import Path
from tests.mutants.mutant import Base, Mutant, Region, bases
from tests.mutants.written import words_for
from tests.support.constrained import OfKey, constrained, types_meant, value_at, values
from tests.support.rejects import TEXT

REFERENCES = frozenset(
    {"artifact", "container", "container_name", "containers", "depends_on", "extra_inputs", "input", "inputs"}
    | {"links", "port_name", "service", "source", "source_container", "source_volume", "traffic_container"}
)
"""Fields whose texts name something else in the definition."""
NAMES = re.compile(r"\$\{(?!AWS::|!)([A-Za-z]+)|#\{([A-Za-z]+)\.")
IDS = {"vpc-": "subnet-", "subnet-": "sg-", "sg-": "subnet-", "fs-": "vpc-", "fsap-": "fs-", "ns-": "vpc-"}
ANOTHER_ARN = "arn:aws:sns:eu-west-1:123456789012:releases"
ANYTHING = frozenset(
    {"environment", "action_environment", "build_arguments", "resources", "tags", "options", "AllowedPattern"}
)
"""Fields below which a text may be anything."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model, or an item in it, where a definition has one. type: that of its value."""

    model: str
    name: str
    path: Path
    type: Any
    value: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One mistake: what is set, and removed."""

    family: str
    name: str
    path: Path
    value: Node | None
    words: tuple[tuple[str, ...], ...]
    removed: Path | None = None
    """In place of the path, or before it is set."""


def generated() -> Iterator[Mutant]:
    """All of them; what would be the same mistake in the same field of another definition only once."""
    seen = set()
    for base in bases().values():
        if not base.file.endswith(".yaml"):
            continue
        for change in _changes(base.files[base.file]):
            if (change.family, change.name) not in seen:
                seen.add((change.family, change.name))
                yield _mutant(base, change)


def _mutant(base: Base, change: Change) -> Mutant:
    removed = [change.removed] if change.removed is not None else []
    text = documents.changed(
        base.files[base.file], removed, {} if change.value is None else {change.path: change.value}
    )
    lines = documents.opening(text, change.path[:-1]) if change.value is None else documents.lines(text, change.path)
    return Mutant(
        name=f"{change.name} in {base.name}",
        family=f"made: {change.family}",
        files={base.file: text},
        main=base.main,
        regions=(Region(base.file, *lines),),
        words=change.words,
    )


def _changes(text: str) -> Iterator[Change]:
    definition, data = documents.compose(text), parse(text, "").data
    if "blueprint" in data:
        yield from _of_arguments(definition, data)
        return
    kind = TYPES.model(type(read(data)))
    yield from _of_constraints(kind, data)
    for field in _fields(kind, data, ()):
        yield from _of_types(field)
        yield from _of_references(field, definition, data)
        yield from _of_kinds(field, data)
    for model, path, given in _models(kind, data, ()):
        yield from _of_keys(model, path, given, definition)


def _of_constraints(kind: ModelType, data: Any) -> Iterator[Change]:
    for model, name, path, constraint in constrained(kind, data, ()):
        of_key = isinstance(constraint, OfKey)
        inner = constraint.constraint if of_key else constraint
        given = path[-1] if of_key else value_at(data, path)
        wrong = [value for value, is_right in values(inner, given) if not is_right]
        for number, value in enumerate(wrong):
            title = f"{model.__name__}.{name} {'key ' * of_key}{type(inner).__name__} {number}"
            if of_key:
                key = str(value)
                node = documents.node_of(value_at(data, path))
                yield Change("constraint", title, (*path[:-1], key), node, words_for(path[:-1], ""), path)
            else:
                yield Change("constraint", title, path, documents.node_of(value), words_for(path, ""))


def _of_types(field: Field) -> Iterator[Change]:
    """A value of another type, and one that is nearly a choice."""
    title = f"{field.model}.{field.name}"
    choice = next((each for each in _leaves(field.type, field.value) if isinstance(each, ChoiceType)), None)
    if choice is not None and isinstance(field.value, str):
        near = misspelled(field.value)
        yield Change("choice", title, field.path, ScalarNode(TEXT, near), words_for(field.path, near))
    for sort, value in _others(field.value):
        if not field.type.fits(value):
            words = words_for(field.path, "")[0]
            yield Change(
                "type", f"{title} {sort}", field.path, documents.node_of(value), ((*words, 'unknown key "value"'),)
            )


def _others(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield "item for list", value[0] if value and isinstance(value[0], str) else "one, two"
    elif isinstance(value, Mapping):
        yield "text for mapping", "some text"
        yield "list for mapping", ["some text"]
    else:
        yield "list", [value]
        yield "mapping", {"value": value}
        if not isinstance(value, str):
            yield "word", "several"


def _of_references(field: Field, definition: Node, data: Any) -> Iterator[Change]:
    """A name that is misspelled."""
    node = documents.at(definition, field.path)
    if not isinstance(node, ScalarNode):
        return
    owner = next(str(key) for key in reversed(field.path) if isinstance(key, str))
    title = f"{field.model}.{field.name}"
    is_elsewhere = owner == "service" and (field.model != "EcsDeploy" or field.value not in data.get("services", {}))
    if owner in REFERENCES and isinstance(field.value, str) and not is_elsewhere:
        near = misspelled(field.value)
        yield Change("reference", title, field.path, ScalarNode(TEXT, near), ((near,),))
    names = [node.value] if node.tag == "!Ref" else [first or second for first, second in NAMES.findall(node.value)]
    for name in names:
        if not name.startswith("AWS::"):
            near = misspelled(name)
            value = ScalarNode(node.tag, node.value.replace(name, near, 1), style=node.style)
            yield Change("reference", f"{title} {node.tag}", field.path, value, ((near,),))


def _of_kinds(field: Field, data: Any) -> Iterator[Change]:
    """The id or the ARN of something else, or a parameter with another."""
    title = f"{field.model}.{field.name}"
    if not ANYTHING.isdisjoint(field.path):
        return
    if isinstance(field.value, str):
        for prefix, other in IDS.items():
            if field.value.startswith(prefix):
                wrong = field.value.replace(prefix, other, 1)
                yield Change("kind", title, field.path, ScalarNode(TEXT, wrong), words_for(field.path, wrong))
        if field.value.startswith("arn:"):
            yield Change("kind", title, field.path, ScalarNode(TEXT, ANOTHER_ARN), words_for(field.path, ANOTHER_ARN))
    name = field.value.get("Ref") if isinstance(field.value, Mapping) else None
    parameters = data.get("parameters", {})
    if isinstance(name, str) and "AWS::EC2" in parameters.get(name, {}).get("Type", ""):
        for other, parameter in parameters.items():
            if "AWS::EC2" in parameter.get("Type", "") and parameter["Type"] != parameters[name]["Type"]:
                words = words_for(field.path, other)
                sort = f"{title} {parameters[name]['Type']} {parameter['Type']}"
                yield Change("kind", sort, field.path, ScalarNode("!Ref", other), words)


def _of_keys(model: ModelType, path: Path, given: Any, definition: Node) -> Iterator[Change]:
    """A required key that is missing, and a key that is misspelled."""
    for name in given:
        title = f"{model.model.__name__}.{name}"
        if is_required(model.names[name]) or (name == "kind" and model.model is not Rolling):
            yield Change("required", title, (*path, name), None, words_for((*path, name), ""), (*path, name))
        near = misspelled(name)
        node = documents.at(definition, (*path, name))
        yield Change("unknown", title, (*path, near), node, ((near,),), (*path, name))


def _of_arguments(definition: Node, data: Any) -> Iterator[Change]:
    for name, value in data["with"].items():
        path = ("with", name)
        node = documents.at(definition, path)
        title = f"{data['blueprint']}.{name}"
        yield Change("argument", f"{title} misspelled", ("with", misspelled(name)), node, ((misspelled(name),),), path)
        for sort, wrong in _others(value):
            yield Change("argument", f"{title} {sort}", path, documents.node_of(wrong), words_for((name,), ""))


def _fields(kind: Any, data: Any, path: Path) -> Iterator[Field]:
    for model, where, given in _models(kind, data, path):
        for name, value in given.items():
            yield from _field(model, name, (*where, name), model.type(name), value)


def _field(model: ModelType, name: str, path: Path, kind: Any, value: Any) -> Iterator[Field]:
    """A field, and the items in it."""
    yield Field(model.model.__name__, name, path, kind, value)
    for inner in _leaves(kind, value):
        if isinstance(inner, ListType) and isinstance(value, list):
            for index, item in enumerate(value):
                yield from _field(model, f"{name}[]", (*path, index), inner.item, item)
        elif isinstance(inner, MappingType) and isinstance(value, Mapping):
            for key, item in value.items():
                yield from _field(model, f"{name}{{}}", (*path, key), inner.item, item)


def _models(kind: Any, data: Any, path: Path) -> Iterator[tuple[ModelType, Path, Mapping[str, Any]]]:
    """All models in the data."""
    if isinstance(kind, ModelType):
        if isinstance(data, Mapping) and data.keys() <= kind.names.keys():
            yield kind, path, data
            for name, value in data.items():
                yield from _models(kind.type(name), value, (*path, name))
    elif isinstance(kind, ListType) and isinstance(data, list):
        for index, item in enumerate(data):
            yield from _models(kind.item, item, (*path, index))
    elif isinstance(kind, MappingType) and isinstance(data, Mapping):
        for key, item in data.items():
            yield from _models(kind.item, item, (*path, key))
    else:
        for inner in types_meant(kind, data):
            yield from _models(inner, data, path)


def _leaves(kind: Any, data: Any) -> Iterator[Any]:
    """The types that may be meant, without those that only choose among them."""
    plain = (ModelType, ListType, MappingType, ChoiceType, TextType, WholeType, NumberType, FlagType)
    if isinstance(kind, plain):
        yield kind
    else:
        for inner in types_meant(kind, data):
            yield from _leaves(inner, data)


def misspelled(name: str) -> str:
    """A name with two letters in the other order, or one too many."""
    for index in range(len(name) // 2, len(name) - 1):
        first, second = name[index], name[index + 1]
        if first != second and (first + second).isalpha():
            return f"{name[:index]}{second}{first}{name[index + 2 :]}"
    return f"{name}{name[-1]}"
