"""Render a file of a fleet, and stage the outputs that change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Literal

from pipegen.checks.values.arns import environment_arns
from pipegen.definition import Definition
from pipegen.deploy.commands import deploy_command, environment_command
from pipegen.deploy.deployment import deployment_files
from pipegen.deploy.environment_values import environment_values
from pipegen.deploy.home_services import with_services_at_home
from pipegen.deploy.immutable_changes import IMMUTABLE_PROPERTY, PreviousTemplate, parameter_values_in, unsafe_changes
from pipegen.deploy.parameters import declared, parameter_file, parameter_problems
from pipegen.deploy.permissions import permission_problems
from pipegen.deploy.targets import stacks_by_account, stacks_by_environment, targets
from pipegen.errors import InvalidDefinition, OutputFailed, Problem, Severity, has_errors
from pipegen.fleet.cache import Entry, line_of
from pipegen.fleet.environments import render_everywhere, stacks_of
from pipegen.fleet.git import NotInGit, Revision
from pipegen.fleet.inputs import Digests, Settings, sha256, shared_inputs
from pipegen.fleet.manifest import definition_text, manifest_of
from pipegen.fleet.portable_paths import PortablePaths
from pipegen.fleet.resource_names import ResourceName, imports_of, names_of
from pipegen.fleet.staging import failed
from pipegen.frozen import frozen
from pipegen.loading.blueprints.catalog import directories
from pipegen.loading.fleet import Fleet
from pipegen.loading.services_of_environments import problems_in
from pipegen.loading.sources import Loaded
from pipegen.loading.yaml.nodes import located
from pipegen.model.environment import Environment
from pipegen.output.files import Change, compare, earlier_text
from pipegen.pipeline.foundation import Foundation
from pipegen.references import WRONG_IMPORT
from pipegen.rendering import Format, Rendered, RenderedStack, render_definition, render_foundation

Status = Literal["new", "changed", "gone"]


@frozen(kw_only=True)
class Staged:
    """An output that changes. waiting: the staged file, None if nothing is written."""

    status: Status
    path: str
    waiting: Path | None


@frozen(kw_only=True)
class DefinitionOutput:
    """The output of a definition.

    shared: the inputs that it shares with other users of its blueprint. shapes: the shapes of its templates, if
    requested.
    """

    entry: Entry
    shared: tuple[str, ...]
    staged: tuple[Staged, ...]
    shapes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Result:
    """The result of a file: the output of its definition, or errors among its problems, or another `error`."""

    output: DefinitionOutput | None = None
    problems: tuple[Problem, ...] = ()
    error: str = ""

    @property
    def is_unsafe(self) -> bool:
        """Whether a running stack may not survive a change."""
        return any(each.code == IMMUTABLE_PROPERTY and each.severity == "error" for each in self.problems)


@frozen(kw_only=True)
class _Subject:
    """A rendered definition that is not written yet.

    source: the portable path of its file. files: texts by path, for the application's repository. blueprints: the
    directories of its blueprint and of those that it extends. has_overrides: whether it overrides properties of its
    templates. imports: imports whose export another definition may have.
    """

    name: str
    source: str
    stacks: Sequence[RenderedStack]
    environments: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    blueprints: Sequence[Path] = ()
    problems: tuple[Problem, ...] = ()
    has_overrides: bool = False
    imports: tuple[ResourceName, ...] = ()


@frozen(kw_only=True)
class FileRenderer:
    """Renders files of a fleet. out: None to compare with nothing. waiting: the staging directory, if any."""

    fleet: Fleet
    paths: PortablePaths
    settings: Settings
    digests: Digests
    out: Path | None
    waiting: Path | None
    check: bool = False
    against: Revision | None = None
    accept_unsafe: bool = False
    shapes: bool = False

    def __call__(self, file: Path) -> Result:
        problems: list[Problem] = []
        try:
            subject = self._foundation(problems) if file == self.fleet.file else self._subject(file, problems)
            return Result(output=self._output(subject, problems), problems=tuple(problems))
        except InvalidDefinition as error:
            return Result(problems=(*problems, *error.problems))
        except (OutputFailed, NotInGit) as error:
            return Result(problems=tuple(problems), error=str(error))

    def _foundation(self, problems: list[Problem]) -> _Subject:
        foundation, node = self.fleet.foundation, self.fleet.foundation_node
        assert foundation is not None
        assert node is not None
        try:
            rendered = render_foundation(foundation, format=self._format, source=self.fleet.file.name)
        except InvalidDefinition as error:
            raise InvalidDefinition(located(node, error.problems)) from None
        deployed = stacks_by_environment(rendered.stacks, self.fleet.data.environments)
        names = tuple(name for name, stacks in deployed.items() if stacks)
        reported = [*located(node, rendered.problems)]
        reported += self._check_values(foundation, rendered, names, lambda each: located(node, each))
        problems += reported
        return _Subject(
            problems=tuple(reported),
            name=foundation.name,
            source=self.paths.portable(self.fleet.file),
            stacks=rendered.stacks,
            environments=names,
        )

    @property
    def _format(self) -> Format:
        return "json" if self.settings.format == "json" else "yaml"

    def _subject(self, file: Path, problems: list[Problem]) -> _Subject:
        if file.suffix == ".py":
            text = "a fleet cannot contain Python files: defaults and locked fields do not apply to them"
            fix = "write the definition in YAML, or render the file separately"
            raise InvalidDefinition([Problem("fleet-python", (), text, fix, location=str(file))])
        renderings = render_everywhere(file, self.fleet, self._render)
        loaded = renderings[0].loaded
        origin = loaded.origin
        assert origin is not None
        found_problems = list(problems_in({" ".join(each.environments): each.problems for each in renderings}))
        for each in renderings:
            found_problems += self._check_values(
                each.loaded.definition, each.rendered, each.environments, each.loaded.located
            )
        problems += found_problems
        return _Subject(
            name=loaded.definition.name,
            source=self.paths.portable(Path(loaded.file)),
            stacks=stacks_of(renderings),
            environments=tuple(name for each in renderings for name in each.environments),
            files={file.path: file.text for file in origin.files},
            blueprints=origin.blueprint.directories if origin.blueprint is not None else (),
            problems=tuple(found_problems),
            has_overrides=any(has_overrides(each.loaded.definition) for each in renderings),
            imports=self._imports(loaded.definition, found_problems),
        )

    def _render(self, loaded: Loaded) -> Rendered:
        return render_definition(loaded.definition, format=self._format, source=Path(loaded.file).name)

    def _imports(self, definition: Definition, found_problems: Sequence[Problem]) -> tuple[ResourceName, ...]:
        """Return imports whose export another definition may have."""
        suspected = any(each.code == WRONG_IMPORT for each in found_problems)
        return tuple(resource_name for resource_name, _ in imports_of(definition)) if suspected else ()

    def _output(self, subject: _Subject, problems: list[Problem]) -> DefinitionOutput:
        texts = {f"{subject.name}/{each.file_name}": each.text for each in subject.stacks}
        texts |= {f"{subject.name}/files/{path}": text for path, text in subject.files.items()}
        texts |= {f"{subject.name}/{path}": text for path, text in self._deployment_files(subject).items()}
        texts[manifest_of(subject.name)] = self._manifest(subject, texts)
        shared, blueprint = self._shared(subject.blueprints)
        entry = Entry(
            name=subject.name,
            source=subject.source,
            inputs=self.digests.definition(subject.source, shared),
            blueprint=blueprint,
            environments=subject.environments,
            outputs={path: sha256(text.encode()) for path, text in texts.items()},
            parameters=tuple(declared(subject.stacks)),
            names=tuple(dict.fromkeys([*_resource_names(subject), *subject.imports])),
            problems=tuple(self.paths.stored(subject.problems)),
            line="",
        )
        staged = self._staged(texts, subject, problems)
        shapes = self._shapes(subject) if self.shapes else ()
        return DefinitionOutput(entry=replace(entry, line=line_of(entry)), shared=shared, staged=staged, shapes=shapes)

    def _shapes(self, subject: _Subject) -> tuple[str, ...]:
        from pipegen.lint.shapes import shape_of

        own = f"{subject.source} " if subject.has_overrides else ""  # overridden values are not covered by the shape
        return tuple(f"{own}{shape_of(each.document)}" for each in subject.stacks)

    def _deployment_files(self, subject: _Subject) -> Mapping[str, str]:
        return deployment_files(
            subject.stacks,
            self._in(subject.environments),
            subject.name,
            git_sync=self.settings.git_sync,
            script=self.settings.script,
            directory=self.settings.directory,
        )

    def _in(self, names: Sequence[str]) -> dict[str, Environment]:
        return {name: self.fleet.data.environments[name] for name in names}

    def _check_values(
        self,
        definition: Definition | Foundation,
        rendered: Rendered,
        names: Sequence[str],
        own: Callable[[list[Problem]], list[Problem]],
    ) -> list[Problem]:
        """Check the values of the environments. Returns warnings and notes; raises InvalidDefinition.

        own: locates problems of the definition.
        """
        environments = self._in(names)
        problems = [*environment_values(definition, rendered, environments)]
        if any(each.stack.environment is not None for each in rendered.stacks):
            for name, stacks in stacks_by_environment(rendered.stacks, environments).items():
                problems += _value_problems(definition, stacks, self._in([name]))
            problems = with_services_at_home(definition, rendered.stacks, problems)
        else:
            problems += _value_problems(definition, rendered.stacks, environments)
            problems += environment_arns(definition, rendered.references, environments)
        found_problems = [
            problem
            for each in problems
            for problem in (located(self.fleet.node, [each]) if each.path[:1] == ("environments",) else own([each]))
        ]
        if has_errors(found_problems):
            raise InvalidDefinition(found_problems)
        return found_problems

    def _shared(self, blueprints: Sequence[Path]) -> tuple[tuple[str, ...], str]:
        """Return the inputs that all users of a blueprint share, and their key."""
        if not blueprints:
            return (), ""
        found = shared_inputs(blueprints, directories(self.fleet), self.paths)
        return tuple(dict.fromkeys(found)), self.paths.portable(blueprints[0])

    def _manifest(self, subject: _Subject, texts: Mapping[str, str]) -> str:
        stacks = [self._stack(each, subject, texts) for each in subject.stacks]
        accounts = stacks_by_account(subject.stacks, self._in(subject.environments))
        return definition_text(subject.source, subject.environments, accounts, stacks, [*texts])

    def _stack(self, rendered: RenderedStack, subject: _Subject, texts: Mapping[str, str]) -> Mapping[str, Any]:
        path = f"{subject.name}/{rendered.file_name}"
        parameters = {each: f"{subject.name}/{parameter_file(each)}" for each in subject.environments}
        commands = {
            each.name: _in_one_line(environment_command(rendered, path, each.environment, parameters[each.name]))
            for each in targets(rendered, self._in(subject.environments))
        }
        inputs = {name: f"{each.stack}.{each.output}" for name, each in rendered.stack.inputs.items()}
        return {
            "name": rendered.stack.name,
            "template": path,
            "parameters": {
                "open": rendered.stack.open_parameters,
                **({"outputs": inputs} if inputs else {}),
                "files": {each: parameters[each] for each in commands if parameters[each] in texts},
            },
            "capabilities": rendered.stack.capabilities,
            "deploy": commands or {"": _in_one_line(deploy_command(rendered, path))},
        }

    def _staged(self, texts: Mapping[str, str], subject: _Subject, problems: list[Problem]) -> tuple[Staged, ...]:
        """Stage the outputs that change. Raises InvalidDefinition if a change is rejected."""
        if self.out is None:
            return ()
        changes = compare({self.out / path: text for path, text in texts.items()})
        unsafe = [*self._unsafe(subject, dict(zip(texts, changes, strict=True)))]
        if has_errors(unsafe):
            raise InvalidDefinition(unsafe)
        problems += unsafe
        return tuple(
            Staged(status=change.status, path=path, waiting=self._stage(subject.source, path, change.text))
            for path, change in zip(texts, changes, strict=True)
            if change.status != "unchanged"
        )

    def _unsafe(self, subject: _Subject, changes: Mapping[str, Change]) -> Iterator[Problem]:
        """Find changes that running stacks may not survive."""
        given = {}
        for name in subject.environments:
            file = changes.get(f"{subject.name}/{parameter_file(name)}")
            if file is not None and (text := self._earlier(file)) not in (None, file.text):
                given[name] = parameter_values_in(text), parameter_values_in(file.text)
        severity: Severity = "warning" if self.accept_unsafe else "error"
        for stack in subject.stacks:
            change = changes[f"{subject.name}/{stack.file_name}"]
            text = self._earlier(change)
            if text is None and stack.environment:  # until now, the template was the same in all environments
                text = self._earlier(replace(change, path=change.path.with_name(f"{stack.name}.{stack.format}")))
            earlier = PreviousTemplate(str(change.path), text, given)
            yield from unsafe_changes(stack, earlier, severity, check=self.check)

    def _earlier(self, change: Change) -> str | None:
        """Return the previous text of a file that changes."""
        return earlier_text(change, None if self.against is None else self.against.text)

    def _stage(self, source: str, path: str, text: str) -> Path | None:
        """Write a text to the staging directory. Its name includes the source, as two may write one path."""
        if self.waiting is None:
            return None
        waiting = self.waiting / sha256(f"{source}\0{path}".encode())[:40]
        try:
            mode = 0o777 if text.startswith("#!") else 0o666  # minus the umask
            with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:  # noqa: PTH123
                file.write(text.encode())
        except OSError as error:
            raise failed(Path(str(self.out)) / path, error) from None
        return waiting


def _resource_names(subject: _Subject) -> Iterator[ResourceName]:
    return (resource_name for resource_name, _, _ in names_of(subject.name, subject.stacks))


def has_overrides(definition: Definition) -> bool:
    return bool(definition.overrides) or any(each.overrides for each in (definition.services or {}).values())


def _value_problems(
    definition: Definition | Foundation, stacks: Sequence[RenderedStack], environments: Mapping[str, Environment]
) -> Iterator[Problem]:
    yield from parameter_problems(stacks, environments)
    yield from permission_problems(definition, stacks, environments)


def _in_one_line(command: str) -> str:
    return command.replace(" \\\n    ", " ")
