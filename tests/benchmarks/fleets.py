"""Fleets of any size, for benchmarks and tests."""

from __future__ import annotations

from pathlib import Path

FLEET = """\
environments:
  development:
    account: "111111111111"
    region: eu-west-1
    parameters: &parameters
      VpcId: vpc-0a1b2c3d4e5f60718
      PublicSubnets: subnet-0a1b2c3d4e5f60713,subnet-0a1b2c3d4e5f60714
      PrivateSubnets: subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60712
      ConnectionArn: arn:aws:codeconnections:eu-west-1:111111111111:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e
      CertificateArn: arn:aws:acm:eu-west-1:111111111111:certificate/8e3b7a54-6f4c-4f0e-9a55-0f6b7a1d9b0e
  staging:
    account: "222222222222"
    region: eu-west-1
    parameters:
      <<: *parameters
      ConnectionArn: arn:aws:codeconnections:eu-west-1:222222222222:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e
      CertificateArn: arn:aws:acm:eu-west-1:222222222222:certificate/8e3b7a54-6f4c-4f0e-9a55-0f6b7a1d9b0e
  production:
    account: "333333333333"
    region: eu-west-1
    parameters:
      <<: *parameters
      ConnectionArn: arn:aws:codeconnections:eu-west-1:333333333333:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e
      CertificateArn: arn:aws:acm:eu-west-1:333333333333:certificate/8e3b7a54-6f4c-4f0e-9a55-0f6b7a1d9b0e
tags: {cost-centre: retail}
"""

SERVICES = (
    "  port: 3000\n  health_check_path: /status\n",
    "  port: 3000\n  hold_minutes: 240\n  alarms: [greeter-5xx]\n",
    "  queues: [parcels, parcels-express]\n  environment: {QUEUES: parcels}\n  spot: true\n  maximum_tasks: 40\n"
    "  first_image: 111111111111.dkr.ecr.eu-west-1.amazonaws.com/idle:1\n",
    "  integration_tests: true\n  staging_url: https://staging.example.com\n",
)
BLUEPRINTS = ("ecs-rolling", "ecs-blue-green", "worker", "promotion")


def service(number: int, name: str) -> str:
    """A service's file: of the four blueprints, one after the other."""
    kind = number % len(BLUEPRINTS)
    head = f"blueprint: {BLUEPRINTS[kind]}\nwith:\n  service: {name}\n  repository: acme/{name}\n"
    return head + SERVICES[kind]


def promoted(number: int, name: str) -> str:
    """A service's file whose pipeline, in one account, deploys to two others."""
    return (
        f"blueprint: promotion\nwith: {{service: {name}, repository: acme/{name}, deploy_to: [staging, production]}}\n"
    )


def make_fleet(directory: Path, count: int, *, over_accounts: bool = False) -> None:
    """A fleet of so many services in three environments. over_accounts: with all pipelines in the first."""
    (directory / "services").mkdir(parents=True)
    (directory / "pipegen.yaml").write_text(FLEET + ("pipelines: development\n" if over_accounts else ""))
    made = promoted if over_accounts else service
    for number in range(count):
        name = f"service-{number:04}"
        (directory / "services" / f"{name}.yaml").write_text(made(number, name))
