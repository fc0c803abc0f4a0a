"""PostgreSQL's further kinds of object, told to an engine and to the interpreter.

After every statement the two agree, its operations are written so that they read back, and its
reversal leads the engine back. At the end the diff makes the whole from nothing, and takes it away.
"""

from __future__ import annotations

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.errors import SchemaOpsError
from schemaops.operations import Operation, Rows
from schemaops.operations.group import Group
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.render import render, script
from schemaops.sql.split import split
from tests.databases.test_interpreted_equals_observed import Pair
from tools.replay_history import differing

SCRIPTS = {
    "materialized views": """
        CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(9), c text);
        CREATE MATERIALIZED VIEW m AS SELECT id, a, lower(b) AS low FROM t;
        CREATE UNIQUE INDEX m_i ON m (id);
        CREATE INDEX ON m (upper(low), a) WHERE low > 'a';
        CREATE VIEW v AS SELECT low AS x FROM m;
        ALTER MATERIALIZED VIEW m RENAME COLUMN low TO lower_b;
        ALTER MATERIALIZED VIEW m SET (fillfactor = 70);
        ALTER TABLE t RENAME a TO aa;
        CREATE SCHEMA s;
        ALTER MATERIALIZED VIEW m SET SCHEMA s;
        DROP MATERIALIZED VIEW s.m;
        DROP MATERIALIZED VIEW s.m CASCADE""",
    "domains": """
        CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
        CREATE DOMAIN pos int DEFAULT 3 NOT NULL CONSTRAINT p CHECK (value > 0) CHECK (VALUE < 9);
        CREATE DOMAIN vc AS varchar(10) COLLATE "C" CHECK (value ~ '^a' AND length(VALUE) > 2);
        CREATE DOMAIN em2 AS email NOT NULL CHECK (VALUE <> 'x');
        CREATE TABLE t (e email DEFAULT 'a@b', f email[] DEFAULT '{}', p pos, v vc,
          CHECK (lower(e) <> 'x'), CHECK (p + 1 > 2));
        CREATE INDEX ON t (v) WHERE e = 'x@y' AND v <> 'abc';
        CREATE VIEW w AS SELECT e, p + 1 AS q, upper(v) AS u FROM t WHERE e IN ('a', 'b');
        ALTER DOMAIN pos SET DEFAULT 4;
        ALTER DOMAIN pos DROP NOT NULL;
        ALTER DOMAIN pos ADD CHECK (VALUE <> 7) NOT VALID;
        ALTER DOMAIN pos ADD CONSTRAINT p CHECK (VALUE <> 7);
        ALTER DOMAIN pos VALIDATE CONSTRAINT pos_check1;
        ALTER DOMAIN pos RENAME CONSTRAINT pos_check1 TO np;
        ALTER DOMAIN pos RENAME TO positive;
        CREATE SCHEMA s;
        ALTER DOMAIN vc SET SCHEMA s;
        DROP DOMAIN email;
        DROP DOMAIN IF EXISTS nowhere, s.vc CASCADE;
        DROP DOMAIN email CASCADE""",
    "policies": """
        CREATE TABLE o (id int PRIMARY KEY, owner name, team text);
        CREATE TABLE t (id int PRIMARY KEY, a int, b text, o_id int REFERENCES o, u uuid);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        ALTER TABLE t NO FORCE ROW LEVEL SECURITY;
        CREATE POLICY p ON t;
        CREATE POLICY q ON t AS RESTRICTIVE FOR UPDATE TO pg_monitor, PUBLIC, postgres
          USING (a > 3 AND b = current_user) WITH CHECK (a IN (1,2,3) OR b ~~ 'x%');
        CREATE POLICY ins ON t FOR INSERT WITH CHECK (u = (current_setting('app.user', true))::uuid);
        CREATE POLICY bad ON t FOR INSERT USING (true);
        CREATE POLICY bad ON t FOR SELECT WITH CHECK (true);
        CREATE POLICY sub ON t FOR DELETE TO pg_monitor USING (EXISTS (SELECT 1 FROM o
          WHERE o.id = t.o_id AND o.owner = current_user));
        CREATE POLICY sub2 ON t USING (o_id IN (SELECT id FROM o WHERE team = b))
          WITH CHECK (o_id = (SELECT max(id) FROM o));
        ALTER POLICY q ON t TO pg_monitor USING (a > 5) WITH CHECK (a > 6);
        ALTER POLICY q ON t RENAME TO q2;
        ALTER TABLE t RENAME COLUMN a TO aa;
        ALTER TABLE o RENAME COLUMN owner TO boss;
        ALTER TABLE o RENAME TO oo;
        ALTER TABLE t RENAME TO tt;
        ALTER TABLE tt ALTER aa TYPE bigint;
        ALTER TABLE tt DROP COLUMN aa;
        ALTER TABLE tt DROP COLUMN aa CASCADE;
        DROP POLICY IF EXISTS nowhere ON tt;
        DROP POLICY p ON tt;
        ALTER TABLE tt DISABLE ROW LEVEL SECURITY;
        DROP TABLE oo;
        DROP TABLE oo CASCADE;
        CREATE VIEW v AS SELECT id FROM tt;
        CREATE POLICY zz ON tt USING (id IN (SELECT id FROM v));
        CREATE OR REPLACE VIEW v AS SELECT id, b FROM tt;
        DROP VIEW v;
        CREATE SCHEMA s;
        ALTER TABLE tt SET SCHEMA s;
        DROP TABLE s.tt CASCADE""",
    "types": """
        CREATE TYPE mood AS ENUM ('a', 'b');
        CREATE TYPE pt AS (x int, y varchar(3) COLLATE "C", m mood);
        CREATE TYPE pair AS (a pt, b pt);
        ALTER TYPE pt ADD ATTRIBUTE w date, DROP ATTRIBUTE x;
        ALTER TYPE pt ALTER ATTRIBUTE w TYPE timestamp(3);
        ALTER TYPE pt RENAME ATTRIBUTE w TO moment;
        CREATE TABLE t (id int, p pt, b pair[]);
        ALTER TYPE pt ALTER ATTRIBUTE y TYPE bigint;
        ALTER TYPE pt ADD ATTRIBUTE extra bigint CASCADE;
        ALTER TYPE pt RENAME TO point2;
        CREATE TABLE pair (a int);
        CREATE TYPE t AS (a int);
        CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
        CREATE TYPE hours AS RANGE (subtype = time, multirange_type_name = days);
        CREATE TYPE days AS ENUM ('a');
        CREATE TABLE r (a span, b hours[]);
        ALTER TYPE span RENAME TO spans;
        CREATE SCHEMA s;
        ALTER TYPE hours SET SCHEMA s;
        DROP TYPE s.hours;
        DROP TYPE s.hours CASCADE;
        DROP TYPE mood;
        DROP TYPE mood, point2 CASCADE""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_understood_is_so_on_the_engine(name: str, postgres_url: str) -> None:
    with open_database(postgres_url).connect(create=True) as connection:
        connection.begin()
        pair = Pair(connection)
        start = pair.schema
        for statement in split(SCRIPTS[name], "postgres"):
            before = pair.schema
            pair.tell(statement)
            if pair.schema is not before:
                (group,) = interpret(statement.text, before).groups
                assert not group.opaque, statement.text
                _reads_back(group.operations, before, pair.schema)
                _leads_back(connection, group, before, pair.schema)
        _reads_back(diff(start, pair.schema), start, pair.schema)
        _reads_back(diff(pair.schema, start), pair.schema, start)
        connection.rollback()


def _reads_back(operations: tuple[Operation, ...], before: Schema, after: Schema) -> None:
    statements = render([o for o in operations if not isinstance(o, Rows)], before)
    read = interpret(script(statements), before)
    assert not read.opaque, statements
    assert [fault.error.message for fault in read.faults] == [], statements
    assert read.after == after, (*statements, *differing(read.after, after))


def _leads_back(connection: Connection, group: Group, before: Schema, after: Schema) -> None:
    reversal = reverse((group,), before, diff)
    assert reversal.exact, reversal.statements
    connection.execute("SAVEPOINT back")
    try:
        for text in reversal.statements:
            connection.execute(text)
        observed = observe(connection)
        assert observed == before, (*reversal.statements, *differing(before, observed))
    except SchemaOpsError as error:
        raise AssertionError((*reversal.statements, error.message)) from error
    finally:
        connection.execute("ROLLBACK TO back")
    assert observe(connection) == after
