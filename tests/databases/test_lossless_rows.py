"""Whatever a statement does to rows is undone in lossless mode, on each engine that knows the statement."""

from __future__ import annotations

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.observe import observe
from schemaops.database.rows import differences, read_rows
from schemaops.diff import diff
from schemaops.reverse import lossless
from schemaops.sql.interpret import interpret

BASE = """
CREATE TABLE shop (id int PRIMARY KEY, town varchar(30) NOT NULL, room int DEFAULT 3, boss int,
    FOREIGN KEY (boss) REFERENCES shop (id));
CREATE TABLE sale (id int PRIMARY KEY, shop int, n int, note varchar(40) UNIQUE,
    FOREIGN KEY (shop) REFERENCES shop (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE line (sale int, what varchar(20), n int,
    FOREIGN KEY (sale) REFERENCES sale (id) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE heap (a int, b varchar(20));
CREATE TABLE seen (id int PRIMARY KEY, n int);
INSERT INTO shop VALUES (1, 'Ulm', 5, NULL), (2, 'Bonn', NULL, 1), (3, 'Jena', 7, 2);
INSERT INTO sale VALUES (1, 1, 7, 'glass'), (2, 2, 9, NULL), (3, NULL, 4, 'books'), (4, 2, 1, 'x');
INSERT INTO line VALUES (1, 'a', 1), (1, 'a', 1), (2, 'b', 2), (NULL, NULL, NULL);
INSERT INTO heap VALUES (1, 'x'), (1, 'x'), (2, NULL), (1, 'X'), (NULL, NULL);
INSERT INTO seen VALUES (1, 0)
"""
TRIGGERS = {
    "postgres": """
CREATE FUNCTION count_it() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE seen SET n = n + 1; INSERT INTO seen SELECT max(id) + 1, 7 FROM seen; RETURN NEW; END $$;
CREATE TRIGGER counted AFTER INSERT ON heap FOR EACH ROW EXECUTE FUNCTION count_it()""",
    "mysql": """
CREATE TRIGGER counted AFTER INSERT ON heap FOR EACH ROW UPDATE seen SET n = n + 1""",
    "sqlite": """
CREATE TRIGGER counted AFTER INSERT ON heap BEGIN UPDATE seen SET n = n + 1; END""",
}

