"""The docker-build kind, through the command and really run: what its script does with odd values and odd states."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from tests.conftest import Pipegen
from tests.support.codebuild import COMMIT, BuildResult, run_build
from tests.support.registry import Registry

HOSTILE = "a 'b' \"c\" $(touch pwned) `touch pwned` ${HOME} $HOME; touch pwned #\\ |&"
PATH = HOSTILE.replace('"', "")  # podman, unlike docker, reads --file as CSV


def definition(images: list[dict[str, Any]], *, deploy: dict[str, Any] | None = None, **build: Any) -> dict[str, Any]:
    """A pipeline around one docker-build action."""
    source = {"kind": "s3", "name": "App", "bucket": "sources", "key": "app.zip"}
    service = {"kind": "ecs-deploy", "name": "Deploy", "cluster": "main", "service": "app", "roles": ["task"]}
    return {
        "name": "app",
        "pipeline": {
            "stages": [
                {"name": "Source", "actions": [source]},
                {"name": "Build", "actions": [{"kind": "docker-build", "name": "Image", "images": images, **build}]},
                {"name": "Deploy", "actions": [service | (deploy or {})]},
            ]
        },
    }


def tree(directory: Path, **files: str) -> Path:
    directory.mkdir(parents=True)
    (directory / "Dockerfile").write_text("FROM scratch\nARG A\nLABEL a=$A\nCOPY file /file\n")
    for name, text in {"file": "content", **files}.items():
        (directory / name).write_text(text)
    return directory


def verbs(result: BuildResult) -> list[str]:
    """What the build did with docker."""
    return [command[0] for command in result.docker_commands]


def image_of(result: BuildResult, registry: Registry) -> str:
    """The digest that a build hands on, which is there under the tag that it hands on."""
    repository, _, digest = result.exported["IMAGE_URI_APP"].partition("@")
    assert registry.digest(repository.partition("/")[2], result.exported["IMAGE_TAG"]) == digest
    return digest


@pytest.fixture
def run(pipegen: Pipegen, registry: Registry, tmp_path: Path) -> Any:
    """Render the definition with the command, then run the build that is in the template."""

    def run(
        data: dict[str, Any], source: Path, variables: Mapping[str, str] = MappingProxyType({}), **options: Any
    ) -> BuildResult:
        file = tmp_path / "app.yaml"
        file.write_text(yaml.safe_dump(data))
        rendered = pipegen("render", file, "--template-format", "json")
        assert rendered.returncode == 0, rendered.stderr
        project = json.loads(rendered.stdout)["Resources"]["ImageProject"]["Properties"]
        given = project["Environment"]["EnvironmentVariables"]
        return run_build(
            project["Source"]["BuildSpec"],
            source=source,
            environment={variable["Name"]: variable["Value"] for variable in given} | dict(variables),
            registry=registry,
            path=tmp_path / "work",
            **options,
        )

    return run


def test_hostile_values_reach_the_image_and_no_shell(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("hostile")
    context = tmp_path / "source" / PATH
    tree(context)
    (context / "Dockerfile").rename(context / PATH)
    data = definition(
        [
            {
                "container": "app",
                "repository": registry.uri("hostile"),
                "context": PATH,
                "dockerfile": f"{PATH}/{PATH}",
                "build_arguments": {"A": HOSTILE},
                "tags": [{"from_environment": "EXTRA"}],
            }
        ],
        deploy={"file_name": f"{HOSTILE}.json"},
        environment={"EXTRA": f"-.{HOSTILE}"},
    )
    result: BuildResult = run(data, tmp_path / "source")
    assert result.succeeded, result.log
    assert not list(tmp_path.rglob("pwned"))
    assert registry.image_config("hostile", COMMIT[:12])["Labels"]["a"] == HOSTILE
    assert result.artifact is not None
    [entry] = json.loads((result.artifact / f"{HOSTILE}.json").read_text())
    assert entry["imageUri"] == f"{registry.uri('hostile')}@{registry.digest('hostile', COMMIT[:12])}"
    extra = next(tag for tag in registry.tags("hostile") if tag != COMMIT[:12])
    assert extra == "a--b---c----touch-pwned---touch-pwned----HOME---HOME--touch-pwned------"


def test_the_tag_falls_back_to_the_build_number_without_a_commit(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("numbered")
    data = definition([{"container": "app", "repository": registry.uri("numbered")}])
    version = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"  # what CodeBuild gives for S3: a version, not a commit
    result: BuildResult = run(data, tree(tmp_path / "source"), commit=version, build_number=17)
    assert result.succeeded, result.log
    assert registry.tags("numbered") == ("build-17",)
    assert result.exported["IMAGE_TAG"] == "build-17"


def test_a_repository_that_turns_out_immutable_keeps_its_image(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("surprise")
    data = definition([{"container": "app", "repository": registry.uri("surprise"), "tags": ["stable"]}])
    first: BuildResult = run(data, tree(tmp_path / "one"))
    assert first.succeeded, first.log
    registry.immutable("surprise")
    second: BuildResult = run(data, tree(tmp_path / "two", file="other content"))
    assert second.succeeded, second.log
    assert "reusing the existing image" in second.log
    assert second.exported["IMAGE_URI_APP"] == first.exported["IMAGE_URI_APP"]
    assert registry.image_files("surprise", "stable")["/file"] == b"content"


def test_an_image_in_an_immutable_repository_gets_the_tags_it_lacks(
    run: Any, registry: Registry, tmp_path: Path
) -> None:
    repository = registry.create("tagged")
    registry.immutable("tagged")
    image = {"container": "app", "repository": {"name": registry.uri("tagged"), "immutable": True}}
    assert repository
    first: BuildResult = run(definition([image]), tree(tmp_path / "one"))
    second: BuildResult = run(definition([image | {"tags": ["1.4"]}]), tree(tmp_path / "two", file="other"))
    assert first.succeeded, first.log
    assert second.succeeded, second.log
    assert verbs(second) == ["login", "pull", "image", "tag", "push"]
    assert registry.digest("tagged", "1.4") == registry.digest("tagged", COMMIT[:12])


def test_no_image_is_pushed_when_one_of_them_cannot_be_built(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("good")
    registry.create("bad")
    source = tree(tmp_path / "source")
    (source / "broken").write_text("FROM scratch\nCOPY missing /missing\n")
    data = definition(
        [
            {"container": "good", "repository": registry.uri("good")},
            {"container": "bad", "repository": registry.uri("bad"), "dockerfile": "broken"},
        ]
    )
    result: BuildResult = run(data, source)
    assert not result.succeeded
    assert "push" not in [command[0] for command in result.docker_commands]
    assert registry.tags("good") == ()


def test_a_push_that_fails_fails_the_build(run: Any, registry: Registry, tmp_path: Path) -> None:
    data = definition([{"container": "app", "repository": registry.uri("nowhere")}])
    result: BuildResult = run(data, tree(tmp_path / "source"))
    assert not result.succeeded
    assert result.artifact is None


def test_a_second_build_takes_layers_from_the_cache_repository(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("cached")
    registry.create("layers")
    source = tree(tmp_path / "source")
    (source / "Dockerfile").write_text("FROM scratch\nCOPY file /file\nCOPY late /late\n")
    (source / "late").write_text("one")
    image = {"container": "app", "repository": registry.uri("cached")}
    data = definition([image], cache_repository=registry.uri("layers"))
    first: BuildResult = run(data, source, commit="1" * 40)
    shutil.rmtree(tmp_path / "work")
    (source / "late").write_text("two")
    second: BuildResult = run(data, source, commit="2" * 40)
    assert first.succeeded, first.log
    assert second.succeeded, second.log
    assert "Using cache" in second.log or "Cache pulled from remote" in second.log
    layers = [registry.image_layers("cached", tag) for tag in ("1" * 12, "2" * 12)]
    assert layers[0][0] == layers[1][0]
    assert layers[0][1] != layers[1][1]


def test_commits_with_the_same_prefix_get_different_images(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.immutable("alike")
    data = definition([{"container": "app", "repository": registry.uri("alike")}])
    commits = [COMMIT, COMMIT[:12] + "f" * 28]
    first, second = (run(data, tree(tmp_path / commit, file=commit), commit=commit) for commit in commits)
    assert first.succeeded, first.log
    assert second.succeeded, second.log
    assert f"{COMMIT[:12]} is a different image: it was built from commit {COMMIT}" in second.log
    assert first.exported["IMAGE_TAG"] == COMMIT[:12]
    assert second.exported["IMAGE_TAG"].startswith(f"{COMMIT[:12]}-")
    assert image_of(first, registry) != image_of(second, registry)
    assert registry.image_files("alike", second.exported["IMAGE_TAG"])["/file"] == commits[1].encode()
    labels = registry.image_config("alike", COMMIT[:12])["Labels"]
    assert labels["org.opencontainers.image.revision"] == COMMIT


@pytest.mark.parametrize("immutable", [True, False])
def test_two_definitions_that_push_to_one_repository_never_take_each_others_image(
    run: Any, registry: Registry, tmp_path: Path, immutable: bool
) -> None:
    name = f"shared-{immutable}".lower()
    registry.create(name)
    if immutable:
        registry.immutable(name)
    source = tree(tmp_path / "source")
    image = {"container": "app", "repository": registry.uri(name)}
    staging, production = (definition([image | {"build_arguments": {"A": each}}]) for each in ("staging", "production"))
    runs: list[BuildResult] = [run(data, source) for data in (staging, production, staging, production)]
    assert all(each.succeeded for each in runs), [each.log for each in runs]
    assert [image_of(each, registry) for each in runs[2:]] == [image_of(each, registry) for each in runs[:2]]
    stages = [registry.image_config(name, each.exported["IMAGE_TAG"])["Labels"]["a"] for each in runs]
    assert stages == ["staging", "production", "staging", "production"]
    assert ["build" in verbs(each) for each in runs] == [True, True, False, False]
    assert "it was built with other settings" in runs[1].log
    assert len(registry.tags(name)) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"before": ["cp other file"]},
        {"before": ['echo "$STAGE" > file'], "environment": {"STAGE": "production"}},
        {"before": ["export B=production"], "images": {"build_arguments": {"A": {"from_environment": "B"}}}},
        {"images": {"dockerfile": "other.dockerfile"}},
        {"images": {"target": "two"}},
    ],
    ids=["before", "environment", "exported", "dockerfile", "target"],
)
def test_what_an_image_is_made_of_tells_it_from_others(
    run: Any, registry: Registry, tmp_path: Path, other: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    name = f"made-{request.node.callspec.id}"
    registry.immutable(name)
    source = tree(tmp_path / "source", other="other")
    text = "FROM scratch AS two\nCOPY other /file\nFROM scratch AS one\nARG A\nLABEL a=$A\nCOPY file /file\n"
    (source / "Dockerfile").write_text(text)
    (source / "other.dockerfile").write_text("FROM scratch\nCOPY other /file\n")
    image: dict[str, Any] = {"container": "app", "repository": registry.uri(name), "build_arguments": {"A": "staging"}}
    build: dict[str, Any] = {"before": ["export B=staging"], "environment": {"STAGE": "staging"}}
    changed = {key: value for key, value in other.items() if key != "images"}
    first: BuildResult = run(definition([image], **build), source)
    second: BuildResult = run(definition([image | other.get("images", {})], **build | changed), source)
    assert first.succeeded, first.log
    assert second.succeeded, second.log
    assert image_of(first, registry) != image_of(second, registry)
    assert registry.digest(name, COMMIT[:12]) == image_of(first, registry)


def test_one_commit_built_twice_keeps_its_image_where_latest_moves(
    run: Any, registry: Registry, tmp_path: Path
) -> None:
    registry.create("moving")
    data = definition([{"container": "app", "repository": registry.uri("moving"), "tags": ["latest"]}])
    source = tree(tmp_path / "source")
    first: BuildResult = run(data, source)
    newer: BuildResult = run(data, source, commit="9" * 40)
    again: BuildResult = run(data, source)
    assert again.succeeded, again.log
    assert "build" not in verbs(again)
    assert image_of(again, registry) == image_of(first, registry) != image_of(newer, registry)
    assert registry.digest("moving", "latest") == image_of(first, registry)
    assert registry.digest("moving", "9" * 12) == image_of(newer, registry)


def test_an_image_without_a_label_is_never_taken(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("unlabelled")
    data = definition([{"container": "app", "repository": registry.uri("unlabelled")}])
    source = tree(tmp_path / "source")
    by_hand = f'docker build --tag "$REPOSITORY_APP:{COMMIT[:12]}" .\ndocker push "$REPOSITORY_APP:{COMMIT[:12]}"'
    login = "aws ecr get-login-password | docker login --username AWS --password-stdin ${REPOSITORY_APP%%/*}"
    made = definition([{"container": "app", "repository": registry.uri("unlabelled")}], before=[login, by_hand])
    result: BuildResult = run(made, source)
    assert result.succeeded, result.log
    assert "it has no label with its commit" in result.log
    assert result.exported["IMAGE_TAG"] != COMMIT[:12]
    again: BuildResult = run(data, source)
    assert again.succeeded, again.log
    assert registry.digest("unlabelled", COMMIT[:12]) not in (image_of(result, registry), image_of(again, registry))


RACE = """\
#!/bin/bash
set -e
docker=$(PATH=${PATH#*:} command -v docker)
if [[ $1 == push && ! -e $HOME/raced ]]; then
  touch "$HOME/raced"
  if [[ -e other ]]; then "$docker" build --tag "$2" --file other .; fi
  "$docker" push "$2"
fi
exec "$docker" "$@"
"""
"""docker, in a build whose first push another build comes before."""


@pytest.mark.parametrize("same", [True, False])
def test_an_image_pushed_by_another_build_meanwhile_is_taken_if_it_is_the_same(
    run: Any, registry: Registry, tmp_path: Path, same: bool
) -> None:
    name = f"race-{same}".lower()
    registry.immutable(name)
    source = tree(tmp_path / "source")
    if not same:
        (source / "other").write_text("FROM scratch\nCOPY file /other\n")
    (tmp_path / "programs").mkdir()
    docker = tmp_path / "programs" / "docker"
    docker.write_text(RACE)
    docker.chmod(0o755)
    data = definition([{"container": "app", "repository": registry.uri(name)}])
    result: BuildResult = run(data, source, programs=tmp_path / "programs")
    assert result.succeeded is same, result.log
    assert (f"{COMMIT[:12]} is a different image: it has no label" in result.log) is not same
    if same:
        image_of(result, registry)


def test_two_images_of_a_build_are_never_pushed_to_one_repository(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("twice")
    images: list[dict[str, Any]] = [{"container": each, "repository": registry.uri("twice")} for each in ("app", "web")]
    images[1]["repository"] = {"name": "twice", "account": "123456789012", "region": {"Ref": "AWS::Region"}}
    uri = registry.uri("twice")
    result: BuildResult = run(definition(images), tree(tmp_path / "source"), variables={"REPOSITORY_WEB": uri})
    assert not result.succeeded
    assert f"two images of this build have the same repository: {uri}" in result.log


def rootfs(directory: Path) -> None:
    """A shell and what it is linked to: enough for RUN in an image from scratch."""
    shell = Path("/bin/dash").resolve()
    linked = subprocess.run(["ldd", shell], capture_output=True, text=True, check=True).stdout
    for file in (str(shell), *re.findall(r"/\S+", linked)):
        target = directory / file.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    (directory / "bin").mkdir(exist_ok=True)
    shutil.copy2(shell, directory / "bin" / "sh")


SECRET = """\
FROM scratch
COPY rootfs /
RUN --mount=type=secret,id=npm read -r token < /run/secrets/npm; echo "${#token} characters" > /seen
"""


def test_a_secret_reaches_the_build_and_neither_image_history_nor_log(
    run: Any, registry: Registry, tmp_path: Path
) -> None:
    registry.create("secretive")
    source = tree(tmp_path / "source")
    rootfs(source / "rootfs")
    (source / "Dockerfile").write_text(SECRET)
    image: dict[str, Any] = {"container": "app", "repository": registry.uri("secretive")}
    image |= {"secrets": {"npm": {"from_environment": "NPM_TOKEN"}}}
    data = definition([image], environment={"NPM_TOKEN": {"secrets_manager": "build/npm"}})
    result: BuildResult = run(data, source, variables={"NPM_TOKEN": "n0t-to-be-seen"})
    assert result.succeeded, result.log
    files = registry.image_files("secretive", COMMIT[:12])
    assert files["/seen"] == b"14 characters\n"
    assert not [name for name, content in files.items() if b"n0t-to-be-seen" in content]
    assert "n0t-to-be-seen" not in json.dumps(registry.image_history("secretive", COMMIT[:12]))
    assert "n0t-to-be-seen" not in result.log


def test_a_secret_that_is_not_set_fails_the_build_by_its_name(run: Any, registry: Registry, tmp_path: Path) -> None:
    registry.create("unset")
    image: dict[str, Any] = {"container": "app", "repository": registry.uri("unset")}
    image |= {"secrets": {"npm": {"from_environment": "NPM_TOKEN"}}}
    result: BuildResult = run(definition([image], before=["true"]), tree(tmp_path / "source"))
    assert not result.succeeded
    assert "NPM_TOKEN: is not set; a secret of app requires it" in result.log
