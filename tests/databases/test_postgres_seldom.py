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
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_is_understood(name: str, postgres_url: str) -> None:
    must_be_understood(SCRIPTS[name], postgres_url)
