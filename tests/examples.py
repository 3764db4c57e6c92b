"""The examples, and what it takes to deploy and build them; every test that goes over all of them starts here.

Those of blueprints are in `tests/blueprints.py`; most tests take both.
"""

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
    """One example: its stem in `examples/`, its pipeline's stack, the parameters it is deployed with.

    before: the stacks that are deployed before it, in their order.
    sources: for each source action, the directory in `tests/trees/` that it stands for.
    existing: the ECR repositories that are there before.
    pushes: the repositories that its stacks make and its builds push to. Without any, its builds are those of another
        example, or have tests of their own.
    several_accounts: whether it is deployed to several accounts, in `end_to_end/test_accounts_deployed.py`.
    following: its builds that follow a deployment, which have tests of their own.
    """

    name: str
    stack: str
    before: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    existing: tuple[str, ...] = ()
    pushes: tuple[str, ...] = ()
    following: tuple[str, ...] = ()
    several_accounts: bool = False

    @property
    def label(self) -> str:
        """What a test of it is called."""
        return self.name

    @property
    def yaml(self) -> Path:
        return DIRECTORY / f"{self.name}.yaml"

    @property
    def python(self) -> Path:
        return DIRECTORY / f"{self.name}.py"

    @property
    def golden_directory(self) -> Path:
        return GOLDEN

    @property
    def stacks(self) -> tuple[str, ...]:
        """Its stacks in the order of deployment."""
        return (*self.before, self.stack)

    @property
    def goldens(self) -> tuple[Path, ...]:
        return tuple(self.golden_directory / f"{stack}.yaml" for stack in self.stacks)

    @property
    def golden(self) -> Path:
        """The pipeline's."""
        return self.goldens[-1]


CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/{0}/50dc6c495c0c9188/{0}"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/8e3b7a54-6f4c-4f0e-9a55-0f6b7a1d9b0e"
TEAMS_CHANNEL = "arn:aws:chatbot::123456789012:chat-configuration/microsoft-teams-channel/operations"
NETWORK = {
    "VpcId": "vpc-0a1b2c3d4e5f60718",
    "Subnets": "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60712",
    "PublicSubnets": "subnet-0a1b2c3d4e5f60713,subnet-0a1b2c3d4e5f60714",
    "PrivateSubnets": "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60712",
}
"""The network that services are deployed into; the cloud on loopback gets real ones in their place."""

