"""The test of understanding is an engine: what is interpreted equals what is observed.

After every statement either both schemas have one fingerprint, or engine and interpreter both refuse
it. Only a refusal for the sake of rows is the engine's alone: a schema holds none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.split import Statement, split
from tests.engines import Server, fresh_database
from tests.generators import draw_statement
from tools.replay_history import differing, led_to

# What an engine says of rows: duplicate keys, values that do not fit or cannot be cast, and the
# like. PostgreSQL's 55P04 is an enum label used in the transaction that added it.
_OF_ROWS = {
    "postgres": ("22", "23", "55P04"),
    "sqlite": ("SQLITE_CONSTRAINT",),
    "mysql": (
        *("1048", "1062", "1067", "1138", "1264", "1265", "1292", "1364", "1366", "1406", "1411"),
        *("1451", "1452", "1690", "1832", "1833", "3819", "4025", "4161"),
    ),
}
_SAID_OF_ROWS = ("Cannot add a NOT NULL column", "CHECK constraint failed")


def _is_of_rows(failure: DatabaseFailure, dialect: str) -> bool:
    state = failure.sqlstate or ""
    if dialect == "mysql":
        return state in _OF_ROWS["mysql"]
    if dialect == "sqlite" and "error in table" in failure.message:
        return True  # it cannot rename a column that a key names twice, in the versions at hand
    return state.startswith(_OF_ROWS[dialect]) or failure.message.startswith(_SAID_OF_ROWS)


class Pair:
    """An engine and the interpreter, told the same."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self.interpreter = Interpreter(Schema.empty(self.dialect))
        self.said: list[str] = []

    @property
    def schema(self) -> Schema:
        """The schema in which both are."""
        return self.interpreter.schema

    def tell(self, statement: Statement) -> None:
        """Tell both a statement, and fail where they part."""
        before = self.schema
        read = self.interpreter.read(statement)
        failure = self._execute(statement.text)
        story = "\n".join((*self.said, f"=> {statement.text}"))
        if failure is not None:
            if _is_of_rows(failure, self.dialect) or (not isinstance(read, Fault) and read.opaque):
                self.interpreter.continue_from(before)
            else:
                assert isinstance(read, Fault), f"{story}\nthe engine refuses: {failure.message}"
            return
        self.said.append(statement.text)
        assert not isinstance(read, Fault), f"{story}\nwe refuse: {read.error.message}"
        observed = observe(self.connection)
        if read.opaque:
            self.interpreter.continue_from(led_to(before, observed))
        elif observed != self.schema:
            raise AssertionError("\n".join((story, *differing(self.schema, observed))))

    def _execute(self, text: str) -> DatabaseFailure | None:
        saved = self.dialect != "mysql"
        if saved:
            self.connection.execute("SAVEPOINT told")
        try:
            self.connection.execute(text)
        except DatabaseFailure as failure:
            if saved:
                self.connection.execute("ROLLBACK TO told")
            return failure
        return None


# -- statements that once parted them, each script on a database of its own

