"""A lossless up and its down give schema and rows back, on each engine, also when both run twice."""

from __future__ import annotations

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.reverse import lossless
from schemaops.reverse.lossless import ARCHIVE
from schemaops.schema.objects import Table
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.names import quote

BASE = """
CREATE TABLE depot (id int PRIMARY KEY, town varchar(30) NOT NULL, room int DEFAULT 3);
CREATE TABLE parcel (
    id int PRIMARY KEY, depot_id int REFERENCES depot (id), weight int NOT NULL, note varchar(40),
    CHECK (weight > 0)
);
CREATE INDEX parcel_note ON parcel (note, weight);
CREATE TABLE stamp (code varchar(9) NOT NULL UNIQUE, cents int);
CREATE TABLE heap (a int, b int);
INSERT INTO depot VALUES (1, 'Ulm', 5), (2, 'Bonn', NULL);
INSERT INTO parcel VALUES (1, 1, 7, 'glass'), (2, 2, 9, NULL), (3, NULL, 4, 'books');
INSERT INTO stamp VALUES ('a', 10), ('b', NULL);
INSERT INTO heap VALUES (1, 2), (1, 2)
"""

# What is taken away, and on which dialects it can be said.
CHANGES = {
    "a column": ("ALTER TABLE parcel DROP COLUMN note", "postgres mysql"),
    "a column that must have a value": ("ALTER TABLE depot DROP COLUMN town", "all"),
    "a column with a default": ("ALTER TABLE depot DROP COLUMN room", "all"),
    "a table": ("DROP TABLE parcel", "all"),
    "two tables": ("DROP TABLE parcel; DROP TABLE depot", "all"),
    "a table that others refer to": ("DROP TABLE depot", "sqlite"),
    "a table and what refers to it": ("DROP TABLE depot CASCADE", "postgres"),
    "some rows": ("DELETE FROM parcel WHERE weight > 5", "all"),
    "all rows": ("DELETE FROM heap", "all"),
    "values": ("UPDATE parcel SET weight = weight + 1, note = 'x' WHERE id <> 2", "all"),
    "values by another key": ("UPDATE stamp SET cents = 0", "all"),
    "room for values": (
        "ALTER TABLE parcel ALTER COLUMN note TYPE varchar(2) USING left(note, 2)",
        "postgres",
    ),
    "a type": ("ALTER TABLE stamp MODIFY cents smallint", "mysql"),
    "rows that were added": ("INSERT INTO stamp SELECT 'n', id FROM depot WHERE id = 1", "all"),
    "a name and then a column": (
        "ALTER TABLE parcel RENAME COLUMN weight TO grams; DELETE FROM parcel WHERE grams < 5",
        "all",
    ),
    "a column filled that was not there": (
        """ALTER TABLE parcel ADD COLUMN sum text;
        ALTER TABLE parcel ADD CHECK (sum IS NOT NULL) NOT VALID;
        UPDATE parcel SET sum = 'x' || id; UPDATE depot SET room = 1""",
        "postgres",
    ),
    "everything in turn": (
        """UPDATE parcel SET weight = 1; DELETE FROM parcel WHERE id = 1; DROP TABLE parcel;
        ALTER TABLE depot DROP COLUMN room; INSERT INTO depot (id, town) VALUES (9, 'Jena')""",
        "all",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_rows_and_schema_come_back(change: str, engine_url: str) -> None:
    sql, dialects = CHANGES[change]
    database = open_database(engine_url)
    if dialects != "all" and database.dialect not in dialects.split():
        pytest.skip(f"{database.dialect} has no such statement")
    built = interpret(BASE, None, database.dialect)
    read = interpret(sql, built.after)
    assert not read.faults
    way = lossless(read.groups, built.after, diff)
    assert {loss.what for loss in way.losses} <= {"column-order"}
    assert not way.irreversible
    with database.connect(create=True) as connection:
        for group in built.groups:
            connection.execute(group.text)
        before, rows = observe(connection), _rows(connection, observe(connection))
        for _ in range(2):
            for statement in way.up:
                connection.execute(statement)
            assert observe(connection) == read.after
            for statement in way.down:
                connection.execute(statement)
            assert observe(connection) == before
            assert _rows(connection, before) == rows
    database.close()


def test_a_sequence_goes_on_where_it_stood_and_the_archive_is_gone(postgres_url: str) -> None:
    base = """CREATE SEQUENCE tally; GRANT USAGE ON SEQUENCE tally TO PUBLIC;
    CREATE TABLE log (n int DEFAULT nextval('tally'));
    SELECT setval('tally', 7)"""
    built = interpret(base, None, "postgres")
    way = lossless(
        interpret("DROP SEQUENCE tally CASCADE", built.after).groups, built.after, diff, alone=True
    )
    assert not way.losses
    with open_database(postgres_url).connect(create=True) as connection:
        for group in built.groups:
            connection.execute(group.text)
        for statement in (*way.up, *way.down):
            connection.execute(statement)
        assert observe(connection) == built.after
        assert connection.query("SELECT last_value FROM tally") == [(7,)]
        named = f"SELECT 1 FROM pg_namespace WHERE nspname = '{ARCHIVE}'"
        assert not connection.query(named)


def test_what_a_function_in_a_statement_does_is_undone(postgres_url: str) -> None:
    function = """CREATE FUNCTION empty(int) RETURNS int LANGUAGE plpgsql AS
    $$ BEGIN DELETE FROM stamp; INSERT INTO heap VALUES (9, 9); RETURN 1; END $$"""
    built = interpret(f"{BASE}; {function}", None, "postgres")
    up = "UPDATE depot SET room = empty(id)"
    way = lossless(interpret(up, built.after).groups, built.after, diff)
    assert not way.losses
    with open_database(postgres_url).connect(create=True) as connection:
        for group in built.groups:
            connection.execute(group.text)
        rows = _rows(connection, built.after)
        for statement in way.up:
            connection.execute(statement)
        assert not connection.query("SELECT 1 FROM stamp")
        for statement in way.down:
            connection.execute(statement)
        assert _rows(connection, built.after) == rows


def test_a_rule_of_a_table_is_heeded(postgres_url: str) -> None:
    base = """CREATE TABLE heap (a int PRIMARY KEY);
    CREATE RULE held AS ON INSERT TO heap DO INSTEAD NOTHING; INSERT INTO heap VALUES (0)"""
    built = interpret(base, None, "postgres")
    way = lossless(interpret("DELETE FROM heap", built.after).groups, built.after, diff)
    assert not way.losses
    with open_database(postgres_url).connect(create=True) as connection:
        for text in ("CREATE TABLE heap (a int PRIMARY KEY)", "INSERT INTO heap VALUES (1), (2)"):
            connection.execute(text)
        connection.execute("CREATE RULE held AS ON INSERT TO heap DO INSTEAD NOTHING")
        for statement in (*way.up, *way.down):
            connection.execute(statement)
        assert connection.query("SELECT a FROM heap ORDER BY a") == [(1,), (2,)]


def test_columns_that_were_inherited_and_become_the_tables_own_are_said() -> None:
    built = interpret(f"{BASE}; CREATE TABLE heir () INHERITS (heap)", None, "postgres")
    way = lossless(interpret("DROP TABLE heir", built.after).groups, built.after, diff)
    assert [(str(loss.at), loss.what) for loss in way.losses] == [
        ("public.heir.a", "inheritance"),
        ("public.heir.b", "inheritance"),
    ]


def test_what_is_not_kept_is_done_as_written_and_said() -> None:
    heirs = "CREATE TABLE heir () INHERITS (depot)"
    built = interpret(f"{BASE}; {heirs}", None, "postgres")
    read = interpret("DELETE FROM depot", built.after)
    way = lossless(read.groups, built.after, diff)
    assert way.up == ("DELETE FROM depot",)
    loss, of_the_heir = way.losses
    assert str(of_the_heir.at) == "public.heir"
    assert (str(loss.at), loss.what) == ("public.depot", "rows")
    assert loss.why == "other tables inherit from public.depot"


def test_rows_without_a_key_that_narrow_are_said() -> None:
    built = interpret(BASE, None, "mysql")
    read = interpret("ALTER TABLE heap MODIFY b smallint", built.after)
    way = lossless(read.groups, built.after, diff)
    assert way.up == ("ALTER TABLE heap MODIFY b smallint",)
    assert [loss.why for loss in way.losses] == ["no key tells the rows of heap apart"]


def test_a_trigger_that_cannot_be_followed_is_said() -> None:
    sql = """CREATE FUNCTION any() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN EXECUTE 'DELETE FROM ' || TG_ARGV[0]; RETURN NEW; END $$;
    CREATE TRIGGER t AFTER DELETE ON heap FOR EACH ROW EXECUTE FUNCTION any('stamp')"""
    built = interpret(f"{BASE}; {sql}", None, "postgres")
    way = lossless(interpret("DELETE FROM heap", built.after).groups, built.after, diff)
    assert [(str(loss.at), loss.what) for loss in way.losses] == [
        ("public.heap", "work of triggers elsewhere")
    ]


def _rows(connection: Connection, schema: Schema) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    for table in schema:
        if isinstance(table, Table):
            names = sorted(quote(name, schema.dialect) for name in table.columns)
            name = quote(table.at.name, schema.dialect)
            rows = connection.query(f"SELECT {', '.join(names)} FROM {name}")
            found[str(table.at)] = sorted(rows, key=repr)
    return found
