"""How a fleet is rendered, written down once for everybody who renders it. It imports next to nothing, as it is read
even when nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pipegen.errors import InvalidDefinition, Problem, quoted
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.loading.layout import FLEET_FILE
from pipegen.syntax.paths import open_regular


@frozen(kw_only=True)
class RenderOptions(Model):
    """Options of `pipegen render` for a fleet, the same for people, hooks and workflows."""

    output: str | None = None
    """The directory of the output, relative to that of pipegen.yaml. The option `-o` takes precedence."""
    format: Literal["yaml", "json"] = "yaml"
    """The format of the templates. Default: yaml."""
    deploy_script: bool = False
    """Whether each definition gets a `deploy.sh`. Default: false."""
    git_sync: bool = False
    """Whether each definition gets deployment files for CloudFormation's Git sync. Default: false.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/git-sync.html"""

    def problems(self) -> Iterator[Problem]:
        if self.output is not None and (not self.output or "\0" in self.output or _is_absolute(self.output)):
            text = f"{quoted(self.output, 60)} is not a directory seen from the fleet's own"
            yield Problem("fleet-output", ("output",), text, "a relative path, such as templates")


def _is_absolute(path: str) -> bool:
    return PurePosixPath(path).is_absolute() or path[1:2] == ":"


def render_options(root: Path) -> RenderOptions | None:
    """What a fleet's file says under `render`; None where it says nothing. Raises InvalidDefinition."""
    content = _content(root)
    if b"render" not in content:
        return None
    found = _read(content)
    return found if found is not None and not [*found.problems()] else _read_whole(root)


def may_set(key: bytes, root: Path) -> bool:
    """Whether a fleet's file has a key, without reading the file as YAML: false only if it certainly has not."""
    content = _content(root)
    return key in content or b"\\" in content  # YAML can write any character as an escape


def _content(root: Path) -> bytes:
    try:
        with open_regular(root / FLEET_FILE) as file:
            return file.read()
    except OSError:
        return b""


def _read(content: bytes) -> RenderOptions | None:
    """The options as they are usually written; None where a closer look is needed."""
    import yaml

    flags = {"true": True, "false": False}
    try:
        data: Any = yaml.load(content, Loader=yaml.CBaseLoader)
        given: dict[str, Any] = {name: flags.get(value, value) for name, value in data["render"].items()}
        made = RenderOptions(**given)
    except (yaml.YAMLError, InvalidDefinition, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    fits = made.format in ("yaml", "json") and isinstance(made.output, str | None)
    return made if fits and all(isinstance(flag, bool) for flag in (made.deploy_script, made.git_sync)) else None


def _read_whole(root: Path) -> RenderOptions | None:
    from pipegen.loading.fleet_file import read_fleet

    return read_fleet(root).data.render
