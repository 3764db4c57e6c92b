"""Logs, events, topics, alarms, parameters and functions."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend as lambda_backend
from moto.cloudwatch.models import Dimension, Metric, MetricDataQuery, MetricStat, cloudwatch_backends
from moto.core.common_models import CloudFormationModel
from moto.events.models import EventBus, EventBusPolicyStatement, events_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends

from tests.moto_cloudformation.conversion import (
    EVERY_PROPERTY,
    Properties,
    api_shape,
    as_api,
    as_json,
    as_structure,
    tag_map,
    underscored,
    without,
)
from tests.moto_cloudformation.resource import TemplateResource


class LogGroup(TemplateResource, CloudFormationModel):
    """moto's own never updates, and drops the key."""

    kind = "AWS::Logs::LogGroup"
    named_by = "LogGroupName"
    known = ("KmsKeyId", "LogGroupClass", "RetentionInDays", "Tags")

    def create(self) -> None:
        self.here(logs_backends).create_log_group(self.name, {})

    def settle(self) -> None:
        asked, backend = self.properties, self.here(logs_backends)
        group = backend.groups[self.name]
        group.set_retention_policy(int(asked["RetentionInDays"]) if "RetentionInDays" in asked else None)
        group.kms_key_id = asked.get("KmsKeyId")
        group.log_group_class = asked.get("LogGroupClass", "STANDARD")
        backend.tagger.delete_all_tags_for_resource(group.arn)
        backend.tag_resource(group.arn, tag_map(asked.get("Tags", [])))

    def remove(self) -> None:
        self.here(logs_backends).delete_log_group(self.name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": f"{self.here(logs_backends).groups[self.name].arn}:*"}


class EventRule(TemplateResource, CloudFormationModel):
    """moto's own makes a rule of another name on every update."""

    kind = "AWS::Events::Rule"
    named_by = "Name"
    fixed = ("EventBusName",)
    known = (
        "Description",
        "EventBusName",
        "EventPattern",
        "RoleArn",
        "ScheduleExpression",
        "State",
        "Tags",
        "Targets",
    )
    rule: Any

    def settle(self) -> None:
        asked, backend = self.properties, self.here(events_backends)
        self.rule = backend.put_rule(
            self.name,
            description=asked.get("Description"),
            event_bus_arn=asked.get("EventBusName"),
            event_pattern=as_json(asked["EventPattern"]) if "EventPattern" in asked else None,
            role_arn=asked.get("RoleArn"),
            scheduled_expression=asked.get("ScheduleExpression"),
            state=asked.get("State"),
        )
        backend.tagger.delete_all_tags_for_resource(self.rule.arn)
        backend.tagger.tag_resource(self.rule.arn, asked.get("Tags", []))
        targets = [as_api(target, api_shape("events", "Target")) for target in asked.get("Targets", [])]
        self.rule.targets = []
        backend.put_targets(self.name, asked.get("EventBusName"), targets)

    def remove(self) -> None:
        self.rule.delete(self.account_id, self.region_name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.rule.arn}


class NamedEventBus(TemplateResource, CloudFormationModel):
    """moto's own has no reference, and is deleted by every update."""

    kind = "AWS::Events::EventBus"
    named_by = "Name"
    known = ("Description", "KmsKeyIdentifier")

    def create(self) -> None:
        self.here(events_backends).create_event_bus(self.name)

    def settle(self) -> None:
        bus = self.here(events_backends).describe_event_bus(self.name)
        bus.description = self.properties.get("Description")
        bus.kms_key_identifier = self.properties.get("KmsKeyIdentifier")

    def remove(self) -> None:
        self.here(events_backends).delete_event_bus(self.name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("events", f"event-bus/{self.name}"), "Name": self.name}


class EventBusPolicy(TemplateResource, CloudFormationModel):
    """A statement of the policy of an event bus."""

    kind = "AWS::Events::EventBusPolicy"
    fixed = ("EventBusName", "StatementId")
    known = ("EventBusName", "Statement", "StatementId")

    def settle(self) -> None:
        name = self.properties["StatementId"]
        self._bus()._statements[name] = EventBusPolicyStatement.from_dict({"Sid": name, **self.properties["Statement"]})

    def remove(self) -> None:
        self._bus().remove_statement(self.properties["StatementId"])

    def _bus(self) -> EventBus:
        found: EventBus = self.here(events_backends).describe_event_bus(self.properties.get("EventBusName", "default"))
        return found


class Topic(TemplateResource, CloudFormationModel):
    """moto's own makes a topic of another name on every update, and that one has lost its policy."""

    kind = "AWS::SNS::Topic"
    named_by = "TopicName"
    known = ("DisplayName", "KmsMasterKeyId", "Subscription", "Tags")
    topic: Any

    def create(self) -> None:
        self.refuse_taken([topic.name for topic in self.here(sns_backends).topics.values()])
        self.topic = self.here(sns_backends).create_topic(self.name)

    def settle(self) -> None:
        self.topic.display_name = self.properties.get("DisplayName", "")
        self.topic.kms_master_key_id = self.properties.get("KmsMasterKeyId", "")
        self.topic._tags = tag_map(self.properties.get("Tags", []))
        for subscription in self.properties.get("Subscription", []):
            self.here(sns_backends).subscribe(self.topic.arn, subscription["Endpoint"], subscription["Protocol"])

    def remove(self) -> None:
        self.here(sns_backends).delete_topic(self.topic.arn)

    def reference(self) -> str:
        return str(self.topic.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"TopicArn": self.topic.arn, "TopicName": self.name}


class TopicPolicy(TemplateResource, CloudFormationModel):
    kind = "AWS::SNS::TopicPolicy"
    fixed = ("Topics",)
    known = ("PolicyDocument", "Topics")

    def settle(self) -> None:
        for arn in self.properties["Topics"]:
            self.here(sns_backends).topics[arn].policy = as_json(self.properties["PolicyDocument"])

    def remove(self) -> None:
        topics = self.here(sns_backends).topics
        for topic in (topics[arn] for arn in self.properties["Topics"] if arn in topics):
            place = self.region_name, self.account_id
            topic.policy = as_json(topic._create_default_topic_policy(*place, topic.name))


class StoredParameter(TemplateResource, CloudFormationModel):
    """moto's own needs a name in the template, and loses the versions on every update."""

    kind = "AWS::SSM::Parameter"
    named_by = "Name"
    known = ("AllowedPattern", "DataType", "Description", "Policies", "Tags", "Tier", "Type", "Value")

    def create(self) -> None:
        self.refuse_taken(self.here(ssm_backends)._parameters)

    def settle(self) -> None:
        asked, backend, tagged = self.properties, self.here(ssm_backends), ("Parameter", self.name)
        backend.put_parameter(
            self.name,
            asked.get("Description", ""),
            asked["Value"],
            asked["Type"],
            asked.get("AllowedPattern"),
            None,
            overwrite=True,
            tags=[],
            data_type=asked.get("DataType", "text"),
            tier=asked.get("Tier"),
            policies=asked.get("Policies"),
        )
        backend.remove_tags_from_resource(*tagged, list(backend.list_tags_for_resource(*tagged)))
        backend.add_tags_to_resource(*tagged, asked.get("Tags", {}))

    def remove(self) -> None:
        self.here(ssm_backends).delete_parameter(self.name)

    def attributes(self) -> Mapping[str, Any]:
        arn = self.arn("ssm", f"parameter/{self.name.removeprefix('/')}")
        return {"Arn": arn, "Type": self.properties["Type"], "Value": self.properties["Value"]}


def _query(asked: Mapping[str, Any]) -> MetricDataQuery:
    """A metric of an alarm, or an expression over its metrics."""
    stat = asked.get("MetricStat")
    return MetricDataQuery(
        asked["Id"],
        asked.get("Label", ""),
        asked.get("Period"),  # type: ignore[arg-type]  # the response leaves out None
        asked.get("ReturnData", True),
        asked.get("Expression"),
        stat and MetricStat(_metric(stat["Metric"]), stat["Period"], stat["Stat"], stat.get("Unit")),
    )


def _metric(asked: Mapping[str, Any]) -> Metric:
    dimensions = [Dimension(each["Name"], each["Value"]) for each in asked.get("Dimensions", ())]
    return Metric(asked["MetricName"], asked["Namespace"], dimensions)


class Alarm(TemplateResource, CloudFormationModel):
    kind = "AWS::CloudWatch::Alarm"
    named_by = "AlarmName"

    def settle(self) -> None:
        aside = ("AlarmName", "AlarmDescription")
        asked = as_structure(without(self.properties, *aside), api_shape("cloudwatch", "PutMetricAlarmInput"), "")
        queries = [_query(each) for each in asked.pop("Metrics", ())]
        needed = dict.fromkeys(("namespace", "metric_name", "period", "threshold", "statistic"))
        lists: Properties = {"dimensions": [], "alarm_actions": []}
        about = {"name": self.name, "description": self.properties.get("AlarmDescription", "")}
        self.here(cloudwatch_backends).put_metric_alarm(
            **needed | lists | about | underscored(asked), metric_data_queries=queries or None
        )

    def remove(self) -> None:
        self.here(cloudwatch_backends).delete_alarms([self.name])

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("cloudwatch", f"alarm:{self.name}")}


