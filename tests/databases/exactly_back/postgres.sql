-- = a view of all columns over a table that grew
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT * FROM t;
ALTER TABLE t ADD c int;
--------
DROP VIEW v;

-- = and a view over it
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT t.* FROM t;
CREATE VIEW w AS SELECT * FROM v;
ALTER TABLE t ADD c int;
--------
DROP VIEW v CASCADE;

-- = a view of all columns over a table that grows
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT * FROM t;
--------
ALTER TABLE t ADD c int;
DROP VIEW v;

-- = a view of all columns, made again
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT * FROM t;
--------
ALTER TABLE t ADD c int;
CREATE OR REPLACE VIEW v AS SELECT * FROM t;

-- = a key that the table itself refers to
CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t (a), c text);
--------
ALTER TABLE t DROP COLUMN a CASCADE;

-- = views that grow one over the other
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a, b FROM t;
CREATE VIEW w AS SELECT a FROM v;
--------
CREATE OR REPLACE VIEW v AS SELECT a, b, 1 AS c FROM t;
CREATE OR REPLACE VIEW w AS SELECT a, b FROM v;

-- = views that change places
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a, b FROM t;
CREATE VIEW w AS SELECT a, b FROM v;
--------
CREATE OR REPLACE VIEW w AS SELECT a, b FROM t;
CREATE OR REPLACE VIEW v AS SELECT a, b FROM w;

-- = a view of all columns, and joined by what they have in common
CREATE TABLE t (a int, b text, d date);
CREATE TABLE u (a int, e text);
CREATE VIEW v AS SELECT *, count(*) OVER () AS n FROM t NATURAL JOIN u WHERE b LIKE 'x%' AND a IN (1,2) AND e = ANY (ARRAY['x','y']) AND d > date '2020-01-01';
ALTER TABLE t ADD e text DEFAULT 'x';
--------
DROP VIEW v;

-- = every `*` of a union and of what it reads
CREATE TABLE t (a int, b text, d date);
CREATE TABLE u (a int, e text);
CREATE VIEW v AS SELECT x.*, y.e FROM (SELECT * FROM t) x LEFT JOIN u AS y USING (a) UNION ALL SELECT *, 'c' FROM t ORDER BY 1;
ALTER TABLE t ADD e text DEFAULT 'x';
--------
DROP VIEW v;

-- = every `*` below a view
CREATE TABLE t (a int, b text, d date);
CREATE VIEW v AS WITH r AS (SELECT * FROM t) SELECT r.*, CASE WHEN a > 1 THEN 'x' ELSE NULL END AS z, extract(year FROM d), coalesce(b, '') || '1', (SELECT max(s.a) FROM t s WHERE s.d = r.d), EXISTS (SELECT * FROM t q WHERE q.a = r.a) FROM r;
ALTER TABLE t ADD e text DEFAULT 'x';
--------
DROP VIEW v;

-- = a materialised view of all columns
CREATE TABLE t (a int, b text, d date);
CREATE MATERIALIZED VIEW v AS SELECT * FROM t;
CREATE INDEX ON v (a);
ALTER TABLE t ADD e text DEFAULT 'x';
--------
DROP TABLE t CASCADE;

-- = a list of names and all columns
CREATE TABLE t (a int, b text, d date);
CREATE VIEW v (x, y) AS SELECT * FROM t;
ALTER TABLE t ADD e text DEFAULT 'x';
--------
DROP VIEW v;
ALTER TABLE t ALTER a TYPE bigint;
CREATE VIEW v (x, y) AS SELECT * FROM t;

-- = all columns, one since renamed
CREATE TABLE t (a int, b text, d date);
CREATE VIEW v AS SELECT * FROM t;
ALTER TABLE t RENAME a TO aa;
--------
DROP VIEW v;

-- = all columns, one of which comes back last
CREATE TABLE t (a int, b text, d date);
CREATE VIEW v AS SELECT * FROM t;
--------
DROP VIEW v;
ALTER TABLE t DROP a;

-- = a row that is no `*`
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT t, row_to_json(t) AS j, count(t.*) AS c FROM t GROUP BY t.*;
ALTER TABLE t ADD c int;
--------
DROP VIEW v;

-- = constraints that are not valid
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0) NOT VALID);
ALTER TABLE t ADD CONSTRAINT d CHECK (a > 1) NOT VALID;
CREATE TABLE u (a int PRIMARY KEY);
ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u NOT VALID;
--------
DROP TABLE u CASCADE;
DROP TABLE t;
CREATE TABLE w (a int, CONSTRAINT c CHECK (a > 0) NOT VALID);

