"""A fleet rendered as a whole: what is written, what is left alone, and what is noticed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.examples import ROOT
from tests.fleets import DEFINITION, FLEET, FleetDirectory, fleet, loaded
from tests.support.command import problems_in, run

__all__ = ["fleet", "loaded"]


def test_each_definition_gets_a_directory_with_its_templates_and_files(fleet: FleetDirectory) -> None:
    assert fleet.render() == [
        "new       manifest.json",
        "new       billing/billing-pipeline.yaml",
        "new       billing/files/docs/RELEASE.md",
        "new       billing/manifest.json",
        "new       catalog/catalog-pipeline.yaml",
        "new       catalog/files/docs/RELEASE.md",
        "new       catalog/manifest.json",
        "new       orders/orders-pipeline.yaml",
        "new       orders/manifest.json",
    ]
    assert fleet.files().keys() == {
        line.split()[1]
        for line in fleet.run("--check", "-o", f"{fleet.out}2").stdout.replace(f"{fleet.out}2/", "").splitlines()
    }
    assert fleet.files()["billing/files/docs/RELEASE.md"] == "Released by billing\n"


def test_the_manifest_of_a_definition_lists_its_output(fleet: FleetDirectory) -> None:
    fleet.render()
    billing = json.loads((fleet.out / "billing/manifest.json").read_text())
    [stack] = billing["stacks"]
    assert (stack["name"], stack["template"]) == ("billing-pipeline", "billing/billing-pipeline.yaml")
    assert stack["capabilities"] == ["CAPABILITY_IAM"]
    assert stack["deploy"].keys() == {"staging", "production"}
    assert billing["source"] == "services/billing.yaml"
    assert billing["files"] == ["billing/files/docs/RELEASE.md"]


def test_the_manifest_is_the_same_wherever_and_however_it_is_made(
    fleet: FleetDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.user("shadow", "# as is\n")
    fleet.render("--jobs", "1")
    other = fleet.elsewhere(tmp_path / "other")
    other.render("--jobs", "3")
    assert other.files() == fleet.files()
    monkeypatch.chdir(fleet.root)
    third = FleetDirectory(Path(), tmp_path / "third")
    third.render()
    assert third.files() == fleet.files()


def test_what_is_up_to_date_is_not_even_loaded(fleet: FleetDirectory, loaded: list[str]) -> None:
    fleet.render("--jobs", "1")
    assert loaded == ["billing", "catalog", "orders"]
    before = {file: file.stat().st_mtime_ns for file in fleet.out.rglob("*")}
    loaded.clear()
    assert fleet.render() == []
    assert loaded == []
    assert {
        file: file.stat().st_mtime_ns for file in fleet.out.rglob("*") if file != fleet.out
    }.items() <= before.items()


def test_nothing_of_the_model_is_imported_when_nothing_changed(fleet: FleetDirectory) -> None:
    fleet.render()
    code = (
        "import sys; sys.modules['troposphere'] = sys.modules['jinja2'] = None\n"
        "from pathlib import Path\n"
        "from pipegen.fleet.rendering import Listener, Request, render_fleet\n"
        f"outcome = render_fleet(Request(root=Path({str(fleet.root)!r}), out=Path({str(fleet.out)!r})), Listener())\n"
        "assert (outcome.kept, outcome.changes) == (3, []), outcome\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def edit(fleet: FleetDirectory) -> None:
    fleet.user("billing", "  \n")


def edit_blueprint(fleet: FleetDirectory) -> None:
    fleet.blueprint("Look twice")


def edit_template(fleet: FleetDirectory) -> None:
    fleet.write("platform/reviewed/files/release.j2", "By {{ service }}\n")


def shadow(fleet: FleetDirectory) -> None:
    fleet.blueprint("Hidden no more", "blueprints/reviewed")


def another_template(fleet: FleetDirectory) -> None:
    fleet.write("platform/reviewed/files/other.j2", "x\n")


def tamper(fleet: FleetDirectory) -> None:
    (fleet.out / "billing/billing-pipeline.yaml").write_text("Resources: {}\n")


def lose(fleet: FleetDirectory) -> None:
    (fleet.out / "catalog/files/docs/RELEASE.md").unlink()


def edit_fleet(fleet: FleetDirectory) -> None:
    with (fleet.root / "pipegen.yaml").open("a") as file:
        file.write("tags: {team: shop}\n")


def lose_manifest(fleet: FleetDirectory) -> None:
    (fleet.out / "manifest.json").unlink()


def forge_manifest(fleet: FleetDirectory) -> None:
    (fleet.out / "manifest.json").write_text("[1]")


USERS, ALL = ["billing", "catalog"], ["billing", "catalog", "orders"]


@pytest.mark.parametrize(
    ("change", "rendered"),
    [
        (edit, ["billing"]),
        (edit_blueprint, USERS),
        (edit_template, USERS),
        (another_template, USERS),
        (shadow, USERS),
        (tamper, ["billing"]),
        (lose, ["catalog"]),
        (edit_fleet, ALL),
        (lose_manifest, ALL),
        (forge_manifest, ALL),
    ],
)
def test_every_change_is_noticed_and_leads_to_what_a_fresh_render_gives(
    change: object, rendered: list[str], fleet: FleetDirectory, loaded: list[str], tmp_path: Path
) -> None:
    fleet.render("--jobs", "1")
    loaded.clear()
    change(fleet)  # type: ignore[operator]
    fleet.render("--jobs", "1")
    assert loaded == rendered
    fresh = fleet.elsewhere(tmp_path / "fresh")
    fresh.render()
    assert fleet.files() == fresh.files()


def test_a_blueprint_that_is_taken_away_is_noticed(fleet: FleetDirectory) -> None:
    fleet.render()
    before = fleet.files()
    (fleet.root / "platform/reviewed/blueprint.yaml").unlink()
    result = fleet.run()
    assert result.exit_code == 1
    assert "unknown-blueprint" in result.stderr
    assert fleet.files() == before


def test_another_version_renders_everything(
    fleet: FleetDirectory, loaded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.render("--jobs", "1")
    loaded.clear()
    monkeypatch.setattr(
        "pipegen.fleet.inputs.Settings.__init__.__kwdefaults__",
        {"format": "yaml", "git_sync": False, "script": False, "version": "99"},
    )
    fleet.render("--jobs", "1")
    assert loaded == ALL


def test_another_format_renders_everything_and_leaves_the_old_files_as_gone(fleet: FleetDirectory) -> None:
    fleet.render()
    lines = fleet.render("--template-format", "json")
    assert "new       orders/orders-pipeline.json" in lines
    assert "gone      orders/orders-pipeline.yaml" in lines
    json.loads(fleet.files()["orders/orders-pipeline.json"])
    assert "removed   orders/orders-pipeline.yaml" in fleet.render("--template-format", "json", "--prune")


def as_first_version(fleet: FleetDirectory) -> None:
    """The manifest as 0.1.0 has written it, as far as renders read it."""
    definitions = {}
    for name, each in fleet.manifest["definitions"].items():
        (fleet.out / name / "manifest.json").unlink()
        definitions[name] = {**each, "files": dict.fromkeys(each["files"], "a digest")}
    manifest = {"version": 1, "pipegen": "pipegen 0.1.0 yaml", "fleet": {"root": "../fleet"}, "gone": []}
    (fleet.out / "manifest.json").write_text(json.dumps({**manifest, "definitions": definitions}))
    shutil.rmtree(fleet.cache.parent)


def test_after_an_earlier_version_everything_is_rendered_and_its_files_are_known(
    fleet: FleetDirectory, loaded: list[str]
) -> None:
    fleet.render()
    files = fleet.files()
    as_first_version(fleet)
    (fleet.root / "services/catalog.yaml").unlink()
    fleet.plain("orders", more="nonsense: 1\n")
    loaded.clear()
    result = fleet.run("--jobs", "1")
    assert (loaded, "the manifest" in result.stderr) == (["billing", "orders"], False)
    assert result.stdout.replace(f"{fleet.out}/", "").splitlines() == [
        "changed   manifest.json",
        "new       billing/manifest.json",
        "gone      catalog/catalog-pipeline.yaml",
        "gone      catalog/files/docs/RELEASE.md",
    ]
    assert (fleet.manifest["version"], [*fleet.manifest["definitions"]]) == (2, ["billing"])
    fleet.plain("orders")
    fleet.user("catalog")
    fleet.render()
    assert fleet.files() == files


@pytest.mark.parametrize("command", ["render", "validate"])
def test_a_module_among_the_services_is_rejected_unexecuted(command: str, fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET + "definitions: ['services/*']\n")
    fleet.write("services/made.py", "from pathlib import Path\nPath(__file__).with_suffix('.txt').touch()\n")
    result = fleet.run(command=command)
    assert result.exit_code == 1
    assert [line for line in result.stderr.splitlines() if "made.py" in line and "failed" not in line] == [
        f"{fleet.root}/services/made.py: error: a fleet cannot contain Python files: defaults and locked "
        "fields do not apply to them; write the definition in YAML, or render the file separately [fleet-python]"
    ]
    assert not (fleet.root / "services/made.txt").exists()
    assert (fleet.out / "orders").exists() == (command == "render")


def test_what_deployments_take_is_beside_the_templates(fleet: FleetDirectory) -> None:
    fleet.render()
    plain = fleet.manifest["definitions"]["orders"]["stacks"][0]
    assert plain["deploy"]["staging"].startswith("aws cloudformation deploy --region eu-west-1 --stack-name orders")
    parameters = "parameters:\n  Topic: {Type: String}\n"
    fleet.plain("orders", more=parameters)
    lacking = fleet.run()
    assert (lacking.exit_code, lacking.stderr.count("parameter-missing")) == (1, 1)
    given = FLEET.replace("region: eu-west-1}", "region: eu-west-1, parameters: {Topic: releases, Tropic: x}}")
    fleet.write("pipegen.yaml", given)
    result = fleet.run("--deploy-script", "--git-sync")
    assert result.stderr.count("parameter-unused") == 2
    assert "Topic=releases" in fleet.files()["orders/staging.parameters.json"]
    [stack] = fleet.manifest["definitions"]["orders"]["stacks"]
    assert stack["parameters"]["files"]["staging"] == "orders/staging.parameters.json"
    assert os.access(fleet.out / "orders/deploy.sh", os.X_OK)
    assert "out/orders/orders-pipeline.yaml" in fleet.files()["orders/staging/orders-pipeline.deployment.yaml"]
    again = fleet.run("--deploy-script", "--git-sync")
    assert "0 rendered" in again.stderr
    rest = [line for line in result.stderr.splitlines()[:-1] if "render-options" not in line]
    assert again.stderr.splitlines()[:-1] == rest
    (fleet.root / "services/orders.yaml").unlink()
    assert fleet.run("--deploy-script", "--git-sync").stderr.count("parameter-unused") == 4


def test_one_bad_service_does_not_stop_the_others_and_keeps_what_it_had(fleet: FleetDirectory) -> None:
    fleet.render()
    before = fleet.files()
    fleet.plain("orders", message="Look", more="nonsense: 1\n")
    fleet.blueprint("Look twice")
    result = fleet.run()
    assert result.exit_code == 1
    assert "unknown-key" in result.stderr
    assert result.stderr.splitlines()[-2:] == [
        "definitions: 2 rendered, 0 unchanged, 1 failed; files: 0 new, 2 changed, 0 gone",
        f"failed    {fleet.root}/services/orders.yaml",
    ]
    after = fleet.files()
    assert after["orders/orders-pipeline.yaml"] == before["orders/orders-pipeline.yaml"]
    assert "Look twice" in after["billing/billing-pipeline.yaml"]
    assert after["orders/manifest.json"] == before["orders/manifest.json"]
    fleet.plain("orders")
    assert fleet.render() == []


def test_problems_are_reported_in_the_order_of_the_files_and_again_when_nothing_is_rendered(
    fleet: FleetDirectory,
) -> None:
    fleet.blueprint("Hidden", "blueprints/reviewed")
    for number in range(40):
        fleet.user(f"many-{number:02}")
    first = fleet.run("--jobs", "2")
    assert first.stderr.count("blueprint-shadowed") == 42
    again = fleet.run()
    assert "0 rendered" in again.stderr
    assert again.stderr.splitlines()[:-1] == first.stderr.splitlines()[:-1]


def test_check_writes_nothing_and_says_what_would_change(fleet: FleetDirectory) -> None:
    assert "new       orders/orders-pipeline.yaml" in fleet.render("--check", code=1)
    assert not fleet.out.exists()
    fleet.render()
    assert fleet.render("--check") == []
    before = fleet.files()
    fleet.plain("orders", "Differently")
    (fleet.root / "services/catalog.yaml").unlink()
    assert fleet.render("--check", code=1) == [
        "changed   manifest.json",
        "changed   orders/orders-pipeline.yaml",
        "gone      catalog/catalog-pipeline.yaml",
        "gone      catalog/files/docs/RELEASE.md",
        "gone      catalog/manifest.json",
    ]
    assert fleet.files() == before


def test_check_believes_no_cache(fleet: FleetDirectory) -> None:
    fleet.render()
    template = fleet.out / "orders/orders-pipeline.yaml"
    template.write_text("Resources: {}\n")
    cache = json.loads(fleet.cache.read_text())
    cache["definitions"]["orders"]["outputs"]["orders/orders-pipeline.yaml"] = sha256(template.read_bytes()).hexdigest()
    fleet.cache.write_text(json.dumps(cache))
    assert fleet.render() == []
    assert fleet.render("--check", code=1) == ["changed   orders/orders-pipeline.yaml"]


def test_check_believes_no_cache_about_which_files_there_are(fleet: FleetDirectory) -> None:
    fleet.render()
    text = fleet.cache.read_text()
    fleet.cache.write_text(text.replace("services/**/*.yaml", "services/b*.yaml"))
    fleet.user("added")
    assert "new       added/manifest.json" in fleet.render("--check", code=1)


@pytest.mark.parametrize("path", ["manifest.json", "orders/manifest.json"])
def test_check_compares_manifests(path: str, fleet: FleetDirectory) -> None:
    fleet.render()
    with (fleet.out / path).open("a") as file:
        file.write("\n")
    assert fleet.render("--check", code=1) == [f"changed   {path}"]


def test_a_render_without_a_cache_renders_everything_and_changes_nothing(
    fleet: FleetDirectory, loaded: list[str]
) -> None:
    fleet.render()
    shutil.rmtree(fleet.cache.parent)
    loaded.clear()
    assert fleet.render("--jobs", "1") == []
    assert loaded == ALL
    loaded.clear()
    assert fleet.render("--jobs", "1") == []
    assert loaded == []


def test_gone_output_is_known_without_a_cache(fleet: FleetDirectory) -> None:
    fleet.render()
    (fleet.root / "services/catalog.yaml").unlink()
    (fleet.root / "services/billing.yaml").unlink()
    told = fleet.render()
    assert sum(line.startswith("gone ") for line in told) == 6
    shutil.rmtree(fleet.cache.parent)
    assert fleet.render() == told[1:]
    shutil.rmtree(fleet.cache.parent)
    fleet.render("--prune")
    assert {path.partition("/")[0] for path in fleet.files()} == {"manifest.json", "orders"}


def test_gone_output_is_reported_until_it_is_pruned_and_nothing_else_is_removed(fleet: FleetDirectory) -> None:
    fleet.render()
    kept = fleet.out / "catalog" / "notes.txt"
    kept.write_text("mine\n")
    (fleet.root / "services/catalog.yaml").unlink()
    gone = [
        "gone      catalog/catalog-pipeline.yaml",
        "gone      catalog/files/docs/RELEASE.md",
        "gone      catalog/manifest.json",
    ]
    assert fleet.render() == ["changed   manifest.json", *gone]
    assert fleet.render() == gone
    assert (fleet.out / "catalog/catalog-pipeline.yaml").exists()
    fleet.render("--prune")
    assert [path for path in fleet.files() if path.startswith("catalog")] == ["catalog/notes.txt"]
    assert fleet.render() == []
    kept.unlink()


def broken_under_another_name(fleet: FleetDirectory) -> None:
    (fleet.root / "services/catalog.yaml").unlink()
    fleet.user("catalogue", "nonsense: 1\n")


def like_no_file(fleet: FleetDirectory) -> None:
    (fleet.root / "services/catalog.yaml").unlink()
    fleet.write("pipegen.yaml", FLEET + "definitions: ['services/*.yaml', 'servces/*.yaml']\n")


@pytest.mark.parametrize(
    ("change", "words"), [(broken_under_another_name, "while a file fails"), (like_no_file, "while a pattern")]
)
def test_nothing_is_pruned_that_may_only_have_lost_what_makes_it(
    change: object, words: str, fleet: FleetDirectory
) -> None:
    fleet.render()
    change(fleet)  # type: ignore[operator]
    result = fleet.run("--prune")
    assert (result.exit_code, result.stderr.count("nothing is removed"), words in result.stderr) == (1, 1, True)
    assert "gone      " in result.stdout
    assert "removed" not in result.stdout
    assert (fleet.out / "catalog/catalog-pipeline.yaml").is_file()


@pytest.mark.parametrize("command", ["render", "validate"])
def test_a_fleet_without_definitions_is_an_error_and_loses_nothing(command: str, fleet: FleetDirectory) -> None:
    fleet.render()
    before = fleet.files()
    fleet.write("pipegen.yaml", FLEET + "definitions: ['servces/*.yaml']\n")
    result = fleet.run(*(["--prune"] if command == "render" else []), command=command)
    assert result.exit_code == 1
    [line] = problems_in(result.stderr)
    assert line.endswith(
        "pipegen.yaml:5:1: error: no file matches servces/*.yaml; correct or add a pattern [fleet-definitions]"
    )
    assert fleet.files() == before


def test_a_pattern_that_is_like_no_file_is_warned_of_each_time(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET + "definitions: ['services/*.yaml', 'servces/*.yaml']\n")
    for command in ("render", "render", "validate"):
        result = fleet.run(command=command)
        assert (result.exit_code, result.stderr.count("[fleet-definitions]")) == (0, 1)


@pytest.mark.parametrize("out", [".", "..", "services", "services/x/..", "link", "services/../link/services"])
def test_an_output_that_holds_the_fleet_or_its_services_is_rejected(out: str, fleet: FleetDirectory) -> None:
    (fleet.root / "services/x").mkdir()
    (fleet.root / "link").symlink_to(fleet.root)
    before = sorted(fleet.root.parent.rglob("*"))
    result = fleet.elsewhere(fleet.root / out).run()
    raw = run("render", fleet.root, "-o", f"{fleet.root}/{out}")
    for each in (result, raw):
        assert each.exit_code == 1
        assert "choose another directory with -o" in each.stderr
    assert sorted(fleet.root.parent.rglob("*")) == before


def test_an_output_among_the_services_is_found_however_it_is_said(fleet: FleetDirectory) -> None:
    (fleet.root / "services/x").mkdir()
    for out in ("services/out", "services/x/../out"):
        result = run("render", fleet.root, "-o", f"{fleet.root}/{out}")
        assert (result.exit_code, "3 rendered" in result.stderr) == (0, out == "services/out"), result.stderr


def test_the_output_of_another_fleet_is_rejected(fleet: FleetDirectory, tmp_path: Path) -> None:
    fleet.render()
    before = fleet.files()
    other = FleetDirectory(tmp_path / "other", fleet.out)
    other.write("pipegen.yaml", "{}\n")
    other.plain("reports")
    result = other.run("--prune")
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert f"{fleet.out}: contains the output of another fleet, ../fleet; choose another" in line
    assert fleet.files() == before


def test_a_directory_that_is_empty_after_pruning_goes_too(fleet: FleetDirectory) -> None:
    fleet.render()
    (fleet.root / "services/catalog.yaml").unlink()
    fleet.render("--prune")
    assert not (fleet.out / "catalog").exists()
    assert fleet.render("--check") == []


@pytest.mark.parametrize(
    "path", ["../victim", "/{tmp}/victim", "a/../../victim", "link/victim", "./victim", "a//b", "victim"]
)
def test_a_manifest_that_was_tampered_with_removes_nothing_outside(
    path: str, fleet: FleetDirectory, tmp_path: Path
) -> None:
    fleet.render()
    outside = tmp_path / "outside"
    outside.mkdir()
    for victim in (tmp_path / "victim", outside / "victim", fleet.out / "victim"):
        victim.write_text("precious\n")
    (fleet.out / "link").symlink_to(outside)
    manifest = fleet.manifest
    manifest["gone"] = [path.replace("/{tmp}", str(tmp_path))]
    (fleet.out / "manifest.json").write_text(json.dumps(manifest))
    fleet.run("--prune")
    for victim in (tmp_path / "victim", outside / "victim", fleet.out / "victim"):
        assert victim.read_text() == "precious\n"


@pytest.mark.parametrize("name", ["orders", "orders/orders-pipeline.yaml"])
def test_a_link_in_the_output_is_never_written_through(name: str, fleet: FleetDirectory, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "orders-pipeline.yaml").write_text("precious\n")
    (fleet.out / name).parent.mkdir(parents=True)
    (fleet.out / name).symlink_to(outside if name == "orders" else outside / "orders-pipeline.yaml")
    result = fleet.run()
    assert (outside / "orders-pipeline.yaml").read_text() == "precious\n"
    assert result.exit_code == int(name == "orders")
    assert "Traceback" not in result.stderr
    assert (fleet.out / "billing/billing-pipeline.yaml").exists()


def test_an_output_inside_of_the_fleet_is_not_taken_for_services(fleet: FleetDirectory) -> None:
    inside = FleetDirectory(fleet.root, fleet.root / "services" / "out")
    inside.render()
    assert inside.render() == []


def test_a_fleet_may_have_a_foundation(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", "blueprints: [platform]\nfoundation: {name: delivery}\n")
    assert "new       delivery/delivery.yaml" in fleet.render()
    assert fleet.manifest["definitions"]["delivery"]["source"] == "pipegen.yaml"
    assert fleet.render() == []
    fleet.write("pipegen.yaml", "blueprints: [platform]\n")
    assert "gone      delivery/delivery.yaml" in fleet.render()


def test_changes_that_a_running_stack_may_not_survive_are_rejected_until_they_are_accepted(
    fleet: FleetDirectory,
) -> None:
    fleet.write("pipegen.yaml", "blueprints: [platform]\n")
    text = (ROOT / "examples/service_blue_green.yaml").read_text()
    fleet.write("services/greeter.yaml", text)
    fleet.render()
    assert "subnets: !Ref PrivateSubnets" in text
    fleet.write(
        "services/greeter.yaml",
        text.replace("subnets: !Ref PrivateSubnets", "subnets: !Ref PrivateSubnets, assign_public_ip: true"),
    )
    checked = fleet.run("--check")
    assert checked.exit_code == 1
    assert f"{fleet.out}/greeter/greeter-production.yaml: error: " in checked.stderr
    before = fleet.files()
    result = fleet.run()
    assert result.exit_code == 1
    assert f"{fleet.out}/greeter/greeter-production.yaml: error: " in result.stderr
    assert "pipegen: these changes were not written; --accept-unsafe-changes writes them" in result.stderr
    assert fleet.files() == before
    accepted = fleet.run("--accept-unsafe-changes")
    assert accepted.exit_code == 0
    assert "/greeter-production.yaml: warning: " in accepted.stderr
    assert fleet.render() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--check", "--prune"], "--prune"),
        (["--check", "--changed-since", "HEAD"], "--changed-since"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_misuse_is_reported(options: list[str], words: str, fleet: FleetDirectory) -> None:
    result = fleet.run(*options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_more_processes_than_help_are_not_made(fleet: FleetDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipegen.fleet import rendered, workers

    asked: list[int] = []

    def run(tasks: Sequence[Any], work: Any, lost: Any, jobs: int) -> Iterator[Any]:
        asked.append(jobs)
        return workers.run(tasks, work, lost, 1)

    monkeypatch.setattr(rendered, "processors", lambda: 2)
    monkeypatch.setattr(rendered, "run", run)
    for number in ("3", "1000000"):
        fleet.elsewhere(fleet.out / number).render("--jobs", number)
    assert asked == [3, 8]


@pytest.mark.parametrize("command", ["render", "validate"])
def test_a_directory_that_is_not_a_fleet_is_reported_with_what_one_has(command: str, tmp_path: Path) -> None:
    result = run(command, tmp_path)
    assert result.exit_code == 1
    assert "is a directory; name the files in it; a fleet has a pipegen.yaml [unreadable]\n" in result.stderr


def test_no_directory_at_all_is_not_the_working_directory(fleet: FleetDirectory) -> None:
    for path in (fleet.root, fleet.root / "services/orders.yaml"):
        result = run("render", path, "-o", "")
        assert result.exit_code == 2
        assert "must not be empty" in result.stderr


def test_a_fleet_wants_a_directory_and_files_want_no_options_of_fleets(fleet: FleetDirectory) -> None:
    assert run("render", fleet.root).exit_code == 2
    assert run("render", str(fleet.plain("orders")), "--prune").exit_code == 2


def test_validate_checks_a_fleet_and_writes_nothing(fleet: FleetDirectory) -> None:
    result = fleet.run(command="validate")
    assert (result.exit_code, result.stderr) == (0, "checked 3 definitions: no problems\n")
    fleet.plain("orders", file="orders-again")
    result = fleet.run(command="validate")
    assert result.exit_code == 1
    assert "duplicate-definition" in result.stderr
    assert not fleet.out.exists()


def test_output_that_cannot_be_written_is_reported_in_a_line(fleet: FleetDirectory) -> None:
    fleet.out.write_text("in the way")
    result = fleet.run()
    assert result.exit_code == 2
    assert "is not a directory; give a directory" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_directory_in_the_way_of_a_template_fails_only_that_definition(fleet: FleetDirectory) -> None:
    (fleet.out / "orders" / "orders-pipeline.yaml").mkdir(parents=True)
    result = fleet.run()
    assert result.exit_code == 1
    assert result.stderr.count("orders-pipeline.yaml: cannot be") == 1
    assert "orders" not in fleet.manifest["definitions"]
    assert (fleet.out / "billing/billing-pipeline.yaml").is_file()


def test_a_definition_that_was_not_changed_stays_a_definition_when_its_file_is_renamed(fleet: FleetDirectory) -> None:
    fleet.render()
    os.rename(fleet.root / "services/orders.yaml", fleet.root / "services/a.yaml")  # noqa: PTH104
    assert "gone" not in "".join(fleet.render())
    assert fleet.manifest["definitions"]["orders"]["source"] == "services/a.yaml"
    assert DEFINITION.format(name="orders", message="Look") == (fleet.root / "services/a.yaml").read_text()


def test_no_value_of_a_secret_or_of_what_nothing_declares_is_in_any_file(fleet: FleetDirectory) -> None:
    given = "region: eu-west-1, parameters: {Token: hunter2, Tokn: hunter3, Topic: releases}}"
    fleet.write("pipegen.yaml", FLEET.replace("region: eu-west-1}", given))
    secret = "parameters:\n  Token: {Type: String, NoEcho: true}\n"
    fleet.plain("orders", more="parameters:\n  Topic: {Type: String}\n  Token: {Type: String, Default: x}\n")
    fleet.render()
    fleet.plain("orders", more=secret)
    result = fleet.run("--deploy-script", "--git-sync")
    assert (result.exit_code, result.stderr.count("parameter-secret")) == (1, 2)
    assert [path for path, text in fleet.files().items() if "hunter3" in text] == []
    assert "hunter3" not in fleet.cache.read_text()
    (fleet.root / "services/orders.yaml").unlink()
    fleet.render("--prune", "--deploy-script", "--git-sync")
    texts = [*fleet.files().values(), fleet.cache.read_text()]
    assert not any("hunter" in text or "releases" in text for text in texts)


def test_a_secret_is_in_no_file_when_a_name_is_made_of_it(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET.replace("region: eu-west-1}", "region: eu-west-1, parameters: {Token: hunter2}}"))
    named = "overrides:\n  PipelineRole: {RoleName: !Ref Token}\nparameters:\n  Token: {Type: String, NoEcho: true}\n"
    fleet.plain("orders", more=named)
    result = fleet.run()
    assert (result.exit_code, result.stderr.count("parameter-secret")) == (1, 2)
    assert [path for path, text in fleet.files().items() if "hunter" in text] == []
    assert "hunter" not in fleet.cache.read_text()
    fleet.plain("orders", more=named.replace(", NoEcho: true", ""))
    fleet.render()
    assert '"parameters": {"Token": "hunter2"}' in fleet.cache.read_text()
    fleet.plain("orders", more=named)
    assert fleet.run().exit_code == 1
    assert "hunter2" not in fleet.cache.read_text()
