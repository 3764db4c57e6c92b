"""The artifact stores of a pipeline whose actions run in several accounts or regions: one in each region, all in the
pipeline's account.

Their buckets have fixed names, and policies name roles by their ARNs in conditions, so that the stacks of all accounts
can be created in any order. Only the ARN of a created key is not known before.
https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from troposphere import GetAtt, ImportValue, Ref, codepipeline

from pipegen.compile.artifact_store import KEY, BoundArtifactStore, bind_store, bucket_arn
from pipegen.definition import Definition
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.model.stack_settings import Parameter
from pipegen.pipeline import foundation as shared_outputs
from pipegen.pipeline.foundation import export_name
from pipegen.stacks.stack import StackOutput
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.value import Value, arn

KEY_ARN = "ArtifactKeyArn"
"""The output of the stack with a created key, and the parameter of other stacks that use it."""
_BUCKET_LIMIT = 63


@frozen(kw_only=True)
class ArtifactStores:
    """The artifact stores as the pipeline's stack refers to them. further: those of other regions, by region. inputs:
    the outputs of other stacks that parameters are set to."""

    own: BoundArtifactStore
    further: Mapping[str, BoundArtifactStore] = field(default_factory=dict)
    inputs: Mapping[str, StackOutput] = field(default_factory=dict)

    def properties(self, region: str | None) -> dict[str, Any]:
        """Return the properties of the pipeline. region: the pipeline's."""
        if not self.further:
            return {"ArtifactStore": self.own.artifact_store()}
        stores = {str(region): self.own, **self.further}
        maps = [
            create(codepipeline.ArtifactStoreMap, Region=each, ArtifactStore=store.artifact_store())
            for each, store in stores.items()
        ]
        return {"ArtifactStores": maps}


def bind_stores(definition: Definition, away: Iterable[Environment]) -> ArtifactStores:
    """Return the stores of a definition. away: the other accounts and regions that it has stacks in."""
    home, regions = definition.placement.home, {each.region or "" for each in away}
    if home is None or not regions:
        return ArtifactStores(own=bind_store(definition))
    further = {each: f"{KEY_ARN}{names.logical_id(each)}" for each in sorted(regions) if each != home.region}
    shared = definition.shared_stores is not None
    return ArtifactStores(
        own=replace(bind_store(definition), account=home.account)
        if shared
        else _store(definition, home.region or "", ImportValue(key_export(definition))),
        further={region: _store(definition, region, Ref(parameter)) for region, parameter in further.items()},
        inputs={
            parameter: key_output(definition, home, region)
            for region, parameter in further.items()
            if creates_key(definition, region)
        },
    )


def store_seen_from(definition: Definition, environment: Environment) -> BoundArtifactStore:
    """Return the store of its region as the support stack of an environment refers to it."""
    home = definition.placement.home
    shared = definition.shared_stores
    key_arn: Value = Ref(KEY_ARN)
    if home is not None and environment.account == home.account:
        key_arn = (
            GetAtt(KEY, "Arn") if shared is None else ImportValue(export_name(shared.name, shared_outputs.KEY_ARN))
        )
    store = _store(definition, environment.region or "", key_arn)
    resolution = definition.resolution(environment, in_pipeline=False)
    if resolution is None or store.shared:
        return store
    bucket, key_arn = map(resolution.written, (store.bucket, store.key_arn))
    return replace(store, bucket=bucket, bucket_arn=bucket_arn(bucket), key_arn=key_arn)


def _store(definition: Definition, region: str, created_key: Value) -> BoundArtifactStore:
    home, own = definition.placement.home, definition.artifacts
    assert home is not None
    if (shared := definition.shared_stores) is not None:
        bucket: Value = shared.bucket_in(home.account, region)
        key_arn = created_key if shared.has_key else None
        return BoundArtifactStore(bucket, bucket_arn(bucket), key_arn, (), shared=True, account=home.account)
    key_arn = created_key if creates_key(definition, region) else existing_key(definition, region)
    bucket = bucket_name(definition, home, region)
    if own.bucket is not None and region == home.region:
        bucket = own.bucket
    return BoundArtifactStore(bucket, bucket_arn(bucket), key_arn, (), account=home.account)


