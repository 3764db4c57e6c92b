"""The definitions in `tests/rejects/`: a base with some values changed, and what `pipegen validate` prints about each.

`bases.yaml` has valid definitions by name. Every other file is a family of codes, and a page of docs/checks/:

    title: Listeners
    listener-arn:
      meaning: A listener is not given by its ARN.
      fix: Give its ARN.
      cases:
        listener-arn-network:                        # the test's id; it begins with the code
          base: balanced
          remove: [services.web.network]
          set:
            services.web.load_balancer.listener: shared
            pipeline.stages[Build].actions[Image].images[1]: {container: worker, repository: shop}
          example: true                              # for the page; default: the first case
          output: |
            orders.yaml:7:17: listener-arn …

A path is keys with dots between them. An item of a list is in brackets: its `name` or its index; the index after the
last one appends. `remove` is applied before `set`.

Lines and columns are those of the definition as PyYAML writes it. A case about the text itself has the whole text under
`text` or `python`, with the name of the `file` if that is not `orders.yaml` or `orders.py`. `files` has further files
by path. If the file is `pipegen.yaml`, the fleet is validated. A code that `pipegen validate` cannot report has no
cases; it names the module that tests it under `tested`, and its severities under `severity`.

`why` has the reason for the check, and `source` the address of the documentation that it comes from. `right` makes the
example right: by file, the texts to replace, each of which occurs once. Default: the base of the example, if it has
one. `right` may also be a text instead: of a file, or of a command.
"""

from __future__ import annotations

import fcntl
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import yaml
from yaml import MappingNode, Node, ScalarNode

from pipegen.loading.layout import FLEET_FILE

DIRECTORY = Path(__file__).resolve().parents[1] / "rejects"
BASES = DIRECTORY / "bases.yaml"
TEXT = "tag:yaml.org,2002:str"
BINARY = "tag:yaml.org,2002:binary"
SEGMENT = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class Case:
    """A definition that is rejected."""

    name: str
    family: Path
    base: str
    """Empty if it has a text of its own."""
    file: str
    content: bytes
    files: Mapping[str, bytes]
    example: bool
    output: str

    def write(self, directory: Path) -> str:
        """Write its files into a directory; returns what to validate there."""
        for path, content in {**self.files, self.file: self.content}.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(content)
        return "." if self.file == FLEET_FILE else self.file

    def replaced(self, old: str, new: str) -> Case:
        """The same with another text in the one place where it has this one."""
        text = self.content.decode()
        assert text.count(old) == 1, f"{self.name} has {old!r} {text.count(old)} times"
        return replace(self, content=text.replace(old, new).encode())


@dataclass(frozen=True, slots=True)
class Code:
    """A code of problems, with what docs/checks/ says about it and the cases that provoke it."""

    name: str
    meaning: str
    fix: str
    tested: str
    cases: tuple[Case, ...]
    why: str = ""
    source: str = ""
    right_text: str = ""
    right: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stated: str = ""
    """Its severities, if it has no cases."""

    @property
    def severities(self) -> list[str]:
        """Those of all its problems."""
        lines = [line for case in self.cases for line in case.output.splitlines() if line.endswith(f"[{self.name}]")]
        found = {match[1] for line in lines if (match := re.search(r": (error|warning|note): ", line))}
        return [each for each in ("error", "warning", "note") if each in found or each in self.stated]

    @property
    def corrected(self) -> Case | None:
        """The example without the problem."""
        case = self.example
        if self.right_text:
            return None
        if not self.right:
            return replace(case, content=bases()[case.base].encode()) if case.base else None
        texts = {path: content.decode() for path, content in {**case.files, case.file: case.content}.items()}
        for path, changes in self.right.items():
            for old, new in changes.items():
                assert texts[path].count(old) == 1, f"{self.name}: {old!r} in {path}"
                texts[path] = texts[path].replace(old, new)
        content = texts.pop(case.file).encode()
        return replace(case, content=content, files={path: text.encode() for path, text in texts.items()})

    @property
    def example(self) -> Case:
        """The case that docs/checks/ shows."""
        return next((case for case in self.cases if case.example), self.cases[0])


@dataclass(frozen=True, slots=True)
class Family:
    """The codes of one file."""

    name: str
    title: str
    codes: tuple[Code, ...]


@cache
def families() -> tuple[Family, ...]:
    """All families by name."""
    return tuple(_family(file) for file in sorted(DIRECTORY.glob("*.yaml")) if file != BASES)


def codes() -> tuple[Code, ...]:
    """All codes of all families."""
    return tuple(code for family in families() for code in family.codes)


@cache
def cases() -> Mapping[str, Case]:
    """All cases by name."""
    return {case.name: case for code in codes() for case in code.cases}


@cache
def bases() -> Mapping[str, str]:
    """The text of every base."""
    return {name: written(node) for name, node in entries(compose(BASES.read_text())).items()}


