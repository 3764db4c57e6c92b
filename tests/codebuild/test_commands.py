"""Commands of builds: valid ones are not reported, whatever they do; what the others lack is told apart from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipegen.iam.cli_calls import actions_of
from pipegen.syntax import shell
from pipegen.syntax.shell import parsed, variables_of
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
    # As teams write them
    'echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN:-}" > .npmrc',
    "pip install -e '.[test]' && pytest --junitxml=report.xml -q",
    "python - <<PY\nimport os\nprint(os.environ['AWS_REGION'])\nPY",
    'CGO_ENABLED=0 GOOS=linux go build -ldflags="-s -w -X main.version=${CODEBUILD_BUILD_NUMBER}" -o bin/app ./cmd/app',
    "dotnet test --no-build --logger 'trx;LogFileName=results.trx'",
    "dotnet publish src/Api/Api.csproj -c Release -o out /p:UseAppHost=false",
    "mvn -B -ntp clean verify -Dmaven.test.failure.ignore=false",
    "npx cdk diff || true",
    "kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'",
    "curl -sfL https://example.com/trivy.sh | sh -s -- -b /usr/local/bin v0.56.1",
    "aws ecr get-login-password --region $AWS_REGION > password || true",
    "REPOSITORY_URI=123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders",
    "COMMIT_HASH=$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c 1-7)",
    "IMAGE_TAG=${COMMIT_HASH:=latest}",
    'printf \'[{"name":"orders","imageUri":"%s"}]\' $REPOSITORY_URI:$IMAGE_TAG > imagedefinitions.json',
    'log() { printf "%s %s\\n" "$(date +%FT%T)" "$*" >&2; }\nlog start',
    'retry() {\n  local n=0\n  until "$@"; do\n    n=$((n + 1))\n'
    '    [ "$n" -ge 5 ] && return 1\n    sleep $((2 ** n))\n  done\n}\nretry npm ci',
    'services=(orders "front end")\nfor s in "${services[@]}"; do make -C "$s"; done\necho ${#services[@]}',
    'declare -A m=([a]=1)\nfor k in "${!m[@]}"; do echo "$k=${m[$k]}"; done',
    "mapfile -t files < <(find . -type f)\nprintf '%s\\n' \"${files[@]:0:3}\"",
    "tmp=$(mktemp -d)\ntrap 'rm -rf \"$tmp\"' EXIT\ntrap 'echo \"$LINENO: $BASH_COMMAND\" >&2' ERR",
    'read -r major minor patch <<< "$(tr . \' \' < VERSION)"\necho "$major.$minor.$((patch + 1))"',
    'IFS=, read -r a b <<< "$AWS_REGION,x"; echo "$a" "$b"',
    'if [[ "$CODEBUILD_SOURCE_VERSION" =~ ^arn:aws:s3:::([^/]+)/(.*)$ ]]; then echo "${BASH_REMATCH[1]}"; fi',
    "re='^[0-9]+$'\n[[ $CODEBUILD_BUILD_NUMBER =~ $re ]]",
    'B=a/b; S=${B//\\//-}; echo "${S,,}" "${S^^}" "${S:0:20}" "${S%%-*}" "${S##*-}" "${#S}" "${S@Q}"',
    'NAME=B; echo "${!NAME}"',
    "printf -v STAMP '%(%Y%m%d)T' -1; echo $STAMP",
    "for ((i=0; i<3; i++)); do echo $i; done; let n=1+2; echo $n",
    "[[ -v ASKED ]] && echo $ASKED || true",
    "# it's a test of \"quotes and don't\nnpm test # locked",
    "npm ci\r\nnpm test\r\n",
    "cat > workflow.yml <<'END'\nrun: ${{ github.sha }}\nEND",
    "curl -w '%{http_code}\\n' -s https://example.com",
    "exec 3>&1; echo x >&3; make 2>&1 | tee log; exit ${PIPESTATUS[0]}",
    "npm run a & npm run b & wait",
    "echo $CODEBUILD_SOURCE_VERSION_Other $CODEBUILD_CONTAINER_NAME $AWS_EXECUTION_ENV $ECS_CONTAINER_METADATA_URI_V4",
    # Docker without a daemon, and git without a repository
    "docker buildx imagetools create -t a:b a:c; docker buildx version; docker buildx build --help",
    "docker compose version; docker compose -f ci.yaml config -q; docker-compose --version",
    "docker manifest inspect nginx; docker --config /tmp login -u ci --password-stdin < token; docker logout",
    "if docker info > /dev/null 2>&1; then docker build .; fi",
    "git config --global --add safe.directory '*'; git config --get user.name; git lfs install; git lfs version",
    "git diff --no-index a b || true; git hash-object VERSION; git apply fix.patch; git --version; git -C lib log",
    "if git rev-parse --git-dir > /dev/null 2>&1; then git describe; fi",
)

SPECIFICATIONS = (
    # https://docs.aws.amazon.com/codepipeline/latest/userguide/ecs-cd-pipeline.html
    "version: 0.2\nphases:\n  pre_build:\n    commands: [URI=orders]\n  build:\n    commands: [echo $URI]\n"
    "artifacts:\n    files: imagedefinitions.json\n",
    # https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
    'version: "0.2"\nphases:\n  install:\n    on-failure: CONTINUE\n    finally: [make clean]\n'
    "  build:\n    on-failure: Retry-3-.*timeout.*\n    commands: [make]\n"
    "  post_build:\n    on-failure: RETRY-4\n    commands: [make]\n"
    "reports:\n  unit:\n    files: '**/*.xml'\n    file-format: JunitXml\n",
    "version: 0.2\nenv:\n  shell: cmd.exe\n  variables: {paths: a, commands: b}\n"
    "phases: {build: {commands: ['echo %PATH%']}}\n"
    "artifacts:\n  secondary-artifacts:\n    App: {files: ['**/*']}\n",
    "version: 0.2\nphases: {build: {commands: [make]}}\ncache:\n  key: npm-1\n  fallback-keys: [npm-]\n  action: save\n"
    "  paths: [/root/.npm/**/*]\n",
    "version: 0.1\nenvironment_variables: {plaintext: {A: b}}\nphases: {build: {commands: [make]}}\n"
    "artifacts: {type: zip, files: [a]}\n",
)


@pytest.fixture
def without_bash(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def forget() -> None:
        parsed.cache_clear()
        shell._bash_fault.cache_clear()

    monkeypatch.setattr("shutil.which", lambda name: None)
    forget()
    yield
    forget()


def test_valid_commands_are_not_reported(tmp_path: Path) -> None:
    assert validated(tmp_path, commands=VALID) == "checked 1 definition: no problems\n"


def test_valid_commands_are_not_reported_where_no_command_may_load_variables(tmp_path: Path) -> None:
    certain = [command for command in VALID if not parsed(command).loads]
    assert len(certain) > len(VALID) * 0.9
    assert validated(tmp_path, commands=certain) == "checked 1 definition: no problems\n"


@pytest.mark.parametrize("buildspec", SPECIFICATIONS)
def test_valid_buildspecs_are_not_reported(buildspec: str, tmp_path: Path) -> None:
    assert validated(tmp_path, commands=[], buildspec=buildspec) == "checked 1 definition: no problems\n"


@pytest.mark.usefixtures("without_bash")
def test_without_bash_valid_commands_are_not_reported_either(tmp_path: Path) -> None:
    assert validated(tmp_path, commands=VALID) == "checked 1 definition: no problems\n"


@pytest.mark.usefixtures("without_bash")
def test_without_bash_a_wrong_syntax_is_a_warning(tmp_path: Path) -> None:
    found = validated(tmp_path, commands=['echo "a'])
    assert "warning: " in found
    assert "[command-syntax]" in found
    assert "its syntax is wrong" in found


def test_a_wrong_command_is_shown_unless_a_secret_may_be_in_it(tmp_path: Path) -> None:
    assert "commands[0] is 'make \"all', and" in validated(tmp_path, commands=['make "all'])
    hidden = validated(tmp_path, commands=['export DB_PASSWORD="hunter2', "if login; hunter2) fi"])
    assert 'commands[0] is "export" …, and' in hidden
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
    assert f'calls aws with the unknown command "{call.split()[-3]}"; did you mean "{near}"?' in validated(
        tmp_path, commands=[call]
    )


@pytest.mark.parametrize("call", ["aws ecs deploy", "aws ecr get-login-password", "aws s3 cp a b", "aws rds help"])
def test_commands_of_the_command_line_itself_are_known(call: str, tmp_path: Path) -> None:
    assert "command-unknown" not in validated(tmp_path, commands=[call])


def test_variables_of_a_command_are_those_that_it_needs() -> None:
    assert variables_of(
        'cp "$CODEBUILD_SRC_DIR_Rates/rates.csv" ${TARGET} ${A:-b}; for x in $LIST; do echo $x; done'
    ) == (*("CODEBUILD_SRC_DIR_Rates", "TARGET", "LIST", "x"),)


def test_a_variable_may_be_set_by_the_environment_or_a_command_or_a_file(tmp_path: Path) -> None:
    reads = 'echo "$LEVEL"'
    assert "commands[0] reads LEVEL, which nothing sets" in validated(tmp_path, commands=[reads])
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


@pytest.mark.parametrize(
    ("command", "verb"),
    [
        ("docker build .", "docker build"),
        ("docker --config /tmp push web", "docker push"),
        ("docker version", "docker version"),
        ("docker buildx --builder x build .", "docker buildx build"),
        ("docker compose -f ci.yaml up -d", "docker compose up"),
        ("sudo docker-compose run web", "docker-compose run"),
    ],
)
def test_docker_needs_a_daemon(command: str, verb: str, tmp_path: Path) -> None:
    assert f"runs {verb}, which requires a Docker daemon" in validated(tmp_path, commands=[command])
    for fields in (
        {"commands": [command], "docker": True},
        {"commands": [command], "environment": {"DOCKER_HOST": "tcp://10.0.0.5:2375"}},
        {"commands": ["export DOCKER_HOST=tcp://10.0.0.5:2375", command]},
        {"commands": ["docker buildx create --use --driver remote tcp://10.0.0.5:1234", command]},
        {"commands": ["docker --context builder ps", command]},
        {"commands": ["docker context use builder", command]},
    ):
        assert "command-docker" not in validated(tmp_path, **fields)


@pytest.mark.parametrize(
    "command",
    ["git describe", "git -c a.b=c log", "git diff --stat HEAD~1", "git lfs pull", "git config user.name ci"],
)
def test_these_commands_need_a_repository(command: str, tmp_path: Path) -> None:
    assert "command-git" in validated(tmp_path, commands=[command])


def test_every_variable_of_a_word_is_read() -> None:
    assert variables_of('echo "$A ${B} $C" "$D"') == ("A", "B", "C", "D")
