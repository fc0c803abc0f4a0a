"""PostgreSQL's language that is seldom used, told to an engine and to the interpreter alike."""

from __future__ import annotations

import pytest

from tests.databases.test_postgres_objects import must_be_understood

SCRIPTS = {
    "names of not null": """
        CREATE TABLE t (id int PRIMARY KEY, a int CONSTRAINT nn NOT NULL, b int NOT NULL, c int);
        ALTER TABLE t RENAME CONSTRAINT nn TO mm;
        ALTER TABLE t DROP CONSTRAINT mm;
        ALTER TABLE t DROP CONSTRAINT t_b_not_null;
        ALTER TABLE t ADD CONSTRAINT x NOT NULL c;
        ALTER TABLE t DROP CONSTRAINT IF EXISTS whatever;
        CREATE TABLE v (a int CONSTRAINT nn NOT NULL, CHECK (a > 0));
        ALTER TABLE v ADD CONSTRAINT v_a_not_null CHECK (a > 1)""",
    "what there is not": """
        CREATE TABLE t (id int, a text, b int, j jsonb);
        CREATE VIEW dup AS SELECT 1 AS a, 2 AS a;
        CREATE MATERIALIZED VIEW dup AS SELECT 1 AS a, 2 AS a;
        CREATE INDEX ON t (a nonsense_ops);
        CREATE INDEX ON t (b text_pattern_ops);
        CREATE INDEX ON t (a varchar_pattern_ops);
        CREATE INDEX ON t USING nonsense (a);
        CREATE INDEX ON t (b) WITH (nonsense = 1);
        CREATE INDEX ON t USING gin (j) WITH (fillfactor = 70);
        CREATE INDEX ON t USING gin (j jsonb_path_ops) WITH (fastupdate = off);
        CREATE INDEX ON t USING gin (b);
        CREATE UNIQUE INDEX ON t USING hash (a);
        CREATE INDEX ON t USING hash (a, b);
        CREATE INDEX ON t USING hash (a DESC);
        CREATE INDEX ON t USING brin (b) INCLUDE (a);
        CREATE INDEX ON t USING brin (b int4_minmax_multi_ops) WITH (pages_per_range = 32);
        CREATE TABLE w (a int) WITH (nonsense = 1);
        CREATE TABLE w (a int) USING nonsense;
        ALTER TABLE t SET (nonsense = 2);
        ALTER TABLE t SET (fillfactor = 2);
        ALTER TABLE t SET (autovacuum_enabled = maybe);
        ALTER TABLE t SET (fillfactor = 70, toast.autovacuum_enabled = false);
        ALTER TABLE t ALTER b SET STORAGE external;
        ALTER TABLE t ALTER b SET COMPRESSION pglz;
        ALTER TABLE t ALTER a SET COMPRESSION pglz;
        ALTER TABLE t ALTER a SET (nonsense = 1);
        ALTER TABLE t ALTER a SET STATISTICS 20000;
        ALTER TABLE t ALTER a SET STATISTICS -5;
        CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t;
        ALTER VIEW v SET (nonsense = true);
        ALTER VIEW v SET (security_invoker = on, check_option = 'local');
        ALTER VIEW v SET (check_option = nonsense);
        ALTER VIEW v RESET (security_invoker, check_option);
        CREATE VIEW n AS SELECT count(*) AS n FROM t WITH CHECK OPTION""",
    "columns of views": """
        CREATE TABLE t (id int, a text);
        CREATE VIEW v AS SELECT id, a FROM t;
        CREATE MATERIALIZED VIEW m AS SELECT id, a FROM t;
        ALTER MATERIALIZED VIEW v RENAME COLUMN id TO i;
        ALTER VIEW m RENAME COLUMN id TO i;
        ALTER TABLE m RENAME COLUMN a TO aa;
        ALTER VIEW m RENAME TO mm;
        CREATE SCHEMA s;
        ALTER TABLE v SET SCHEMA s;
        ALTER TABLE m SET SCHEMA nowhere;
        CREATE TABLE bits AS SELECT b'01'::bit(4) AS x, 'abc'::char(3) AS c, 'x'::bpchar AS d""",
    "triggers of partitioned tables": """
        CREATE TABLE p (id int, a text) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
        CREATE TRIGGER tr AFTER INSERT OR UPDATE OF a ON p FOR EACH ROW EXECUTE FUNCTION f('x');
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
        CREATE TABLE p3 (id int, a text);
        ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (20) TO (30);
        CREATE TRIGGER stm AFTER INSERT ON p FOR EACH STATEMENT EXECUTE FUNCTION f();
        CREATE TRIGGER own BEFORE INSERT ON p1 FOR EACH ROW EXECUTE FUNCTION f();
        ALTER TRIGGER tr ON p RENAME TO trr;
        ALTER TRIGGER trr ON p1 RENAME TO other;
        COMMENT ON TRIGGER trr ON p IS 'x';
        DROP TRIGGER trr ON p1;
        ALTER TABLE p RENAME COLUMN a TO aa;
        ALTER TABLE p DETACH PARTITION p2;
        DROP TRIGGER trr ON p;
        CREATE TABLE q PARTITION OF p FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
        CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (100) TO (150);
        CREATE TRIGGER deep AFTER DELETE ON p FOR EACH ROW WHEN (old.id > 3) EXECUTE FUNCTION f();
        CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON p DEFERRABLE FOR EACH ROW EXECUTE FUNCTION f();
        DROP TABLE q1;
        DROP FUNCTION f() CASCADE""",
    "a schema renamed": """
        CREATE SCHEMA s;
        CREATE TYPE s.mood AS ENUM ('a');
        CREATE TABLE s.t (id serial PRIMARY KEY, m s.mood, n int GENERATED ALWAYS AS IDENTITY);
        CREATE INDEX ti ON s.t (m);
        CREATE VIEW s.v AS SELECT id FROM s.t;
        CREATE FUNCTION s.f(s.mood) RETURNS int LANGUAGE sql AS 'select 1';
        CREATE TABLE o (t_id int REFERENCES s.t, m s.mood DEFAULT 'a', k int DEFAULT s.f('a'));
        COMMENT ON VIEW s.v IS 'x';
        GRANT SELECT ON s.t TO pg_monitor;
        GRANT USAGE ON SCHEMA s TO pg_monitor;
        ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO pg_monitor;
        CREATE FUNCTION s.tg() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
        CREATE TRIGGER tr BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.tg();
        CREATE DOMAIN s.d AS int CHECK (value > 0);
        ALTER SCHEMA s RENAME TO r;
        ALTER SCHEMA r RENAME TO pg_r;
        ALTER SCHEMA r RENAME TO r""",
    "clusters, languages, databases": """
        CREATE TABLE t (id int PRIMARY KEY, a int);
        CLUSTER t USING t_pkey;
        CLUSTER VERBOSE t;
        CLUSTER t USING nothing;
        ALTER DATABASE postgres SET work_mem = '4MB';
        CREATE OR REPLACE PROCEDURAL LANGUAGE plpgsql;
        CREATE LANGUAGE plpgsql;
        COMMENT ON LANGUAGE plpgsql IS 'of the server';
        ALTER SCHEMA public OWNER TO CURRENT_USER;
        LOAD 'plpgsql'""",
    "aggregates": """
        CREATE FUNCTION addup(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'select $1 + $2';
        CREATE AGGREGATE total(int) (SFUNC = addup, STYPE = int, INITCOND = '0');
        CREATE AGGREGATE total2(integer) (sfunc = int4pl, stype = int4,
          initcond = 0, parallel = safe);
        CREATE OR REPLACE AGGREGATE total(int) (SFUNC = addup, STYPE = int,
          INITCOND = '1', PARALLEL = SAFE);
        CREATE FUNCTION fst(anyelement, anyelement) RETURNS anyelement LANGUAGE sql AS 'select $1';
        CREATE AGGREGATE public.first (anyelement) (SFUNC = public.fst, STYPE = anyelement);
        CREATE TABLE t (id int, g int);
        CREATE VIEW v AS SELECT g, total(id) AS s FROM t GROUP BY g;
        COMMENT ON AGGREGATE total(int) IS 'adds';
        ALTER AGGREGATE total(int) RENAME TO summe;
        ALTER FUNCTION addup(int, int) RENAME TO plus;
        ALTER AGGREGATE summe(int) OWNER TO postgres;
        DROP FUNCTION plus(int, int);
        DROP AGGREGATE summe(int);
        CREATE SCHEMA s;
        ALTER AGGREGATE summe(int) SET SCHEMA s;
        DROP AGGREGATE s.summe(int) CASCADE;
        DROP AGGREGATE IF EXISTS nothere(int);
        GRANT EXECUTE ON FUNCTION total2(int) TO pg_monitor;
        CREATE TYPE color AS ENUM ('r','g');
        CREATE FUNCTION cplus(color, color) RETURNS color LANGUAGE sql AS 'select $1';
        CREATE AGGREGATE mix(color) (sfunc = cplus, stype = color);
        ALTER TYPE color RENAME TO colour;
        DROP TYPE colour CASCADE;
        DROP FUNCTION fst(anyelement, anyelement) CASCADE""",
    "publications": """
        CREATE TABLE t (id int PRIMARY KEY, a text, b int);
        CREATE TABLE u (id int PRIMARY KEY);
        CREATE PUBLICATION p FOR TABLE t;
        CREATE PUBLICATION pa FOR ALL TABLES WITH (publish = 'insert, update');
        CREATE PUBLICATION pe;
        ALTER PUBLICATION pe ADD TABLE t, u;
        CREATE PUBLICATION pw FOR TABLE t (id, a) WHERE (id > 3 AND id < 10), u;
        CREATE SCHEMA s;
        CREATE PUBLICATION ps FOR TABLES IN SCHEMA s;
        ALTER PUBLICATION p SET (publish = 'insert');
        ALTER PUBLICATION p SET (publish_via_partition_root = true);
        ALTER PUBLICATION p ADD TABLE u;
        ALTER PUBLICATION p ADD TABLE u;
        ALTER PUBLICATION p DROP TABLE t;
        ALTER PUBLICATION p SET TABLE t;
        ALTER PUBLICATION p RENAME TO pp;
        COMMENT ON PUBLICATION pp IS 'x';
        ALTER TABLE t RENAME TO tt;
        ALTER TABLE tt RENAME COLUMN a TO aa;
        ALTER TABLE tt DROP COLUMN aa;
        DROP TABLE u;
        DROP SCHEMA s;
        DROP PUBLICATION pp, pe;
        DROP PUBLICATION IF EXISTS nope;
        DROP TABLE tt""",
    "rules": """
        CREATE TABLE t (id int PRIMARY KEY, a text);
        CREATE TABLE log (id int, a text, at timestamptz DEFAULT now());
        CREATE VIEW v AS SELECT id, a FROM t;
        CREATE RULE r1 AS ON INSERT TO t DO INSTEAD NOTHING;
        CREATE RULE r2 AS ON UPDATE TO t WHERE old.a <> new.a DO ALSO
          INSERT INTO log (id, a) VALUES (old.id, new.a);
        CREATE OR REPLACE RULE r1 AS ON DELETE TO t DO NOTHING;
        CREATE RULE vi AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (new.id, new.a);
        CREATE RULE vu AS ON UPDATE TO v DO INSTEAD UPDATE t SET a = new.a WHERE t.id = old.id;
        CREATE RULE vd AS ON DELETE TO v DO INSTEAD (DELETE FROM t
          WHERE id = old.id; INSERT INTO log VALUES (old.id, 'gone'));
        ALTER RULE vi ON v RENAME TO vii;
        COMMENT ON RULE vii ON v IS 'x';
        ALTER TABLE log RENAME TO logs;
        ALTER TABLE t RENAME COLUMN a TO aa;
        ALTER TABLE t RENAME TO tt;
        DROP RULE r1 ON tt;
        DROP RULE IF EXISTS nope ON tt;
        DROP RULE nope ON tt;
        DROP TABLE logs;
        ALTER TABLE logs DROP COLUMN a;
        DROP TABLE logs CASCADE;
        DROP VIEW v;
        DROP TABLE tt""",
    "text search": """
        CREATE TEXT SEARCH CONFIGURATION en (COPY = pg_catalog.english);
        CREATE TEXT SEARCH CONFIGURATION ru (COPY = russian);
        CREATE TEXT SEARCH CONFIGURATION em (PARSER = default);
        CREATE TEXT SEARCH DICTIONARY sim (TEMPLATE = pg_catalog.simple,
          STOPWORDS = english, Accept = false);
        ALTER TEXT SEARCH CONFIGURATION en ALTER MAPPING FOR hword, hword_part, word
          WITH sim, english_stem;
        ALTER TEXT SEARCH CONFIGURATION en DROP MAPPING FOR email, url;
        ALTER TEXT SEARCH CONFIGURATION em ADD MAPPING FOR asciiword WITH sim;
        ALTER TEXT SEARCH CONFIGURATION en ALTER MAPPING REPLACE english_stem WITH simple;
        CREATE TEXT SEARCH CONFIGURATION en2 (COPY = en);
        CREATE TABLE t (b text);
        CREATE INDEX ON t USING gin (to_tsvector('public.en', b));
        ALTER TEXT SEARCH DICTIONARY sim RENAME TO sim2;
        ALTER TEXT SEARCH CONFIGURATION em RENAME TO empty;
        COMMENT ON TEXT SEARCH CONFIGURATION empty IS 'x';
        DROP TEXT SEARCH CONFIGURATION en;
        DROP TEXT SEARCH DICTIONARY sim2;
        DROP TEXT SEARCH CONFIGURATION empty;
        DROP TABLE t;
        DROP TEXT SEARCH DICTIONARY sim2 CASCADE;
        DROP TEXT SEARCH CONFIGURATION ru""",
    "operators and casts": """
        CREATE TYPE c AS (r float8, i float8);
        CREATE FUNCTION ceq(c, c) RETURNS bool LANGUAGE sql IMMUTABLE AS 'select true';
        CREATE OPERATOR === (LEFTARG = c, RIGHTARG = c, PROCEDURE = ceq, COMMUTATOR = ===, HASHES);
        CREATE FUNCTION tx(c) RETURNS text LANGUAGE sql IMMUTABLE AS 'select ''x''';
        CREATE CAST (c AS text) WITH FUNCTION tx(c) AS ASSIGNMENT;
        CREATE OPERATOR !!! (RIGHTARG = c, FUNCTION = tx);
        COMMENT ON OPERATOR === (c, c) IS 'x';
        ALTER OPERATOR === (c, c) OWNER TO postgres;
        CREATE SCHEMA s;
        ALTER OPERATOR !!! (NONE, c) SET SCHEMA s;
        CREATE TABLE t (a c);
        ALTER TYPE c RENAME TO cc;
        DROP FUNCTION ceq(cc, cc);
        DROP OPERATOR === (cc, cc);
        DROP CAST (cc AS text);
        DROP CAST IF EXISTS (text AS cc);
        DROP TYPE cc CASCADE""",
    "foreign data": """
        CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'true');
        CREATE FOREIGN DATA WRAPPER w2 NO HANDLER;
        CREATE SERVER s1 FOREIGN DATA WRAPPER w OPTIONS (host 'x', dbname 'y');
        CREATE SERVER IF NOT EXISTS s2 TYPE 't' VERSION '1' FOREIGN DATA WRAPPER w2;
        CREATE USER MAPPING FOR PUBLIC SERVER s1 OPTIONS (user 'a');
        CREATE USER MAPPING IF NOT EXISTS FOR postgres SERVER s1;
        ALTER SERVER s2 RENAME TO s3;
        COMMENT ON SERVER s3 IS 'x';
        GRANT USAGE ON FOREIGN SERVER s3 TO pg_monitor;
        DROP USER MAPPING FOR postgres SERVER s1;
        DROP SERVER s1;
        DROP SERVER s1 CASCADE;
        DROP FOREIGN DATA WRAPPER w2 CASCADE;
        DROP FOREIGN DATA WRAPPER w""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_is_understood(name: str, postgres_url: str) -> None:
    must_be_understood(SCRIPTS[name], postgres_url)
