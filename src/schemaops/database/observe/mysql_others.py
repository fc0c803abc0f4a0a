"""What has no object type of its own yet in MySQL and MariaDB: triggers, routines, events,
partitions, sequences. Each definition is a statement that makes it; definers are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from schemaops.database.observe.mysql_rows import Row, rows_of
from schemaops.database.observe.source import OWN_PREFIX, HiddenObjects, Source
from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import Object, Parameter, Routine, Trigger, Unmodelled
from schemaops.sql.body_triggers import mysql_body, ranked
from schemaops.sql.mysql_partitions import normal_partitions
from schemaops.sql.mysql_routines import event_text
from schemaops.sql.mysql_sequences import sequence_text
from schemaops.sql.names import quote
from schemaops.sql.strings import string_literal
from schemaops.sql.types import column_type

__all__ = ["others"]


def others(source: Source, tables: Iterable[Row]) -> Iterator[Object]:
    """Yield every object that is neither a table, part of one, nor a view."""
    yield from _triggers(source)
    yield from _routines(source)
    yield from _events(source)
    yield from _partitions(source)
    for row in tables:
        if row["TABLE_TYPE"] == "SEQUENCE":
            yield _sequence(source, row["TABLE_NAME"])


def _made(what: str, names: Iterable[str], text: str, *on: Address) -> Unmodelled:
    return Unmodelled(Address(Kind.UNMODELLED, tuple(map(Name, (what, *names)))), what, text, on)


def _table(name: str) -> Address:
    return Address(Kind.TABLE, (Name(name),))


def _triggers(source: Source) -> Iterator[Trigger]:
    rows = rows_of(
        source,
        "TRIGGERS",
        "TRIGGER_NAME ACTION_TIMING EVENT_MANIPULATION EVENT_OBJECT_TABLE ACTION_STATEMENT",
        order="EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER",
    )
    line: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        table = row["EVENT_OBJECT_TABLE"]
        if table.startswith(OWN_PREFIX):
            continue
        timing, event = row["ACTION_TIMING"].lower(), row["EVENT_MANIPULATION"].lower()
        line[table, timing, event] += 1
        at = Address(Kind.TRIGGER, (Name(row["TRIGGER_NAME"]),))
        body = mysql_body(row["ACTION_STATEMENT"].strip())
        trigger = Trigger(at, _table(table), timing, (event,), body=body)
        yield ranked(trigger, line[table, timing, event])


def _routines(source: Source) -> Iterator[Routine]:
    parameters: dict[tuple[str, str], list[Parameter]] = defaultdict(list)
    for row in rows_of(
        source,
        "PARAMETERS",
        "SPECIFIC_NAME ROUTINE_TYPE PARAMETER_MODE PARAMETER_NAME DTD_IDENTIFIER ORDINAL_POSITION",
        order="SPECIFIC_NAME, ROUTINE_TYPE, ORDINAL_POSITION",
    ):
        if row["ORDINAL_POSITION"]:
            mode = (row["PARAMETER_MODE"] or "in").lower()
            kind = column_type(row["DTD_IDENTIFIER"], "mysql")
            key = row["ROUTINE_TYPE"], row["SPECIFIC_NAME"]
            parameters[key].append(Parameter(kind, row["PARAMETER_NAME"], mode))
    for row in rows_of(
        source,
        "ROUTINES",
        "SPECIFIC_NAME ROUTINE_TYPE DTD_IDENTIFIER ROUTINE_DEFINITION IS_DETERMINISTIC "
        "SQL_DATA_ACCESS SECURITY_TYPE ROUTINE_COMMENT",
    ):
        what, name = row["ROUTINE_TYPE"], row["SPECIFIC_NAME"]
        if row["ROUTINE_DEFINITION"] is None:
            raise HiddenObjects(f"the body of {what.lower()} {name} is not shown to this user")
        options = {}
        if row["IS_DETERMINISTIC"] == "YES":
            options["deterministic"] = "true"
        if row["SQL_DATA_ACCESS"] != "CONTAINS SQL":
            options["access"] = row["SQL_DATA_ACCESS"].lower()
        if row["SECURITY_TYPE"] != "DEFINER":
            options["sql security"] = row["SECURITY_TYPE"].lower()
        is_function = what == "FUNCTION"
        yield Routine(
            Address(Kind.FUNCTION if is_function else Kind.PROCEDURE, (Name(name.lower(), name),)),
            tuple(parameters[what, name]),
            column_type(row["DTD_IDENTIFIER"], "mysql") if is_function else None,
            body=row["ROUTINE_DEFINITION"].strip(),
            options=tuple(sorted(options.items())),
            comment=row["ROUTINE_COMMENT"] or None,
        )


def _events(source: Source) -> Iterator[Unmodelled]:
    for row in rows_of(
        source,
        "EVENTS",
        "EVENT_NAME EVENT_DEFINITION EVENT_TYPE EXECUTE_AT INTERVAL_VALUE INTERVAL_FIELD ENDS "
        "STATUS ON_COMPLETION EVENT_COMMENT",
    ):
        # When a repeated event starts is the moment of its creation, where nothing was said.
        when = f"AT {string_literal(str(row['EXECUTE_AT']), 'mysql')}"
        if row["EVENT_TYPE"] == "RECURRING":
            when = f"EVERY {row['INTERVAL_VALUE']} {row['INTERVAL_FIELD']}"
            if row["ENDS"] is not None:
                when += f" ENDS {string_literal(str(row['ENDS']), 'mysql')}"
        text = event_text(
            row["EVENT_NAME"],
            when,
            row["EVENT_DEFINITION"],
            preserved=row["ON_COMPLETION"] == "PRESERVE",
            enabled=row["STATUS"] == "ENABLED",
            comment=row["EVENT_COMMENT"],
        )
        yield _made("event", (row["EVENT_NAME"],), text)


def _partitions(source: Source) -> Iterator[Unmodelled]:
    tables: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(
        source,
        "PARTITIONS",
        "TABLE_NAME PARTITION_NAME SUBPARTITION_NAME PARTITION_METHOD SUBPARTITION_METHOD "
        "PARTITION_EXPRESSION SUBPARTITION_EXPRESSION PARTITION_DESCRIPTION PARTITION_COMMENT",
        order="TABLE_NAME, PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION",
    ):
        if row["PARTITION_NAME"] is not None:
            tables[row["TABLE_NAME"]].append(row)
    for name, rows in tables.items():
        first = rows[0]
        text = f"PARTITION BY {first['PARTITION_METHOD']} ({first['PARTITION_EXPRESSION'] or ''})"
        if first["SUBPARTITION_METHOD"]:
            text += (
                f" SUBPARTITION BY {first['SUBPARTITION_METHOD']} "
                f"({first['SUBPARTITION_EXPRESSION'] or ''})"
            )
        parts: dict[str, str] = {}
        subparts: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            parts[row["PARTITION_NAME"]] = _partition(row)
            if row["SUBPARTITION_NAME"]:
                subparts[row["PARTITION_NAME"]].append(
                    f"SUBPARTITION {_quoted(row['SUBPARTITION_NAME'])}"
                )
        listed = [
            part + (f" ({', '.join(subparts[key])})" if key in subparts else "")
            for key, part in parts.items()
        ]
        text = f"ALTER TABLE {_quoted(name)} {text} ({', '.join(listed)})"
        text = normal_partitions(text, name)
        yield _made("partitions", (name,), text, _table(name))


def _partition(row: Row) -> str:
    text = f"PARTITION {_quoted(row['PARTITION_NAME'])}"
    bound = row["PARTITION_DESCRIPTION"]
    if bound is not None:
        shown = bound if bound == "MAXVALUE" else f"({bound})"
        word = "IN" if row["PARTITION_METHOD"].startswith("LIST") else "LESS THAN"
        text += f" VALUES {word} {shown}"
    if row["PARTITION_COMMENT"]:
        text += f" COMMENT {string_literal(row['PARTITION_COMMENT'], 'mysql')}"
    return text


def _sequence(source: Source, name: str) -> Unmodelled:
    columns = "minimum_value, maximum_value, start_value, increment, cache_size, cycle_option"
    least, most, start, step, cache, cycles = source.query(
        f"SELECT {columns} FROM {_quoted(name)}"
    )[0]
    text = sequence_text(name, start, least, most, step, cache, cycles=bool(cycles))
    return _made("sequence", (name,), text)


def _quoted(name: str) -> str:
    return quote(name, "mysql")
