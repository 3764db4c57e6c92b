"""Checks of grants against IAM's reference: unknown actions, and resources that the actions do not support.

The lists may be out of date, so unknown names are warnings, except for a resource of another service.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from functools import cache, partial

from pipegen.errors import Path, Problem, Severity, did_you_mean, quoted
from pipegen.facts import closest, iam, partition_of, regions, unlisted
from pipegen.fields.gaps import GAP
from pipegen.frozen import frozen
from pipegen.values.shape import shapes, without_variables
from pipegen.values.value import Value


def action_problems(actions: Sequence[str]) -> Iterator[Problem]:
    """Problems with unknown actions. Paths are relative to the grant."""
    for index, action in enumerate(actions):
        prefix, _, name = action.partition(":")
        path: Path = ("actions", index)
        service = iam.service(prefix)
        if service is None:
            near = closest(prefix, iam.prefixes())
            fix = did_you_mean(near and f"{near}:{name}") or f"see the prefixes in {_REFERENCE}"
            yield Problem("grant-action", path, f"{action}: IAM knows no service {prefix}", fix, "warning")
        elif not _matching(action):
            is_pattern = "*" in name or "?" in name
            text = f"{action} matches no action" if is_pattern else f"{action} is not a known action"
            near = _like(name, [each.name for each in service.actions.values()])
            suggestion = f"{prefix}:{near}" if near else _elsewhere(name, actions)
            fix = did_you_mean(suggestion) or f"see the actions of {prefix} in {_REFERENCE}"
            yield Problem("grant-action", path, text, fix, "warning")


def _elsewhere(name: str, actions: Sequence[str]) -> str:
    """The action with this name in another service of the grant."""
    for prefix in dict.fromkeys(action.partition(":")[0] for action in actions):
        service = iam.service(prefix)
        if service is not None and name.lower() in service.actions:
            return f"{prefix}:{name}"
    return ""


def _like(name: str, actions: Sequence[str]) -> str:
    """The most similar action, or for a pattern such as `Recieve*` the most similar prefix."""
    head, star, _ = name.partition("*")
    begun = sorted({each[: len(head)] for each in actions}) if star else actions
    near = closest(head, begun)
    return f"{near}{star}" if near and near != head else ""


_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"


def resource_problems(actions: Sequence[str], resources: Sequence[Value]) -> Iterator[Problem]:
    """Problems with resources that none of the actions supports, and with actions that support none of the resources.

    Paths are relative to the grant.
    """
    for index, resource in enumerate(resources):
        for text in _texts(resource):
            yield from _arn_problems(("resources", index), text)
            yield from _alias_problems(("resources", index), text, actions)
    known = {action: _matching(action) for action in actions}
    if not all(known.values()):
        return  # unknown actions may support any resource
    accepted = {action: _arns(action, found) for action, found in known.items()}
    arns = [[*_texts(resource)] for resource in resources]
    used = set[str]()
    for index, (resource, texts) in enumerate(zip(resources, arns, strict=True)):
        granted = {action for action, types in accepted.items() if _is_granted(texts, types)}
        used |= granted
        if not granted and any(accepted.values()):
            yield _unusable(("resources", index), resource, texts, accepted)
    for index, action in enumerate(actions):
        if not accepted[action]:
            if action not in _ALSO_GRANTED and not any("*" in texts for texts in arns):
                text = f"{action} is granted only on all resources, so that the grant does not allow it"
                fix = 'move it to a grant with resources: ["*"] and because:'
                yield Problem("grant-action", ("actions", index), text, fix, "warning")
        elif action not in used and used:
            text = f"{action} applies to none of the resources"
            yield Problem("grant-action", ("actions", index), text, f"add {_forms(accepted[action])}", "warning")


_ALSO_GRANTED = ("codedeploy:PutLifecycleEventHookExecutionStatus",)
"""Actions that support resource-level permissions, although the reference does not list resources for them.
https://docs.aws.amazon.com/codedeploy/latest/userguide/tutorial-ecs-with-hooks-create-hooks.html"""


