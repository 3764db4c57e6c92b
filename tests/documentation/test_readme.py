"""What the README shows is true: its snippets run, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from shutil import copytree

import pytest

from tests.conftest import Pipegen
from tests.examples import ROOT

README = (ROOT / "README.md").read_text()


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_first_pipeline_is_the_same_in_yaml_and_python(pipegen: Pipegen, tmp_path: Path) -> None:
    in_yaml, in_python = snippets("yaml")[0], snippets("python")[0]
    (tmp_path / "orders.yaml").write_text(in_yaml)
    (tmp_path / "orders.py").write_text(in_python)
    rendered = [pipegen("render", file) for file in ("orders.yaml", "orders.py")]
    assert [each.returncode for each in rendered] == [0, 0], rendered[0].stderr + rendered[1].stderr
    assert rendered[0].stdout.replace("orders.yaml", "") == rendered[1].stdout.replace("orders.py", "")
    assert "warning" not in rendered[0].stderr


def test_the_blue_green_deploy_renders(pipegen: Pipegen, tmp_path: Path) -> None:
    definition, *others = snippets("yaml")
    [action] = [snippet for snippet in others if snippet.startswith("kind: codedeploy-ecs")]
    deploy = definition.index("    - name: Production")
    indented = textwrap.indent(action, "          ").replace("          kind:", "        - kind:", 1)
    stage = f"    - name: Production\n      actions:\n{indented}"
    text = definition[:deploy].replace("parameters:\n", "parameters:\n  Listener: {Type: String}\n") + stage
    (tmp_path / "orders.yaml").write_text(text)
    rendered = pipegen("render", "orders.yaml")
    assert (rendered.returncode, "warning" in rendered.stderr) == (0, False), rendered.stderr
    assert "CanaryPercentage: 10" in rendered.stdout


def test_the_build_with_a_secret_renders(pipegen: Pipegen, tmp_path: Path) -> None:
    definition, *others = snippets("yaml")
    [build] = [snippet for snippet in others if snippet.startswith("kind: docker-build")]
    start, end = (
        definition.index("    - name: Build"),
        definition.index("    - name: ", definition.index("- name: Build") + 1),
    )
    action = textwrap.indent(build, "          ").replace(
        "          kind:", "        - name: Image\n          kind:", 1
    )
    stage = f"    - name: Build\n      actions:\n{action}"
    (tmp_path / "orders.yaml").write_text(definition[:start] + stage + definition[end:])
    rendered = pipegen("render", "orders.yaml")
    assert (rendered.returncode, "warning" in rendered.stderr) == (0, False), rendered.stderr
    assert '--secret "id=npm,env=NPM_TOKEN"' in rendered.stdout


def test_the_service_renders_and_the_pipeline_names_it_by_its_key(pipegen: Pipegen, tmp_path: Path) -> None:
    definition, services, *_ = snippets("yaml")
    network = """
  VpcId: {Type: "AWS::EC2::VPC::Id"}
  PublicSubnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  PrivateSubnets: {Type: "List<AWS::EC2::Subnet::Id>"}
"""
    definition = definition.replace("parameters:\n", f"parameters:{network}")
    old = "cluster: main, service: orders, roles: [orders-task, orders-exec]"
    assert old in definition
    (tmp_path / "orders.yaml").write_text(definition.replace(old, "service: production") + services)
    rendered = pipegen("render", "orders.yaml", "-o", "out")
    assert (rendered.returncode, "warning" in rendered.stderr) == (0, False), rendered.stderr
    assert sorted(file.stem for file in (tmp_path / "out").iterdir()) == [
        "orders-pipeline",
        "orders-production",
        "orders-registry",
    ]


def test_ten_lines_are_a_service(pipegen: Pipegen, tmp_path: Path) -> None:
    service = snippets("yaml")[2]
    assert len(service.splitlines()) <= 10
    (tmp_path / "orders.yaml").write_text(service)
    rendered = pipegen("render", "orders.yaml", "-o", "out")
    assert (rendered.returncode, "warning" in rendered.stderr) == (0, False), rendered.stderr
    assert sorted(file.stem for file in (tmp_path / "out").iterdir()) == [
        "orders-app",
        "orders-pipeline",
        "orders-registry",
    ]


def test_the_library_snippet_runs(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(snippets("yaml")[0])
    command = [sys.executable, "-c", snippets("python")[1]]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("orders-pipeline "), ran.stderr


@pytest.mark.slow
def test_every_command_of_the_readme_runs(pipegen: Pipegen, tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(snippets("yaml")[0])
    web = (ROOT / "tests" / "support" / "web.yaml").read_text()
    (tmp_path / "web.yaml").write_text(re.sub("^ +(platform_version|after_install): .*\n", "", web, flags=re.MULTILINE))
    copytree(ROOT / "examples" / "fleet", tmp_path / "examples" / "fleet")
    lines = [line for snippet in snippets("sh") for line in snippet.splitlines() if line.startswith("pipegen ")]
    assert len(lines) >= 4
    for line in lines:
        words = re.split(r"\s+#|\s+>", line)[0].split()[1:]
        ran = pipegen(*words)
        assert ran.returncode == 0, ran.stderr


def test_the_first_screen_says_what_is_missing() -> None:
    """A reader decides here; the limits that decide are not further down."""
    screen = " ".join(" ".join(README.splitlines()[:30]).replace(">", "").split())
    for decisive in ("Nothing that pipegen renders has been deployed to AWS", "one account", "not published on PyPI"):
        assert decisive in screen
