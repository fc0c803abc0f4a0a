"""How operations are written: what is folded into one statement, and what a dialect lowers."""

from __future__ import annotations

import sqlite3

import pytest

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Operation, Reorder, Rows
from schemaops.schema.objects import Unmodelled
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.render import (
    FOREIGN_KEYS_OFF,
    FOREIGN_KEYS_ON,
    Unwritable,
    render,
    script,
)


def _schema(text: str, dialect: str) -> Schema:
    read = interpret(text, dialect=dialect)
    assert read.faults == read.opaque == ()
    return read.after


def _operations(up: str, before: Schema) -> tuple[Operation, ...]:
    read = interpret(up, before)
    assert read.faults == read.opaque == ()
    return tuple(operation for group in read.groups for operation in group.operations)


def _rendered(base: str, up: str, dialect: str) -> tuple[str, ...]:
    before = _schema(base, dialect)
    return render(_operations(up, before), before)


def _undone(base: str, up: str, dialect: str) -> tuple[str, ...]:
    before = _schema(base, dialect)
    schema, inverses = before, []
    for operation in _operations(up, before):
        inverses.append(operation.invert(schema))
        schema = operation.apply(schema)
    return render(tuple(reversed(inverses)), schema)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (
            "postgres",
            (
                "CREATE TABLE t (\n"
                "    a integer NOT NULL,\n"
                "    b text DEFAULT 'x',\n"
                "    CONSTRAINT t_pkey PRIMARY KEY (a),\n"
                "    CONSTRAINT t_a_check CHECK (a > 0),\n"
                "    CONSTRAINT t_b_key UNIQUE (b)\n"
                ")"
            ),
        ),
        (
            "mysql",
            (
                "CREATE TABLE t (\n"
                "    a int NOT NULL CHECK (a > 0),\n"
                "    b varchar(9) NULL DEFAULT 'x',\n"
                "    PRIMARY KEY (a),\n"
                "    UNIQUE KEY b (b)\n"
                ")"
            ),
        ),
        (
            "sqlite",
            (
                "CREATE TABLE t (\n"
                "    a INTEGER PRIMARY KEY CHECK (a > 0),\n"
                "    b TEXT DEFAULT 'x',\n"
                "    UNIQUE (b)\n"
                ")"
            ),
        ),
    ],
)
def test_a_table_is_one_statement(dialect: str, text: str) -> None:
    types = {
        "postgres": ("integer", "text"),
        "mysql": ("int", "varchar(9)"),
        "sqlite": ("INTEGER", "TEXT"),
    }
    a, b = types[dialect]
    up = f"CREATE TABLE t (a {a} PRIMARY KEY CHECK (a > 0), b {b} DEFAULT 'x' UNIQUE)"
    assert _rendered("", up, dialect) == (text,)
    assert _undone("", up, dialect) == ("DROP TABLE t",)


def test_a_serial_is_a_sequence_that_its_column_owns() -> None:
    assert _rendered("", "CREATE TABLE t (a bigserial)", "postgres") == (
        "CREATE SEQUENCE t_a_seq",
        "CREATE TABLE t (\n    a bigint NOT NULL DEFAULT nextval('t_a_seq'::regclass)\n)",
        "ALTER SEQUENCE t_a_seq OWNED BY t.a",
    )


def test_dropping_a_column_says_nothing_of_what_goes_along() -> None:
    base = (
        "CREATE TABLE t (a serial PRIMARY KEY, b int UNIQUE CHECK (b > 0)); CREATE INDEX i ON t (b)"
    )
    assert _rendered(base, "ALTER TABLE t DROP COLUMN b", "postgres") == (
        "ALTER TABLE t DROP COLUMN b",
    )
    assert set(_undone(base, "ALTER TABLE t DROP COLUMN b", "postgres")) == {
        "ALTER TABLE t ADD COLUMN b int",
        "CREATE INDEX i ON t (b)",
        "ALTER TABLE t ADD CONSTRAINT t_b_key UNIQUE (b)",
        "ALTER TABLE t ADD CONSTRAINT t_b_check CHECK (b > 0)",
    }


def test_names_are_quoted_where_they_must_be() -> None:
    up = 'CREATE TABLE "Order" ("user" int, "a b" int)'
    assert _rendered("", up, "postgres") == (
        'CREATE TABLE "Order" (\n    "user" int,\n    "a b" int\n)',
    )


def test_an_object_of_another_schema_is_called_by_it() -> None:
    assert _rendered("CREATE SCHEMA s", "CREATE TABLE s.t (a int)", "postgres") == (
        "CREATE TABLE s.t (\n    a int\n)",
    )


# -- PostgreSQL


def test_views_are_dropped_and_made_again_around_a_new_type() -> None:
    base = (
        "CREATE TABLE t (a int, b int);"
        "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v"
    )
    before = _schema(base, "postgres")
    at = Address(Kind.COLUMN, (Name("public"), Name("t"), Name("a")))
    old = before.column(at).type
    (other,) = [c.type for c in _schema("CREATE TABLE x (a bigint)", "postgres").columns(_x())]
    assert render((Alter(at, "type", old, other),), before) == (
        "DROP VIEW w",
        "DROP VIEW v",
        "ALTER TABLE t ALTER COLUMN a TYPE bigint",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIEW w AS SELECT a FROM v",
    )


