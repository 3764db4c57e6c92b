"""What an environment gives to the stacks of a definition: deployed by the real AWS CLI to a cloud on loopback."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from pipegen import load, render
from pipegen.deploy.commands import environment_command
from pipegen.deploy.deployment import deployment_files
from pipegen.deploy.parameters import parameter_problems, unused_problems
from pipegen.model.environment import Environment
from pipegen.output.files import compare, write
from pipegen.rendering import RenderedStack
from tests.end_to_end.test_examples_deployed import example_named, parameter_values
from tests.examples import ROOT
from tests.support.cloud import ACCOUNT, REGION, Cloud, aws_program, own_environment

COURIER = """\
name: courier
parameters:
  Greeting: {Type: String}
  Paths: {Type: CommaDelimitedList, Default: a}
  Token: {Type: String, NoEcho: true}
  Unused: {Type: String, Default: x}
pipeline:
  stages:
    - name: Source
      actions: [{kind: s3, name: App, bucket: releases-of-courier, key: app.zip}]
    - name: Build
      actions:
        - kind: codebuild
          name: Make
          commands: [make]
          environment:
            GREETING: !Ref Greeting
            PATHS: !Join ["+", !Ref Paths]
            TOKEN: !Ref Token
"""
HOSTILE = (
    'it\'s "quoted"',
    "two\nlines\n",
    "$(touch hacked) `touch hacked` ${HOME} $HOME",
    "file://staging.parameters.json",
    "@file",
    "http://127.0.0.1/",
    "a=b=c",
    '["Other=1"]',
    '{"ParameterKey": "ParameterValue"}',
    "é … \U0001f680",
    "  spaces\tand tabs ",
    "\\n \\ %s !Ref x: # no comment",
    "012",
)

SHELLCHECK = Path(sys.executable).parent / "shellcheck"


@dataclass(frozen=True, slots=True)
class Written:
    """A definition's templates with what is beside them, below a directory with a hostile name."""

    directory: Path
    stacks: list[RenderedStack]
    environments: Mapping[str, Environment]

    def deploy(self, cloud: Cloud, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """deploy.sh, started from elsewhere."""
        command = [str(self.directory / "deploy.sh"), *arguments]
        return run(cloud, command, self.directory.parents[1], **variables)

    def values(self) -> list[str]:
        found: list[str] = json.loads((self.directory / "staging.parameters.json").read_text())
        return found


def run(cloud: Cloud, command: list[str], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(aws_program().parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = own_environment() | {"HOME": os.devnull, **cloud.environment, "PATH": path, **variables}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def written(tmp_path: Path, definition: Path, environments: Mapping[str, Environment]) -> Written:
    [shop] = load(definition)
    stacks = list(render(shop).stacks)
    directory = tmp_path / "a $HOME 'b" / shop.name
    files = deployment_files(stacks, environments, shop.name, git_sync=True, script=True, directory="a $HOME 'b")
    texts = {stack.file_name: stack.text for stack in stacks} | dict(files)
    write(compare({directory / path: text for path, text in texts.items()}))
    return Written(directory, stacks, environments)


def courier(tmp_path: Path, *, account: str | None = ACCOUNT, **parameters: str | list[str]) -> Written:
    path = tmp_path / "courier.yaml"
    path.write_text(COURIER)
    staging = Environment(account=account, region=REGION, parameters={"Greeting": "hello", **parameters})
    return written(tmp_path, path, {"staging": staging, "production": Environment(parameters={"Greeting": "hi"})})


def variables(cloud: Cloud) -> dict[str, str]:
    """What the build of the courier would see."""
    [name] = cloud.aws_json("codebuild", "list-projects")["projects"]
    [project] = cloud.aws_json("codebuild", "batch-get-projects", "--names", name)["projects"]
    return {each["name"]: each["value"] for each in project["environment"]["environmentVariables"]}


def stacks_there(cloud: Cloud) -> list[str]:
    found = cloud.aws_json("cloudformation", "describe-stacks")["Stacks"]
    return sorted(stack["StackName"] for stack in found if stack["StackStatus"] == "CREATE_COMPLETE")


@pytest.fixture
def espresso(tmp_path: Path, cloud: Cloud) -> Written:
    """Four stacks: registry, two services, pipeline."""
    cloud.reset()
    example = example_named("service_rolling")
    staging = Environment(account=ACCOUNT, region=REGION, parameters=parameter_values(example, cloud))
    return written(tmp_path, example.yaml, {"staging": staging})


def test_the_script_deploys_every_stack_in_order_and_a_second_time_changes_nothing(
    espresso: Written, cloud: Cloud
) -> None:
    done = espresso.deploy(cloud, "staging")
    assert done.returncode == 0, done.stderr
    names = [each.stack.name for each in espresso.stacks]
    assert [line.rsplit(" ", 1)[1] for line in done.stdout.splitlines() if "Successfully" in line] == names
    assert len(names) == 4
    assert stacks_there(cloud) == sorted(names)
    again = espresso.deploy(cloud, "staging")
    assert again.returncode == 0
    assert again.stdout.count("No changes to deploy") == 4


def test_the_script_stops_at_the_stack_that_fails_and_says_what_was_done(espresso: Written, cloud: Cloud) -> None:
    first, second, third, _ = espresso.stacks
    broken = "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue nowhere}}}"
    (espresso.directory / third.file_name).write_text(broken)
    done = espresso.deploy(cloud, "staging")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"{third.stack.name} failed in staging; no further stack was deployed; "
        f"deployed before: {first.stack.name}, {second.stack.name}"
    )
    assert stacks_there(cloud) == sorted([first.stack.name, second.stack.name])


def test_what_a_dry_run_prints_deploys_when_it_is_run(tmp_path: Path, cloud: Cloud) -> None:
    cloud.reset()
    files = courier(tmp_path, Greeting="it's $HOME", Token="")
    printed = files.deploy(
        cloud, "--dry-run", "production", AWS_ENDPOINT_URL="http://127.0.0.1:1", PARAMETER_Token="s3"
    )
    assert printed.returncode == 0, printed.stderr
    assert "s3" not in printed.stdout
    assert stacks_there(cloud) == []
    shown = printed.stdout.replace("file://production.parameters.json", "Greeting=hi Token=t")
    assert shown != printed.stdout
    assert run(cloud, ["bash", "-ec", shown], tmp_path).returncode == 0
    assert stacks_there(cloud) == ["courier-pipeline"]


@pytest.mark.parametrize(
    "arguments", [(), ("nowhere",), ("staging", "staging"), ("--all", "staging"), ("--help",), ("",), ("--dry-run",)]
)
def test_without_a_known_environment_the_script_lists_those_there_are(
    arguments: tuple[str, ...], tmp_path: Path, cloud: Cloud
) -> None:
    done = courier(tmp_path).deploy(cloud, *arguments, PATH="/usr/bin:/bin")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[2:4] == [f"  staging, account {ACCOUNT}, {REGION}", "  production"]


def test_nothing_is_deployed_with_the_credentials_of_another_account(tmp_path: Path, cloud: Cloud) -> None:
    cloud.reset()
    done = courier(tmp_path, account="111111111111").deploy(cloud, "staging")
    assert done.returncode == 1
    assert done.stderr == (
        f"staging is in account 111111111111, but the credentials are for {ACCOUNT}; "
        "set AWS_PROFILE_STAGING to another profile\nnothing was deployed\n"
    )
    assert stacks_there(cloud) == []
    nobody = courier(tmp_path).deploy(cloud, "staging", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert nobody.returncode == 1
    assert "the account of the credentials cannot be read; set AWS_PROFILE_STAGING to" in nobody.stderr
    assert nobody.stderr.endswith("nothing was deployed\n")


def test_hostile_values_come_out_byte_for_byte_by_script_and_by_command(tmp_path: Path, cloud: Cloud) -> None:
    names = [f"Hostile{index}" for index in range(len(HOSTILE))]
    path = tmp_path / "courier.yaml"
    declared = COURIER.replace("pipeline:", "".join(f"  {name}: {{Type: String}}\n" for name in names) + "pipeline:", 1)
    path.write_text(declared + "".join(f"            {name.upper()}: !Ref {name}\n" for name in names))
    values = dict(zip(names, HOSTILE, strict=True)) | {"Greeting": "hello", "Paths": ["a b", "'c", "$(d)"]}
    staging = Environment(account=ACCOUNT, region=REGION, parameters=values)
    files = written(tmp_path, path, {"staging": staging})
    wanted = {name.upper(): value for name, value in zip(names, HOSTILE, strict=True)} | {"PATHS": "a b+'c+$(d)"}
    for token in HOSTILE[:2]:
        cloud.reset()
        by_script = token == HOSTILE[0]
        # The locale counts when the AWS CLI starts, so it is the installed one.
        installed = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = files.deploy(cloud, "staging", PARAMETER_Token=token, LC_ALL="C", PATH=installed) if by_script else None
        done = done or by_command(files, cloud, token)
        assert done.returncode == 0, done.stderr
        found = variables(cloud)
        assert {name: found[name] for name in (*wanted, "TOKEN")} == wanted | {"TOKEN": token}
    assert not list(tmp_path.rglob("hacked"))


def by_command(files: Written, cloud: Cloud, token: str) -> subprocess.CompletedProcess[str]:
    """As the comment of the command says: with a copy of the file that has the NoEcho parameter too."""
    [pipeline] = files.stacks
    copy = files.directory / "copy.json"
    copy.write_text(json.dumps([*files.values(), f"Token={token}"]))
    file = str(files.directory / pipeline.file_name)
    command = environment_command(pipeline, file, files.environments["staging"], copy.name)
    assert command.splitlines()[0].startswith("# ")
    assert '"Token=…"' in command.splitlines()[0]
    return run(cloud, ["bash", "-c", command], files.directory)


def test_a_noecho_parameter_is_in_no_file_and_an_update_keeps_its_value(tmp_path: Path, cloud: Cloud) -> None:
    cloud.reset()
    files = courier(tmp_path, Token="in the file")
    for path in files.directory.rglob("*"):
        assert path.is_dir() or "in the file" not in path.read_text()
    without = files.deploy(cloud, "staging")
    assert without.returncode == 1
    assert "PARAMETER_Token is not set, so Token keeps its value" in without.stderr
    cloud.reset()
    assert files.deploy(cloud, "staging", PARAMETER_Token="secret").returncode == 0
    changed = courier(tmp_path, Greeting="good morning")
    assert changed.deploy(cloud, "staging").returncode == 0
    found = variables(cloud)
    assert (found["GREETING"], found["TOKEN"]) == ("good morning", "secret")


def test_a_template_over_the_limit_goes_by_way_of_a_bucket_that_the_user_names(tmp_path: Path, cloud: Cloud) -> None:
    cloud.reset()
    path = tmp_path / "courier.yaml"
    long = "\n".join(f"            V{number}: {'x' * 900}" for number in range(60))
    path.write_text(COURIER.rstrip() + "\n" + long + "\n")
    files = written(tmp_path, path, {"staging": Environment(region=REGION, parameters={"Greeting": "hello"})})
    without = files.deploy(cloud, "staging", PARAMETER_Token="t")
    assert without.returncode == 1
    assert "set BUCKET to the name of a bucket" in without.stderr
    assert stacks_there(cloud) == []
    assert "--s3-bucket BUCKET" in files.deploy(cloud, "--dry-run", "staging").stdout
    done = files.deploy(cloud, "staging", PARAMETER_Token="t", BUCKET=cloud.template_bucket())
    assert done.returncode == 0, done.stderr
    assert variables(cloud)["V59"] == "x" * 900


def test_the_file_of_parameters_has_what_the_definition_declares_sorted_and_nothing_else(tmp_path: Path) -> None:
    files = courier(tmp_path, Token="secret", Nobody="uses it", Paths=["b", "a"])
    assert (files.directory / "staging.parameters.json").read_text() == '[\n  "Greeting=hello",\n  "Paths=b,a"\n]\n'


def test_a_definition_without_parameters_has_no_file_of_them() -> None:
    definition = load(ROOT / "tests/support/web.yaml")[0]
    stacks = render(definition).stacks
    for rendered in stacks:
        rendered.stack.template.parameters.clear()
    assert list(deployment_files(stacks, {"staging": Environment()}, "web")) == []
    assert "--parameter-overrides" not in environment_command(stacks[0], "x.yaml", Environment(), "y.json")


def test_a_script_is_executable_and_has_no_value_in_it(tmp_path: Path) -> None:
    files = courier(tmp_path, Greeting="good evening", Paths=["over the hills"])
    script = files.directory / "deploy.sh"
    assert script.stat().st_mode & stat.S_IXUSR
    assert not (files.directory / "staging.parameters.json").stat().st_mode & stat.S_IXUSR
    assert "good evening" not in script.read_text()
    assert "over the hills" not in script.read_text()


def test_the_script_has_nothing_that_shellcheck_would_change(tmp_path: Path, espresso: Written) -> None:
    for files in (courier(tmp_path), espresso):
        done = subprocess.run([SHELLCHECK, files.directory / "deploy.sh"], capture_output=True, text=True, check=False)
        assert done.stdout == ""


def test_git_sync_files_lead_from_the_root_of_the_repository_to_the_templates(tmp_path: Path) -> None:
    for value in HOSTILE:
        files = courier(tmp_path, Greeting=value, Nobody="uses it", Token="secret")
        content = yaml.safe_load((files.directory / "staging" / "courier-pipeline.deployment.yaml").read_text())
        assert (tmp_path / content["template-file-path"]).samefile(files.directory / "courier-pipeline.yaml")
        assert content["parameters"] == {"Greeting": value}


@pytest.mark.slow
def test_git_sync_files_are_such_as_cfn_lint_knows(tmp_path: Path) -> None:
    example = example_named("service_rolling")
    definition = load(example.yaml)[0]
    stacks = render(definition).stacks
    staging = Environment(parameters=example.parameters)
    files = deployment_files(stacks, {"staging": staging}, definition.name, git_sync=True, directory="made/templates")
    root = tmp_path / "made" / "templates" / definition.name
    write(compare({root / path: text for path, text in files.items()}))
    write(compare({root / stack.file_name: stack.text for stack in stacks}))
    lint = str(Path(sys.executable).parent / "cfn-lint")
    found = sorted(str(path.relative_to(tmp_path)) for path in root.glob("staging/*.deployment.yaml"))
    assert len(found) == len(stacks)
    for file in found:
        command = [lint, "--ignore-checks", "W", "--deployment-files", file]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        # It wants lists, also for SSM parameters that hold one; CloudFormation's API takes texts alone.
        told = [line for line in done.stdout.splitlines() if line[:1] == "E" and "is not of type 'array'" not in line]
        assert (told, done.stderr) == ([], "")


@pytest.mark.slow
def test_the_files_do_not_depend_on_the_hash_seed() -> None:
    program = """
from pathlib import Path
from pipegen import load
from pipegen import render
from pipegen.deploy.deployment import deployment_files
from pipegen.model.environment import Environment
definition = load(Path("examples/service_rolling.yaml"))[0]
there = {name: Environment(region=name, parameters={"VpcId": "vpc-1", "Subnets": "a"}) for name in ("b", "a")}
print(dict(deployment_files(render(definition).stacks, there, "x", git_sync=True, script=True)))
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(texts) == 1


PROBLEMS: Mapping[str, tuple[Mapping[str, str | list[str]], str]] = {
    "Type: String": (
        {},
        "environments.staging.parameters: error: Given has no value in staging, production and no default",
    ),
    "Type: String, Default: x": ({}, ""),
    "Type: Number": ({"Given": "eight"}, 'its value "eight" is not a number'),
    "Type: Number, MinValue: 1": ({"Given": "0"}, "is less than 1"),
    "Type: Number, MaxValue: 9": ({"Given": "10"}, "is more than 9"),
    "Type: Number, MaxValue: 10": ({"Given": "1e1"}, ""),
    "Type: List<Number>": ({"Given": ["1", "x"]}, 'its value contains "x", which is not a number'),
    "Type: String, MinLength: 2": ({"Given": "a"}, "has less than 2 characters"),
    "Type: String, MaxLength: 2": ({"Given": "abc"}, "has more than 2 characters"),
    "Type: String, MaxLength: 3": ({"Given": "abc"}, ""),
    "Type: String, AllowedValues: [a, b]": ({"Given": "c"}, 'its value "c" is not an allowed value; use a or b'),
    "Type: String, AllowedPattern: '[a-z]+'": ({"Given": "A"}, "does not match the pattern [a-z]+; correct it"),
    "Type: AWS::EC2::VPC::Id": ({"Given": "subnet-1"}, 'its value "subnet-1" is not the ID of a VPC'),
    "Type: List<AWS::EC2::Subnet::Id>": ({"Given": ["subnet-1", " subnet-2"]}, ""),
    "Type: String, MinLength: 0": ({"Given": "x" * 4097}, "has more than 4,096 bytes"),
    "Type: AWS::SSM::Parameter::Value<List<String>>": ({"Given": "/a/b"}, ""),
}


@pytest.mark.parametrize("declared", PROBLEMS)
def test_what_cloudformation_would_reject_is_reported_before_anything_is_deployed(
    declared: str, tmp_path: Path
) -> None:
    parameters, expected = PROBLEMS[declared]
    path = tmp_path / "courier.yaml"
    text = COURIER.replace("Greeting: {Type: String}", f"Given: {{{declared}}}").replace("Greeting", "Given")
    if "List<" in declared:
        text = text.replace("GREETING: !Ref Given", 'GREETING: !Join ["+", !Ref Given]')
    path.write_text(text)
    stacks = render(load(path)[0]).stacks
    there = {"staging": Environment(parameters=parameters), "production": Environment(parameters=parameters)}
    told = [str(each) for each in parameter_problems(stacks, there) if each.code != "parameter-secret"]
    assert bool(told) == bool(expected)
    assert all(expected in line for line in told), told
    if expected and "has no value" not in expected:
        places = [f"environments.{each}.parameters.Given: error: Given of {each}: its value" for each in there]
        assert [line.startswith(place) for line, place in zip(told, places, strict=True)] == [True, True]


def test_a_value_of_a_noecho_parameter_does_not_belong_into_a_file(tmp_path: Path) -> None:
    files = courier(tmp_path, Token="secret")
    [problem] = parameter_problems(files.stacks, files.environments)
    assert (problem.code, problem.severity) == ("parameter-secret", "error")
    assert problem.path == ("environments", "staging", "parameters", "Token")
    assert "PARAMETER_Token=…" in problem.fix
    assert "secret" not in f"{problem}".replace("parameter-secret", "").replace("rotate the secret", "")
    files = courier(tmp_path)
    [problem] = parameter_problems(files.stacks, files.environments)
    assert (problem.code, problem.severity, problem.path) == ("parameter-secret", "note", ("parameters", "Token"))
    assert not list(parameter_problems(files.stacks, {}))


def test_a_parameter_that_nothing_has_is_warned_of() -> None:
    there = {
        "staging": Environment(parameters={"VpcId": "vpc-1", "VpdId": "vpc-2"}),
        "production": Environment(parameters={"VpcId": "vpc-1"}),
    }
    assert [str(each) for each in unused_problems(there, {"staging": {"VpcId"}, "production": set()})] == [
        "environments.staging.parameters.VpdId: warning: VpdId is not a parameter of any definition that is "
        "deployed to staging; remove it, or correct its name [parameter-unused]",
        "environments.production.parameters.VpcId: warning: VpcId is not a parameter of any definition that is "
        "deployed to production; remove it, or correct its name [parameter-unused]",
    ]
