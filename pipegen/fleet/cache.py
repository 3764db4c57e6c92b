"""The cache of an output directory: what its files were rendered from, so that the next render can skip them.

It is not committed. A cache in any other format is ignored as a whole. All paths in it are below the output directory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, field, fields
from pathlib import Path
from typing import Any

from pipegen.errors import Problem
from pipegen.fleet.conflicts import Target
from pipegen.fleet.inputs import is_shared
from pipegen.fleet.json_file import NAME, content_of, is_output, require, string, strings
from pipegen.fleet.resource_names import ResourceName, from_data, to_data
from pipegen.frozen import frozen
from pipegen.loading.layout import pattern_problems
from pipegen.syntax.paths import is_relative

DIRECTORY = ".pipegen_cache"
FILE_NAME = f"{DIRECTORY}/state.json"
VERSION = 1


@frozen(kw_only=True)
class Entry:
    """A definition in the cache.

    source: its file. inputs: the digest of everything that it was rendered from; "" if unknown. blueprint: the key of
    the inputs that it shares with other definitions. outputs: digests by path, relative to the output directory.
    parameters: the parameters of its templates. names: resource names that no other definition may use. line: the entry
    as JSON.
    """

    name: str
    source: str
    inputs: str
    blueprint: str
    environments: tuple[str, ...]
    outputs: Mapping[str, str]
    parameters: tuple[str, ...]
    names: tuple[ResourceName, ...]
    problems: tuple[Problem, ...]
    line: str


@frozen(kw_only=True)
class Cache:
    """What an output directory was rendered from.

    root: the fleet's directory, relative to the output. fleet: the digest of the fleet's file. patterns: the patterns
    of definition files. targets: the environments. shared: for each blueprint, the files that all its users depend on.
    gone: existing files that an earlier render wrote and that no definition produces now. problems: problems of the
    fleet as a whole.
    """

    settings: str
    root: str
    fleet: str
    patterns: tuple[str, ...]
    targets: Mapping[str, Target]
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def written(self) -> frozenset[str]:
        """The files that renders have written and not removed."""
        return frozenset(self.gone).union(*(entry.outputs for entry in self.entries.values()))

    def text(self) -> str:
        head = {
            "version": VERSION,
            "pipegen": self.settings,
            "fleet": {
                "root": self.root,
                "sha256": self.fleet,
                "definitions": self.patterns,
                "environments": {name: asdict(each) for name, each in self.targets.items()},
            },
            "blueprints": {name: self.shared[name] for name in sorted(self.shared)},
            "gone": sorted(self.gone),
            "problems": _as_lists(self.problems),
        }
        lines = [f"{json.dumps(key)}: {_json(value)}" for key, value in head.items()]
        entries = ",\n".join(f"{json.dumps(name)}: {self.entries[name].line}" for name in sorted(self.entries))
        return "{\n" + ",\n".join([*lines, f'"definitions": {{\n{entries}\n}}']) + "\n}\n"


def line_of(entry: Entry) -> str:
    """Serialize an entry as JSON."""
    data = {
        "source": entry.source,
        "inputs": entry.inputs,
        "blueprint": entry.blueprint,
        "environments": entry.environments,
        "outputs": entry.outputs,
        "parameters": entry.parameters,
        "names": [to_data(resource_name) for resource_name in entry.names],
        "problems": _as_lists(entry.problems),
    }
    return _json(data)


def _as_lists(problems: Sequence[Problem]) -> list[list[Any]]:
    return [[getattr(each, part.name) for part in fields(Problem)] for each in problems]


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


def read_cache(out: Path) -> Cache | None:
    """Read the cache of an output directory. Returns None if it is missing or invalid."""
    try:
        raw = content_of(out / FILE_NAME)
        return None if raw is None else _cache(json.loads(raw))
    except (OSError, KeyError, TypeError, AttributeError, RecursionError, ValueError):
        return None


def _cache(data: Any) -> Cache:
    require(data["version"] == VERSION)
    fleet = data["fleet"]
    shared = {string(name): strings(paths) for name, paths in data["blueprints"].items()}
    entries = {}
    definitions = data["definitions"]
    for name in list(definitions):
        entries[name] = _entry(string(name), definitions.pop(name))
        require(entries[name].blueprint in ("", *shared))
    _json(data).encode()  # raises ValueError for lone surrogates
    require(all(is_shared(path, paths) for paths in shared.values() for path in paths))
    require(not any(pattern_problems(strings(fleet["definitions"]))))
    gone = strings(data["gone"])
    require(all(map(is_output, gone)))
    return Cache(
        settings=string(data["pipegen"]),
        root=string(fleet["root"]),
        fleet=string(fleet["sha256"]),
        patterns=strings(fleet["definitions"]),
        targets={string(name): _target(each) for name, each in fleet["environments"].items()},
        shared=shared,
        entries=entries,
        gone=gone,
        problems=tuple(_problems(data["problems"])),
    )


def _target(data: Any) -> Target:
    require(data.keys() == {"account", "region", "parameters"})
    require(all(each is None or isinstance(each, str) for each in (data["account"], data["region"])))
    require(all(isinstance(value, str) for value in data["parameters"].values()))
    return Target(**data)


def _entry(name: str, data: Any) -> Entry:
    require(NAME.fullmatch(name) is not None)
    outputs = {string(path): string(digest) for path, digest in data["outputs"].items()}
    require(all(is_output(path) and path.startswith(f"{name}/") for path in outputs))
    require(is_relative(string(data["source"])))
    line = _json(data)
    line.encode()
    return Entry(
        name=name,
        source=data["source"],
        inputs=string(data["inputs"]),
        blueprint=string(data["blueprint"]),
        environments=strings(data["environments"]),
        outputs=outputs,
        parameters=strings(data["parameters"]),
        names=tuple(map(from_data, data["names"])),
        problems=tuple(_problems(data["problems"])),
        line=line,
    )


def _problems(data: Any) -> Iterator[Problem]:
    names = [each.name for each in fields(Problem)]
    for values in data:
        saved = dict(zip(names, values, strict=True))
        path = saved.pop("path")
        strings([*saved.values()])
        require(saved["severity"] in ("warning", "note"))
        yield Problem(path=tuple(path), **saved)
