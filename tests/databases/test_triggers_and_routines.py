"""Triggers, routines and events of MySQL and SQLite: read as the engine has them, after every
statement; written anew, they are the same; gone and come again, they stand as before."""

from __future__ import annotations

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.render import render
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

MYSQL = """
CREATE TABLE people (id int PRIMARY KEY, name varchar(20), seen datetime);
CREATE TABLE notes (id int AUTO_INCREMENT PRIMARY KEY, what varchar(50));
DELIMITER $$
CREATE TRIGGER people_new AFTER INSERT ON people FOR EACH ROW BEGIN
  DECLARE what varchar(50) DEFAULT 'new';
  INSERT INTO notes (what) VALUES (concat(what, NEW.name));
  IF NEW.seen IS NULL THEN
    UPDATE notes SET what = 'x' WHERE id = 0;
  END IF;
END$$
DELIMITER ;
CREATE DEFINER=`root`@`localhost` TRIGGER people_second AFTER INSERT ON people FOR EACH ROW
  INSERT INTO notes (what) VALUES ('second');
CREATE TRIGGER people_first AFTER INSERT ON people FOR EACH ROW PRECEDES people_new SET @n = 1;
DROP TRIGGER people_new;
CREATE TRIGGER people_new AFTER INSERT ON people FOR EACH ROW FOLLOWS people_first SET @n = 2;
CREATE TRIGGER IF NOT EXISTS people_new BEFORE DELETE ON people FOR EACH ROW SET @n = 3;
CREATE OR REPLACE TRIGGER people_gone BEFORE DELETE ON people FOR EACH ROW
  SET @n = concat(OLD.id, 'it''s\r\n');
ALTER TABLE people RENAME COLUMN seen TO last_seen;
RENAME TABLE notes TO remarks;
DELIMITER //
CREATE PROCEDURE add_note (IN text varchar(50), OUT n int) MODIFIES SQL DATA COMMENT 'adds one'
BEGIN
  INSERT INTO remarks (what) VALUES (text);
  SELECT count(*) INTO n FROM remarks;
END//
CREATE FUNCTION doubled (n decimal(10,2)) RETURNS decimal(10,2) DETERMINISTIC
  SQL SECURITY INVOKER RETURN n * 2//
DELIMITER ;
CREATE OR REPLACE PROCEDURE add_note (IN a int, OUT b varchar(3), INOUT c datetime(3)) SELECT a INTO b;
CREATE OR REPLACE FUNCTION doubled (n int) RETURNS int DETERMINISTIC RETURN n + n;
ALTER PROCEDURE add_note SQL SECURITY INVOKER COMMENT 'adds a note';
CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DO DELETE FROM remarks;
DROP TRIGGER IF EXISTS nobody;
DROP FUNCTION IF EXISTS nobody;
DROP PROCEDURE IF EXISTS nobody;
DROP EVENT tidy;
"""

SQLITE = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, seen TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, what TEXT, about INT REFERENCES people);
CREATE VIEW named AS SELECT id, name FROM people;
CREATE TRIGGER people_new AFTER INSERT ON people BEGIN
  INSERT INTO notes (what, about)
    VALUES (CASE WHEN NEW.name IS NULL THEN '?' ELSE NEW.name END, NEW.id);
  UPDATE people SET seen = datetime('now')
    WHERE id = NEW.id AND EXISTS (SELECT 1 FROM notes n WHERE n.about = NEW.id);
END;
CREATE TRIGGER IF NOT EXISTS people_kept BEFORE UPDATE OF name, seen ON people FOR EACH ROW
  WHEN old.name <> new.name BEGIN SELECT RAISE(ABORT, 'no'); END;
CREATE TRIGGER named_gone INSTEAD OF DELETE ON named BEGIN DELETE FROM people WHERE id = old.id; END;
CREATE TRIGGER silent DELETE ON notes BEGIN SELECT CASE WHEN old.what = 'x' THEN RAISE(IGNORE) END; END;
ALTER TABLE people RENAME COLUMN name TO called;
ALTER TABLE notes RENAME COLUMN about TO person;
ALTER TABLE notes RENAME TO remarks;
ALTER TABLE people RENAME TO persons;
ALTER TABLE persons ADD COLUMN age INT;
DROP TRIGGER named_gone;
DROP TRIGGER IF EXISTS nobody;
DROP TABLE remarks;
CREATE TABLE remarks (id INTEGER PRIMARY KEY, what TEXT, person INT, more TEXT);
DROP TABLE persons;
"""


@pytest.mark.parametrize(("dialect", "script"), [("mysql", MYSQL), ("sqlite", SQLITE)])
def test_what_is_interpreted_is_observed_and_made_again(
    dialect: str, script: str, request: pytest.FixtureRequest
) -> None:
    name = "mariadb_server" if dialect == "mysql" else "sqlite_server"
    server: Server = request.getfixturevalue(name)
    states = []
    with fresh_database(server) as url, open_database(url).connect(create=True) as connection:
        interpreter = Interpreter(Schema.empty(dialect))
        for statement in split(script, dialect):
            group = interpreter.read(statement)
            assert not isinstance(group, Fault), group.error.message
            assert not group.opaque, (statement.text, group.why)
            connection.execute(statement.text)
            assert list(observe(connection)) == list(interpreter.schema), statement.text
            states.append(interpreter.schema)
    with fresh_database(server) as url, open_database(url).connect(create=True) as connection:
        now = Schema.empty(dialect)
        for schema in (states[-6], states[len(states) // 2], states[-3], states[2], states[-1]):
            for text in render(diff(now, schema), now):
                connection.execute(text)
            now = observe(connection)
            assert list(now) == list(schema)
