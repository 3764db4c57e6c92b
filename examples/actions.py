"""Actions beyond containers. Commands and a function check the site of a handbook; after an approval, its files go to a
bucket, a state machine invalidates caches, and the pipeline of the search index starts. Service Catalog, a provider
without a kind, gets a new version of the product whose template is in the same repository."""

import json

from pipegen import Approval, CodeBuild, CodeCommit, Definition, Grant, Parameter, Stage
from pipegen.actions import Commands, GenericAction, LambdaInvoke, S3Deploy, StartPipeline, StepFunctions
from pipegen.codebuild import BuildOutput
from pipegen.functions import Sub

site_bucket = Parameter("SiteBucket", description="The name of the bucket of the site")
product_id = Parameter("ProductId", description="The ID of the product in Service Catalog")

app = CodeCommit("App", repository="handbook", branch="main")
site = CodeBuild("Site", commands=["make site"], outputs=[BuildOutput("pages", base_directory="site", files=["**/*"])])
size = Commands(
    "Size",
    input=site.output("pages"),
    commands=["export SIZE=$(du --summarize --human-readable . | cut --fields=1)"],
    output_variables=["SIZE"],
)
links = LambdaInvoke(
    "Links",
    function="check-links",
    user_parameters=json.dumps({"site": "https://handbook.example.com", "commit": app.variable("CommitId")}),
    inputs=[site.output("pages")],
    output_variables=["Report"],
)
approval = Approval("Release", message=f"The site has {size.variable('SIZE')}", review_url=links.variable("Report"))
files = S3Deploy("Files", bucket=site_bucket, input=site.output("pages"), cache_control="public, max-age=300")
invalidate = StepFunctions(
    "Invalidate",
    state_machine="invalidate-caches",
    input=json.dumps({"site": "handbook", "commit": app.variable("CommitId")}),
)
search = StartPipeline(
    "Search",
    pipeline="search-index",
    pipeline_variables={"SITE": "handbook", "COMMIT": app.variable("CommitId")},
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
    Stage("Check", size, links, approval),
    Stage("Release", files, invalidate, search, product),
    parameters=[site_bucket, product_id],
)
