"""Runs a buildspec on this machine as CodeBuild would; what it pushes goes to a `Registry`, not to AWS.

Each command gets a fresh shell, into which only the exports and the directory of the one before are carried:
the least that "all commands run in the same instance" can mean, so that no script leans on more. A key of the
buildspec that this runner cannot honour is a `ValueError`, never ignored.

`docker` is a script in front of podman with storage of its own, fresh for each build. Every command runs in a
private mount namespace, where the registry's host name resolves and the machine's own storage is hidden.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from tests.support.cloud import aws_program
from tests.support.registry import ACCOUNT, CACHE_REPOSITORY, REGION, Registry

COMMIT = "0123456789abcdef0123456789abcdef01234567"

_PHASES = ("install", "pre_build", "build", "post_build")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_INTERPRETERS = {"bash": "/bin/bash", "sh": "/bin/sh"}
_COMMAND_SECONDS = "300"
_PRIMARY = ""
#: `cache` and `reports` change nothing that a build leaves behind; the machine has the runtimes that it has.
_KNOWN_KEYS = {
    "buildspec": {"version", "env", "phases", "artifacts", "cache", "reports"},
    "env": {"shell", "variables", "exported-variables"},
    "phase": {"on-failure", "runtime-versions", "commands", "finally"},
    "artifacts": {"name", "files", "base-directory", "discard-paths", "secondary-artifacts"},
}
_NAMESPACE = """
/usr/bin/mkdir -p /var/lib/containers
/usr/bin/mount --bind "$1" /etc/hosts && /usr/bin/mount --bind "$2" /var/lib/containers || exit 125
shift 2
exec "$@"
"""
_CONTAINERS = """\
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
[network]
network_config_dir = "{engine}/networks"
"""
_REGISTRIES = """\
unqualified-search-registries = []
[[registry]]
location = "{host}"
insecure = true
"""
_DOCKER = Path(__file__).with_name("docker.bash")

#: What YAML decodes to: the one place where types end.
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build left behind.

    `artifact` and `secondary` are directories, there only if the build succeeded. Each of `docker_commands`
    is the words after `docker`, in the order of the calls, failed ones included.
    """

    succeeded: bool
    log: str
    exported: Mapping[str, str]
    artifact: Path | None
    secondary: Mapping[str, Path]
    docker_commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """The directories of one build."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def engine(self) -> Path:
        return self.root / "engine"

    @property
    def programs(self) -> Path:
        return self.root / "programs"

    @property
    def log(self) -> Path:
        return self.root / "log"

    def say(self, line: str) -> None:
        with self.log.open("a") as log:
            log.write(f"[Container] {line}\n")


@dataclass(slots=True, kw_only=True)
class _Shell:
    """Runs commands one by one; between them it holds what they may hand on."""

    machine: _Machine
    interpreter: str
    environment: dict[str, str]
    directory: Path

    def run(self, command: str) -> bool:
        """Run one command; give whether it succeeded."""
        root, engine = self.machine.root, self.machine.engine
        script, exports, directory = root / "command", root / "exports", root / "directory"
        keep = f"/usr/bin/env -0 > {shlex.quote(str(exports))}; pwd > {shlex.quote(str(directory))}"
        script.write_text(f"trap {shlex.quote(keep)} EXIT\n{command}\n")
        limit = (shutil.which("timeout") or "timeout", "--kill-after=5", _COMMAND_SECONDS)
        namespace = (shutil.which("unshare") or "unshare", "--mount", "/bin/sh", "-c", _NAMESPACE, "sh")
        bound = (str(engine / "hosts"), str(engine / "machine"))
        self.machine.say(f"Running command {command}")
        with self.machine.log.open("ab") as log:
            status = subprocess.run(
                (*limit, *namespace, *bound, self.interpreter, str(script)),
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            ).returncode
        self._carry_over(exports, directory)
        if status:
            self.machine.say(f"Command did not exit successfully {command} exit status {status}")
        return status == 0

    def _carry_over(self, exports: Path, directory: Path) -> None:
        """Take over exports and directory; not exported functions, nor what a shell keeps for itself."""
        if not exports.exists():  # the command replaced the trap or the shell: nothing can be relied on
            return
        words = exports.read_bytes().decode(errors="replace").split("\0")
        variables = dict(word.split("=", 1) for word in words if "=" in word)
        own = {"_", "OLDPWD", "PWD", "SHLVL"}
        self.environment = {
            name: value for name, value in variables.items() if name not in own and "BASH_FUNC_" not in name
        }
        self.directory = Path(directory.read_text().removesuffix("\n"))
        exports.unlink()


def available() -> str | None:
    """Why no build can run on this machine, or None if one can."""
    if os.geteuid() != 0:
        return "builds need root, for mount namespaces and for port 80 of a loopback address"
    for program in ("docker-registry", "jq", "podman", "timeout", "unshare"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        return "this machine grants no mount namespaces"
    return None


def run_build(
    buildspec: str,
    *,
    source: Path,
    environment: Mapping[str, str],
    registry: Registry,
    path: Path,
    secondary_sources: Mapping[str, Path] = MappingProxyType({}),
    build_number: int = 1,
    commit: str = COMMIT,
    programs: Path | None = None,
) -> BuildResult:
    """Run the buildspec on copies of the sources, in a fresh directory under `path`.

    `environment` is that of the project: it wins over the buildspec's, and is where endpoints and credentials
    for services other than ECR belong. Secondary sources go by the name of their artifact.
    What is in the directory `programs` is found before the machine's own.
    """
    document = _read(buildspec)
    settings = document.get("env", {})
    machine = _set_up(path, registry)
    provided = dict(_provided(machine, build_number, commit))
    if programs is not None:
        provided["PATH"] = f"{programs}:{provided['PATH']}"
    variables = {
        **provided,
        **_copy_sources(machine, source, secondary_sources),
        **settings.get("variables", {}),
        **environment,
        **registry.environment,
    }
    interpreter = _INTERPRETERS[settings.get("shell", "sh")]
    shell = _Shell(machine=machine, interpreter=interpreter, environment=variables, directory=machine.source)
    artifacts = _gather(document.get("artifacts", {}), machine) if _run_phases(document["phases"], shell) else None
    return _result(shell, artifacts, settings.get("exported-variables", ()))


def _result(shell: _Shell, artifacts: Mapping[str, Path] | None, exported: Sequence[str]) -> BuildResult:
    found = artifacts or {}
    return BuildResult(
        succeeded=artifacts is not None,
        log=shell.machine.log.read_text(errors="replace"),
        exported={name: shell.environment[name] for name in exported if name in shell.environment},
        artifact=found.get(_PRIMARY),
        secondary={name: directory for name, directory in found.items() if name != _PRIMARY},
        docker_commands=tuple(_docker_commands(shell.machine.engine / "commands")),
    )


def _read(buildspec: str) -> Document:
    """Decode the buildspec, every scalar as a string, as CodeBuild takes it; check that it is all known."""
    document: Document = yaml.load(buildspec, Loader=yaml.BaseLoader)
    if document.get("version") != "0.2":
        raise ValueError(f"this runner knows version 0.2 of a buildspec, not {document.get('version')!r}")
    _check_keys("buildspec", document)
    settings = document.get("env", {})
    _check_keys("env", settings)
    if settings.get("shell", "sh") not in _INTERPRETERS:
        raise ValueError(f"this runner does not know the shell {settings['shell']!r}")
    artifacts = document.get("artifacts", {})
    for section in (artifacts, *artifacts.get("secondary-artifacts", {}).values()):
        _check_keys("artifacts", section)
    for name, phase in document["phases"].items():
        _check_phase(name, phase)
    return document


def _check_phase(name: str, phase: Document) -> None:
    if name not in _PHASES:
        raise ValueError(f"no phase is called {name!r}")
    _check_keys("phase", phase)
    if phase.get("on-failure", "ABORT") != "ABORT":
        raise ValueError(f"this runner does not know on-failure {phase['on-failure']!r}")
    for command in (*phase.get("commands", ()), *phase.get("finally", ())):
        if not isinstance(command, str):  # `- echo one: two` is a mapping in YAML
            raise ValueError(f"a command of {name} is not a string, but has subkeys: {command!r}")


def _check_keys(section: str, mapping: Document) -> None:
    if unknown := set(mapping) - _KNOWN_KEYS[section]:
        raise ValueError(f"this runner does not know these keys in {section}: {', '.join(sorted(unknown))}")


def _set_up(path: Path, registry: Registry) -> _Machine:
    """Lay out the programs of the build, and what podman reads instead of the machine's own files."""
    path.mkdir(parents=True, exist_ok=True)
    machine = _Machine(root=Path(tempfile.mkdtemp(prefix="build-", dir=path)))
    engine = machine.engine
    for directory in (machine.programs, machine.root / "home", engine / "tmp", engine / "machine"):
        directory.mkdir(parents=True)
    (engine / "commands").touch()
    (engine / "auth.json").write_text("{}")
    (engine / "hosts").write_text(f"127.0.0.1 localhost\n{registry.address} {registry.host}\n")
    (engine / "containers.conf").write_text(_CONTAINERS.format(engine=engine))
    (engine / "registries.conf").write_text(_REGISTRIES.format(host=registry.host))
    settings = {"engine": str(engine), "host": registry.host, "cache_repository": CACHE_REPOSITORY}
    assignments = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    docker = machine.programs / "docker"
    docker.write_text(f"#!/bin/bash\n{assignments}{_DOCKER.read_text()}")
    docker.chmod(0o755)
    (machine.programs / "aws").symlink_to(aws_program())
    return machine


