"""Losses with rows on the engines: what is not listed as lost is there again after up and down."""

from __future__ import annotations

from contextlib import closing

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.diff import diff
from schemaops.names import Address, Kind
from schemaops.reverse import Loss, reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.names import quote
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

TREE = """
CREATE TABLE org (id INTEGER PRIMARY KEY, name varchar(20));
CREATE TABLE usr (
  id INTEGER PRIMARY KEY, org_id int, email varchar(20), n int,
  FOREIGN KEY (org_id) REFERENCES org (id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE item (
  id INTEGER PRIMARY KEY, u int, FOREIGN KEY (u) REFERENCES usr (id) ON DELETE SET NULL
);
CREATE TABLE log (t varchar(20));
CREATE VIEW uv AS SELECT id, email FROM usr;
"""
HEIRS = """
CREATE TABLE par (a int, b text);
CREATE TABLE kid (c int) INHERITS (par);
CREATE TYPE place AS (street text, zip int);
CREATE TABLE house (id int GENERATED ALWAYS AS IDENTITY, at place);
"""
TRIGGERS = {
    "sqlite": """
CREATE TRIGGER t AFTER INSERT ON org BEGIN INSERT INTO log VALUES ('x'); END;
CREATE TRIGGER i INSTEAD OF UPDATE ON uv BEGIN DELETE FROM log; END;
CREATE TRIGGER d AFTER DELETE ON item BEGIN DELETE FROM log; END;
""",
    "mysql": """
CREATE TRIGGER t AFTER INSERT ON org FOR EACH ROW INSERT INTO log VALUES ('x');
""",
    "postgres": """
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO log VALUES ('x'); RETURN NEW; END $$;
CREATE TRIGGER t AFTER INSERT ON org FOR EACH ROW EXECUTE FUNCTION f();
""",
}
ROWS = """
INSERT INTO org VALUES (1, 'a'), (2, 'b');
INSERT INTO usr VALUES (1, 1, 'e', 5), (2, 2, 'f', 600);
INSERT INTO item VALUES (1, 1), (2, 2);
INSERT INTO log VALUES ('q');
"""
HEIRS_ROWS = """
INSERT INTO par VALUES (1, 'p');
INSERT INTO kid VALUES (2, 'k', 3);
INSERT INTO house (at) VALUES (('s', 1));
"""
EVERYWHERE = [
    "DELETE FROM org WHERE id = 1",
    "UPDATE org SET id = 9 WHERE id = 1",
    "UPDATE org SET name = 'z'",
    "INSERT INTO org VALUES (5, 'z')",
    "INSERT INTO log VALUES ('z')",
    "INSERT INTO item VALUES (7, 1)",
    "UPDATE uv SET email = 'z'",
    "ALTER TABLE usr DROP COLUMN n",
    "ALTER TABLE usr RENAME TO people; ALTER TABLE people DROP COLUMN n",
    "CREATE TABLE copied (id int); INSERT INTO copied SELECT id FROM usr; DROP TABLE item",
]
OWN = {
    "sqlite": [
        "DROP TABLE org",
        "INSERT OR REPLACE INTO org VALUES (1, 'z')",
        "INSERT OR IGNORE INTO org VALUES (1, 'z'), (7, 'p')",
    ],
    "mysql": [
        "REPLACE INTO org VALUES (1, 'z')",
        "INSERT IGNORE INTO org VALUES (1, 'z'), (7, 'p')",
        "UPDATE usr JOIN org ON org.id = usr.org_id SET usr.n = 1, org.name = 'w'",
        "ALTER TABLE usr MODIFY n bigint",
        "ALTER TABLE usr MODIFY email varchar(30)",
    ],
    "postgres": [
        "TRUNCATE org CASCADE",
        "INSERT INTO org VALUES (1, 'z'), (7, 'p') ON CONFLICT DO NOTHING",
        "CREATE VIEW own AS SELECT id, name FROM org; UPDATE own SET name = 'w'",
        "DELETE FROM par",
        "UPDATE ONLY par SET b = 'q'",
        "ALTER TYPE place DROP ATTRIBUTE zip",
        "ALTER TABLE house ALTER COLUMN id DROP IDENTITY",
        "ALTER TABLE usr ALTER COLUMN n TYPE bigint",
        "ALTER TABLE usr ALTER COLUMN n TYPE int USING n % 10",
    ],
}
SERVERS = {"sqlite": "sqlite_server", "postgres": "postgres_server", "mysql": "mariadb_server"}
CASES = [(dialect, up) for dialect in SERVERS for up in (*EVERYWHERE, *OWN[dialect])]


@pytest.mark.parametrize(("dialect", "up"), CASES)
def test_what_is_not_listed_is_there_again(
    dialect: str, up: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(SERVERS[dialect])
    base, rows = TREE + TRIGGERS[dialect], ROWS
    if dialect == "postgres":
        base, rows = base + HEIRS, rows + HEIRS_ROWS
    before = interpret(base, dialect=dialect).after
    read = interpret(up, before)
    if any(group.unknown for group in read.opaque):
        assert reverse(read.groups, before, diff).irreversible
        return
    reversal = reverse(read.groups, before, diff)
    with fresh_database(server) as url, closing(open_database(url).connect(create=True)) as found:
        for statement in (*split(base, dialect), *split(rows, dialect)):
            found.execute(statement.text)
        was = _held(found, before)
        for statement in split(up, dialect):
            found.execute(statement.text)
        for text in reversal.statements:
            found.execute(text)
        now = _held(found, before)
    changed = {at for at, values in was.items() if now[at] != values}
    assert {at for at in changed if not _is_listed(at, reversal.losses)} == set()


def _held(connection: Connection, schema: Schema) -> dict[Address, list[str]]:
    """Return what each column holds, in no order."""
    held = {}
    only = "ONLY " if schema.dialect == "postgres" else ""
    for table in schema.of_kind(Kind.TABLE):
        for column in schema.columns(table.at):
            name = quote(column.at.name, schema.dialect)
            query = f"SELECT {name} AS v FROM {only}{quote(table.at.name, schema.dialect)}"
            found = connection.query(query)
            held[column.at] = sorted(map(str, found))
    return held


def _is_listed(column: Address, losses: tuple[Loss, ...]) -> bool:
    table = Address(Kind.TABLE, column.path[:-1])
    return any(loss.what != "column-order" and loss.at in (None, column, table) for loss in losses)
