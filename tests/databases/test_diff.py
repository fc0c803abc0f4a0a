"""`diff --sql` on the engines: its script, run on one schema, gives the other, there and back.

Each pair is one thing that stands in the way of another: what depends on what changes, names that
change hands, orders in which one statement would be refused.
"""

from __future__ import annotations

import pytest

from schemaops.database.connect import open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.sql.interpret import interpret
from schemaops.sql.render import client_script, render
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

Pairs = dict[str, tuple[str, str]]

POSTGRES: Pairs = {
    "a type under a view, an index, a policy and a generated column": (
        """CREATE TABLE t (id int PRIMARY KEY, n int, g int GENERATED ALWAYS AS (n + 1) STORED);
        CREATE INDEX i ON t (n) WHERE n > 3; CREATE VIEW v AS SELECT n, g FROM t WHERE n > 0;
        CREATE VIEW w AS SELECT n FROM v; CREATE MATERIALIZED VIEW m AS SELECT n FROM w;
        CREATE UNIQUE INDEX mi ON m (n); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON t USING (n > 1); COMMENT ON VIEW v IS 'kept'""",
        """CREATE TABLE t (id int PRIMARY KEY, n bigint, g bigint GENERATED ALWAYS AS (n + 1) STORED);
        CREATE INDEX i ON t (n) WHERE n > 3; CREATE VIEW v AS SELECT n, g FROM t WHERE n > 0;
        CREATE VIEW w AS SELECT n FROM v; CREATE MATERIALIZED VIEW m AS SELECT n FROM w;
        CREATE UNIQUE INDEX mi ON m (n); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON t USING (n > 1); COMMENT ON VIEW v IS 'kept'""",
    ),
    "an enum that grows, in the middle and with a default of the new label": (
        """CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'sad'); CREATE VIEW v AS SELECT m FROM t""",
        """CREATE TYPE mood AS ENUM ('sad', 'so-so', 'happy');
        CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'so-so', l mood[] DEFAULT '{so-so}');
        CREATE VIEW v AS SELECT m FROM t WHERE m = 'so-so'""",
    ),
    "an enum that shrinks under columns, checks, indexes, views and functions": (
        """CREATE TYPE mood AS ENUM ('sad', 'so-so', 'happy'); CREATE TYPE pair AS (a mood, b int);
        CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'sad' CHECK (m <> 'happy'), l mood[]);
        CREATE INDEX i ON t (m) WHERE m = 'sad'; CREATE VIEW v AS SELECT m FROM t;
        CREATE FUNCTION f(m mood) RETURNS mood LANGUAGE sql AS 'SELECT $1'""",
        """CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'sad' CHECK (m <> 'happy'), l mood[]);
        CREATE INDEX i ON t (m) WHERE m = 'sad'; CREATE VIEW v AS SELECT m FROM t;
        CREATE FUNCTION f(m mood) RETURNS mood LANGUAGE sql AS 'SELECT $1'""",
    ),
    "an enum that becomes a text, under what compares it": (
        """CREATE TYPE st AS ENUM ('a', 'b'); CREATE TABLE t (s st NOT NULL DEFAULT 'a');
        CREATE INDEX i ON t (s) WHERE s = 'b'; CREATE VIEW v AS SELECT s FROM t WHERE s <> 'a';
        CREATE FUNCTION f(x st DEFAULT 'a') RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE POLICY p ON t USING (s = 'a'); ALTER TABLE t ADD CONSTRAINT k CHECK (s <> 'b')""",
        """CREATE TABLE t (s text NOT NULL DEFAULT 'a' CHECK (s IN ('a', 'b')));
        CREATE INDEX i ON t (s) WHERE s = 'b'; CREATE VIEW v AS SELECT s FROM t WHERE s <> 'a';
        CREATE POLICY p ON t USING (s = 'a'); ALTER TABLE t ADD CONSTRAINT k CHECK (s <> 'b')""",
    ),
    "foreign keys in a circle": (
        "CREATE TABLE x (id int PRIMARY KEY)",
        """CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int);
        ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b; ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a;
        CREATE TABLE s (id int PRIMARY KEY, up int REFERENCES s)""",
    ),
    "a key that a foreign key needs, whose name another still has": (
        """CREATE TABLE u (id int CONSTRAINT k9 PRIMARY KEY, n int);
        CREATE TABLE o (id int, n int)""",
        """CREATE TABLE u (n int); CREATE TABLE o (id int CONSTRAINT k9 PRIMARY KEY, n int);
        CREATE TABLE c (o int REFERENCES o (id)); ALTER TABLE u ADD COLUMN o int REFERENCES o (id)""",
    ),
    "partitions that come, go and move": (
        """CREATE TABLE p (id int, at date NOT NULL, n int) PARTITION BY RANGE (at);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')""",
        """CREATE TABLE p (id int, at date NOT NULL, n bigint, PRIMARY KEY (id, at))
        PARTITION BY RANGE (at); CREATE INDEX pn ON p (n);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2020-07-01');
        CREATE TABLE p2 (id int NOT NULL, at date NOT NULL, n bigint);
        CREATE TABLE p3 PARTITION OF p DEFAULT""",
    ),
    "tables that become partitioned, or by another key, and cease to be": (
        """CREATE TABLE p (a int PRIMARY KEY) PARTITION BY RANGE (a);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5);
        CREATE TABLE q (p int REFERENCES p); CREATE VIEW v AS SELECT a FROM p;
        GRANT SELECT ON p TO PUBLIC; COMMENT ON TABLE p IS 'kept';
        CREATE TABLE m (a int, b int) PARTITION BY HASH (a);
        CREATE TABLE m0 PARTITION OF m FOR VALUES WITH (modulus 2, remainder 0);
        CREATE INDEX mi ON m (b); CREATE POLICY po ON m USING (a > 1)""",
        """CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE q (p int REFERENCES p ON DELETE CASCADE);
        CREATE VIEW v AS SELECT a FROM p;
        GRANT SELECT ON p TO PUBLIC; COMMENT ON TABLE p IS 'kept';
        CREATE TABLE m (a int, b int) PARTITION BY HASH (b);
        CREATE TABLE m0 PARTITION OF m FOR VALUES WITH (modulus 2, remainder 0);
        CREATE INDEX mi ON m (b); CREATE POLICY po ON m USING (a > 1)""",
    ),
    "foreign keys that go with a column, and the keys that they refer to": (
        """CREATE TABLE t (a int, b int, PRIMARY KEY (a, b));
        CREATE TABLE u (a int, b int, FOREIGN KEY (a, b) REFERENCES t); CREATE TABLE k (a int)""",
        """CREATE TABLE t (a int, b int, c int, PRIMARY KEY (b, a), UNIQUE (c));
        CREATE TABLE u (a int, b int, d int, FOREIGN KEY (a, b) REFERENCES t (a, b) MATCH FULL,
        FOREIGN KEY (d) REFERENCES t (c)); CREATE TABLE k (a int UNIQUE, b int REFERENCES k (a))""",
    ),
    "functions that triggers, defaults, checks and views call": (
        """CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n';
        CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT f(1), CHECK (f(n) > 0),
        g bigint GENERATED ALWAYS AS (f(n)) STORED UNIQUE);
        CREATE INDEX i ON t (f(n)); CREATE VIEW v AS SELECT f(n) AS n FROM t;
        CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g()""",
        """CREATE FUNCTION f(n int) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT n::bigint + 1';
        CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT f(1), CHECK (f(n) > 0),
        g bigint GENERATED ALWAYS AS (f(n)) STORED UNIQUE);
        CREATE INDEX i ON t (f(n)); CREATE VIEW v AS SELECT f(n) AS n FROM t;
        CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.n := 1; RETURN new; END';
        CREATE TRIGGER tr AFTER INSERT OR UPDATE OF n ON t FOR EACH ROW
        WHEN (new.n > 1) EXECUTE FUNCTION g()""",
    ),
    "domains and composites under columns": (
        """CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TYPE c AS (a int, b text);
        CREATE TABLE t (id d PRIMARY KEY, c c)""",
        """CREATE DOMAIN d AS int DEFAULT 2 CHECK (VALUE > 1); CREATE TYPE c AS (a int, z text);
        CREATE TYPE r AS RANGE (subtype = int); CREATE TABLE t (id d PRIMARY KEY, c c, r r)""",
    ),
    "a serial, an identity and a plain column change places": (
        """CREATE TABLE t (a serial PRIMARY KEY, b int GENERATED ALWAYS AS IDENTITY, c int NOT NULL);
        CREATE SEQUENCE own OWNED BY t.c""",
        """CREATE TABLE t (a int PRIMARY KEY, b serial, c int GENERATED BY DEFAULT AS IDENTITY);
        CREATE SEQUENCE own""",
    ),
    "columns, tables and indexes change names": (
        """CREATE TABLE a (x int, y int); CREATE INDEX ai ON a (x); CREATE TABLE b (z int);
        CREATE VIEW v AS SELECT x FROM a""",
        """CREATE TABLE b (x int, y int); CREATE INDEX bi ON b (x); CREATE TABLE a (z int);
        CREATE VIEW v AS SELECT z AS x FROM a""",
    ),
    "schemas, extensions apart": (
        """CREATE SCHEMA one; CREATE TABLE one.t (id int PRIMARY KEY);
        CREATE TABLE u (t int REFERENCES one.t)""",
        """CREATE SCHEMA two; CREATE TABLE two.t (id int PRIMARY KEY);
        CREATE TABLE u (t int REFERENCES two.t)""",
    ),
    "rights, comments and options": (
        """CREATE TABLE t (id int, n text) WITH (fillfactor = 70); GRANT SELECT ON t TO PUBLIC;
        COMMENT ON COLUMN t.n IS 'a'; CREATE VIEW v AS SELECT id FROM t; GRANT ALL ON v TO PUBLIC""",
        """CREATE TABLE t (id int, n varchar(9) COLLATE "C") WITH (fillfactor = 80);
        GRANT UPDATE (n) ON t TO PUBLIC; COMMENT ON COLUMN t.n IS 'b';
        CREATE VIEW v WITH (security_barrier) AS SELECT id, n FROM t; GRANT SELECT ON v TO PUBLIC""",
    ),
    "a table that becomes a view": (
        "CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t",
        "CREATE TABLE b (id int); CREATE VIEW t AS SELECT id FROM b; CREATE TABLE v (id int)",
    ),
}

