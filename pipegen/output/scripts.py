"""Read the texts in `templates/`: Jinja templates of scripts, shell functions, and code as it is.

Jinja is imported when a template is rendered; the script of an image build, which nearly every definition has, needs
none.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import cache
from pkgutil import get_data  # quicker to import than importlib.resources
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
    """Render `templates/<template>` with values. Undefined values raise an error."""
    return _environment().get_template(template).render(**values)


@cache
def verbatim(file: str) -> str:
    """The unchanged text of `templates/<file>`."""
    data = get_data("pipegen", f"templates/{file}")
    assert data is not None
    return data.decode()


@cache
def functions(file: str) -> Mapping[str, str]:
    """The shell functions in `templates/<file>`, each with its comment, by name; blank lines are between them only."""
    blocks = [block for block in verbatim(file).strip("\n").split("\n\n") if "() {\n" in block]
    return {block.partition("() {\n")[0].rpartition("\n")[2]: block for block in blocks}
