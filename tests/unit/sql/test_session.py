"""What a PostgreSQL session sets, undoes, copies and keeps to itself."""

from __future__ import annotations

import pytest

from schemaops.names import Address, Kind, Name
from schemaops.operations import Rows
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation, interpret
from schemaops.sql.split import split

TABLES = """
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, total int);
"""


def read(text: str) -> Interpretation:
    found = interpret(text, dialect="postgres")
    assert not found.faults, found.faults
    return found


def rows(text: str) -> list[tuple[str, str, list[str]]]:
    """Return the verb, table and columns of what the last statement writes."""
    found = read(TABLES + text)
    assert not found.opaque, found.opaque
    return [
        (one.verb, str(one.table), [str(at.name) for at in one.columns])
        for one in found.groups[-1].operations
        if isinstance(one, Rows)
    ]


def table(schema: Schema, *path: str) -> bool:
    return Address(Kind.TABLE, tuple(map(Name, path))) in schema


@pytest.mark.parametrize(
    "text",
    [
        "SET statement_timeout = 0",
        "SET check_function_bodies = false",
        "SET SESSION AUTHORIZATION DEFAULT",
        "SET TIME ZONE 'UTC'",
        "SET LOCAL lock_timeout TO '5s'",
        "SET app.user_id = '7'",
        "RESET ALL",
        "SELECT pg_catalog.setval('users_id_seq', 1, false)",
        "SELECT count(*), max(id) FROM users",
        "EXPLAIN SELECT * FROM users",
        "VALUES (1), (2)",
        "NOTIFY x, 'y'",
        "REINDEX INDEX CONCURRENTLY users_pkey",
        "LOCK TABLE users IN ACCESS EXCLUSIVE MODE",
        "COPY users TO '/tmp/users'",
        "WITH x AS (SELECT id FROM users) SELECT * FROM x",
    ],
)
def test_a_statement_that_changes_no_schema_is_understood_as_nothing(text: str) -> None:
    found = read(TABLES + text)
    assert not found.opaque
    assert found.groups[-1].operations == ()


@pytest.mark.parametrize(
    "text",
    [
        "SET standard_conforming_strings = off",
        "SET TIME ZONE 'Europe/Berlin'",
        "SELECT own_function(1)",
        "EXPLAIN ANALYZE DELETE FROM users",
        "PREPARE q AS SELECT 1",
        "ROLLBACK",
    ],
)
def test_what_may_change_more_than_it_says_is_opaque(text: str) -> None:
    assert read(TABLES + text).opaque


def test_the_search_path_says_where_bare_names_come_to_stand() -> None:
    after = read(
        "CREATE SCHEMA app; SET search_path TO nothing, app, public; CREATE TABLE a (id int);"
        "SET search_path TO DEFAULT; CREATE TABLE b (id int);"
        'SET search_path TO "$user", public; CREATE TABLE c (id int)'
    ).after
    assert table(after, "app", "a")
    assert table(after, "public", "b")
    assert table(after, "public", "c")


def test_without_a_search_path_a_bare_name_has_no_place() -> None:
    found = interpret(
        "SELECT pg_catalog.set_config('search_path', '', false);"
        "CREATE TABLE public.a (id int); CREATE TABLE b (id int)",
        dialect="postgres",
    )
    assert table(found.after, "public", "a")
    assert [fault.error.code for fault in found.faults] == ["SO106"]


def test_a_rollback_undoes_what_stands_behind_its_beginning() -> None:
    found = read(
        "CREATE TABLE a (id int); BEGIN; CREATE TABLE b (id int); ALTER TABLE a ADD x int; "
        "ROLLBACK; CREATE TABLE c (id int)"
    )
    assert not found.opaque
    assert found.after == read("CREATE TABLE a (id int); CREATE TABLE c (id int)").after


def test_a_savepoint_is_gone_back_to_as_often_as_one_likes() -> None:
    found = read(
        "BEGIN; CREATE TABLE a (id int); SAVEPOINT s; CREATE TABLE b (id int); ROLLBACK TO s;"
        "CREATE TABLE c (id int); ROLLBACK TO SAVEPOINT s; CREATE TABLE d (id int);"
        "RELEASE s; COMMIT"
    )
    assert found.after == read("CREATE TABLE a (id int); CREATE TABLE d (id int)").after


def test_rows_behind_a_copy_belong_to_it() -> None:
    text = "COPY users (id, name) FROM stdin;\n1\tO'Brien; x\n2\t\\N\n\\.\n\nSELECT 1;\n"
    found = [statement.text for statement in split(text, "postgres")]
    assert found == [text[: text.index("\n\nSELECT")], "SELECT 1"]
    assert rows(text.removesuffix("SELECT 1;\n")) == [("insert", "public.users", ["id", "name"])]


def test_lines_for_the_client_alone_are_left_out() -> None:
    text = "\\restrict it's\nSELECT 1;\n\\connect other\n\\set ON_ERROR_STOP on\nSELECT 2;\n"
    assert [one.text for one in split(text, "postgres")] == ["SELECT 1", "SELECT 2"]


def test_a_line_that_takes_in_another_file_is_refused() -> None:
    found = interpret("SELECT 1;\n\\i other.sql\nSELECT 2;", dialect="postgres")
    (fault,) = found.faults
    assert fault.place.line == 2
    assert "takes in another file" in fault.error.message


def test_a_line_that_makes_what_follows_conditional_is_opaque() -> None:
    assert read("\\if :x\nSELECT 1;\n\\endif\n").opaque


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """WITH gone AS (DELETE FROM orders WHERE total < 0 RETURNING *)
            INSERT INTO users (id, name) SELECT id, 'x' FROM gone""",
            [("delete", "public.orders", []), ("insert", "public.users", ["id", "name"])],
        ),
        (
            """MERGE INTO users u USING orders o ON u.id = o.user_id
            WHEN MATCHED AND o.total > 3 THEN UPDATE SET name = 'x' WHEN MATCHED THEN DELETE
            WHEN NOT MATCHED THEN INSERT (id, name) VALUES (o.id, 'y')""",
            [
                ("update", "public.users", ["name"]),
                ("delete", "public.users", []),
                ("insert", "public.users", ["id", "name"]),
            ],
        ),
        (
            "TRUNCATE users RESTART IDENTITY CASCADE",
            [("truncate", "public.users", []), ("truncate", "public.orders", [])],
        ),
        (
            "TRUNCATE TABLE orders, users",
            [("truncate", "public.orders", []), ("truncate", "public.users", [])],
        ),
    ],
)
def test_what_writes_in_several_places_says_each(
    text: str, expected: list[tuple[str, str, list[str]]]
) -> None:
    assert rows(text) == expected


def test_a_table_that_others_refer_to_is_not_emptied_alone() -> None:
    found = interpret(TABLES + "TRUNCATE users", dialect="postgres")
    assert [fault.error.code for fault in found.faults] == ["SO105"]


def test_temporary_tables_are_outside_the_schema_and_can_be_read() -> None:
    text = (
        "CREATE TEMP TABLE t (id int, n text) ON COMMIT DROP; CREATE INDEX ON t (id);"
        "INSERT INTO t SELECT id, name FROM users;"
        "UPDATE users SET name = t.n FROM t WHERE t.id = users.id; DROP TABLE t;"
    )
    found = read(TABLES + text)
    assert not found.opaque
    assert found.after == read(TABLES).after
    assert rows(text.removesuffix("DROP TABLE t;")) == [("update", "public.users", ["name"])]
