"""What PostgreSQL refuses is never clean: an engine and the interpreter are told the same."""

from __future__ import annotations

from tests.databases.test_postgres_objects import must_be_understood

SCRIPT = """
    CREATE TABLE t (id int PRIMARY KEY, a text, b int, j json, p point, g int GENERATED
     ALWAYS AS (b * 2) STORED, ts timestamptz);
    CREATE TABLE o (id int PRIMARY KEY, t_id int REFERENCES t);
    CREATE VIEW v AS SELECT id, a FROM t;
    CREATE MATERIALIZED VIEW m AS SELECT id, a FROM t;
    CREATE SEQUENCE sq;
    CREATE TYPE e AS ENUM ('x', 'y');
    CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'select 1';
    CREATE TABLE bad (a int, a text);
    CREATE TABLE bad (a int PRIMARY KEY, b int PRIMARY KEY);
    CREATE TABLE bad (a int, PRIMARY KEY (a, a));
    CREATE TABLE bad (a int, UNIQUE (a, a));
    CREATE TABLE bad (a json PRIMARY KEY);
    CREATE TABLE bad (a json UNIQUE);
    CREATE TABLE bad (a int REFERENCES t (b));
    CREATE TABLE bad (a text REFERENCES t);
    CREATE TABLE bad (a int REFERENCES v);
    CREATE TABLE bad (a int CHECK (sum(a) > 1));
    CREATE TABLE bad (a int CHECK (a > (SELECT 1)));
    CREATE TABLE bad (a int DEFAULT b, b int);
    CREATE TABLE bad (a int DEFAULT sum(1));
    CREATE TABLE bad (a int DEFAULT 'x');
    CREATE TABLE bad (a int DEFAULT true);
    CREATE TABLE bad (a boolean DEFAULT 1);
    CREATE TABLE bad (a uuid DEFAULT 'nope');
    CREATE TABLE bad (a timestamptz DEFAULT 'nope');
    CREATE TABLE bad (a e DEFAULT 'z');
    CREATE TABLE bad (a int GENERATED ALWAYS AS (b) STORED, b int GENERATED ALWAYS AS (a)
     STORED);
    CREATE TABLE bad (a int GENERATED ALWAYS AS (random()) STORED);
    CREATE TABLE bad (a int GENERATED ALWAYS AS (1) STORED DEFAULT 3);
    CREATE TABLE bad (a int GENERATED ALWAYS AS IDENTITY DEFAULT 3);
    CREATE TABLE bad (a text GENERATED ALWAYS AS IDENTITY);
    CREATE TABLE bad (a serial DEFAULT 3);
    CREATE TABLE bad (a int NULL NOT NULL);
    CREATE TABLE bad (a int NULL PRIMARY KEY);
    CREATE TABLE bad (a int COLLATE "C");
    CREATE TABLE bad (a text COLLATE "nope");
    CREATE TABLE bad (a varchar(0));
    CREATE TABLE bad (a numeric(2000));
    CREATE TABLE bad (a numeric(3,5));
    CREATE TABLE bad2 (a int[3][4]);
    CREATE TABLE bad (a nope);
    CREATE TABLE bad (a void);
    CREATE TABLE bad (a anyelement);
    CREATE TABLE bad (xmin int);
    CREATE TABLE bad (ctid int);
    CREATE TABLE bad (a int CONSTRAINT x CHECK (a > 0), b int CONSTRAINT x CHECK (b > 0));
    CREATE TABLE bad (a int, CONSTRAINT t_pkey UNIQUE (a));
    CREATE TABLE bad (a int, CONSTRAINT o UNIQUE (a));
    CREATE TABLE bad (a int CHECK (nope > 0));
    CREATE TABLE bad (a int CHECK (a));
    CREATE TABLE bad (a int CHECK (a > 'x'));
    CREATE TABLE bad (a int CHECK (nofunc(a) > 0));
    CREATE TABLE bad (LIKE nope);
    CREATE TABLE bad (a int) INHERITS (v);
    CREATE TABLE bad (a text) INHERITS (o);
    CREATE TABLE bad (id text) INHERITS (o);
    CREATE TABLE bad PARTITION OF t FOR VALUES IN (1);
    CREATE TABLE pt (a int, b int) PARTITION BY LIST (a);
    CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1, 2);
    CREATE TABLE pt2 PARTITION OF pt FOR VALUES IN (2, 3);
    CREATE TABLE pt2 PARTITION OF pt FOR VALUES FROM (1) TO (2);
    CREATE TABLE ptd PARTITION OF pt DEFAULT;
    CREATE TABLE ptd2 PARTITION OF pt DEFAULT;
    CREATE TABLE bad (a int, b int PRIMARY KEY) PARTITION BY LIST (a);
    CREATE TABLE bad (a int, b int UNIQUE) PARTITION BY LIST (a);
    CREATE TABLE bad (a int) PARTITION BY LIST (nope);
    CREATE TABLE bad (a int, b int) PARTITION BY LIST (a, b);
    CREATE TABLE bad (a json) PARTITION BY LIST (a);
    CREATE TABLE pr (a int) PARTITION BY RANGE (a);
    CREATE TABLE pr1 PARTITION OF pr FOR VALUES FROM (1) TO (10);
    CREATE TABLE pr2 PARTITION OF pr FOR VALUES FROM (5) TO (15);
    CREATE TABLE pr2 PARTITION OF pr FOR VALUES FROM (15) TO (15);
    CREATE TABLE pr2 PARTITION OF pr FOR VALUES FROM (20) TO (15);
    CREATE UNIQUE INDEX ON pt (b);
    CREATE INDEX CONCURRENTLY ON pt (b);
    ALTER TABLE pt SET (fillfactor = 70);
    ALTER TABLE pt1 DROP COLUMN b;
    ALTER TABLE pt1 ADD COLUMN c int;
    ALTER TABLE pt1 RENAME COLUMN b TO c;
    ALTER TABLE pt DROP COLUMN a;
    ALTER TABLE pt ALTER COLUMN a TYPE bigint;
    ALTER TABLE ONLY pt ADD COLUMN c int;
    ALTER TABLE t ADD COLUMN a int;
    ALTER TABLE t ADD PRIMARY KEY (b);
    ALTER TABLE t DROP COLUMN id;
    ALTER TABLE t DROP COLUMN a;
    ALTER TABLE t DROP COLUMN b;
    ALTER TABLE t DROP COLUMN nope;
    ALTER TABLE t ALTER COLUMN a TYPE int;
    ALTER TABLE t ALTER COLUMN a TYPE int USING a::int;
    ALTER TABLE t ALTER COLUMN ts TYPE boolean;
    ALTER TABLE t ALTER COLUMN j TYPE int;
    ALTER TABLE t ALTER COLUMN g SET DEFAULT 3;
    ALTER TABLE t ALTER COLUMN b SET DEFAULT 'x';
    ALTER TABLE t ALTER COLUMN b TYPE bigint;
    ALTER TABLE t ALTER COLUMN id DROP NOT NULL;
    ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
    ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
    ALTER TABLE t ALTER COLUMN id SET DEFAULT 4;
    ALTER TABLE t ALTER COLUMN b DROP IDENTITY;
    ALTER TABLE t ALTER COLUMN b DROP EXPRESSION;
    ALTER TABLE t RENAME TO o;
    ALTER TABLE t RENAME TO e;
    ALTER TABLE t RENAME TO t_pkey;
    ALTER TABLE t RENAME COLUMN a TO b;
    ALTER TABLE t RENAME CONSTRAINT nope TO x;
    ALTER TABLE t SET SCHEMA nope;
    ALTER TABLE t ADD CONSTRAINT t_pkey CHECK (b > 0);
    ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX nope;
    ALTER TABLE t VALIDATE CONSTRAINT nope;
    ALTER TABLE t VALIDATE CONSTRAINT t_pkey;
    ALTER TABLE t ALTER CONSTRAINT t_pkey DEFERRABLE;
    ALTER TABLE t ENABLE TRIGGER nope;
    ALTER TABLE t ATTACH PARTITION o DEFAULT;
    ALTER TABLE t INHERIT o;
    ALTER TABLE t NO INHERIT o;
    ALTER TABLE t CLUSTER ON nope;
    ALTER TABLE t REPLICA IDENTITY USING INDEX nope;
    CREATE UNIQUE INDEX pidx ON t (b) WHERE b > 3;
    ALTER TABLE t REPLICA IDENTITY USING INDEX pidx;
    ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX pidx;
    ALTER TABLE t CLUSTER ON pidx;
    CREATE INDEX ON t (nope);
    CREATE INDEX ON t (random());
    CREATE INDEX ON t ((now()));
    CREATE INDEX ON t (a) WHERE now() > ts;
    CREATE INDEX ON t (ts::date);
    CREATE INDEX ON t ((ts::date));
    CREATE INDEX ON v (a);
    CREATE INDEX pidx ON t (a);
    CREATE INDEX ON t ((sum(b)));
    CREATE INDEX ON t ((SELECT 1));
    CREATE INDEX ON t USING gist (p);
    CREATE INDEX ON t USING brin (p);
    CREATE UNIQUE INDEX ON t USING gist (p);
    DROP INDEX t_pkey;
    DROP INDEX nope;
    DROP TABLE v;
    DROP TABLE t;
    DROP VIEW t;
    DROP VIEW m;
    DROP SEQUENCE t;
    DROP TYPE t;
    DROP TYPE int4;
    DROP FUNCTION f(text);
    DROP FUNCTION f;
    DROP SCHEMA public;
    CREATE VIEW bad AS SELECT nope FROM t;
    CREATE VIEW bad AS SELECT a FROM nope;
    CREATE VIEW bad AS SELECT a, count(*) FROM t;
    CREATE VIEW bad AS SELECT a FROM t WHERE sum(b) > 1;
    CREATE VIEW bad AS SELECT id FROM t, o;
    CREATE VIEW bad AS SELECT id FROM t UNION SELECT a FROM t;
    CREATE VIEW bad AS SELECT id, a FROM t UNION SELECT id FROM t;
    CREATE VIEW bad (x, y, z) AS SELECT id, a FROM t;
    CREATE VIEW bad AS SELECT a FROM t ORDER BY 5;
    CREATE VIEW bad AS SELECT DISTINCT a FROM t ORDER BY b;
    CREATE VIEW bad AS SELECT a FROM t GROUP BY b;
    CREATE VIEW bad AS SELECT row_number() FROM t;
    CREATE VIEW bad AS SELECT a || 1 + 'x' FROM t;
    CREATE VIEW bad AS SELECT a + 1 FROM t;
    CREATE VIEW bad AS SELECT CASE WHEN a THEN 1 END FROM t;
    CREATE VIEW bad AS SELECT * INTO x FROM t;
    CREATE OR REPLACE VIEW v AS SELECT a FROM t;
    CREATE OR REPLACE VIEW v AS SELECT id, b FROM t;
    CREATE OR REPLACE VIEW v AS SELECT a, id FROM t;
    CREATE OR REPLACE VIEW t AS SELECT 1 AS x;
    CREATE OR REPLACE VIEW m AS SELECT 1 AS x;
    CREATE VIEW v AS SELECT 1 AS x;
    CREATE VIEW t AS SELECT 1 AS x;
    REFRESH MATERIALIZED VIEW v;
    REFRESH MATERIALIZED VIEW CONCURRENTLY m
"""

