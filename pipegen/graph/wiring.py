"""Wire every input of an action or rule to an artifact, and every output to the requirements of its readers.

An input without a name is wired if exactly one artifact fits. The check of artifacts and the compiler use the same
result, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipegen.errors import Path, Problem, quoted
from pipegen.frozen import frozen
from pipegen.graph.outline import Outline
from pipegen.model.environment import Environment
from pipegen.pipeline.artifact import Files, ImageDefinitions, Output
from pipegen.pipeline.binding import Wired
from pipegen.pipeline.located import LocatedAction, LocatedRule
from pipegen.pipeline.requirement import ImageDefinitionsFile, Input, OneFile, Request, Requirement, serves


@frozen(kw_only=True)
class WiredAction:
    """An action with its inputs. requests: for each output by name, the requests of its readers."""

    located: LocatedAction
    reads: Sequence[Input]
    inputs: Sequence[Wired]
    requests: Mapping[str, Sequence[Request]]

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs that the action produces: those that are read, and those that it always produces. A
        source always produces its artifact, and CodePipeline counts it."""
        minimum, _ = self.located.action.action_type.outputs
        outputs = self.located.action.makes()
        return [output.name for output in outputs if output.name in self.requests or output.always or minimum]


@frozen(kw_only=True)
class WiredRule:
    """A rule with its inputs."""

    located: LocatedRule
    reads: Sequence[Input]
    inputs: Sequence[Wired]


@frozen(kw_only=True)
class Wiring:
    """Wired actions and rules, and the problems with inputs that could not be wired."""

    actions: Sequence[WiredAction]
    rules: Sequence[WiredRule]
    problems: Sequence[Problem]

    def readers(self) -> Iterator[WiredAction | WiredRule]:
        yield from self.actions
        yield from self.rules


@frozen
class _Provided:
    """An output with its action and that action's position among all."""

    position: int
    by: LocatedAction
    output: Output

    @property
    def name(self) -> str:
        return f"{self.by.reference}.{self.output.name}"

    @property
    def short_name(self) -> str:
        unrequested = [output.name for output in self.by.action.makes() if not output.on_request]
        return self.by.reference if unrequested == [self.output.name] else self.name

    def is_named(self, name: str) -> bool:
        """Return whether a name refers to this output. An action can be named with its stage, even where its name is
        unique."""
        makers = (self.by.name, f"{self.by.stage}.{self.by.name}")
        return name in (*makers, *(f"{maker}.{self.output.name}" for maker in makers))

    def wired(self, reader: str, requires: Requirement) -> Wired:
        artifact = self.by.action.artifact_name(self.output.name)
        return Wired(artifact=artifact, contents=self.output.contents, reader=reader, requires=requires)


def wire(lowered: Outline) -> Wiring:
    """Wire every input of the pipeline, and collect the problems with those that cannot be wired."""
    provided = [
        _Provided(position, by, output) for position, by in enumerate(lowered.actions) for output in by.action.makes()
    ]
    actions = [_wire_reader(each, provided) for each in lowered.actions]
    rules = [_wire_reader(each, provided) for each in lowered.rules]
    requests = _requests([*actions, *rules])
    return Wiring(
        actions=[
            WiredAction(located=by, reads=read.needs, inputs=read.inputs, requests=requests.get(position, {}))
            for position, (by, read) in enumerate(zip(lowered.actions, actions, strict=True))
        ],
        rules=[
            WiredRule(located=by, reads=read.needs, inputs=read.inputs)
            for by, read in zip(lowered.rules, rules, strict=True)
        ],
        # An added action reads what the action before it reads, which already has the problem.
        problems=[
            problem
            for by, read in zip(lowered.readers(), (*actions, *rules), strict=True)
            if not (isinstance(by, LocatedAction) and by.added)
            for problem in read.problems
        ],
    )


def _requests(reads: Sequence[_ReaderWiring]) -> Mapping[int, Mapping[str, Sequence[Request]]]:
    """Return the requests for the outputs of each action, by the action's position."""
    requests: dict[int, dict[str, list[Request]]] = {}
    for read in reads:
        for candidate, wired in zip(read.provided, read.inputs, strict=True):
            of_action = requests.setdefault(candidate.position, {})
            of_action.setdefault(candidate.output.name, []).append(
                Request(reader=wired.reader, requires=wired.requires, environment=read.environment)
            )
    return requests


@frozen
class _ReaderWiring:
    """The inputs of an action or rule, the outputs that they are wired to, and problems. environment: where it runs, if
    not where the pipeline does."""

    needs: Sequence[Input]
    provided: Sequence[_Provided]
    inputs: Sequence[Wired]
    problems: Sequence[Problem]
    environment: Environment | None = None


def _wire_reader(reader: LocatedAction | LocatedRule, provided: Sequence[_Provided]) -> _ReaderWiring:
    """Wire the inputs of an action or rule to the outputs that were provided."""
    needs = reader.reads()
    outputs: list[_Provided] = []
    inputs: list[Wired] = []
    problems: list[Problem] = []
    for need in needs:
        output = _find(need, reader, provided)
        if isinstance(output, Problem):
            problems.append(output)
        else:
            outputs.append(output)
            inputs.append(output.wired(reader.words.replace("/", "."), need.requires))
            problems += _missing_containers(need, reader, output)
    environment = reader.environment if isinstance(reader, LocatedAction) else None
    return _ReaderWiring(needs, outputs, inputs, problems, environment)


