"""What the engines' own tools write of a database is read back as the very schema that they have."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.sql.interpret import Interpretation, interpret
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

MYSQL = r"""
CREATE TABLE addresses (
  id int unsigned AUTO_INCREMENT PRIMARY KEY, zone_id int unsigned, street text, data json,
  made timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp,
  price decimal(10,2) CHECK (price > 0), kind enum('a','b') DEFAULT 'a',
  total decimal(10,2) AS (price * 2) STORED, half decimal(10,2) AS (price / 2),
  CHECK (price < 1000), FULLTEXT KEY st (street), KEY by_zone (zone_id, kind)
) AUTO_INCREMENT=100 ROW_FORMAT=DYNAMIC COMMENT='where they live';
CREATE TABLE zones (
  id int unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'it''s',
  code char(2) CHARACTER SET ascii COLLATE ascii_bin, UNIQUE KEY name (name(10))
);
ALTER TABLE addresses ADD CONSTRAINT in_zone FOREIGN KEY (zone_id) REFERENCES zones (id) ON DELETE SET NULL;
CREATE TABLE legacy (
  a varchar(10), b text, c datetime(3), d bit(1) DEFAULT b'0', e double DEFAULT 1.5, f set('x','y'),
  g varbinary(16), h point NOT NULL, SPATIAL KEY h (h)
) ENGINE=MyISAM DEFAULT CHARSET=latin1;
INSERT INTO zones (name) VALUES ('a'), ('b;c'), ('d\'e');
INSERT INTO addresses (zone_id, street, price) VALUES (1, 'x', 2);
CREATE VIEW zoned AS SELECT a.id, z.name AS zone FROM addresses a JOIN zones z ON z.id = a.zone_id;
CREATE VIEW counted AS SELECT zone, count(*) AS n FROM zoned GROUP BY zone;
CREATE TABLE parts (id int NOT NULL, d date NOT NULL, PRIMARY KEY (id, d))
  PARTITION BY RANGE (to_days(d)) (PARTITION p0 VALUES LESS THAN (to_days('2020-01-01')),
  PARTITION pm VALUES LESS THAN MAXVALUE);
CREATE SEQUENCE tickets START WITH 5;
DELIMITER $$
CREATE TRIGGER zones_new BEFORE INSERT ON zones FOR EACH ROW BEGIN
  SET NEW.name = trim(NEW.name); -- and so it stays
  IF NEW.name = '' THEN SET NEW.name = 'x'; END IF;
END$$
CREATE TRIGGER zones_more BEFORE INSERT ON zones FOR EACH ROW SET NEW.code = upper(NEW.code)$$
CREATE PROCEDURE tidy (IN days int) BEGIN DELETE FROM addresses WHERE id < days; END$$
CREATE FUNCTION plus (a int, b varchar(10)) RETURNS int DETERMINISTIC RETURN a + 1$$
CREATE EVENT every_day ON SCHEDULE EVERY 1 DAY DO CALL tidy(3)$$
DELIMITER ;
"""

SQLITE = """
CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE NOT NULL DEFAULT 'it''s',
  boss INT REFERENCES people ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, age INT CHECK (age > 0),
  twice INT AS (age * 2) STORED, UNIQUE (name, age) ON CONFLICT IGNORE);
CREATE TABLE pairs (a TEXT, b INT, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX by_name ON people (lower(name), age DESC) WHERE age IS NOT NULL;
INSERT INTO people (name, age) VALUES ('a;b', 3), ('c''d', 4);
CREATE VIEW named AS SELECT id, name FROM people WHERE name <> ';';
CREATE TRIGGER people_new AFTER INSERT ON people WHEN new.age > 1 BEGIN
  INSERT INTO pairs VALUES (new.name, CASE WHEN new.age > 2 THEN 1 ELSE 2 END);
  UPDATE people SET age = 1 WHERE id = new.id;
  INSERT INTO words (rowid, title, body) VALUES (new.id, new.name, new.age);
END;
CREATE TRIGGER named_gone INSTEAD OF DELETE ON named BEGIN DELETE FROM people WHERE id = old.id; END;
CREATE VIRTUAL TABLE words USING fts5(title, body, tokenize = 'porter ascii');
ALTER TABLE people RENAME COLUMN name TO called;
"""


def _understood(found: Interpretation) -> Interpretation:
    assert found.faults == ()
    assert [group.text for group in found.opaque] == []
    return found


def test_what_mysqldump_writes_is_the_schema_that_it_dumped(mariadb_server: Server) -> None:
    tool = shutil.which("mariadb-dump") or shutil.which("mysqldump")
    if tool is None:
        absent = pytest.fail if "mysql" in os.environ.get("SCHEMAOPS_REQUIRE", "") else pytest.skip
        absent("mysqldump is not here")
    with (
        fresh_database(mariadb_server) as url,
        open_database(url).connect(create=True) as connection,
    ):
        for statement in split(MYSQL, "mysql"):
            connection.execute(statement.text)
        seen = observe(connection)
        place = mariadb_server.url
        words = [tool, "--no-defaults", "--routines", "--events", f"--user={place.username}"]
        socket = place.query.get("unix_socket")
        words += [f"--socket={socket}"] if socket else [f"--host={place.host}", f"-P{place.port}"]
        words += [f"--password={place.password}"] if place.password else []
        ((name,),) = connection.query("SELECT DATABASE()")
        dump = subprocess.run(
            [*words, str(name)], capture_output=True, text=True, check=True
        ).stdout
    assert "LOCK TABLES" in dump
    found = _understood(interpret(dump, dialect="mysql"))
    assert list(found.after) == list(seen)
    assert found.after.fingerprint == seen.fingerprint
    assert _understood(interpret(MYSQL, dialect="mysql")).after == seen


def test_what_sqlite_dumps_is_the_schema_that_it_dumped(sqlite_server: Server) -> None:
    with (
        fresh_database(sqlite_server) as url,
        open_database(url).connect(create=True) as connection,
    ):
        for statement in split(SQLITE, "sqlite"):
            connection.execute(statement.text)
        seen = observe(connection)
        ((file,),) = connection.query("SELECT file FROM pragma_database_list WHERE name = 'main'")
        with sqlite3.connect(str(file)) as raw:
            dump = "\n".join(raw.iterdump())
            rows = raw.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
            shown = ";\n".join(sql for (sql,) in rows if "words_" not in sql) + ";\n"
        raw.close()
    for text in (SQLITE, shown, dump):
        found = _understood(interpret(text, dialect="sqlite"))
        assert list(found.after) == list(seen)
        assert found.after.fingerprint == seen.fingerprint
