"""Keys that had another name in 0.1.0: messages name the new one, and `pipegen upgrade` writes it."""

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
"""New names of the keys of a definition, by their paths."""
FLEET_KEYS: Mapping[str, str] = {
    "services": "definitions",
    **{f"defaults.{path}": new for path, new in DEFINITION_KEYS.items()},
}
"""Those of a pipegen.yaml."""
BLUEPRINT_KEYS: Mapping[str, str] = {f"definition.{path}": new for path, new in DEFINITION_KEYS.items()}
"""Those of a blueprint.yaml."""


def new_name(path: Sequence[str | int], keys: Mapping[str, str]) -> str | None:
    """Return the new name of the key at the end of a path, None if it was not renamed."""
    return next((new for old, new in keys.items() if _matches(path, old.split("."))), None)


def _matches(path: Sequence[str | int], old: Sequence[str]) -> bool:
    return len(path) == len(old) and all(part in (ANY, given) for given, part in zip(path, old, strict=True))
