"""Recognise what is about the session and the transaction in PostgreSQL, and statements that leave every
schema as it is.

Settings that change what later statements mean are kept in the reading (the search path) or refused;
all others are nothing to a schema. A ROLLBACK undoes what stands behind its BEGIN: the inverse of each
operation is emitted, the last first.
"""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Opaque, Operation
from schemaops.schema.state import Schema
from schemaops.sql import copies
from schemaops.sql.binding.postgres_catalogue import FUNCTIONS
from schemaops.sql.cursor import Cursor
from schemaops.sql.grants import OUTSIDE_ROLES
from schemaops.sql.keywords import words
from schemaops.sql.names import fold, is_reserved
from schemaops.sql.reading import Mark, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.upkeep import nothing

__all__ = [
    "begin",
    "client_line",
    "commit",
    "declare",
    "discard",
    "explain",
    "query",
    "release",
    "reset",
    "rollback",
    "savepoint",
    "set_session",
]

# Under these a literal, a name or a default means something else; only the values that the
# catalogue's own reading takes for granted are nothing.
_MEANINGFUL = {
    "standard_conforming_strings": ("on", "true", "1", "yes"),
    "timezone": ("utc", "gmt", "etc/utc", "default", "0", "z", "zulu", "uct", "etc/gmt"),
    "datestyle": ("iso", "iso, mdy", "iso,mdy", "default"),
    "intervalstyle": ("postgres", "default"),
    "default_table_access_method": ("heap", "default"),
    "transform_null_equals": ("off", "false", "0", "no", "default"),
    "xmloption": ("content", "default"),
    "role": ("none", "default"),
    "session_authorization": ("default",),
    "array_nulls": ("on", "true", "1", "yes", "default"),
    "lc_monetary": ("c", "default"),
}


def set_session(reading: Reading, cursor: Cursor) -> None:
    """Take what follows SET."""
    if cursor.sees("LOCAL", "ROLE"):
        raise cursor.refuse()  # until when is the transaction's to say
    cursor.one_of("LOCAL", "SESSION")
    if cursor.take("CHARACTERISTICS") or cursor.take("TRANSACTION") or cursor.take("CONSTRAINTS"):
        cursor.at = cursor.stop
        return
    if cursor.take("TIME", "ZONE"):
        name = "timezone"
    elif cursor.take("AUTHORIZATION"):
        name = "session_authorization"
    elif cursor.take("ROLE"):
        name = "role"
    elif cursor.take("NAMES"):
        name = "client_encoding"
    elif cursor.take("XML", "OPTION"):
        name = "xmloption"
    elif cursor.take("SCHEMA"):
        name = "search_path"
    else:
        name = ".".join(part.lower() for part, _ in cursor.qualified())
        if not (cursor.take_symbol("=") or cursor.take("TO")):
            raise cursor.refuse()
    values = [_value(part) for part in cursor.parts()]
    cursor.at = cursor.stop
    if not values:
        raise cursor.refuse()
    _set(reading, cursor, name, values)


def _value(part: Cursor) -> str:
    token = part.token
    if token is None:
        raise part.refuse()
    if token.text.startswith(("'", "$", "E'", "e'")):
        value = part.string()
    elif part.sees_identifier():
        value = part.identifier()[0]
    else:
        value = part.number()
    part.end()
    return str(value)


def _set(reading: Reading, cursor: Cursor, name: str, values: list[str]) -> None:
    if name == "search_path":
        default = len(values) == 1 and values[0] == "default" and "'" not in cursor.statement.text
        reading.search_path = reading.usual_path if default else _path(values)
        return
    if name in ("role", "session_authorization"):
        _work_as(reading, "" if values[0] in _MEANINGFUL[name] else values[0])
        return
    if name in _MEANINGFUL and ", ".join(values).lower() not in _MEANINGFUL[name]:
        raise NotUnderstood(f"what follows means something else under this {name}")


def _work_as(reading: Reading, role: str) -> None:
    """Note whose what is made from here on is; raise NotUnderstood where more comes of it."""
    role = "" if role in OUTSIDE_ROLES else role
    if role != reading.role:
        by_default = reading.schema.of_kind(Kind.DEFAULT_PRIVILEGES)
        if Address(Kind.SCHEMA, (Name(role),)) in reading.schema or any(True for _ in by_default):
            raise NotUnderstood("what follows means something else under this role")
    reading.role = role


def _path(values: list[str]) -> tuple[Name, ...]:
    # What "$user" stands for is the session's to know; a schema of that name is rare.
    beside = ("pg_catalog", "$user", "pg_temp", "")
    return tuple(Name(value) for value in values if value not in beside)


