"""What MySQL and MariaDB refuse of columns, views and triggers is never clean; the rest is understood."""

from __future__ import annotations

import pytest

from schemaops.sql.interpret import Fault, Interpreter, interpret
from schemaops.sql.split import split

BASE = "CREATE TABLE p (id INT PRIMARY KEY, a INT, s VARCHAR(9));"
REFUSED = [
    "CREATE TABLE n (a ENUM('x', 'y', 'X'))",
    "CREATE TABLE n (a VARCHAR)",
    "CREATE TABLE n (a FLOAT(60))",
    "CREATE TABLE n (a DECIMAL(70))",
    "CREATE TABLE n (a NOSUCH)",
    "CREATE TABLE n (a INT DEFAULT 'abc')",
    "CREATE TABLE n (a INT NOT NULL DEFAULT NULL)",
    "CREATE TABLE n (a CHAR(5) CHARACTER SET utf8mb4 COLLATE latin1_bin)",
    "CREATE TABLE n (a INT) ENGINE=NoSuch",
    "CREATE TABLE n (a VARCHAR(5), FOREIGN KEY (a) REFERENCES p (id))",
    "CREATE VIEW v AS SELECT id, id FROM p",
    "CREATE TRIGGER t AFTER INSERT ON p FOR EACH ROW SET NEW.a = 1",
    "ALTER TABLE p MODIFY a ENUM('x', 'x')",
    "ALTER TABLE p ALTER COLUMN a SET DEFAULT 'abc'",
]
TAKEN = [
    "CREATE TABLE n (a ENUM('x', 'y'), b DECIMAL(65,30), c FLOAT(53), d INT DEFAULT '5', e YEAR)",
    "CREATE TABLE n (a CHAR(5) CHARACTER SET utf8 COLLATE utf8_bin, b UUID, c INET6) ENGINE=Aria",
    "CREATE TABLE n (a INT, b DATETIME NULL DEFAULT NULL, FOREIGN KEY (a) REFERENCES p (id))",
    "CREATE TRIGGER t BEFORE INSERT ON p FOR EACH ROW SET NEW.a = 1",
]
OPAQUE = [
    "ALTER IGNORE TABLE p ADD UNIQUE (a)",
    "CREATE INDEX i USING HASH ON p (a)",
    "SELECT NEXT VALUE FOR s",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_server_refuses_is_never_clean(text: str) -> None:
    reader = Interpreter(interpret(BASE, dialect="mysql").after)
    (statement,) = split(text, "mysql")
    read = reader.read(statement)
    assert isinstance(read, Fault) or read.unknown


@pytest.mark.parametrize("text", TAKEN)
def test_what_the_server_takes_is_understood(text: str) -> None:
    read = interpret(text, interpret(BASE, dialect="mysql").after)
    assert not read.faults
    assert not read.opaque


@pytest.mark.parametrize("text", OPAQUE)
def test_what_is_not_understood_is_no_fault(text: str) -> None:
    read = interpret(text, interpret(BASE, dialect="mysql").after)
    assert not read.faults
    assert read.blind
