"""Rendered, diffed and reversed on the engines: what a database then holds is what was meant.

Each example is a base, changes over it, and the engine's word: the changes rendered give what their
own text gives; the reversal gives the base back; the diff leads there and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation, interpret
from schemaops.sql.render import render, script
from tests.engines import Server, fresh_database
from tests.laws.strategies import scripts

# Databases cost most in PostgreSQL.
EXAMPLES = {"sqlite": 25, "postgres": 8, "mysql": 10}


@contextmanager
def _database(server: Server, statements: list[str]) -> Iterator[Connection]:
    with fresh_database(server) as url:
        connection = open_database(url).connect(create=True)
        try:
            for statement in statements:
                connection.execute(statement)
            yield connection
        finally:
            connection.close()


def _run(connection: Connection, statements: tuple[str, ...] | list[str]) -> Schema:
    for statement in statements:
        try:
            connection.execute(statement)
        except DatabaseFailure as failure:
            pytest.fail(f"{statement}\n{failure.message}\n\n{script(statements)}")
    return observe(connection)


def _read(text: list[str], before: Schema) -> Interpretation:
    read = interpret("; ".join(text), before)
    assert read.faults == read.opaque == ()
    return read


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
def test_the_engine_agrees(dialect: str, request: pytest.FixtureRequest) -> None:
    names = {"sqlite": "sqlite_server", "postgres": "postgres_server", "mysql": "mariadb_server"}
    server = request.getfixturevalue(names[dialect])

    @given(scripts(dialect))
    @settings(max_examples=EXAMPLES[dialect])
    def agrees(drawn: tuple[list[str], list[str]]) -> None:
        base, up = drawn
        before = _read(base, Schema.empty(dialect)).after
        read = _read(up, before)
        with _database(server, base) as connection:
            was = observe(connection)
            became = _run(connection, up)
            reversal = reverse(read.groups, before, diff)
            assert reversal.exact
            assert _run(connection, reversal.statements) == was, script(reversal.statements)
        operations = [operation for group in read.groups for operation in group.operations]
        rendered = render(operations, before)
        with _database(server, base) as connection:
            assert _run(connection, rendered) == became, script(rendered)
        with _database(server, base) as connection:
            forth = render(diff(was, became), was)
            assert _run(connection, forth) == became, script(forth)
            back = render(diff(became, was), became)
            assert _run(connection, back) == was, script(back)

    agrees()
