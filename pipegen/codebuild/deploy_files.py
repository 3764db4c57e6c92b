"""The files that deployments read, as the script of an image build writes them; only the required ones."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pipegen.codebuild.buildspec import ArtifactFiles
from pipegen.codebuild.shell import ShellWords, document
from pipegen.frozen import frozen
from pipegen.output.yaml import dump
from pipegen.pipeline.artifact import DeploymentBundle, ImageDefinitions, ImageDetail, Output
from pipegen.pipeline.requirement import BundleFiles, ImageDefinitionsFile, ImageDetailFile, Request
from pipegen.syntax.names import identifier

DIRECTORY = "deployment-files"
"""The directory of files with fixed names, so that they do not collide with files of the source."""


@frozen
class BuiltImage:
    """A container and the shell variable with the URI of its image."""

    container: str
    variable: str


@lru_cache(maxsize=64)
def outputs(*containers: str) -> tuple[Output, ...]:
    """The outputs of an image build: image definitions, a deployment bundle, and image details. The file name of image
    details is fixed, so each of several images has its own artifact; that of a single image is in the bundle."""
    single = containers[0] if len(containers) == 1 else None
    details = {
        (name := f"detail_{identifier(each)}"): Output(name=name, contents=ImageDetail(container=each), on_request=True)
        for each in containers
        if single is None
    }
    return (
        Output(name="definitions", contents=ImageDefinitions(containers=containers)),
        Output(name="deployment", contents=DeploymentBundle(image=single), on_request=True),
        *details.values(),
    )


@dataclass(slots=True)
class DeployFiles:
    """Collects the shell blocks that write the files, the environment variables that they use, and the artifacts.

    Bundles are written before the images are built, so that their problems are reported before anything is pushed.
    Files with the URIs of images are written after.
    """

    images: Sequence[BuiltImage]
    words: ShellWords
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    artifacts: dict[str, list[str]] = field(default_factory=dict)
    directories: list[str] = field(default_factory=list)
    checked: bool = False
    known: dict[str, str] = field(default_factory=dict)

    @property
    def escapes(self) -> bool:
        """Whether a block calls `json_text`."""
        return any("$(json_text " in block for block in self.before)

    def add(self, output: Output, requests: Sequence[Request]) -> None:
        """Add the files that readers of one output require."""
        required = [request.requires for request in requests]
        if isinstance(output.contents, ImageDefinitions):
            files = [each for each in required if isinstance(each, ImageDefinitionsFile)]
            # A reader may accept any files.
            self._definitions(output.name, files or [ImageDefinitionsFile()])
        for request in requests:
            if isinstance(request.requires, BundleFiles):
                self._bundle(output.name, request.reader, request.requires)
        for container in dict.fromkeys(each.container for each in required if isinstance(each, ImageDetailFile)):
            self._detail(output.name, next(image for image in self.images if image.container == container))

    def artifact_files(self, names: Mapping[str, str]) -> list[ArtifactFiles]:
        """The files of the artifacts. `names`: the name of each output's artifact in the pipeline."""
        return [
            ArtifactFiles(name=names[output], files=["*"], base_directory=f"{DIRECTORY}/{output}")
            if output in self.directories
            else ArtifactFiles(name=names[output], files=files)
            for output, files in self.artifacts.items()
        ]

    def _path(self, output: str, file: str) -> str:
        """The path of a file in the output's directory."""
        if output not in self.directories:
            self.directories.append(output)
            self.before.append(f"mkdir -p {DIRECTORY}/{output}")
        self.artifacts.setdefault(output, []).append(file)
        return shlex.quote(f"{DIRECTORY}/{output}/{file}")

    def _definitions(self, output: str, files: Sequence[ImageDefinitionsFile]) -> None:
        by_file = {each.file: each for each in sorted(files, key=lambda each: not each.only_reads)}
        for file, required in sorted(by_file.items()):
            all_of_them = required.only_reads or not required.containers
            named = [image for image in self.images if all_of_them or image.container in required.containers]
            entries = ",".join(f'{{"name":"{image.container}","imageUri":"%s"}}' for image in named)
            values = " ".join(f'"${image.variable}"' for image in named)
            path = shlex.quote(f"./{file}")
            lines = [f'mkdir -p "$(dirname {path})"'] if "/" in file else []
            lines += [f"printf {shlex.quote(f'[{entries}]' + chr(92) + 'n')} {values} > {path}", f"cat {path}"]
            self.after.append("\n".join(lines))
            self.artifacts.setdefault(output, []).append(file)

    def _detail(self, output: str, image: BuiltImage) -> None:
        path = self._path(output, ImageDetail.file)
        self.after.append(f'printf \'{{"ImageURI":"%s"}}\\n\' "${image.variable}" > {path}\ncat {path}')

    def _bundle(self, output: str, reader: str, required: BundleFiles) -> None:
        names = required.file_names(reader)
        paths = [self._path(output, name) for name in names]
        contents, lines = (required.task_definition, required.appspec), []
        for path, content, write in zip(paths, contents, (_json, dump), strict=True):
            lines.append(self._written(path, content, write, identifier(reader).upper()))
        if any(isinstance(content, str) for content in contents):
            self.checked = True
            shown = [
                content if isinstance(content, str) else name for content, name in zip(contents, names, strict=True)
            ]
            pairs = [f"{path} {shlex.quote(name)}" for path, name in zip(paths, shown, strict=True)]
            lines.append(" \\\n  ".join(["check_deployment", *pairs, *map(shlex.quote, required.placeholders)]))
        self.before.append("\n".join(lines))

    def _written(self, path: str, content: str | Mapping[str, Any], write: Callable[[Any], str], prefix: str) -> str:
        """The command that writes data to a file, or copies a file of the source or one with the same data."""
        if isinstance(content, str):
            return f"cp {shlex.quote(f'./{content}')} {path}"
        first = self.known.setdefault(json.dumps(content, default=lambda value: value.to_dict()), path)
        if first != path:
            return f"cp {first} {path}"
        return f"cat > {path} {document(content, write, self.words, prefix)}"


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
