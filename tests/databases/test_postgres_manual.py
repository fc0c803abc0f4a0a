"""PostgreSQL's manual, page after page: what its synopses say, told to an engine and to the interpreter."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.databases.test_postgres_objects import must_be_understood

# A title that ends in a number is for servers of that version and later.
SCRIPTS = {
    "default privileges of several makers": """
        CREATE ROLE schemaops_app; CREATE ROLE schemaops_ro; CREATE ROLE schemaops_mig;
        CREATE SCHEMA s;
        ALTER DEFAULT PRIVILEGES FOR ROLE schemaops_mig IN SCHEMA s
          GRANT SELECT ON TABLES TO schemaops_ro;
        ALTER DEFAULT PRIVILEGES FOR ROLE schemaops_mig GRANT ALL ON SEQUENCES TO schemaops_ro;
        ALTER DEFAULT PRIVILEGES FOR ROLE schemaops_mig REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES FOR USER schemaops_mig, schemaops_app, CURRENT_USER
          GRANT USAGE ON TYPES TO schemaops_ro WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE schemaops_mig GRANT SELECT ON TABLES TO schemaops_mig;
        ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT, INSERT ON TABLES TO schemaops_ro;
        ALTER DEFAULT PRIVILEGES GRANT DELETE, REFERENCES, TRIGGER, TRUNCATE, UPDATE
          ON TABLES TO schemaops_ro;
        CREATE TABLE s.t (id int);
        CREATE TABLE u (id int);
        CREATE SEQUENCE q;
        ALTER DEFAULT PRIVILEGES FOR ROLE schemaops_mig IN SCHEMA s
          REVOKE SELECT ON TABLES FROM schemaops_ro""",
    "privileges on what the server brings": """
        CREATE ROLE schemaops_ro;
        GRANT USAGE ON SCHEMA pg_catalog, information_schema TO schemaops_ro;
        GRANT SELECT ON pg_catalog.pg_class, pg_stats TO schemaops_ro;
        GRANT SELECT ON ALL TABLES IN SCHEMA information_schema TO schemaops_ro;
        GRANT EXECUTE ON FUNCTION pg_sleep(double precision) TO schemaops_ro;
        REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC;
        GRANT USAGE ON LANGUAGE plpgsql, sql TO schemaops_ro""",
    "another role at work": """
        CREATE ROLE schemaops_app; CREATE ROLE schemaops_ro;
        GRANT CREATE ON SCHEMA public TO schemaops_app;
        SET ROLE schemaops_app;
        CREATE TABLE t (id int);
        GRANT SELECT ON t TO schemaops_ro;
        GRANT SELECT ON t TO schemaops_app;
        RESET ROLE""",
    "intervals and their fields": """
        CREATE TABLE t (a interval hour, b interval day to second(3),
          c interval year to month);
        ALTER TABLE t ADD d interval DEFAULT interval '2' year to month;
        ALTER TABLE t ADD e interval DEFAULT '3'::interval hour;
        CREATE VIEW v AS SELECT '3'::interval hour AS a, interval '1' year AS b,
          interval '90' minute AS c, interval '2' day to hour AS d, t.a + '1 hour' AS e FROM t;
        ALTER TABLE t ADD CHECK (a < '3'::interval hour)""",
    "a domain's default goes on": """
        CREATE DOMAIN d AS text DEFAULT 'x';
        CREATE DOMAIN d2 AS d;
        CREATE DOMAIN d3 AS d DEFAULT NULL;
        CREATE DOMAIN d4 d DEFAULT 'y' NOT NULL""",
    "fields of composite values": """
        CREATE TYPE pt AS (x int, y text, z varchar(5), w numeric(3,1));
        CREATE TYPE outer_t AS (p pt, n int);
        CREATE TABLE c (id int, p pt, ps pt[], o outer_t);
        CREATE VIEW v1 AS SELECT (p).x AS px, (c.p).y, (o).p.x AS ox, ((o).p).w, (o).n + 1.5 AS s,
          (p).x > 2.5 AS cmp, (p).y || (p).z AS cat, lower((p).z) AS low FROM c WHERE (p).x IN (1, 2);
        CREATE VIEW v3 AS SELECT (ps[1]).x, (ps[1]).y LIKE 'a%' AS l FROM c;
        CREATE INDEX ON c (((p).x));
        CREATE INDEX ON c (lower((p).y)) WHERE (p).x > 3;
        ALTER TABLE c ADD CHECK ((p).x > 0 AND (p).y <> '');
        ALTER TABLE c ADD g int GENERATED ALWAYS AS ((p).x + 1) STORED;
        UPDATE c SET p.x = 3, id = 4 WHERE (p).y = '2';
        CREATE FUNCTION mk() RETURNS pt LANGUAGE sql AS 'select null::pt';
        CREATE VIEW v4 AS SELECT (mk()).x AS a, (mk()).y || 'x' AS b;
        CREATE VIEW v5 AS SELECT (c).id, (c).p AS whole_p, ((c).p).x AS deep, c AS whole FROM c;
        CREATE VIEW v7 AS SELECT (s.q).x AS qx, (SELECT (k.p).x FROM c k LIMIT 1) AS sub
          FROM (SELECT p AS q FROM c) s;
        CREATE VIEW v8 AS SELECT (ROW(1, 'a', 'b', 2)::pt).x AS rx;
        ALTER TABLE c RENAME p TO pp;
        ALTER TABLE c RENAME TO cc;
        ALTER TYPE pt RENAME TO pt2""",
    "SQL's functions of JSON 17": """
        CREATE TABLE j (id int, b jsonb, js json, t text, v varchar(20));
        CREATE VIEW v1 AS SELECT JSON_VALUE(b, '$.a') a, JSON_VALUE(b, 'strict $.a[*]."b c"[1 to last]
            ? (@ > 1 && @.x == "y").size()' RETURNING int DEFAULT 0 ON EMPTY ERROR ON ERROR) b,
          JSON_VALUE(t, '$' RETURNING numeric(5,2) NULL ON ERROR) AS c,
          JSON_VALUE('{}', '$.a.b' PASSING id AS x, t AS "Y y") FROM j;
        CREATE VIEW v2 AS SELECT JSON_QUERY(b, '$.x' WITH WRAPPER) AS q, JSON_QUERY(js, '$.x' RETURNING
            text OMIT QUOTES EMPTY OBJECT ON ERROR), JSON_QUERY(b, '$' RETURNING json WITH CONDITIONAL
            ARRAY WRAPPER) c, JSON_QUERY(b, '$' RETURNING int[] EMPTY ARRAY ON EMPTY) d FROM j;
        CREATE VIEW v3 AS SELECT JSON_EXISTS(b, '$.a[*] ? (@ > $x)' PASSING id AS x TRUE ON ERROR) AS a,
          JSON_EXISTS(t, '$') FROM j
          WHERE JSON_EXISTS(b, '$.k') AND JSON_VALUE(b, '$.n' RETURNING int) > 1.5;
        CREATE VIEW v4 AS SELECT JSON_OBJECT('a': id, 'b' VALUE t, 'c' VALUE v ABSENT ON NULL
            WITH UNIQUE KEYS) AS o, JSON_ARRAY(id, t NULL ON NULL) AS arr, JSON_ARRAY() c,
          JSON_OBJECT() d, JSON_OBJECT(t: 'y' RETURNING jsonb) e, json_object('{a,b}') f,
          JSON_ARRAY('a', 1.5, js RETURNING text) g FROM j;
        CREATE VIEW v5 AS SELECT JSON_OBJECTAGG(t: id) AS o, JSON_ARRAYAGG(id ORDER BY id) AS arr,
          JSON_OBJECTAGG(t: id ABSENT ON NULL RETURNING jsonb) FILTER (WHERE id > 1) AS o2,
          JSON_ARRAYAGG(v NULL ON NULL RETURNING text) OVER (PARTITION BY id) AS arr2
          FROM j GROUP BY id, v;
        CREATE VIEW v7 AS SELECT JSON_SCALAR(id) AS e, JSON_SCALAR('x') f, JSON_SERIALIZE(js RETURNING
            bytea) AS g, JSON_SERIALIZE('{}') h, JSON_SERIALIZE(t) i FROM j;
        CREATE VIEW v8 AS SELECT t IS JSON a, v IS NOT JSON OBJECT AS x, b IS JSON VALUE c,
          '{}' IS JSON ARRAY WITHOUT UNIQUE KEYS d, NOT t IS JSON SCALAR WITH UNIQUE e,
          t || v IS JSON OBJECT WITH UNIQUE g FROM j;
        CREATE VIEW v9 AS SELECT jt.* FROM j, JSON_TABLE(b, '$.items[*]' PASSING id AS x COLUMNS (
            n FOR ORDINALITY, id int, name text PATH '$.name' DEFAULT 'x' ON EMPTY,
            e int EXISTS PATH '$.z', q jsonb FORMAT JSON PATH '$.q' WITH WRAPPER, q2 jsonb,
            NESTED PATH '$.k[*]' COLUMNS (k1 int PATH '$', NESTED '$.l' AS ll COLUMNS (
              l2 varchar(3)))) ERROR ON ERROR) AS jt;
        CREATE VIEW v10 AS SELECT y || 'x' AS a, z + 1 AS z FROM JSON_TABLE('[]', '$[*]' AS root COLUMNS
            (z int PATH '$.a' DEFAULT 3 ON ERROR, y text EXISTS)) AS jt WHERE z > 1.5;
        CREATE TABLE j2 (a text CHECK (a IS JSON), c jsonb CHECK (c IS NOT JSON SCALAR));
        ALTER TABLE j ADD CHECK (JSON_EXISTS(b, '$.a'));
        ALTER TABLE j ADD c int GENERATED ALWAYS AS (JSON_VALUE(b, '$.n' RETURNING int)) STORED;
        CREATE INDEX ON j (JSON_VALUE(b, '$.k'));
        CREATE INDEX ON j ((b IS JSON OBJECT));
        ALTER TABLE j ADD d jsonb DEFAULT JSON_OBJECT('a': 1 RETURNING jsonb);
        UPDATE j SET t = JSON_VALUE(b, '$.a') WHERE b IS JSON OBJECT;
        INSERT INTO j (id, t)
          SELECT x.id, x.name FROM JSON_TABLE('[]', '$[*]' COLUMNS (id int, name text)) x;
        ALTER TABLE j RENAME COLUMN b TO bb;
        ALTER TABLE j RENAME TO jj""",
    "bodies that stand in the statement 14": """
        CREATE TABLE t (id int PRIMARY KEY, a text, n int, m numeric);
        CREATE DOMAIN pos AS int CHECK (VALUE > 0);
        CREATE FUNCTION add(a int, b int DEFAULT 3) RETURNS int LANGUAGE sql IMMUTABLE RETURN a + b;
        CREATE FUNCTION add2(int, int) RETURNS int IMMUTABLE PARALLEL SAFE STRICT RETURN $1 + $2 * 2;
        CREATE FUNCTION addn(a int, b numeric) RETURNS numeric RETURN $1 + b + addn.a;
        CREATE FUNCTION s2(x text) RETURNS text RETURN upper(x) || 'y' || coalesce(x, 'z');
        CREATE FUNCTION dom(p pos) RETURNS bool RETURN p > 1.5;
        CREATE FUNCTION cnt() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM t);
        CREATE FUNCTION getn(i int) RETURNS int BEGIN ATOMIC SELECT n FROM t WHERE id = i AND a = 'x'; END;
        CREATE FUNCTION two(i int) RETURNS SETOF int LANGUAGE sql STABLE BEGIN ATOMIC
          SELECT t.nn FROM (SELECT n AS nn, id FROM t WHERE m > two.i) t WHERE t.id > i ORDER BY 1; END;
        CREATE FUNCTION three(lim bigint) RETURNS TABLE (x int, y text) BEGIN ATOMIC
          SELECT 1; SELECT id, a FROM t LIMIT lim; END;
        CREATE FUNCTION four(n int) RETURNS int BEGIN ATOMIC
          SELECT CASE WHEN n > 1 THEN 1 ELSE 2 END FROM t; END;
        CREATE PROCEDURE nop() BEGIN ATOMIC END;
        CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 3) RETURNS int IMMUTABLE RETURN a + b + 1;
        CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 3) RETURNS int LANGUAGE sql IMMUTABLE
          AS 'select a + b';
        CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 3) RETURNS int IMMUTABLE RETURN a * b;
        CREATE FUNCTION calls(x int) RETURNS int RETURN add(x) + add(x, 4);
        CREATE VIEW v AS SELECT getn(id) AS g FROM t;
        ALTER TABLE t RENAME COLUMN n TO nn;
        ALTER TABLE t RENAME TO tt;
        ALTER FUNCTION getn RENAME TO getnn;
        DROP FUNCTION add;
        ALTER TABLE tt ALTER nn TYPE bigint;
        CREATE SCHEMA s;
        ALTER TABLE tt SET SCHEMA s;
        ALTER TABLE s.tt DROP COLUMN nn;
        ALTER TABLE s.tt DROP COLUMN nn CASCADE""",
    "numbers of partitions 17": """
        CREATE TABLE pt (id int GENERATED ALWAYS AS IDENTITY, k int) PARTITION BY LIST (k);
        CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1, 2);
        CREATE TABLE pt2 (id int NOT NULL, k int);
        ALTER TABLE pt ATTACH PARTITION pt2 FOR VALUES IN (3);
        ALTER TABLE pt ALTER id SET GENERATED BY DEFAULT SET START 5 SET NO CYCLE SET CACHE 4;
        ALTER TABLE pt ALTER id DROP IDENTITY;
        ALTER TABLE pt ALTER id ADD GENERATED ALWAYS AS IDENTITY;
        ALTER TABLE pt ADD n bigint GENERATED BY DEFAULT AS IDENTITY;
        ALTER TABLE pt DETACH PARTITION pt1;
        ALTER TABLE pt RENAME id TO idd;
        ALTER TABLE pt DROP COLUMN idd;
        CREATE TABLE par (id int GENERATED ALWAYS AS IDENTITY, a int NOT NULL,
          g int GENERATED ALWAYS AS (a * 2) STORED);
        CREATE TABLE kid (b int) INHERITS (par);
        ALTER TABLE par ALTER id SET GENERATED BY DEFAULT;
        ALTER TABLE par ALTER id DROP IDENTITY;
        ALTER TABLE par ALTER a ADD GENERATED ALWAYS AS IDENTITY;
        ALTER TABLE par ALTER g SET EXPRESSION AS (a * 5);
        ALTER TABLE par ALTER g DROP EXPRESSION""",
    "views that read themselves, and views of the session": """
        CREATE TABLE t (id int PRIMARY KEY, a text, parent int);
        CREATE RECURSIVE VIEW nums (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM nums WHERE n < 10;
        CREATE OR REPLACE RECURSIVE VIEW nums (n) AS
          VALUES (1) UNION ALL SELECT n + 1 FROM nums WHERE n < 20;
        CREATE RECURSIVE VIEW public.tree (id, "Path x") WITH (security_barrier) AS
          SELECT id, a FROM t WHERE parent IS NULL
          UNION ALL SELECT t.id, tree."Path x" || '/' || t.a FROM t JOIN tree ON t.parent = tree.id;
        CREATE TEMP VIEW tv AS SELECT id AS x FROM t;
        CREATE OR REPLACE TEMPORARY VIEW tv AS SELECT 2 AS x;
        INSERT INTO t (id) SELECT x FROM tv;
        DROP VIEW tv;
        ALTER TABLE t RENAME a TO aa;
        ALTER VIEW nums RENAME TO nums2;
        ALTER TABLE t RENAME TO ttt;
        DROP VIEW nums2, tree""",
    "the server's own": """
        CREATE TABLE t (id int);
        ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE pg_default NOWAIT;
        ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE pg_default;
        COMMENT ON TYPE int4 IS 'ii';
        COMMENT ON FUNCTION lower(text) IS 'low'""",
    "configurations of text search, by name": """
        CREATE TEXT SEARCH CONFIGURATION mine (COPY = pg_catalog.english);
        CREATE TABLE t (a text, v tsvector GENERATED ALWAYS AS (to_tsvector('public.mine', a)) STORED);
        CREATE INDEX ON t USING gin (to_tsvector('mine', a));
        CREATE INDEX ON t USING gin (to_tsvector('pg_catalog.english', a));
        CREATE VIEW tv AS SELECT to_tsvector('english', a) @@ plainto_tsquery('mine', 'x') AS m,
          ts_rank(v, to_tsquery('a & b')) AS r, to_tsvector('mine'::regconfig, a) AS w FROM t;
        ALTER TABLE t ADD w tsvector DEFAULT to_tsvector('mine', '');
        ALTER TEXT SEARCH CONFIGURATION mine RENAME TO ours;
        CREATE SCHEMA s;
        ALTER TEXT SEARCH CONFIGURATION ours SET SCHEMA s;
        DROP TEXT SEARCH CONFIGURATION s.ours;
        CREATE INDEX ON t USING gin (to_tsvector('s.ours', a))""",
    "parts of values written 14": """
        CREATE TABLE t (id int PRIMARY KEY, b int[], j jsonb);
        UPDATE t SET b[2] = 5, id = 3;
        UPDATE t SET j['a']['b'] = '1' WHERE b[1:2] = '{1,2}';
        ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY;
        ALTER TABLE t ALTER id TYPE numeric(10)""",
    "forms of Unicode": """
        CREATE TABLE t (t text);
        CREATE VIEW v AS SELECT normalize(t) a, normalize(t, nfkd) b, t IS NORMALIZED c,
          t IS NOT NFC NORMALIZED d, is_normalized(t, 'NFC') e FROM t""",
    "rows before and after 18": """
        CREATE TABLE t (a int, b int);
        INSERT INTO t (a) VALUES (1) RETURNING old.a, new.a, new.*, a;
        UPDATE t SET a = 2 RETURNING old.a + new.a;
        DELETE FROM t RETURNING old.*""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_manual_is_understood(name: str, postgres_url: str) -> None:
    needed = name.rpartition(" ")[2]
    if needed.isdigit() and _version(postgres_url) < int(needed):
        pytest.skip(f"this is of version {needed}")
    must_be_understood(SCRIPTS[name], postgres_url)


def _version(url: str) -> int:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        return connection.info.server_version // 10000
