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
