"""Who owns what: handed over by a migration, and given back by its reversal."""

from __future__ import annotations

from contextlib import closing

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.database.sessions import Connection
from schemaops.diff import diff
from schemaops.reverse import lossless, reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

ROLES = ("owners_app", "owners_other")
BASE = """
CREATE TABLE mine (id serial PRIMARY KEY, n int);
CREATE TABLE owned (id int PRIMARY KEY, x text);
ALTER TABLE owned OWNER TO owners_app;
GRANT INSERT ON owned TO owners_other;
CREATE VIEW seen AS SELECT x FROM owned;
ALTER VIEW seen OWNER TO owners_app;
CREATE MATERIALIZED VIEW kept AS SELECT x FROM owned;
ALTER MATERIALIZED VIEW kept OWNER TO owners_app;
CREATE TYPE mood AS ENUM ('calm');
ALTER TYPE mood OWNER TO owners_app;
CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
ALTER DOMAIN short OWNER TO owners_app;
CREATE FUNCTION one(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION one(int) OWNER TO owners_app;
CREATE SCHEMA beside AUTHORIZATION owners_app;
CREATE TABLE beside.t (id bigserial);
ALTER TABLE beside.t OWNER TO owners_app;
CREATE STATISTICS counted ON id, x FROM owned;
ALTER STATISTICS counted OWNER TO owners_app;
"""
MIGRATIONS = (
    "ALTER TABLE mine OWNER TO owners_app",
    "ALTER TABLE mine RENAME TO yours; ALTER TABLE yours OWNER TO owners_app",
    "ALTER TABLE owned OWNER TO CURRENT_USER; ALTER VIEW seen OWNER TO owners_other",
    "ALTER TABLE owned OWNER TO owners_other",
    "REASSIGN OWNED BY owners_app TO CURRENT_USER",
    "DROP TABLE owned CASCADE",
    "DROP VIEW seen; DROP MATERIALIZED VIEW kept",
    "DROP FUNCTION one; DROP TYPE mood; DROP DOMAIN short; DROP STATISTICS counted",
    "DROP TABLE beside.t; DROP SCHEMA beside",
    "DROP SCHEMA beside CASCADE",
)
WHOSE = """
SELECT relname, relowner::regrole::text, relacl::text FROM pg_class
WHERE relnamespace IN ('public'::regnamespace, to_regnamespace('beside'))
UNION ALL SELECT proname, proowner::regrole::text, proacl::text FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT typname, typowner::regrole::text, typacl::text FROM pg_type
WHERE typnamespace = 'public'::regnamespace
UNION ALL SELECT nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace
WHERE nspname = 'beside'
UNION ALL SELECT stxname, stxowner::regrole::text, NULL FROM pg_statistic_ext
ORDER BY 1, 2, 3
"""


@pytest.fixture(scope="module")
def server(postgres_server: Server) -> Server:
    """A PostgreSQL with the roles."""
    with (
        fresh_database(postgres_server) as url,
        closing(open_database(url).connect(create=True)) as connection,
    ):
        for role in ROLES:
            if not connection.query(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"):
                connection.execute(f"CREATE ROLE {role}")
    return postgres_server


def _run(connection: Connection, text: str) -> None:
    for statement in split(text, "postgres"):
        connection.execute(statement.text)


@pytest.mark.parametrize("up", MIGRATIONS)
@pytest.mark.parametrize("kept", [False, True], ids=["plain, as read", "lossless, as observed"])
def test_everything_belongs_again_to_whom_it_belonged(
    server: Server, up: str, *, kept: bool
) -> None:
    with (
        fresh_database(server) as url,
        closing(open_database(url).connect(create=True)) as connection,
    ):
        _run(connection, BASE)
        observed = observe(connection)
        read = interpret(BASE, Schema.empty("postgres")).after
        assert read == observed
        for thing in read:
            role = getattr(thing, "owning_role", None)
            assert role == getattr(observed.at(thing.at), "owning_role", None)
        before = connection.query(WHOSE)
        schema = observed if kept else read
        groups = interpret(up, schema).groups
        if kept:
            way = lossless(groups, schema, diff)
            _run(connection, ";\n".join(way.up))
            down = way.down
        else:
            _run(connection, up)
            down = reverse(groups, schema, diff).statements
        _run(connection, ";\n".join(down))
        assert connection.query(WHOSE) == before
        assert observe(connection) == observed
