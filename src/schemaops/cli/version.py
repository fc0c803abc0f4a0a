"""The version of SchemaOps that runs."""

from __future__ import annotations

__all__ = ["version"]


def version() -> str:
    """Return the installed version; a source tree on the path has none."""
    from importlib import metadata

    try:
        return metadata.version("schemaops")
    except metadata.PackageNotFoundError:
        return "(not installed)"
