"""The options of a sequence in PostgreSQL: what a statement says of them, and what differs from the
defaults of its type and direction (init_params, sequence.c)."""

from __future__ import annotations

from collections.abc import Mapping

from schemaops.schema.objects import Options
from schemaops.sql.cursor import Cursor

__all__ = ["options_said"]

_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_ALIASES = {"int": "integer", "int4": "integer", "int2": "smallint", "int8": "bigint"}
_NAME = "sequence name"


def options_said(cursor: Cursor, kind: str, before: Options | None = None) -> tuple[str, Options]:
    """Take the options of a sequence; return its type, and the options that differ from the
    defaults. Those not named stay as they were `before`, where there is a before."""
    said: dict[str, str | None] = {}
    new = kind
    kept = {key: value for key, value in before or () if key in (_NAME, "unlogged")}
    while not cursor.done and not cursor.sees("OWNED", "BY"):
        if cursor.take("AS"):
            new = str(cursor.qualified()[-1][0])
            new = _ALIASES.get(new, new)
            if new not in _BITS:
                raise cursor.refuse()
        elif cursor.take("NO") or cursor.take("SET", "NO"):
            word = cursor.one_of("MINVALUE", "MAXVALUE", "CYCLE")
            if not word:
                raise cursor.refuse()
            said[_WORDS[word]] = None
        elif cursor.take("SEQUENCE", "NAME"):
            kept[_NAME] = cursor.qualified()[-1][0]
        elif cursor.take("RESTART"):
            # Where it stands is data.
            if cursor.take("WITH") or not cursor.sees_identifier():
                _number(cursor)
        elif cursor.take("SET", "LOGGED") or cursor.take("LOGGED"):
            kept.pop("unlogged", None)
        elif cursor.take("SET", "UNLOGGED") or cursor.take("UNLOGGED"):
            kept["unlogged"] = "true"
        else:
            cursor.take("SET")
            word = cursor.one_of(*_WORDS)
            if not word:
                raise cursor.refuse()
            cursor.one_of("WITH", "BY")
            said[_WORDS[word]] = "true" if word == "CYCLE" else _number(cursor)
    facts = None if before is None else _facts(kind, dict(before))
    return new, _options(kind, new, said, facts, kept)


_WORDS = {
    "INCREMENT": "increment",
    "MINVALUE": "minimum",
    "MAXVALUE": "maximum",
    "START": "start",
    "CACHE": "cache",
    "CYCLE": "cycle",
}


def _number(cursor: Cursor) -> str | None:
    if cursor.done:
        return None
    return cursor.number().replace("_", "")


def _bounds(kind: str, *, rising: bool) -> tuple[str, str]:
    bits = _BITS[kind]
    least, most = (1, 2**bits - 1) if rising else (-(2**bits), -1)
    return str(least), str(most)


def _facts(kind: str, options: Mapping[str, str]) -> dict[str, str]:
    """Return every fact of a sequence from those that differ from the defaults."""
    increment = options.get("increment", "1")
    rising = not increment.startswith("-")
    least, most = _bounds(kind, rising=rising)
    facts = {
        "increment": increment,
        "minimum": options.get("minimum", least),
        "maximum": options.get("maximum", most),
        "cache": options.get("cache", "1"),
        "cycle": options.get("cycle", ""),
    }
    first = facts["minimum" if rising else "maximum"]
    return facts | {"start": options.get("start", first)}


def _options(
    kind: str,
    new: str,
    said: dict[str, str | None],
    facts: dict[str, str] | None,
    kept: dict[str, str],
) -> Options:
    given = {key: value for key, value in said.items() if value is not None}
    if facts is None:
        full = _facts(new, given)
    else:
        rising = not (said.get("increment") or facts["increment"]).startswith("-")
        least, most = _bounds(new, rising=rising)
        if new != kind:
            # Bounds that were those of the old type become those of the new one.
            full_least, full_most = str(-(2 ** _BITS[kind])), str(2 ** _BITS[kind] - 1)
            if facts["minimum"] == full_least:
                facts = facts | {"minimum": least}
            if facts["maximum"] == full_most:
                facts = facts | {"maximum": most}
        full = facts | given
        for key, bound in (("minimum", least), ("maximum", most)):
            if key in said and said[key] is None:
                full[key] = bound
        if "cycle" in said and said["cycle"] is None:
            full["cycle"] = ""
    plain = _facts(new, {"increment": full["increment"]})
    rising = not full["increment"].startswith("-")
    plain["increment"] = "1"
    plain["start"] = full["minimum" if rising else "maximum"]
    found = {key: value for key, value in full.items() if value != plain[key]}
    return tuple(sorted((found | kept).items()))
