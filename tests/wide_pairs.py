"""Changes of the kinds that few schemas have, and the bases that they are over (see `tests/pairs.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from schemaops.schema.objects import Routine, Trigger, View
from schemaops.sql.types import Family

if TYPE_CHECKING:
    from tests.pairs import Drawing

__all__ = ["WIDE_BASES", "WIDE_FORMS"]

WIDE_BASES = {
    "postgres": """
CREATE DOMAIN score AS integer CHECK (VALUE >= 0);
CREATE TABLE games (id integer PRIMARY KEY, points score, level integer);
CREATE MATERIALIZED VIEW board AS SELECT level, max(points) AS best FROM games GROUP BY level;
CREATE POLICY own ON notes USING (person_id > 0);
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT $1 * 2 $$;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.level := coalesce(NEW.level, 0) + 1; RETURN NEW; END $$;
CREATE TRIGGER stamped BEFORE UPDATE ON games FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TABLE sales (id integer NOT NULL, region varchar(20), amount integer) PARTITION BY RANGE (id);
CREATE TABLE sales_low PARTITION OF sales FOR VALUES FROM (0) TO (10);
CREATE TYPE place AS (street text, number integer);
CREATE TABLE houses (id integer PRIMARY KEY, at place);
INSERT INTO games VALUES (1, 10, 1), (2, 5, 1), (3, NULL, 2);
INSERT INTO sales VALUES (1, 'north', 5), (2, 'south', 7);
""",
    "mysql": """
CREATE TABLE logs (id int, what varchar(20));
CREATE TABLE sales (id int NOT NULL, region varchar(20), amount int)
    PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10), PARTITION mid VALUES LESS THAN (20));
CREATE TRIGGER noted AFTER INSERT ON notes FOR EACH ROW INSERT INTO logs VALUES (NEW.id, 'new');
INSERT INTO sales VALUES (1, 'north', 5), (2, 'south', 7);
""",
    "sqlite": """
CREATE TABLE logs (id integer, what text);
CREATE TABLE tags_of (note integer, tag text, PRIMARY KEY (note, tag)) WITHOUT ROWID;
CREATE TRIGGER noted AFTER INSERT ON notes BEGIN INSERT INTO logs VALUES (NEW.id, 'new'); END;
CREATE VIEW short AS SELECT id, body FROM notes WHERE length(body) < 6;
CREATE TRIGGER shortened INSTEAD OF INSERT ON short BEGIN
    INSERT INTO notes (id, body) VALUES (NEW.id, NEW.body); END;
