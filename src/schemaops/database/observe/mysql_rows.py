"""Rows of MySQL's and MariaDB's information_schema, by the names of their columns."""

from __future__ import annotations

from typing import Any

from schemaops.database.observe.source import HiddenObjects, Source

__all__ = ["Row", "must_see_everything", "rows_of"]

Row = dict[str, Any]


def rows_of(source: Source, view: str, columns: str, order: str = "", **computed: str) -> list[Row]:
    """Return the rows that a view of information_schema has for the current database; the view's
    own columns, and computed ones by name."""
    own = columns.split()
    chosen = [*own, *(f"{text} AS {name.upper()}" for name, text in computed.items())]
    space = {
        "TRIGGERS": "TRIGGER_SCHEMA",
        "ROUTINES": "ROUTINE_SCHEMA",
        "PARAMETERS": "SPECIFIC_SCHEMA",
        "EVENTS": "EVENT_SCHEMA",
        "CHECK_CONSTRAINTS": "CONSTRAINT_SCHEMA",
        "REFERENTIAL_CONSTRAINTS": "CONSTRAINT_SCHEMA",
        "SCHEMATA": "SCHEMA_NAME",
    }.get(view, "TABLE_SCHEMA")
    sql = (
        f"SELECT {', '.join(chosen)} FROM information_schema.{view} WHERE {space} = DATABASE()"
        f"{' ORDER BY ' + order if order else ''}"
    )
    names = [*own, *(name.upper() for name in computed)]
    return [dict(zip(names, row, strict=True)) for row in source.query(sql)]


_NEEDED = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT")


def must_see_everything(source: Source) -> None:
    """Raise HiddenObjects unless the user has the rights without which objects are not shown."""
    held = {
        str(privilege).upper()
        for (privilege,) in source.query(
            "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES UNION "
            "SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES "
            "WHERE DATABASE() LIKE TABLE_SCHEMA"
        )
    }
    missing = [privilege for privilege in _NEEDED if privilege not in held]
    if missing:
        raise HiddenObjects(
            f"the user lacks {', '.join(missing)} on the database, so parts of it are not shown"
        )
