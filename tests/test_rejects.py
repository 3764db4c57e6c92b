"""Every problem that pipegen reports, provoked by a definition in `rejects/` and compared with the exact text.

The fixtures go through the command line's own application in this process; some go through the installed command too.
`UPDATE_REJECTS=1 pytest tests/test_rejects.py` writes the texts anew: read what changes before you keep it.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipegen.fields.constraints import Between, Length, Matches
from tests.conftest import Pipegen
from tests.support.command import run as run_command

ROOT = Path(__file__).resolve().parents[1]
REJECTS = ROOT / "tests" / "rejects"
DEFINITIONS = sorted(file for file in REJECTS.iterdir() if file.is_file() and file.suffix != ".txt")
LIMITED = [file for file in DEFINITIONS if file.suffix == ".py" and "LIMIT + 1" in file.read_text()]

# <place>: [warning: |note: ]<code> <text>; a place has no spaces but after the line of an object in Python.
PLACE = r"(?P<place>(?:\S+\.py:\d+: )?\S+)"
LINE = re.compile(rf"{PLACE}: (?:(?P<severity>warning|note): )?(?P<code>[a-z]+(?:-[a-z]+)*) (?P<text>.+)")

Validate = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What `pipegen validate` made of files."""

    exit_code: int
    errors: str

    @property
    def lines(self) -> list[re.Match[str]]:
        found = [LINE.fullmatch(line) for line in self.errors.splitlines()]
        assert all(found), self.errors
        return [line for line in found if line]

    @property
    def codes(self) -> list[str]:
        return [line["code"] for line in self.lines]

    @property
    def error_codes(self) -> list[str]:
        return [line["code"] for line in self.lines if not line["severity"]]


@pytest.fixture
def validate(monkeypatch: pytest.MonkeyPatch) -> Validate:
    """`pipegen validate` in a directory, in this process; an exception that it does not expect comes out here."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(*files: str, directory: Path) -> Outcome:
        monkeypatch.chdir(directory)
        result = run_command("validate", *files)
        return Outcome(result.exit_code, result.stderr)

    return run


def codes_in_the_source() -> frozenset[str]:
    """The first arguments of every `Problem(…)`, and of whatever takes a parameter `code` and makes a Problem of it."""
    trees = [ast.parse(file.read_text()) for file in (ROOT / "pipegen").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    positions = {"Problem": 0, **{name: index for tree in trees for name, index in _forwarders(tree)}}
    named = [(call, positions[name]) for call in calls if (name := _name(call.func)) in positions]
    given = [call.args[index] for call, index in named if index < len(call.args)]
    codes = {node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(codes | {each.code for each in (Between(), Length(), Matches("", ""))})


def _forwarders(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions and exceptions that make a Problem with their own parameter `code`, and where they take it."""
    for owner in ast.walk(tree):
        for function in getattr(owner, "body", ()) if isinstance(owner, ast.Module | ast.ClassDef) else ():
            if isinstance(function, ast.FunctionDef) and "code" in (names := [each.arg for each in function.args.args]):
                name = owner.name if isinstance(owner, ast.ClassDef) and function.name == "__init__" else function.name
                yield name, names.index("code") - (names[0] == "self")


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


CODES = codes_in_the_source()
TOLD_ELSEWHERE = {
    "duplicate-definition": "by render and validate, of a fleet",
    "manifest": "by render, of a fleet's output",
    **dict.fromkeys(
        (
            "blueprint-shadowed",
            "fleet-environment",
            "fleet-locked",
            "fleet-output",
            "fleet-python",
            "fleet-services",
            "locked-field",
            "same-environment",
            "unknown-environment",
        ),
        "in a fleet, which is a directory",
    ),
    "foundation-email": "by render_foundation, of a foundation",
    "fixed-property": "by render, of a template beside the one that is there already",
    "git-sync-parameters": "by render, of a fleet",
    "migration": "by migrate, of two definitions",
    "parameter-missing": "of a fleet's environments",
    "parameter-secret": "of a fleet's environments",
    "parameter-unused": "of a fleet's environments",
    "parameter-value": "of a fleet's environments",
    "render-options": "by render, of a fleet's output",
}
"""The codes that `pipegen validate` cannot tell, and what they are told by; they have tests of their own."""


