"""The blueprints' examples, and what it takes to deploy and build them: like the examples of `examples/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.examples import CERTIFICATE, CONNECTION, LISTENER, NETWORK, ROOT, Example

DIRECTORY = ROOT / "blueprints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint(Example):
    """The example of a blueprint, by the blueprint's name."""

    @property
    def label(self) -> str:
        return f"blueprint-{self.name}"

    @property
    def directory(self) -> Path:
        return DIRECTORY / self.name

    @property
    def yaml(self) -> Path:
        return self.directory / "example.yaml"

    @property
    def golden_directory(self) -> Path:
        return self.directory / "golden"


_OWN = {"ConnectionArn": CONNECTION, "CertificateArn": CERTIFICATE, **NETWORK}
_SHARED = {
    "ConnectionArn": CONNECTION,
    "ListenerArn": LISTENER.format("shared"),
    "LoadBalancerSecurityGroup": "sg-0a1b2c3d4e5f60715",
    **NETWORK,
}

BLUEPRINTS = (
    Blueprint(
        name="ecs-rolling",
        stack="espresso-pipeline",
        before=("espresso-registry", "espresso-app"),
        parameters=_OWN,
        sources={"App": "rolling"},
        pushes=("espresso",),
    ),
    Blueprint(
        name="ecs-blue-green",
        stack="greeter-pipeline",
        before=("greeter-registry", "greeter-app"),
        parameters=_OWN,
        sources={"App": "blue_green"},
        pushes=("greeter",),
    ),
    Blueprint(
        name="ecs-native",
        stack="parcel-desk-pipeline",
        before=("parcel-desk-registry", "parcel-desk-app"),
        parameters=_OWN,
    ),
    Blueprint(
        name="ecs-shared-listener",
        stack="shelves-pipeline",
        before=("shelves-registry", "shelves-app"),
        parameters=_SHARED,
        sources={"App": "monorepo"},
        pushes=("shelves",),
    ),
    Blueprint(
        name="ecs-ec2",
        stack="warehouse-pipeline",
        before=("warehouse-registry", "warehouse-app"),
        parameters=_OWN,
    ),
    Blueprint(
        name="ecs-hooks",
        stack="quoter-pipeline",
        before=("quoter-registry", "quoter-app"),
        parameters=_OWN,
        sources={"App": "validated"},
        pushes=("quoter",),
    ),
    Blueprint(
        name="worker",
        stack="parcel-sorter-pipeline",
        before=("parcel-sorter-registry", "parcel-sorter-app"),
        parameters=NETWORK,
    ),
    Blueprint(
        name="monorepo",
        stack="orders-pipeline",
        before=("orders-registry", "orders-app"),
        parameters=_SHARED,
        sources={"App": "monorepo"},
        pushes=("orders",),
    ),
    Blueprint(
        name="promotion",
        stack="ledger-pipeline",
        before=("ledger-registry", "ledger-staging", "ledger-production"),
        parameters=_OWN,
        sources={"App": "promotion"},
        pushes=("ledger",),
    ),
    Blueprint(
        name="multi-image",
        stack="invoices-pipeline",
        before=("invoices-registry", "invoices-app"),
        parameters=_OWN,
        sources={"App": "validated"},
        pushes=("invoices", "invoices-proxy"),
    ),
)
"""Those that push nothing here are built by the very text that builds another: a test sees to it."""
