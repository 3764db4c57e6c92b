"""The artifact bucket, its policy and its key.
https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import awacs.aws as aws
from troposphere import AWSObject, GetAtt, Ref, codepipeline, kms, s3

from pipegen.definition import Definition
from pipegen.frozen import frozen
from pipegen.iam.grant import KEY_USE, Grant, key_use, objects_of
from pipegen.model.repository import PULL
from pipegen.model.retention import KEPT
from pipegen.model.suppressions import suppressed
from pipegen.values.create import create
from pipegen.values.number import IntegerValue
from pipegen.values.value import ACCOUNT, PARTITION, REGION, Value, arn, concat

BUCKET, KEY = "ArtifactBucket", "ArtifactKey"
_POLICY = "ArtifactBucketPolicy"
OBJECTS = (
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTagging",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
)
_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket")


@frozen
class OtherAccounts:
    """The roles of other accounts that a resource policy allows to use a resource.

    The principals of a policy have to exist, so it names the accounts, and the roles in a condition.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """

    accounts: Sequence[str]
    roles: Sequence[Value]

    def statement(self, sid: str, actions: Sequence[str], resources: Sequence[Value] = ()) -> aws.Statement:
        """Return the statement of a policy. Policies of repositories name no resources."""
        optional: dict[str, Any] = {"Resource": list(resources)} if resources else {}
        return create(
            aws.Statement,
            Sid=sid,
            Effect=aws.Allow,
            Principal=aws.AWSPrincipal([arn("iam", "root", region="", account=each) for each in self.accounts]),
            Action=[aws.Action(*each.split(":", 1)) for each in actions],
            Condition=aws.Condition([aws.ArnLike("aws:PrincipalArn", list(self.roles))]),
            **optional,
        )


NOBODY = OtherAccounts((), ())


def allow_pulls(repository: AWSObject, others: OtherAccounts) -> None:
    """Allow roles of other accounts to pull images.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html"""
    if others.roles:
        statement = others.statement("OtherAccountsPull", PULL)
        repository.RepositoryPolicyText = create(aws.PolicyDocument, Version="2012-10-17", Statement=[statement])


@frozen
class BoundArtifactStore:
    """The artifact store of a stack.

    shared: whether the bucket is the foundation's. account: that of the bucket, if the stack can be in another one.
    """

    bucket: Value
    bucket_arn: Value
    key_arn: Value | None
    resources: tuple[AWSObject, ...]
    shared: bool = False
    account: Value | None = None

    def artifact_store(self) -> codepipeline.ArtifactStore:
        optional: dict[str, Any] = {}
        if self.key_arn is not None:
            optional["EncryptionKey"] = create(codepipeline.EncryptionKey, Id=self.key_arn, Type="KMS")
        return create(codepipeline.ArtifactStore, Type="S3", Location=self.bucket, **optional)

    def grants(self) -> tuple[Grant, ...]:
        """Return the permissions that the roles of the pipeline and of its actions need.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html"""
        same_account = {"StringEquals": {"aws:ResourceAccount": self.account or ACCOUNT}}
        grants = (
            Grant(
                actions=OBJECTS,
                resources=(objects_of(self.bucket_arn),),
                conditions=same_account,
                because="passes artifacts between actions",
            ),
            Grant(
                actions=_BUCKET,
                resources=(self.bucket_arn,),
                conditions=same_account,
                because="verifies the bucket",
            ),
        )
        return grants if self.key_arn is None else (*grants, key_use(self.key_arn))


def bind_store(definition: Definition) -> BoundArtifactStore:
    """Return the artifact store. Settings in `artifacts` take precedence over the foundation's, and these over the
    `encryption_key` of the definition. Without a foundation, the stack creates a bucket."""
    store, shared = definition.artifacts, definition.foundation
    key = (artifact_key(f"Artifacts of the pipeline {definition.pipeline_name}"),) if store.create_key else ()
    key_arn = GetAtt(KEY, "Arn") if store.create_key else store.key_arn
    if shared is not None and store.bucket is None and key_arn is None:
        key_arn = shared.key
    key_arn = definition.encryption_key if key_arn is None else key_arn
    if store.bucket is not None:
        return BoundArtifactStore(store.bucket, bucket_arn(store.bucket), key_arn, key)
    if shared is not None:
        return BoundArtifactStore(shared.bucket, bucket_arn(shared.bucket), key_arn, key, shared=True)
    resources = (*key, *artifact_bucket(key_arn, store.expire_days))
    return BoundArtifactStore(Ref(BUCKET), GetAtt(BUCKET, "Arn"), key_arn, resources)


def bucket_arn(bucket: Value) -> Value:
    return concat("arn:", PARTITION, ":s3:::", bucket)


def artifact_bucket(
    key_arn: Value | None, expire_days: IntegerValue, *, name: Value | None = None, others: OtherAccounts = NOBODY
) -> tuple[AWSObject, AWSObject]:
    """Return a bucket for artifacts and its policy. Default name: CloudFormation generates one. others: the roles of
    other accounts that read and write artifacts."""
    optional: dict[str, Any] = {} if name is None else {"BucketName": name}
    bucket = create(
        s3.Bucket,
        BUCKET,
        **optional,
        BucketEncryption=_encryption(key_arn),
        LifecycleConfiguration=_lifecycle(expire_days),
        OwnershipControls=create(
            s3.OwnershipControls, Rules=[create(s3.OwnershipControlsRule, ObjectOwnership="BucketOwnerEnforced")]
        ),
        PublicAccessBlockConfiguration=create(
            s3.PublicAccessBlockConfiguration,
            BlockPublicAcls=True,
            BlockPublicPolicy=True,
            IgnorePublicAcls=True,
            RestrictPublicBuckets=True,
        ),
        VersioningConfiguration=create(s3.VersioningConfiguration, Status="Enabled"),
        Metadata=suppressed(CKV_AWS_18="only the pipeline's roles read artifacts, and artifacts expire"),
        **KEPT,
    )
    return bucket, _policy(others)


def _encryption(key_arn: Value | None) -> s3.BucketEncryption:
    if key_arn is None:
        default = create(s3.ServerSideEncryptionByDefault, SSEAlgorithm="AES256")
        rule = create(s3.ServerSideEncryptionRule, ServerSideEncryptionByDefault=default)
    else:
        default = create(s3.ServerSideEncryptionByDefault, SSEAlgorithm="aws:kms", KMSMasterKeyID=key_arn)
        rule = create(s3.ServerSideEncryptionRule, ServerSideEncryptionByDefault=default, BucketKeyEnabled=True)
    return create(s3.BucketEncryption, ServerSideEncryptionConfiguration=[rule])


def _lifecycle(expire_days: IntegerValue) -> s3.LifecycleConfiguration:
    rule = create(
        s3.LifecycleRule,
        Id="Expire",
        Status="Enabled",
        ExpirationInDays=expire_days,
        NoncurrentVersionExpiration=create(s3.NoncurrentVersionExpiration, NoncurrentDays=expire_days),
        AbortIncompleteMultipartUpload=create(s3.AbortIncompleteMultipartUpload, DaysAfterInitiation=7),
    )
    return create(s3.LifecycleConfiguration, Rules=[rule])


def _policy(others: OtherAccounts) -> s3.BucketPolicy:
    bucket = GetAtt(BUCKET, "Arn")
    deny = create(
        aws.Statement,
        Sid="DenyInsecureConnections",
        Effect=aws.Deny,
        Principal=aws.Principal("*"),
        Action=[aws.Action("s3", "*")],
        Resource=[bucket, objects_of(bucket)],
        Condition=aws.Condition([aws.Bool("aws:SecureTransport", "false")]),
    )
    statements = [deny]
    if others.roles:
        statements.append(
            others.statement("OtherAccountsPassArtifacts", (*OBJECTS, *_BUCKET), deny.properties["Resource"])
        )
    document = create(aws.PolicyDocument, Version="2012-10-17", Statement=statements)
    return create(s3.BucketPolicy, _POLICY, Bucket=Ref(BUCKET), PolicyDocument=document, **KEPT)


def artifact_key(description: str, others: OtherAccounts = NOBODY, publishing: Sequence[str] = ()) -> kms.Key:
    """Return a key whose policy delegates to IAM: the policies of roles allow its use. others: the roles of other
    accounts that use it, which the key's policy has to name too. publishing: services that publish to topics that the
    key encrypts.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html"""
    root = create(
        aws.Statement,
        Sid="AccountAdministersKey",
        Effect=aws.Allow,
        Principal=aws.AWSPrincipal(arn("iam", "root", region="")),
        Action=[aws.Action("kms", "*")],
        Resource=["*"],
    )
    statements = [root]
    if others.roles:
        statements.append(others.statement("OtherAccountsUseKey", KEY_USE, ["*"]))
    if publishing:
        statements.append(_publishing(publishing))
    return create(
        kms.Key,
        KEY,
        Description=description,
        EnableKeyRotation=True,
        KeyPolicy=create(aws.PolicyDocument, Version="2012-10-17", Statement=statements),
        **KEPT,
    )


def _publishing(services: Sequence[str]) -> aws.Statement:
    """Return the statement that allows services to publish to encrypted topics.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html"""
    via = concat("sns.", REGION, ".amazonaws.com")
    return create(
        aws.Statement,
        Sid="ServicesPublish",
        Effect=aws.Allow,
        Principal=aws.Principal("Service", list(services)),
        Action=[aws.Action("kms", "Decrypt"), aws.Action("kms", "GenerateDataKey*")],
        Resource=["*"],
        Condition=aws.Condition([aws.StringEquals("kms:ViaService", via)]),
    )
