"""Rows made to fit: each table takes some, on each engine, and gives them up again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.filling import clear, fill, near
from schemaops.database.observe import observe
from schemaops.database.rows import read_rows
from schemaops.database.sending import send
from schemaops.names import Kind
from schemaops.schema.objects import Table
from tests.engines import Server, fresh_database

COMMON = """
CREATE TABLE makers (
    id INTEGER PRIMARY KEY, name VARCHAR(5) NOT NULL UNIQUE, founded DATE, parent INTEGER,
    CONSTRAINT own FOREIGN KEY (parent) REFERENCES makers (id)
);
CREATE TABLE cars (
    maker INTEGER NOT NULL, number SMALLINT NOT NULL, price DECIMAL(6, 2) NOT NULL,
    state VARCHAR(10) NOT NULL, seats INTEGER, seen TIMESTAMP NULL, note TEXT,
    CHECK (state IN ('new', 'used')), CHECK (seats BETWEEN 2 AND 9),
    PRIMARY KEY (maker, number),
    CONSTRAINT made_by FOREIGN KEY (maker) REFERENCES makers (id)
);
CREATE TABLE trips (
    id INTEGER PRIMARY KEY, maker INTEGER NOT NULL, number SMALLINT NOT NULL,
    CONSTRAINT with_car FOREIGN KEY (maker, number) REFERENCES cars (maker, number)
)
"""
MORE = {
    "postgres": (
        "CREATE TYPE mood AS ENUM ('glad', 'sad')",
        "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
        (
            "CREATE TABLE all_kinds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood NOT NULL,"
            " u uuid NOT NULL, j jsonb NOT NULL, a text[] NOT NULL, b bytea NOT NULL, t timestamptz"
            " NOT NULL, i interval NOT NULL, n inet NOT NULL, p positive NOT NULL, c char(3) NOT NULL,"
            " d double precision NOT NULL, flag boolean NOT NULL, r int4range NOT NULL, v bit(3) NOT"
            " NULL, at time NOT NULL, m2 money NOT NULL, q point NOT NULL, double int GENERATED ALWAYS"
            " AS (1) STORED)"
        ),
    ),
    "mysql": (
        (
            "CREATE TABLE all_kinds (id BIGINT AUTO_INCREMENT PRIMARY KEY, e ENUM('a','b') NOT NULL,"
            " s SET('x','y') NOT NULL, j JSON NOT NULL, b VARBINARY(4) NOT NULL, t DATETIME(3) NOT NULL,"
            " y YEAR NOT NULL, f TINYINT(1) NOT NULL, c CHAR(3) NOT NULL, d DOUBLE NOT NULL, l LONGBLOB"
            " NOT NULL, at TIME NOT NULL, v BIT(3) NOT NULL, u INT UNSIGNED NOT NULL)"
        ),
    ),
    "sqlite": (
        "CREATE TABLE all_kinds (id INTEGER PRIMARY KEY, a ANY NOT NULL, b BLOB NOT NULL) STRICT",
    ),
}


@pytest.fixture
def connection(engine_server: Server) -> Iterator[Connection]:
    with fresh_database(engine_server) as url:
        database = open_database(url)
        with database.connect(create=True) as made:
            assert send(made, (*COMMON.split(";"), *MORE[made.dialect])) is None
            yield made
        database.close()


@pytest.mark.parametrize("edges", [True, False])
def test_every_table_takes_rows_and_gives_them_up(connection: Connection, *, edges: bool) -> None:
    schema = observe(connection)
    tables = [one.at for one in schema if isinstance(one, Table)]
    filled = fill(connection, schema, tables, edges=edges)
    assert filled.refused == {}
    assert sorted(filled.tables) == sorted(tables)
    assert all(read_rows(connection, schema).values())
    nulls = [
        row
        for rows in read_rows(connection, schema).values()
        for row in rows
        if "NULL" in " ".join(row)
    ]
    assert bool(nulls) or not edges
    # What holds rows is left alone.
    assert fill(connection, schema, tables).tables == ()
    assert clear(connection, filled)
    assert not any(read_rows(connection, schema).values())


def test_a_table_that_nothing_fits_is_named(connection: Connection) -> None:
    never = "CREATE TABLE never (a INTEGER NOT NULL, CHECK (a > 3 AND a < 2))"
    assert send(connection, [never]) is None
    schema = observe(connection)
    (at,) = (one.at for one in schema if isinstance(one, Table) and one.at.name == "never")
    filled = fill(connection, schema, [at])
    assert filled.tables == ()
    assert list(filled.refused) == [at]
    assert filled.refused[at]


def test_what_is_near_are_parents_and_children(connection: Connection) -> None:
    schema = observe(connection)
    (cars,) = (one.at for one in schema if isinstance(one, Table) and one.at.name == "cars")
    price = cars.child(Kind.COLUMN, "price")
    assert {at.name for at in near(schema, [price])} == {"cars", "makers", "trips"}
    (other,) = (one.at for one in schema if isinstance(one, Table) and one.at.name == "all_kinds")
    assert near(schema, [other]) == (other,)