def _provided(machine: _Machine, build_number: int, commit: str) -> Mapping[str, str]:
    """What CodeBuild sets for every build.

    https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
    """
    identity = f"project:{uuid.uuid4()}"
    return {
        "PATH": f"{machine.programs}:{_SYSTEM_PATH}",
        "HOME": str(machine.root / "home"),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "build",
        "AWS_SECRET_ACCESS_KEY": "build",
        "CODEBUILD_BUILD_ARN": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/{identity}",
        "CODEBUILD_BUILD_ID": identity,
        "CODEBUILD_BUILD_NUMBER": str(build_number),
        "CODEBUILD_INITIATOR": "codepipeline/pipeline",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": commit,
    }


def _copy_sources(machine: _Machine, source: Path, secondary: Mapping[str, Path]) -> Mapping[str, str]:
    """Copy the sources, so that no build changes them; give the variables that say where the copies are."""
    # CodePipeline hands sources on as a ZIP file, which holds no repository.
    no_repository = shutil.ignore_patterns(".git")
    shutil.copytree(source, machine.source, symlinks=True, ignore=no_repository)
    variables = {"CODEBUILD_SRC_DIR": str(machine.source)}
    for name, directory in secondary.items():
        copy = machine.root / f"source-{name}"
        shutil.copytree(directory, copy, symlinks=True, ignore=no_repository)
        variables[f"CODEBUILD_SRC_DIR_{name}"] = str(copy)
    return variables


