"""Buildspecs of version 0.2.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.output.yaml import dump


@frozen(kw_only=True)
class ArtifactFiles(Model):
    """The files of an output artifact. `name`: the name of the artifact in the pipeline."""

    name: str
    files: Sequence[str]
    base_directory: str | None = None


@frozen(kw_only=True)
class Buildspec(Model):
    """A buildspec whose commands run one after another in the build phase, and stop at the first failure.

    All commands are in one phase because CodeBuild runs post_build even after a failed build.

    uses_git: whether commands use Git with the credentials of the source, in a full clone.
    """

    commands: Sequence[str]
    runtime_versions: Mapping[str, str] = field(default_factory=dict)
    exported: Sequence[str] = ()
    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    artifacts: Sequence[ArtifactFiles] = ()
    cache_paths: Sequence[str] = ()
    uses_git: bool = False

    def text(self) -> str:
        environment: dict[str, Any] = {"shell": "bash"}
        if self.exported:
            environment["exported-variables"] = self.exported
        if self.uses_git:
            environment["git-credential-helper"] = True
        phases: dict[str, Any] = {"build": {"commands": self.commands}}
        if self.runtime_versions:
            phases = {"install": {"runtime-versions": self.runtime_versions}, **phases}
        buildspec: dict[str, Any] = {"version": 0.2, "env": environment, "phases": phases}
        if self.reports:
            buildspec["reports"] = self.reports
        if self.artifacts:
            buildspec["artifacts"] = self._artifacts()
        if self.cache_paths:
            buildspec["cache"] = {"paths": self.cache_paths}
        # The documentation writes the value as yes or no, but YAML libraries write true.
        return dump(buildspec).replace("  git-credential-helper: true\n", "  git-credential-helper: yes\n", 1)

    def _artifacts(self) -> dict[str, Any]:
        """A single output is the primary artifact; several are secondary artifacts under the names of the artifacts.
        https://docs.aws.amazon.com/codebuild/latest/userguide/sample-codepipeline-multi-input-output.html"""
        described = {artifact.name: _files(artifact) for artifact in self.artifacts}
        if len(described) == 1:
            return next(iter(described.values()))
        first = next(iter(described.values()))
        return {**first, "secondary-artifacts": described}


def _files(artifact: ArtifactFiles) -> dict[str, Any]:
    section: dict[str, Any] = {"files": artifact.files}
    if artifact.base_directory is not None:
        section["base-directory"] = artifact.base_directory
    return section