EXAMPLES = (
    Example(
        name="rolling",
        stack="expresso-pipeline",
        parameters={
            "ConnectionArn": CONNECTION,
            "ReleaseTopicArn": "arn:aws:sns:eu-west-1:123456789012:releases",
        },
        sources={"App": "rolling"},
    ),
    Example(
        name="ec2_rolling",
        stack="storefront-pipeline",
        parameters={"ConnectionArn": CONNECTION},
        sources={"App": "ec2_rolling"},
        existing=("storefront", "storefront-cache"),
    ),
    Example(
        name="governed",
        stack="parcels-pipeline",
        parameters={"ConnectionArn": CONNECTION},
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
            "ConnectionArn": CONNECTION,
            "StagingListener": LISTENER.format("staging"),
            "ProductionListener": LISTENER.format("production"),
        },
        sources={"App": "blue_green"},
    ),
    Example(
        name="validated",
        stack="quotes-pipeline",
        parameters={
            "ConnectionArn": CONNECTION,
            "Listener": LISTENER.format("shared"),
            "ProductionListener": LISTENER.format("production"),
            "TestListener": LISTENER.format("test"),
            "LoadBalancerName": "quotes.example.com",
        },
        sources={"App": "validated"},
    ),
    Example(
        name="ec2_blue_green",
        stack="inventory-pipeline",
        parameters={"ConnectionArn": CONNECTION},
        sources={"App": "ec2_blue_green"},
        existing=("inventory",),
    ),
    Example(
        name="service_blue_green",
        stack="greeter-pipeline",
        before=("greeter-registry", "greeter-staging", "greeter-production"),
        parameters={"ConnectionArn": CONNECTION, "CertificateArn": CERTIFICATE, **NETWORK},
        sources={"App": "blue_green"},
        pushes=("greeter",),
    ),
    Example(
        name="service_validated",
        stack="quoter-pipeline",
        before=("quoter-registry", "quoter-production"),
        parameters={
            "ConnectionArn": CONNECTION,
            "CertificateArn": CERTIFICATE,
            "SmokeTestArn": "arn:aws:lambda:eu-west-1:123456789012:function:smoke-test",
            **NETWORK,
        },
        sources={"App": "validated"},
        pushes=("quoter", "quoter-proxy"),
    ),
    Example(
        name="service_rolling",
        stack="espresso-pipeline",
        before=("espresso-registry", "espresso-staging", "espresso-production"),
        parameters=NETWORK,
        sources={"App": "rolling"},
        pushes=("espresso",),
    ),
    Example(
        name="service_ec2",
        stack="warehouse-pipeline",
        before=("warehouse-registry", "warehouse-test", "warehouse-production"),
        parameters={"ConnectionArn": CONNECTION, **NETWORK},
        sources={"App": "ec2_blue_green"},
        pushes=("warehouse",),
    ),
    Example(
        name="service_shared_listener",
        stack="shelves-pipeline",
        before=("shelves-registry", "shelves-catalog", "shelves-search"),
        parameters={"ListenerArn": LISTENER.format("shared"), **NETWORK},
        sources={"Shop": "monorepo"},
        pushes=("shop/shelves",),
    ),
    Example(
        name="service_canary",
        stack="parcel-desk-pipeline",
        before=("parcel-desk-registry", "parcel-desk-worker", "parcel-desk-web"),
        parameters={"ConnectionArn": CONNECTION, "CertificateArn": CERTIFICATE, **NETWORK},
        sources={"App": "governed"},
        pushes=("parcel-desk",),
        following=("Web",),
    ),
    Example(
        name="guarded_service",
        stack="booking-pipeline",
        before=("booking-registry", "booking-api"),
        parameters={
            "ConnectionArn": CONNECTION,
            "CertificateArn": CERTIFICATE,
            "HostedZoneId": "Z0123456789ABCDEFGHIJ",
            "AlarmTopicArn": "arn:aws:sns:eu-west-1:123456789012:alarms",
            "EncryptionKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f",
            **NETWORK,
        },
        sources={"App": "governed"},
        pushes=("booking",),
        following=("Deploy",),
    ),
    Example(
        name="extra_resources",
        stack="tickets-pipeline",
        before=("tickets-registry", "ticket-desk"),
        parameters={
            "ConnectionArn": CONNECTION,
            "CertificateArn": CERTIFICATE,
            "OperationsTopicArn": "arn:aws:sns:eu-west-1:123456789012:operations",
            "WebAclArn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/company/473e64fd-f30b-4765",
            **NETWORK,
        },
        sources={"App": "rolling"},
        pushes=("tickets",),
    ),
    Example(
        name="notifications",
        stack="invoices-pipeline",
        parameters={
            "OperationsChannelArn": TEAMS_CHANNEL,
            "TicketsFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:tickets",
        },
        sources={"App": "rolling"},
    ),
    Example(
        name="actions",
        stack="handbook-pipeline",
        parameters={"SiteBucket": "handbook-site", "ProductId": "prod-a1b2c3d4e5f6g"},
        sources={"App": "rolling"},
    ),
    Example(
        name="accounts",
        stack="orders-pipeline",
        before=(
            "orders-support-111111111111-eu-west-1",
            "orders-support-111111111111-eu-central-1",
            "orders-support-222222222222-eu-west-1",
            "orders-support-333333333333-eu-central-1",
            "orders-registry",
            "orders-staging",
            "orders-production",
        ),
        parameters={"ConnectionArn": CONNECTION, **NETWORK},
        sources={"App": "rolling"},
        pushes=("orders",),
        several_accounts=True,
    ),
)
