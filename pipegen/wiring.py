"""Who reads what: every input is given its artifact, every output the wishes of its readers.

Wiring is implicit where one choice exists. The check of artifacts and the compiler use the same result, so they cannot
disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipegen.action import Wired
from pipegen.artifact import Contents, Input, Output, Request
from pipegen.errors import Path, Problem
from pipegen.pipeline import Located, LocatedRule, Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """`reads` and `inputs` per path of an action or rule, `requests` per action path and output name, and what did not
    fit."""

    reads: Mapping[Path, Sequence[Input]]
    inputs: Mapping[Path, Sequence[Wired]]
    requests: Mapping[Path, Mapping[str, Sequence[Request]]]
    problems: Sequence[Problem]

    def made_by(self, maker: Located) -> list[str]:
        """The outputs that an action really makes: those that are read, and those that it makes anyway. A source
        always makes its artifact; CodePipeline counts it, read or not."""
        read = self.requests.get(maker.path, {})
        low, _ = maker.action.action_type.outputs
        return [output.name for output in maker.action.makes() if output.name in read or output.always or low]


@dataclass(frozen=True, slots=True)
class _Offer:
    """An output and the action that makes it."""

    by: Located
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

    def wired(self, reader: str, wish: Contents) -> Wired:
        artifact = self.by.action.artifact_name(self.output.name)
        return Wired(artifact=artifact, contents=self.output.holds, reader=reader, wish=wish)


def wire(pipeline: Pipeline) -> Wiring:
    """Wire every input of the pipeline; what cannot be wired is a problem, and all problems are found."""
    offers = [_Offer(by, output) for by in pipeline.located() for output in by.action.makes()]
    reads: dict[Path, Sequence[Input]] = {}
    inputs: dict[Path, list[Wired]] = {}
    requests: dict[Path, dict[str, list[Request]]] = {}
    problems: list[Problem] = []
    for reader in pipeline.readers():
        reads[reader.path] = reader.reads()
        for wanted in reads[reader.path]:
            found = _find(wanted, reader, offers)
            if isinstance(found, Problem):
                problems.append(found)
                continue
            name = reader.words.replace("/", ".")
            inputs.setdefault(reader.path, []).append(found.wired(name, wanted.wish))
            request = Request(reader=name, wish=wanted.wish)
            requests.setdefault(found.by.path, {}).setdefault(found.output.name, []).append(request)
            problems.extend(_missing_containers(wanted, reader, found))
    return Wiring(reads=reads, inputs=inputs, requests=requests, problems=problems)


def _find(wanted: Input, reader: Located | LocatedRule, offers: Sequence[_Offer]) -> _Offer | Problem:
    earlier = [offer for offer in offers if offer.by.order < reader.order]
    fitting = [offer for offer in earlier if offer.output.serves(wanted.wish)]
    if wanted.artifact is not None:
        return _named(wanted, reader, offers, fitting)
    if fitting and _is_one(fitting):
        return fitting[0]
    path = (*reader.path, *wanted.path)
    if fitting:
        names = ", ".join(offer.short_name for offer in fitting)
        text = f"{reader.words} reads {wanted.wish.words} and could take {names}"
        return Problem("artifact-ambiguous", path, text, f"say which: {_field(wanted)}: {fitting[0].short_name}")
    return _nothing_fits(wanted, reader, offers, path)


def _is_one(offers: Sequence[_Offer]) -> bool:
    """Whether their names tell them apart; where two actions have one name, that is the mistake, and is reported."""
    return len({offer.name for offer in offers}) == 1


def _nothing_fits(wanted: Input, reader: Located | LocatedRule, offers: Sequence[_Offer], path: Path) -> Problem:
    text = f"{reader.words} reads {wanted.wish.words}, which no earlier action makes"
    late = [o for o in offers if o.output.serves(wanted.wish) and o.by.path != reader.path]
    if late:
        fix = f"{late[0].by.words} makes it, but not before: move it to {reader.earlier}"
        return Problem("artifact-order", path, text, fix)
    earlier = [offer for offer in offers if offer.by.order < reader.order and not offer.output.on_request]
    held = {offer.by.words: offer.output.holds.words for offer in earlier}
    there = "; there is " + ", ".join(f"{words} in {by}" for by, words in held.items()) if held else ""
    return Problem("artifact-missing", path, text + there, _way_out(wanted))


def _way_out(wanted: Input) -> str:
    if wanted.wish.files_wanted():
        return wanted.wish.way_out
    return f"add a source action to the first stage, or name an artifact with {_field(wanted)}:"


def _field(wanted: Input) -> str:
    return next(str(part) for part in reversed(wanted.path) if isinstance(part, str))


def _named(
    wanted: Input, reader: Located | LocatedRule, offers: Sequence[_Offer], fitting: Sequence[_Offer]
) -> _Offer | Problem:
    assert wanted.artifact is not None
    name = wanted.artifact.name
    path: Path = (*reader.path, *wanted.path)
    meant = [offer for offer in offers if offer.is_meant(name)]
    before = [offer for offer in meant if offer.by.order < reader.order]
    right = [each for each in before if each in fitting or each.output.holds.may_hold(wanted.wish)]
    if right and _is_one(right):
        return right[0]
    fix = f"{' or '.join(offer.short_name for offer in fitting)} would fit" if fitting else _way_out(wanted)
    if not meant:
        return Problem("artifact-unknown", path, f"{reader.words} reads {name!r}, which nothing makes", fix)
    if right:
        names = ", ".join(offer.name for offer in right)
        return Problem("artifact-ambiguous", path, f"{name!r} could be {names}", f"say {right[0].name}")
    if meant[0].by.path == reader.path:
        return Problem("artifact-order", path, f"{reader.words} reads what it makes itself", fix)
    if meant[0].by.order >= reader.order:
        text = f"{reader.words} reads {name}, which {meant[0].by.words} does not make before it runs"
        return Problem("artifact-order", path, text, f"move {meant[0].by.words} to {reader.earlier}")
    text = f"{reader.words} reads {wanted.wish.words}, but {name} holds {meant[0].output.holds.words}"
    return Problem("artifact-contents", path, text, fix)


def _missing_containers(wanted: Input, reader: Located | LocatedRule, found: _Offer) -> Iterator[Problem]:
    """A reader that updates containers which the build does not make would fail at deployment."""
    made = found.output.containers
    missing = [container for container in wanted.wish.containers_wanted() if made and container not in made]
    if missing:
        text = f"{reader.words} updates {', '.join(missing)}, but {found.by.words} builds {', '.join(made)}"
        fix = "add the image to the build, or take the container off the deploy"
        yield Problem("artifact-container", (*reader.path, "containers"), text, fix)