def _find(need: Input, reader: LocatedAction | LocatedRule, provided: Sequence[_Provided]) -> _Provided | Problem:
    earlier = [candidate for candidate in provided if candidate.by.order < reader.reads_before]
    fitting = [candidate for candidate in earlier if serves(candidate.output, need.requires)]
    if need.artifact is not None:
        return _named(need, reader, provided, fitting)
    if not fitting:
        fitting = [candidate for candidate in earlier if need.requires.is_likely_met_by(candidate.output.contents)]
    fitting = [candidate for candidate in fitting if not _lacking(need, candidate)] or fitting
    if fitting and _is_one(fitting):
        return fitting[0]
    path = (*reader.path, *_written_path(need, reader))
    if fitting:
        names = ", ".join(candidate.short_name for candidate in fitting)
        text = f"{reader.words} reads {need.requires.words}, which several artifacts contain: {names}"
        fix = f"name one, such as {_field(need, reader)}: {fitting[0].short_name}"
        return Problem("artifact-ambiguous", path, text, fix)
    return _nothing_fits(need, reader, provided, path)


def _is_one(provided: Sequence[_Provided]) -> bool:
    """Return whether the outputs have one name; actions of equal names are reported elsewhere."""
    return len({candidate.name for candidate in provided}) == 1


def _nothing_fits(
    need: Input, reader: LocatedAction | LocatedRule, provided: Sequence[_Provided], path: Path
) -> Problem:
    text = f"{reader.words} reads {need.requires.words}, but no earlier action produces it"
    late = [each for each in provided if serves(each.output, need.requires) and each.by is not reader]
    if late:
        fix = f"move {late[0].by.words}, which produces it, to {reader.earlier}"
        return Problem("artifact-order", path, text, fix)
    earlier = [
        candidate
        for candidate in provided
        if candidate.by.order < reader.reads_before and not candidate.output.on_request
    ]
    contents = {candidate.by.words: candidate.output.contents.words for candidate in earlier}
    available = (
        "; earlier artifacts: " + ", ".join(f"{words} from {by}" for by, words in contents.items()) if contents else ""
    )
    return Problem("artifact-missing", path, text + available, _fix(need, reader))


def _fix(need: Input, reader: LocatedAction | LocatedRule) -> str:
    if need.requires.files:
        return need.requires.fix
    return f"add a source action to the first stage, or name an artifact with {_field(need, reader)}:"


def _written_path(need: Input, reader: LocatedAction | LocatedRule) -> Path:
    """Return the path of the field in the definition that can name the artifact."""
    field = reader.fields.get(str(need.path[0])) if isinstance(reader, LocatedAction) else None
    return need.path if field is None else (field,)


def _field(need: Input, reader: LocatedAction | LocatedRule) -> str:
    return next(str(part) for part in reversed(_written_path(need, reader)) if isinstance(part, str))


def _named(
    need: Input, reader: LocatedAction | LocatedRule, provided: Sequence[_Provided], fitting: Sequence[_Provided]
) -> _Provided | Problem:
    assert need.artifact is not None
    name = need.artifact.name
    path: Path = (*reader.path, *_written_path(need, reader))
    matching = [candidate for candidate in provided if candidate.is_named(name)]
    before = [candidate for candidate in matching if candidate.by.order < reader.reads_before]
    right = [each for each in before if each in fitting or need.requires.may_be_met_by(each.output.contents)]
    if right and _is_one(right):
        return right[0]
    fix = f"{' or '.join(candidate.short_name for candidate in fitting)} fits" if fitting else _fix(need, reader)
    if not matching:
        return Problem(
            "artifact-unknown",
            path,
            f"{reader.words} reads {quoted(name)}, but no action produces an artifact of this name",
            fix,
        )
    if right:
        names = ", ".join(candidate.name for candidate in right)
        return Problem(
            "artifact-ambiguous",
            path,
            f"{quoted(name)} is the name of several artifacts: {names}",
            f"write {right[0].name}",
        )
    if matching[0].by is reader:
        return Problem("artifact-order", path, f"{reader.words} reads its own artifact", fix)
    if matching[0].by.order >= reader.reads_before:
        text = f"{reader.words} reads {name}, but {matching[0].by.words} does not run before it"
        return Problem("artifact-order", path, text, f"move {matching[0].by.words} to {reader.earlier}")
    text = f"{reader.words} reads {need.requires.words}, but {name} contains {matching[0].output.contents.words}"
    if isinstance(need.requires, OneFile) and isinstance(matching[0].output.contents, Files):
        files = [each.output.contents for each in fitting if isinstance(each.output.contents, Files)]
        if not any(each.lists(need.requires.path) for each in files):
            path = (*path[:-1], "path")  # no other artifact lists the file, so its path is probably wrong
    return Problem("artifact-contents", path, text, fix)


def _missing_containers(need: Input, reader: LocatedAction | LocatedRule, provided: _Provided) -> Iterator[Problem]:
    """Find containers that a deployment updates but the build has no image for; the deployment would fail."""
    if missing := _lacking(need, provided):
        containers = _made_by(provided)
        text = (
            f"{reader.words} updates {', '.join(missing)}, but {provided.by.words} only builds {', '.join(containers)}"
        )
        fix = "add the image to the build, or remove the container from the deploy"
        path: Path = _written_path(need, reader) if need.artifact is not None else ("containers",)
        if isinstance(need.requires, ImageDefinitionsFile) and need.requires.only_reads:
            path = ("parameters", missing[0])
        yield Problem("artifact-container", (*reader.path, *path), text, fix)


def _lacking(need: Input, candidate: _Provided) -> Sequence[str]:
    """Return the containers that a reader requires and an output does not contain, as far as its contents are known."""
    containers = _made_by(candidate)
    return [container for container in need.requires.of_containers() if containers and container not in containers]


def _made_by(candidate: _Provided) -> Sequence[str]:
    contents = candidate.output.contents
    return contents.containers if isinstance(contents, ImageDefinitions) else ()