SQLITE: Pairs = {
    "a parent with children is made anew": (
        """CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE INDEX i ON p (n);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE);
        CREATE TRIGGER tr AFTER INSERT ON c BEGIN UPDATE p SET n = 'x'; END;
        CREATE VIEW v AS SELECT p.n FROM p JOIN c ON c.p = p.id""",
        """CREATE TABLE p (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 3 CHECK (n <> 7)) STRICT;
        CREATE INDEX i ON p (n DESC);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE SET NULL);
        CREATE TRIGGER tr AFTER INSERT ON c BEGIN UPDATE p SET n = 1; END;
        CREATE VIEW v AS SELECT p.n FROM p JOIN c ON c.p = p.id""",
    ),
    "a foreign key to a column that goes": (
        """CREATE TABLE o ("order" INT PRIMARY KEY NOT NULL, u TEXT);
        CREATE TABLE i (e INT PRIMARY KEY NOT NULL, b REAL REFERENCES o ("order"),
        CONSTRAINT k3 FOREIGN KEY (b) REFERENCES o ("order") ON DELETE CASCADE)""",
        """CREATE TABLE o (total INT PRIMARY KEY, u TEXT);
        CREATE TABLE i (x INTEGER PRIMARY KEY AUTOINCREMENT, b bigint)""",
    ),
    "a view of every column, in their order": (
        "CREATE TABLE o (a TEXT, b TEXT); CREATE VIEW v AS SELECT * FROM o",
        "CREATE TABLE o (c INT, b TEXT, a TEXT); CREATE VIEW v AS SELECT * FROM o",
    ),
    "without rowid, autoincrement and generated": (
        "CREATE TABLE t (a INT NOT NULL, b TEXT, PRIMARY KEY (a)) WITHOUT ROWID",
        """CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT COLLATE NOCASE,
        g TEXT AS (b || a)); CREATE INDEX gi ON t (g, lower(b)) WHERE b IS NOT NULL""",
    ),
    "tables that change names, with views over views": (
        """CREATE TABLE a (x INT, y INT); CREATE TABLE b (z INT);
        CREATE VIEW v AS SELECT x FROM a; CREATE VIEW w AS SELECT x FROM v""",
        """CREATE TABLE b (x INT, y INT); CREATE TABLE a (z INT);
        CREATE VIEW v AS SELECT z AS x FROM a; CREATE VIEW w AS SELECT x + 1 AS x FROM v""",
    ),
    "a table that becomes a view": (
        "CREATE TABLE t (id INT); CREATE VIEW v AS SELECT id FROM t",
        "CREATE TABLE b (id INT); CREATE VIEW t AS SELECT id FROM b; CREATE TABLE v (id INT)",
    ),
    "triggers of views and of tables made anew": (
        """CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT); CREATE VIEW v AS SELECT id, a FROM t;
        CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END;
        CREATE TRIGGER u AFTER UPDATE OF b ON t BEGIN SELECT 1; END""",
        """CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE VIEW v AS SELECT id, a FROM t;
        CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a || ';'); END;
        CREATE TRIGGER u AFTER UPDATE OF a ON t WHEN new.a <> ';' BEGIN SELECT 1; SELECT 2; END""",
    ),
}