SCRIPTS = {
    "sqlite": (
        # A view is read anew whenever it is used.
        """CREATE TABLE t (id INTEGER PRIMARY KEY, "Odd Column" INT); CREATE VIEW v AS SELECT *
        FROM t; CREATE VIEW w AS SELECT id + 1 AS n FROM v ORDER BY id; ALTER TABLE t ADD COLUMN
        b TEXT; ALTER TABLE t RENAME COLUMN id TO i; DROP TABLE t; ALTER TABLE x RENAME TO y;
        CREATE TABLE t (a INT, id INT)""",
        # A foreign key that names no columns refers to the primary key there is.
        """CREATE TABLE c (p INT REFERENCES p ON DELETE CASCADE, q INT, FOREIGN KEY (q) REFERENCES
        p); CREATE TABLE p (id INTEGER PRIMARY KEY); DROP TABLE p; CREATE TABLE p (a INT, b INT
        PRIMARY KEY)""",
        """CREATE TABLE t (a INT, b INT, CONSTRAINT k CHECK (a > 0) CONSTRAINT k CHECK (a > b),
        UNIQUE (a COLLATE binary)); CREATE INDEX k ON t (a COLLATE NOCASE DESC) WHERE b > 3""",
        """CREATE TABLE t (a INT, g INT AS (a * 2)); INSERT INTO t VALUES (1); INSERT INTO t (g)
        VALUES (1); CREATE TABLE w (a INT PRIMARY KEY) WITHOUT ROWID""",
        """CREATE TABLE t (a INT); CREATE VIEW lost AS SELECT b FROM nowhere; ALTER TABLE t RENAME
        COLUMN a TO b; ALTER TABLE t RENAME TO u; DROP VIEW lost; ALTER TABLE t RENAME COLUMN a
        TO b; ALTER TABLE t RENAME COLUMN b TO B""",
        """CREATE TABLE t (a INT); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END; ALTER
        TABLE t ADD b INT; DROP TRIGGER r""",
        # What WITH defines may name itself, said to be recursive or not.
        """CREATE TABLE t (a INT, b INT); WITH k AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM k
        WHERE n < 4) INSERT INTO t SELECT n, 0 FROM k; WITH RECURSIVE k AS (SELECT 1 AS n UNION
        ALL SELECT n + 1 FROM k WHERE n < 2) UPDATE t SET b = 1 WHERE a IN (SELECT n FROM k)""",
    ),
    "postgres": (
        # Of keys that are alike but for their names the first is made, under the first name given.
        """CREATE TABLE a (x int PRIMARY KEY, UNIQUE (x)); CREATE TABLE b (x int, CONSTRAINT k
        UNIQUE (x), PRIMARY KEY (x)); CREATE TABLE c (x int UNIQUE, y int, UNIQUE (x), UNIQUE
        (x, y), UNIQUE (y, x)); CREATE TABLE d (x int UNIQUE CONSTRAINT u UNIQUE DEFERRABLE)""",
        """CREATE TABLE n (x numeric PRIMARY KEY); CREATE TABLE i (x int PRIMARY KEY REFERENCES n);
        CREATE TABLE o (x numeric REFERENCES i); CREATE TABLE t (x text REFERENCES i); CREATE
        TABLE s (x varchar(3) UNIQUE); CREATE TABLE r (x text REFERENCES s (x))""",
        """CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, a int, g int GENERATED ALWAYS AS (a
        * 2) STORED); INSERT INTO t VALUES (1, 2); INSERT INTO t (id) VALUES (DEFAULT); UPDATE t
        SET id = 3; INSERT INTO t (id) OVERRIDING SYSTEM VALUE VALUES (7); UPDATE t SET id =
        DEFAULT, g = DEFAULT; INSERT INTO t (g) VALUES (1); ALTER TABLE t RENAME TO u; CREATE
        SEQUENCE t_id_seq; ALTER TABLE u ALTER id DROP IDENTITY; CREATE SEQUENCE t_id_seq""",
        """CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT a FROM t; CREATE OR REPLACE VIEW
        v AS SELECT b AS a FROM t; CREATE OR REPLACE VIEW v AS SELECT a, b FROM t; CREATE OR
        REPLACE VIEW v AS SELECT a FROM t; ALTER TABLE t ALTER a TYPE bigint; CREATE
        MATERIALIZED VIEW m AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM m; CREATE INDEX
        ON m (a); DROP TABLE t; DROP MATERIALIZED VIEW m CASCADE""",
        """CREATE TABLE t (a timestamp DEFAULT '1970-01-01 00:00:00', b date DEFAULT '2020-01-01',
        c timestamp DEFAULT now()); ALTER TABLE t ALTER a TYPE timestamptz, ALTER b TYPE timestamp,
        ALTER c TYPE timestamptz; CREATE TABLE u (a nowhere); CREATE TABLE u (a t, b "char")""",
        """CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%'); CREATE TABLE t (e email DEFAULT
        'a@b'); CREATE INDEX i ON t (lower(e)); ALTER INDEX i RENAME TO i; ALTER INDEX i RENAME
        TO j; CREATE TABLE room (d tsrange, EXCLUDE USING gist (d WITH &&)); ALTER TABLE room
        DROP CONSTRAINT room_d_excl; DROP DOMAIN email; DROP DOMAIN email CASCADE""",
        # A materialised view is a relation with indexes.
        """CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(9), c text); CREATE MATERIALIZED VIEW
        m AS SELECT id, a, lower(b) AS low FROM t; CREATE MATERIALIZED VIEW t AS SELECT 1; CREATE
        VIEW m AS SELECT 1; CREATE MATERIALIZED VIEW n (x, y) WITH (fillfactor = 70) AS SELECT
        m.id, t.c FROM m JOIN t ON t.id = m.id WITH DATA; CREATE UNIQUE INDEX m_i ON m (id);
        CREATE INDEX ON m (low text_pattern_ops DESC); CREATE INDEX ON n (lower(y), x) WHERE y >
        'a'; CREATE VIEW v AS SELECT x, y FROM n; REFRESH MATERIALIZED VIEW CONCURRENTLY m; DROP
        VIEW m; DROP MATERIALIZED VIEW v; ALTER TABLE t RENAME a TO aa; ALTER MATERIALIZED VIEW n
        RENAME COLUMN y TO yy; ALTER VIEW v RENAME x TO q; ALTER MATERIALIZED VIEW m RENAME TO
        mm; ALTER MATERIALIZED VIEW mm SET (fillfactor = 50); CREATE SCHEMA s; ALTER MATERIALIZED
        VIEW mm SET SCHEMA s; ALTER TABLE t DROP c; ALTER TABLE t DROP c CASCADE; DROP MATERIALIZED
        VIEW IF EXISTS nowhere, s.mm; CREATE MATERIALIZED VIEW a AS SELECT count(*) AS n FROM t;
        CREATE MATERIALIZED VIEW b AS SELECT * FROM a WITH NO DATA; DROP MATERIALIZED VIEW a; DROP
        MATERIALIZED VIEW a CASCADE""",
        # A check keeps the casts to the type that a column had.
        """CREATE TABLE t (a numeric(10, 2) CHECK (a > 0 AND a < 1.5), b int CHECK (b IN (1, 2)), c
        bigint CHECK (c > 0), d bigint CHECK (d IN (1, 2)), e real CHECK (e > 0), f int CHECK (f + 1
        > 2), g numeric CHECK (g IS NOT NULL), CHECK (b > c)); CREATE INDEX ON t (b) WHERE a > 3;
        ALTER TABLE t ALTER a TYPE int; ALTER TABLE t ALTER b TYPE bigint; ALTER TABLE t ALTER c TYPE
        numeric; ALTER TABLE t ALTER d TYPE int; ALTER TABLE t ALTER e TYPE float; ALTER TABLE t
        ALTER f TYPE bigint; ALTER TABLE t ALTER f TYPE smallint; ALTER TABLE t ALTER g TYPE int""",
        # Options of a server are added, changed and dropped by name; a view's defaults go again.
        """CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'a', port
        '1'); ALTER SERVER s OPTIONS (SET host 'b', DROP port, ADD dbname 'x', user 'it''s'); ALTER
        SERVER s OPTIONS (ADD host 'c'); ALTER SERVER s OPTIONS (SET port '2'); ALTER SERVER s OPTIONS
        (DROP host, DROP dbname, DROP "user"); ALTER SERVER s OPTIONS (drop 'x'); ALTER SERVER s
        OPTIONS (DROP drop, set 'y'); ALTER SERVER s RENAME TO r; CREATE FOREIGN TABLE f (a int)
        SERVER r; ALTER SERVER r RENAME TO s; DROP SERVER s; DROP SERVER s CASCADE;
        CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT
        a, b FROM t; ALTER VIEW v ALTER COLUMN b SET DEFAULT 'x'; ALTER VIEW v ALTER COLUMN b DROP
        DEFAULT; ALTER VIEW v ALTER b SET DEFAULT 'y'; ALTER VIEW v RENAME COLUMN b TO c; ALTER TABLE v
        RENAME TO w; ALTER VIEW w RENAME TO v; CREATE SCHEMA sc; ALTER VIEW v SET SCHEMA sc; ALTER TABLE
        sc.v SET SCHEMA public; ALTER VIEW v RENAME c TO b; ALTER VIEW v ALTER a DROP DEFAULT;
        ALTER VIEW v ALTER COLUMN c DROP DEFAULT; ALTER
        VIEW v ALTER c SET DEFAULT 1""",
        # The bounds of a partition are of the key's type.
        """CREATE TABLE t (a int, b text) PARTITION BY RANGE (a, b); CREATE TABLE t1 PARTITION OF t
        FOR VALUES FROM ('x', 'x') TO ('y', 'y'); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM
        ('1', 'x') TO (MAXVALUE, MAXVALUE); CREATE TABLE l (a int) PARTITION BY LIST (a); CREATE
        TABLE l1 PARTITION OF l FOR VALUES IN ('1', 'q'); CREATE TABLE l1 PARTITION OF l FOR VALUES
        IN ('1', NULL)""",
        # A copied identity counts in a bigint, and ends where it did; an interval keeps its fields.
        """CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (START 5), b smallint GENERATED BY
        DEFAULT AS IDENTITY (MAXVALUE 100), c bigint GENERATED ALWAYS AS IDENTITY, d int CHECK (d >
        0)); CREATE TABLE u (LIKE t INCLUDING ALL); CREATE TABLE v (LIKE u INCLUDING IDENTITY);
        CREATE VIEW w AS SELECT interval '1' hour AS a, '2'::interval minute AS b; CREATE TABLE i (a
        interval DEFAULT interval '3' hour, b interval day DEFAULT '3')""",
        # A default keeps the type that it had when the column's changes, and the index the collation
        # that its key ends with.
        """CREATE TYPE hue AS ENUM ('red', 'blue'); CREATE TABLE t (a hue DEFAULT 'red', b uuid
        DEFAULT '00000000-0000-0000-0000-000000000000', c numeric DEFAULT '5', d char(3) DEFAULT
        'x', e hue[] DEFAULT '{red}', f int DEFAULT 1, g jsonb, h varchar DEFAULT 'y'::text);
        ALTER TABLE t ALTER a TYPE text, ALTER b TYPE varchar, ALTER c TYPE bigint, ALTER d TYPE
        text, ALTER e TYPE text[], ALTER h TYPE text; ALTER TABLE t ALTER f TYPE boolean; ALTER
        TABLE t ALTER f TYPE jsonb USING NULL; ALTER TABLE t ALTER g TYPE int[]; ALTER TABLE t
        ALTER g TYPE text; CREATE INDEX ON t ((a COLLATE "C"), (lower(b) COLLATE "POSIX") DESC);
        CREATE INDEX ON t ((a || b COLLATE "C")); DROP TYPE hue CASCADE; CREATE TABLE u (d timestamp
        CHECK (d > '2020-01-01'), v varchar CHECK (v <> '')); CREATE INDEX ON u (date(d)); ALTER
        TABLE u ALTER d TYPE date; ALTER TABLE u ALTER v TYPE text; ALTER TABLE u ALTER v TYPE uuid
        USING v::uuid""",
        # Words that are keywords elsewhere name columns.
        """CREATE TABLE t (time timestamptz, position int, interval text, row int, values int);
        CREATE INDEX ON t (lower(interval)) WHERE position > 3 AND time IS NOT NULL; ALTER TABLE t
        ADD CHECK (row < 4 AND interval <> 'x' AND values > 0); CREATE VIEW v AS SELECT
        t.position + row AS n, row_to_json(x) AS j FROM t, (SELECT interval) x WHERE time < now()
        - interval '90 day'; UPDATE t SET interval = CASE WHEN interval = 'a' THEN 'b' ELSE
        interval END WHERE time > now(); CREATE VIEW w AS SELECT pid FROM pg_stat_activity""",
        # Views that one statement drops do not hold each other up; keys in a parenthesis are keys.
        """CREATE TABLE t (id int, g int); CREATE VIEW a AS SELECT * FROM t; CREATE VIEW b AS SELECT
        g, max(id) AS m FROM a GROUP BY ((g, id), g); CREATE VIEW c AS SELECT * FROM b; DROP VIEW a,
        b; DROP VIEW a, c, b; CREATE FUNCTION f() RETURNS TABLE (n bigint, k int) LANGUAGE sql AS
        'SELECT count(*), g FROM t GROUP BY g'; UPDATE t SET g = x.n FROM f() x WHERE x.k = t.g;
        CREATE VIEW d AS SELECT n FROM f(); CREATE TEMPORARY TABLE u AS WITH RECURSIVE q AS (SELECT
        1 AS n UNION ALL SELECT n + 1 FROM q WHERE n < 3) SELECT q AS r FROM q; DROP TABLE u""",
        """CREATE TABLE p (a int, b text) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR
        VALUES IN (1); ALTER TABLE p ALTER b SET STORAGE external, ALTER a SET STATISTICS 5; ALTER
        TABLE p ALTER b SET (n_distinct = 5); ALTER TABLE p ALTER b SET STORAGE extended; CREATE
        DOMAIN key AS text; CREATE TABLE q (k key PRIMARY KEY); CREATE TABLE r (k text REFERENCES
        q, l varchar REFERENCES q); CREATE TABLE s (k int REFERENCES q)""",
    ),
    "mysql": (
        # A view keeps the columns that `*` stood for, and the names that they had.
        """CREATE TABLE t (id int PRIMARY KEY, `Odd Column` int, `order` int); CREATE VIEW v AS
        SELECT * FROM t; CREATE VIEW w AS SELECT x.*, y.id AS other FROM t x JOIN t AS y ON y.id
        = x.id; ALTER TABLE t ADD b int; ALTER TABLE t RENAME COLUMN `order` TO o; DROP TABLE t;
        CREATE TABLE t (id int, `order` int); CREATE OR REPLACE VIEW v AS SELECT id FROM v""",
        """CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (a int, b int, CONSTRAINT k FOREIGN
        KEY (a) REFERENCES p (id), FOREIGN KEY (a) REFERENCES p (id), FOREIGN KEY (b) REFERENCES
        p (id)); RENAME TABLE c TO d; ALTER TABLE d ADD KEY (b, a); ALTER TABLE d DROP KEY b;
        ALTER TABLE d CHANGE b bb bigint; ALTER TABLE d ADD CHECK (a > bb); ALTER TABLE d DROP
        COLUMN bb""",
        """CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (a int, FOREIGN KEY (a) REFERENCES p
        (id)); ALTER TABLE c DROP FOREIGN KEY c_ibfk_1; ALTER TABLE c ADD CONSTRAINT k FOREIGN KEY (a)
        REFERENCES p (id); ALTER TABLE c RENAME TO c; RENAME TABLE c TO c""",
        """CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, j json, CHECK (id > 0)); CREATE TABLE
        t (id int AUTO_INCREMENT PRIMARY KEY, j json, a int CHECK (a > 0), b int); ALTER TABLE t
        RENAME COLUMN j TO k; ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t DROP PRIMARY
        KEY; ALTER TABLE t ADD UNIQUE (b, c); ALTER TABLE t DROP COLUMN b; ALTER TABLE t ALTER
        id SET DEFAULT 3; ALTER TABLE t ADD CONSTRAINT b CHECK (b > 1); ALTER TABLE t MODIFY b
        bigint NOT NULL FIRST""",
        # A primary key that begins with its columns serves a foreign key; as far as it is whole.
        """SET default_storage_engine = InnoDB; CREATE TABLE p (id char(9) PRIMARY KEY); CREATE
        TABLE a (p char(9) REFERENCES p (id), n int, PRIMARY KEY (p, n)); CREATE TABLE b (p char(9)
        REFERENCES p (id), n int, PRIMARY KEY (p(3), n)); CREATE TABLE c (p char(9) REFERENCES p
        (id), n int); ALTER TABLE c ADD PRIMARY KEY (p, n)""",
        # What INVISIBLE hides, no star shows, and what is not said again is lost.
        """CREATE TABLE t (a int, b int INVISIBLE, c int); CREATE VIEW v AS SELECT * FROM t; INSERT
        INTO t VALUES (1, 2); ALTER TABLE t RENAME COLUMN c TO d; ALTER TABLE t MODIFY b bigint;
        ALTER TABLE t MODIFY b int INVISIBLE; ALTER TABLE t CHANGE b e int INVISIBLE; RENAME TABLE t
        TO u; CREATE TABLE w SELECT u.* FROM u; ALTER TABLE u DROP COLUMN e; CREATE VIEW x AS SELECT
        * FROM u""",
        # Two columns take each other's names in one statement.
        """CREATE TABLE t (a int, b text, c int, KEY k (a)); ALTER TABLE t RENAME COLUMN a TO b,
        RENAME COLUMN b TO a; ALTER TABLE t CHANGE a b text, CHANGE b a int; ALTER TABLE t RENAME
        COLUMN c TO d, ADD c int""",
        # Partitions are given up from the end, and looked after without a change.
        """CREATE TABLE t (a int) PARTITION BY HASH (a) PARTITIONS 8; ALTER TABLE t COALESCE
        PARTITION 3; ALTER TABLE t COALESCE PARTITION 5; ALTER TABLE t ADD PARTITION PARTITIONS 2;
        ALTER TABLE t REBUILD PARTITION p0, p1; ALTER TABLE t ANALYZE PARTITION ALL; ALTER TABLE t
        OPTIMIZE PARTITION p0; ALTER TABLE t CHECK PARTITION p0; ALTER TABLE t REPAIR PARTITION p0""",
        # What only some servers run, and makes no difference to any.
        """/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */; CREATE TABLE t (a
        int); /*M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY */; CREATE DATABASE IF NOT EXISTS
        so_db /*!80016 DEFAULT ENCRYPTION='N' */; DROP DATABASE so_db; /*M! ALTER TABLE t ADD b int */;
        /*!80000 ALTER TABLE t ADD c int */; CREATE TABLE u (a int /*M!100200 , b int */); /*M!100100
        SET FOREIGN_KEY_CHECKS=0 */""",
        # What a table is partitioned by is renamed with the column.
        """CREATE TABLE t (a int, b int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10));
        ALTER TABLE t RENAME COLUMN a TO z; ALTER TABLE t CHANGE z y int; ALTER TABLE t DROP COLUMN y;
        ALTER TABLE t DROP COLUMN b; CREATE TABLE d (d date, e int) PARTITION BY RANGE (year(d))
        (PARTITION d VALUES LESS THAN (2020)); ALTER TABLE d RENAME COLUMN d TO year; RENAME TABLE d TO
        e; CREATE TABLE s (a int, b int) PARTITION BY RANGE (a) SUBPARTITION BY HASH (b) SUBPARTITIONS 2
        (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (30)); ALTER TABLE s RENAME
        COLUMN a TO z; ALTER TABLE s DROP PARTITION p0; RENAME TABLE s TO u; ALTER TABLE u DROP COLUMN
        b; CREATE TABLE k (a int, b int, PRIMARY KEY (a, b)) PARTITION BY KEY (a, b) PARTITIONS 2; ALTER
        TABLE k RENAME COLUMN b TO c""",
        # Accounts and privileges are the server's.
        """CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE PROCEDURE p() SELECT 1;
        CREATE OR REPLACE USER 'so_x'@'localhost' IDENTIFIED BY 'x'; GRANT SELECT ON t TO
        'so_x'@'localhost'; GRANT SELECT (a), UPDATE ON TABLE v TO so_x@localhost WITH GRANT OPTION;
        GRANT EXECUTE ON PROCEDURE p TO so_x@localhost; GRANT SELECT ON nowhere TO so_x@localhost;
        GRANT CREATE ON nowhere TO so_x@localhost; REVOKE ALL PRIVILEGES, GRANT OPTION FROM
        so_x@localhost; GRANT ALL ON so_none.* TO so_x@localhost; REVOKE SELECT ON so_none.* FROM
        so_x@localhost; ALTER USER so_x@localhost IDENTIFIED BY 'y'; RENAME USER so_x@localhost TO
        so_y@localhost; CREATE OR REPLACE ROLE so_r; GRANT so_r TO so_y@localhost; SET DEFAULT ROLE
        so_r FOR so_y@localhost; DROP ROLE so_r; DROP USER so_y@localhost""",
        # A length that is all of the column's is none, and what is unique twice has one key.
        """CREATE TABLE t (id serial UNIQUE, a varchar(9) UNIQUE UNIQUE, b text NOT NULL, PRIMARY
        KEY (b(7)), KEY (a(9)), KEY (a(8))); CREATE UNIQUE INDEX i ON t (a(9), b(3)); CREATE
        UNIQUE INDEX j ON t (a(9), id)""",
    ),
}


