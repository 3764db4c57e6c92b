"""The stand-ins for ECR and CodeBuild, tried with hand-written buildspecs; nothing is rendered here."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.codebuild import COMMIT, BuildResult, available, run_build
from tests.support.registry import Registry, start_registry

pytestmark = pytest.mark.skipif(available() is not None, reason=available() or "")

LOGIN = (
    "aws ecr get-login-password --region $AWS_REGION"
    " | docker login --username AWS --password-stdin ${REPOSITORY_URI%%/*}"
)
DOCKERFILE = """\
FROM scratch
COPY greeting /greeting
ARG COMMIT=none
LABEL commit=$COMMIT
ENV BUILT_FROM=$COMMIT
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with start_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


@dataclass(frozen=True)
class Bench:
    """A source tree with a Dockerfile, and a short way to run commands as the phases of a build."""

    registry: Registry
    source: Path
    work: Path

    def run(
        self,
        *build: str,
        phases: Mapping[str, tuple[str, ...]] | None = None,
        repository: str = "none",
        more: str = "",
        environment: Mapping[str, str] | None = None,
        secondary_sources: Mapping[str, Path] | None = None,
    ) -> BuildResult:
        lines = {**(phases or {}), "build": build}
        commands = {name: {"commands": list(commands)} for name, commands in lines.items()}
        buildspec = f"version: 0.2\nphases: {json.dumps(commands)}\n{textwrap.dedent(more)}"
        return run_build(
            buildspec,
            source=self.source,
            environment={"REPOSITORY_URI": self.registry.uri(repository), **(environment or {})},
            registry=self.registry,
            path=self.work,
            secondary_sources=secondary_sources or {},
        )


@pytest.fixture
def bench(registry: Registry, tmp_path: Path) -> Bench:
    source = tmp_path / "source"
    source.mkdir()
    (source / "Dockerfile").write_text(DOCKERFILE)
    (source / "greeting").write_text("hello\n")
    return Bench(registry=registry, source=source, work=tmp_path / "work")


FULL_BUILD = """
version: 0.2
env:
  shell: bash
  exported-variables: [IMAGE_TAG, DIGEST]
phases:
  pre_build:
    commands:
      - aws ecr get-login-password --region "$AWS_REGION" |
        docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"
      - export IMAGE_TAG="${CODEBUILD_RESOLVED_SOURCE_VERSION:0:12}"
  build:
    commands:
      - docker build --progress plain --build-arg COMMIT=$CODEBUILD_RESOLVED_SOURCE_VERSION --tag app:local .
      - docker tag app:local "$REPOSITORY_URI:$IMAGE_TAG"
  post_build:
    on-failure: ABORT
    commands:
      - |
        if [ "$CODEBUILD_BUILD_SUCCEEDING" != 1 ]; then exit 1; fi
      - docker push "$REPOSITORY_URI:$IMAGE_TAG"
      - |
        set -euo pipefail
        DIGEST="$(aws ecr batch-get-image --registry-id 123456789012 \
          --repository-name "${REPOSITORY_URI#*/}" \
          --image-ids imageTag="$IMAGE_TAG" --query 'images[0].imageId.imageDigest' --output text)"
        export DIGEST
      - printf '[{"name":"web","imageUri":"%s@%s"}]' "$REPOSITORY_URI" "$DIGEST" > imagedefinitions.json
artifacts:
  files:
    - imagedefinitions.json
"""


def test_a_build_logs_in_builds_pushes_and_hands_on_the_digest(registry: Registry, bench: Bench) -> None:
    uri = registry.create("shop/web")
    result = run_build(
        FULL_BUILD,
        source=bench.source,
        environment={"REPOSITORY_URI": uri},
        registry=registry,
        path=bench.work,
    )
    assert result.succeeded, result.log
    tag = COMMIT[:12]
    digest = registry.digest("shop/web", tag)
    assert registry.tags("shop/web") == (tag,)
    assert result.exported == {"IMAGE_TAG": tag, "DIGEST": digest}
    assert result.artifact is not None
    definitions = json.loads((result.artifact / "imagedefinitions.json").read_text())
    assert definitions == [{"name": "web", "imageUri": f"{uri}@{digest}"}]
    assert [words[0] for words in result.docker_commands] == ["login", "build", "tag", "push"]
    assert f"{tag}: digest: {digest}" in result.log
    assert registry.image_files("shop/web", str(digest)) == {"/greeting": b"hello\n"}
    config = registry.image_config("shop/web", tag)
    assert config["Labels"]["commit"] == COMMIT
    assert f"BUILT_FROM={COMMIT}" in config["Env"]
    assert not (bench.source / "imagedefinitions.json").exists()