def code_of(stem: str) -> str:
    """`artifact-order-same` is about `artifact-order`: the longest code that it begins with."""
    return max((code for code in CODES if f"{stem}-".startswith(f"{code}-")), key=len, default="")


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda file: file.name)
def test_a_rejected_definition_gets_exactly_this_text(definition: Path, validate: Validate) -> None:
    outcome = validate(definition.name, directory=REJECTS)
    expected = definition.with_suffix(".txt")
    if "UPDATE_REJECTS" in os.environ:
        expected.write_text(outcome.errors)
    assert outcome.errors == expected.read_text()
    assert outcome.exit_code == bool(outcome.error_codes)
    assert code_of(definition.stem) in outcome.codes


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ecs-roles.yaml", "wrong-length-stages.py", "unknown-key-parameter.yaml"])
def test_the_installed_command_says_the_same(name: str, pipegen: Pipegen) -> None:
    finished = pipegen("validate", name, cwd=REJECTS, PYTHONDONTWRITEBYTECODE="1")
    expected = (REJECTS / name).with_suffix(".txt").read_text()
    assert (finished.returncode, finished.stderr) == (int(name != "ecs-roles.yaml"), expected)


def test_every_code_has_a_definition_that_provokes_it() -> None:
    assert {code_of(definition.stem) for definition in DEFINITIONS} == CODES - TOLD_ELSEWHERE.keys()


def test_every_text_belongs_to_one_definition() -> None:
    texts = [file.stem for file in REJECTS.glob("*.txt")]
    assert sorted(texts) == sorted(definition.stem for definition in DEFINITIONS)


def test_every_code_has_one_row_in_the_documentation_and_no_other_has_one() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$", (ROOT / "docs" / "checks.md").read_text(), re.MULTILINE)
    assert rows == sorted(CODES)


@pytest.mark.parametrize("definition", LIMITED, ids=lambda file: file.name)
def test_exactly_at_a_limit_the_problem_is_gone(definition: Path, validate: Validate, tmp_path: Path) -> None:
    (tmp_path / definition.name).write_text(definition.read_text().replace("LIMIT + 1", "LIMIT"))
    over = Outcome(1, definition.with_suffix(".txt").read_text())
    at = validate(definition.name, directory=tmp_path)
    code = code_of(definition.stem)
    assert code not in at.codes
    assert at.error_codes == [each for each in over.error_codes if each != code]


RANGES = (
    ("autoscaling-policy-requests", "requests_per_target", 1, None),
    ("target-group-slow-start", "slow_start_seconds", 30, 900),
    ("task-fargate-timeout", "stop_timeout", 2, 120),
)


@pytest.mark.parametrize(("stem", "field", "low", "high"), RANGES, ids=[stem for stem, *_ in RANGES])
def test_a_number_is_taken_from_one_end_of_its_range_to_the_other(
    stem: str, field: str, low: int, high: int | None, validate: Validate, tmp_path: Path
) -> None:
    text = (REJECTS / f"{stem}.yaml").read_text()
    tried = {low - 1: [code_of(stem)], low: []} | ({high: [], high + 1: [code_of(stem)]} if high is not None else {})
    for number, codes in tried.items():
        changed, times = re.subn(rf"(?<= {field}: ).*", str(number), text)
        assert times == 1
        (tmp_path / "orders.yaml").write_text(changed)
        assert validate("orders.yaml", directory=tmp_path).codes == codes, number


def _letters(number: int) -> str:
    return "a" * number


def _list(number: int) -> str:
    return f"[{', '.join(f'id-{index}' for index in range(number))}]"


def _times(item: str, number: int) -> str:
    return f"[{', '.join([item] * number)}]"


LENGTHS: tuple[tuple[str, str, Callable[[int], str], int], ...] = (
    ("cloudformation-name-parameter", "image-uri", _letters, 255),
    ("configuration-length-key", "TheNotificationThatIsSentToWhoeverMayApproveTheRelease", _letters, 50),
    ("environment-name", "DATABASE-URL", _letters, 128),
    ("listener-condition-header", "x-*", _letters, 40),
    ("listener-condition-many", "[/a, /b, /c, /d, /e, /f]", lambda number: _times("/a", number), 5),
    ("listener-condition-query-key", '""', _letters, 128),
    ("listener-condition-wildcards", '["/*/*/*/*", "/?/?/?"]', lambda number: _times(f"/{'*' * number}", 1), 6),
    ("name-parameter", "branch-name", _letters, 255),
    ("name-variable", "test level", _letters, 128),
    ("repository-name", "Orders", _letters, 256),
    ("tags", '"aws:cost-center"', _letters, 128),
)


