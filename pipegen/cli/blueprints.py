"""`pipegen blueprints`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipegen.cli import report
from pipegen.cli.completing import complete_blueprint
from pipegen.cli.explain import WidthOption, columns
from pipegen.cli.options import usage_error
from pipegen.errors import InvalidDefinition, Problem
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.definition import Definition
    from pipegen.loading.blueprints.blueprint import Blueprint
    from pipegen.loading.blueprints.catalog import CatalogEntry
    from pipegen.loading.fleet import Fleet


class Format(StrEnum):
    """An output format."""

    text = "text"
    json = "json"


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A blueprint, or ./path to one. Default: list all blueprints.", autocompletion=complete_blueprint
        ),
    ] = None,
    fleet: Annotated[
        Path,
        typer.Option(
            "--fleet", metavar="DIR", help="A directory of a fleet with its own blueprints, which are listed first."
        ),
    ] = Path(),
    format: Annotated[Format, typer.Option(help="How the output is written.")] = Format.text,
    source: Annotated[bool, typer.Option("--source", help="Print the blueprint.yaml of the blueprint.")] = False,
    resolved: Annotated[
        bool,
        typer.Option(
            "--resolved", help="Print the blueprint with everything that it inherits, and the origin of each value."
        ),
    ] = False,
    width: WidthOption = None,
) -> None:
    """List blueprints, or show the parameters, stages and stacks of one.

    To write a blueprint that extends another, look at that one first: pipegen blueprints ecs-rolling --resolved
    """
    if (source or resolved) and (name is None or source == resolved):
        usage_error("--source and --resolved are for one blueprint: pipegen blueprints NAME --source or --resolved")
    try:
        if name is None:
            _list(fleet, format)
        elif source or resolved:
            _print(name, fleet, None if source else width or columns())
        else:
            _show(name, fleet, format)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None


def _list(directory: Path, format: Format) -> None:
    from pipegen.cli.picture import table, terminal_width
    from pipegen.loading.blueprints.catalog import catalog
    from pipegen.loading.fleet_file import find_fleet

    fleet = find_fleet(directory / "pipegen.yaml")
    known = [
        {"name": found.name, "summary": summary(found, fleet), **_locations(found)} for found in catalog(fleet).values()
    ]
    if format is Format.json:
        typer.echo(json.dumps(known, indent=2, ensure_ascii=False))
        return
    if not known:
        report.fail("there are no blueprints here")
    rows = [(each["name"], each["summary"], _source(each)) for each in known]
    for line in table(rows, terminal_width()):
        typer.echo(line)


def summary(entry: CatalogEntry, fleet: Fleet | None) -> str:
    """Return the summary of a blueprint for a list. Problems of an unreadable blueprint are reported."""
    from pipegen.loading.blueprints.catalog import read_blueprint

    try:
        return read_blueprint(entry.directory, fleet).data.summary
    except InvalidDefinition as error:
        report.show(error.problems)
        return "cannot be read"


def _locations(entry: CatalogEntry) -> dict[str, Any]:
    from pipegen.errors import printable
    from pipegen.loading.blueprints.catalog import display_name

    hidden = None if entry.hidden is None else printable(display_name(entry.hidden))
    return {"directory": printable(display_name(entry.directory)), "hides": hidden}


def _source(described: Mapping[str, Any]) -> str:
    hides = f", hides {described['hides']}" if described["hides"] else ""
    return f"{described['directory']}{hides}"


def _print(name: str, directory: Path, width: int | None) -> None:
    """Print the file of a blueprint, or with a width, the blueprint with everything that it inherits."""
    from pipegen.loading.blueprints.explanation import explained
    from pipegen.loading.blueprints.source import EXTENDS
    from pipegen.loading.fleet_file import find_fleet
    from pipegen.loading.layout import BLUEPRINT_FILE
    from pipegen.loading.yaml.nodes import without
    from pipegen.loading.yaml.parsing import text_of
    from pipegen.output.short_tags import short_tag

    blueprint, notes = named_blueprint(name, find_fleet(directory / "pipegen.yaml"), directory, "")
    if width is None:
        text = text_of(blueprint.directory / BLUEPRINT_FILE, blueprint.sources[0].node.file)
    else:
        text = explained(without(blueprint.node, EXTENDS), short_tag, width)
    sys.stdout.write(text)
    report.show(notes)


@frozen
class SampleResult:
    """The definition that a blueprint renders from defaults and samples, and the names of its stacks."""

    definition: Definition
    stacks: tuple[str, ...]


def _show(name: str, directory: Path, format: Format) -> None:
    from pipegen.cli.picture import drawn, terminal_width
    from pipegen.loading.blueprints.catalog import CatalogEntry, catalog
    from pipegen.loading.fleet_file import find_fleet

    fleet = find_fleet(directory / "pipegen.yaml")
    blueprint, _ = named_blueprint(name, fleet, directory, "")
    sample = _sample_result(blueprint, fleet)
    entry = catalog(fleet).get(name) or CatalogEntry(name, blueprint.directory)
    described = {"name": name, "summary": blueprint.data.summary, **_locations(entry)}
    described |= _contents(blueprint, fleet, sample)
    if format is Format.json:
        typer.echo(json.dumps(described, indent=2, ensure_ascii=False))
        return
    for line in drawn(described, _source(described), terminal_width()):
        typer.echo(line)


def named_blueprint(name: str, fleet: Fleet | None, beside: Path, option: str) -> tuple[Blueprint, Sequence[Problem]]:
    """Find a blueprint by name or path, and notes about it."""
    from pipegen.loading.blueprints.catalog import find_blueprint
    from pipegen.loading.yaml.nodes import Node

    try:
        return find_blueprint(Node(name, 1, 1, file=option), fleet, beside)
    except InvalidDefinition as error:
        if error.problems[0].code == "unknown-blueprint":
            usage_error(f"{option and f'{option}: '}{error.problems[0].text}; {error.problems[0].fix}")
        raise


def _sample_result(blueprint: Blueprint, fleet: Fleet | None) -> SampleResult | None:
    from pipegen.compile import compile_stacks
    from pipegen.graph.outline import lower, outline
    from pipegen.graph.wiring import wire
    from pipegen.loading.blueprints.sample import sample_definition
    from pipegen.loading.definition import read

    node = sample_definition(blueprint, fleet)
    try:
        if node is None:
            return None
        definition = read(node.data)  # without checks: the values of a sample are made up
        lowered = lower(outline(definition))
        wiring = wire(lowered)
        if wiring.problems:
            return None
        return SampleResult(definition, tuple(stack.name for stack, _ in compile_stacks(lowered, wiring)))
    except InvalidDefinition:
        return None


def _contents(blueprint: Blueprint, fleet: Fleet | None, sample: SampleResult | None) -> dict[str, Any]:
    return {
        "parameters": list(_parameters(blueprint, fleet)),
        "stages": [] if sample is None else list(_stages(sample.definition)),
        "services": [] if sample is None else list(_services(sample.definition)),
        "stacks": [] if sample is None else list(sample.stacks),
        "cloudformation_parameters": [] if sample is None else list(_template_parameters(sample.definition)),
        "files": [each.template for each in blueprint.files],
        "extends": [source.directory.name for source in blueprint.sources[1:]],
    }


def _parameters(blueprint: Blueprint, fleet: Fleet | None) -> Iterator[dict[str, Any]]:
    """Describe the parameters. Those with a default in the fleet are not required."""
    of_fleet = {} if fleet is None else fleet.arguments()
    for name, parameter in blueprint.data.parameters.items():
        default = blueprint.default(name)
        limits = {
            "allowed_values": list(parameter.allowed_values) or None,
            "pattern": parameter.pattern,
            "pattern_description": parameter.pattern_description or None,
            "minimum": parameter.minimum,
            "maximum": parameter.maximum,
        }
        yield {
            "name": name,
            "type": parameter.type,
            "required": blueprint.is_required(name) and name not in of_fleet,
            **({} if default is None else {"default": default.data}),
            **({} if name not in of_fleet else {"fleet_default": of_fleet[name].data}),
            **{key: value for key, value in limits.items() if value is not None},
            "description": parameter.description,
        }


def _stages(definition: Definition) -> Iterator[dict[str, Any]]:
    """Describe the stages as written: a deployment to a service is one action."""
    for stage in definition.pipeline.stages:
        yield {
            "name": stage.name,
            "actions": [
                {
                    "name": action.name,
                    "kind": str(getattr(action, "kind", "")),
                    "run_order": order,
                    "deploys_to": _deploys_to(action),
                }
                for order, action in sorted(zip(stage.orders(), stage.actions, strict=True), key=lambda each: each[0])
            ],
            "conditions": [
                {
                    "when": when,
                    "result": condition.result,
                    "rules": [{"name": rule.name, "kind": str(getattr(rule, "kind", ""))} for rule in condition.rules],
                }
                for when, condition in stage.conditions()
            ],
        }


def _deploys_to(action: Any) -> list[str]:
    """Return the services that an action deploys to, if their names are text."""
    key = getattr(action, "service", None)
    if isinstance(key, str):
        return [key]
    return [target.service for target in action.deploys_to() if isinstance(target.service, str)]


def _services(definition: Definition) -> Iterator[dict[str, Any]]:
    for key, service in definition.services.items():
        balanced = service.load_balancer
        shared = balanced is not None and hasattr(balanced, "listener")
        yield {
            "key": key,
            "deployment": str(getattr(service.deployment, "kind", "")),
            "load_balancer": None if balanced is None else "shared" if shared else "own",
        }


def _template_parameters(definition: Definition) -> Iterator[dict[str, Any]]:
    for name, parameter in definition.parameters.items():
        default = {} if parameter.default is None else {"default": parameter.default}
        yield {"name": name, "type": parameter.type, **default, "description": parameter.description or ""}
