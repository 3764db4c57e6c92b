"""The outputs by which other stacks refer to what a stack contains. They are exported as `<stack>-<output>`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troposphere import AWSObject, Export, GetAtt, Output, Ref

from pipegen.values.create import create
from pipegen.values.value import Value

ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "AWS::EC2::SecurityGroup": {"Id": "GroupId"},
    "AWS::ECR::Repository": {"Uri": "RepositoryUri", "Arn": "Arn"},
    "AWS::ECS::Cluster": {"Name": "", "Arn": "Arn"},
    "AWS::ECS::Service": {"Name": "Name", "Arn": ""},
    "AWS::ElasticLoadBalancingV2::Listener": {"Arn": ""},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "Arn": "",
        "FullName": "LoadBalancerFullName",
        "DnsName": "DNSName",
        "HostedZoneId": "CanonicalHostedZoneID",
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {"Arn": "", "FullName": "TargetGroupFullName"},
    "AWS::IAM::Role": {"Arn": "Arn"},
    "AWS::Logs::LogGroup": {"Name": "", "Arn": "Arn"},
}
"""By resource type, the endings of the names of outputs, and the attributes that these have; empty for `!Ref`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html (Return
values)"""


def export_name(stack: str, output: str) -> str:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html"""
    return f"{stack}-{output}"


def exported(stack: str, name: str, value: Value) -> Output:
    """Return an output that a stack exports."""
    return create(Output, name, Value=value, Export=Export(export_name(stack, name)))


def outputs_of(stack: str, resource: AWSObject) -> Iterator[tuple[str, Output]]:
    """Yield the outputs of a resource by name."""
    for ending, attribute in ATTRIBUTES.get(str(resource.resource_type), {}).items():
        name = f"{resource.title}{ending}"
        yield name, exported(stack, name, GetAtt(resource, attribute) if attribute else Ref(resource))
