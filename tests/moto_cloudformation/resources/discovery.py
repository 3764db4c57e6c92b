"""AWS Cloud Map: namespaces and services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.route53.models import route53_backends
from moto.servicediscovery.models import servicediscovery_backends

from tests.moto_cloudformation.conversion import Properties, api_shape, as_structure, refuse, without
from tests.moto_cloudformation.resource import TemplateResource


class Namespace(TemplateResource):
    """What namespaces have in common; an abstract one, so no CloudFormationModel."""

    named_by = "Name"
    namespace: Any

    def settle(self) -> None:
        self.namespace.description = self.properties.get("Description", "")
        set_tags(self.here(servicediscovery_backends), self.namespace.arn, self.properties)

    def remove(self) -> None:
        backend = self.here(servicediscovery_backends)
        if any(service.namespace_id == self.namespace.id for service in backend.services.values()):
            refuse(f"Namespace {self.namespace.id} has associated services")
        backend.delete_namespace(self.namespace.id)

    def reference(self) -> str:
        return str(self.namespace.id)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.namespace.arn, "Id": self.namespace.id}


class HttpNamespace(Namespace, CloudFormationModel):
    kind = "AWS::ServiceDiscovery::HttpNamespace"
    known = ("Description", "Tags")

    def create(self) -> None:
        backend = self.here(servicediscovery_backends)
        # https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html: NamespaceAlreadyExists
        self.refuse_taken([each.name for each in backend.namespaces.values() if each.type == "HTTP"])
        operation = backend.create_http_namespace(self.name, "", "", [])
        self.namespace = backend.get_namespace(backend.get_operation(operation).targets["NAMESPACE"])


class PrivateDnsNamespace(Namespace, CloudFormationModel):
    kind = "AWS::ServiceDiscovery::PrivateDnsNamespace"
    fixed = ("Vpc",)
    known = ("Description", "Properties", "Tags", "Vpc")

    def create(self) -> None:
        backend, vpc = self.here(servicediscovery_backends), self.properties["Vpc"]
        self.refuse_taken([each.name for each in backend.namespaces.values() if each.vpc == vpc])
        # Told of the network only afterwards, because moto lets a network have one namespace alone.
        operation = backend.create_private_dns_namespace(self.name, "", "", "", [], {})
        self.namespace = backend.get_namespace(backend.get_operation(operation).targets["NAMESPACE"])
        self.namespace.vpc = vpc

    def settle(self) -> None:
        super().settle()
        asked = as_structure(
            {"Properties": self.dns_properties()}, api_shape("servicediscovery", "CreatePrivateDnsNamespaceRequest"), ""
        )
        zone = {"HostedZoneId": self.zone()}
        self.namespace.dns_properties = asked["Properties"].get("DnsProperties", {}) | zone

    def dns_properties(self) -> Properties:
        asked: Properties = self.properties.get("Properties", {})
        return asked

    def zone(self) -> str:
        return str(self.namespace.dns_properties["HostedZoneId"])

    def remove(self) -> None:
        super().remove()
        self.anywhere(route53_backends).delete_hosted_zone(self.zone())

    def attributes(self) -> Mapping[str, Any]:
        return {**super().attributes(), "HostedZoneId": self.zone()}


class DiscoverableService(TemplateResource, CloudFormationModel):
    kind = "AWS::ServiceDiscovery::Service"
    named_by = "Name"
    fixed = ("HealthCheckCustomConfig", "NamespaceId", "Type")
    service: Any

    def asked(self) -> Properties:
        given = without(self.properties, "ServiceAttributes", "Tags")
        return as_structure(given, api_shape("servicediscovery", "CreateServiceRequest"), "")

    def create(self) -> None:
        backend, asked = self.here(servicediscovery_backends), self.asked()
        namespace = backend.get_namespace(asked.get("NamespaceId") or asked["DnsConfig"]["NamespaceId"])
        peers = [each.name for each in backend.services.values() if each.namespace_id == namespace.id]
        self.refuse_taken(peers)
        kind = "HTTP" if "HTTP" in (asked.get("Type"), namespace.type) else "DNS_HTTP"
        custom = asked.get("HealthCheckCustomConfig")
        self.service = backend.create_service(self.name, namespace.id, "", "", None, None, custom, [], kind)

    def settle(self) -> None:
        asked = self.asked()
        self.service.description = asked.get("Description", "")
        self.service.dns_config = asked.get("DnsConfig")
        self.service.health_check_config = asked.get("HealthCheckConfig")
        self.service.attributes = dict(self.properties.get("ServiceAttributes", {}))
        set_tags(self.here(servicediscovery_backends), self.service.arn, self.properties)

    def remove(self) -> None:
        if self.service.instances:
            refuse(f"Service {self.service.id} has registered instances")
        self.here(servicediscovery_backends).delete_service(self.service.id)

    def reference(self) -> str:
        return str(self.service.id)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.service.arn, "Id": self.service.id, "Name": self.name}


def set_tags(backend: Any, arn: str, properties: Properties) -> None:
    backend.tagger.delete_all_tags_for_resource(arn)
    backend.tagger.tag_resource(arn, properties.get("Tags", []))
