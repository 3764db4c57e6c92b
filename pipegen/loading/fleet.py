"""Fleets: directories of definitions with a `pipegen.yaml` that contains their common settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path as FilePath
from typing import Annotated

from pipegen.errors import Problem
from pipegen.fields.constraints import Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.loading.layout import FLEET_FILE, definition_files
from pipegen.loading.locks import locked_problems
from pipegen.loading.options import RenderOptions
from pipegen.loading.yaml.nodes import Node
from pipegen.model.environment import Environment
from pipegen.pipeline.foundation import Foundation
from pipegen.problems.severity import Level
from pipegen.values.data import Data

GENERATED = "files"
"""The directory of the blueprint's files in the output of a definition, beside the directories of environments."""
_ENVIRONMENT = Matches(
    rf"(?!{GENERATED}$)[a-z][a-z0-9-]{{0,62}}",
    f"1 to 63 lower-case letters, digits or -, a letter first, and not {GENERATED}",
)


@frozen(kw_only=True)
class FleetData(Model):
    """The contents of a pipegen.yaml: the common settings of the definitions below its directory."""

    definitions: Sequence[str] = ("services/**/*.yaml",)
    """Glob patterns of the definitions' files, relative to the directory of pipegen.yaml. Default:
    services/**/*.yaml."""
    blueprints: Sequence[str] = ()
    """Directories that are searched for blueprints, in this order, before pipegen's own blueprints."""
    defaults: Mapping[str, Data] = field(default_factory=dict)
    """Default values of definitions' keys. `with` contains default arguments for blueprints that have these parameters,
    `environments` the environments that stacks are deployed to."""
    environments: Mapping[Annotated[str, _ENVIRONMENT], Environment] = field(default_factory=dict)
    """The environments, by name."""
    pipelines: str | None = None
    """The environment in which all pipelines run, such as that of a tools account. Services and actions then name the
    environments that they are deployed to and run in, and each of these needs an account and a region. Default: all
    stacks of a definition are deployed to each of its environments."""
    tags: Mapping[str, Data] = field(default_factory=dict)
    """Tags for all resources that can be tagged."""
    locked: Mapping[str, str] = field(default_factory=dict)
    """Keys that definitions must not set: reasons by the paths of keys. `*` in a path matches any key."""
    foundation: Foundation | None = None
    """The stack that all definitions of an account and region share; definitions import its exports. It inherits
    the defaults `encryption_key`, `permissions_boundary`, `role_path` and `tags`."""
    render: RenderOptions | None = None
    """Options of `pipegen render`, the same for people, hooks and workflows."""
    severity: Mapping[str, Level] = field(default_factory=dict)
    """The severity of problems by their codes: `ignore`, `warning` or `error`. Errors cannot be made less severe. The
    option `--severity` takes precedence."""


@frozen(kw_only=True, eq=False)
class Fleet:
    """A fleet that was read.

    node: the contents of its file. defaults: the defaults of definitions, including tags and the foundation.
    foundation: with the fleet's tags and the inherited defaults. foundation_node: the same with locations.
    warnings: the warnings about the file.
    """

    root: FilePath
    data: FleetData
    node: Node
    defaults: Node
    foundation: Foundation | None
    foundation_node: Node | None = None
    warnings: Sequence[Problem] = ()

    @property
    def file(self) -> FilePath:
        return self.root / FLEET_FILE

    def arguments(self) -> Mapping[str, Node]:
        """Default arguments of blueprints."""
        defaults = self.node.inside.get("defaults")
        arguments = defaults.inside.get("with") if defaults is not None else None
        return {str(name): node for name, node in arguments.inside.items()} if arguments is not None else {}

    def files(self) -> list[FilePath]:
        """The files of its definitions, sorted."""
        return definition_files(self.root, self.data.definitions)

    def locked_problems(self, node: Node) -> Iterator[Problem]:
        """Problems with locked keys in the file of a definition."""
        return locked_problems(node, self.data.locked, self.node)