@pytest.mark.parametrize(
    ("dialect", "script"),
    [(dialect, script) for dialect, scripts in SCRIPTS.items() for script in scripts],
)
def test_what_once_parted_them(dialect: str, script: str, request: pytest.FixtureRequest) -> None:
    names = {"sqlite": "sqlite_url", "postgres": "postgres_url", "mysql": "mysql_url"}
    url = request.getfixturevalue(names[dialect])
    with open_database(url).connect(create=True) as connection:
        if dialect != "mysql":
            connection.begin()
        pair = Pair(connection)
        for statement in split(script, dialect):
            pair.tell(statement)
        if dialect != "mysql":
            connection.rollback()


# -- statements drawn in context

STEPS = 8


def _follow(draw: st.DrawFn, connection: Connection) -> None:
    pair = Pair(connection)
    for _ in range(STEPS):
        (statement,) = split(draw_statement(draw, pair.schema), pair.dialect)
        pair.tell(statement)


@pytest.fixture(scope="module")
def postgres(postgres_server: Server) -> Iterator[Connection]:
    with fresh_database(postgres_server) as url, open_database(url).connect() as connection:
        yield connection


def _on_new_database(server: Server, follow: Callable[[Connection], None]) -> None:
    with fresh_database(server) as url, open_database(url).connect(create=True) as connection:
        follow(connection)


@settings(max_examples=100)
@given(data=st.data())
def test_sqlite(sqlite_server: Server, data: st.DataObject) -> None:
    _on_new_database(sqlite_server, lambda connection: _follow(data.draw, connection))


@settings(max_examples=30)
@given(data=st.data())
def test_postgres(postgres: Connection, data: st.DataObject) -> None:
    postgres.begin()
    try:
        _follow(data.draw, postgres)
    finally:
        postgres.rollback()


@settings(max_examples=20)
@given(data=st.data())
def test_mariadb(mariadb_server: Server, data: st.DataObject) -> None:
    _on_new_database(mariadb_server, lambda connection: _follow(data.draw, connection))
