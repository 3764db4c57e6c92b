"""Inline buildspecs in definitions: checks of their keys, values and commands.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pipegen.codebuild.commands import command_problems
from pipegen.errors import Problem, Severity, did_you_mean, one_line, quoted
from pipegen.facts import closest
from pipegen.fields.gaps import is_known
from pipegen.syntax.shell import path_fault

_FILES = {"files", "name", "discard-paths", "base-directory", "exclude-paths", "enable-symlinks", "s3-prefix"}
_PHASE = {"run-as", "on-failure", "commands", "finally"}
_KEYS: Mapping[str, Collection[str]] = {
    "": {"version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"},
    "env": {
        *("shell", "variables", "parameter-store", "exported-variables", "secrets-manager"),
        "git-credential-helper",
    },
    "proxy": {"upload-artifacts", "logs"},
    "batch": {"fast-fail", "build-list", "build-matrix", "build-graph", "build-fanout"},
    "phases": {"install", "pre_build", "build", "post_build"},
    "phases.install": {*_PHASE, "runtime-versions"},
    "phases.pre_build": _PHASE,
    "phases.build": _PHASE,
    "phases.post_build": _PHASE,
    "reports.*": {"files", "base-directory", "discard-paths", "file-format"},
    "artifacts": {*_FILES, "secondary-artifacts"},
    "artifacts.secondary-artifacts.*": _FILES,
    "cache": {"paths", "key", "fallback-keys", "action"},
}
_LISTS = re.compile(
    r"phases\.[^.]+\.(?:commands|finally)|env\.exported-variables|cache\.(?:fallback-keys|paths)|batch\.build-(?:graph|list)"
)
"""Not `files`, which AWS's own examples write without a list:
https://docs.aws.amazon.com/codepipeline/latest/userguide/ecs-cd-pipeline.html (files: imagedefinitions.json)"""
_MAPPINGS = {
    *("env.parameter-store", "env.secrets-manager", "env.variables", "phases.install.runtime-versions", "reports"),
    "artifacts.secondary-artifacts",
}
"""Mappings with custom keys, in addition to those of `_KEYS`."""
_VALUES: Mapping[str, Sequence[str]] = {
    "version": ("0.2", "0.1"),
    "env.shell": ("bash", "/bin/sh", "powershell.exe", "pwsh.exe", "cmd.exe"),
    "env.git-credential-helper": ("yes", "no", "true", "false"),
    "phases.*.on-failure": ("ABORT", "CONTINUE", "RETRY"),
    "reports.*.file-format": (
        *("CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV", "CUCUMBERJSON", "JUNITXML", "NUNITXML", "NUNIT3XML"),
        *("TESTNGXML", "VISUALSTUDIOTRX"),
    ),
    "cache.action": ("restore", "save"),
}


def is_inline(buildspec: str) -> bool:
    """Whether a text is a buildspec rather than the path of one."""
    if not is_known(buildspec):
        return "\n" in buildspec.strip()  # `{{resolve:…}}` starts like JSON
    return "\n" in buildspec.strip() or re.match(r"\s*(?:\{|(?:version|phases|env)\s*:)", buildspec) is not None


