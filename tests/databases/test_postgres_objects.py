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
    "privileges": """
        CREATE TABLE t (id serial PRIMARY KEY, a int, b text);
        CREATE VIEW v AS SELECT a FROM t;
        GRANT SELECT ON t TO pg_monitor;
        GRANT SELECT, INSERT ON t, v TO pg_monitor, PUBLIC, CURRENT_USER, postgres;
        GRANT ALL ON t TO pg_monitor WITH GRANT OPTION;
        GRANT SELECT (a, b), UPDATE (a) ON t TO pg_monitor;
        GRANT ALL (b) ON t TO pg_signal_backend;
        REVOKE SELECT ON v FROM pg_monitor;
        REVOKE GRANT OPTION FOR ALL ON t FROM pg_monitor;
        REVOKE ALL ON t FROM PUBLIC, pg_monitor;
        GRANT ALL ON SEQUENCE t_id_seq TO pg_monitor;
        REVOKE USAGE ON SEQUENCE t_id_seq FROM pg_monitor;
        GRANT ALL ON SCHEMA public TO pg_monitor;
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        CREATE DOMAIN d AS int;
        REVOKE USAGE ON DOMAIN d FROM PUBLIC;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO pg_monitor;
        GRANT SELECT ON nowhere TO pg_monitor;
        ALTER TABLE t RENAME COLUMN b TO bb;
        ALTER TABLE t RENAME TO tt;
        ALTER DOMAIN d RENAME TO dd;
        ALTER TABLE tt DROP COLUMN bb;
        ALTER TABLE tt ALTER a TYPE bigint;
        DROP VIEW v;
        ALTER TABLE tt ALTER a TYPE bigint;
        ALTER TABLE tt OWNER TO CURRENT_USER;
        DROP DOMAIN dd;
        DROP TABLE tt""",
    "privileges by default": """
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO pg_monitor;
        ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO pg_monitor WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC;
        CREATE SCHEMA s;
        CREATE TABLE n (id serial, x int);
        CREATE TABLE s.n (id serial, x int GENERATED ALWAYS AS IDENTITY);
        CREATE TYPE e AS ENUM ('a');
        CREATE VIEW v AS SELECT x FROM n;
        REVOKE SELECT ON n FROM pg_monitor;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM pg_monitor;
        ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
        CREATE TABLE m (id int);
        DROP TABLE m""",
    "comments": """
        CREATE TABLE t (id serial PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0));
        CREATE VIEW v AS SELECT a FROM t;
        CREATE INDEX i ON t (a);
        CREATE DOMAIN d AS int CONSTRAINT c1 CHECK (VALUE > 0);
        CREATE POLICY p ON t;
        COMMENT ON VIEW v IS 'a view';
        COMMENT ON VIEW v IS E'it''s\na view';
        COMMENT ON COLUMN v.a IS 'of a view';
        COMMENT ON INDEX i IS 'an '
          'index';
        COMMENT ON SEQUENCE t_id_seq IS 'x';
        COMMENT ON SEQUENCE nowhere IS 'x';
        COMMENT ON DOMAIN d IS 'dom';
        COMMENT ON CONSTRAINT c1 ON DOMAIN d IS 'checked';
        COMMENT ON CONSTRAINT c ON t IS 'a check';
        COMMENT ON CONSTRAINT t_pkey ON t IS 'a key';
        COMMENT ON SCHEMA public IS 'hello';
        COMMENT ON SCHEMA public IS 'standard public schema';
        COMMENT ON EXTENSION plpgsql IS 'outside';
        COMMENT ON POLICY p ON t IS 'pol';
        ALTER TABLE t RENAME TO tt;
        ALTER VIEW v RENAME COLUMN a TO z;
        CREATE OR REPLACE VIEW v AS SELECT a AS z, id FROM tt;
        ALTER INDEX i RENAME TO ii;
        ALTER DOMAIN d RENAME TO dd;
        CREATE SCHEMA s;
        COMMENT ON SCHEMA s IS 'sch';
        ALTER TABLE tt SET SCHEMA s;
        ALTER DOMAIN dd SET SCHEMA s;
        COMMENT ON VIEW v IS NULL;
        DROP VIEW v;
        DROP DOMAIN s.dd;
        DROP TABLE s.tt""",
    "statistics": """
        CREATE TABLE t (id int, a int, b text, c date);
        CREATE STATISTICS st ON b, a FROM t;
        CREATE STATISTICS st ON a, b FROM t;
        CREATE STATISTICS st2 (ndistinct, mcv) ON a, lower(b), (a + 1) FROM t;
        CREATE STATISTICS st3 ON (a * 2) FROM t;
        CREATE STATISTICS st4 (dependencies, mcv, ndistinct) ON a, c FROM t;
        CREATE STATISTICS st5 ON a FROM t;
        ALTER STATISTICS st SET STATISTICS 200;
        ALTER STATISTICS st RENAME TO sx;
        COMMENT ON STATISTICS sx IS 'x';
        ALTER TABLE t RENAME a TO aa;
        ALTER TABLE t RENAME TO tt;
        CREATE SCHEMA s;
        ALTER STATISTICS sx SET SCHEMA s;
        ALTER TABLE tt ALTER aa TYPE bigint;
        ALTER TABLE tt DROP COLUMN b;
        DROP STATISTICS IF EXISTS nowhere, st3;
        DROP TABLE tt""",
    "privileges on functions": """
        CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
        CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
        CREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
        REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION f(int), g TO pg_monitor;
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
        GRANT ALL ON FUNCTION f(int) TO PUBLIC;
        ALTER FUNCTION f(int) RENAME TO ff;
        DROP FUNCTION ff(int);
        CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO pg_monitor;
        CREATE FUNCTION h() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$""",
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
    must_be_understood(SCRIPTS[name], postgres_url)


def must_be_understood(text: str, url: str) -> None:
    """Fail where what is interpreted of a script, written from it, or taken back is not what the
    engine has, and where a statement that it takes is opaque."""
    with open_database(url).connect(create=True) as connection:
        connection.begin()
        pair = Pair(connection)
        start = pair.schema
        for statement in split(text, "postgres"):
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
