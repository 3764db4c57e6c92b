"""Actions beyond containers: a function checks the site of a handbook, and Service Catalog, a provider without a kind,
gets a new version of the product whose template is in the same repository."""

import json

from pipegen import Approval, CodeBuild, CodeCommit, Definition, Grant, Parameter, Stage
from pipegen.actions import GenericAction, LambdaInvoke
from pipegen.codebuild import BuildOutput
from pipegen.functions import Sub

product_id = Parameter("ProductId", description="The ID of the product in Service Catalog")

app = CodeCommit("App", repository="handbook", branch="main")
site = CodeBuild("Site", commands=["make site"], outputs=[BuildOutput("pages", base_directory="site", files=["**/*"])])
links = LambdaInvoke(
    "Links",
    function="check-links",
    user_parameters=json.dumps({"site": "https://handbook.example.com", "commit": app.variable("CommitId")}),
    inputs=[site.output("pages")],
    output_variables=["Report"],
)
product = GenericAction(
    "Product",
    category="Deploy",
    provider="ServiceCatalog",
    inputs=[app.output],
    configuration={
        "TemplateFilePath": "product.yaml",
        "ProductVersionName": app.variable("CommitId"),
        "ProductType": "CLOUD_FORMATION_TEMPLATE",
        "ProductId": product_id,
    },
    grants=[
        Grant(
            [
                "servicecatalog:CreateProvisioningArtifact",
                "servicecatalog:DeleteProvisioningArtifact",
                "servicecatalog:DescribeProvisioningArtifact",
                "servicecatalog:ListProvisioningArtifacts",
                "servicecatalog:UpdateProduct",
            ],
            [Sub("arn:${AWS::Partition}:catalog:${AWS::Region}:${AWS::AccountId}:product/${ProductId}")],
        ),
        Grant(
            ["cloudformation:ValidateTemplate"],
            ["*"],
            because="the template belongs to no stack; the action does not support resources",
        ),
    ],
)

definition = Definition(
    "handbook",
    Stage("Source", app),
    Stage("Build", site),
    Stage("Check", links, Approval("Release", review_url=links.variable("Report"))),
    Stage("Release", product),
    parameters=[product_id],
)