@pytest.mark.parametrize(
    "login", [":", "echo guess | docker login --username AWS --password-stdin ${REPOSITORY_URI%%/*}"]
)
def test_a_build_that_has_not_logged_in_cannot_push(registry: Registry, bench: Bench, login: str) -> None:
    uri = registry.create("closed")
    result = bench.run(f"{login}; docker build -t {uri}:1 . && docker push {uri}:1", repository="closed")
    assert not result.succeeded
    assert "Not Authorized" in result.log or "authentication required" in result.log
    assert registry.tags("closed") == ()


def test_a_repository_that_nobody_created_takes_no_push(registry: Registry, bench: Bench) -> None:
    uri = registry.uri("forgotten")
    result = bench.run(LOGIN, f"docker build -t {uri}:1 .", f"docker push {uri}:1", repository="forgotten")
    assert not result.succeeded
    assert "The repository with name 'forgotten' does not exist in the registry" in result.log


@pytest.mark.parametrize("change", ["echo other > greeting", ":"])
def test_an_immutable_repository_rejects_a_tag_it_has(registry: Registry, bench: Bench, change: str) -> None:
    repository = f"fixed-{len(change)}"
    uri = registry.immutable(repository)
    push_one = (f"docker build -q -t {uri}:one .", f"docker push {uri}:one")
    result = bench.run(
        *(LOGIN, *push_one, f"docker tag {uri}:one {uri}:two", f"docker push -q {uri}:two"),
        *(f"echo kept; {change}", *push_one),
        repository=repository,
    )
    assert not result.succeeded
    words = (
        f"The image tag 'one' already exists in the '{repository}' repository "
        "and cannot be overwritten because the tag is immutable."
    )
    assert words in result.log.partition("kept")[2]
    assert registry.tags(repository) == ("one", "two")
    assert registry.image_files(repository, "one") == {"/greeting": b"hello\n"}


def test_a_mutable_repository_lets_a_tag_move(registry: Registry, bench: Bench) -> None:
    uri = registry.create("moving")
    push = (f"docker build -t {uri}:latest .", f"docker push {uri}:latest")
    result = bench.run(LOGIN, *push, "echo other > greeting", *push, repository="moving")
    assert result.succeeded, result.log
    assert registry.image_files("moving", "latest") == {"/greeting": b"other\n"}


def test_the_api_answers_as_ecr_does(registry: Registry, bench: Bench) -> None:
    uri = registry.create("asked")
    query = "--query 'images[0].imageId.imageDigest' --output text"
    result = bench.run(
        *(LOGIN, f"docker build -q -t {uri}:1 .", f"docker push -q {uri}:1"),
        f"echo absent: $(aws ecr batch-get-image --repository-name asked --image-ids imageTag=9 {query})",
        "aws ecr describe-images --repository-name asked --query 'imageDetails[0].imageTags' --output text",
        "aws ecr describe-images --repository-name asked --image-ids imageTag=9 || echo went on",
        "aws ecr batch-get-image --repository-name other --image-ids imageTag=9 || echo went on",
        "aws ecr list-images --repository-name asked",
        repository="asked",
    )
    assert "absent: None\n" in result.log
    assert f"\n{uri}:1\n" in result.log
    assert "(ImageNotFoundException)" in result.log
    assert "(RepositoryNotFoundException)" in result.log
    assert "(UnknownOperationException)" in result.log
    assert not result.succeeded


def test_a_failed_build_still_runs_post_build_but_gathers_nothing(bench: Bench) -> None:
    result = bench.run(
        *("touch file", "false", "echo not reached"),
        phases={"post_build": ("echo succeeding=$CODEBUILD_BUILD_SUCCEEDING", "export AFTER=yes")},
        more="""\
        env: {exported-variables: [AFTER, NEVER]}
        artifacts: {files: [file]}
        """,
    )
    assert not result.succeeded
    assert result.artifact is None
    assert "succeeding=0" in result.log
    assert "not reached\n" not in result.log
    assert "Command did not exit successfully false exit status 1" in result.log
    assert result.exported == {"AFTER": "yes"}