def reset(reading: Reading, cursor: Cursor) -> None:
    """Take what follows RESET."""
    if cursor.take("ALL") or cursor.take("SEARCH_PATH"):
        reading.search_path = reading.usual_path  # the role is left as it is
    elif cursor.take("ROLE") or cursor.take("SESSION", "AUTHORIZATION"):
        _work_as(reading, "")
    elif cursor.take("TIME", "ZONE"):
        pass
    else:
        cursor.qualified()


def discard(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DISCARD."""
    if cursor.take("ALL"):
        reading.search_path = reading.usual_path
        reading.own_tables.clear()
        _work_as(reading, "")
    elif cursor.one_of("TEMP", "TEMPORARY"):
        reading.own_tables.clear()
    elif not cursor.one_of("PLANS", "SEQUENCES"):
        raise cursor.refuse()


def explain(reading: Reading, cursor: Cursor) -> None:
    """Take what follows EXPLAIN; with ANALYZE the statement runs."""
    told = cursor.inside() if cursor.symbol() == "(" else cursor
    while not told.done:
        if told.word() in ("ANALYZE", "ANALYSE"):
            raise told.refuse()
        if told is cursor and told.word() != "VERBOSE":
            break
        told.at += 1
    nothing(reading, cursor)


# -- queries


_KNOWN = frozenset(
    line.split(" ", 1)[0] for line in FUNCTIONS.splitlines() if line and not line.startswith(" ")
)
_EFFECTS = frozenset(
    ["nextval", "setval", "set_config", "lo_create", "lo_import", "lo_unlink", "lo_from_bytea"]
)
# Of no consequence to a schema, though they are no plain functions of their arguments.
_HARMLESS = frozenset(
    words(
        """
        setval nextval currval lastval pg_get_serial_sequence pg_sleep pg_notify version
        current_setting current_schema current_database current_user pg_advisory_lock
        pg_advisory_unlock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock
        pg_advisory_unlock_all pg_table_size pg_total_relation_size pg_relation_size
        pg_size_pretty pg_backend_pid txid_current array_agg string_agg json_agg jsonb_agg
        json_object_agg jsonb_object_agg count sum avg min max bool_and bool_or every row_number
        rank dense_rank lag lead first_value last_value nth_value ntile percent_rank cume_dist
        stddev variance unnest generate_series coalesce nullif greatest least exists any all some
        array row cast extract position substring overlay trim in values with not and or now
        to_regclass to_regtype to_regproc obj_description col_description format_type pg_get_expr
        pg_get_constraintdef pg_get_indexdef pg_get_viewdef has_table_privilege filter over
        distinct interval from select join on using where having by as lateral case when then
        else end is between like ilike limit offset union except intersect only grouping sets
        rollup cube partition within group percentile_cont percentile_disc mode
        """
    )
)


def query(reading: Reading, cursor: Cursor) -> None:
    """Take a query that stores nothing, and calls only what is known to change no schema."""
    from schemaops.sql import queries

    if reading.dialect.name != "postgres":
        _plain_query(cursor)
        return
    start = cursor.at
    if _configures(reading, cursor):
        return
    cursor.at = start
    while not cursor.done:
        if cursor.word() == "INTO":
            copies.select_into(reading, Cursor(cursor.statement, cursor.dialect, start))
            cursor.at = cursor.stop
            return
        if cursor.word() == "FOR" and cursor.word(1) != "UPDATE":
            raise cursor.refuse()
        if cursor.symbol(1) == "(" and cursor.sees_identifier():
            _must_be_harmless(cursor)
        if cursor.word() in ("INSERT", "UPDATE", "DELETE", "MERGE") and cursor.at > 0:
            before = cursor.tokens[cursor.at - 1].text.upper()
            if before not in ("FOR", "KEY", "."):
                raise cursor.refuse()
        cursor.at += 1
    text = cursor.statement.text
    found = queries.query(text, reading.dialect.name, reading.scope()).reading
    if found.understood:
        reading.noted(found.mentions, (), 0)


def declare(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DECLARE: a cursor over a query, which runs when rows are fetched."""
    while not cursor.take("FOR"):
        if cursor.done:
            raise cursor.refuse()
        cursor.at += 1
    if not cursor.sees("SELECT"):
        raise cursor.refuse()
    query(reading, cursor)


def _plain_query(cursor: Cursor) -> None:
    while not cursor.done:
        called = cursor.symbol(1) == "(" and cursor.sees_identifier()
        if called and not is_reserved(cursor.word(), cursor.dialect):
            raise cursor.refuse()
        if cursor.word() in ("INTO", "FOR"):
            raise cursor.refuse()
        cursor.at += 1


def _must_be_harmless(cursor: Cursor) -> None:
    token = cursor.token
    assert token is not None
    name = fold(token.text, cursor.dialect)
    behind = cursor.tokens[cursor.at - 1].text if cursor.at else ""
    if behind == ".":
        if cursor.tokens[cursor.at - 2].text.lower() != "pg_catalog":
            raise cursor.refuse()
    if name in _HARMLESS or (name in _KNOWN and name not in _EFFECTS):
        return
    if not is_reserved(cursor.word(), cursor.dialect) or not cursor.word():
        raise cursor.refuse()


def _configures(reading: Reading, cursor: Cursor) -> bool:
    """Take the rest where it is one call of set_config with literals."""
    cursor.take("SELECT")
    if cursor.sees("PG_CATALOG") and cursor.symbol(1) == ".":
        cursor.at += 2
    if not (cursor.take("SET_CONFIG") and cursor.symbol() == "("):
        return False
    parts = cursor.inside().parts()
    if len(parts) != 3 or not cursor.done:
        raise cursor.refuse()
    name, value = parts[0].string().lower(), parts[1].string()
    parts[0].end()
    parts[1].end()
    values = [part.strip().strip('"') for part in value.split(",")]
    _set(reading, parts[1], name, values)
    return True


# -- transactions


def begin(reading: Reading, cursor: Cursor) -> None:
    """Take what follows BEGIN or START TRANSACTION."""
    if reading.dialect.transactional_ddl:
        reading.marks = [Mark(None, 0, reading.search_path)]
        reading.past.clear()
    nothing(reading, cursor)


def commit(reading: Reading, cursor: Cursor) -> None:
    """Take what follows COMMIT or END."""
    if cursor.take("PREPARED"):
        raise cursor.refuse()
    reading.marks = []
    reading.past.clear()
    nothing(reading, cursor)


def savepoint(reading: Reading, cursor: Cursor) -> None:
    """Take what follows SAVEPOINT."""
    name, _ = cursor.identifier()
    reading.marks.append(Mark(name, len(reading.past), reading.search_path))


def release(reading: Reading, cursor: Cursor) -> None:
    """Take what follows RELEASE."""
    cursor.take("SAVEPOINT")
    name, _ = cursor.identifier()
    place = _place(reading, name)
    reading.marks = reading.marks[:place]


def rollback(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ROLLBACK or ABORT: emit what undoes all since the BEGIN or savepoint."""
    if cursor.take("PREPARED"):
        raise cursor.refuse()
    cursor.one_of("WORK", "TRANSACTION")
    if cursor.take("TO"):
        cursor.take("SAVEPOINT")
        name, _ = cursor.identifier()
        place = _place(reading, name)
        mark = reading.marks[place]
        reading.marks = reading.marks[: place + 1]
    else:
        cursor.take("AND", "NO", "CHAIN")
        if not reading.marks or reading.marks[0].name is not None:
            # Whoever runs the text may have begun a transaction around it.
            raise NotUnderstood("it ends a transaction that did not begin here")
        mark = reading.marks[0]
        reading.marks = []
    for before, operations in reversed(reading.past[mark.place :]):
        for operation in _inverses(before, operations):
            reading.emit(operation)
    del reading.past[mark.place :]
    reading.search_path = mark.search_path


def _inverses(before: Schema, operations: tuple[Operation, ...]) -> list[Operation]:
    found: list[Operation] = []
    for operation in operations:
        if isinstance(operation, Opaque):
            raise NotUnderstood("it undoes what is not understood")
        found.append(operation.invert(before))
        before = operation.apply(before)
    return found[::-1]


def _place(reading: Reading, name: Name) -> int:
    for place in reversed(range(len(reading.marks))):
        if reading.marks[place].name == name:
            return place
    raise NotAllowed(f"there is no savepoint {name}")


# -- the client's own lines


def client_line(reading: Reading, cursor: Cursor) -> None:
    """Take a line that is for psql and not for the server; raise NotAllowed for one that brings
    another file in."""
    token = cursor.token
    assert token is not None
    assert reading.dialect.name == cursor.dialect
    word = token.text.split()[0].rstrip("+")
    if word in ("\\i", "\\ir", "\\include", "\\include_relative"):
        raise NotAllowed(f"`{token.text.strip()}` takes in another file; put its text here")
    raise cursor.refuse()
