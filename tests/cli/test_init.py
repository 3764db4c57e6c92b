"""`pipegen init`: a definition begun from a blueprint, by questions or by options."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen import __version__
from pipegen.loading.blueprints.catalog import catalog
from pipegen.loading.file_schemas import definition_schema, fleet_schema
from pipegen.loading.fleet_file import read_fleet
from pipegen.loading.yaml.parsing import nodes_of
from tests.small_fleet import write_fleet
from tests.support.command import run

CONNECTION = "arn:aws:codeconnections:eu-west-1:111111111111:connection/1"
WEB = ("init", "--blueprint", "web", "--no-input", "--set", "service=cart")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet as the working directory, in a git repository."""
    monkeypatch.chdir(write_fleet(tmp_path))
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of an application, with a blueprint in it and no fleet."""
    write_fleet(tmp_path)
    (tmp_path / "pipegen.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


ALONE = ("init", "--blueprint", "./platform/web", "--no-input", "--set", "service=cart", "--set", "cluster=main")


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_options_write_the_few_lines_that_differ(here: Path) -> None:
    result = run(*WEB, "--set", "port=3000", "--set", "size=small", "--set", "commands=[make test, 'a: b']")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "new       services/cart.yaml\nnew       pipegen.schema.json\n"
    assert (here / "services" / "cart.yaml").read_text() == (
        "# yaml-language-server: $schema=../pipegen.schema.json\n"
        "blueprint: web\n"
        "with:\n"
        "  service: cart\n"
        "  commands: [make test, 'a: b']\n"
    )
    assert yaml.safe_load((here / "pipegen.schema.json").read_text()) == definition_schema(read_fleet(here))
    assert "Next:\n  pipegen explain services/cart.yaml\n  pipegen render . -o templates\n" in result.stderr


def test_the_commands_that_come_next_run(alone: Path) -> None:
    result = run(*ALONE)
    commands = re.findall("^  pipegen (.*)", result.stderr, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert run(*shlex.split(command)).exit_code == 0, command
    assert (alone / "templates" / "cart-pipeline.yaml").is_file()


def test_a_default_of_the_blueprint_is_said_where_the_fleet_has_another(here: Path) -> None:
    assert run(*WEB, "--set", "port=8080").exit_code == 0
    assert nodes_of(here / "services" / "cart.yaml").data["with"] == {"service": "cart", "port": 8080}


def test_every_type_of_argument_is_read_as_its_own(here: Path) -> None:
    given = ["approve=false", "labels={A: one, B: [1, 2]}", "topic=!Ref TopicArn", "commands=[]", "port=9000"]
    assert run(*WEB, *(word for each in given for word in ("--set", each))).exit_code == 0
    found = nodes_of(here / "services" / "cart.yaml").data["with"]
    assert found == {
        "service": "cart",
        "port": 9000,
        "approve": False,
        "labels": {"A": "one", "B": [1, 2]},
        "topic": {"Ref": "TopicArn"},
    }
    assert "  topic: !Ref TopicArn\n" in (here / "services" / "cart.yaml").read_text()
    assert run("init", "b.yaml", *WEB[1:], "--set", "topic=arn:aws:sns:eu-west-1:123456789012:a").exit_code == 0
    assert nodes_of(here / "b.yaml").data["with"]["topic"] == "arn:aws:sns:eu-west-1:123456789012:a"


def test_text_that_looks_like_another_type_stays_text(alone: Path) -> None:
    assert run(*ALONE[:-1], "cluster=012").exit_code == 0
    assert nodes_of(alone / "cart.yaml").data["with"]["cluster"] == "012"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["port=a"], '--set port: must be an integer, got "a"'),
        (["port=70000"], "--set port: must be between 1 and 65,535, got 70000"),
        (["size=huge"], '--set size: must be one of small, large, got "huge"'),
        (["service=UPPER"], '--set service: must match [a-z-]{1,20}, got "UPPER"'),
        (["commands=make"], '--set commands: must be a list, got "make"; such as [one, two]'),
        (["commands=[make"], "--set commands: "),
        (["prot=3"], '--set prot: the blueprint has no such parameter; did you mean "port"?'),
        (["port"], '--set "port" is not NAME=VALUE'),
    ],
)
def test_a_wrong_argument_is_reported_with_the_parameters_limits(here: Path, given: list[str], told: str) -> None:
    before = files(here)
    result = run(*WEB[:-2], *(["--set", "service=cart"] if "service" not in given[0] else []), "--set", *given)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"pipegen: {told}")
    assert len(result.stderr.splitlines()) == 1
    assert files(here) == before


def test_without_input_everything_that_is_missing_is_named(alone: Path) -> None:
    result = run("init", "--blueprint", "./platform/web", "--no-input")
    assert result.exit_code == 2
    assert "--set service=… (The service's name), --set cluster=… (The cluster" in result.stderr
    assert "--blueprint is missing; there are" in run("init", "--no-input").stderr
    result = run("init", "--no-input", "--blueprint", "wbe")
    assert (result.exit_code, 'unknown blueprint "wbe"' in result.stderr) == (2, True)


def test_existing_files_are_only_replaced_with_force_and_all_are_named(alone: Path) -> None:
    (alone / "Dockerfile").write_text("FROM debian\n")
    (alone / "cart.yaml").write_text("name: cart\n")
    (alone / "pipegen.schema.json").write_text("{}")
    before = files(alone)
    command = (*ALONE, "--set", "offered=true", "--pre-commit")
    result = run(*command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "pipegen: cart.yaml, Dockerfile already exist, and nothing was written; --force replaces them, --no-files "
        "leaves the blueprint's files out\n"
    )
    assert files(alone) == before
    made = run(*command, "--force")
    assert made.stdout.splitlines() == [
        "changed   cart.yaml",
        "changed   Dockerfile",
        "new       .pre-commit-config.yaml",
    ]
    assert (alone / "Dockerfile").read_text() == "FROM scratch\nEXPOSE 8080\n"
    assert (alone / "pipegen.schema.json").read_text() == "{}"
    assert "pipegen.schema.json was kept, and is of another version" in made.stderr
    again = run(*command)
    assert again.exit_code == 0
    assert "unchanged cart.yaml" in again.stdout


def test_files_of_the_blueprint_go_beside_the_definition_or_where_they_are_asked_for(alone: Path) -> None:
    command = (*ALONE, "--set", "offered=true")
    assert "new       Dockerfile" in run(*command).stdout
    assert "new       app/Dockerfile" in run("init", "other.yaml", *command[1:], "--files", "app").stdout
    assert "Dockerfile" not in run("init", "third.yaml", *command[1:], "--no-files").stdout


def test_in_a_fleet_files_of_the_blueprint_are_written_only_where_they_are_asked_for(here: Path) -> None:
    result = run(*WEB, "--set", "offered=true")
    assert "Dockerfile" not in result.stdout
    assert "pipegen: the blueprint offers Dockerfile; --files DIR writes them" in result.stderr


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".git/hooks/pre-commit", "is git's own"),
        (".GIT/hooks/pre-commit", "is git's own"),
        ("sub/.git/config", "is git's own"),
        ("away/Dockerfile", "leads out of app by a link"),
        ("away/deeper/Dockerfile", "leads out of app by a link"),
        ("ring/Dockerfile", "leads out of app by a link"),
    ],
)
def test_a_file_of_the_blueprint_never_leaves_its_directory(alone: Path, path: str, reason: str) -> None:
    blueprint = alone / "platform" / "web" / "blueprint.yaml"
    blueprint.write_text(blueprint.read_text().replace("{path: Dockerfile", f"{{path: {path}"))
    (alone / "elsewhere").mkdir()
    (alone / "app").mkdir()
    (alone / "app" / "away").symlink_to(alone / "elsewhere")
    (alone / "app" / "ring").symlink_to(alone / "app" / "ring")
    before = sorted(alone.rglob("*"))
    result = run(*ALONE, "--set", "offered=true", "--files", "app", "--force")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"pipegen: app/{path} {reason}, and nothing was written; --no-files leaves the blueprint's files out\n"
    )
    assert sorted(alone.rglob("*")) == before
    (alone / "app" / "inside").mkdir()
    (alone / "app" / "link").symlink_to(alone / "app" / "inside")
    blueprint.write_text(blueprint.read_text().replace(f"{{path: {path}", "{path: link/Dockerfile"))
    assert run(*ALONE, "--set", "offered=true", "--files", "app").exit_code == 0
    assert (alone / "app" / "inside" / "Dockerfile").is_file()


def test_a_file_that_the_fleet_would_not_find_is_reported(here: Path) -> None:
    result = run("init", "elsewhere/cart.yaml", *WEB[1:])
    assert result.exit_code == 0
    assert (
        "pipegen: elsewhere/cart.yaml is none of the fleet's services: add a pattern to pipegen.yaml" in result.stderr
    )
    assert "none of the fleet" not in run(*WEB).stderr


def test_a_definition_with_errors_is_not_written(here: Path) -> None:
    blueprint = here / "platform" / "web" / "blueprint.yaml"
    blueprint.write_text(blueprint.read_text().replace("kind: approval", "kind: aproval"))
    before = files(here)
    result = run(*WEB)
    assert (result.exit_code, result.stdout) == (1, "")
    assert 'did you mean "approval"?' in result.stderr
    blueprint.write_text(blueprint.read_text().replace("kind: aproval", "kind: approval").replace("branch: main", ""))
    assert run(*WEB).exit_code == 1
    assert files(here).keys() == before.keys()


def test_a_file_that_cannot_be_written_is_reported(here: Path) -> None:
    (here / "services" / "cart.yaml").mkdir()
    assert run(*WEB).exit_code == 1
    assert run("init", "services/orders.yaml/cart.yaml", *WEB[1:]).exit_code == 1
    assert run("init", "cart.txt", *WEB[1:]).stderr == "pipegen: cart.txt must end in .yaml\n"


CONFIGURATIONS = {
    "indented": "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: one  # why\n",
    "flush": "# top\nrepos:\n- repo: a\n  rev: v1\n  hooks: [{id: one}]\n",
    "with keys after": "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: one\n\n# after\nfail_fast: true\n",
    "with a comment last": "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: one\n  # the end\n",
    "with a block last": (
        "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: one\n"
        "        files: |\n          (?x)a|\n          b\n\n\nci: {}\n"
    ),
    "without a last line end": "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: one",
    "from another system": "repos:\r\n  - repo: a\r\n    rev: v1\r\n    hooks:\r\n      - id: one\r\n",
    "with wide letters": "# 日本語 𝒳\nrepos:\n  - repo: a\n    rev: v1\n    hooks:\n      - {id: one, name: 日本}\n",
}


@pytest.mark.parametrize("before", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_hooks_are_added_and_every_other_byte_stays(here: Path, before: str) -> None:
    file = here / ".pre-commit-config.yaml"
    file.write_bytes(before.encode())
    result = run(*WEB, "--pre-commit")
    assert result.exit_code == 0, result.stderr
    after = file.read_bytes().decode()
    kept = after
    for line in difference(before, after):
        kept = kept.replace(line, "", 1)
    assert kept.replace("\r\n", "\n").rstrip("\n") == before.replace("\r\n", "\n").rstrip("\n")
    assert ("\r\n" in before) == ("\r\n" in after)
    assert "\n" not in after.replace("\r\n", "") if "\r\n" in before else True
    old, new = yaml.safe_load(before), yaml.safe_load(after)
    assert new.keys() == old.keys()
    assert new["repos"][:-1] == old["repos"]
    assert [hook["id"] for hook in new["repos"][-1]["hooks"]] == ["pipegen-validate", "pipegen-render-check"]
    again = run("init", "b.yaml", *WEB[1:], "--pre-commit")
    assert again.exit_code == 0
    assert file.read_bytes().decode() == after
    assert "has hooks of pipegen" in again.stderr


def difference(before: str, after: str) -> list[str]:
    """What was put in, as one text: the hooks stand together."""
    start = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    return [after[start : start + len(after) - len(before)]]


@pytest.mark.parametrize("text", ["repos: []\n", "repos: [{repo: a, hooks: []}]\n", "a: b\n", "[", "", "- a\n", "\xff"])
def test_a_configuration_that_cannot_be_added_to_stays_and_the_hooks_are_shown(here: Path, text: str) -> None:
    (here / ".pre-commit-config.yaml").write_bytes(text.encode("latin-1"))
    before = files(here)
    result = run(*WEB, "--pre-commit")
    assert result.exit_code == 1
    assert "--pre-commit" in result.stderr
    assert files(here) == before


def test_hooks_and_a_workflow_check_what_was_begun(alone: Path) -> None:
    (alone / "sub").mkdir()
    result = run("init", "sub/the cart.yaml", *ALONE[1:], "--pre-commit", "--workflow", "github")
    assert result.exit_code == 2, result.stderr  # the blueprint's path is seen from the file
    command = [*ALONE[1:]]
    command[1] = "../platform/web"
    result = run("init", "sub/the cart.yaml", *command, "--pre-commit", "--workflow", "github")
    assert result.exit_code == 0, result.stderr
    words = (
        f"pipegen-aws=={__version__} is what they install, and is not published yet: put it into an index of your own"
    )
    assert f"\nBefore hooks or workflow run: {words}\n" in result.stderr
    assert "published" not in run("init", "sub/other.yaml", *command).stderr
    [entry] = yaml.safe_load((alone / ".pre-commit-config.yaml").read_text())["repos"]
    expected = ["pipegen validate 'sub/the cart.yaml'", "pipegen render 'sub/the cart.yaml' -o sub/templates --check"]
    assert [hook["entry"] for hook in entry["hooks"]] == expected
    assert re.search(entry["hooks"][0]["files"], "sub/the cart.yaml")
    assert not re.search(entry["hooks"][0]["files"], "other/the cart.yaml")
    workflow = nodes_of(alone / ".github" / "workflows" / "pipegen.yaml").data
    assert workflow["permissions"] == {"contents": "read"}
    assert list(workflow["on"]) == ["pull_request"]
    [job] = workflow["jobs"].values()
    checks = [expected[0], f"{expected[1]} --against HEAD^1 $ACCEPT"]
    assert [step["run"] for step in job["steps"] if "run" in step][1:] == checks
    assert job["steps"][0]["with"] == {"fetch-depth": 2}  # so that HEAD^1, the pull request's base, is there
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    assert run("render", "sub/the cart.yaml", "-o", "sub/templates").exit_code == 0
    for check in expected:
        assert run(*shlex.split(check)[1:]).exit_code == 0


def test_a_fleet_is_begun_with_a_commented_file(alone: Path) -> None:
    result = run("init", "--fleet", "--workflow", "github", "--pre-commit")
    assert result.exit_code == 0, result.stderr
    text = (alone / "pipegen.yaml").read_text()
    begun = {"definitions": ["services/**/*.yaml"], "render": {"output": "templates"}}
    assert nodes_of(alone / "pipegen.yaml").data == begun
    assert yaml.safe_load((alone / "pipegen.fleet.schema.json").read_text()) == fleet_schema()
    assert '"pipegen render . --check --against HEAD^1 ' in (alone / ".github/workflows/pipegen.yaml").read_text()
    [entry] = yaml.safe_load((alone / ".pre-commit-config.yaml").read_text())["repos"]
    assert [hook["entry"] for hook in entry["hooks"]] == ["pipegen validate .", "pipegen render . --check"]
    # What is commented out is right, too.
    lines = [re.sub("^# (?=[a-z ]+:)", "", line) for line in text.splitlines()]
    lines = [re.sub("^# ( +)", r"\1", line) for line in lines]
    (alone / "platform" / "blueprints").mkdir()
    (alone / "pipegen.yaml").write_text(
        "\n".join(line for line in lines if "docs/" not in line and "yaml-" not in line)
    )
    assert set(nodes_of(alone / "pipegen.yaml").data) >= {"definitions", "defaults", "environments", "tags", "locked"}
    listed = run("blueprints", "--format", "json")
    assert listed.exit_code == 0, listed.stderr
    refused = run("init", "--fleet")
    assert (refused.exit_code, "pipegen.yaml already exists" in refused.stderr) == (1, True)
    assert run("init", "--fleet", "--set", "a=b").exit_code == 2
    assert run("init", "--fleet", "below").stdout.startswith("new       below/pipegen.yaml\n")


@pytest.mark.parametrize("name", catalog(None))
def test_every_blueprint_can_be_begun_with_what_its_example_gives(tmp_path: Path, monkeypatch: Any, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    example = nodes_of(catalog(None)[name].directory / "example.yaml").data
    given = [f"{key}={value if isinstance(value, str) else yaml_of(value)}" for key, value in example["with"].items()]
    result = run("init", "a.yaml", "--blueprint", name, "--no-input", *(w for each in given for w in ("--set", each)))
    assert result.exit_code == 0, result.stderr
    assert nodes_of(tmp_path / "a.yaml").data["with"].items() <= example["with"].items()
    assert len((tmp_path / "a.yaml").read_text().splitlines()) <= 1 + len(example["with"]) + 2


def yaml_of(value: Any) -> str:
    return str(yaml.safe_dump(value, default_flow_style=True)).removesuffix("...\n").strip()


def test_the_command_itself_begins_one(here: Path) -> None:
    command = [str(Path(sys.executable).parent / "pipegen"), *WEB]
    result = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stdout.splitlines()[0]) == (0, "new       services/cart.yaml"), result.stderr


def test_everything_that_is_wrong_with_the_options_is_reported_at_once(alone: Path) -> None:
    before = files(alone)
    wrong = ["port=0", "repository=https://github.com/acme/orders", "prot=1", "cpu=many", "branch=a b"]
    result = run("init", "--blueprint", "ecs-rolling", *(word for each in wrong for word in ("--set", each)))
    assert result.exit_code == 2
    for text in (
        "--set repository: error: repository must be owner/name",
        "--set branch: error: branch must be the name of one branch",
        "--set port: must be between 1 and 65,535",
        '--set prot: the blueprint has no such parameter; did you mean "port"?',
        '--set cpu: must be an integer, got "many"',
        "arguments are missing; give --set service=",
    ):
        assert text in result.stderr
    assert len(result.stderr.splitlines()) == 6
    assert files(alone) == before


def test_an_argument_that_a_field_rejects_is_reported_with_its_option(alone: Path) -> None:
    options = ("--set", "service=orders", "--set", "repository=acme/orders", "--set", "minimum_tasks=20")
    result = run("init", "--blueprint", "ecs-rolling", *options)
    assert result.exit_code == 1
    assert result.stderr.startswith("--set minimum_tasks: error: minimum must be at most maximum (10), got 20; ")
    assert not (alone / "orders.yaml").exists()


def test_a_definition_that_no_argument_names_needs_a_file(alone: Path) -> None:
    blueprint = alone / "platform" / "web" / "blueprint.yaml"
    blueprint.write_text(blueprint.read_text().replace("  service: {", "  title: {").replace("service }}", "title }}"))
    (alone / "platform" / "web" / "files" / "notify.sh").write_text("echo {{ title }}\n")
    options = ("--blueprint", "./platform/web", "--set", "title=cart", "--set", "cluster=main")
    result = run("init", *options)
    assert (result.exit_code, "name it: pipegen init FILE.yaml" in result.stderr) == (2, True)
    assert run("init", "a.yaml", *options).exit_code == 0


def test_prerequisites_and_the_commands_to_deploy_are_shown_at_the_end(alone: Path) -> None:
    result = run("init", "--blueprint", "worker", "--set", "service=jobs", "--set", "repository=acme/jobs")
    assert result.exit_code == 0, result.stderr
    assert "  ConnectionArn: CodeConnections connection that may read the repository" in result.stderr
    assert (
        "    create: aws codeconnections create-connection --provider-type GitHub --connection-name jobs\n"
        in result.stderr
    )
    assert "    find:   aws ec2 describe-vpcs\n" in result.stderr
    assert "CertificateArn" not in result.stderr
    deployed = re.findall(r"--stack-name (\S+) .*\n *--template-file (\S+)", result.stderr)
    assert [stack for stack, _ in deployed] == ["jobs-registry", "jobs-app", "jobs-pipeline"]
    assert run("render", "jobs.yaml", "-o", "templates").exit_code == 0
    assert all((alone / file).is_file() for _, file in deployed)


def test_in_a_fleet_prerequisites_are_those_that_an_environment_lacks(here: Path) -> None:
    result = run(*WEB)
    assert "set them in pipegen.yaml under environments.NAME.parameters:\n  ConnectionArn: Reads" in result.stderr
    text = (here / "pipegen.yaml").read_text().replace("production: {}", "production: {parameters: {ConnectionArn: y}}")
    (here / "pipegen.yaml").write_text(text)
    result = run("init", "services/other.yaml", *WEB[1:-1], "service=other")
    assert "Before you deploy" not in result.stderr
    assert "--parameter-overrides file://templates/other/staging.parameters.json" in result.stderr.replace(
        " \\\n      ", " "
    )
    assert "  # repeat them for production\n" in result.stderr


def test_where_one_pipeline_deploys_to_all_environments_the_commands_are_for_all_of_them(here: Path) -> None:
    """In the order of the stacks, each in its environment; the prerequisites are those of its own stacks."""
    tools = '{account: "333333333333", region: eu-west-1, parameters: {ConnectionArn: x}}'
    text = (here / "pipegen.yaml").read_text().replace("  production: {}\n", f"  tools: {tools}\npipelines: tools\n")
    (here / "pipegen.yaml").write_text(text.replace("parameters: {ConnectionArn: x}", "profile: shop", 1))
    deploy_to = ("--set", 'deploy_to=["staging"]', "--set", "https=false")
    arguments = ("--blueprint", "ecs-rolling", "--set", "service=cart", "--set", "repository=acme/cart", *deploy_to)
    result = run("init", "services/cart.yaml", *arguments)
    assert result.exit_code == 0, result.stderr
    assert "  VpcId: The VPC that the service runs in\n" in result.stderr
    assert "ConnectionArn" not in result.stderr
    assert [line.strip() for line in result.stderr.partition("Then deploy:\n")[2].splitlines() if "--s" in line] == [
        "--stack-name cart-support-333333333333-eu-west-1 \\",
        "--stack-name cart-support-111111111111-eu-west-1 \\",
        "--stack-name cart-registry \\",
        "--stack-name cart-app-staging \\",
        "--stack-name cart-pipeline \\",
    ]
    assert "# ArtifactKeyArn is the output ArtifactKeyArn of cart-support-333333333333-eu-west-1\n" in result.stderr
    assert "--profile shop \\\n      --stack-name cart-app-staging \\\n" in result.stderr
    assert "--parameter-overrides file://templates/cart/tools.parameters.json" in result.stderr
    (here / "pipegen.yaml").write_text((here / "pipegen.yaml").read_text() + "render: {deploy_script: true}\n")
    result = run("init", "services/cart.yaml", *arguments, "--force")
    assert result.stderr.endswith("Then deploy:\n  templates/cart/deploy.sh --all\n")


def test_hooks_and_the_workflow_of_a_fleet_check_what_its_file_says_about_rendering(here: Path) -> None:
    text = (here / "pipegen.yaml").read_text().replace("production: {}", "production: {parameters: {ConnectionArn: x}}")
    text = text.replace("ConnectionArn: x", f'ConnectionArn: "{CONNECTION}"')
    (here / "pipegen.yaml").write_text(f"{text}render: {{output: out, deploy_script: true, git_sync: true}}\n")
    result = run(*WEB, "--workflow", "github", "--pre-commit")
    assert result.exit_code == 0, result.stderr
    assert "  out/cart/deploy.sh staging\n  out/cart/deploy.sh production\n" in result.stderr
    [render] = re.findall("^  (pipegen render .*)", result.stderr, re.MULTILINE)
    rendered = run(*shlex.split(render)[1:])
    assert rendered.exit_code == 0, rendered.stderr
    assert (here / "out" / "cart" / "deploy.sh").is_file()
    [job] = nodes_of(here / ".github" / "workflows" / "pipegen.yaml").data["jobs"].values()
    checks = [step["run"].partition(" --against")[0] for step in job["steps"] if "run" in step][1:]
    [entry] = yaml.safe_load((here / ".pre-commit-config.yaml").read_text())["repos"]
    for check in {*checks, *(hook["entry"] for hook in entry["hooks"])}:
        done = run(*shlex.split(check)[1:])
        assert done.exit_code == 0, (check, done.stdout, done.stderr)
