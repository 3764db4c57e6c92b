"""The order in which a service that was removed from a definition is deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.examples import ROOT
from tests.support.command import run

REMOVED = """\
# out/greeter-old.yaml is not rendered any more. If its service was removed, deploy the stack of
# the pipeline first, then delete the stack of the service, and deploy the stack of the registry last:
# aws cloudformation delete-stack --stack-name greeter-old
"""


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples" / "service_blue_green.yaml", "greeter.yaml")
    assert run("render", "greeter.yaml", "-o", "out").exit_code == 0
    return Path("out")


def test_the_stack_of_a_removed_service_is_named_with_the_order_of_deletion(out: Path) -> None:
    shutil.copy(out / "greeter-production.yaml", out / "greeter-old.yaml")
    assert REMOVED in run("render", "greeter.yaml", "-o", "out").stderr
    assert (out / "greeter-old.yaml").exists()


def test_templates_of_other_definitions_and_other_files_are_not_named(out: Path) -> None:
    other = (out / "greeter-production.yaml").read_text().replace("from greeter.yaml", "from other.yaml", 1)
    (out / "greeter-other.yaml").write_text(other)
    (out / "greeter-notes.yaml").write_text("a: b\n")
    (out / "greeter-directory.yaml").mkdir()
    shutil.copy(out / "greeter-production.yaml", out / "shop-production.yaml")
    assert "not rendered any more" not in run("render", "greeter.yaml", "-o", "out").stderr