-- = a partition made and indexed with its table
CREATE TABLE ev (id int NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX ev_kind ON ev (kind);
--------
CREATE TABLE ev3 PARTITION OF ev FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
CREATE INDEX ev_new ON ev (kind, id)

-- = a partition dropped after a check came to all
CREATE TABLE ev (id int NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX ev_kind ON ev (kind);
--------
ALTER TABLE ev ADD CONSTRAINT ev_id CHECK (id > 0);
DROP TABLE ev1;

-- = a partition dropped after its index
CREATE TABLE ev (id int NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX ev_kind ON ev (kind);
--------
DROP INDEX ev_kind;
ALTER TABLE ev DROP CONSTRAINT ev_pkey;
DROP TABLE ev1;

-- = partitions that come and go
CREATE TABLE ev (id int NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX ev_kind ON ev (kind);
--------
DROP TABLE ev1;
DROP INDEX ev_kind;
ALTER TABLE ev DROP COLUMN kind;
CREATE TABLE ev3 PARTITION OF ev FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
ALTER TABLE ev ADD z int;
ALTER TABLE ev RENAME id TO idd;

-- = a column dropped from a partition that goes too
CREATE TABLE ev (id int NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX ev_kind ON ev (kind);
--------
ALTER TABLE ev DROP COLUMN kind;
DROP TABLE ev1;

-- = a column of partitions with a comment of its own
CREATE TABLE ev (id int NOT NULL, kind text) PARTITION BY RANGE (id);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM (1) TO (10);
CREATE TABLE ev2 PARTITION OF ev DEFAULT;
CREATE INDEX ev_kind ON ev (kind);
COMMENT ON COLUMN ev1.kind IS 'mine';
COMMENT ON COLUMN ev.kind IS 'all';
ALTER TABLE ev2 ALTER kind SET STATISTICS 50;
--------
ALTER TABLE ev DROP COLUMN kind;

-- = what is inherited and has a comment
CREATE TABLE par (a int, b text);
CREATE TABLE kid (c int) INHERITS (par);
COMMENT ON COLUMN kid.b IS 'mine';
--------
ALTER TABLE par DROP COLUMN b;


-- = a function of SQL that names what was renamed under it
CREATE TABLE jobs (id int PRIMARY KEY, n int);
CREATE FUNCTION due(low int) RETURNS SETOF jobs LANGUAGE sql AS $$ SELECT * FROM jobs WHERE n > low; $$;
--------
ALTER TABLE jobs RENAME TO private_jobs;
DROP FUNCTION due;
CREATE FUNCTION due(low int) RETURNS SETOF private_jobs LANGUAGE sql AS $$ SELECT * FROM private_jobs WHERE n > low; $$;

-- = the storage of columns whose types are of the schema
CREATE DOMAIN bytes AS bytea CHECK (octet_length(VALUE) = 20);
CREATE DOMAIN narrow AS bytes;
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TYPE pair AS (x int, y text);
CREATE TABLE t (a bytes, b narrow, c mood, d pair, e bytes);
ALTER TABLE t ALTER COLUMN e SET STORAGE PLAIN;
--------
ALTER TABLE t ALTER COLUMN a SET STORAGE PLAIN, ALTER COLUMN b SET STORAGE EXTERNAL;
ALTER TABLE t ALTER COLUMN c SET STORAGE PLAIN, ALTER COLUMN d SET STORAGE MAIN;
ALTER TABLE t ALTER COLUMN e SET STORAGE EXTENDED;

-- = a function of PL/pgSQL that declares a row of what was renamed under it
CREATE TABLE jobs (id int PRIMARY KEY, n int);
CREATE FUNCTION last() RETURNS jobs LANGUAGE plpgsql AS $$
DECLARE
    found_ jobs;
    other CONSTANT int[] := ARRAY[1];
BEGIN
    SELECT * INTO found_ FROM jobs ORDER BY id DESC LIMIT 1;
    RETURN found_;
END $$;
--------
ALTER TABLE jobs RENAME TO private_jobs;
DROP FUNCTION last;
CREATE FUNCTION last() RETURNS private_jobs LANGUAGE sql AS $$ SELECT * FROM private_jobs $$;

-- = a table with a rule
CREATE TABLE log (a int);
CREATE RULE kept AS ON DELETE TO log DO INSTEAD NOTHING;
--------
DROP TABLE log CASCADE;

-- = a type that values turn into and back
CREATE TABLE item (id int PRIMARY KEY, since int, done boolean, at timestamptz);
INSERT INTO item VALUES (1, 1000, true, now()), (2, NULL, false, NULL);
--------
ALTER TABLE item ALTER since TYPE timestamptz USING to_timestamp(since);
ALTER TABLE item ALTER done TYPE int USING done::int;
ALTER TABLE item ALTER at TYPE boolean USING at IS NOT NULL;
-- = a column that the body of a function holds
CREATE TABLE t (id int PRIMARY KEY, a text, n int);
CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC SELECT n FROM t WHERE id = i; END;
CREATE FUNCTION g(a int, b int DEFAULT 3) RETURNS int IMMUTABLE RETURN a + b;
CREATE VIEW v AS SELECT f(id) AS x FROM t;
--------
ALTER TABLE t DROP COLUMN n CASCADE;
DROP FUNCTION g;

-- = a view of JSON, and a view that reads itself
CREATE TABLE t (id int PRIMARY KEY, d tsvector);
CREATE RECURSIVE VIEW r (n) AS SELECT id FROM t UNION ALL SELECT n + 1 FROM r WHERE n < 10;
CREATE TYPE pt AS (x int, y text);
CREATE TABLE c (id int, p pt);
CREATE VIEW w AS SELECT (p).x, c AS whole FROM c WHERE (p).y <> '';
CREATE INDEX c_x ON c (((p).x));
--------
DROP VIEW r;
DROP TABLE c CASCADE;
CREATE TABLE u (id int)