INSERT INTO tags_of VALUES (1, 'red'), (2, 'blue');
""",
}


def _of_numbers(drawing: Drawing) -> tuple[str, str] | None:
    """Return a table, and a column of it that holds integers."""
    column = drawing.column(Family.INTEGER)
    if column is None or column.generated is not None:
        return None
    return drawing.name(column.table), str(column.at.name)


def _written_with(drawing: Drawing) -> str | None:
    """A data statement behind WITH."""
    table = drawing.table()
    if table is None:
        return None
    on, columns = drawing.name(table.at), drawing.columns(table)
    first, other = columns[0].at.name, drawing.random.choice(columns)
    head = f"WITH found AS (SELECT {first} AS one FROM {on} WHERE {drawing.condition(table)})"
    form = drawing.random.random()
    if form < 0.35 and other.generated is None:
        made = drawing.literal(other)
        return f"{head} UPDATE {on} SET {other.at.name} = {made} WHERE {first} IN (SELECT one FROM found)"
    if form < 0.6:
        return f"{head} DELETE FROM {on} WHERE {first} IN (SELECT one FROM found)"
    if form < 0.8 and drawing.dialect == "postgres":
        return (
            f"WITH gone AS (DELETE FROM {on} WHERE {drawing.condition(table)} RETURNING {first}) "
            f"INSERT INTO notes (id) SELECT {first} FROM gone"
        )
    if drawing.dialect == "mysql":
        return f"INSERT INTO notes (id) {head} SELECT one FROM found"
    return f"{head} INSERT INTO notes (id) SELECT one FROM found"


def _made_trigger(drawing: Drawing) -> str | None:
    """A trigger over a function that is there, or with a body."""
    table = drawing.table()
    if table is None:
        return None
    on, name = drawing.name(table.at), drawing.pick(("tr_one", "tr_two"))
    timing, event = drawing.pick(("BEFORE", "AFTER")), drawing.pick(("INSERT", "UPDATE", "DELETE"))
    row = "OLD" if event == "DELETE" else "NEW"
    first = drawing.columns(table)[0].at.name
    if drawing.dialect == "postgres":
        each = drawing.pick(("ROW", "ROW", "STATEMENT"))
        return f"CREATE TRIGGER {name} {timing} {event} ON {on} FOR EACH {each} EXECUTE FUNCTION stamp()"
    body = drawing.pick(
        (f"INSERT INTO logs VALUES ({row}.{first}, '{event}')", "DELETE FROM logs WHERE id = 1")
    )
    if drawing.dialect == "mysql":
        return f"CREATE TRIGGER {name} {timing} {event} ON {on} FOR EACH ROW {body}"
    when = drawing.pick(("", "", f" WHEN {row}.{first} > 1"))
    return f"CREATE TRIGGER {name} {timing} {event} ON {on}{when} BEGIN {body}; END"


def _changed_trigger(drawing: Drawing) -> str | None:
    """A trigger dropped, renamed or switched off."""
    found = [thing for thing in drawing.schema if isinstance(thing, Trigger)]
    if not found:
        return None
    trigger = drawing.random.choice(found)
    name, on = trigger.at.name, drawing.name(trigger.table)
    if drawing.dialect != "postgres":
        return f"DROP TRIGGER {name}"
    return drawing.pick(
        (
            f"DROP TRIGGER {name} ON {on}",
            f"ALTER TRIGGER {name} ON {on} RENAME TO {drawing.pick(('tr_one', 'tr_two'))}",
            f"ALTER TABLE {on} DISABLE TRIGGER {name}",
            f"ALTER TABLE {on} DISABLE TRIGGER ALL",
        )
    )


def _function(drawing: Drawing) -> str | None:
    """A function made, replaced, renamed, dropped, or used."""
    table, column = _of_numbers(drawing) or ("notes", "stars")
    new = drawing.pick(("phone", "rank", "extra"))
    there = [str(f.at.name).partition("(")[0] for f in drawing.schema if isinstance(f, Routine)]
    called = drawing.pick(("twice", *there))
    return drawing.pick(
        (
            (
                "CREATE OR REPLACE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE "
                f"AS $$ SELECT $1 * {drawing.pick(('2', '3'))} $$"
            ),
            "CREATE FUNCTION twice(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 || $1 $$",
            "CREATE FUNCTION half(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT n / 2 $$",
            f"ALTER FUNCTION twice(integer) RENAME TO {drawing.pick(('double', 'half'))}",
            "DROP FUNCTION twice(integer)",
            f"CREATE INDEX {drawing.pick(('ix_one', 'ix_two'))} ON {table} (twice({column}))",
            (
                f"ALTER TABLE {table} ADD COLUMN {new} integer "
                f"GENERATED ALWAYS AS (twice({column})) STORED"
            ),
            f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT twice(4)",
            f"UPDATE {table} SET {column} = {called}({column})",
            f"CREATE VIEW {drawing.pick(('v_one', 'v_two'))} AS SELECT {called}({column}) AS n FROM {table}",
            f"ALTER TABLE {table} ADD CHECK (twice({column}) > -100)",
        )
    )


def _partition(drawing: Drawing) -> str | None:
    """Partitions made, taken off, written to."""
    if drawing.dialect == "mysql":
        return drawing.pick(
            (
                "ALTER TABLE sales ADD PARTITION (PARTITION high VALUES LESS THAN (30))",
                "ALTER TABLE sales ADD PARTITION (PARTITION high VALUES LESS THAN (40))",
                "ALTER TABLE sales DROP PARTITION mid",
                "ALTER TABLE sales TRUNCATE PARTITION low",
                "INSERT INTO sales VALUES (12, 'east', 1)",
                "UPDATE sales SET amount = amount + 1 WHERE id < 10",
                "DELETE FROM sales WHERE region = 'north'",
            )
        )
    low = drawing.random.choice((10, 15, 20))
    return drawing.pick(
        (
            f"CREATE TABLE sales_mid PARTITION OF sales FOR VALUES FROM ({low}) TO ({low + 10})",
            f"CREATE TABLE sales_high PARTITION OF sales FOR VALUES FROM ({low}) TO ({low + 5})",
            "CREATE TABLE sales_rest PARTITION OF sales DEFAULT",
            "ALTER TABLE sales DETACH PARTITION sales_low",
            "DROP TABLE sales_low",
            f"ALTER TABLE sales ADD COLUMN {drawing.pick(('phone', 'rank'))} {drawing.type()}",
            "ALTER TABLE sales RENAME COLUMN amount TO total",
            "CREATE INDEX ix_one ON sales (region)",
            "ALTER TABLE sales ALTER COLUMN region TYPE text",
            "INSERT INTO sales VALUES (5, 'east', 1)",
            "UPDATE sales SET amount = amount + 1",
            "DELETE FROM sales_low WHERE region = 'north'",
        )
    )


def _composite(drawing: Drawing) -> str | None:
    """A composite type, and what is of it."""
    name = drawing.pick(("street", "number"))
    return drawing.pick(
        (
            f"ALTER TYPE place ADD ATTRIBUTE {drawing.pick(('town', 'zip'))} text",
            f"ALTER TYPE place RENAME ATTRIBUTE {name} TO {drawing.pick(('town', 'zip'))} CASCADE",
            "INSERT INTO houses VALUES (4, ROW('High', 2))",
            "UPDATE houses SET at = NULL WHERE id = 1",
            "CREATE TABLE flats (id integer, at place)",
            "ALTER TYPE place RENAME TO spot",
        )
    )


def _secured(drawing: Drawing) -> str | None:
    """Row security, validation, storage: facts of a table that hardly any statement speaks of."""
    table = drawing.table()
    column = drawing.column(Family.INTEGER)
    if table is None or column is None:
        return None
    on = drawing.name(table.at)
    listed = ", ".join(str(one.at.name) for one in drawing.columns(table)[:2])
    return drawing.pick(
        (
            f"ALTER TABLE {on} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {on} SET (fillfactor = {drawing.pick(('70', '80'))})",
            (
                f"ALTER TABLE {drawing.name(column.table)} ADD CONSTRAINT c_one "
                f"CHECK ({column.at.name} > {drawing.pick(('0', '3'))}) NOT VALID"
            ),
            f"ALTER TABLE {on} REPLICA IDENTITY FULL",
            f"CREATE STATISTICS st_one ON {listed} FROM {on}",
            f"ALTER TABLE {drawing.name(column.table)} ALTER COLUMN {column.at.name} SET STATISTICS 50",
        )
    )


def _deleted_joined(drawing: Drawing) -> str | None:
    """MySQL's DELETE over a join, UPDATE and DELETE in an order, INSERT … SET."""
    table, other = drawing.table(), drawing.table()
    if table is None or other is None or table.at == other.at:
        return None
    on, from_ = drawing.name(table.at), drawing.name(other.at)
    mine, its = drawing.columns(table)[0].at.name, drawing.columns(other)[0].at.name
    return drawing.pick(
        (
            f"DELETE l FROM {on} l JOIN {from_} o ON o.{its} = l.{mine}",
            f"DELETE FROM {on} ORDER BY {mine} LIMIT 1",
            f"UPDATE {on} SET {mine} = {mine} + 10 ORDER BY {mine} DESC",
            "INSERT INTO notes SET id = 9, body = 'set'",
            f"UPDATE {on} l, {from_} o SET l.{mine} = o.{its} WHERE l.{mine} = o.{its}",
        )
    )


