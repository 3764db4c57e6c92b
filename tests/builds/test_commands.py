"""Commands of builds: valid ones are not reported, whatever they do; what the others lack is told apart from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipegen import shell
from pipegen.command_line import actions_of
from pipegen.shell import parsed, variables_of
from tests.support.validation import validated

VALID = (
    "npm ci && npm run test",
    "make test || (make diagnose; exit 1)",
    'if [ -f package.json ]; then npm ci; else echo "none"; fi',
    'for file in *.sql; do psql -f "$file"; done',
    "while read -r name version; do echo $name $version; done < versions.txt",
    'case "$CODEBUILD_INITIATOR" in codepipeline/*) echo pipeline ;; *) echo other ;; esac',
    'VERSION="$(cat VERSION)"\nexport VERSION\necho "$VERSION"',
    "export TAG=${CODEBUILD_RESOLVED_SOURCE_VERSION:0:8} && echo ${TAG}",
    'echo "${OPTIONAL:-none}" ${OTHER-} ${THIRD:+x} ${FOURTH:=y} $FOURTH',
    'if [ -n "$MAYBE" ]; then echo "$MAYBE"; fi',
    "[[ -z ${PERHAPS} ]] && echo unset",
    'cat > config.json <<END\n{"region": "$AWS_REGION"}\nEND',
    "cat <<'END'\n$NOTHING\nEND",
    "set -euo pipefail",
    "find . -name '*.tmp' -exec rm {} \\;",
    "sed -i 's/\\(a\\)/\\1b/' file",
    "grep -E '\\d+' file | awk '{print $1}'",
    'docker_build() { local tag=$1; echo "$tag"; }\ndocker_build latest',
    "total=$((1 + 2)); ((total++)); echo $total",
    'arr=(a b); echo "${arr[@]}" ${#arr[@]}',
    "curl -sSf https://example.com/install.sh | bash -s -- --yes",
    "npm ci \\\n  --ignore-scripts",
    "python -c 'import sys; print(sys.version)'",
    "echo $HOME $PWD $JAVA_HOME $NODE_22_VERSION $RANDOM $? $1 $@",
    "diff <(sort a) <(sort b)",
    "trap 'rm -f token' EXIT",
    'export PATH="$HOME/.local/bin:$PATH"',
    "PATH=/opt/bin command-of-it",
    "git ls-remote https://github.com/acme/orders",
    "aws sts get-caller-identity",
    "docker --version",
)


@pytest.fixture
def without_bash(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def forget() -> None:
        parsed.cache_clear()
        shell._verdict_of_bash.cache_clear()

    monkeypatch.setattr("shutil.which", lambda name: None)
    forget()
    yield
    forget()


def test_valid_commands_are_not_reported(tmp_path: Path) -> None:
    assert validated(tmp_path, commands=VALID) == "1 file: no errors\n"


@pytest.mark.usefixtures("without_bash")
def test_without_bash_valid_commands_are_not_reported_either(tmp_path: Path) -> None:
    assert validated(tmp_path, commands=VALID) == "1 file: no errors\n"


@pytest.mark.usefixtures("without_bash")
def test_without_bash_a_wrong_syntax_is_a_warning(tmp_path: Path) -> None:
    found = validated(tmp_path, commands=['echo "a'])
    assert "warning: command-syntax" in found
    assert "its syntax is wrong" in found


def test_a_wrong_command_is_shown_unless_a_secret_may_be_in_it(tmp_path: Path) -> None:
    assert "commands[0] is 'make \"all', and" in validated(tmp_path, commands=['make "all'])
    hidden = validated(tmp_path, commands=['export DB_PASSWORD="hunter2', "if login; hunter2) fi"])
    assert "commands[0] is 'export' …, and" in hidden
    assert "hunter2" not in hidden


@pytest.mark.parametrize(
    ("call", "near"),
    [
        ("aws ecs update-servce --cluster shop", "update-service"),
        ("aws ecs wait service-stable --cluster shop", "services-stable"),
        ("aws ssm get-paramter --name /orders/url", "get-parameter"),
    ],
)
def test_a_misspelt_call_is_reported_with_the_right_one(call: str, near: str, tmp_path: Path) -> None:
    assert f"which is not a known command; did you mean {near}?" in validated(tmp_path, commands=[call])


@pytest.mark.parametrize("call", ["aws ecs deploy", "aws ecr get-login-password", "aws s3 cp a b", "aws rds help"])
def test_commands_of_the_command_line_itself_are_known(call: str, tmp_path: Path) -> None:
    assert "command-unknown" not in validated(tmp_path, commands=[call])


def test_variables_of_a_command_are_those_that_it_needs() -> None:
    assert variables_of(
        'cp "$CODEBUILD_SRC_DIR_Rates/rates.csv" ${TARGET} ${A:-b}; for x in $LIST; do echo $x; done'
    ) == (*("CODEBUILD_SRC_DIR_Rates", "TARGET", "LIST", "x"),)


def test_a_variable_may_be_set_by_the_environment_or_a_command_or_a_file(tmp_path: Path) -> None:
    reads = 'echo "$LEVEL"'
    assert "commands[0] reads LEVEL, and nothing sets it" in validated(tmp_path, commands=[reads])
    for fields in (
        {"commands": [reads], "environment": {"LEVEL": "info"}},
        {"commands": [reads], "action_environment": {"LEVEL": "info"}},
        {"commands": ["export LEVEL=info", reads]},
        {"commands": [". ./environment.sh", reads]},
        {"commands": [reads], "image": "public.ecr.aws/acme/builder:1"},
    ):
        assert "environment-unset" not in validated(tmp_path, **fields)


@pytest.mark.parametrize(
    ("call", "actions"),
    [
        ("aws ecs update-service --cluster shop", ["ecs:UpdateService"]),
        ("aws --region eu-west-1 --output text ssm get-parameters-by-path", ["ssm:GetParametersByPath"]),
        ("aws elbv2 describe-target-health", ["elasticloadbalancing:DescribeTargetHealth"]),
        ("aws stepfunctions start-execution", ["states:StartExecution"]),
        ("aws deploy wait deployment-successful", ["codedeploy:GetDeployment"]),
        ("aws s3 cp build s3://site --recursive", ["s3:PutObject"]),
        ("aws s3 mv s3://site/a s3://site/b", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
        ("aws s3api list-objects-v2 --bucket site", ["s3:ListBucket"]),
        ("aws lambda invoke --function-name check out.json", ["lambda:InvokeFunction"]),
        ("aws sts get-caller-identity", []),
        ("aws nothing do-it", []),
        ("aws", []),
    ],
)
def test_a_call_of_the_command_line_needs_these_actions(call: str, actions: list[str]) -> None:
    assert [*actions_of(call.split())] == actions


def test_calls_are_not_reported_where_they_are_allowed_or_somebody_elses(tmp_path: Path) -> None:
    call = "aws ecs update-service --cluster shop --service orders"
    grant = {"actions": ["ecs:Update*"], "resources": ["arn:aws:ecs:eu-west-1:123456789012:service/shop/orders"]}
    assert "command-permission" in validated(tmp_path, commands=[call])
    for fields in (
        {"commands": [call], "grants": [grant]},
        {"commands": [f"{call} --profile deploy"]},
        {"commands": ["eval $(aws sts assume-role --role-arn deploy)", call]},
        {"commands": [f"{call} || true"]},
    ):
        assert "command-permission" not in validated(tmp_path, **fields)


def test_git_needs_a_clone(tmp_path: Path) -> None:
    command = ["git describe --tags"]
    assert "command-git" in validated(tmp_path, commands=command)
    assert "command-git" not in validated(tmp_path, commands=["git clone https://github.com/acme/orders", *command])
    assert "command-git" not in validated(tmp_path, commands=["git describe --tags || echo none"])
