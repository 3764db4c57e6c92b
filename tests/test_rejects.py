"""Every problem that pipegen reports, provoked by a definition in `rejects/` and compared with the exact text.

Every definition goes through the command line's own application in this process; some go through the installed command
too. `UPDATE_REJECTS=1 pytest tests/test_rejects.py` rewrites the texts: read what changes before you keep it.
`UPDATE_DOCS=1` rewrites the table of docs/checks.md and the pages of docs/checks/.
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
from pipegen.fields.listed import Listed
from tests import check_pages
from tests.conftest import Pipegen
from tests.examples import ROOT
from tests.support import rejects
from tests.support.command import SUMMARY, without_summary
from tests.support.command import run as run_command

CASES = rejects.cases()
CODE_OF = {case.name: code.name for code in rejects.codes() for case in code.cases}
LIMITED = [name for name, case in CASES.items() if b"LIMIT + 1" in case.content]

LINE = re.compile(r"(?P<place>\S+): (?P<severity>error|warning|note): (?P<text>.+) \[(?P<code>[a-z]+(?:-[a-z]+)*)\]")
RELATED = re.compile(r"\S+: note: related location")

Validate = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What `pipegen validate` made of files."""

    exit_code: int
    errors: str

    @property
    def lines(self) -> list[re.Match[str]]:
        found = [LINE.fullmatch(line) for line in self.errors.splitlines() if not RELATED.fullmatch(line)]
        assert all(found), self.errors
        return [line for line in found if line]

    @property
    def codes(self) -> list[str]:
        return [line["code"] for line in self.lines]

    @property
    def error_codes(self) -> list[str]:
        return [line["code"] for line in self.lines if line["severity"] == "error"]


@pytest.fixture
def validate(monkeypatch: pytest.MonkeyPatch) -> Validate:
    """`pipegen validate` in a directory, in this process; an exception that it does not expect comes out here."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(*files: str, directory: Path) -> Outcome:
        monkeypatch.chdir(directory)
        result = run_command("validate", *files)
        assert SUMMARY.fullmatch(result.stderr.splitlines(keepends=True)[-1])
        return Outcome(result.exit_code, without_summary(result.stderr))

    return run


def codes_in_the_source() -> frozenset[str]:
    """The first arguments of every `Problem(…)`, and of whatever takes a parameter `code` and makes a Problem of it."""
    trees = [ast.parse(file.read_text()) for file in (ROOT / "pipegen").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    positions = {"Problem": 0, **{name: index for tree in trees for name, index in _forwarders(tree)}}
    named = [(call, positions[name]) for call in calls if (name := _name(call.func)) in positions]
    given = [call.args[index] for call, index in named if index < len(call.args) > 1]
    codes = {node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(codes | {each.code for each in (Between(), Length(), Matches("", ""), Listed("", tuple))})


def _forwarders(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions and classes that make a Problem with their own parameter or field `code`, and its position."""
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef):
            fields = [getattr(each.target, "id", "") for each in owner.body if isinstance(each, ast.AnnAssign)]
            yield from [(owner.name, fields.index("code"))] if "code" in fields else ()
        for function in getattr(owner, "body", ()) if isinstance(owner, ast.Module | ast.ClassDef) else ():
            if isinstance(function, ast.FunctionDef) and "code" in (names := [each.arg for each in function.args.args]):
                name = owner.name if isinstance(owner, ast.ClassDef) and function.name == "__init__" else function.name
                yield name, names.index("code") - (names[0] == "self")


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


CODES = codes_in_the_source()


