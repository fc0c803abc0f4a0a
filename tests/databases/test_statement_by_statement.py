"""Each statement on an engine, and back: what it comes to is known, and what undoes it undoes it.

After every statement the schema that was worked out equals the observed one. Its reversal then gives
the schema before again, its operations rendered give the schema after. In the files a case is a title
and statements; those before a line of dashes are run and compared only. Where a title ends in
`(opaque)` no statement of the case is understood, and the engine's word goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.operations.group import Group
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.render import render, script
from schemaops.sql.split import split
from tests.engines import fresh_database
from tools.replay_history import differing, led_to

CASES = Path(__file__).parent / "statement_by_statement"
SERVERS = {"sqlite": "sqlite_server", "mysql": "mariadb_server"}


def _cases() -> Iterator[object]:
    for dialect in SERVERS:
        text = (CASES / f"{dialect}.sql").read_text(encoding="utf-8")
        for case in re.split(r"^-- = ", text, flags=re.MULTILINE)[1:]:
            title, body = case.split("\n", 1)
            yield pytest.param(dialect, title, body, id=f"{dialect}: {title}")


@pytest.mark.parametrize(("dialect", "title", "body"), list(_cases()))
def test_it_comes_to_what_the_engine_makes_of_it(
    dialect: str, title: str, body: str, request: pytest.FixtureRequest
) -> None:
    base, _, changes = body.rpartition("--------\n")
    server = request.getfixturevalue(SERVERS[dialect])
    with (
        fresh_database(server) as url,
        closing(open_database(url).connect(create=True)) as connection,
    ):
        interpreter = Interpreter(Schema.empty(dialect))
        for part, turned in ((base, False), (changes, True)):
            for statement in split(part, dialect):
                before = interpreter.schema
                read = interpreter.read(statement)
                assert not isinstance(read, Fault), f"{statement.text}\n{read.error.message}"
                connection.execute(statement.text)
                if title.endswith("(opaque)") and turned:
                    assert read.opaque, statement.text
                    interpreter.continue_from(led_to(before, observe(connection)))
                    continue
                assert not read.opaque, f"{statement.text}\n{read.why}"
                _must_be(connection, interpreter.schema, statement.text)
                if turned and read.operations:
                    _turn(connection, read, before, interpreter.schema)


def _turn(connection: Connection, group: Group, before: Schema, after: Schema) -> None:
    """Go back from what a statement made, and forth by what its operations are written as."""
    reversal = reverse((group,), before, diff)
    assert reversal.exact, group.text
    for line, schema in (
        (reversal.statements, before),
        (render(group.operations, before), after),
    ):
        for statement in line:
            connection.execute(statement)
        _must_be(connection, schema, f"{group.text}\n{script(line)}")


def _must_be(connection: Connection, schema: Schema, story: str) -> None:
    observed = observe(connection)
    assert observed == schema, "\n".join((story, *differing(schema, observed)))
