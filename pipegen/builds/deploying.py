"""Whether a build looks as if it deployed something. It can do anything, so this is a guess, for warnings only."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipegen.grant import Grant

_COMMAND = re.compile(
    r"(?<![\w.-])deploy[\w:-]*(?:\.(?:js|py|sh|ts))?(?![\w/.])"
    r"|\baws\b[^|;&\n]*\s(?:execute-change-set|(?:create|update)-(?:deployment|service|stack|function-code)|start-rollout)\b"
    r"|\b(?:terraform|terragrunt|tofu)\b[^|;&\n]*\sapply\b"
    r"|\bpulumi\b[^|;&\n]*\sup\b"
    r"|\bkubectl\b[^|;&\n]*\s(?:apply|create|patch|replace|rollout|set)\b"
    r"|\bhelm\b[^|;&\n]*\s(?:install|upgrade)\b"
    r"|\baws\s+s3\s+sync\b|\bansible-playbook\b"
)
_ACTION = re.compile(
    r"(?:cloudformation|codedeploy|ecs|eks|elasticbeanstalk|lambda):(?:\*|(?:Create|Execute|Publish|Update|Run)\w*\*?)"
)
_NAME = re.compile(r"deploy|migrat|promot|release|roll-?out", re.IGNORECASE)


def looks_like_deployment(name: str, commands: Iterable[str], grants: Iterable[Grant]) -> bool:
    """By what a build is called, what it runs, and what it is allowed to do."""
    allowed = (action for grant in grants for action in grant.actions)
    return bool(_NAME.search(name) or any(map(_COMMAND.search, commands)) or any(map(_ACTION.fullmatch, allowed)))