def key_output(definition: Definition, home: Environment, region: str | None) -> StackOutput:
    """The output of the stack that has the key of a region. home: the environment of the pipeline."""
    shared = definition.shared_stores
    if shared is None:
        return StackOutput(support_name(definition, home.account, region), KEY_ARN)
    return StackOutput(shared.stack_in(region, home), shared_outputs.KEY_ARN, replace(home, region=region))


def creates_key(definition: Definition, region: str) -> bool:
    """Whether the key of a region is an output of another stack, which creates it. An existing one is only used in the
    pipeline's region, since a store and its key are in one region."""
    home, own = definition.placement.home, definition.artifacts
    if definition.shared_stores is not None:
        return definition.shared_stores.has_key
    given = definition.encryption_key if own.key_arn is None else own.key_arn
    return own.create_key or (given is not None and home is not None and region != home.region)


def existing_key(definition: Definition, region: str) -> Value | None:
    """Return the key that the definition sets for the artifacts of a region."""
    home, own = definition.placement.home, definition.artifacts
    if home is None or region != home.region:
        return None
    return definition.encryption_key if own.key_arn is None else own.key_arn


def bucket_name(definition: Definition, home: Environment, region: str) -> str:
    """The name of a created bucket. It contains the account and region because bucket names are globally unique."""
    end = f"-artifacts-{home.account}-{region}"
    return names.shorten(definition.name.lower(), _BUCKET_LIMIT - len(end)) + end


def key_export(definition: Definition) -> str:
    return f"{definition.name}-{KEY_ARN}"


def key_parameters(names_of: Iterable[str]) -> Mapping[str, Parameter]:
    """The parameters of stacks that use a key of another stack."""
    return {
        name: Parameter(
            name,
            description=f"The KMS key of the artifacts: the output {KEY_ARN} of the stack that creates it",
            allowed_pattern="arn:.+:key/.+",
            constraint_description="the ARN of a KMS key",
        )
        for name in names_of
    }


def support_name(definition: Definition, account: str | None, region: str | None) -> str:
    return names.shorten(f"{definition.name}-support-{account}-{region}", names.STACK_LIMIT)


def support_names(definition: Definition, away: Iterable[Environment]) -> dict[str, str]:
    """Return the names of the support stacks, each with its account and region. away: the other accounts and regions
    that the definition has stacks in."""
    home, others = definition.placement.home, list(away)
    if home is None or not others:
        return {}
    stores = [(home.account, region) for region in (home.region, *(each.region for each in others))]
    pairs = dict.fromkeys([*stores, *((each.account, each.region) for each in others)])
    return {support_name(definition, account, region): f"{account} in {region}" for account, region in pairs}


def pipeline_role_name(definition: Definition) -> str | None:
    """The name of the pipeline's role, by which the roles in other accounts trust it. Default: CloudFormation names
    it."""
    home = definition.placement.home
    return None if home is None else names.shorten(f"{definition.name}-pipeline-{home.region}", names.ROLE_LIMIT)


def pipeline_role_arn(definition: Definition, home: Environment) -> Value:
    """The ARN of the pipeline's role, as stacks in other accounts refer to it."""
    role = definition.pipeline.role
    if role is None:
        return role_arn_in(definition, home, pipeline_role_name(definition) or "")
    is_name = isinstance(role, str) and not role.startswith("arn:")
    return arn("iam", "role/", role, region="", account=home.account or "") if is_name else role


def action_role_name(definition: Definition, environment: Environment) -> str:
    """The name of the role with which actions run. It contains the region because roles exist in all regions."""
    return names.shorten(f"{definition.name}-actions-{environment.region}", names.ROLE_LIMIT)


def role_of(definition: Definition, environment: Environment) -> Value:
    """The ARN of the role with which actions run in an environment."""
    return role_arn_in(definition, environment, action_role_name(definition, environment), reader_path(definition))


def reader_path(definition: Definition) -> str:
    """The path of the roles in other accounts and regions that use the artifact stores."""
    shared = definition.shared_stores
    return definition.role_path if shared is None else shared.reader_path


def role_arn_in(definition: Definition, environment: Environment, name: str, path: str | None = None) -> Value:
    path = definition.role_path if path is None else path
    return arn("iam", "role", path, name, region="", account=environment.account or "")


def account_regions(environments: Sequence[Environment]) -> list[Environment]:
    """Return one environment for each account and region."""
    return list({each.account_and_region: each for each in reversed(environments)}.values())[::-1]
