"""What MySQL's statements mean for the schema beyond their words, and what the server refuses."""

from __future__ import annotations

import pytest

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import Check, ForeignKey
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation, interpret
from schemaops.sql.split import split

TABLES = """
CREATE TABLE users (id int PRIMARY KEY, kind enum('a','b') UNIQUE, name varchar(10), note text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int, kind enum('a','b'),
  FOREIGN KEY (user_id) REFERENCES users (id), FOREIGN KEY (kind) REFERENCES users (kind));
"""


def read(text: str, before: Schema | None = None) -> Interpretation:
    found = interpret(text, before, dialect="mysql")
    assert not found.faults, found.faults[0].error.message
    assert not found.opaque, (found.opaque[0].text, found.opaque[0].why)
    return found


def column(schema: Schema, table: str, name: str) -> tuple[str, str | None]:
    found = schema.column(Address(Kind.COLUMN, (Name(table), Name(name))))
    return str(found.type), found.collation


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE users MODIFY id bigint NOT NULL",
        "ALTER TABLE orders MODIFY user_id bigint",
        "ALTER TABLE users MODIFY kind enum('a','c')",
        "ALTER TABLE orders MODIFY kind enum('a','b') CHARACTER SET latin1",
        "ALTER TABLE orders CONVERT TO CHARACTER SET latin1",
        "ALTER TABLE users DROP PRIMARY KEY",
        "ALTER TABLE orders DROP INDEX user_id",
        "ALTER TABLE orders DROP COLUMN user_id",
    ],
)
def test_a_foreign_key_holds_its_columns_and_indexes(text: str) -> None:
    before = read(TABLES).after
    (fault,) = interpret(text, before).faults
    assert fault.error.code in ("SO105", "SO106")


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE users MODIFY id int NOT NULL AUTO_INCREMENT",
        "ALTER TABLE orders MODIFY user_id int NOT NULL",
        "ALTER TABLE users MODIFY kind enum('a','b','c')",
        "ALTER TABLE orders DROP FOREIGN KEY orders_ibfk_1, MODIFY user_id bigint",
        "ALTER TABLE orders DROP INDEX user_id, ADD INDEX both_of (user_id, kind)",
        "ALTER TABLE orders DROP INDEX user_id, DROP FOREIGN KEY orders_ibfk_1",
        "ALTER TABLE orders ADD COLUMN user_id2 int, DROP FOREIGN KEY orders_ibfk_1, DROP COLUMN user_id",
        "SET foreign_key_checks = 0; DROP TABLE users; CREATE TABLE users (id int PRIMARY KEY)",
    ],
)
def test_what_keeps_its_columns_and_indexes_is_taken(text: str) -> None:
    read(text, read(TABLES).after)


def test_a_new_default_changes_no_column_and_a_conversion_all() -> None:
    before = read(TABLES + "ALTER TABLE users MODIFY name varchar(10) CHARACTER SET ascii;").after
    assert column(before, "users", "name") == ("varchar(10)", "ascii_general_ci")
    kept = read("ALTER TABLE users DEFAULT CHARACTER SET latin1", before).after
    assert column(kept, "users", "name") == ("varchar(10)", "ascii_general_ci")
    assert column(kept, "users", "note") == ("text", "utf8mb4_general_ci")
    free = read("ALTER TABLE orders DROP FOREIGN KEY orders_ibfk_2", kept).after
    made = read(
        "ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", free
    ).after
    assert column(made, "users", "name") == ("varchar(10)", None)
    narrow = read("ALTER TABLE users CONVERT TO CHARACTER SET latin1", made).after
    wide = read("ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4", narrow).after
    assert column(wide, "users", "note") == ("mediumtext", None)


def test_unchecked_foreign_keys_may_refer_to_what_comes_later() -> None:
    text = """
    /*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
    CREATE TABLE orders (id int PRIMARY KEY, u int, CONSTRAINT k FOREIGN KEY (u) REFERENCES users (id));
    CREATE TABLE users (id int PRIMARY KEY);
    /*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
    """
    after = read(text).after
    (key,) = after.parts(Address(Kind.TABLE, (Name("orders"),)), ForeignKey)
    assert key.referred == (Address(Kind.COLUMN, (Name("users"), Name("id"))),)
    assert interpret("CREATE TABLE x (a int REFERENCES nobody (id))", after).faults


def test_mysqls_own_name_of_the_one_check_is_known() -> None:
    one = "CREATE TABLE t (a int CHECK (a > 0), b int)"
    after = read(f"{one}; ALTER TABLE t DROP CONSTRAINT t_chk_1").after
    assert not after.parts(Address(Kind.TABLE, (Name("t"),)), Check)
    several = interpret(
        "CREATE TABLE t (a int CHECK (a > 0), CHECK (a < 9)); ALTER TABLE t DROP CHECK t_chk_1",
        dialect="mysql",
    )
    assert len(several.opaque) == 1
    assert interpret(f"{one}; ALTER TABLE t DROP CHECK t_chk_2", dialect="mysql").faults


@pytest.mark.parametrize(
    "text",
    [
        "SET sql_mode = 'ANSI_QUOTES'",
        "SET GLOBAL max_connections = 5",
        "/*!80000 CREATE TABLE t (a int) */",
        "/*M!100100 CREATE TABLE t (a int) */",
        "CALL tidy()",
        "EXECUTE s",
        "SELECT tidy_all()",
        "SET @x = tidy_all()",
    ],
)
def test_what_depends_on_the_server_is_opaque(text: str) -> None:
    assert interpret(text, dialect="mysql").opaque


@pytest.mark.parametrize(
    "body",
    [
        "DECLARE EXIT HANDLER FOR SQLEXCEPTION ROLLBACK; SELECT 1;",
        "DECLARE c CURSOR FOR SELECT id FROM users; OPEN c;",
        "SELECT id FROM users FOR UPDATE; SELECT repeat('x', 3), if(1, 2, 3);",
        "l: LOOP IF 1 THEN LEAVE l; END IF; END LOOP l;",
        "REPEAT SET @n = 1; UNTIL @n END REPEAT; WHILE 0 DO SET @n = 2; END WHILE;",
        "FOR i IN 1..3 DO SELECT i; END FOR; CASE @n WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;",
    ],
)
def test_a_body_without_delimiters_is_one_statement(body: str) -> None:
    script = f"CREATE PROCEDURE p() BEGIN {body} END; SELECT 1"
    found = [one.text for one in split(script, "mysql")]
    assert found == [f"CREATE PROCEDURE p() BEGIN {body} END", "SELECT 1"]
