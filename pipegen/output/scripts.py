"""The texts in `templates/`: scripts, rendered by the one Jinja environment with every value quoted for the shell they
end up in, and code as it is."""

from __future__ import annotations

import shlex
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pipegen", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # scripts, not HTML: quoting is the `sh` filter's
    )
    environment.filters["sh"] = shlex.quote
    return environment


def render(template: str, **values: Any) -> str:
    """The text of `templates/<template>` with these values; an undefined one is our bug and raises."""
    return _environment().get_template(template).render(**values)


@cache
def verbatim(file: str) -> str:
    """The text of `templates/<file>` as it is."""
    return files("pipegen").joinpath("templates", file).read_text(encoding="utf-8")
