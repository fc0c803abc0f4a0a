"""PostgreSQL's functions, procedures and triggers: interpreted as the server has them, and undone.

After each statement the interpreted schema equals the observed one, or both refuse it; rendered it
comes to the same schema. At the end the server takes the reversal of all that was said.
"""

from __future__ import annotations

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.operations.lines import from_lines, to_lines
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter, interpret
from schemaops.sql.render import render, script
from schemaops.sql.split import split
from tests.engines import Server, fresh_database
from tools.replay_history import differing

FUNCTIONS = """
CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE OR REPLACE FUNCTION f(a integer, b text DEFAULT 'y'::text) RETURNS integer AS 'SELECT 2'
  LANGUAGE 'sql' IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION f(bigint) RETURNS SETOF text LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER
  SET search_path = public, pg_temp AS $f$ BEGIN RETURN; END $f$;
CREATE FUNCTION two(IN a varchar(20), OUT b numeric(10,2), OUT c timestamptz(3)) LANGUAGE sql
  AS $$ SELECT 1, now() $$;
CREATE FUNCTION tab(double precision, x double precision[] DEFAULT '{}')
  RETURNS TABLE (id bigint, "Odd Name" text) LANGUAGE sql AS $$ SELECT 1, 'a' $$;
CREATE FUNCTION many(VARIADIC xs int[]) RETURNS int RETURNS NULL ON NULL INPUT LANGUAGE sql
  AS 'select 1';
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE users (id serial PRIMARY KEY, email varchar(30), m mood DEFAULT 'a');
CREATE FUNCTION g(m mood, ms public.mood[] DEFAULT ARRAY[]::mood[]) RETURNS mood LANGUAGE sql
  AS 'select $1';
CREATE FUNCTION g(u users) RETURNS SETOF users LANGUAGE sql AS 'select $1';
CREATE FUNCTION h(e users.email%TYPE) RETURNS users.email%TYPE LANGUAGE sql AS 'select $1';
ALTER TYPE mood RENAME TO "Feeling";
ALTER TABLE users RENAME TO people;
COMMENT ON FUNCTION g("Feeling", "Feeling"[]) IS 'it''s said';
DROP FUNCTION g("Feeling", "Feeling"[]);
DROP FUNCTION g;
DROP FUNCTION f;
DROP FUNCTION IF EXISTS nothing(int), f(int8), f(x int, y text);
ALTER FUNCTION h RENAME TO hh;
ALTER FUNCTION hh(varchar) STABLE SECURITY DEFINER SET work_mem = '1MB' SET lock_timeout TO 5000;
ALTER FUNCTION hh(character varying) RESET work_mem;
ALTER FUNCTION hh(text) VOLATILE;
CREATE SCHEMA app;
ALTER FUNCTION hh SET SCHEMA app;
DROP FUNCTION app.hh(varchar(3));
CREATE PROCEDURE p(INOUT a int, b text = 'q') LANGUAGE plpgsql AS $$ BEGIN a := 1; END $$;
CREATE OR REPLACE PROCEDURE p(INOUT a int, b text = 'r') LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE PROCEDURE q(a int, OUT b int) LANGUAGE plpgsql AS $$ BEGIN b := 1; END $$;
DROP FUNCTION p(int, text);
DROP PROCEDURE q(int, int);
DROP ROUTINE p;
CREATE FUNCTION bad() RETURNS nowhere LANGUAGE sql AS 'select 1';
CREATE FUNCTION any_of(anyelement, anyarray) RETURNS anyelement LANGUAGE sql AS 'select $1';
CREATE FUNCTION w() RETURNS void LANGUAGE plpgsql AS 'begin end';
CREATE OR REPLACE FUNCTION w() RETURNS int LANGUAGE plpgsql AS 'begin return 1; end';
CREATE OR REPLACE FUNCTION many(VARIADIC ys int[]) RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION escaped() RETURNS text LANGUAGE plpgsql AS E'begin\\n return \\'\\\\x41\\'; \\x65nd';
CREATE FUNCTION with_arguments(t date) RETURNS trigger LANGUAGE plpgsql AS 'begin end';
CREATE FUNCTION kinds("Weird" "char", b bit(3), c bpchar, d character(4), e "bit", f interval day
  to second, g time(2) with time zone, x pg_class, y pg_catalog.int4) RETURNS SETOF record
  LANGUAGE plpgsql AS 'begin end';
CREATE FUNCTION given(a int DEFAULT 1 + 2, b text DEFAULT NULL, c jsonb DEFAULT '{}'::jsonb,
  d timestamptz DEFAULT now(), e bigint DEFAULT 0, f "Feeling" DEFAULT 'a') RETURNS int
  LANGUAGE sql AS 'select 1';
CREATE FUNCTION settings() RETURNS int LANGUAGE sql SET search_path = "$user", 'Odd', ''
  SET timezone = 'UTC' SET enable_seqscan = off SET myapp.x = 'hello world' AS 'select 1';
ALTER FUNCTION settings() RESET ALL;
ALTER FUNCTION settings() OWNER TO CURRENT_USER;
ALTER FUNCTION missing() STRICT;
"""