def _x() -> Address:
    return Address(Kind.TABLE, (Name("public"), Name("x")))


def test_columns_that_a_foreign_key_ties_change_their_types_together() -> None:
    base = "CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE c (b int REFERENCES p)"
    before = _schema(base, "postgres")
    after = _schema(base.replace("int", "text"), "postgres")
    line = []
    for table, name in (("p", "a"), ("c", "b")):
        at = Address(Kind.COLUMN, (Name("public"), Name(table), Name(name)))
        line.append(Alter(at, "type", before.column(at).type, after.column(at).type))
    assert render(line, before) == (
        "ALTER TABLE c DROP CONSTRAINT c_b_fkey",
        "ALTER TABLE p ALTER COLUMN a TYPE text",
        "ALTER TABLE c ALTER COLUMN b TYPE text",
        "ALTER TABLE c ADD CONSTRAINT c_b_fkey FOREIGN KEY (b) REFERENCES p (a)",
    )


def test_a_label_that_goes_makes_the_type_anew() -> None:
    base = "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood DEFAULT 'a')"
    assert _undone(base, "ALTER TYPE mood ADD VALUE 'b'", "postgres") == (
        "ALTER TYPE mood RENAME TO mood__old",
        "CREATE TYPE mood AS ENUM ('a')",
        "ALTER TABLE t ALTER COLUMN m DROP DEFAULT",
        "ALTER TABLE t ALTER COLUMN m TYPE mood USING m::text::mood",
        "ALTER TABLE t ALTER COLUMN m SET DEFAULT 'a'",
        "DROP TYPE mood__old",
    )


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("ALTER TYPE mood RENAME VALUE 'a' TO 'z'", "ALTER TYPE mood RENAME VALUE 'z' TO 'a'"),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", "ALTER TABLE t ALTER COLUMN a DROP NOT NULL"),
        ("ALTER TABLE t RENAME TO u", "ALTER TABLE u RENAME TO t"),
        ("ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE t RENAME COLUMN b TO a"),
        ("COMMENT ON TABLE t IS 'it''s'", "COMMENT ON TABLE t IS NULL"),
        ("ALTER INDEX i RENAME TO j", "ALTER INDEX j RENAME TO i"),
        ("CREATE SEQUENCE s", "DROP SEQUENCE s"),
        ("DROP INDEX i", "CREATE INDEX i ON t (a)"),
    ],
)
def test_each_change_has_its_way_back(up: str, down: str) -> None:
    base = "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (a int); CREATE INDEX i ON t (a)"
    assert _undone(base, up, "postgres") == (down,)


# -- MySQL


def test_modify_restates_a_column_whole() -> None:
    base = "CREATE TABLE t (a int PRIMARY KEY, b varchar(9) NOT NULL DEFAULT 'x' COMMENT 'c')"
    assert _rendered(base, "ALTER TABLE t ALTER COLUMN b SET DEFAULT 'y'", "mysql") == (
        "ALTER TABLE t MODIFY COLUMN b varchar(9) NOT NULL DEFAULT 'y' COMMENT 'c'",
    )


def test_a_counting_column_and_its_key_are_one_statement() -> None:
    up = "ALTER TABLE t ADD COLUMN id int AUTO_INCREMENT PRIMARY KEY FIRST"
    base = "CREATE TABLE t (a int)"
    assert _rendered(base, up, "mysql") == (
        "ALTER TABLE t ADD COLUMN id int NOT NULL AUTO_INCREMENT FIRST, ADD PRIMARY KEY (id)",
    )
    assert _undone(base, up, "mysql") == ("ALTER TABLE t DROP PRIMARY KEY, DROP COLUMN id",)


def test_the_index_that_a_foreign_key_makes_is_left_to_it() -> None:
    base = "CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE c (b int)"
    up = "ALTER TABLE c ADD FOREIGN KEY (b) REFERENCES p (a)"
    assert _rendered(base, up, "mysql") == ("ALTER TABLE c ADD FOREIGN KEY (b) REFERENCES p (a)",)
    assert _undone(base, up, "mysql") == (
        "ALTER TABLE c DROP FOREIGN KEY c_ibfk_1",
        "ALTER TABLE c DROP INDEX b",
    )


def test_columns_are_put_in_order_one_by_one() -> None:
    before = _schema("CREATE TABLE t (a int, b int, c int)", "mysql")
    at = Address(Kind.TABLE, (Name("t"),))
    names = before.table(at).columns
    wanted = (names[2], names[0], names[1])
    assert render((Reorder(at, names, wanted),), before) == (
        "ALTER TABLE t MODIFY COLUMN c int NULL FIRST",
    )


# -- SQLite

