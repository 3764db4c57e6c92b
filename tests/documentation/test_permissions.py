"""`docs/permissions.md`: what every kind asks to be allowed, on what and for what. Made from the kinds themselves:
`UPDATE_DOCS=1 pytest tests/documentation/test_permissions.py` writes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

from pipegen.actions.kinds import KINDS
from pipegen.compile.conditions import bind_rules
from pipegen.compile.notifications import notification_context
from pipegen.conditions.kinds import KINDS as RULE_KINDS
from pipegen.graph.outline import lower, outline
from pipegen.graph.wiring import wire
from pipegen.iam.grant import Grant
from pipegen.notifications.kinds import KINDS as NOTIFICATION_KINDS
from pipegen.pipeline.artifact import GitClone
from pipegen.pipeline.binding import Bound
from pipegen.values.value import Value
from tests.actions.test_kinds import BOUND, definitions
from tests.examples import ROOT

PAGE = ROOT / "docs" / "permissions.md"
HEAD = """\
# Permissions

The permissions of each kind of action, rule and notification. They are those of test definitions that use nearly all
fields; a definition that uses fewer fields gets fewer permissions. [How permissions are
derived](explanation/permissions.md) explains the roles.

Rows with the role "pipeline" are part of the pipeline's service role. Every other row belongs to a separate role,
which one service assumes for one purpose. A row on `*` gives the reason why no resource can be named, and so does the
template. The source of each permission is beside it in the code.

This page is generated from the kinds.
"""


def expression(value: Value) -> str:
    """A value as a reader of a template would write it."""
    if isinstance(value, str):
        return value
    [(function, argument)] = value.to_dict().items()
    if isinstance(argument, str):
        return argument if function == "Fn::Sub" else f"${{{argument}}}"
    if function == "Fn::GetAtt":
        return f"${{{'.'.join(argument)}}}"
    if function == "Fn::Sub":
        text = str(argument[0])
        for name, part in argument[1].items():
            text = text.replace(f"${{{name}}}", f"${{{next(iter(part))}}}")
        return text
    return f"${{{function}}}"


def rows(role: str, grants: Sequence[Grant]) -> Iterator[tuple[tuple[str, str, str], str]]:
    """The rows, and what makes two of them the same but for the resources: of these one is shown."""
    for grant in grants:
        actions = ", ".join(f"`{action}`" for action in sorted(grant.actions))
        resources = "<br>".join(f"`{expression(resource)}`" for resource in grant.resources)
        given = json.dumps(grant.conditions, default=lambda value: expression(value)) if grant.conditions else ""
        condition = f" if `{given}`" if given else ""
        yield (role, actions, grant.because), f"| {role} | {actions} | {resources}{condition} | {grant.because} |"


def bound_of(kind: str) -> list[Bound]:
    return [bound for action, bound in BOUND if type(action) is KINDS[kind]]


def kind_rows(kind: str) -> list[str]:
    found: dict[tuple[str, str, str], str] = {}
    for bound in bound_of(kind):
        found = {**dict(rows("pipeline", bound.grants)), **found}
        for role in bound.roles:
            found = {**dict(rows(role.service.removesuffix(".amazonaws.com"), role.grants)), **found}
    for action, _ in BOUND:
        if type(action) is KINDS[kind]:
            for output in action.makes():
                if isinstance(output.contents, GitClone):
                    found = {**dict(rows("codebuild that reads the clone", output.contents.reader_grants)), **found}
    return list(found.values())


def rule_rows(kind: str) -> list[str]:
    found: dict[tuple[str, str, str], str] = {}
    for definition in definitions():
        for each in bind_rules(definition, wire(lower(outline(definition))).rules):
            if type(each.located.rule) is RULE_KINDS[kind]:
                found = {**dict(rows("pipeline", each.bound.grants)), **found}
    return list(found.values())


def notification_rows(kind: str) -> list[str]:
    """The permissions of roles, and those that policies of topics and functions give to services."""
    found: dict[tuple[str, str, str], str] = {}
    for definition in definitions():
        for notification in definition.pipeline.notifications:
            if type(notification) is NOTIFICATION_KINDS[kind]:
                bound = notification.bind(notification_context(definition, "Pipeline"))
                for role in bound.roles:
                    found = {**dict(rows(role.service.removesuffix(".amazonaws.com"), role.grants)), **found}
                for resource in bound.resources:
                    found = {**dict(policy_rows(document_of_resource(resource))), **found}
    return list(found.values())


def document_of_resource(resource: Any) -> Any:
    return json.loads(json.dumps(resource.to_dict(), default=lambda each: each.to_dict()))["Properties"]


def policy_rows(properties: Any) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Of the policy of a topic, and of the permission to invoke a function."""
    for each in properties.get("PolicyDocument", {}).get("Statement", ()):
        [service] = each["Principal"]["Service"]
        given = json.dumps(each["Condition"])
        yield (service, "", ""), f"| {service} | `{each['Action'][0]}` | the topic if `{given}` | sends the messages |"
    if "SourceArn" in properties:
        service = properties["Principal"]
        row = f"| {service} | `{properties['Action']}` | the function, for this rule | passes the events |"
        yield (service, "", ""), row


def table(found: list[str]) -> str:
    return "\n".join(["| role | may | on | for |", "| --- | --- | --- | --- |", *found]) if found else "Nothing."


def page() -> str:
    parts = [HEAD, "## Actions\n"]
    parts += [f"### {kind}\n\n{table(kind_rows(kind))}\n" for kind in KINDS]
    parts.append("## Rules\n")
    parts += [f"### {kind}\n\n{table(rule_rows(kind))}\n" for kind in RULE_KINDS]
    parts.append("## Notifications\n")
    parts += [f"### {kind}\n\n{table(notification_rows(kind))}\n" for kind in NOTIFICATION_KINDS]
    return "\n".join(parts)


def test_the_page_is_what_the_kinds_say() -> None:
    made = page()
    if "UPDATE_DOCS" in os.environ:
        PAGE.write_text(made)
    assert PAGE.read_text() == made


def all_grants() -> Iterator[tuple[str, Grant]]:
    for action, bound in BOUND:
        own: Sequence[Any] = getattr(action, "grants", ())
        for grant in (*bound.grants, *(grant for role in bound.roles for grant in role.grants)):
            if grant not in own:
                yield type(action).__name__, grant


def test_every_grant_says_what_it_is_for() -> None:
    assert [(kind, grant.actions) for kind, grant in all_grants() if not grant.because] == []