TRIGGERS = """
CREATE TABLE t (id int, a text, b text, updated_at timestamptz);
CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END; $$
  LANGUAGE plpgsql;
CREATE TRIGGER t_touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE touch();
CREATE TRIGGER t_when BEFORE UPDATE OF a, b ON t FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM NEW.a
  AND (NEW.b <> '')) EXECUTE FUNCTION touch('x', 1, yes);
CREATE TRIGGER t_star AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER t_whole BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION touch();
CREATE TRIGGER t_all AFTER UPDATE ON t REFERENCING OLD TABLE AS o NEW TABLE n FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION touch();
CREATE TRIGGER t_truncate BEFORE TRUNCATE ON t EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER t_late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION touch();
CREATE OR REPLACE TRIGGER t_touch BEFORE INSERT OR UPDATE ON public.t FOR EACH ROW
  EXECUTE FUNCTION public.touch();
ALTER TABLE t DISABLE TRIGGER t_touch;
ALTER TABLE t ENABLE ALWAYS TRIGGER t_touch, ENABLE REPLICA TRIGGER t_when;
ALTER TABLE t DISABLE TRIGGER USER;
ALTER TABLE t ENABLE TRIGGER ALL;
ALTER TABLE t RENAME COLUMN a TO aa;
ALTER TABLE t RENAME TO tt;
ALTER TRIGGER t_when ON tt RENAME TO t_then;
ALTER FUNCTION touch RENAME TO touched;
ALTER TABLE tt DROP COLUMN aa;
ALTER TABLE tt ALTER COLUMN b TYPE varchar(20);
ALTER TABLE tt DROP COLUMN aa CASCADE;
ALTER TABLE tt ALTER COLUMN b TYPE varchar(20);
COMMENT ON TRIGGER t_star ON tt IS 'it''s';
DROP TRIGGER t_star ON tt;
DROP TRIGGER IF EXISTS t_star ON tt;
DROP TRIGGER IF EXISTS t_star ON nowhere;
DROP FUNCTION touched();
DROP FUNCTION touched() CASCADE;
CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN RETURN NEW; END; $$ LANGUAGE plpgsql;
CREATE VIEW v AS SELECT id, b FROM tt;
CREATE TRIGGER v_in INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER v_in INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER v_row AFTER INSERT ON v FOR EACH ROW EXECUTE FUNCTION touch();
ALTER VIEW v RENAME TO w;
DROP VIEW w;
CREATE TRIGGER same BEFORE UPDATE ON tt FOR EACH ROW
  EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE TRIGGER none BEFORE UPDATE ON tt FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER none BEFORE UPDATE OF zz ON tt FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SCHEMA app;
ALTER TABLE tt SET SCHEMA app;
DROP TABLE app.tt;
CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE EVENT TRIGGER seen ON ddl_command_end WHEN TAG IN ('create table', 'DROP TABLE')
  EXECUTE FUNCTION watch();
ALTER EVENT TRIGGER seen DISABLE;
COMMENT ON EVENT TRIGGER seen IS 'c';
ALTER EVENT TRIGGER seen RENAME TO saw;
ALTER EVENT TRIGGER saw ENABLE;
DROP FUNCTION watch;
DROP FUNCTION watch CASCADE;
"""

CALLS = """
CREATE FUNCTION slug(t text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT lower(t) $$;
CREATE FUNCTION next_id() RETURNS bigint LANGUAGE sql AS 'select 1::bigint';
CREATE TABLE t (id bigint DEFAULT next_id(), a text CHECK (slug(a) = a),
  g text GENERATED ALWAYS AS (public.slug(a)) STORED);
CREATE INDEX i ON t (slug(a));
CREATE INDEX j ON t (a) WHERE slug(a) <> '';
CREATE VIEW v AS SELECT slug(a) AS s, next_id() FROM t WHERE public.slug(a) = 'x';
CREATE VIEW lost AS SELECT nothing(a) FROM t;
CREATE VIEW lost AS SELECT app.slug(a) FROM t;
CREATE TABLE lost (a int DEFAULT nothing());
INSERT INTO t (a) VALUES (nothing());
CREATE FUNCTION lost(a int DEFAULT nothing()) RETURNS int LANGUAGE sql AS 'select 1';
ALTER FUNCTION slug(text) RENAME TO slugged;
CREATE VIEW lost AS SELECT slug(a) FROM t;
DROP FUNCTION next_id();
CREATE SCHEMA app;
ALTER FUNCTION slugged SET SCHEMA app;
ALTER TABLE t ADD COLUMN h text DEFAULT app.slugged('X');
DROP FUNCTION next_id CASCADE;
DROP FUNCTION app.slugged(text) CASCADE;
"""


