"""Rows are compared by their values, whatever the order of rows and columns, on each engine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.database.rows import RowsOf, differences, read_rows
from schemaops.database.sending import send
from tests.engines import Server, fresh_database


def rows_after(server: Server, statements: Sequence[str]) -> RowsOf:
    with fresh_database(server) as url:
        database = open_database(url)
        with database.connect(create=True) as connection:
            assert send(connection, statements) is None
            found = read_rows(connection, observe(connection))
        database.close()
        return found


CREATE = "CREATE TABLE t (id int PRIMARY KEY, a varchar(9), b varchar(9))"
INSERT = "INSERT INTO t (id, a, b) VALUES "


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ([CREATE, INSERT + "(1, 'x', NULL), (2, 'y', '')"], None, ()),
        ([CREATE, INSERT + "(1, 'x', 'y')"], [CREATE, INSERT + "(1, 'y', 'x')"], ("t",)),
        ([CREATE, INSERT + "(1, 'x', NULL)"], [CREATE, INSERT + "(1, 'x', 'NULL')"], ("t",)),
        ([CREATE, INSERT + "(1, 'x', '')"], [CREATE, INSERT + "(1, 'x', NULL)"], ("t",)),
        ([CREATE, INSERT + "(1, 'x', 'y')"], [CREATE], ("t",)),
        (
            [CREATE, INSERT + "(2, 'x', 'y'), (1, 'p', 'q')"],
            [
                "CREATE TABLE t (b varchar(9), id int PRIMARY KEY, a varchar(9))",
                INSERT + "(1, 'p', 'q'), (2, 'x', 'y')",
            ],
            (),
        ),
        (
            ["CREATE TABLE u (a int)", "INSERT INTO u VALUES (1), (1)"],
            ["CREATE TABLE u (a int)", "INSERT INTO u VALUES (1)"],
            ("u",),
        ),
    ],
)
def test_rows_differ_by_their_values_alone(
    engine_server: Server, one: list[str], other: list[str] | None, said: tuple[str, ...]
) -> None:
    first = rows_after(engine_server, one)
    second = rows_after(engine_server, one if other is None else other)
    found = differences(first, second)
    assert tuple(each.table.name for each in found) == said
    assert all(each.said("here", "there").startswith("rows of ") for each in found)


def test_a_number_is_not_its_text(sqlite_server: Server) -> None:
    first = rows_after(sqlite_server, ["CREATE TABLE v (a)", "INSERT INTO v VALUES (1)"])
    second = rows_after(sqlite_server, ["CREATE TABLE v (a)", "INSERT INTO v VALUES ('1')"])
    (found,) = differences(first, second)
    assert found.said("here", "there") == (
        "rows of v: 1 only here, such as (a = 1); 1 only there, such as (a = '1')"
    )


def test_a_step_that_is_refused_takes_back_what_it_shared(engine_server: Server) -> None:
    statements = ["INSERT INTO t (id) VALUES (1)", "INSERT INTO nowhere VALUES (1)"]
    with fresh_database(engine_server) as url:
        database = open_database(url)
        with database.connect(create=True) as connection:
            assert send(connection, [CREATE]) is None
            refused = send(connection, statements)
            assert refused is not None
            assert (refused.index, refused.sql) == (1, statements[1])
            assert connection.query("SELECT * FROM t") == []
            assert not connection.in_transaction
        database.close()


def test_a_rebuild_that_leaves_rows_without_theirs_is_refused(sqlite_server: Server) -> None:
    statements = [
        "CREATE TABLE new (id INTEGER PRIMARY KEY)",
        "DROP TABLE parent",
        "ALTER TABLE new RENAME TO parent",
    ]
    with fresh_database(sqlite_server) as url:
        database = open_database(url)
        with database.connect(create=True) as connection:
            base = [
                "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
                "CREATE TABLE child (of INTEGER REFERENCES parent (id) ON DELETE CASCADE)",
                "INSERT INTO parent VALUES (1)",
                "INSERT INTO child VALUES (1)",
            ]
            assert send(connection, base) is None
            refused = send(connection, statements)
            assert refused is not None
            assert "without theirs in parent" in str(refused)
            assert connection.query("SELECT * FROM child") == [(1,)]
            copied = [*statements[:1], "INSERT INTO new SELECT id FROM parent", *statements[1:]]
            assert send(connection, copied) is None
        database.close()
