"""Settings that are read from a fleet's file before anything else is imported, even if nothing has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipegen.errors import InvalidDefinition
from pipegen.loading.layout import FLEET_FILE
from pipegen.loading.options import RenderOptions
from pipegen.syntax.paths import open_regular


def render_options(root: Path) -> RenderOptions | None:
    """The options in a fleet's file; None if it does not set any. Raises InvalidDefinition."""
    content = _content(root)
    if b"render" not in content:
        return None
    options = _read(content)
    return options if options is not None and not [*options.problems()] else _read_whole(root)


def may_set(key: bytes, root: Path) -> bool:
    """Whether a fleet's file may contain a key, without parsing it. False only if it certainly does not."""
    content = _content(root)
    return key in content or b"\\" in content  # YAML can write any character as an escape


def _content(root: Path) -> bytes:
    try:
        with open_regular(root / FLEET_FILE) as file:
            return file.read()
    except OSError:
        return b""


def _read(content: bytes) -> RenderOptions | None:
    """The options if they are written in the usual way; None if the file must be read strictly."""
    import yaml

    flags = {"true": True, "false": False}
    try:
        data: Any = yaml.load(content, Loader=yaml.CBaseLoader)
        settings: dict[str, Any] = {name: flags.get(value, value) for name, value in data["render"].items()}
        options = RenderOptions(**settings)
    except (yaml.YAMLError, InvalidDefinition, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    is_valid = options.format in ("yaml", "json") and isinstance(options.output, str | None)
    are_flags = all(isinstance(flag, bool) for flag in (options.deploy_script, options.git_sync))
    return options if is_valid and are_flags else None


def _read_whole(root: Path) -> RenderOptions | None:
    from pipegen.loading.fleet_file import read_fleet

    return read_fleet(root).data.render