_SHOP = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, age int);
CREATE TABLE orders (user_id int REFERENCES users (id) ON DELETE CASCADE, n int);
CREATE VIEW names AS SELECT name FROM users;
CREATE INDEX by_name ON users (name);
"""


def _changed_type(before: Schema) -> tuple[Operation, ...]:
    at = Address(Kind.COLUMN, (Name("users"), Name("age")))
    (text,) = _schema("CREATE TABLE x (a TEXT)", "sqlite").columns(
        Address(Kind.TABLE, (Name("x"),))
    )
    return (Alter(at, "type", before.column(at).type, text.type),)


def test_a_rebuild_keeps_rows_children_numbers_views_and_indexes() -> None:
    before = _schema(_SHOP, "sqlite")
    statements = render(_changed_type(before), before)
    assert (statements[0], statements[-1]) == (FOREIGN_KEYS_OFF, FOREIGN_KEYS_ON)
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(_SHOP)
    database.execute("PRAGMA foreign_keys = ON")
    database.executescript(
        "INSERT INTO users (id, name, age) VALUES (1, 'ann', 30), (7, 'bob', 40), (9, 'cat', 50);"
        "DELETE FROM users WHERE id = 9;"
        "INSERT INTO orders (user_id, n) VALUES (1, 1), (7, 2);"
        "CREATE TRIGGER count_orders AFTER INSERT ON orders BEGIN SELECT 1; END"
    )
    for statement in statements:
        database.execute(statement)
    assert database.execute("SELECT * FROM orders").fetchall() == [(1, 1), (7, 2)]
    assert database.execute("SELECT id, age FROM users").fetchall() == [(1, "30"), (7, "40")]
    assert database.execute("SELECT name FROM names").fetchall() == [("ann",), ("bob",)]
    database.execute("INSERT INTO users (name) VALUES ('dan')")
    assert database.execute("SELECT max(id) FROM users").fetchone() == (10,)
    assert database.execute("PRAGMA foreign_key_list(orders)").fetchone()[2] == "users"
    (count,) = database.execute(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('by_name', 'names', 'count_orders')"
    ).fetchone()
    assert count == 3
    database.execute("DELETE FROM users WHERE id = 1")
    assert database.execute("SELECT * FROM orders").fetchall() == [(7, 2)]
    database.close()


def test_a_rebuild_keeps_rowids_that_nothing_else_holds() -> None:
    base = "CREATE TABLE t (a TEXT, b int)"
    before = _schema(base, "sqlite")
    at = Address(Kind.COLUMN, (Name("t"), Name("a")))
    statements = render((Alter(at, "nullable", True, False),), before)
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(f"{base}; INSERT INTO t (rowid, a) VALUES (5, 'x'), (9, 'y')")
    for statement in statements:
        database.execute(statement)
    assert database.execute("SELECT rowid, a FROM t").fetchall() == [(5, "x"), (9, "y")]
    database.close()


def test_changes_of_one_table_are_one_rebuild() -> None:
    before = _schema("CREATE TABLE t (a int, b int)", "sqlite")
    line = [
        Alter(Address(Kind.COLUMN, (Name("t"), Name(name))), "nullable", True, False)
        for name in ("a", "b")
    ]
    assert sum(text.startswith("DROP TABLE") for text in render(line, before)) == 1


def test_triggers_of_a_rebuilt_table_are_made_again() -> None:
    base = _schema("CREATE TABLE t (a int)", "sqlite")
    table = Address(Kind.TABLE, (Name("t"),))
    text = "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END"
    at = Address(Kind.UNMODELLED, (Name("trigger"), Name("g")))
    before = base.adding(Unmodelled(at, "trigger", text, (table,)))
    column = Address(Kind.COLUMN, (Name("t"), Name("a")))
    assert text in render((Alter(column, "nullable", True, False),), before)


def test_what_alter_table_can_do_is_no_rebuild() -> None:
    base = "CREATE TABLE t (a int, b int)"
    for up in (
        "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 3",
        "ALTER TABLE t ADD COLUMN c int REFERENCES t (a)",
        "ALTER TABLE t DROP COLUMN b",
        "ALTER TABLE t RENAME COLUMN b TO c",
    ):
        assert _rendered(base, up, "sqlite") == (up,)


# -- in every dialect


def test_a_script_closes_each_statement() -> None:
    assert script(("SELECT 1", "SELECT 2")) == "SELECT 1;\nSELECT 2;\n"
    assert script(()) == ""


def test_data_statements_are_written_as_they_were() -> None:
    base = "CREATE TABLE t (a int, b int)"
    up = "UPDATE t SET b = a + 1 WHERE a > 3"
    assert _rendered(base, up, "sqlite") == (up,)


def test_what_is_undone_has_no_text() -> None:
    before = _schema("CREATE TABLE t (a int)", "sqlite")
    (rows,) = _operations("DELETE FROM t", before)
    assert isinstance(rows, Rows)
    with pytest.raises(Unwritable):
        render((rows.invert(before),), before)


def test_what_is_not_modelled_is_made_by_its_own_definition() -> None:
    text = "CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$"
    at = Address(Kind.UNMODELLED, tuple(map(Name, ("function", "public", "f()"))))
    create = Create(Unmodelled(at, "function", text))
    empty = Schema.empty("postgres")
    assert render((create,), empty) == (text,)
    assert render((create.invert(empty),), create.apply(empty)) == ("DROP FUNCTION public.f()",)