def compose(text: str) -> Node:
    node = yaml.compose(text, yaml.CSafeLoader)
    assert node is not None
    return node


def entries(node: Node) -> dict[str, Node]:
    """The nodes of a mapping by key."""
    found = {key.value: value for key, value in node.value}
    assert len(found) == len(node.value), f"a key is there twice: {[key.value for key, _ in node.value]}"
    return found


def written(definition: Node) -> str:
    """The text of a definition; what its author wrote on one line stays on one."""
    return str(yaml.serialize(definition, Dumper=yaml.CSafeDumper, width=10_000, allow_unicode=True))


def patched(base: str, removed: Iterable[str], values: Mapping[str, Node]) -> bytes:
    """The text of a base without what is at some paths, and with values at others."""
    definition = compose(base)
    for path in removed:
        parent, position, _ = _place(definition, path)
        del parent.value[position]
    for path, value in values.items():
        parent, position, key = _place(definition, path)
        item = (ScalarNode(TEXT, key), value) if isinstance(parent, MappingNode) else value
        parent.value[position : position + 1] = [item]
    return written(definition).encode()


def record(case: Case, output: str) -> None:
    """Replace the output of a case in its family's file, also while other processes do so."""
    with case.family.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().splitlines(keepends=True)
        family = compose("".join(lines))
        codes = [entries(node) for node in entries(family).values() if isinstance(node, MappingNode)]
        nodes = [code["cases"] for code in codes if "cases" in code]
        [node] = [
            entries(each)["output"] for all_ in nodes for name, each in entries(all_).items() if name == case.name
        ]
        first = node.start_mark.line
        indentation = " " * (len(lines[first]) - len(lines[first].lstrip()) + 2)
        lines[first + 1 : first + 1 + len(node.value.splitlines())] = [textwrap.indent(output, indentation)]
        file.seek(0)
        file.truncate()
        file.writelines(lines)


def _family(file: Path) -> Family:
    codes = entries(compose(file.read_text()))
    title = codes.pop("title").value
    return Family(file.stem, title, tuple(_code(name, entries(node), file) for name, node in codes.items()))


def _code(name: str, code: Mapping[str, Node], family: Path) -> Code:
    known = {"meaning", "why", "source", "fix", "right", "tested", "severity", "cases"}
    assert code.keys() <= known, f"{name} in {family}"
    cases = entries(code["cases"]) if "cases" in code else {}
    right = code.get("right")
    return Code(
        name=name,
        meaning=code["meaning"].value,
        fix=code["fix"].value,
        tested=code["tested"].value if "tested" in code else "",
        cases=tuple(_case(name, entries(node), family) for name, node in cases.items()),
        why=code["why"].value if "why" in code else "",
        source=code["source"].value if "source" in code else "",
        right_text=right.value if isinstance(right, ScalarNode) else "",
        right={file: _texts(node) for file, node in entries(right).items()} if isinstance(right, MappingNode) else {},
        stated=code["severity"].value if "severity" in code else "",
    )


def _texts(node: Node) -> Mapping[str, str]:
    return {old: new.value for old, new in entries(node).items()}


def _case(name: str, case: Mapping[str, Node], family: Path) -> Case:
    known = {"base", "remove", "set", "text", "python", "file", "files", "example", "output"}
    assert case.keys() <= known, f"{name} in {family}"
    files = entries(case["files"]) if "files" in case else {}
    return Case(
        name=name,
        family=family,
        base=case["base"].value if "base" in case else "",
        file=case["file"].value if "file" in case else f"orders.{'py' if 'python' in case else 'yaml'}",
        content=_content(case),
        files={path: _bytes(node) for path, node in files.items()},
        example="example" in case,
        output=case["output"].value,
    )


def _content(case: Mapping[str, Node]) -> bytes:
    if "base" not in case:
        return _bytes(case["text"] if "text" in case else case["python"])
    removed = [path.value for path in case["remove"].value] if "remove" in case else []
    return patched(bases()[case["base"].value], removed, entries(case["set"]) if "set" in case else {})


def _bytes(node: Node) -> bytes:
    value: str | bytes = yaml.CSafeLoader("").construct_object(node)
    return value if isinstance(value, bytes) else value.encode()


def _place(node: Node, path: str) -> tuple[Node, int, str]:
    """The collection that a path leads to, the position in it, and the path's last key."""
    *keys, last = SEGMENT.findall(path)
    for key in keys:
        child = node.value[position(node, key)]
        node = child[1] if isinstance(node, MappingNode) else child
    return node, position(node, last), last


def position(node: Node, key: str) -> int:
    """Where a key or an item is, or would be added."""
    if isinstance(node, MappingNode):
        return [*entries(node), key].index(key)
    names = [
        entries(item)["name"].value if isinstance(item, MappingNode) and "name" in entries(item) else ""
        for item in node.value
    ]
    return names.index(key) if key in names else int(key)
