"""The simulator of IAM, started once."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.simulator import Simulator, missing, start_simulator


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    reason = missing()
    if reason is not None:
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    with start_simulator() as simulator:
        yield simulator
