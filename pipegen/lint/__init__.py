"""Findings of cfn-lint in templates, each at its location in the definition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from pipegen.errors import Path, Problem, Severity
from pipegen.lint.messages import readable
from pipegen.lint.sources import before_functions, source_of
from pipegen.model.created import located

if TYPE_CHECKING:
    from pipegen.definition import Definition
    from pipegen.pipeline.foundation import Foundation
    from pipegen.rendering import RenderedStack

CODE = "cfn-lint"
_SEVERITIES: Mapping[str, Severity] = {"error": "error", "warning": "warning", "informational": "note"}
_UNUSED_PARAMETER = "W2001"


def is_installed() -> bool:
    from importlib.util import find_spec

    return find_spec("cfnlint") is not None


def findings(
    definition: Definition | Foundation, stacks: Iterable[RenderedStack], reported: Iterable[Problem] = ()
) -> list[Problem]:
    """Return what cfn-lint finds in the templates of a definition, each cause once.

    reported: known problems of the definition. Findings at their paths are dropped.
    """
    known = {problem.path for problem in reported}
    problems: dict[tuple[str, Path], Problem] = {}
    for stack in stacks:
        for rule, problem in _of_stack(definition, stack):
            if problem.path not in known:
                problems.setdefault((rule, problem.path), problem)
    return located(definition, _causes(problems))


def _causes(problems: Mapping[tuple[str, Path], Problem]) -> list[Problem]:
    """Drop consequences of other findings: values of a parameter that has a finding, and unused parameters next to
    other findings."""
    parameters = {str(path[1]) for _, path in problems if path[:1] == ("parameters",) and len(path) > 1}
    others = [
        (rule, problem)
        for (rule, path), problem in problems.items()
        if path[:1] == ("parameters",) or not any(f"!Ref {name} " in problem.text for name in parameters)
    ]
    used = [problem for rule, problem in others if rule != _UNUSED_PARAMETER]
    return used or [problem for _, problem in others]


def _of_stack(definition: Definition | Foundation, rendered: RenderedStack) -> Iterator[tuple[str, Problem]]:
    document = json.loads(json.dumps(rendered.document))  # cfn-lint modifies its argument
    for match in _matches(document):
        where = _position(match)
        location = ".".join(map(str, [part for part in before_functions(where)[1:] if part != "Properties"]))
        text, fix = readable(match.message)
        path = source_of(definition, rendered, where, match.message)
        message = f"{match.rule.id} {text} ({location or 'template'} in {rendered.file_name})"
        yield match.rule.id, Problem(CODE, path, message, fix, severity=_SEVERITIES[match.rule.severity])


def _position(match: Any) -> Sequence[str | int]:
    return list(getattr(match, "path", None) or ())


def _matches(document: dict[str, Any]) -> Iterable[Any]:
    from cfnlint.runner import run_template_by_data

    config, rules = _linter()
    return list(run_template_by_data(document, config, rules))


@cache
def _linter() -> tuple[Any, Any]:
    """Return the configuration, from files such as .cfnlintrc, and the rules, which are slow to load."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    config = ConfigMixIn()
    return config, Runner(config).rules