@pytest.mark.parametrize(("stem", "written", "make", "longest"), LENGTHS, ids=[stem for stem, *_ in LENGTHS])
def test_a_text_or_list_is_taken_up_to_its_longest(
    stem: str, written: str, make: Callable[[int], str], longest: int, validate: Validate, tmp_path: Path
) -> None:
    text = (REJECTS / f"{stem}.yaml").read_text()
    assert text.count(written) == 1
    for number, codes in ((longest, []), (longest + 1, [code_of(stem)])):
        (tmp_path / "orders.yaml").write_text(text.replace(written, make(number)))
        assert validate("orders.yaml", directory=tmp_path).codes == codes, number


SEVERAL = {
    "as text": """\
        name: orders
        description: Delivers orders
        description: Orders, delivered  # duplicate-key
        pipeline:
          stages:
            - name: Source
              actions:
                - name: App
                  kind: codecommit
                  repository: !Reff Repository  # 13 yaml-tag
                  branch: main
                  8080: orders  # yaml-key
    """,
    "as data": """\
        name: 2024  # wrong-type
        pipeline:
          execution_mode: queued  # wrong-value
          stages:
            - name: Source
              actions:
                - name: App  # missing-key
                  kind: codecommit
                  repository: orders
            - name: Build
              actions:
                - name: Image
                  kind: docker-biuld  # unknown-kind
                - name: Test
                  kind: codebuild
                  comands: [make test]  # unknown-key
        parameters:
          Stage:
            type: String  # unknown-key
    """,
    "as a definition": """\
        name: order_service  # wrong-form
        role_path: delivery  # wrong-form
        tags:
          team: shop
          "aws:cost-center": "4711"  # tags
        artifacts:
          expire_days: 0  # out-of-range
        pipeline:
          stages:
            - name: Source
              actions:
                - name: App
                  kind: codecommit
                  repository: orders
                  branch: ""  # wrong-length
            - name: Build
              actions:
                - name: Image
                  kind: docker-build
                  commit_length: 0  # out-of-range
                  images:
                    - container: web
                      repository: orders
                    - container: worker
                      repository: Worker  # repository-name
                      tags: [stable, orders:stable]  # 16 wrong-form
                - name: Image  # duplicate-name
                  kind: codebuild
                  commands: [make test]
                  run_order: 0  # out-of-range
            - name: Deploy
              actions:
                - name: Service  # ecs-roles
                  kind: ecs-deploy
                  cluster: shop
                  service: orders
                  containers: [web, proxy]  # artifact-container
    """,
    "as a stack": """\
        name: orders
        pipeline:
          stages:
            - name: Source
              actions:
                - name: App
                  kind: codecommit
                  repository: !Ref Repository  # unknown-reference
                  branch: !Sub ${Branch}  # unknown-reference
            - name: Build
              actions:
                - name: Test
                  kind: codebuild
                  commands: [make test]
                  environment:
                    CLUSTER: !GetAtt Cluster.Arn  # unknown-reference
                  action_environment:
                    COMMIT: "#{App.CommitSha}"  # unknown-variable
        parameters:
          Unused: {}
    """,
    "as services": """\
        name: shop
        services:
          web:
            cluster: {name: main, create: true, capacity_providers: [fargate]}  # 58 cluster-capacity
            network:
              vpc: main  # wrong-form
              subnets: [subnet-0a1b2c3d]
            task_definition: {cpu: 256, memory: 512, containers: [{name: web, ports: [8080]}]}
            load_balancer:  # load-balancer-subnets
              idle_timeout_seconds: 4001  # out-of-range
              target_group:
                health_check:
                  path: health  # wrong-form
            desired_count: -1  # out-of-range
            deployment:
              maximum_percent: 99  # out-of-range
              minimum_healthy_percent: 101  # out-of-range
          worker:  # service-network
            cluster: main
            task_definition:
              cpu: 256
              memory: 512
              containers:
                - name: worker  # service-image
            log_retention_days: 10  # wrong-value
        pipeline:
          stages:
            - name: Source
              actions:
                - {kind: codecommit, name: App, repository: shop, branch: main}
            - name: Build
              actions:
                - {kind: docker-build, name: Image, images: [{container: web, repository: shop}]}
            - name: Production
              actions:
                - kind: ecs-deploy
                  name: Web
                  service: web
                  family: shop  # service-twice
                  deployment_timeout: 61  # out-of-range
                - kind: ecs-deploy
                  name: Worker
                  service: wroker  # service-unknown
    """,
}
"""Definitions with a comment on every line that has a problem: its column, counted from the first key, and its code."""