TAKEN = """
    CREATE TABLE t (id int PRIMARY KEY, a text, b int, arr int[], r int4range, ts timestamptz
      DEFAULT now(), d date, u uuid DEFAULT gen_random_uuid(), f float8 DEFAULT 'NaN', n
      numeric(10,2) DEFAULT 0, bo boolean DEFAULT 'yes', ip inet DEFAULT '127.0.0.1', j
      jsonb DEFAULT '{}', x bytea DEFAULT '\\x00', i interval DEFAULT '1 day', m money
      DEFAULT 0);
    CREATE TABLE d2 (a int DEFAULT '5'::int, b int DEFAULT -5, c int DEFAULT (3), e numeric
      DEFAULT '1e5', g boolean DEFAULT 't');
    CREATE TABLE d3 (a int DEFAULT 1.7);
    CREATE TABLE d4 (a boolean DEFAULT 0::boolean, b int DEFAULT true::int);
    CREATE TABLE d5 (a int[] DEFAULT '{1,2}', b text[] DEFAULT ARRAY[]::text[], c int4range
      DEFAULT '[1,2)', dd jsonb DEFAULT 'null');
    CREATE TABLE k1 (a int[] PRIMARY KEY, b int4range UNIQUE, c jsonb UNIQUE, e uuid UNIQUE,
      f inet UNIQUE, g money UNIQUE, h bit(3) UNIQUE, k interval UNIQUE, l xid8 UNIQUE);
    CREATE TABLE k2 (a point UNIQUE);
    CREATE TABLE k3 (a xml UNIQUE);
    CREATE TABLE k4 (a hstore UNIQUE);
    CREATE TYPE comp AS (a int, b int);
    CREATE TABLE k5 (a comp PRIMARY KEY);
    CREATE DOMAIN dom AS text;
    CREATE TABLE k6 (a dom PRIMARY KEY, b dom COLLATE "C");
    CREATE TABLE k7 (a int[] COLLATE "C");
    CREATE TABLE k8 (a text[] COLLATE "C", b text COLLATE "POSIX", c text COLLATE ucs_basic,
      e text COLLATE pg_catalog."C");
    CREATE INDEX ON t (lower(a), (b + 1), (a || 'x'));
    CREATE INDEX ON t ((j->>'x'));
    CREATE INDEX ON t ((j->'x'));
    CREATE INDEX ON t USING gin (arr);
    CREATE INDEX ON t USING gin (j);
    CREATE INDEX ON t USING gist (r);
    CREATE INDEX ON t USING spgist (a);
    CREATE INDEX ON t USING brin (ts, d);
    CREATE INDEX ON t USING gin (to_tsvector('english', a));
    CREATE INDEX ON t USING gin (to_tsvector(a));
    CREATE INDEX ON t (date_trunc('day', ts));
    CREATE INDEX ON t (date_trunc('day', ts AT TIME ZONE 'UTC'));
    CREATE INDEX ON t ((ts AT TIME ZONE 'UTC'));
    CREATE INDEX ON t (extract(year FROM d));
    CREATE INDEX ON t (extract(year FROM ts));
    CREATE INDEX ON t (to_char(d, 'YYYY'));
    CREATE INDEX ON t (md5(a));
    CREATE INDEX ON t (concat(a, b));
    CREATE INDEX ON t ((d::text));
    CREATE INDEX ON t ((b::text));
    CREATE INDEX ON t (a varchar_pattern_ops, b int4_ops);
    CREATE INDEX ON t USING hash (a text_pattern_ops);
    CREATE INDEX ON t USING btree (a text_ops DESC NULLS LAST);
    CREATE INDEX ON t (a) WHERE a IS NOT NULL AND d > '2020-01-01';
    CREATE INDEX ON t (a) WHERE ts > '2020-01-01';
    CREATE INDEX ON t (a) WHERE d > CURRENT_DATE;
    CREATE FUNCTION imm(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'begin return $1; end';
    CREATE FUNCTION vol(text) RETURNS text LANGUAGE plpgsql AS 'begin return $1; end';
    CREATE INDEX ON t (imm(a));
    CREATE INDEX ON t (vol(a));
    CREATE TABLE g2 (a text, b text GENERATED ALWAYS AS (vol(a)) STORED);
    CREATE TABLE g3 (a text, b text GENERATED ALWAYS AS (a || now()) STORED);
    CREATE TABLE c1 (a int CHECK (a > 0), b int CHECK (b IN (1, 2)), c text CHECK (length(c)
      > 2), e int CHECK (e > (a + 1)), ts timestamptz CHECK (ts <= now()), x int CHECK
      (abs(x) < 5 AND x BETWEEN 1 AND 4));
    CREATE TABLE c2 (a int[] CHECK (a <> '{}'), b int CHECK (b = ANY (ARRAY[1,2])), c text
      CHECK (c IN ('select', 'min')));
    CREATE TABLE pl (a int, b text) PARTITION BY LIST (b);
    CREATE TABLE pl1 PARTITION OF pl FOR VALUES IN ('a', 'b');
    CREATE TABLE pl2 PARTITION OF pl FOR VALUES IN ('c', NULL);
    CREATE TABLE pl3 PARTITION OF pl FOR VALUES IN ('b');
    CREATE TABLE ph (a int) PARTITION BY HASH (a);
    CREATE TABLE ph0 PARTITION OF ph FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE ph1 PARTITION OF ph FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    CREATE TABLE ph2 PARTITION OF ph FOR VALUES WITH (MODULUS 4, REMAINDER 1);
    CREATE TABLE prd (d date) PARTITION BY RANGE (d);
    CREATE TABLE prd1 PARTITION OF prd FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
    CREATE TABLE prd2 PARTITION OF prd FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
    CREATE TABLE prd3 PARTITION OF prd FOR VALUES FROM ('2024-02-15') TO ('2024-04-01');
    CREATE TABLE prd4 PARTITION OF prd FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
    CREATE TABLE prd5 PARTITION OF prd FOR VALUES FROM ('2024-03-01') TO (MAXVALUE);
    CREATE TABLE prm (a int, b int) PARTITION BY RANGE (a, b);
    CREATE TABLE prm1 PARTITION OF prm FOR VALUES FROM (1, 1) TO (1, 10);
    CREATE TABLE prm2 PARTITION OF prm FOR VALUES FROM (1, 10) TO (2, 1);
    ALTER TABLE prm2 ADD CONSTRAINT ck CHECK (b > 0);
    ALTER TABLE prm2 ALTER COLUMN b SET DEFAULT 4;
    ALTER TABLE prm2 RENAME TO prm2x;
    CREATE UNIQUE INDEX ON prm (a, b);
    CREATE UNIQUE INDEX ON prm (b, a, (a + b));
    ALTER TABLE prm ADD PRIMARY KEY (a, b)
"""


def test_what_the_engine_refuses_is_not_clean(postgres_url: str) -> None:
    must_be_understood(SCRIPT, postgres_url)


def test_what_the_engine_takes_is_not_refused(postgres_url: str) -> None:
    must_be_understood(TAKEN, postgres_url)
