"""The examples, and what it takes to deploy and build them; every test that goes over all of them starts here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIRECTORY = ROOT / "examples"
GOLDEN = ROOT / "tests" / "golden"
TREES = ROOT / "tests" / "trees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example: its stem in `examples/`, its stack, the parameters it is deployed with.

    sources: for each source action, the directory in `tests/trees/` that it stands for.
    existing: the ECR repositories that are there before.
    """

    name: str
    stack: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    existing: tuple[str, ...] = ()

    @property
    def yaml(self) -> Path:
        return DIRECTORY / f"{self.name}.yaml"

    @property
    def python(self) -> Path:
        return DIRECTORY / f"{self.name}.py"

    @property
    def golden(self) -> Path:
        return GOLDEN / f"{self.stack}.yaml"


_CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e"
_LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/{0}/50dc6c495c0c9188/{0}"


EXAMPLES = (
    Example(
        name="rolling",
        stack="expresso-pipeline",
        parameters={
            "ConnectionArn": _CONNECTION,
            "ReleaseTopicArn": "arn:aws:sns:eu-west-1:123456789012:releases",
        },
        sources={"App": "rolling"},
    ),
    Example(
        name="ec2_rolling",
        stack="storefront-pipeline",
        parameters={"ConnectionArn": _CONNECTION},
        sources={"App": "ec2_rolling"},
        existing=("storefront", "storefront-cache"),
    ),
    Example(
        name="governed",
        stack="parcels-pipeline",
        parameters={"ConnectionArn": _CONNECTION},
        sources={"App": "governed"},
    ),
    Example(name="monorepo", stack="catalog-pipeline", sources={"Shop": "monorepo"}),
    Example(name="redeploy", stack="catalog-redeploy-pipeline", sources={"Latest": "redeploy"}),
    Example(
        name="sidecars",
        stack="billing-pipeline",
        parameters={
            "VpcId": "vpc-1",
            "PrivateSubnetA": "subnet-a",
            "PrivateSubnetB": "subnet-b",
            "BuildSecurityGroup": "sg-1",
            "Registry": "billing-proxy",
        },
        sources={"App": "sidecars", "Rates": "rates"},
        existing=("billing-proxy",),
    ),
    Example(
        name="blue_green",
        stack="web-shop-pipeline",
        parameters={
            "ConnectionArn": _CONNECTION,
            "StagingListener": _LISTENER.format("staging"),
            "ProductionListener": _LISTENER.format("production"),
        },
        sources={"App": "blue_green"},
    ),
    Example(
        name="validated",
        stack="quotes-pipeline",
        parameters={
            "ConnectionArn": _CONNECTION,
            "Listener": _LISTENER.format("shared"),
            "ProductionListener": _LISTENER.format("production"),
            "TestListener": _LISTENER.format("test"),
            "LoadBalancerName": "quotes.example.com",
        },
        sources={"App": "validated"},
    ),
    Example(
        name="ec2_blue_green",
        stack="inventory-pipeline",
        parameters={"ConnectionArn": _CONNECTION},
        sources={"App": "ec2_blue_green"},
        existing=("inventory",),
    ),
)
