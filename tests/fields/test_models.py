"""Definitions made in Python: nothing changes them, and wrong ones are refused like those of a file."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import AWSHelperFn, GenericHelperFn, GetAtt, Join, Ref, Sub
from troposphere import Tags as TroposphereTags

from pipegen import (
    S3,
    Definition,
    DockerBuild,
    Ecr,
    EcsDeploy,
    EcsService,
    Foundation,
    GitHub,
    Image,
    InvalidDefinition,
    Parameter,
    Stage,
    check,
    load,
    render,
    template_text,
)
from pipegen.actions import Artifact
from pipegen.codebuild import Cache
from pipegen.ecs import Container, Rolling, TaskDefinition
from pipegen.loading.definition import read
from tests.examples import EXAMPLES
from tests.strategies import fuzzing, seed_data

SERVICES = next(example.yaml for example in EXAMPLES if example.name == "service_canary")


def definition() -> Definition:
    return load(SERVICES)[0]


def models(value: Any) -> Iterator[Any]:
    """Every model and container in a model."""
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from models(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from models(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from models(item)


def test_nothing_in_a_definition_can_be_changed() -> None:
    seen = set()
    for each in models(definition()):
        seen.add(type(each))
        assert not isinstance(each, list)
        if is_dataclass(each):
            with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
                setattr(each, fields(each)[0].name, "x")
        if isinstance(each, dict):
            changes: list[Callable[[Any], object]] = [
                lambda mapping: mapping.__setitem__("x", 1),
                lambda mapping: mapping.__delitem__("x"),
                lambda mapping: mapping.__ior__({"x": 1}),
                lambda mapping: mapping.update(x=1),
                lambda mapping: mapping.setdefault("x", 1),
                lambda mapping: mapping.pop("x"),
                lambda mapping: mapping.popitem(),
                lambda mapping: mapping.clear(),
            ]
            for change in changes:
                with pytest.raises(TypeError, match="definitions are immutable"):
                    change(each)
    assert EcsService in seen


def test_what_a_caller_gave_may_change_afterwards_and_the_model_stays() -> None:
    values, inner, tags = ["a"], {"Type": ["x"]}, {"team": "a"}
    given: dict[str, Any] = {"Pipeline": inner}
    made = replace(definition(), tags=MappingProxyType(tags), overrides=given)
    parameter = Parameter("Stage", allowed_values=values)
    values.append("b")
    inner["Type"].append("y")
    given["Other"] = {}
    tags["team"] = "b"
    assert parameter.allowed_values == ("a",)
    assert (made.overrides, made.tags) == ({"Pipeline": {"Type": ("x",)}}, {"team": "a"})


def test_a_definition_can_be_copied_pickled_compared_and_hashed() -> None:
    one, other = definition(), definition()
    assert one == other
    assert hash(one) == hash(other)
    copies: list[Any] = [copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)), replace(one)]
    for same in copies:
        assert same == one
        assert render(same, source="").stacks[0].text == render(one, source="").stacks[0].text
        with pytest.raises(TypeError):
            same.services["x"] = None
    assert {**one.services} == one.services
    assert {**one.tags, "a": "b"}["a"] == "b"


def test_what_is_compiled_after_rendering_is_the_definition_that_is_given() -> None:
    services = dict(definition().services)
    service = services["web"]
    one = replace(definition(), services=services)
    names = {each.stack.name for each in render(one).stacks}
    job = replace(service.task_definition, containers=[Container("job", image="example.com/job:1")])
    services["job"] = remade(
        service, task_definition=job, load_balancer=None, deployment=Rolling(), key="job", name="job"
    )
    assert {stack.name for stack in render(one).stacks} == names
    more = replace(one, services=services)
    assert {stack.name for stack in render(more).stacks} == {*names, f"{one.name}-job"}
    assert {each.stack.name for each in render(more).stacks} == {*names, f"{one.name}-job"}


SOURCE = GitHub(
    "App",
    repository="acme/orders",
    branch="main",
    connection="arn:aws:codeconnections:eu-west-1:111111111111:connection/0e5d1b2c-0000-4000-8000-000000000000",
)
BUILD = DockerBuild("Image", Image("app", "orders"))
DEPLOY = EcsDeploy("Deploy", cluster="main", service="orders", roles=["orders-task"])


def with_actions(build: Any = BUILD, deploy: Any = DEPLOY) -> Any:
    stages = [
        Stage("Source", SOURCE),
        Stage("Build", build),
        Stage("Deploy", deploy),
    ]
    return Definition("orders", *stages)


def with_container(**changed: Any) -> Any:
    container = Container(**{"name": "app", **changed})
    service = EcsService("web", cluster="main", task_definition=TaskDefinition(containers=[container]))
    deploy = EcsDeploy("Deploy", service="web")
    return replace(with_actions(deploy=deploy), services={"web": service})


class Failing(AWSHelperFn):
    """An expression that cannot be written."""

    def to_dict(self) -> Any:
        raise KeyError("name")


remade: Any = replace
deploy_of: Any = EcsDeploy
foundation_of: Any = Foundation
NAN, HUGE, HALF = float("nan"), 10**5000, "\ud800"
_INSIDE: list[Any] = []
_INSIDE.append(_INSIDE)
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "text for a number": (
        lambda: with_actions(remade(BUILD, commit_length="7")),
        'commit_length must be an integer, got "7"',
    ),
    "true for a number": (
        lambda: with_actions(remade(BUILD, commit_length=True)),
        "commit_length must be an integer, got True",
    ),
    "a huge number": (lambda: with_actions(remade(BUILD, commit_length=HUGE)), "must have at most 18 digits"),
    "a huge number as data": (
        lambda: remade(with_actions(), overrides={"Pipeline": {"Name": HUGE}}),
        "overrides.Pipeline.Name",
    ),
    "no number": (lambda: remade(with_actions(), overrides={"Pipeline": {"Name": NAN}}), "overrides.Pipeline.Name"),
    "a list for a value": (lambda: with_actions(deploy=deploy_of(name="D", service=["x"])), "got a list"),
    "an object for a value": (
        lambda: with_actions(deploy=deploy_of(name="D", service=object())),
        "got an object",
    ),
    "a mapping for a model": (
        lambda: with_actions(remade(BUILD, images=[{"container": "app", "repository": "orders"}])),
        "images[0] must be Image(...), got a mapping",
    ),
    "text for a port": (lambda: with_container(ports=["eighty"]), "ports[0] must be an integer"),
    "a generator": (lambda: with_container(ports=(port for port in [80])), "ports must be a list, got a generator"),
    "a set": (lambda: with_container(ports={80}), "ports must be a list, got a set"),
    "a text for a list": (lambda: with_container(command="run"), 'command must be a list, got "run"'),
    "bytes": (lambda: with_container(name=b"app"), "name must be a string, got bytes"),
    "nothing": (lambda: with_container(name=None), "name must be a string, got None"),
    "a path": (lambda: remade(with_actions(), name=Path("orders")), "name must be a string, got a path"),
    "half a character": (lambda: remade(with_actions(), description=HALF), "contains a lone surrogate"),
    "half a character as a key": (lambda: remade(with_actions(), tags={HALF: "x"}), "contains a lone surrogate"),
    "half a character in an expression": (lambda: remade(with_actions(), tags={"a": Sub(HALF)}), "tags.a"),
    "a number as a key": (lambda: remade(with_actions(), tags={5: "x"}), "tags"),
    "an object in an expression": (lambda: remade(with_actions(), tags={"a": Join("", [object()])}), "tags.a"),
    "an expression that fails": (lambda: remade(with_actions(), tags={"a": Failing()}), "cannot be written: 'name'"),
    "a reference to a number": (lambda: remade(with_actions(), tags={"a": Ref(5)}), "the argument of Ref in a must be"),
    "an attribute of nothing": (
        lambda: remade(with_actions(), tags={"a": GetAtt("A", "")}),
        "the argument of GetAtt in a must be",
    ),
    "a list inside itself": (lambda: remade(with_actions(), overrides={"Pipeline": {"A": _INSIDE}}), "inside itself"),
    "an action that is none": (lambda: with_actions("build"), "actions[0] must be an action of some kind"),
    "an action's class": (lambda: with_actions(DockerBuild), "actions[0] must be an action of some kind"),
    "a pipeline for a definition": (lambda: with_actions().pipeline, "expected a pipegen.Definition, got a Pipeline"),
    "nothing at all": (lambda: None, "expected a pipegen.Definition, got nothing"),
    "a mapping for a definition": (lambda: {"name": "orders"}, "expected a pipegen.Definition, got a mapping"),
}


TWO = DockerBuild("Two", [Image(name, name) for name in ("web", "api")])
ONE = DockerBuild("One", Image("web", "web"))
REFERENCES = (
    (ONE.definitions, "One.definitions"),
    (ONE.deployment, "One.deployment"),
    (ONE.detail("web"), "One.deployment"),
    (TWO.detail("api"), "Two.detail_api"),
)


@pytest.mark.parametrize(("artifact", "name"), REFERENCES, ids=[name for _, name in REFERENCES])
def test_an_output_of_a_build_is_named_as_in_yaml(artifact: Artifact[Any], name: str) -> None:
    assert artifact == Artifact(name)
    build = ONE if name.startswith("One") else TWO
    assert name in [f"{build.name}.{output.name}" for output in build.makes()]


@pytest.mark.parametrize(
    "source", [Ecr("App", repository="orders"), S3("App", bucket="sources", key="app.zip")], ids=type
)
def test_the_output_of_a_source_is_named_by_the_source(source: Ecr | S3) -> None:
    assert source.output == Artifact("App")
    assert len(source.makes()) == 1


@pytest.mark.parametrize(("make", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_type_from_python_is_a_problem(make: Any, said: str) -> None:
    with pytest.raises(InvalidDefinition) as raised:
        render(make())
    assert said in str(raised.value)
    assert all(line.isprintable() for line in str(raised.value).splitlines())


CHECKED = {name: case for name, case in WRONG.items() if name != "a list inside itself"}
"""Those that are objects; a list inside itself is refused when the object is made."""


@pytest.mark.parametrize(("make", "said"), CHECKED.values(), ids=CHECKED.keys())
def test_checking_finds_a_wrong_type_from_python(make: Any, said: str) -> None:
    assert any(said in str(problem) for problem in check(make()))


def test_checking_finds_what_rendering_rejects_and_what_it_reports() -> None:
    wrong = remade(with_actions(), name="no name")
    with pytest.raises(InvalidDefinition) as raised:
        render(wrong)
    assert [*check(wrong)] == [*raised.value.problems]
    assert check(remade(wrong, name="orders")) == render(remade(wrong, name="orders")).problems
    assert [problem.path for problem in check(foundation_of(expire_days=-1))] == [("expire_days",)]
    assert not check(foundation_of())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: foundation_of(name=5), "name must be a string, got the number 5"),
        (lambda: foundation_of(expire_days="30"), "expire_days must be an integer"),
        (lambda: foundation_of(expire_days=-1), "error: expire_days: "),
        (lambda: foundation_of(emails="a@b.c"), "emails must be a list"),
        (lambda: foundation_of(tags={"a": object()}), "tags.a"),
        (lambda: foundation_of(parameters={"A": {"Type": "String"}}), "must be Parameter(...), got a mapping"),
    ],
)
def test_a_wrong_foundation_from_python_is_a_problem(make: Any, said: str) -> None:
    with pytest.raises(InvalidDefinition) as raised:
        render(make())
    assert said in str(raised.value)


def test_a_definition_that_compiles_only_without_checks_is_rejected_by_the_compiler() -> None:
    with pytest.raises(InvalidDefinition, match="no earlier action produces"):
        render(Definition("x", Stage("B", BUILD)))


JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        7,
        10**20,
        1.5,
        NAN,
        float("inf"),
        "",
        "x",
        HALF,
        "a b",
        b"x",
        [],
        ["x"],
        [None],
        {},
        {"a": "b"},
        {1: 2},
        {"x"},
        object(),
        Path("x"),
        Ref("X"),
        Ref(5),
        Sub("${"),
        Join(",", object()),
        DEPLOY,
        BUILD,
        Container,
        Parameter("X"),
        {"Ref": "X"},
        [[["x"]]],
        ("x", 1),
        range(3),
        "x" * 3000,
        iter("x"),
    ]
)
SEEDS = [read(data) for data in seed_data()]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, type):
        return
    if is_dataclass(value):
        inside: Any = [(field.name, getattr(value, field.name)) for field in fields(value) if field.init]
    elif isinstance(value, Mapping):
        inside = value.items()
    else:
        inside = enumerate(value) if isinstance(value, tuple) else ()
    for key, item in inside:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    key, *rest = path
    if is_dataclass(value) and not isinstance(value, type):
        return remade(value, **{key: changed(getattr(value, key), tuple(rest), junk)})
    if isinstance(value, Mapping):
        return {**value, key: changed(value[key], tuple(rest), junk)}
    return [changed(item, tuple(rest), junk) if index == key else item for index, item in enumerate(value)]


@fuzzing(250)
@given(st.data())
def test_any_object_in_a_definition_is_rendered_or_rejected(data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(range(len(SEEDS))))
    made: Any = SEEDS[seed]
    for _ in range(data.draw(st.integers(1, 2))):
        made = changed(made, data.draw(st.sampled_from(sorted(set(places(made)), key=str))), data.draw(JUNK))
    lines: list[str] = []
    try:
        render(made)
    except InvalidDefinition as refused:
        lines.extend(map(str, refused.problems))
    assert all(line.isprintable() for line in lines)


def test_an_expression_where_none_is_taken_is_named_from_python_too() -> None:
    with pytest.raises(InvalidDefinition) as raised:
        render(with_container(ports=Ref("Ports")))
    assert "ports must be a list, got Ref; write a list" in str(raised.value)


def nested(depth: int) -> Any:
    made: Any = "a"
    for _ in range(depth):
        made = Join("", [made])
    return made


MALFORMED: dict[str, Any] = {
    "tags of troposphere": lambda: remade(with_actions(), tags={"a": TroposphereTags(x="y")}),
    "a helper with a text": lambda: remade(with_actions(), permissions_boundary=GenericHelperFn("x")),
    "a helper with nothing": lambda: remade(with_actions(), permissions_boundary=GenericHelperFn({})),
    "a bare helper": lambda: remade(with_actions(), tags={"a": AWSHelperFn()}),
    "a deep expression": lambda: remade(with_actions(), overrides={"Pipeline": {"A": nested(400)}}),
    **{
        f"a parameter with {value!r}": lambda value=value: remade(
            with_actions(), parameters={"P": Parameter("P", allowed_values=value)}, permissions_boundary=Ref("P")
        )
        for value in (5, None, True)
    },
    "a parameter with a set": lambda: remade(
        with_actions(), parameters={"P": Parameter("P", default=cast(Any, {1}))}, permissions_boundary=Ref("P")
    ),
}


@pytest.mark.parametrize("make", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_object_of_python_is_a_problem_with_its_line(make: Any) -> None:
    problems = [problem for problem in check(make()) if problem.severity == "error"]
    assert "wrong-type" in [problem.code for problem in problems]
    assert all("test_models.py:" in problem.location for problem in problems)


def test_warnings_name_the_line_of_the_object() -> None:
    build = remade(BUILD, cache=Cache(local=["source"]))
    [warning] = [problem for problem in check(with_actions(build=build)) if problem.code == "build-cache"]
    assert "test_models.py:" in warning.location


@pytest.mark.parametrize("format", ["yml", None, 5])
def test_a_format_that_does_not_exist_is_an_error_of_the_caller(format: Any) -> None:
    made = with_actions()
    document = render(made).stacks[0].document
    for take in (partial(render, made), partial(template_text, document)):
        with pytest.raises(ValueError, match="format must be 'yaml' or 'json', got"):
            take(format=format)
