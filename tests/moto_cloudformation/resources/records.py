"""Types of services that moto does not have, kept with their stack alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import uuid4

from moto.core.common_models import CloudFormationModel

from tests.moto_cloudformation.resource import TemplateResource


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A resource type whose service moto does not have: kept with its stack alone, for Ref, Fn::GetAtt and updates.

    `reference` and `attributes` are patterns over the properties and `name`, `region`, `account` and `identifier`.
    """

    kind: str
    reference: str
    named_by: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


CONNECTION = "arn:aws:{service}:{{region}}:{{account}}:connection/{{identifier}}"


REPORT_GROUP = "arn:aws:codebuild:{region}:{account}:report-group/{name}"


RECORDS = (
    *(
        Record(
            kind=f"AWS::{kind}::Connection",
            named_by="ConnectionName",
            reference=CONNECTION.format(service=service),
            attributes={"ConnectionArn": CONNECTION.format(service=service), "ConnectionStatus": "PENDING"},
        )
        for kind, service in (
            ("CodeConnections", "codeconnections"),
            ("CodeStarConnections", "codestar-connections"),
        )
    ),
    Record(
        kind="AWS::CodeBuild::ReportGroup",
        named_by="Name",
        reference=REPORT_GROUP,
        attributes={"Arn": REPORT_GROUP},
    ),
)


class RecordedResource(TemplateResource):
    record: ClassVar[Record]

    def create(self) -> None:
        self.identifier = str(uuid4())

    def fill(self, pattern: str) -> str:
        place = {"name": self.name, "region": self.region_name, "account": self.account_id}
        return pattern.format(**self.properties | place, identifier=self.identifier)

    def reference(self) -> str:
        return self.fill(self.record.reference)

    def attributes(self) -> Mapping[str, Any]:
        return {name: self.fill(pattern) for name, pattern in self.record.attributes.items()}


# Held in a constant: __subclasses__() alone would not keep the classes alive.
RECORDED_RESOURCES = tuple(
    type(
        record.kind.replace("::", ""),
        (RecordedResource, CloudFormationModel),
        {"__module__": __name__, "kind": record.kind, "named_by": record.named_by, "record": record},
    )
    for record in RECORDS
)
