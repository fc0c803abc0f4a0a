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
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_is_understood(name: str, postgres_url: str) -> None:
    must_be_understood(SCRIPTS[name], postgres_url)
