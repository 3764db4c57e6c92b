"""The manifest: the files in an output directory, and what they were rendered from.

It is sorted, with one line for each definition, so that its diff is readable. A manifest that does not have the form
written here is ignored as a whole, and every path in it leads below the output directory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any

from pipegen.definitions.layout import pattern_problems
from pipegen.errors import Problem
from pipegen.files import is_relative, open_regular
from pipegen.fleet.claims import Claim, from_data, to_data
from pipegen.fleet.conflicts import Target
from pipegen.fleet.inputs import is_shared

FILE_NAME = "manifest.json"
VERSION = 2
"""1: claims were texts. Such a manifest says which files there are, but everything is rendered again."""
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A definition in the manifest.

    source: its file. inputs: the digest of everything that it was rendered from, "" if that is unknown. blueprint: the
    key of the inputs that it shares with other definitions. outputs: digests by path below the output directory.
    parameters: those of its templates. claims: names that no other definition may take. line: the entry as JSON.
    """

    name: str
    source: str
    inputs: str
    blueprint: str
    environments: tuple[str, ...]
    outputs: Mapping[str, str]
    parameters: tuple[str, ...]
    claims: tuple[Claim, ...]
    problems: tuple[Problem, ...]
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of a manifest.

    root: the fleet's directory, relative to the output. fleet: the digest of its file, with the `services` and the
    `targets` of environments in it. shared: by blueprint, the files that all its users depend on. gone: files that
    an earlier render wrote, that exist, and that no definition has now. problems: those of the fleet as a whole.
    """

    settings: str
    root: str
    fleet: str
    services: tuple[str, ...]
    targets: Mapping[str, Target]
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def written(self) -> frozenset[str]:
        """All files that a render has written and not removed."""
        return frozenset(self.gone).union(*(entry.outputs for entry in self.entries.values()))

    def text(self) -> str:
        head = {
            "version": VERSION,
            "pipegen": self.settings,
            "fleet": {
                "root": self.root,
                "sha256": self.fleet,
                "services": self.services,
                "environments": {name: asdict(each) for name, each in self.targets.items()},
            },
            "blueprints": {name: self.shared[name] for name in sorted(self.shared)},
            "gone": sorted(self.gone),
            "problems": _as_lists(self.problems),
        }
        lines = [f"{json.dumps(key)}: {_json(value)}" for key, value in head.items()]
        entries = ",\n".join(f"{json.dumps(name)}: {self.entries[name].line}" for name in sorted(self.entries))
        return "{\n" + ",\n".join([*lines, f'"definitions": {{\n{entries}\n}}']) + "\n}\n"


def line_of(entry: Entry, stacks: Sequence[Mapping[str, Any]]) -> str:
    """The line of an entry. stacks: in the order of deployment, each with its template's path and digest."""
    templates = {stack["template"] for stack in stacks}
    data = {
        "source": entry.source,
        "inputs": entry.inputs,
        "blueprint": entry.blueprint,
        "environments": entry.environments,
        "stacks": stacks,
        "files": {path: digest for path, digest in sorted(entry.outputs.items()) if path not in templates},
        "parameters": entry.parameters,
        "claims": [to_data(claim) for claim in entry.claims],
        "problems": _as_lists(entry.problems),
    }
    return _json(data)


def _as_lists(problems: Sequence[Problem]) -> list[list[Any]]:
    kept = [part.name for part in fields(Problem) if part.name != "subject"]  # fleets have no definitions in Python
    return [[getattr(each, name) for name in kept] for each in problems]


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


def read_manifest(out: Path) -> Manifest | None:
    """The manifest of an output directory, None without one. Raises ValueError for one that pipegen has not written."""
    try:
        raw = content_of(out / FILE_NAME)
    except OSError:
        return None
    if raw is None:
        return None
    try:
        return _manifest(json.loads(raw))
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        raise ValueError("is not as pipegen writes it") from error


def content_of(file: Path) -> bytes | None:
    """The content of a file; None if it does not exist. Raises OSError."""
    try:
        with open_regular(file) as opened:
            return opened.read()
    except FileNotFoundError:
        return None


def _manifest(data: Any) -> Manifest:
    _want(data["version"] in (1, VERSION))
    if data["version"] == 1:
        for definition in data["definitions"].values():
            definition.update(inputs="", claims=[])
    fleet = data["fleet"]
    shared = {_text(name): _texts(paths) for name, paths in data["blueprints"].items()}
    entries = {}
    definitions = data["definitions"]
    for name in list(definitions):
        entries[name] = _entry(_text(name), definitions.pop(name))
        _want(entries[name].blueprint in ("", *shared))
    _json(data).encode()  # raises ValueError for lone surrogates
    _want(all(is_shared(path, paths) for paths in shared.values() for path in paths))
    _want(not any(pattern_problems(_texts(fleet["services"]))))
    gone = _texts(data["gone"])
    _want(all(_is_output(path) for path in gone))
    return Manifest(
        settings=_text(data["pipegen"]),
        root=_text(fleet["root"]),
        fleet=_text(fleet["sha256"]),
        services=_texts(fleet["services"]),
        targets={_text(name): _target(each) for name, each in fleet["environments"].items()},
        shared=shared,
        entries=entries,
        gone=gone,
        problems=tuple(_problems(data["problems"])),
    )


def _target(data: Any) -> Target:
    _want(data.keys() == {"account", "region", "parameters"})
    _want(all(each is None or isinstance(each, str) for each in (data["account"], data["region"])))
    _want(all(isinstance(value, str) for value in data["parameters"].values()))
    return Target(**data)


def _entry(name: str, data: Any) -> Entry:
    _want(_NAME.fullmatch(name) is not None)
    _want(data["stacks"])
    outputs = {_text(stack["template"]): _text(stack["sha256"]) for stack in data["stacks"]}
    outputs |= {_text(path): _text(digest) for path, digest in data["files"].items()}
    _want(all(_is_output(path) and path.startswith(f"{name}/") for path in outputs))
    _want(is_relative(_text(data["source"])))
    line = _json(data)
    line.encode()
    return Entry(
        name=name,
        source=data["source"],
        inputs=_text(data["inputs"]),
        blueprint=_text(data["blueprint"]),
        environments=_texts(data["environments"]),
        outputs=outputs,
        parameters=_texts(data["parameters"]),
        claims=tuple(map(from_data, data["claims"])),
        problems=tuple(_problems(data["problems"])),
        line=line,
    )


def _problems(data: Any) -> Iterator[Problem]:
    for code, path, text, fix, severity, place, other in data:
        _texts([code, text, fix, place, other])
        _want(severity in ("warning", "note"))
        yield Problem(code, tuple(path), text, fix, severity, place, other)


def _is_output(path: str) -> bool:
    """Whether it is the normalised path of a file in a definition's directory below the output."""
    first, slash, _ = path.partition("/")
    is_normalised = is_relative(path) and PurePosixPath(path).as_posix() == path and "\\" not in path
    return is_normalised and bool(slash) and _NAME.fullmatch(first) is not None


def _text(data: Any) -> str:
    _want(isinstance(data, str))
    return str(data)


def _texts(data: Any) -> tuple[str, ...]:
    _want(isinstance(data, list) and all(isinstance(each, str) for each in data))
    return tuple(data)


def _want(condition: object) -> None:
    if not condition:
        raise ValueError
