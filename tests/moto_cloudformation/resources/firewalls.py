"""Web ACLs of load balancers."""

from __future__ import annotations

from moto.core.common_models import CloudFormationModel
from moto.wafv2.models import wafv2_backends

from tests.moto_cloudformation.resource import TemplateResource


class WebAclAssociation(TemplateResource, CloudFormationModel):
    kind = "AWS::WAFv2::WebACLAssociation"
    fixed = ("ResourceArn", "WebACLArn")
    known = ("ResourceArn", "WebACLArn")

    def create(self) -> None:
        self.here(wafv2_backends).associate_web_acl(self.properties["WebACLArn"], self.properties["ResourceArn"])

    def remove(self) -> None:
        self.here(wafv2_backends).disassociate_web_acl(self.properties["ResourceArn"])
