"""Secrets in plain text, recognised by the form of a token, the name of a value, or the command that contains them. No
function returns the secret itself, so that messages cannot show it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pipegen.facts import load
from pipegen.fields.gaps import GAP

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRETS = {"password", "passwd", "passphrase", "passcode", "secret", "secrets", "token", "credential", "credentials"}
_ENDS = ("password", "passwd", "apikey", "apitoken", "authtoken", "accesskey", "privatekey", "secretkey")
_ABBREVIATED = {"pass", "pw", "pwd"}
"""Words that are secrets only after another word: `PWD` is the working directory of a shell."""
_KEYS = {
    *("access", "account", "admin", "aes", "api", "app", "auth", "cipher", "deploy", "encryption", "hmac", "jwt"),
    *("license", "master", "private", "secret", "session", "shared", "signing", "ssh", "storage", "subscription"),
}
"""Words before `key` in the names of secrets, unlike in `CACHE_KEY` or `PUBLIC_KEY`."""
_PUBLIC = re.compile(
    r"(?:(?:EXPO|NEXT|NUXT)_)?PUBLIC_|VITE_|GATSBY_|(?:REACT|VUE)_APP_|(?:.*_)?PUBLISHABLE_", re.IGNORECASE
)
"""Matches the beginning of variables whose values are public, because frameworks embed them in web pages.
https://nextjs.org/docs/app/guides/environment-variables, https://vite.dev/guide/env-and-mode"""
_QUALIFIERS = {
    *("b", "base", "current", "default", "dev", "development", "new", "old", "plain", "previous", "primary", "prod"),
    *("production", "secondary", "stage", "staging", "string", "test", "testing", "text", "v", "value"),
}
"""Words that may follow, as in `PASSWORD_PROD`. Any other word changes the meaning: `TOKEN_URL`."""


@cache
def names_secret(name: str) -> bool:
    """Whether a name suggests that its value is a secret, and not a reference to a secret or a property of one."""
    if _PUBLIC.match(name):
        return False
    words = [word.lower() for word in _WORDS.findall(name)]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _QUALIFIERS):
        words.pop()
    *before, last = words or [""]
    if last == "key":
        return bool(before) and before[-1] in _KEYS and "public" not in before
    if last in _ABBREVIATED:
        return bool(before) and before[-1] not in ("by", "old")
    return last in _SECRETS or last.endswith(_ENDS)


def is_secret(name: str, value: str) -> bool:
    """Whether the value of a variable can be a secret: not a reference, path, switch or placeholder."""
    text = value.strip().strip("\"'")
    if "PRIVATE KEY-----" in text or _RANDOM.fullmatch(text):
        return True
    has_form = len(re.findall(r"\w", text)) > 2 and not re.search(r"\s", text) and not _reference().fullmatch(text)
    is_password = "pass" in name.lower() or "pwd" in name.lower()
    return has_form and (is_password or not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]+)?[a-z]{0,3}", text))


_RANDOM = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9+/]{32,}={0,2}")


@cache
def _reference() -> re.Pattern[str]:
    """Matches values that are not secrets themselves."""
    return re.compile(
        rf"""
        arn:.* | (?:alias|secret|parameter)/.* | \.{{0,2}}/.* | [~$%].* | [A-Za-z]:\\.* | .*{GAP}.* | .*[*.]{{3}}.*
        | .*(?:\$[({{A-Za-z_]|\{{\{{|\#\{{|`).* | <.*>? | \[.*
        | (?:aws|env|file|id|kms|name|op|projects|s3|sops|src|ssm|secretsmanager|type|vault|https?)[:=].*
        | true|false|yes|no|on|off|none|null|nil|undefined|enabled?|disabled?|optional|required
        | auto|default|always|never
        | x+ | n/a | tbd | .*(?:placeholder|redacted).*
        | cookie|header|query|body|bearer|basic|jwt|oauth2?|opaque|iam|session|vault|kms|plain|json|cache|read|write
        | [\w.-]+(?:/[\w.-]+)+(?::[\w.-]*)* | [\w/.-]+\.(?:crt|jks|json|key|p12|pem|pfx|sh|txt|ya?ml)
        """,
        re.VERBOSE | re.IGNORECASE,
    )


class Token(NamedTuple):
    """A token in a text: its description, and whether the form is unambiguous."""

    words: str
    is_certain: bool


class _Form(NamedTuple):
    name: str
    expression: str


@cache
def _forms() -> Mapping[str, Sequence[_Form]]:
    """The forms of tokens by their first characters. https://github.com/mongodb/kingfisher"""
    forms: dict[str, list[_Form]] = {}
    for name, (heads, expression) in load("secret_patterns").values.items():
        for head in heads:
            forms.setdefault(head, []).append(_Form(name, expression))
    return forms