def inline_problems(
    buildspec: str, known: Collection[str], *, has_docker: bool, is_own_image: bool
) -> Iterator[Problem]:
    """Check a buildspec. Paths start at the build. Unknown keys and values are warnings, because AWS adds new ones."""
    import yaml

    try:
        root = yaml.compose(buildspec, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        yield _problem(f"invalid YAML{where}: {one_line(getattr(error, 'problem', ''), 80)}", "correct the YAML")
        return
    if not isinstance(root, yaml.MappingNode):
        yield _problem("expected a mapping", "write version: 0.2 and phases:")
        return
    data: Any = yaml.load(buildspec, Loader=yaml.CSafeLoader)
    if str(data.get("version")) == "0.1":  # has other keys, and is no longer documented
        return
    problems = [*_problems(root, "")]
    yield from problems
    if not problems:
        yield from _missing_problems(data)
        yield from _command_problems(data, known, has_docker, is_own_image)


def _problem(text: str, fix: str, line: int = 0, severity: Severity = "error") -> Problem:
    where = f" line {line}" if line else ""
    return Problem("buildspec", ("buildspec",), f"buildspec{where}: {text}", fix, severity)


def _problems(node: Any, path: str) -> Iterator[Problem]:
    """Report values of the wrong type, unknown keys, and values that AWS does not list."""
    pattern, line = _pattern(path), node.start_mark.line + 1
    if pattern in _VALUES and not _is_listed(pattern, str(node.value)):
        text = f"{path} must be one of {', '.join(_VALUES[pattern])}, got {quoted(node.value, 60)}"
        yield _problem(text, "use one of these values", line, "warning")
    if _LISTS.fullmatch(path):
        yield from _list_problems(node, path)
    elif node.id == "mapping":
        for key, value in node.value:
            yield from _key_problems(key, value, path, pattern)
    elif pattern in _KEYS or path in _MAPPINGS:
        if not _is_null(node):
            known = f"use the keys {_listed(pattern)}" if pattern in _KEYS else "write NAME: value"
            yield _problem(f"{path} must be a mapping", known, line)
        elif path != "phases":
            yield _problem(f"{path} is empty", "add its keys, or remove it", line, "warning")


def _is_listed(pattern: str, value: str) -> bool:
    """https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.phases.on-failure (RETRY-3,
    Retry-.*Error.*) and #build-spec.reports.file-format ("not case sensitive")"""
    if pattern == "phases.*.on-failure" and value.upper().startswith("RETRY-"):
        return True
    return (value.upper() if pattern == "reports.*.file-format" else value) in _VALUES[pattern]


def _is_null(node: Any) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _list_problems(node: Any, path: str) -> Iterator[Problem]:
    """CodeBuild's error is: Expected Commands[0] to be of string type: found subkeys instead.
    https://github.com/aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock/issues/518"""
    line = node.start_mark.line + 1
    if node.id != "sequence":
        if not _is_null(node):
            severity: Severity = "warning" if node.id == "scalar" else "error"
            yield _problem(f"{path} must be a list", "write each item after a hyphen", line, severity)
        return
    for index, item in enumerate(node.value if not path.startswith("batch") else ()):
        if item.id != "scalar":
            text = f"{path}[{index}] must be a text, got a {item.id}"
            fix = (
                "put it in quotes; a colon followed by a space starts a mapping"
                if item.id == "mapping"
                else "correct the hyphens"
            )
            yield _problem(text, fix, item.start_mark.line + 1)
        elif _is_null(item):
            yield _problem(f"{path}[{index}] is empty", "remove it", item.start_mark.line + 1, "warning")


def _key_problems(key: Any, value: Any, path: str, pattern: str) -> Iterator[Problem]:
    if not isinstance(key.value, str):
        yield _problem("keys must be texts, got a mapping or a list", "put the key in quotes", key.start_mark.line + 1)
    elif pattern in _KEYS and key.value not in _KEYS[pattern]:
        near = closest(str(key.value), _KEYS[pattern])
        fix = did_you_mean(near) or f"use one of {_listed(pattern)}"
        where = f" in {path}" if path else ""
        yield _problem(f"unknown key {quoted(key.value)}{where}", fix, key.start_mark.line + 1, "warning")
    else:
        yield from _problems(value, f"{path}.{key.value}".lstrip("."))


def _pattern(path: str) -> str:
    """The path in the form of `_KEYS` and `_VALUES`, with * for custom names."""
    if path in _KEYS or path in _VALUES:
        return path
    return re.sub(r"^(reports|artifacts\.secondary-artifacts)\.[^.]+|^(phases)\.[^.]+(?=\.on-)", _starred, path)


def _starred(match: re.Match[str]) -> str:
    return f"{match[1] or match[2]}.*"


def _listed(pattern: str) -> str:
    return ", ".join(sorted(_KEYS[pattern]))


def _missing_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    if "version" not in data:
        yield _problem("version is missing", "add version: 0.2")
    phases = data.get("phases") or {}
    if not phases and "batch" not in data:
        yield _problem("phases is missing", "add phases: {build: {commands: […]}}")
    for name, phase in phases.items():
        if not phase.get("commands") and (name != "install" or not phase):
            yield _problem(f"phases.{name}.commands is missing", "add commands, or remove the phase")
    for where in ("artifacts", "reports"):
        parts = (data.get(where) or {}) if where == "reports" else {"": data.get(where) or {"files": True}}
        for name, part in parts.items():
            if not (part or {}).get("files") and not (part or {}).get("secondary-artifacts"):
                yield _problem(f"{f'{where}.{name}'.rstrip('.')}.files is missing", 'add files: ["**/*"]')


def _variable_problems(variables: Mapping[str, Any]) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.variables"""
    for name, value in variables.items():
        if str(name).startswith("CODEBUILD_"):
            text = f"env.variables contains {name}, but names that start with CODEBUILD_ are reserved"
            yield _problem(text, "choose another name", severity="warning")
        if name == "PATH" and (fault := path_fault(str(value))):
            severity: Severity = "error" if fault.is_certain else "warning"
            yield Problem("environment-path", ("buildspec",), f"PATH {fault.words}", fault.fix, severity)


def _command_problems(
    data: Mapping[str, Any], known: Collection[str], has_docker: bool, is_own_image: bool
) -> Iterator[Problem]:
    environment = data.get("env") or {}
    yield from _variable_problems(environment.get("variables") or {})
    if str(environment.get("shell", "")).endswith(".exe"):
        return
    sections = ("variables", "parameter-store", "secrets-manager")
    names = {*known, *(name for section in sections for name in environment.get(section) or {})}
    commands: Sequence[str] = [
        str(command)
        for phase in (data.get("phases") or {}).values()
        for part in ("commands", "finally")
        for command in phase.get(part) or ()
    ]
    for problem in command_problems("commands", commands, names, has_docker=has_docker, is_own_image=is_own_image):
        text = re.sub(r"commands\[(\d+)\]", lambda match: f"command {int(match[1]) + 1} of the buildspec", problem.text)
        yield Problem(problem.code, ("buildspec",), text, problem.fix, problem.severity)