@pytest.mark.parametrize("text", SEVERAL.values(), ids=SEVERAL.keys())
def test_all_problems_of_a_file_are_told_in_one_run_each_with_its_line_and_column(
    text: str, validate: Validate, tmp_path: Path
) -> None:
    text = textwrap.dedent(text)
    (tmp_path / "orders.yaml").write_text(text)
    outcome = validate("orders.yaml", directory=tmp_path)
    assert outcome.exit_code == 1
    assert sorted((line["place"], line["code"]) for line in outcome.lines) == sorted(_marked(text))


def _marked(text: str) -> Iterator[tuple[str, str]]:
    """The places and codes that the comments say."""
    for number, line in enumerate(text.splitlines(), start=1):
        if mark := re.fullmatch(r"(?P<indent>[ -]*).*  # (?:(?P<column>\d+) )?(?P<code>[a-z-]+)", line):
            yield f"orders.yaml:{number}:{len(mark['indent']) + int(mark['column'] or 1)}", mark["code"]


def test_the_problems_of_all_files_are_told_in_one_run(validate: Validate) -> None:
    names = ["wrong-length.yaml", "yaml-tag.yaml", "wrong-length-stages.py", "ecs-roles.yaml", "missing-key.yaml"]
    outcome = validate(*names, directory=REJECTS)
    assert outcome.errors == "".join((REJECTS / name).with_suffix(".txt").read_text() for name in names)
    assert outcome.exit_code == 1


def test_two_files_that_make_the_same_stack_are_told_apart(validate: Validate, tmp_path: Path) -> None:
    text = (REJECTS / "ecs-roles.yaml").read_text()
    for name in ("test.yaml", "production.yaml"):
        (tmp_path / name).write_text(text)
    outcome = validate("test.yaml", "production.yaml", directory=tmp_path)
    assert outcome.codes == ["ecs-roles", "ecs-roles", "duplicate-stack"]
    assert outcome.exit_code == 1


@pytest.mark.parametrize("name", ["orders.yaml", "orders.py"])
def test_a_file_that_is_not_there_is_unreadable(name: str, validate: Validate, tmp_path: Path) -> None:
    assert validate(name, directory=tmp_path) == Outcome(
        1, f"{name}: unreadable there is no such file; check the path\n"
    )


def test_a_directory_is_unreadable(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").mkdir()
    assert validate("orders.yaml", directory=tmp_path) == Outcome(
        1, "orders.yaml: unreadable is a directory; name the files in it; a fleet's has a pipegen.yaml\n"
    )


def test_a_file_of_more_than_a_million_bytes_is_unreadable(validate: Validate, tmp_path: Path) -> None:
    text = (REJECTS / "ecs-roles.yaml").read_text()
    (tmp_path / "orders.yaml").write_text(text.ljust(1_000_000, "#"))
    assert validate("orders.yaml", directory=tmp_path).codes == ["ecs-roles"]
    (tmp_path / "orders.yaml").write_text(text.ljust(1_000_001, "#"))
    assert validate("orders.yaml", directory=tmp_path) == Outcome(
        1, "orders.yaml: unreadable has more than 1,000,000 bytes; split it into several definitions\n"
    )


def test_a_module_that_is_no_python_failed_with_its_line(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "orders.py").write_text('"""Cut off."""\n\norders = Definition(\n')
    assert validate("orders.py", directory=tmp_path) == Outcome(
        1, "orders.py:3: python-failed SyntaxError: '(' was never closed; mend the module\n"
    )