@pytest.mark.parametrize(
    "text", [FUNCTIONS, TRIGGERS, CALLS], ids=["functions", "triggers", "calls"]
)
def test_what_is_interpreted_is_observed_and_undone(postgres_server: Server, text: str) -> None:
    with fresh_database(postgres_server) as url, open_database(url).connect() as connection:
        connection.begin()
        interpreter = Interpreter(Schema.empty("postgres"))
        groups = []
        for statement in split(text, "postgres"):
            before = interpreter.schema
            read = interpreter.read(statement)
            if isinstance(read, Fault):
                assert not _runs(connection, statement.text), read.error.message
                continue
            assert not read.opaque, (statement.text, read.why)
            assert _runs(connection, statement.text), statement.text
            groups.append(read)
            after, seen = interpreter.schema, observe(connection)
            assert seen == after, "\n".join((statement.text, *differing(after, seen)))
            assert from_lines(to_lines(read.operations)) == read.operations
            again = interpret(script(render(read.operations, before)), before)
            assert (again.after, again.faults) == (after, ()), statement.text
        empty = Schema.empty("postgres")
        for group in reversed(groups):
            back = reverse([group], _before(groups, group), diff)
            assert back.exact, group.text
            for one in back.statements:
                connection.execute(one)
        assert observe(connection) == empty


def _before(groups: list, group: object) -> Schema:  # type: ignore[type-arg]
    schema = Schema.empty("postgres")
    for one in groups:
        if one is group:
            return schema
        schema = one.apply(schema)
    raise AssertionError(group)


def _runs(connection: Connection, text: str) -> bool:
    connection.execute("SAVEPOINT said")
    try:
        connection.execute(text)
    except DatabaseFailure:
        connection.execute("ROLLBACK TO said")
        return False
    return True


MIXED = """CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int, m mood);
    CREATE VIEW v AS SELECT id FROM t;
    CREATE FUNCTION uses_view() RETURNS bigint LANGUAGE sql AS 'select count(*) from v';
    CREATE FUNCTION two() RETURNS bigint LANGUAGE sql AS 'select uses_view()';
    CREATE VIEW over AS SELECT two() AS n; CREATE VIEW above AS SELECT n FROM over;
    CREATE FUNCTION row_of(x t) RETURNS int LANGUAGE sql AS 'select x.id';
    CREATE FUNCTION by_view(x v) RETURNS int LANGUAGE sql AS 'select 1';
    CREATE FUNCTION d() RETURNS int LANGUAGE sql AS 'select 1';
    CREATE TABLE u (a int DEFAULT d(), CHECK (d() > 0))"""


def test_a_difference_makes_routines_between_tables_and_views(postgres_server: Server) -> None:
    empty = Schema.empty("postgres")
    wanted = interpret(MIXED, dialect="postgres").after
    with fresh_database(postgres_server) as url, open_database(url).connect() as connection:
        for before, after in ((empty, wanted), (wanted, empty)):
            for text in render(diff(before, after), before):
                connection.execute(text)
            assert observe(connection) == after


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE p DISABLE TRIGGER s",
        "ALTER TABLE r DISABLE TRIGGER ALL",
        "CREATE FUNCTION f(a text) RETURNS text LANGUAGE sql AS 'select 1'",
        "ALTER FUNCTION f(int) SUPPORT h",
    ],
)
def test_what_is_not_sure_is_opaque(text: str) -> None:
    base = interpret(
        """CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'begin end';
        CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'select 1';
        CREATE TABLE r (id int PRIMARY KEY DEFAULT f(1), r int REFERENCES r);
        CREATE TABLE p (id int) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10);
        CREATE TRIGGER s AFTER INSERT ON p EXECUTE FUNCTION g()""",
        dialect="postgres",
    )
    assert (base.faults, base.opaque) == ((), ())
    read = interpret(text, base.after)
    assert not read.faults
    assert read.blind
