"""Two images in one service, two sources, tests with a report, builds in a VPC, and everything under the
organisation's rules: its own key, a permissions boundary, a role path."""

from pipegen import (
    S3,
    ArtifactStore,
    CodeBuild,
    Definition,
    DockerBuild,
    EcsDeploy,
    GitLab,
    Image,
    Parameter,
    Repository,
    Stage,
)
from pipegen.codebuild import Report, Vpc
from pipegen.functions import Sub

vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
private_subnet_a = Parameter("PrivateSubnetA", "AWS::EC2::Subnet::Id")
private_subnet_b = Parameter("PrivateSubnetB", "AWS::EC2::Subnet::Id")
build_security_group = Parameter("BuildSecurityGroup", "AWS::EC2::SecurityGroup::Id")
registry = Parameter("Registry", description="The name of the repository of the proxy's images")

ROLES = ["delivery/billing-task", "delivery/billing-execution"]

network = Vpc(vpc, subnets=[private_subnet_a, private_subnet_b], security_groups=[build_security_group])

source = GitLab(
    "App",
    repository="acme/payments/billing",
    branch="main",
    connection="arn:aws:codeconnections:eu-west-1:123456789012:connection/0d7b5b55-2b66-4b02-8a21-3f1f4a2a91a3",
)
rates = S3("Rates", bucket="acme-exchange-rates", key="latest.zip")

unit = CodeBuild(
    "Unit",
    category="Test",
    input=source.output,
    commands=["./run-tests"],
    reports={"unit": Report(["reports/*.xml"])},
    vpc=network,
)

images = DockerBuild(
    "Images",
    [
        Image("billing", Repository("billing", create=True)),
        Image("proxy", registry, context="proxy"),
    ],
    input=source.output,
    extra_inputs=[rates.output],
    before=['cp "$CODEBUILD_SRC_DIR_Rates_source/rates.csv" rates.csv'],
    vpc=network,
)

billing = Definition(
    "billing",
    Stage("Source", source, rates),
    Stage("Test", unit),
    Stage("Build", images),
    Stage(
        "Staging",
        EcsDeploy("Deploy", run_order=1, cluster="staging", service="billing", file_name="staging.json", roles=ROLES),
        EcsDeploy(
            "Batch", run_order=1, cluster="staging", service="billing-batch", containers=["billing"], roles=ROLES
        ),
    ),
    tags={"team": "payments", "cost-center": "4711"},
    permissions_boundary=Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/delivery-boundary"),
    role_path="/delivery/",
    artifacts=ArtifactStore(create_key=True),
)