MYSQL: Pairs = {
    "a column's own check, and the column's name": (
        """CREATE TABLE t (a varchar(20) CHECK (length(a) > 1), n int);
        ALTER TABLE t RENAME COLUMN a TO b""",
        "CREATE TABLE t (b varchar(30) DEFAULT 'abc' CHECK (length(b) > 1), n int)",
    ),
    "foreign keys in a circle, over columns that change": (
        """CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int);
        ALTER TABLE a ADD CONSTRAINT ab FOREIGN KEY (b) REFERENCES b (id);
        ALTER TABLE b ADD CONSTRAINT ba FOREIGN KEY (a) REFERENCES a (id)""",
        """CREATE TABLE a (id bigint PRIMARY KEY, b bigint, c int);
        CREATE TABLE b (id bigint PRIMARY KEY, a bigint);
        ALTER TABLE a ADD CONSTRAINT ab FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE;
        ALTER TABLE b ADD CONSTRAINT ba FOREIGN KEY (a) REFERENCES a (id)""",
    ),
    "foreign keys whose index the server named": (
        """CREATE TABLE a (id int PRIMARY KEY);
        CREATE TABLE b (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES a (id));
        CREATE TABLE c (a int, KEY own (a), CONSTRAINT f FOREIGN KEY (a) REFERENCES a (id))""",
        """CREATE TABLE a (id bigint PRIMARY KEY);
        CREATE TABLE b (id bigint PRIMARY KEY, a bigint, FOREIGN KEY (a) REFERENCES a (id));
        CREATE TABLE c (a bigint, KEY own (a), CONSTRAINT f FOREIGN KEY (a) REFERENCES a (id))""",
    ),
    "a key that counts, and the primary key": (
        "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, n int, KEY nn (n))",
        "CREATE TABLE t (id int, n int AUTO_INCREMENT, m varchar(9), PRIMARY KEY (n), KEY nn (m(3)))",
    ),
    "enums, collations, comments and engines": (
        "CREATE TABLE t (e enum('a','b') DEFAULT 'a', s set('x'), c varchar(9)) COMMENT 'one'",
        """CREATE TABLE t (e enum('b','c','a') NOT NULL DEFAULT 'a', s set('x','y') COMMENT 'two',
        c varchar(9) CHARACTER SET latin1, u timestamp NULL ON UPDATE CURRENT_TIMESTAMP)
        COMMENT 'two', DEFAULT CHARSET = utf8mb4""",
    ),
    "routines and triggers with bodies": (
        """CREATE TABLE t (id int PRIMARY KEY, n int);
        CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a + 1;
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET new.n = f(1)""",
        """CREATE TABLE t (id int PRIMARY KEY, n bigint);
        CREATE FUNCTION f(a int, b int) RETURNS int DETERMINISTIC
        BEGIN DECLARE x int; SET x = a; RETURN x; END;
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN SET new.n = 1; SET new.n = f(1, 2); END;
        CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END""",
    ),
    "views over what changes": (
        """CREATE TABLE t (id int PRIMARY KEY, n int, m int); CREATE VIEW v AS SELECT n FROM t;
        CREATE VIEW w AS SELECT n FROM v""",
        """CREATE TABLE t (id int PRIMARY KEY, n varchar(9)); CREATE VIEW v AS SELECT n, id FROM t;
        CREATE VIEW w AS SELECT id FROM v; CREATE VIEW u AS SELECT * FROM t""",
    ),
    "tables and indexes that change names": (
        """CREATE TABLE a (x int, y int, KEY k (x)); CREATE TABLE b (z int);
        CREATE TABLE c (id int PRIMARY KEY)""",
        """CREATE TABLE b (x int, y int, UNIQUE KEY k (x)); CREATE TABLE a (z int, KEY q (z));
        CREATE TABLE d (id int PRIMARY KEY, c int, CONSTRAINT f FOREIGN KEY (c) REFERENCES d (id))""",
    ),
    "generated columns, partitions and places": (
        "CREATE TABLE t (a int, b int AS (a + 1) STORED, c int, KEY (b))",
        """CREATE TABLE t (c bigint, a bigint, d int NOT NULL DEFAULT 3, b bigint AS (a + 2) VIRTUAL)
        PARTITION BY HASH (d) PARTITIONS 2""",
    ),
}

