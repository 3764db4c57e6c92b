"""Who reads what: every input is given its artifact, every output the requirements of its readers.

Wiring is implicit where one choice exists. The check of artifacts and the compiler use the same result, so they cannot
disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipegen.errors import Path, Problem, quoted
from pipegen.frozen import frozen
from pipegen.graph.outline import Outline
from pipegen.pipeline.action import Wired
from pipegen.pipeline.artifact import Files, ImageDefinitions, Output
from pipegen.pipeline.pipeline import LocatedAction, LocatedRule
from pipegen.pipeline.requirement import ImageDefinitionsFile, Input, OneFile, Request, Requirement, serves


@frozen(kw_only=True)
class WiredAction:
    """An action and what it is given. requests: by the name of an output, what its readers want."""

    located: LocatedAction
    reads: Sequence[Input]
    inputs: Sequence[Wired]
    requests: Mapping[str, Sequence[Request]]

    @property
    def outputs(self) -> list[str]:
        """The outputs that the action really makes: those that are read, and those that it makes anyway. A source
        always makes its artifact; CodePipeline counts it, read or not."""
        low, _ = self.located.action.action_type.outputs
        made = self.located.action.makes()
        return [output.name for output in made if output.name in self.requests or output.always or low]


@frozen(kw_only=True)
class WiredRule:
    """A rule and what it is given."""

    located: LocatedRule
    reads: Sequence[Input]
    inputs: Sequence[Wired]


@frozen(kw_only=True)
class Wiring:
    """Actions and rules with what they are given, and what did not fit."""

    actions: Sequence[WiredAction]
    rules: Sequence[WiredRule]
    problems: Sequence[Problem]

    def readers(self) -> Iterator[WiredAction | WiredRule]:
        yield from self.actions
        yield from self.rules


@frozen
class _Offer:
    """An output, and the action that makes it with its position among all."""

    position: int
    by: LocatedAction
    output: Output

    @property
    def name(self) -> str:
        return f"{self.by.reference}.{self.output.name}"

    @property
    def short_name(self) -> str:
        freely = [output.name for output in self.by.action.makes() if not output.on_request]
        return self.by.reference if freely == [self.output.name] else self.name

    def is_meant(self, name: str) -> bool:
        """Actions may be named with their stages, whether or not others have the same name."""
        makers = (self.by.name, f"{self.by.stage}.{self.by.name}")
        return name in (*makers, *(f"{maker}.{self.output.name}" for maker in makers))

    def wired(self, reader: str, requires: Requirement) -> Wired:
        artifact = self.by.action.artifact_name(self.output.name)
        return Wired(artifact=artifact, contents=self.output.contents, reader=reader, requires=requires)


def wire(lowered: Outline) -> Wiring:
    """Wire every input of the pipeline; what cannot be wired is a problem, and all problems are found."""
    offers = [
        _Offer(position, by, output) for position, by in enumerate(lowered.actions) for output in by.action.makes()
    ]
    actions = [_read(each, offers) for each in lowered.actions]
    rules = [_read(each, offers) for each in lowered.rules]
    requests = _requests([*actions, *rules])
    return Wiring(
        actions=[
            WiredAction(located=by, reads=read.wanted, inputs=read.inputs, requests=requests.get(position, {}))
            for position, (by, read) in enumerate(zip(lowered.actions, actions, strict=True))
        ],
        rules=[
            WiredRule(located=by, reads=read.wanted, inputs=read.inputs)
            for by, read in zip(lowered.rules, rules, strict=True)
        ],
        # An added action reads what the one that it follows reads, so the problems of that one are enough.
        problems=[
            problem
            for by, read in zip(lowered.readers(), (*actions, *rules), strict=True)
            if not (isinstance(by, LocatedAction) and by.added)
            for problem in read.problems
        ],
    )


def _requests(found: Sequence[_Read]) -> Mapping[int, Mapping[str, Sequence[Request]]]:
    """What is read of the outputs of each action, by the action's position."""
    requests: dict[int, dict[str, list[Request]]] = {}
    for read in found:
        for offer, wired in zip(read.offers, read.inputs, strict=True):
            of_action = requests.setdefault(offer.position, {})
            of_action.setdefault(offer.output.name, []).append(Request(reader=wired.reader, requires=wired.requires))
    return requests


@frozen
class _Read:
    """What an action or a rule wants, the outputs that it is given, and what did not fit."""

    wanted: Sequence[Input]
    offers: Sequence[_Offer]
    inputs: Sequence[Wired]
    problems: Sequence[Problem]


def _read(reader: LocatedAction | LocatedRule, offers: Sequence[_Offer]) -> _Read:
    wanted = reader.reads()
    taken: list[_Offer] = []
    inputs: list[Wired] = []
    problems: list[Problem] = []
    for each in wanted:
        found = _find(each, reader, offers)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            taken.append(found)
            inputs.append(found.wired(reader.words.replace("/", "."), each.requires))
            problems += _missing_containers(each, reader, found)
    return _Read(wanted, taken, inputs, problems)


