"""Customer managed KMS keys for the resources of stacks.

A resource keeps the key that its definition sets for it; `assemble` gives all others the default of the definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from troposphere import AWSObject

from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.suppressions import unsuppressed
from pipegen.references.arn_parts import REGION_ONLY
from pipegen.references.kinds import KEY
from pipegen.references.mark import Refers
from pipegen.values.value import Value

EncryptionKey: TypeAlias = Annotated[Value, Refers(KEY, near=REGION_ONLY)]
"""The ARN of a KMS key in the region of the stacks."""


@frozen
class _KeyProperty:
    """The property of a resource type that takes a key, and checkov's check that requires one.

    nested: the properties of the property, in which `KmsKey` is the key.
    """

    name: str
    check: str
    nested: Mapping[str, str] | None = None


ENCRYPTED: Mapping[str, _KeyProperty] = {
    "AWS::ECR::Repository": _KeyProperty("EncryptionConfiguration", "CKV_AWS_136", {"EncryptionType": "KMS"}),
    "AWS::Lambda::Function": _KeyProperty("KmsKeyArn", "CKV_AWS_173"),
    "AWS::Logs::LogGroup": _KeyProperty("KmsKeyId", "CKV_AWS_158"),
    "AWS::SNS::Topic": _KeyProperty("KmsMasterKeyId", "CKV_AWS_26"),
}
"""The resource types that `encrypt` knows. Artifact buckets, build projects and pipelines use the key of the artifact
store. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"""


def encrypt(resource: AWSObject, key: Value | None) -> AWSObject:
    """Set the key of a resource whose type takes one, unless it has a key already. Returns the resource."""
    known = ENCRYPTED.get(str(resource.resource_type))
    if key is None or known is None or known.name in resource.properties:
        return resource
    value: Any = key
    if known.nested is not None:
        property_type: Any = resource.props[known.name][0]
        value = property_type(**known.nested, KmsKey=key)
    setattr(resource, known.name, value)
    if metadata := resource.resource.pop("Metadata", None):
        resource.resource |= unsuppressed(metadata, known.check)
    return resource


def topic_key_grant(key: Value) -> Grant:
    """The grant for publishing to an encrypted topic.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""
    because = "encrypts what it publishes"
    return Grant(actions=("kms:Decrypt", "kms:GenerateDataKey*"), resources=(key,), because=because)


def environment_key_grant(key: Value, function_arn: Value) -> Grant:
    """The grant for reading the encrypted environment variables of a Lambda function.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-agent.html (the encryption context)"""
    return Grant(
        actions=("kms:Decrypt",),
        resources=(key,),
        conditions={"ArnLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": function_arn}},
        because="decrypts its environment variables",
    )
