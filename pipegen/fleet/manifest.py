"""Manifests list the contents of the output, for people, tools, and renders in a fresh clone.

They are committed. Each definition has its own manifest, and the fleet's manifest contains nothing that depends on a
definition, so branches that change different definitions merge. Digests for the next render are in `cache`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipegen.errors import Problem
from pipegen.fleet.inputs import Settings
from pipegen.fleet.json_file import NAME, content_of, is_output, require, string, strings
from pipegen.frozen import frozen
from pipegen.syntax.paths import is_relative

FILE_NAME = "manifest.json"
VERSION = 2
"""1 (pipegen 0.1.0): one manifest lists the files of all definitions."""


@frozen(kw_only=True)
class ListedDefinition:
    """A definition in a manifest, with its file and the paths of its output."""

    source: str
    environments: tuple[str, ...]
    outputs: tuple[str, ...]


@frozen(kw_only=True)
class Manifests:
    """The contents of the manifests in an output directory.

    options: the options of the render. root: the fleet's directory, relative to the output. gone: files that no
    definition produces any more. definitions: by name. problems: warnings about unreadable manifests.
    """

    options: str
    root: str
    gone: tuple[str, ...]
    definitions: Mapping[str, ListedDefinition]
    problems: tuple[Problem, ...] = ()


def manifest_of(name: str) -> str:
    """Return the path of a definition's manifest."""
    return f"{name}/{FILE_NAME}"


def fleet_text(settings: Settings, root: str, gone: Sequence[str]) -> str:
    """Return the text of the fleet's manifest."""
    return _text({"version": VERSION, "options": settings.options, "fleet": root, "gone": sorted(gone)})


Accounts = Mapping[str, Mapping[str, Sequence[str]]]
"""The names of stacks by account and region."""


def definition_text(
    source: str,
    environments: Sequence[str],
    accounts: Accounts,
    stacks: Sequence[Mapping[str, Any]],
    outputs: Sequence[str],
) -> str:
    """Return the text of a definition's manifest. stacks: in order of deployment, with the paths of templates."""
    templates = {stack["template"] for stack in stacks}
    files = sorted(path for path in outputs if path not in templates)
    by_account = {"accounts": accounts} if accounts else {}
    return _text({"source": source, "environments": environments, **by_account, "stacks": stacks, "files": files})


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def read_manifests(out: Path, known: frozenset[str]) -> Manifests | None:
    """Read the manifests in an output directory, except those of known definitions.

    Returns None if the fleet has no manifest. Raises ValueError if pipegen did not write it.
    """
    try:
        raw = content_of(out / FILE_NAME)
    except OSError:
        return None
    if raw is None:
        return None
    try:
        data = json.loads(raw)
        require(data["version"] in (1, VERSION))
        if data["version"] == 1:
            return _first_version(data)
        gone = strings(data["gone"])
        require(all(map(is_output, gone)))
        problems: list[Problem] = []
        definitions = dict(_definitions(out, known, problems))
        return Manifests(
            options=string(data["options"]),
            root=string(data["fleet"]),
            gone=gone,
            definitions=definitions,
            problems=tuple(problems),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError from error


def _first_version(data: Any) -> Manifests:
    gone = strings(data["gone"])
    require(all(map(is_output, gone)))
    definitions = {string(name): _listed(name, each) for name, each in data["definitions"].items()}
    options = string(data["pipegen"]).split(" ", 2)[-1]
    return Manifests(options=options, root=string(data["fleet"]["root"]), gone=gone, definitions=definitions)


def _definitions(out: Path, known: frozenset[str], problems: list[Problem]) -> Iterator[tuple[str, ListedDefinition]]:
    for directory in sorted(out.iterdir()):
        name = directory.name
        if name in known or not NAME.fullmatch(name) or directory.is_symlink():
            continue
        file = out / manifest_of(name)
        try:
            raw = content_of(file)
            if raw is not None:
                yield name, _listed(name, json.loads(raw), manifest_of(name))
        except (OSError, KeyError, TypeError, AttributeError, RecursionError, ValueError):
            text, fix = (
                "the manifest was not written by pipegen",
                "gone files of its directory are not known",
            )
            problems.append(Problem("manifest", (), text, fix, "warning", str(file)))


def _listed(name: str, data: Any, *more: str) -> ListedDefinition:
    require(NAME.fullmatch(name) is not None)
    outputs = (*(string(stack["template"]) for stack in data["stacks"]), *map(string, data["files"]), *more)
    require(all(is_output(path) and path.startswith(f"{name}/") for path in outputs))
    require(is_relative(string(data["source"])))
    return ListedDefinition(source=data["source"], environments=strings(data["environments"]), outputs=outputs)
