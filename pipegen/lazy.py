"""Import public names when they are first used, to keep the command line fast."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

PACKAGES = (
    "pipegen",
    "pipegen.ecs",
    "pipegen.elb",
    "pipegen.codebuild",
    "pipegen.codedeploy",
    "pipegen.conditions",
    "pipegen.notifications",
    "pipegen.actions",
    "pipegen.functions",
)
"""The packages with public names."""

_INTERNAL = {"TYPE_CHECKING", "annotations", "lazy", "public_names"}
"""Names in the namespaces of these packages that completion does not show."""


def public_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` for a package.

    homes: the names in each module, separated by spaces.
    """
    modules = {name: module for module, names in homes.items() for name in names.split()}

    def get(name: str) -> object:
        if name not in modules:
            home = home_of(name) if name[:1].isupper() else ""  # submodules are looked up here too, before their import
            raise AttributeError(f"module {package!r} has no attribute {name!r}{f' (it is in {home})' if home else ''}")
        return getattr(import_module(modules[name]), name)

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules} - _INTERNAL)

    return get, names, sorted(modules)


def home_of(name: str) -> str:
    """Return the package that has a public name; empty if none has it."""
    return next((package for package in PACKAGES if name in import_module(package).__all__), "")
