"""Sessions: what a line sets for its session and leaves so.

The other side's statements were written for a session of their own, and may come to run in the same
one. What a line sets on its way also says how its own later statements are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemaops.operations.group import Group
from schemaops.schema.state import Schema
from schemaops.sql.lexer import UnreadableSql, tokens
from schemaops.sql.names import quote

__all__ = ["restoring", "set_by", "sets_session"]

_SETS = re.compile(
    r"(?i)\s*(/\*!\d*\s*)?(SET|RESET|PRAGMA|USE|SELECT\s+(pg_catalog\s*\.\s*)?set_config)\b"
)
# What later statements of others would meet, with what brings it back.
_BACK = {
    "postgres": {
        "session_replication_role": "RESET session_replication_role",
        "role": "RESET ROLE",
        "session": "RESET SESSION AUTHORIZATION",
    },
    "mysql": {
        "sql_mode": "SET sql_mode = DEFAULT",
        "foreign_key_checks": "SET foreign_key_checks = DEFAULT",
        "unique_checks": "SET unique_checks = DEFAULT",
    },
    "sqlite": {
        name: f"PRAGMA {name} = OFF"
        for name in (
            "legacy_alter_table",
            "ignore_check_constraints",
            "case_sensitive_like",
            "recursive_triggers",
        )
    },
}
_USUAL = {
    "postgres": ("default", "origin", "none"),
    "mysql": ("default", "1", "on", "true"),
    "sqlite": ("0", "off", "false", "no"),
}
_SET = {
    "postgres": re.compile(
        r"(?i)^SET (?:LOCAL |SESSION )?(?P<name>[\w.]+) (?:=|TO) (?P<value>.*)"
        r"|^SELECT (?:pg_catalog \. )?set_config \( '(?P<told>[\w.]+)' , '(?P<given>[^']*)'"
        r"|^SET SCHEMA (?P<schema>.*)|^RESET (?P<reset>\w+)"
        r"|^SET (?:LOCAL |SESSION )?(?:(?P<role>ROLE)|(?P<session>SESSION) AUTHORIZATION) (?P<who>.*)"
    ),
    "mysql": re.compile(
        r"(?i)(?:^SET |, )(?:@@(?:session ?\. ?|local ?\. ?)?|session |local )?"
        r"(?P<name>\w+) :?= (?P<value>'[^']*'|[^,]*)"
    ),
    "sqlite": re.compile(
        r"(?i)^PRAGMA (?:\w+ \. )?(?P<name>\w+) (?:=|\() '?(?P<value>\w+)'?(?: \))?"
    ),
}


def sets_session(group: Group) -> bool:
    """Whether a statement sets something that is remembered for those behind it."""
    return not group.operations and _SETS.match(group.text) is not None


def restoring(groups: Sequence[Group], schema: Schema) -> tuple[str, ...]:
    """Return the statements that bring a session back to what it was before a line ran in it."""
    dialect = schema.dialect
    left: dict[str, str] = {}
    for one in (one for group in groups for one in group.parts or (group,)):
        if sets_session(one):
            for name, value in set_by(one.text, dialect):
                if name == "all":
                    left.clear()
                elif name == "search_path" or name in _BACK[dialect]:
                    left[name] = value
    return tuple(
        back for name, value in left.items() if (back := _back(name, value, schema)) is not None
    )


def set_by(text: str, dialect: str) -> list[tuple[str, str]]:
    """Return what a statement sets, and to what."""
    try:
        plain = " ".join(token.text for token in tokens(text, dialect))
    except UnreadableSql:
        return []
    plain = re.sub(r"^/\*!\d*\s*|\s*\*/$", "", plain)
    found = []
    for match in _SET[dialect].finditer(plain):
        said = match.groupdict()
        name = said["name"] or said.get("told") or said.get("reset")
        name = name or said.get("role") or said.get("session") or "search_path"
        value = said["value"] or said.get("given") or said.get("schema") or said.get("who") or ""
        found.append((name.lower(), "default" if said.get("reset") else value.strip().lower()))
    return found


def _back(name: str, value: str, schema: Schema) -> str | None:
    if name != "search_path":
        # What a variable kept from before is what the session began with.
        usual = value.strip("'\"") in _USUAL[schema.dialect] or "@" in value
        return None if usual else _BACK[schema.dialect][name]
    usual_path = schema.search_path or ("public",)
    parts = [part.strip().strip("'\"") for part in value.split(",")]
    parts = [part for part in parts if part not in ("", "$user", "pg_catalog")]
    if parts in (["default"], list(usual_path)):
        return None
    return "SET search_path = " + ", ".join(quote(one, schema.dialect) for one in usual_path)