def _arn_problems(path: Path, text: str) -> Iterator[Problem]:
    """Problems with unknown partitions and regions in an ARN, or with a region in another partition."""
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 5:
        return
    if text != text.strip():
        yield Problem("grant-resource", path, f"{quoted(text, 120)} has white space at an end", "remove it")
    if not parts[1]:
        yield Problem("grant-resource", path, f"{quoted(text, 120)} has no partition", "begin it with arn:aws:")
    partition, region = parts[1], parts[3]
    known = [each for names in regions().values() for each in names]
    is_partition, is_region = (bool(re.fullmatch("[a-z0-9-]+", each)) for each in (partition, region))
    if is_partition and partition not in regions():
        yield unlisted("grant-resource", path, partition, regions(), "partition")
    elif is_region and region not in known:
        yield unlisted("grant-resource", path, region, known, "region")
    elif re.fullmatch(r"\d+", parts[4]) and len(parts[4]) != 12:
        shown = quoted(re.sub(f"{GAP}+", "…", text), 120)
        text = f"{shown} has the account {parts[4]}, of {len(parts[4])} digits"
        yield Problem("grant-resource", path, text, "an account has 12 digits")
    elif is_partition and is_region and region not in regions()[partition]:
        text = f"{region} is in the partition {partition_of(region)}, and the ARN begins with arn:{partition}"
        yield Problem("grant-resource", path, text, f"write arn:{partition_of(region)}: or another region")