def _tabled(drawing: Drawing) -> str | None:
    """SQLite's tables of other kinds, and indexes over part of the rows."""
    table = drawing.table()
    if table is None:
        return None
    on, first = drawing.name(table.at), drawing.columns(table)[0].at.name
    name = drawing.pick(("tags", "audit"))
    return drawing.pick(
        (
            f"CREATE TABLE {name} (id integer PRIMARY KEY, label text NOT NULL) STRICT",
            f"CREATE TABLE {name} (id integer, label text, PRIMARY KEY (id)) WITHOUT ROWID",
            f"CREATE UNIQUE INDEX ix_one ON {on} ({first}) WHERE {drawing.condition(table)}",
            "INSERT INTO short VALUES (8, 'tiny')",
            "INSERT INTO tags_of VALUES (1, 'green')",
            "INSERT OR REPLACE INTO tags_of VALUES (1, 'red')",
            "UPDATE tags_of SET tag = upper(tag)",
        )
    )


def _view_over(drawing: Drawing) -> str | None:
    """A view over a view."""
    found = [thing for thing in drawing.schema if isinstance(thing, View) and thing.columns]
    if not found:
        return None
    view = drawing.random.choice(found)
    column = drawing.random.choice(view.columns)
    name = drawing.pick(("v_one", "v_two"))
    return f"CREATE VIEW {name} AS SELECT {column} FROM {drawing.name(view.at)} WHERE {column} IS NOT NULL"


Form = Callable[["Drawing"], str | None]

WIDE_FORMS: dict[str, tuple[tuple[Form, float], ...]] = {
    "sqlite": (
        (_written_with, 5),
        (_made_trigger, 5),
        (_changed_trigger, 2),
        (_tabled, 6),
        (_view_over, 3),
    ),
    "mysql": (
        (_written_with, 3),
        (_made_trigger, 4),
        (_changed_trigger, 2),
        (_partition, 6),
        (_deleted_joined, 5),
        (_view_over, 3),
    ),
    "postgres": (
        (_written_with, 5),
        (_made_trigger, 5),
        (_changed_trigger, 4),
        (_function, 9),
        (_partition, 9),
        (_composite, 5),
        (_secured, 5),
        (_view_over, 3),
    ),
}