def _find(wanted: Input, reader: LocatedAction | LocatedRule, offers: Sequence[_Offer]) -> _Offer | Problem:
    earlier = [offer for offer in offers if offer.by.order < reader.reads_before]
    fitting = [offer for offer in earlier if serves(offer.output, wanted.requires)]
    if wanted.artifact is not None:
        return _named(wanted, reader, offers, fitting)
    if not fitting:
        fitting = [offer for offer in earlier if wanted.requires.is_likely_met_by(offer.output.contents)]
    fitting = [offer for offer in fitting if not _lacking(wanted, offer)] or fitting
    if fitting and _is_one(fitting):
        return fitting[0]
    path = (*reader.path, *_written_path(wanted, reader))
    if fitting:
        names = ", ".join(offer.short_name for offer in fitting)
        text = f"{reader.words} reads {wanted.requires.words} and could take {names}"
        fix = f"say which: {_field(wanted, reader)}: {fitting[0].short_name}"
        return Problem("artifact-ambiguous", path, text, fix)
    return _nothing_fits(wanted, reader, offers, path)


def _is_one(offers: Sequence[_Offer]) -> bool:
    """Whether their names tell them apart; where two actions have one name, that is the mistake, and is reported."""
    return len({offer.name for offer in offers}) == 1


def _nothing_fits(wanted: Input, reader: LocatedAction | LocatedRule, offers: Sequence[_Offer], path: Path) -> Problem:
    text = f"{reader.words} reads {wanted.requires.words}, which no earlier action makes"
    late = [o for o in offers if serves(o.output, wanted.requires) and o.by is not reader]
    if late:
        fix = f"{late[0].by.words} makes it, but not before: move it to {reader.earlier}"
        return Problem("artifact-order", path, text, fix)
    earlier = [offer for offer in offers if offer.by.order < reader.reads_before and not offer.output.on_request]
    held = {offer.by.words: offer.output.contents.words for offer in earlier}
    there = "; there is " + ", ".join(f"{words} in {by}" for by, words in held.items()) if held else ""
    return Problem("artifact-missing", path, text + there, _fix(wanted, reader))


def _fix(wanted: Input, reader: LocatedAction | LocatedRule) -> str:
    if wanted.requires.files:
        return wanted.requires.fix
    return f"add a source action to the first stage, or name an artifact with {_field(wanted, reader)}:"


def _written_path(wanted: Input, reader: LocatedAction | LocatedRule) -> Path:
    """The field in the definition that may name the artifact."""
    field = reader.fields.get(str(wanted.path[0])) if isinstance(reader, LocatedAction) else None
    return wanted.path if field is None else (field,)


def _field(wanted: Input, reader: LocatedAction | LocatedRule) -> str:
    return next(str(part) for part in reversed(_written_path(wanted, reader)) if isinstance(part, str))


def _named(
    wanted: Input, reader: LocatedAction | LocatedRule, offers: Sequence[_Offer], fitting: Sequence[_Offer]
) -> _Offer | Problem:
    assert wanted.artifact is not None
    name = wanted.artifact.name
    path: Path = (*reader.path, *_written_path(wanted, reader))
    meant = [offer for offer in offers if offer.is_meant(name)]
    before = [offer for offer in meant if offer.by.order < reader.reads_before]
    right = [each for each in before if each in fitting or wanted.requires.may_be_met_by(each.output.contents)]
    if right and _is_one(right):
        return right[0]
    fix = f"{' or '.join(offer.short_name for offer in fitting)} would fit" if fitting else _fix(wanted, reader)
    if not meant:
        return Problem("artifact-unknown", path, f"{reader.words} reads {quoted(name)}, which nothing makes", fix)
    if right:
        names = ", ".join(offer.name for offer in right)
        return Problem("artifact-ambiguous", path, f"{quoted(name)} could be {names}", f"say {right[0].name}")
    if meant[0].by is reader:
        return Problem("artifact-order", path, f"{reader.words} reads what it makes itself", fix)
    if meant[0].by.order >= reader.reads_before:
        text = f"{reader.words} reads {name}, which {meant[0].by.words} does not make before it runs"
        return Problem("artifact-order", path, text, f"move {meant[0].by.words} to {reader.earlier}")
    text = f"{reader.words} reads {wanted.requires.words}, but {name} holds {meant[0].output.contents.words}"
    if isinstance(wanted.requires, OneFile) and isinstance(meant[0].output.contents, Files):
        files = [each.output.contents for each in fitting if isinstance(each.output.contents, Files)]
        if not any(each.lists(wanted.requires.path) for each in files):
            path = (*path[:-1], "path")  # rather than another artifact
    return Problem("artifact-contents", path, text, fix)


def _missing_containers(wanted: Input, reader: LocatedAction | LocatedRule, found: _Offer) -> Iterator[Problem]:
    """A reader that updates containers which the build does not make would fail at deployment."""
    if missing := _lacking(wanted, found):
        made = _made_by(found)
        text = f"{reader.words} updates {', '.join(missing)}, but {found.by.words} builds {', '.join(made)}"
        fix = "add the image to the build, or take the container off the deploy"
        path: Path = _written_path(wanted, reader) if wanted.artifact is not None else ("containers",)
        if isinstance(wanted.requires, ImageDefinitionsFile) and wanted.requires.only_reads:
            path = ("parameters", missing[0])
        yield Problem("artifact-container", (*reader.path, *path), text, fix)


def _lacking(wanted: Input, offer: _Offer) -> Sequence[str]:
    """The containers that a reader wants and that an output does not name, where that is known."""
    made = _made_by(offer)
    return [container for container in wanted.requires.of_containers() if made and container not in made]


def _made_by(offer: _Offer) -> Sequence[str]:
    contents = offer.output.contents
    return contents.containers if isinstance(contents, ImageDefinitions) else ()