@pytest.mark.parametrize("phase", ["install", "pre_build"])
def test_a_failure_before_the_build_ends_it(bench: Bench, phase: str) -> None:
    result = bench.run("echo built", phases={phase: ("exit 3",), "post_build": ("echo posted",)})
    assert not result.succeeded
    assert "exit status 3" in result.log
    assert "built" not in result.log
    assert "posted" not in result.log


def test_abort_and_finally_are_honoured(bench: Bench) -> None:
    buildspec = """
    version: 0.2
    phases:
      build:
        on-failure: ABORT
        commands: ["false"]
        finally: ["echo finally=$CODEBUILD_BUILD_SUCCEEDING"]
      post_build:
        commands: ["echo posted"]
    """
    result = run_build(buildspec, source=bench.source, environment={}, registry=bench.registry, path=bench.work)
    assert not result.succeeded
    assert "finally=0" in result.log
    assert "posted" not in result.log


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_exports_and_the_directory_carry_over_and_nothing_else(bench: Bench, shell: str) -> None:
    result = bench.run(
        "mkdir below; cd below; export KEPT='two\nlines' LOST_NOT=1; LOST=1; set -u; greet() { :; }",
        "echo [$KEPT] [${LOST-}] [$UNSET] [$(basename $PWD)]; greet || echo no function",
        *("cd ..; false || true", "echo up: $(basename $PWD)"),
        phases={"install": ("export EARLY=yes",), "post_build": ("echo early=$EARLY; exit 0",)},
        more=f"env: {{shell: {shell}, exported-variables: [KEPT]}}",
    )
    assert result.succeeded, result.log
    assert "[two lines] [] [] [below]\n" in result.log
    assert "no function\n" in result.log
    assert "up: source\n" in result.log
    assert "early=yes\n" in result.log
    assert result.exported == {"KEPT": "two\nlines"}


