"""The docker-build kind, through the command and really run: what its script does with odd values and odd states."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
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


@pytest.fixture
def run(pipegen: Pipegen, registry: Registry, tmp_path: Path) -> Any:
    """Render the definition with the command, then run the build that is in the template."""

    def run(data: dict[str, Any], source: Path, **options: Any) -> BuildResult:
        file = tmp_path / "app.yaml"
        file.write_text(yaml.safe_dump(data))
        rendered = pipegen("render", file, "--format", "json")
        assert rendered.returncode == 0, rendered.stderr
        project = json.loads(rendered.stdout)["Resources"]["ImageProject"]["Properties"]
        variables = project["Environment"]["EnvironmentVariables"]
        return run_build(
            project["Source"]["BuildSpec"],
            source=source,
            environment={variable["Name"]: variable["Value"] for variable in variables},
            registry=registry,
            work=tmp_path / "work",
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
    assert registry.image_config("hostile", COMMIT[:7])["Labels"]["a"] == HOSTILE
    assert result.artifact is not None
    [entry] = json.loads((result.artifact / f"{HOSTILE}.json").read_text())
    assert entry["imageUri"] == f"{registry.uri('hostile')}@{registry.digest('hostile', COMMIT[:7])}"
    extra = next(tag for tag in registry.tags("hostile") if tag != COMMIT[:7])
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
    assert "exists already: taking that image" in second.log
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
    assert [command[0] for command in second.docker_commands] == ["login", "pull", "tag", "push"]
    assert registry.digest("tagged", "1.4") == registry.digest("tagged", COMMIT[:7])


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
    layers = [registry.image_layers("cached", tag) for tag in ("1" * 7, "2" * 7)]
    assert layers[0][0] == layers[1][0]
    assert layers[0][1] != layers[1][1]
