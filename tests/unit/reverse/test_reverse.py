"""What a reversal restores, what it lists as lost, and what has none."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from schemaops.diff import diff
from schemaops.names import Address, Kind, Name
from schemaops.operations import Create
from schemaops.reverse import Reversal, judge, lossless, reverse
from schemaops.schema.objects import Unmodelled
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, interpret
from schemaops.sql.render import FOREIGN_KEYS_OFF, FOREIGN_KEYS_ON

TABLE = "CREATE TABLE t (a int PRIMARY KEY, b int, c varchar(9) DEFAULT 'x')"


def _reversal(
    base: str, up: str, dialect: str = "postgres", effects: dict[str, Effect] | None = None
) -> Reversal:
    before = interpret(base, dialect=dialect)
    read = interpret(up, before.after, effects=effects)
    assert before.faults == read.faults == ()
    return reverse(read.groups, before.after, diff)


def _losses(reversal: Reversal) -> list[tuple[str, str, int | None]]:
    return [(str(loss.at), loss.what, loss.line) for loss in reversal.losses]


def test_a_migration_is_undone_from_its_end() -> None:
    found = _reversal(TABLE, "ALTER TABLE t ADD d int;\nALTER TABLE t RENAME COLUMN d TO e")
    assert found.statements == (
        "ALTER TABLE t RENAME COLUMN e TO d",
        "ALTER TABLE t DROP COLUMN d",
    )
    assert found.exact
    assert found.losses == found.irreversible == ()


def test_what_cascade_took_along_comes_back() -> None:
    base = f"{TABLE}; CREATE VIEW v AS SELECT b FROM t; CREATE INDEX i ON t (b)"
    found = _reversal(base, "ALTER TABLE t DROP COLUMN b CASCADE")
    assert set(found.statements) == {
        "ALTER TABLE t ADD COLUMN b int",
        "CREATE INDEX i ON t (b)",
        "CREATE VIEW v AS SELECT b FROM t",
    }
    assert found.exact


def test_lost_values_are_listed_with_their_line() -> None:
    up = "ALTER TABLE t DROP COLUMN b;\n\nALTER TABLE t ALTER COLUMN c TYPE varchar(3)"
    assert _losses(_reversal(TABLE, up)) == [
        ("public.t", "column-order", 1),
        ("public.t.b", "values", 1),
        ("public.t.c", "values", 3),
    ]


def test_a_dropped_table_is_one_loss() -> None:
    assert _losses(_reversal(TABLE, "DROP TABLE t")) == [("public.t", "values", 1)]


def test_what_the_migration_made_itself_is_no_loss() -> None:
    up = (
        "CREATE TABLE n (a int); INSERT INTO n SELECT 1; DROP TABLE n;"
        "ALTER TABLE t ADD d int; UPDATE t SET d = b; ALTER TABLE t DROP COLUMN d"
    )
    found = _reversal(TABLE, up)
    assert found.losses == ()
    assert found.exact


def test_a_loss_is_called_as_it_was_before_the_migration() -> None:
    up = (
        "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN b TO d; ALTER TABLE u DROP COLUMN d"
    )
    assert ("public.t.b", "values", 1) in _losses(_reversal(TABLE, up))


def test_a_widened_type_loses_nothing() -> None:
    found = _reversal(TABLE, "ALTER TABLE t ALTER COLUMN b TYPE bigint")
    assert found.losses == ()
    assert found.statements == ("ALTER TABLE t ALTER COLUMN b TYPE int",)


def test_a_sequence_of_another_type_loses_nothing() -> None:
    found = _reversal("CREATE SEQUENCE s", "ALTER SEQUENCE s AS integer")
    assert found.statements == ("ALTER SEQUENCE s AS bigint",)
    assert found.losses == ()


# -- rows


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_rows_inserted_with_literal_keys_are_deleted_by_them(dialect: str) -> None:
    found = _reversal(TABLE, "INSERT INTO t (a, c) VALUES (1, 'it''s'), (-2, 'b')", dialect)
    assert found.statements == ("DELETE FROM t WHERE a IN (1, -2)",)
    assert found.losses == ()


def test_a_key_of_several_columns_is_named_whole() -> None:
    base = "CREATE TABLE t (a int, b varchar(9), PRIMARY KEY (a, b))"
    found = _reversal(base, "INSERT INTO t VALUES (1, 'x''y'), (2, 'z')", "sqlite")
    assert found.statements == (
        "DELETE FROM t WHERE (a = 1 AND b = 'x''y') OR (a = 2 AND b = 'z')",
    )


@pytest.mark.parametrize(
    "up",
    [
        "INSERT INTO t (a) SELECT 1",
        "INSERT INTO t (a) VALUES (1 + 1)",
        "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
        "UPDATE t SET b = 1",
        "DELETE FROM t WHERE b = 3",
        "TRUNCATE t",
    ],
)
def test_rows_that_no_text_tells_are_a_loss(up: str) -> None:
    found = _reversal(TABLE, up)
    assert _losses(found) == [("public.t", "rows", 1)]
    assert found.statements == ()
    assert found.exact


def test_rows_are_put_back_before_what_holds_them_changes() -> None:
    up = "ALTER TABLE t ADD d int; INSERT INTO t (a, d) VALUES (1, 2)"
    assert _reversal(TABLE, up).statements == (
        "DELETE FROM t WHERE a = 1",
        "ALTER TABLE t DROP COLUMN d",
    )


# -- what is not understood


def test_an_unknown_effect_has_no_way_back() -> None:
    found = _reversal(TABLE, "ALTER TABLE t ADD d int;\nDO $$ BEGIN PERFORM 1; END $$")
    (hindrance,) = found.irreversible
    assert hindrance.line == 2
    assert "DO $$ BEGIN PERFORM 1; END $$" in hindrance.reason
    assert not found.exact
    assert found.statements == ("ALTER TABLE t DROP COLUMN d",)


def test_an_observed_effect_is_undone_and_said_to_be_so() -> None:
    text = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$"
    at = Address(Kind.UNMODELLED, tuple(map(Name, ("function", "public", "f()"))))
    effect = Effect((Create(Unmodelled(at, "function", text)),), "observed on postgres 18")
    found = _reversal(TABLE, text, effects={text: effect})
    assert found.statements == ("DROP FUNCTION public.f()",)
    assert set(found.effects) == set(found.statements)
    assert found.exact
    assert found.losses == ()


def test_what_an_observed_block_did_to_rows_nobody_knows() -> None:
    text = "DO $$ BEGIN UPDATE t SET b = 1; END $$"
    found = _reversal(TABLE, text, effects={text: Effect((), "observed on postgres 18")})
    assert [(loss.at, loss.what) for loss in found.losses] == [(None, "rows")]


# -- where statement by statement does not do


def test_a_view_under_a_rename_in_mysql_is_bridged_without_losing_the_column() -> None:
    base = f"{TABLE}; CREATE VIEW v AS SELECT b FROM t"
    found = _reversal(base, "ALTER TABLE t RENAME COLUMN b TO d; DROP VIEW v", "mysql")
    rename, view = found.statements
    assert rename == "ALTER TABLE t RENAME COLUMN d TO b"
    assert view.startswith("CREATE VIEW v AS")
    assert found.exact
    assert found.losses == ()


def test_sqlite_switches_foreign_keys_off_once_around_everything() -> None:
    base = "CREATE TABLE t (a int, b int NOT NULL); CREATE TABLE u (b int NOT NULL, c int)"
    up = "ALTER TABLE t DROP COLUMN b; ALTER TABLE u DROP COLUMN b"
    found = _reversal(base, up, "sqlite")
    assert found.statements[0] == FOREIGN_KEYS_OFF
    assert found.statements[-1] == FOREIGN_KEYS_ON
    assert found.statements.count(FOREIGN_KEYS_OFF) == 1
    assert found.exact


def test_unnamed_constraints_come_back_unnamed() -> None:
    base = "CREATE TABLE t (a int, b int CHECK (b > 0), UNIQUE (a))"
    found = _reversal(base, "ALTER TABLE t DROP COLUMN b", "sqlite")
    assert found.statements == ("ALTER TABLE t ADD COLUMN b int CHECK (b > 0)",)
    assert found.exact


# -- hand-written downs


def _judged(up: str, down: str) -> tuple[bool, Schema, Schema]:
    before = interpret(TABLE, dialect="postgres").after
    after = interpret(up, before).after
    judged = judge(down, after, before, diff)
    schema = judged.restored
    for operation in judged.missing:
        schema = operation.apply(schema)
    return judged.exact, schema, before


def test_a_down_that_restores_the_schema_is_exact() -> None:
    exact, _, _ = _judged("ALTER TABLE t ADD d int", "ALTER TABLE t DROP COLUMN d")
    assert exact


def test_a_down_from_memory_is_told_where_it_falls_short() -> None:
    exact, completed, before = _judged(
        "ALTER TABLE t DROP COLUMN c", "ALTER TABLE t ADD COLUMN c varchar(9)"
    )
    assert not exact
    assert completed == before


def test_a_down_that_does_not_run_is_not_exact() -> None:
    before = interpret(TABLE, dialect="postgres").after
    judged = judge("DROP TABLE nothing", before, before, diff)
    assert not judged.exact
    assert [fault.error.code for fault in judged.faults] == ["SO101"]


def test_the_values_of_a_dropped_attribute_are_lost() -> None:
    base = "CREATE TYPE place AS (street text, zip int); CREATE TABLE u (at place)"
    up = "ALTER TYPE place DROP ATTRIBUTE zip"
    assert _losses(_reversal(base, up)) == [
        ("public.place", "values", 1),
        ("public.u.at", "values", 1),
    ]
    assert _losses(_reversal(base, "ALTER TYPE place ADD ATTRIBUTE city text")) == []
    assert _losses(_reversal(base, "ALTER TYPE place RENAME ATTRIBUTE zip TO code")) == []


def test_the_rows_of_a_dropped_partition_are_lost() -> None:
    base = (
        "CREATE TABLE p (id int) PARTITION BY RANGE (id) "
        "(PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))"
    )
    up = "ALTER TABLE p DROP PARTITION p0"
    assert _losses(_reversal(base, up, "mysql")) == [("p", "rows", 1)]
    more = "ALTER TABLE p ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))"
    assert _losses(_reversal(base, more, "mysql")) == []


def test_a_schema_is_kept_by_its_tables() -> None:
    before = interpret("CREATE SCHEMA s; CREATE TABLE s.t (a int)", dialect="postgres").after
    way = lossless(interpret("DROP SCHEMA s CASCADE", before).groups, before, diff)
    assert way.losses == ()
    assert (way.up[-1], way.down[0]) == ("DROP SCHEMA s", "CREATE SCHEMA s")


def test_a_schema_whose_functions_the_tables_use_is_not_kept() -> None:
    base = (
        "CREATE SCHEMA s; CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE TABLE s.t (a int DEFAULT s.f())"
    )
    before = interpret(base, dialect="postgres").after
    way = lossless(interpret("DROP SCHEMA s CASCADE", before).groups, before, diff)
    assert way.up == ("DROP SCHEMA s CASCADE",)
    assert [(str(loss.at), loss.what) for loss in way.losses] == [("s.t", "values")]
    assert way.losses[0].why == "what the tables use goes with them"


def test_a_column_that_was_inherited_comes_back_as_the_tables_own() -> None:
    base = "CREATE TABLE p (a int); CREATE TABLE k (b int) INHERITS (p)"
    found = _reversal(base, "ALTER TABLE k NO INHERIT p")
    assert _losses(found) == [("public.k.a", "inheritance", 1)]
    assert not found.exact


def test_where_an_identity_stood_is_lost_with_it() -> None:
    base = "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)"
    found = _reversal(base, "ALTER TABLE t ALTER COLUMN a DROP IDENTITY")
    assert _losses(found) == [("public.t.a", "position", 1)]
    assert found.exact


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_rows_of_neighbouring_statements_are_deleted_together(dialect: str) -> None:
    up = "; ".join(f"INSERT INTO t (a, c) VALUES ({n}, 'x')" for n in range(3))
    found = _reversal(TABLE, up, dialect)
    assert found.statements == ("DELETE FROM t WHERE a IN (0, 1, 2)",)


def test_rows_that_refer_to_one_another_are_deleted_the_last_first() -> None:
    base = "CREATE TABLE t (a int PRIMARY KEY, b int, FOREIGN KEY (b) REFERENCES t (a))"
    up = "INSERT INTO t VALUES (1, NULL), (2, 1); INSERT INTO t VALUES (3, 2)"
    one_by_one = ("DELETE FROM t WHERE a = 3", "DELETE FROM t WHERE a = 2")
    assert _reversal(base, up, "mysql").statements == (*one_by_one, "DELETE FROM t WHERE a = 1")
    assert _reversal(base, up).statements == (one_by_one[0], "DELETE FROM t WHERE a IN (1, 2)")


def test_thousands_of_rows_are_deleted_by_conditions_that_sqlite_takes() -> None:
    base = "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b));"
    up = f"INSERT INTO t VALUES {', '.join(f'({n}, {n + 1})' for n in range(1200))};"
    found = _reversal(base, up, "sqlite")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(base + up + "INSERT INTO t VALUES (1, 1)")
        for statement in found.statements:
            connection.execute(statement)
        assert connection.execute("SELECT * FROM t").fetchall() == [(1, 1)]
