"""Commands that require a Docker daemon, in builds without one.
https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html#troubleshooting-cannot-connect-to-docker-daemon"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pipegen.errors import Problem
from pipegen.syntax.shell import Program, Script

_DAEMON = {
    *("attach", "build", "builder", "commit", "container", "cp", "create", "diff", "events", "exec", "export"),
    *("history", "image", "images", "import", "info", "inspect", "kill", "load", "logs", "network", "node", "pause"),
    *("port", "ps", "pull", "push", "rename", "restart", "rm", "rmi", "run", "save", "search", "service", "stack"),
    *("start", "stats", "stop", "swarm", "system", "tag", "top", "unpause", "update", "version", "volume", "wait"),
}
"""Commands that the daemon runs. Others, such as `login` and `manifest`, call registries or change settings.
https://docs.docker.com/reference/cli/docker/"""
_PLUGINS = {
    "buildx": {"bake", "build", "create", "du", "prune", "use"},
    "compose": {"build", "create", "down", "exec", "kill", "logs", "ps", "pull", "push", "restart", "rm", "run", "up"},
}
"""https://docs.docker.com/reference/cli/docker/buildx/ https://docs.docker.com/reference/cli/docker/compose/"""
_VALUED = {
    *("--config", "--context", "--file", "--log-level", "--profile", "--project-directory", "--project-name"),
    *("--builder", "--env-file", "--tlscacert", "--tlscert", "--tlskey", "-c", "-f", "-l", "-p"),
}
"""Options before the command that have a value."""


def docker_problems(field_name: str, scripts: Sequence[Script], known: Collection[str]) -> Iterator[Problem]:
    """Report the first use of the daemon in each command. known: the variables of the build."""
    if "DOCKER_HOST" in known or any(map(_has_daemon_elsewhere, scripts)):
        return
    for index, script in enumerate(scripts):
        for program in script.programs:
            if program.is_guarded and program.words[0] == "docker":
                break  # it tests whether there is a daemon
            if command := _daemon_command(program):
                text = f"{field_name}[{index}] runs {command}, which requires a Docker daemon"
                fix = "set docker: true, which runs the build in privileged mode"
                yield Problem("command-docker", (field_name, index), text, fix, "warning")
                break


def _has_daemon_elsewhere(script: Script) -> bool:
    """Whether commands use a daemon or builder on another machine."""
    for program in script.programs:
        name, *words = program.words
        if name == "docker" and (words[:2] == ["context", "use"] or {"-H", "--host", "-c", "--context"} & {*words[:2]}):
            return True
        if name == "docker" and _DRIVERS & {word.removeprefix("--driver=") for word in words}:
            return True
    return "DOCKER_HOST" in script.sets


_DRIVERS = {"cloud", "kubernetes", "remote"}
"""https://docs.docker.com/build/builders/drivers/"""


def _daemon_command(program: Program) -> str:
    """The program and the command for which it requires a daemon; empty if it does not."""
    name, *words = program.words
    if name not in ("docker", "docker-compose") or "--help" in words or "--print" in words:
        return ""
    verb, rest = ("compose", words) if name == "docker-compose" else _command(words)
    if verb not in _PLUGINS:
        return f"{name} {verb}" if verb in _DAEMON else ""
    part, _ = _command(rest)
    if part not in _PLUGINS[verb]:
        return ""
    return f"{name} {part}" if name == "docker-compose" else f"{name} {verb} {part}"


def _command(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The first word that is not an option, and the words after it."""
    rest = iter(words)
    for word in rest:
        if word in _VALUED:
            next(rest, None)
        elif not word.startswith("-"):
            return word, [*rest]
    return "", ()