# What is done, and the dialects that know it.
CHANGES = {
    "joined update": (
        "UPDATE sale SET n = shop.room FROM shop WHERE shop.id = sale.shop",
        "postgres sqlite",
    ),
    "update of two": (
        """
            UPDATE sale JOIN shop ON shop.id = sale.shop SET sale.n = 0, shop.room = 1
        """,
        "mysql",
    ),
    "joined delete": (
        "DELETE FROM sale USING shop WHERE shop.id = sale.shop AND room > 1",
        "postgres",
    ),
    "delete of one": (
        "DELETE sale FROM sale JOIN shop ON shop.id = sale.shop",
        "mysql",
    ),
    "by a query": (
        "DELETE FROM sale WHERE shop IN (SELECT id FROM shop WHERE room > 1)",
        "all",
    ),
    "with": (
        """
            WITH big AS (SELECT id FROM shop WHERE room > 1) DELETE FROM sale WHERE shop IN
                (SELECT id FROM big)
        """,
        "postgres sqlite",
    ),
    "some": (
        "DELETE FROM sale ORDER BY n LIMIT 2",
        "mysql",
    ),
    "some changed": (
        "UPDATE heap SET b = 'q' ORDER BY a LIMIT 2",
        "mysql",
    ),
    "by chance": (
        "DELETE FROM heap WHERE random() < 0.5",
        "postgres",
    ),
    "upsert": (
        """
            INSERT INTO sale VALUES (1, 1, 1, 'new'), (9, 1, 1, 'nine') ON CONFLICT (id) DO
                UPDATE SET n = 99, note = excluded.note
        """,
        "postgres sqlite",
    ),
    "upsert of MySQL": (
        """
            INSERT INTO sale VALUES (1, 1, 1, 'new'), (9, 1, 1, 'nine') ON DUPLICATE KEY UPDATE
                n = 99
        """,
        "mysql",
    ),
    "what is not there": (
        "INSERT INTO seen VALUES (1, 5), (2, 6) ON CONFLICT DO NOTHING",
        "postgres sqlite",
    ),
    "what is not there in MySQL": (
        "INSERT IGNORE INTO seen VALUES (1, 5), (2, 6)",
        "mysql",
    ),
    "replace": (
        "REPLACE INTO sale VALUES (1, 1, 1, 'x'), (9, 1, 1, 'nine')",
        "mysql sqlite",
    ),
    "replace a parent": (
        "REPLACE INTO shop VALUES (1, 'Kiel', 1, NULL)",
        "sqlite",
    ),
    "merge": (
        """
            MERGE INTO sale USING shop ON sale.id = shop.id WHEN MATCHED AND shop.id = 1 THEN
                DELETE WHEN MATCHED THEN UPDATE SET n = shop.room WHEN NOT MATCHED THEN INSERT
                VALUES (shop.id, shop.id, 0, NULL)
        """,
        "postgres",
    ),
    "rows moved": (
        """
            WITH gone AS (DELETE FROM heap WHERE a = 1 RETURNING *) INSERT INTO seen SELECT 5,
                sum(a) FROM gone
        """,
        "postgres",
    ),
    "cascade": (
        """
            DELETE FROM shop WHERE id = 3;
            DELETE FROM sale WHERE id = 1;
            UPDATE shop SET boss = NULL;
            DELETE FROM shop WHERE id = 2
        """,
        "all",
    ),
    "a key that moves along": (
        "UPDATE sale SET id = id + 10",
        "all",
    ),
    "a key that steps": (
        """
            UPDATE sale SET id = id + 10 WHERE id > 2;
            UPDATE sale SET id = 3 WHERE id = 14
        """,
        "all",
    ),
    "bosses": (
        "UPDATE shop SET boss = NULL; DELETE FROM sale; DELETE FROM shop",
        "all",
    ),
    "heap": (
        "UPDATE heap SET a = 3, b = 'y' WHERE a = 1",
        "all",
    ),
    "heap wholly": (
        """
            UPDATE heap SET a = 3, b = 'y';
            DELETE FROM heap;
            INSERT INTO heap VALUES (1, 'x'), (1, 'x')
        """,
        "all",
    ),
    "heap in part": (
        """
            DELETE FROM heap WHERE b = 'x';
            INSERT INTO heap SELECT a, b FROM heap
        """,
        "all",
    ),
    "heap without a column": (
        "ALTER TABLE heap DROP COLUMN b",
        "all",
    ),
    "line without a column": (
        "ALTER TABLE line DROP COLUMN what",
        "all",
    ),
    "triggered": (
        "INSERT INTO heap VALUES (1, 'x'), (7, 'q')",
        "all",
    ),
    "literal": (
        """
            INSERT INTO seen VALUES (2, 5);
            INSERT INTO seen (id) VALUES (3);
            INSERT INTO sale VALUES (5, 1, 1, 'z')
        """,
        "all",
    ),
    "empty": (
        "TRUNCATE TABLE heap",
        "postgres mysql",
    ),
    "a parent": (
        "DROP TABLE sale",
        "sqlite",
    ),
    "parents": (
        "UPDATE shop SET boss = NULL; DROP TABLE shop",
        "sqlite",
    ),
    "empty all": (
        "TRUNCATE shop CASCADE",
        "postgres",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_rows_come_back(change: str, engine_url: str) -> None:
    sql, dialects = CHANGES[change]
    database = open_database(engine_url)
    if dialects != "all" and database.dialect not in dialects.split():
        pytest.skip(f"{database.dialect} has no such statement")
    there_and_back(database.dialect, engine_url, f"{BASE};{TRIGGERS[database.dialect]}", sql)
    database.close()


KINDS = {
    "types that go": (
        """
            CREATE TYPE mood AS ENUM ('sad', 'ok');
            CREATE TABLE who (id int PRIMARY KEY, m mood, ms mood[]);
            INSERT INTO who VALUES (1, 'ok', '{sad,ok}'), (2, NULL, NULL)
        """,
        "ALTER TABLE who DROP COLUMN m, DROP COLUMN ms; DROP TYPE mood",
    ),
    "a type and what used it": (
        """
            CREATE TYPE mood AS ENUM ('sad', 'ok');
            CREATE TABLE who (id int PRIMARY KEY, m mood);
            INSERT INTO who VALUES (1, 'ok'), (2, NULL)
        """,
        "DROP TYPE mood CASCADE",
    ),
    "a table and its type": (
        """
            CREATE TYPE mood AS ENUM ('sad', 'ok');
            CREATE DOMAIN few AS int CHECK (VALUE < 9);
            CREATE TABLE who (id int PRIMARY KEY, m mood, f few);
            INSERT INTO who VALUES (1, 'ok', 3)
        """,
        "DROP TABLE who; DROP TYPE mood; DROP DOMAIN few",
    ),
    "a value of an enum": (
        """
            CREATE TYPE mood AS ENUM ('sad', 'ok', 'so');
            CREATE TABLE who (id int PRIMARY KEY, m mood NOT NULL DEFAULT 'so');
            INSERT INTO who VALUES (1, 'ok'), (2, 'so')
        """,
        """
            UPDATE who SET m = 'sad' WHERE m = 'so';
            ALTER TABLE who ALTER m DROP DEFAULT;
            ALTER TYPE mood RENAME TO old_mood;
            CREATE TYPE mood AS ENUM ('sad', 'ok');
            ALTER TABLE who ALTER m TYPE mood USING m::text::mood;
            DROP TYPE old_mood
        """,
    ),
    "sequences begin anew": (
        """
            CREATE TABLE who (id serial PRIMARY KEY, g int GENERATED BY DEFAULT AS IDENTITY);
            INSERT INTO who DEFAULT VALUES;
            INSERT INTO who DEFAULT VALUES
        """,
        "TRUNCATE who RESTART IDENTITY",
    ),
    "a column that counts": (
        """
            CREATE TABLE who (id int PRIMARY KEY, n serial, g int GENERATED ALWAYS AS IDENTITY);
            INSERT INTO who VALUES (1), (2), (3)
        """,
        "ALTER TABLE who DROP COLUMN n; ALTER TABLE who DROP COLUMN g",
    ),
    "a sequence": (
        "CREATE SEQUENCE s; SELECT nextval('s'); SELECT nextval('s')",
        "DROP SEQUENCE s",
    ),
    "identity that is always given": (
        """
            CREATE TABLE who (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
            INSERT INTO who (n) VALUES (1), (2);
            CREATE TABLE x (id int REFERENCES who ON DELETE CASCADE);
            INSERT INTO x VALUES (1)
        """,
        """
            UPDATE who SET n = n + (SELECT max(n) FROM who);
            DELETE FROM who WHERE id = 1
        """,
    ),
    "narrower": (
        """
            CREATE TABLE who (id int PRIMARY KEY, v varchar(20), n numeric(9, 4), t timestamptz,
                i int);
            INSERT INTO who VALUES (1, 'abcdef', 1.2345, '2030-01-02 03:04:05+00', 7), (2, NULL,
                NULL, NULL, NULL)
        """,
        """
            ALTER TABLE who ALTER v TYPE varchar(3) USING left(v, 3), ALTER n TYPE numeric(9,
                1), ALTER t TYPE date,ALTER i TYPE smallint
        """,
    ),
    "a sequence of another type": (
        "CREATE SEQUENCE s; SELECT nextval('s')",
        "ALTER SEQUENCE s AS smallint",
    ),
    "of another type without a key": (
        """
            CREATE TABLE who (done boolean, n int);
            INSERT INTO who VALUES (true, 1), (true, 1), (false, NULL), (NULL, NULL)
        """,
        """
            CREATE TYPE state AS ENUM ('open', 'done');
            ALTER TABLE who ALTER done TYPE state
                USING CASE WHEN done THEN 'done' ELSE 'open' END::state
        """,
    ),
    "narrower without a key": (
        """
            CREATE TYPE mood AS ENUM ('sad', 'ok');
            CREATE TABLE who (v varchar(20), n int, m mood);
            INSERT INTO who VALUES ('abcdef', 1, 'ok'), ('abcxxx', 1, 'ok'), ('abcxxx', 1, 'ok');
            INSERT INTO who VALUES (NULL, NULL, NULL)
        """,
        "ALTER TABLE who ALTER v TYPE varchar(3) USING left(v, 3), DROP COLUMN m",
    ),
    "twice in the archive": (
        """
            CREATE TABLE who (id serial PRIMARY KEY, n int UNIQUE);
            CREATE INDEX by_n ON who (n, id);
            INSERT INTO who (n) VALUES (1), (2)
        """,
        """
            DROP TABLE who;
            CREATE TABLE who (id serial PRIMARY KEY, n int UNIQUE);
            CREATE INDEX by_n ON who (n, id);
            DROP TABLE who
        """,
    ),
    "filled and then required": (
        """
            CREATE TABLE who (id int PRIMARY KEY, n int);
            INSERT INTO who VALUES (1, NULL), (2, 2)
        """,
        """
            UPDATE who SET n = 0 WHERE n IS NULL;
            ALTER TABLE who ALTER n SET NOT NULL
        """,
    ),
    "computed": (
        """
            CREATE TABLE who (id int PRIMARY KEY, n int, d int GENERATED ALWAYS AS (n * 2)
                STORED);
            INSERT INTO who VALUES (1, 4), (2, NULL)
        """,
        "ALTER TABLE who DROP COLUMN d",
    ),
    "a schema": (
        """
            CREATE SCHEMA s;
            CREATE TYPE s.mood AS ENUM ('ok');
            CREATE TABLE s.who (id serial PRIMARY KEY, m s.mood);
            INSERT INTO s.who (m) VALUES ('ok'), (NULL)
        """,
        "DROP SCHEMA s CASCADE",
    ),
    "what others look at": (
        """
            CREATE TABLE who (id int PRIMARY KEY, n int);
            CREATE VIEW seen AS SELECT n FROM who;
            CREATE TABLE x (id int REFERENCES who);
            INSERT INTO who VALUES (1, 2);
            INSERT INTO x VALUES (1), (NULL)
        """,
        "DROP TABLE who CASCADE",
    ),
    "names that need quotes": (
        """
            CREATE TABLE "Odd ""name" (id int PRIMARY KEY, "Va lue" int, "or'der" text);
            INSERT INTO "Odd ""name" VALUES (1, 2, $$x$$);
            CREATE TABLE ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt
                (ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc int PRIMARY
                KEY, n int);
            INSERT INTO ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt VALUES
                (1, 2)
        """,
        """
            UPDATE "Odd ""name" SET "Va lue" = 3;
            ALTER TABLE "Odd ""name" DROP COLUMN "or'der";
            DROP TABLE "Odd ""name";
            UPDATE ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt SET n = 9;
            DROP TABLE ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt
        """,
    ),
}


@pytest.mark.parametrize("engine_server", ["postgres"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_every_kind_come_back(kind: str, engine_url: str) -> None:
    there_and_back("postgres", engine_url, *KINDS[kind])


MYSQL = {
    "a value of an enum": (
        """
            CREATE TABLE who (id int PRIMARY KEY, m enum('a','b','c'), key (m));
            INSERT INTO who VALUES (1, 'c'), (2, 'a'), (3, NULL)
        """,
        """
            UPDATE who SET m = 'a' WHERE m = 'c';
            ALTER TABLE who MODIFY m enum('a','b')
        """,
    ),
    "narrower": (
        """
            CREATE TABLE who (id int PRIMARY KEY, n decimal(9,4), i bigint, d datetime(6));
            INSERT INTO who VALUES (1, 1.2345, 7, '2030-01-02 03:04:05.678901'), (2, NULL, NULL,
                NULL)
        """,
        """
            ALTER TABLE who MODIFY n decimal(9,1), MODIFY i smallint, MODIFY d datetime
        """,
    ),
    "counted": (
        """
            CREATE TABLE who (id int AUTO_INCREMENT PRIMARY KEY, n int);
            INSERT INTO who (n) VALUES (1), (2)
        """,
        "TRUNCATE who; INSERT INTO who (n) VALUES (7)",
    ),
    "floats and bytes": (
        """
            CREATE TABLE who (f float, d double, b varbinary(9), x bit(3), y year, s
                set('p','q'));
            INSERT INTO who VALUES (0.1, 0.3, x'00ff', b'101', 2001, 'p,q'), (0.1, 0.3, x'00ff',
                b'101', 2001, 'p,q'), (0.2, NULL, '', NULL, NULL, '')
        """,
        """
            UPDATE who SET f = 1 WHERE d IS NULL;
            ALTER TABLE who DROP COLUMN s;
            DELETE FROM who LIMIT 1
        """,
    ),
    "names that need quotes": (
        """
            CREATE TABLE `Odd "na``me` (id int PRIMARY KEY, `va lue` int);
            INSERT INTO `Odd "na``me` VALUES (1, 2);
            CREATE TABLE tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt
                (cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc int PRIMARY
                KEY, n int);
            INSERT INTO tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt VALUES
                (1, 2)
        """,
        """
            UPDATE `Odd "na``me` SET `va lue` = 3;
            ALTER TABLE `Odd "na``me` DROP COLUMN `va lue`;
            DROP TABLE `Odd "na``me`;
            UPDATE tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt SET n = 9;
            DROP TABLE tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt
        """,
    ),
}


@pytest.mark.parametrize("engine_server", ["mysql"], indirect=True)
@pytest.mark.parametrize("kind", MYSQL)
def test_rows_of_every_kind_come_back_on_mysql(kind: str, engine_url: str) -> None:
    there_and_back("mysql", engine_url, *MYSQL[kind])


def there_and_back(dialect: str, url: str, base: str, sql: str) -> None:
    """Hold that a change, gone twice in lossless mode, loses nothing, and that the up is the plain one."""
    built = interpret(base, None, dialect)
    assert not built.faults, built.faults
    read = interpret(sql, built.after)
    assert not read.faults, read.faults
    database = open_database(url)
    with database.connect(create=True) as connection:
        for group in built.groups:
            connection.execute(group.text)
        assert observe(connection) == built.after
        rows = read_rows(connection, built.after)
        for mark in ("", "again"):
            way = lossless(read.groups, built.after, diff, mark)
            assert {loss.what for loss in way.losses} <= {"column-order"}, way.losses
            assert not way.irreversible
            _executed(connection, way.up)
            assert observe(connection) == read.after
            _executed(connection, way.down)
            assert observe(connection) == built.after
            assert not differences(rows, read_rows(connection, built.after))
        # Nothing is left in the archive, and what follows is as if nothing had been.
        assert not _archive(connection)
    database.close()


def _executed(connection: Connection, statements: tuple[str, ...]) -> None:
    if connection.dialect == "sqlite":
        connection.execute("PRAGMA foreign_keys = ON")
    for statement in statements:
        connection.execute(statement)


def _archive(connection: Connection) -> list[tuple[object, ...]]:
    match connection.dialect:
        case "postgres":
            return connection.query(
                "SELECT relname FROM pg_class WHERE relnamespace = "
                "(SELECT oid FROM pg_namespace WHERE nspname = 'schemaops_archive')"
            )
        case "mysql":
            return connection.query("SHOW TABLES LIKE 'schemaops\\_archive%'")
        case _:
            return connection.query(
                "SELECT name FROM sqlite_master WHERE name LIKE 'schemaops_archive%'"
            )