def _run_phases(phases: Document, shell: _Shell) -> bool:
    """Run the phases in CodeBuild's order; only a failed build phase lets the next one run."""
    succeeded = True
    for name in (name for name in _PHASES if name in phases):
        shell.environment["CODEBUILD_BUILD_SUCCEEDING"] = "1" if succeeded else "0"
        passed = _run_phase(name, phases[name], shell)
        succeeded = succeeded and passed
        if not passed and (name != "build" or "on-failure" in phases[name]):
            break
    return succeeded


def _run_phase(name: str, phase: Document, shell: _Shell) -> bool:
    shell.machine.say(f"Entering phase {name.upper()}")
    passed = all(shell.run(command) for command in phase.get("commands", ()))
    if not passed:
        shell.environment["CODEBUILD_BUILD_SUCCEEDING"] = "0"
    passed = all(shell.run(command) for command in phase.get("finally", ())) and passed
    shell.machine.say(f"Phase complete: {name.upper()} State: {'SUCCEEDED' if passed else 'FAILED'}")
    return passed


def _gather(artifacts: Document, machine: _Machine) -> Mapping[str, Path] | None:
    """Copy the artifacts out: name -> directory. None if a file is missing, which fails the build.

    CodeBuild fails if nothing at all matches; here each line has to match something.
    """
    sections: Document = {_PRIMARY: artifacts} if artifacts.get("files") else {}
    sections |= artifacts.get("secondary-artifacts", {})
    gathered = {}
    for name, section in sections.items():
        gathered[name] = machine.root / "artifacts" / (name or "primary")
        base = machine.source / section.get("base-directory", ".")
        flat = section.get("discard-paths") == "yes"
        for pattern in section["files"]:
            files = [file for file in base.glob(pattern) if file.is_file()]
            if not files:
                machine.say(f"no matching artifact paths found: {pattern} in {base}")
                return None
            for file in files:
                _copy(file, gathered[name] / (file.name if flat else file.relative_to(base)))
    return gathered


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, target)


def _docker_commands(commands: Path) -> Iterator[tuple[str, ...]]:
    words = iter(commands.read_text(errors="replace").split("\0")[:-1])
    for count in words:
        yield tuple(next(words) for _ in range(int(count)))
