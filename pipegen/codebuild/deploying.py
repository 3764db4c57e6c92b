"""A heuristic for builds that deploy something, used only for warnings."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipegen.iam.grant import Grant

_OPTIONS = r"(?:\s+-\S+(?:\s+[^-\s]\S*)??)*?"
"""Options before a subcommand, each with or without a value."""
_WORDS = r"deploy(?:[-_:](?!(?:check|dry|lint|note|test)s?(?:[^a-z]|$))\w+)*"
_TARGET = rf"{_WORDS}(?=\s|$)"
"""Names of scripts, and of targets of general task runners."""
_TOOLS = (
    rf"aws{_OPTIONS}\s+(?:cloudformation|ecs){_OPTIONS}\s+deploy(?=\s|$)",
    rf"aws{_OPTIONS}\s+[a-z0-9-]+{_OPTIONS}\s+(?:execute-change-set|start-deployment|update-environment"
    r"|(?:create|update)-(?:deployment|function-code|service|stack|stack-instances|stack-set))(?=\s|$)",
    rf"aws{_OPTIONS}\s+s3{_OPTIONS}\s+sync\s.*\ss3://",
    rf"(?:amplify|cdk|cdktf|eb|firebase|fly|flyctl|netlify|sam|serverless|sls|wrangler){_OPTIONS}\s+deploy(?=\s|$)",
    rf"copilot{_OPTIONS}(?:\s+(?:app|env|job|svc))?{_OPTIONS}\s+deploy(?=\s|$)",
    rf"sam{_OPTIONS}\s+sync(?=\s|$)",
    rf"(?:terraform|terragrunt|tofu){_OPTIONS}(?:\s+run-all)?\s+(?:apply|destroy)(?=\s|$)",
    rf"pulumi{_OPTIONS}\s+(?:up|update)(?=\s|$)",
    rf"kubectl{_OPTIONS}\s+(?:apply|create|delete|patch|replace|set|rollout\s+(?:restart|undo))(?=\s|$)",
    rf"helm{_OPTIONS}\s+(?:install|upgrade|rollback)(?=\s|$)",
    r"ansible-playbook(?=\s)",
    rf"(?:make|just|task|rake|cap)(?:\s+\S+)*?(?<!\s-[Cf])\s+{_TARGET}",
    rf"(?:npm|pnpm|yarn|bun){_OPTIONS}(?:\s+(?:run|run-script))?{_OPTIONS}\s+{_TARGET}",
    rf"(?:(?:bash|sh|python3?|node|ruby)\s+)?(?:\.{{0,2}}/)?(?:[\w.-]+/)*{_WORDS}\.(?:js|mjs|py|rb|sh|ts)(?=\s|$)",
    rf"(?:\.{{1,2}}/(?:[\w.-]+/)*|(?:[\w.-]+/)+){_TARGET}",
)
_PREFIX = (
    r"(?:(?:then|do|else|!|sudo|exec|time|nice|env|npx|pnpx|bunx|pipx run|uv run|poetry run|bundle exec"
    r"|(?:pnpm|yarn)\s+(?:exec|dlx)|(?:python3?|ruby)\s+-m|[A-Za-z_]\w*=\S*)\s+(?:-{1,2}\w[\w-]*\s+)*)*"
)
"""Words before a command that are not part of it."""
_COMMAND = re.compile(rf"{_PREFIX}(?:{'|'.join(_TOOLS)})")
_HARMLESS = re.compile(r"\s--?(?:dry-?run(?!=none)|check|syntax-check|help|no-execute(?:-changeset)?|noop)\b")
"""Options with which a tool only reports what it would do."""
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_LONGEST = 2_000
"""The number of characters of a command that are examined; the program is at the start."""
_SEPARATOR = re.compile(r"&&|\|\||[;&|\n(){}`]")
_ACTION = re.compile(
    r"(?:cloudformation|codedeploy|ecs|eks|elasticbeanstalk|lambda):(?:\*|(?:Create|Execute|Publish|Update|Run)\w*\*?)"
)
_NAME = re.compile(
    r"(?:.*[a-z0-9@_.-])?(?:Deploy|Release|Deployment)(?:To[A-Z-_]\w*)?"
    r"|(?i:(?:.*[@_.-])?(?:deploy|release|deployment)(?:[_-]to[_-][\w-]+)?)"
)


def looks_like_deployment(name: str, commands: Iterable[str], grants: Iterable[Grant]) -> bool:
    """Whether the name, the commands or the permissions of a build indicate a deployment."""
    allowed = (action for grant in grants for action in grant.actions)
    return bool(_NAME.fullmatch(name) or any(map(_deploys, commands)) or any(map(_ACTION.fullmatch, allowed)))


def _deploys(command: str) -> bool:
    """Whether a line or script contains a command of a deployment tool."""
    script = _COMMENT.sub("", _QUOTED.sub("QUOTED", command.replace("\\\n", " ")))
    each = (part.strip()[:_LONGEST] for part in _SEPARATOR.split(script))
    return any(_COMMAND.match(part) and not _HARMLESS.search(part) for part in each)