class Function(TemplateResource, CloudFormationModel):
    """moto's own drops tags, architectures, layers and logging."""

    kind = "AWS::Lambda::Function"
    named_by = "FunctionName"
    fixed = ("PackageType",)
    function: Any

    def asked(self) -> Properties:
        asked = deepcopy(self.properties) | {"FunctionName": self.name}
        asked["Tags"] = tag_map(asked.get("Tags", []))
        if "ZipFile" in asked["Code"]:
            # A template holds the source itself; the API wants it zipped.
            archive = LambdaFunction._create_zipfile_from_plaintext_code(asked["Code"]["ZipFile"])
            asked["Code"]["ZipFile"] = b64encode(archive).decode()
        return asked

    def create(self) -> None:
        as_structure(without(self.properties, "Code", "Tags"), api_shape("lambda", "CreateFunctionRequest"), "")
        self.function = lambda_backend(self.account_id, self.region_name).create_function(self.asked())

    def settle(self) -> None:
        asked = self.asked()
        self.function.tags = asked["Tags"]
        self.function.update_configuration(asked)
        self.function.update_function_code(asked["Code"])

    def remove(self) -> None:
        lambda_backend(self.account_id, self.region_name).delete_function(self.name)

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.arn("lambda", f"function:{self.name}")}


class FunctionPermission(TemplateResource, CloudFormationModel):
    """moto's own is never updated or deleted."""

    kind = "AWS::Lambda::Permission"
    fixed = EVERY_PROPERTY

    def policy(self) -> Any:
        return lambda_backend(self.account_id, self.region_name).get_function(self.properties["FunctionName"]).policy

    def create(self) -> None:
        asked = {"StatementId": self.name} | self.properties
        as_structure(asked, api_shape("lambda", "AddPermissionRequest"), "")
        self.policy().add_statement(as_json(without(asked, "FunctionName")))

    def remove(self) -> None:
        with suppress(UnknownFunctionException):  # whose policy is gone with it
            self.policy().del_statement(self.name)