def heads_in(text: str) -> Sequence[str]:
    """The first characters of tokens that occur in a text."""
    return [head for head in _forms() if head in text]


def token_in(text: str, heads: Sequence[str]) -> Token | None:
    """The token in a text that begins with one of `heads`, if there is one."""
    for head in heads:
        if head in text:
            for form in _forms()[head]:
                if match := _compiled(form.expression).search(text):
                    is_certain = form.name not in _MAY_BE_PUBLIC and not _compiled(_EXAMPLE).search(match[0])
                    return Token(form.name.replace("-", " "), is_certain)
            if head == "-----BEGIN" and "PRIVATE KEY-----" in text:
                return Token("private key", not _compiled(_EXAMPLE).search(text.partition(head)[2]))
            if len(head) > 3 and _compiled(_ABOUT.format(re.escape(head))).search(text):
                return Token(_forms()[head][0].name.replace("-", " "), False)
    return None


_MAY_BE_PUBLIC = {"gcp-api-key", "jwt"}
"""Tokens that may be public, such as keys in web pages."""
_EXAMPLE = (
    r"(?i)example|sample|dummy|fake|placeholder|redacted|replace|change_?me|your_?|\.{3}|x{5}|0{8}|1234567890|(\w)\1{7}"
)
"""Matches tokens in documentation, such as AKIAIOSFODNN7EXAMPLE."""
_ABOUT = r"(?<![\w-]){}(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[\w-]{{12,}}"
"""Matches texts that are shorter than current tokens of the service."""


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


_ARN = re.compile(r"arn:aws[a-z-]*:(?:secretsmanager:[^:]*:[^:]*:secret:|ssm:[^:]*:[^:]*:parameter/)")


def is_reference(value: str) -> bool:
    """Whether a text is the ARN of a secret or of an SSM parameter."""
    return _ARN.match(value) is not None


MAY_HOLD_SECRET = re.compile(
    r"pass|pwd|secret|token|key|credential|login|auth|://|-u\b|--user\b|\s-[ap]", re.IGNORECASE
)
_LOGIN = r"(?:docker|podman|buildah|oras|helm\s+registry)\s+login\b"
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"';&|,}]+)"""
_NAMED_IN_COMMANDS = (
    rf"""(?<![\w$.{{-])-{{0,2}}(?P<name>[A-Za-z_][\w.-]*)["']?\s*[=:]\s*(?P<value>{_VALUE})""",
    rf"(?<!\S)--(?P<name>[A-Za-z][\w.-]*)\s+(?P<value>{_VALUE})",
    rf"\bconfig(?:ure)?\s+(?:set\s+|--\w+\s+)*[^\s=]*?(?P<name>\w+)[\s=]+(?P<value>{_VALUE})",
)
_IN_COMMANDS = {
    r"://[^\s:/@$<{]*:(?P<value>[^\s/@$<{`]+)@": "the password in a URL",
    r"\bcurl\b[^|;&\n]*\s(?:-u|--user)[\s=]*[\"']?[^\s:\"'$]+:(?P<value>[^\s\"'$]+)": "the password of -u",
    rf"{_LOGIN}[^|;&\n]*\s-p[\s=]*(?P<value>{_VALUE})": "the password of -p",
    rf"\bsshpass\s+-p\s*(?P<value>{_VALUE})": "the password of -p",
    r"\b(?:mysql\w*|mariadb\S*)\b[^|;&\n]*\s-p(?P<value>[^\s\"'$-][^\s\"'$]*)": "the password of -p",
    rf"\bredis-cli\b[^|;&\n]*\s-a\s*(?P<value>{_VALUE})": "the password of -a",
    rf"(?:echo|printf)\s+(?:-n\s+)?(?P<value>{_VALUE})\s*\|\s*{_LOGIN}": "the password that it logs in with",
    r"Authorization[\"']?\s*:\s*(?:Bearer|Basic|token)\s+(?P<value>[^\s\"'$]{6,})": "the Authorization header",
}


def assigned_in(text: str) -> str:
    """A description of the secret that a text contains as `NAME=value`, `--name value`, `https://user:password@host`
    and so on; empty if there is none."""
    if not MAY_HOLD_SECRET.search(text):
        return ""
    for expression in _NAMED_IN_COMMANDS:
        for match in _compiled(expression).finditer(text):
            if names_secret(match["name"]) and is_secret(match["name"], match["value"]):
                return match["name"]
    for expression, words in _IN_COMMANDS.items():
        for match in _compiled(expression).finditer(text):
            if is_secret("password", match["value"]):
                return words
    return ""
