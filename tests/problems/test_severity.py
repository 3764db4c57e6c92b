"""Severities of problems by their codes, in `pipegen.yaml` and on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipegen.problems.codes import explained, names
from tests.fleets import FleetDirectory, fleet
from tests.support import rejects
from tests.support.command import problems_in, run

__all__ = ["fleet"]

WARNED = rejects.cases()["ecs-roles"].content.decode()
"""A definition with one warning, ecs-roles."""
RIGHT = rejects.bases()["approved"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with orders.yaml."""
    monkeypatch.chdir(tmp_path)
    Path("orders.yaml").write_text(WARNED)
    return tmp_path


def outcome(*options: str, command: str = "validate") -> tuple[int, list[str]]:
    """The exit code, and the severities of what is reported."""
    result = run(command, "orders.yaml", *options)
    return result.exit_code, [line.split(": ")[1] for line in problems_in(result.stderr) if line.endswith("]")]


@pytest.mark.usefixtures("here")
def test_a_warning_is_ignored_or_made_an_error() -> None:
    assert outcome() == (0, ["warning"])
    assert outcome("--severity", "ecs-roles=ignore") == (0, [])
    assert outcome("--severity", "ecs-roles=error") == (1, ["error"])
    assert outcome("--severity", "ecs-roles=warning") == (0, ["warning"])
    assert outcome("--severity", "build-cache=error") == (0, ["warning"])


@pytest.mark.usefixtures("here")
def test_warnings_are_errors_if_that_is_asked_for() -> None:
    assert outcome("--strict") == (1, ["error"])
    assert outcome("--strict", "--severity", "ecs-roles=warning") == (0, ["warning"])
    assert outcome("--strict", "--severity", "ecs-roles=ignore") == (0, [])


def test_the_nearest_fleet_sets_severities_and_the_command_line_takes_precedence(here: Path) -> None:
    (here / "pipegen.yaml").write_text("severity: {ecs-roles: error}\n")
    assert outcome() == (1, ["error"])
    assert outcome("--severity", "ecs-roles=ignore") == (0, [])
    (here / "pipegen.yaml").write_text("severity: {ecs-roles: ignore}\n")
    assert outcome("--strict") == (0, [])


@pytest.mark.usefixtures("here")
def test_a_definition_with_a_warning_that_is_an_error_is_not_written() -> None:
    assert outcome("-o", "out", "--strict", command="render") == (1, ["error"])
    assert not Path("out").exists()
    assert outcome("-o", "out", command="render") == (0, ["warning"])
    assert Path("out").exists()


def test_a_note_can_become_a_warning(here: Path) -> None:
    (here / "orders.yaml").write_text(rejects.cases()["template-size"].content.decode())
    (here / "orders.py").write_text((here / "orders.yaml").read_text())
    assert "note" in run("validate", "orders.py").stderr
    raised = run("validate", "orders.py", "--severity", "template-size=warning")
    assert ": warning: " in raised.stderr
    assert run("validate", "orders.py", "--strict").exit_code == 0


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("wrong-place=ignore", 'there is no code "wrong-place"; did you mean "wrong-account-or-region"?'),
        ("ecs-role=ignore", 'there is no code "ecs-role"; did you mean "ecs-roles"?'),
        ("x=ignore", 'there is no code "x"; pipegen explain lists all codes'),
        ("unknown-key=ignore", "unknown-key is always an error, so its severity cannot be ignore; remove it"),
        ("ecs-roles=off", '"off" is not a level; write ecs-roles=ignore, ecs-roles=warning or ecs-roles=error'),
        ("ecs-roles", "write --severity ecs-roles=VALUE"),
    ],
)
def test_what_cannot_be_set_is_misuse_of_the_command(given: str, words: str) -> None:
    result = run("validate", "orders.yaml", "--severity", given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_error_stays_an_error_where_its_code_also_has_warnings(here: Path) -> None:
    mixed = [name for name in names() if (code := explained(name)) and len(code.severities) > 1]
    cases = {name: case for each in rejects.codes() if each.name in mixed for name, case in _errors(each)}
    assert cases
    for name, case in list(cases.items())[::7]:
        name_of_code = next(each.name for each in rejects.codes() if name in [one.name for one in each.cases])
        result = run("validate", case.write(here), "--severity", f"{name_of_code}=ignore")
        assert (result.exit_code, f"[{name_of_code}]" in result.stderr) == (1, True), name


def _errors(code: rejects.Code) -> list[tuple[str, rejects.Case]]:
    ending = f"[{code.name}]"
    return [
        (case.name, case)
        for case in code.cases
        if any(": error: " in line and line.endswith(ending) for line in case.output.splitlines())
    ]


def warned(fleet: FleetDirectory, severity: str = "") -> None:
    """Two definitions, one of them with a warning."""
    fleet.write("pipegen.yaml", f"{severity}\n" if severity else "{}\n")
    for file in (fleet.root / "services").iterdir():
        file.unlink()
    fleet.write("services/orders.yaml", WARNED)
    fleet.write(
        "services/other.yaml",
        RIGHT.replace("name: orders", "name: other", 1),
    )


def test_a_definition_of_a_fleet_with_such_a_warning_is_not_written_while_others_are(fleet: FleetDirectory) -> None:
    warned(fleet, "severity: {ecs-roles: error}")
    for _ in range(2):
        result = fleet.run()
        assert (result.exit_code, ": error: " in result.stderr, "1 failed" in result.stderr) == (1, True, True)
        assert (fleet.out / "other").is_dir()
        assert not (fleet.out / "orders").exists()
    warned(fleet)
    assert fleet.run().exit_code == 0
    assert (fleet.out / "orders").is_dir()


def test_what_is_up_to_date_is_judged_by_the_severities_of_this_run(fleet: FleetDirectory) -> None:
    warned(fleet)
    assert fleet.run().exit_code == 0
    strict = fleet.run("--strict")
    assert (strict.exit_code, ": error: " in strict.stderr) == (1, True)
    ignored = fleet.run("--severity", "ecs-roles=ignore")
    assert (ignored.exit_code, "ecs-roles" in ignored.stderr) == (0, False)
    again = fleet.run()
    assert (again.exit_code, ": warning: " in again.stderr) == (0, True)
    warned(fleet, "severity: {ecs-roles: ignore}")
    assert fleet.run().exit_code == 0
    fresh = fleet.run()
    assert (fresh.exit_code, "ecs-roles" in fresh.stderr) == (0, False)
    assert fleet.run("--strict").exit_code == 0


@pytest.mark.parametrize("command", ["render", "validate"])
def test_nothing_is_written_if_a_warning_about_the_fleet_itself_is_an_error(
    command: str, fleet: FleetDirectory
) -> None:
    severity = "severity: {fleet-definitions: error, ecs-roles: ignore}"
    warned(fleet, f'definitions: [services/*.yaml, "more/*.yaml"]\n{severity}')
    result = fleet.run(command=command)
    assert (result.exit_code, "[fleet-definitions]" in result.stderr) == (1, True)
    assert not (fleet.out / "other").exists()
