"""The cloud that tests deploy to: a server of its own, and the real CLI without the user's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cloud import Cloud, start_cloud
from tests.support.deployed import written

pytestmark = pytest.mark.slow

EXPORTING = """\
Resources: {Topic: {Type: AWS::SNS::Topic}}
Outputs: {Topic: {Value: !Ref Topic, Export: {Name: topic}}}
"""


def test_the_users_own_configuration_is_not_read(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    (tmp_path / ".aws/cli").mkdir(parents=True)
    (tmp_path / ".aws/cli/alias").write_text("[toplevel]\nsts = help\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cloud.aws_json("sts", "get-caller-identity")["Account"] == cloud.account


def test_a_reset_forgets_everything_and_the_end_stops_the_server(tmp_path: Path) -> None:
    with start_cloud() as passing:
        passing.deploy(written(tmp_path, EXPORTING), "shared")
        passing.reset()
        assert passing.aws_json("cloudformation", "list-exports") == {"Exports": []}
        passing.deploy(written(tmp_path, EXPORTING), "shared")
    with pytest.raises(ConnectionRefusedError):
        passing.reset()