@pytest.mark.parametrize("name", rejects.bases())
def test_a_base_is_valid(name: str, validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(rejects.bases()[name])
    assert validate("orders.yaml", directory=tmp_path) == Outcome(0, "")


@pytest.mark.parametrize("name", CASES)
def test_a_rejected_definition_gets_exactly_this_text(name: str, validate: Validate, tmp_path: Path) -> None:
    case = CASES[name]
    outcome = validate(case.write(tmp_path), directory=tmp_path)
    if "UPDATE_REJECTS" in os.environ:
        rejects.record(case, outcome.errors)
    else:
        assert outcome.errors == case.output
    assert outcome.exit_code == bool(outcome.error_codes)
    assert CODE_OF[name] in outcome.codes


CORRECTED = {code.name: code for code in rejects.codes() if code.cases and code.corrected}


@pytest.mark.parametrize("name", CORRECTED)
def test_the_corrected_example_has_no_errors_and_not_the_problem(name: str, validate: Validate, tmp_path: Path) -> None:
    case = CORRECTED[name].corrected
    assert case is not None
    path = case.write(tmp_path)
    if path == "." and not (tmp_path / "services").exists():  # a fleet has a definition
        (tmp_path / "services").mkdir()
        (tmp_path / "services" / "orders.yaml").write_text(rejects.bases()["approved"])
    outcome = validate(path, directory=tmp_path)
    assert outcome.error_codes == [], outcome.errors
    assert name not in [line["code"] for line in outcome.lines if line["severity"] != "note"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ecs-roles", "wrong-length-stages", "unknown-key-parameter"])
def test_the_installed_command_says_the_same(name: str, pipegen: Pipegen, tmp_path: Path) -> None:
    case = CASES[name]
    finished = pipegen("validate", case.write(tmp_path), cwd=tmp_path, PYTHONDONTWRITEBYTECODE="1")
    assert (finished.returncode, without_summary(finished.stderr)) == (int(name != "ecs-roles"), case.output)


def test_every_code_has_a_definition_that_provokes_it_or_a_test_elsewhere() -> None:
    codes = rejects.codes()
    assert sorted(code.name for code in codes) == sorted(CODES)
    for code in codes:
        assert bool(code.cases) != bool(code.tested), code.name
        assert not code.tested or code.name in (ROOT / "tests" / code.tested).read_text(), code.name


def test_every_name_belongs_to_one_definition_and_begins_with_its_code() -> None:
    names = [case.name for code in rejects.codes() for case in code.cases]
    assert len(names) == len(CASES)
    assert [name for name in names if not f"{name}-".startswith(f"{CODE_OF[name]}-")] == []


def test_every_definition_differs_from_its_base() -> None:
    texts = {text.encode() for text in rejects.bases().values()}
    assert [name for name, case in CASES.items() if case.content in texts] == []


def test_every_base_is_used() -> None:
    used = {case.base for case in CASES.values()}
    assert used >= rejects.bases().keys()


def test_the_index_of_the_documentation_links_every_code() -> None:
    text = check_pages.index(check_pages.INDEX.read_text())
    if "UPDATE_DOCS" in os.environ:
        check_pages.INDEX.write_text(text)
    assert check_pages.INDEX.read_text() == text
    assert [code.name for code in rejects.codes() if f"#{code.name})" not in text] == []


def test_the_package_has_what_explain_says_about_the_codes() -> None:
    text = check_pages.codes_text()
    if "UPDATE_DOCS" in os.environ:
        check_pages.CODES.write_text(text)
    assert check_pages.CODES.read_text() == text


@pytest.mark.parametrize("family", rejects.families(), ids=lambda family: family.name)
def test_a_page_of_the_documentation_explains_the_codes_of_a_family(family: rejects.Family) -> None:
    file, text = check_pages.file_of(family), check_pages.page_of(family)
    if "UPDATE_DOCS" in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert file.read_text() == text


def test_every_page_of_the_documentation_is_of_a_family() -> None:
    assert sorted(check_pages.PAGES.iterdir()) == sorted(map(check_pages.file_of, rejects.families()))


@pytest.mark.parametrize("name", LIMITED)
def test_exactly_at_a_limit_the_problem_is_gone(name: str, validate: Validate, tmp_path: Path) -> None:
    over = CASES[name]
    at = validate(over.replaced("LIMIT + 1", "LIMIT").write(tmp_path), directory=tmp_path)
    code = CODE_OF[name]
    assert code not in at.codes
    assert at.error_codes == [each for each in Outcome(1, over.output).error_codes if each != code]


RANGES = (
    ("autoscaling-policy-requests", "requests_per_target", 1, None),
    ("out-of-range-slow-start", "slow_start_seconds", 30, 900),
    ("task-fargate-timeout", "stop_timeout", 2, 120),
)


@pytest.mark.parametrize(("name", "field", "low", "high"), RANGES, ids=[name for name, *_ in RANGES])
def test_a_number_is_taken_from_one_end_of_its_range_to_the_other(
    name: str, field: str, low: int, high: int | None, validate: Validate, tmp_path: Path
) -> None:
    [written] = re.findall(rf"(?<= {field}: )[^\n,}}]+", CASES[name].content.decode())
    tried = {low - 1: [CODE_OF[name]], low: []} | ({high: [], high + 1: [CODE_OF[name]]} if high is not None else {})
    for number, codes in tried.items():
        CASES[name].replaced(f" {field}: {written}", f" {field}: {number}").write(tmp_path)
        assert validate("orders.yaml", directory=tmp_path).codes == codes, number


def _letters(number: int) -> str:
    return "a" * number


def _list(number: int) -> str:
    return f"[{', '.join(f'id-{index}' for index in range(number))}]"


def _items(item: str, number: int) -> str:
    return f"[{', '.join(f'{item}{index}' for index in range(number))}]"


LENGTHS: tuple[tuple[str, str, Callable[[int], str], int], ...] = (
    ("wrong-form-override", "image-uri", _letters, 255),
    ("configuration-length-key", "TheNotificationThatIsSentToWhoeverMayApproveTheRelease", _letters, 50),
    ("wrong-form-environment", "DATABASE-URL", _letters, 128),
    ("wrong-form-header", "x-*", _letters, 40),
    ("listener-condition-many", "[/a, /b, /c, /d, /e, /f]", lambda number: _items("/a", number), 5),
    ("wrong-form-query", '""', _letters, 128),
    ("listener-condition-wildcards", '["/*/*/*/*", "/?/?/?"]', lambda number: f'["/{"*" * number}"]', 6),
    ("wrong-form-parameter", "branch-name", _letters, 255),
    ("wrong-form-variable", "test level", _letters, 128),
    ("repository-name", "Orders", _letters, 256),
    ("tags", '"aws:cost-center"', _letters, 128),
)


@pytest.mark.parametrize(("name", "written", "make", "longest"), LENGTHS, ids=[name for name, *_ in LENGTHS])
def test_a_text_or_list_is_taken_up_to_its_longest(
    name: str, written: str, make: Callable[[int], str], longest: int, validate: Validate, tmp_path: Path
) -> None:
    for number, codes in ((longest, []), (longest + 1, [CODE_OF[name]])):
        CASES[name].replaced(written, make(number)).write(tmp_path)
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
                  branch: ""  # wrong-form
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
              vpc_id: main  # wrong-reference
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
def test_all_problems_of_a_file_are_reported_in_one_run_each_with_its_line_and_column(
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


def test_the_problems_of_all_files_are_reported_in_one_run(validate: Validate, tmp_path: Path) -> None:
    names = ["wrong-length", "yaml-tag", "wrong-length-stages", "ecs-roles", "missing-key"]
    files = {name: f"{name}{Path(CASES[name].file).suffix}" for name in names}
    for name, file in files.items():
        (tmp_path / file).write_bytes(CASES[name].content)
    outcome = validate(*files.values(), directory=tmp_path)
    assert outcome.errors == "".join(CASES[name].output.replace(CASES[name].file, files[name]) for name in names)
    assert outcome.exit_code == 1


def test_two_files_that_make_the_same_stack_are_told_apart(validate: Validate, tmp_path: Path) -> None:
    for name in ("test.yaml", "production.yaml"):
        (tmp_path / name).write_bytes(CASES["ecs-roles"].content)
    outcome = validate("test.yaml", "production.yaml", directory=tmp_path)
    assert outcome.codes == ["ecs-roles", "duplicate-stack", "ecs-roles"]
    assert outcome.exit_code == 1


@pytest.mark.parametrize("name", ["orders.yaml", "orders.py"])
def test_a_file_that_is_not_there_is_unreadable(name: str, validate: Validate, tmp_path: Path) -> None:
    assert validate(name, directory=tmp_path) == Outcome(
        1, f"{name}: error: there is no such file; check the path [unreadable]\n"
    )


def test_a_directory_is_unreadable(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").mkdir()
    assert validate("orders.yaml", directory=tmp_path) == Outcome(
        1,
        "orders.yaml: error: is a directory; name the files in it; a fleet has a pipegen.yaml [unreadable]\n",
    )


def test_a_file_of_more_than_a_million_bytes_is_unreadable(validate: Validate, tmp_path: Path) -> None:
    text = CASES["ecs-roles"].content.decode()
    (tmp_path / "orders.yaml").write_text(text.ljust(1_000_000, "#"))
    assert validate("orders.yaml", directory=tmp_path).codes == ["ecs-roles"]
    (tmp_path / "orders.yaml").write_text(text.ljust(1_000_001, "#"))
    assert validate("orders.yaml", directory=tmp_path) == Outcome(
        1,
        "orders.yaml: error: the file has more than 1,000,000 bytes; split it into several definitions [unreadable]\n",
    )


def test_a_module_that_is_not_python_fails_with_its_line(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "orders.py").write_text('"""Cut off."""\n\norders = Definition(\n')
    assert validate("orders.py", directory=tmp_path) == Outcome(
        1, "orders.py:3: error: SyntaxError: '(' was never closed; correct the module [python-failed]\n"
    )