PAIRS = [
    pytest.param(dialect, *pair, id=f"{dialect}: {name}")
    for dialect, pairs in (("postgres", POSTGRES), ("sqlite", SQLITE), ("mysql", MYSQL))
    for name, pair in pairs.items()
]


@pytest.mark.parametrize(("dialect", "one", "other"), PAIRS)
def test_the_script_leads_there_and_back(
    dialect: str, one: str, other: str, request: pytest.FixtureRequest
) -> None:
    names = {"sqlite": "sqlite_server", "postgres": "postgres_server", "mysql": "mariadb_server"}
    server: Server = request.getfixturevalue(names[dialect])
    _leads(server, one, other)
    _leads(server, other, one)


def _leads(server: Server, one: str, other: str) -> None:
    dialect = server.dialect
    with (
        fresh_database(server) as here,
        fresh_database(server) as there,
        open_database(here).connect(create=True) as connection,
        open_database(there).connect(create=True) as wanted,
    ):
        for each, text in ((connection, one), (wanted, other)):
            for statement in split(text, dialect):
                each.execute(statement.text)
        before, after = observe(connection), observe(wanted)
        # It is the one that is interpreted, without a database, too.
        assert interpret(one, dialect=dialect).after == before
        text = client_script(render(diff(before, after), before), dialect)
        for statement in split(text, dialect):
            try:
                connection.execute(statement.text)
            except DatabaseFailure as failure:
                pytest.fail(f"{statement.text}\n{failure.message}\n\n{text}")
        assert observe(connection) == after, text
