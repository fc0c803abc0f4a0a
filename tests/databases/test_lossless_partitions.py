"""What a partition held comes back with it."""

from __future__ import annotations

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.reverse.lossless import lossless
from schemaops.sql.interpret import interpret
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

BASE = """
CREATE TABLE p (id int NOT NULL, at date NOT NULL, k text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX p_k ON p (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE p2 PARTITION OF p DEFAULT;
CREATE TABLE animals (id int PRIMARY KEY);
CREATE TABLE cats (lives int) INHERITS (animals);
"""
ROWS = (
    "INSERT INTO p VALUES (1, '2024-01-02', 'x'), (2, '2025-01-02', 'y')",
    "INSERT INTO cats VALUES (3, 9)",
)


@pytest.mark.parametrize("up", ["DROP TABLE p1", "DROP TABLE p"])
def test_a_dropped_partition_comes_back_with_its_rows(up: str, postgres_server: Server) -> None:
    base = interpret(BASE, dialect="postgres").after
    kept = lossless(interpret(up, base).groups, base, diff)
    with fresh_database(postgres_server) as url, open_database(url).connect() as connection:
        for statement in split(BASE, "postgres"):
            connection.execute(statement.text)
        for text in ROWS:
            connection.execute(text)
        before = connection.query("SELECT * FROM p ORDER BY id")
        for text in kept.up:
            connection.execute(text)
        assert observe(connection) == interpret(up, base).after
        for text in kept.down:
            connection.execute(text)
        assert observe(connection) == base
        assert connection.query("SELECT * FROM p ORDER BY id") == before
