"""SQLAlchemy metadata → the script that builds its schema; nothing is connected."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from schemaops.errors import SchemaOpsError

__all__ = ["NoModels", "script_of"]

_URLS = {"postgres": "postgresql+psycopg://", "mysql": "mysql+pymysql://", "sqlite": "sqlite://"}


class NoModels(SchemaOpsError):
    """Models were named that cannot be imported, or that are no SQLAlchemy metadata.

    `models:package.module:Base` names a module, importable from here, and in it a declarative base
    class or a `MetaData`. What the module itself raises when it is imported is named.
    """

    code = "SO633"


def script_of(module: str, attribute: str, dialect: str) -> str:
    """Return the statements that create what a module's metadata describes; raise NoModels."""
    from sqlalchemy import MetaData, create_mock_engine, make_url
    from sqlalchemy.exc import SQLAlchemyError

    metadata = _found(module, attribute)
    if not isinstance(metadata, MetaData):
        raise NoModels(f"{module}:{attribute} is neither a declarative base nor a MetaData")
    statements: list[str] = []
    spelling = make_url(_URLS[dialect]).get_dialect()()

    def note(ddl: Any, *_: object, **__: object) -> None:
        statements.append(str(ddl.compile(dialect=spelling)).strip())

    engine = create_mock_engine(_URLS[dialect], note)
    try:
        metadata.create_all(engine, checkfirst=False)
    except SQLAlchemyError as error:
        raise NoModels(f"{module}:{attribute} cannot be written as {dialect}: {error}") from error
    return "".join(f"{statement};\n" for statement in statements)


def _found(module: str, attribute: str) -> object:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        held = getattr(import_module(module), attribute)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise NoModels(f"{module}:{attribute} cannot be imported: {said}") from error
    finally:
        sys.path.remove(here)
    return getattr(held, "metadata", held)