def _alias_problems(path: Path, text: str, actions: Sequence[str]) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"""
    if _ALIAS.match(text) and not all(action.endswith(("Alias", "*")) for action in actions):
        shown = quoted(re.sub(f"{GAP}+", "…", text), 120)
        yield Problem(
            "grant-resource", path, f"{shown} is an alias, which allows no use of its key", "give the key's ARN"
        )


_ALIAS = re.compile(rf"arn:(?:[^:]*:kms:[^:]*:[^:]*|{GAP}):alias/")


def _unusable(path: Path, resource: Value, texts: Sequence[str], accepted: _Accepted) -> Problem:
    """The problem of a resource that no action supports: an error if it is of another service."""
    forms = sorted({form for each in accepted.values() for form in each}, key=partial(_unlike, texts[0]))
    names = [action for action, each in accepted.items() if each]
    services = {form.split(":", 1)[0] for form in forms}
    is_others = not any(_meet(_parts(text)[0], service) for text in texts for service in services)
    severity: Severity = "error" if is_others else "warning"
    shown = quoted(re.sub(f"{GAP}+", "…", texts[0]), 100)
    few = f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''}"
    verb = "applies" if len(names) == 1 else "apply"
    text = f"{shown} is not a resource that {few} {verb} to"
    return Problem("grant-resource", path, text, f"use one such as {_forms(forms)}", severity)


def _unlike(text: str, form: str) -> tuple[int, float]:
    """The distance of a text from a form of ARNs: first by which parts are empty, then by similarity."""
    written, parts = _parts(text), form.split(":", 3)
    differing = sum(bool(written[index]) != bool(parts[index]) for index in (1, 2)) if form != "*" else 0
    plain = form.replace("+", "").replace("*", "")
    return differing, -SequenceMatcher(None, ":".join(written), plain, autojunk=False).ratio()


_Accepted = dict[str, tuple[str, ...]]
"""The ARNs, without partition, of the resources that each action supports."""


@frozen
class _Matched:
    """An action of a service that a pattern matches."""

    prefix: str
    types: tuple[str, ...]


@cache
def _matching(action: str) -> tuple[_Matched, ...]:
    """The actions that match an action, which can be a pattern."""
    prefix, _, name = action.partition(":")
    service = iam.service(prefix)
    if service is None:
        return ()
    wanted = name.lower()
    if "*" not in wanted and "?" not in wanted:
        found = service.actions.get(wanted)
        return () if found is None else (_Matched(prefix, found.types),)
    return tuple(_Matched(prefix, each.types) for key, each in service.actions.items() if fnmatchcase(key, wanted))


def _arns(action: str, matched: Sequence[_Matched]) -> tuple[str, ...]:
    service = iam.service(action.partition(":")[0])
    assert service is not None
    types = dict.fromkeys(kind for each in matched for kind in each.types)
    if any(kind not in service.arns for kind in types):
        return ("*",)  # the list does not have an ARN for the type
    return tuple(dict.fromkeys(arn for kind in types for arn in service.arns[kind]))


def _texts(resource: Value) -> Iterator[str]:
    for each in shapes(without_variables(resource)):
        yield each.text


def _is_granted(texts: Sequence[str], forms: Sequence[str]) -> bool:
    return not texts or any(_fits(text, form) for text in texts for form in forms)


def _fits(text: str, form: str) -> bool:
    if form == "*" or not text.startswith("arn:") or "${" in text or _ALIAS.match(text):
        return True  # values other than ARNs, and key aliases, are reported elsewhere
    written, accepted = _parts(text), form.split(":", 3)
    if written[:1] == ["ssm"] and written[2] == "" and _DOCUMENT_OF_AWS.match(written[3]):
        accepted[2] = ""
    if not all(_meet(part, kind) for part, kind in zip(written[:3], accepted[:3], strict=True)):
        return False
    resource, kind = written[3], accepted[3]
    if form in _NEVER_IN_NAMES and _NEVER_IN_NAMES[form] in resource:
        return False
    return _globs_meet(_glob(resource), kind)


_DOCUMENT_OF_AWS = re.compile("document/(?:AWS|Amazon)")
"""Systems Manager documents that AWS owns; their ARNs do not have an account.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_target"""
_NEVER_IN_NAMES = {"s3:::*": "/", "ssm:+:+:parameter/*": "//", "sqs:+:+:*": "/", "sns:+:+:*": "/"}
"""Characters that names of these resources cannot contain.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html (the ARN of /name)"""


def _parts(text: str) -> list[str]:
    """The service, region, account and resource of an ARN. A shorter ARN matches all ARNs that begin with it."""
    _, _, *parts = text.split(":", 5)
    return [*parts, *["*"] * (4 - len(parts))] if len(parts) < 4 else parts


def _glob(text: str) -> str:
    return re.sub(f"{GAP}+", "*", text)


def _meet(part: str, kind: str) -> bool:
    """Whether a service, region or account may match that of a form."""
    written = _glob(part)
    if kind == "+":
        return written != ""
    return _globs_meet(written, kind)


def _globs_meet(one: str, other: str) -> bool:
    """Whether a text exists that matches both patterns, which can contain `*` and `?`."""
    seen, waiting = set[tuple[int, int]](), [(0, 0)]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        first, second = one[at[0] : at[0] + 1], other[at[1] : at[1] + 1]
        if not first and not second:
            return True
        if first == "*" or second == "*":
            waiting += [(at[0] + 1, at[1])] if first else []
            waiting += [(at[0], at[1] + 1)] if second else []
        elif first and second and (first == second or "?" in (first, second)):
            waiting.append((at[0] + 1, at[1] + 1))
    return False


def _forms(forms: Sequence[str]) -> str:
    """At most two ARNs with placeholders, for messages."""
    written = []
    for form in forms[:2]:
        service, region, account, resource = form.split(":", 3) if form != "*" else ("SERVICE", "+", "+", "*")
        named = [service, region.replace("+", "REGION"), account.replace("+", "ACCOUNT"), resource.replace("*", "NAME")]
        written.append(f"arn:aws:{':'.join(named)}")
    return " or ".join(written)
