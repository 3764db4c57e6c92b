"""Every block of YAML in the documentation renders: as it is, or in a small definition that has what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from pipegen.definition import Definition
from pipegen.loading.fleet import FleetData
from pipegen.loading.yaml.parsing import parse
from tests.documentation.pages import WRITTEN
from tests.examples import ROOT
from tests.support.command import run

# A block that begins with a path is one file of a fleet that the page shows whole; test_docs.py renders that. One that
# begins with `jobs` is a GitHub workflow.
BLOCK = re.compile(r"```yaml\n(?!# \S+/\S+|# pipegen\.yaml\ndefinitions:|jobs:)(.*?)```", re.DOTALL)

BUILD = "{kind: docker-build, name: Image, images: [{container: app, repository: orders}]}"
DEPLOY = "{kind: ecs-deploy, name: Deploy, cluster: main, service: orders, roles: [orders-task]}"
PIPELINE = """\
pipeline:
  stages:
    - name: Source
      actions: [{{kind: codecommit, name: App, repository: orders, branch: main}}]
    - name: Build
      actions:
{build}
    - name: Production
      actions:
{deploy}
"""
BLUEPRINT_USER = "blueprint: ecs-rolling\nwith: {service: cart, repository: acme/cart, port: 3000}\n"
PROMOTED = "blueprint: promotion\nwith: {service: cart, repository: acme/cart, deploy_to: [staging, production]}\n"


def blocks() -> Iterator[Any]:
    for page in (each for each in WRITTEN if each.name != "tutorial.md"):  # which has a test of its own
        text = page.read_text()
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            yield pytest.param(block[1], id=f"{page.relative_to(ROOT)}:{line}")


def pipeline(build: str = BUILD, deploy: str = DEPLOY) -> str:
    return PIPELINE.format(build=item(build), deploy=item(deploy))


def item(action: str) -> str:
    """An action as an item of the list in PIPELINE; a list of them is one."""
    listed = action if action.startswith("- ") else f"- {indent(action, '  ').lstrip()}"
    return indent(listed, "        ").rstrip("\n")


def completed(text: str) -> str:
    """The definition around a block: what the block shows, and the least of what it does not."""
    data = parse(text, "block").data
    action, *_ = data if isinstance(data, list) else [data]
    named = text if "name" in action or "kind" not in action else f"{text.rstrip()}\nname: Image\n"
    if action.get("kind") == "docker-build":
        made = "name: orders\n" + pipeline(build=named)
    elif "kind" in action:
        made = "name: orders\n" + pipeline(deploy=named)
    elif data.get("pipeline") == "…":
        made = text.replace("pipeline: …\n", pipeline())
    elif text.endswith("# … and the stages\n"):
        made = f"name: orders\n{text}{pipeline().removeprefix('pipeline:')}"
    elif "pipeline" not in data and "blueprint" not in data:
        deploy = re.search(r"# … and in the pipeline: (\{.*\})", text)
        made = f"name: orders\n{text}{pipeline(deploy=deploy[1])}" if deploy else BLUEPRINT_USER + text
    else:
        made = text
    return made + "".join(declarations(made))


def declarations(text: str) -> Iterator[str]:
    """The parameters that a text refers to and does not declare."""
    names = sorted(set(re.findall(r"!Ref (\w+)", text)))
    if names and not re.search("^parameters:", text, re.MULTILINE):
        yield "parameters:\n"
        yield from (f"  {name}: {{Type: {parameter_type(name)}}}\n" for name in names)


def parameter_type(name: str) -> str:
    return '"List<AWS::EC2::Subnet::Id>"' if name.endswith("Subnets") else "String"


def is_of_a_fleet(text: str) -> bool:
    data = parse(text, "block").data
    keys = set(data) if isinstance(data, dict) else set()
    return (
        bool(keys) and keys <= set(FleetData.__dataclass_fields__) and not keys <= set(Definition.__dataclass_fields__)
    )


@pytest.mark.parametrize("text", list(blocks()))
def test_it_renders_without_a_warning(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if "# pipegen.yaml" in text or is_of_a_fleet(text):
        (tmp_path / "pipegen.yaml").write_text(text)
        (tmp_path / "services").mkdir()
        (tmp_path / "services" / "cart.yaml").write_text(PROMOTED if "pipelines:" in text else BLUEPRINT_USER)
        rendered = run("render", ".", *(() if "output:" in text else ("-o", "out")))
    else:
        (tmp_path / "orders.yaml").write_text(completed(text))
        rendered = run("render", "orders.yaml", "-o", "out")
    assert rendered.exit_code == 0, rendered.stderr
    assert "warning" not in rendered.stderr, rendered.stderr


def test_there_are_blocks_of_every_sort() -> None:
    texts = [each.values[0] for each in blocks()]
    assert len(texts) >= 9
    for begin in (
        "name: ",
        "services:",
        "kind: codedeploy-ecs",
        "- kind: ",
        "blueprint: ",
        "render:",
        "# pipegen.yaml",
    ):
        assert any(text.startswith(begin) for text in texts), begin