def test_the_environment_has_only_variables_of_codebuild_and_the_project(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTER", "leaked")
    result = bench.run(
        "env",
        environment={"STAGE": "production"},
        more="env: {variables: {STAGE: test, COLOUR: 010}}",
    )
    assert "OUTER" not in result.log
    for line in ("STAGE=production", "COLOUR=010", "AWS_REGION=eu-west-1", "CODEBUILD_BUILD_SUCCEEDING=1"):
        assert f"\n{line}\n" in result.log
    assert f"CODEBUILD_RESOLVED_SOURCE_VERSION={COMMIT}" in result.log


def test_secondary_sources_and_artifacts_go_by_name(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "charts" / ".git").mkdir(parents=True)
    (tmp_path / "charts" / "chart").write_text("chart")
    result = bench.run(
        "mkdir -p out/deep; cp $CODEBUILD_SRC_DIR_Charts/chart out/deep/; touch out/flat",
        "ls -A $CODEBUILD_SRC_DIR_Charts",
        secondary_sources={"Charts": tmp_path / "charts"},
        more="""\
        artifacts:
          files: ["**/*"]
          base-directory: out
          secondary-artifacts:
            Flat: {files: ["out/**/*"], discard-paths: yes}
            Image: {files: [Dockerfile]}
        """,
    )
    assert result.succeeded, result.log
    assert _files(result.artifact) == {"deep/chart", "flat"}
    assert {name: _files(place) for name, place in result.secondary.items()} == {
        "Flat": {"chart", "flat"},
        "Image": {"Dockerfile"},
    }
    assert ".git" not in result.log


def test_a_missing_artifact_fails_the_build(bench: Bench) -> None:
    result = bench.run("true", more="artifacts: {files: [Dockerfile, absent.json]}")
    assert not result.succeeded
    assert result.artifact is None
    assert "no matching artifact paths found: absent.json" in result.log


@pytest.mark.parametrize(
    ("buildspec", "complaint"),
    [
        ("{version: 0.1, phases: {}}", "version 0.2"),
        ("{version: 0.2, phases: {biuld: {}}}", "'biuld'"),
        ("{version: 0.2, phases: {build: {on-failure: CONTINUE}}}", "'CONTINUE'"),
        ("{version: 0.2, phases: {build: {commands: [echo one: two]}}}", "has subkeys"),
        ("{version: 0.2, phases: {}, env: {parameter-store: {}}}", "parameter-store"),
        ("{version: 0.2, phases: {}, env: {shell: fish}}", "'fish'"),
        ("{version: 0.2, phases: {}, artifacts: {exclude-paths: [a]}}", "exclude-paths"),
    ],
)
def test_what_the_runner_cannot_honour_it_rejects(bench: Bench, buildspec: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        run_build(buildspec, source=bench.source, environment={}, registry=bench.registry, path=bench.work)


@pytest.mark.parametrize(
    ("before", "cache_to", "after"),
    [
        (":", "type=inline", "docker tag {uri}:local {uri}:cache; docker push {uri}:cache"),
        ("docker buildx create --use", "type=registry,ref={uri}:cache,mode=max", ":"),
    ],
)
def test_a_second_build_takes_its_layers_from_the_registry(
    registry: Registry, bench: Bench, before: str, cache_to: str, after: str
) -> None:
    uri = registry.create(f"cached-{len(cache_to)}")
    options = f"--cache-from type=registry,ref={uri}:cache --cache-to={cache_to}"
    build = f"docker build {options} --tag {uri}:local --tag elsewhere:local ."
    commands = tuple(command.format(uri=uri) for command in (before, build, after))
    first, second = (bench.run(LOGIN, *commands) for _ in range(2))
    assert first.succeeded, first.log
    assert second.succeeded, second.log
    assert f"importing cache manifest from {uri}:cache: not found" in first.log
    assert "Using cache" not in first.log
    assert "not found" not in second.log
    assert "Using cache" in second.log
    assert registry.tags(f"cached-{len(cache_to)}") == ("cache",)


def test_a_cache_export_needs_a_separate_builder(registry: Registry, bench: Bench) -> None:
    cache = f"--cache-to type=registry,ref={registry.create('plain')}:cache"
    result = bench.run(LOGIN, f"docker build {cache} .", repository="plain")
    assert not result.succeeded
    assert "Cache export is not supported for the docker driver" in result.log


def test_a_cache_tag_in_an_immutable_repository_never_moves(registry: Registry, bench: Bench) -> None:
    uri = registry.immutable("hard")
    build = f"docker build --cache-to type=registry,ref={uri}:cache"
    once = (LOGIN, "docker buildx create --use", f"{build} .")
    assert bench.run(*once, repository="hard").succeeded
    assert bench.run(*once[:2], f"{build},ignore-error=true .", repository="hard").succeeded
    result = bench.run(*once, repository="hard")
    assert not result.succeeded
    assert "The image tag 'cache' already exists" in result.log


def test_a_builder_keeps_its_images_by_default(registry: Registry, bench: Bench) -> None:
    uri = registry.create("kept")
    build = f"docker buildx build --provenance=false --build-arg COMMIT=1 -t {uri}"
    result = bench.run(
        *(LOGIN, "docker buildx create --use", f"{build}:pushed --push .", f"{build}:loaded --load ."),
        *(f"docker push {uri}:loaded", f"docker push {uri}:pushed"),
        repository="kept",
    )
    assert not result.succeeded
    assert registry.tags("kept") == ("loaded", "pushed")
    assert "pushed: digest" not in result.log


def test_a_label_follows_its_build_argument_within_one_build(registry: Registry, bench: Bench) -> None:
    uri = registry.create("labels")
    result = bench.run(
        LOGIN,
        *(f"docker build --build-arg COMMIT={n} -t {uri}:{n} . && docker push -q {uri}:{n}" for n in "12"),
        repository="labels",
    )
    assert result.succeeded, result.log
    assert [registry.image_config("labels", n)["Labels"]["commit"] for n in "12"] == ["1", "2"]


def test_docker_commands_come_back_word_by_word(bench: Bench) -> None:
    result = bench.run(
        "docker images --filter 'label=a b\nc' ''; docker buildx create",
        "docker inspect {{.RepoDigests}} || :",
    )
    assert result.docker_commands == (
        ("images", "--filter", "label=a b\nc", ""),
        ("buildx", "create"),
        ("inspect", "{{.RepoDigests}}"),
    )
    assert "ask ECR for the digest" in result.log


def test_the_machine_itself_is_left_alone(bench: Bench) -> None:
    before = _machine()
    result = bench.run("cat /etc/hosts; docker build -t here:1 .; docker images; ls -A /var/lib/containers")
    assert result.succeeded, result.log
    assert f" {bench.registry.host}\n" in result.log
    assert "localhost/here" in result.log
    assert _machine() == before


def _machine() -> tuple[str, dict[Path, float]]:
    containers = Path("/var/lib/containers")
    return Path("/etc/hosts").read_text(), {file: file.stat().st_mtime for file in containers.rglob("*")}


def _files(directory: Path | None) -> set[str]:
    assert directory is not None
    return {str(file.relative_to(directory)) for file in directory.rglob("*") if file.is_file()}
