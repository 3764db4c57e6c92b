"""Keys that were renamed since 0.1.0: messages show the new names, and `pipegen upgrade` writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ANY = "*"
DEFINITION_KEYS: Mapping[str, str] = {
    "foundation.by": "referenced_by",
    "pipeline.stages.*.actions.*.compute": "compute_type",
    "pipeline.stages.*.actions.*.concurrent_builds": "concurrent_build_limit",
    "services.*.network.clients": "client_security_groups",
    "services.*.network.vpc": "vpc_id",
    "services.*.scheduling": "scheduling_strategy",
    "services.*.writer": "deployed_by",
}
"""The new names of keys of definitions, by path."""
FLEET_KEYS: Mapping[str, str] = {
    "services": "definitions",
    **{f"defaults.{path}": new for path, new in DEFINITION_KEYS.items()},
}
"""The new names of keys of a pipegen.yaml, by path."""
BLUEPRINT_KEYS: Mapping[str, str] = {f"definition.{path}": new for path, new in DEFINITION_KEYS.items()}
"""The new names of keys of a blueprint.yaml, by path."""


def new_name(path: Sequence[str | int], keys: Mapping[str, str]) -> str | None:
    """The new name of the key at a path; None if it was not renamed."""
    return next((new for old, new in keys.items() if _matches(path, old.split("."))), None)


def _matches(path: Sequence[str | int], old: Sequence[str]) -> bool:
    return len(path) == len(old) and all(pattern in (ANY, part) for part, pattern in zip(path, old, strict=True))
