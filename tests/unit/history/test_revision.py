from __future__ import annotations

import pytest

from schemaops.history.revision import (
    Header,
    RevisionId,
    file_name,
    is_revision_id,
    migration_id,
    statement_id,
)
from schemaops.sql.lexer import UnreadableSql, tokens

# Ledgers keep these ids for ever: a change that alters one of them breaks every database out there.
GOLDEN = [
    ("sqlite", "", "m1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (
        "sqlite",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n",
        "m1:4017119aecd324b590c66635b9f3b43843288aa7b9df0b82026d5ee495c336dc",
    ),
    (
        "postgres",
        "ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT '';",
        "m1:12da3ffde3cd4d1df8174da3cba3e40d2200a5a20b6d5a4ebac169d0adc6c56f",
    ),
    (
        "postgres",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;",
        "m1:6cda9ccc61b7169ab65d99b5f9738d9b2eab5eeb3f405f7957f07ecb1031ecff",
    ),
    (
        "postgres",
        "INSERT INTO \"T\" VALUES (E'a\\'b', 1.5e-3, $1, x::text);",
        "m1:d4715af1faa05cb8599d61f93dcc397b9b7b6d1582c6573b833bfd9b0b1e5d4c",
    ),
    (
        "mysql",
        "/*!40101 SET NAMES utf8 */; CREATE TABLE `t` (a INT) -- note\n;",
        "m1:1fc165400623ca390d6e62d5d1adb738bdb9f5e2a1ff3c83ce37580d1931e632",
    ),
    (
        "mysql",
        "SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1 <=> _utf8'x', @v := 2;",
        "m1:b0563cdaf65c7b4d1817fd27c3b60818eb680f3a91f5c299537c26d103243be0",
    ),
    (
        "sqlite",
        "CREATE TABLE [a b] (x BLOB DEFAULT x'00', \"y\" REAL DEFAULT .5);",
        "m1:547a5ce476d3d655f1423c22965fba3b1589f83dcc0239fe3f06225c627785a5",
    ),
]


@pytest.mark.parametrize(("dialect", "sql", "expected"), GOLDEN)
def test_golden_ids_never_change(dialect: str, sql: str, expected: str) -> None:
    assert migration_id(sql, dialect) == expected


SQL = "CREATE TABLE orders (id INTEGER, note TEXT DEFAULT 'a;b');\nDROP TABLE x;\n"


@pytest.mark.parametrize(
    "same",
    [
        SQL.rstrip(),
        SQL.rstrip(";\n"),
        SQL + ";\n;",
        SQL.replace(" ", "\n\t"),
        "-- a comment; with a semicolon\n" + SQL,
        SQL.replace("(", "(/* inside */"),
    ],
)
def test_layout_and_the_last_semicolon_do_not_count(same: str) -> None:
    assert migration_id(same, "sqlite") == migration_id(SQL, "sqlite")


@pytest.mark.parametrize(
    "other",
    [
        SQL.replace("'a;b'", "'a; b'"),
        SQL.replace("orders", "Orders"),
        SQL.replace("orders", '"orders"'),
        SQL.replace(");\nDROP", ") DROP"),
        SQL.replace("INTEGER", "INT EGER"),
        "",
    ],
)
def test_everything_else_counts(other: str) -> None:
    assert migration_id(other, "sqlite") != migration_id(SQL, "sqlite")


def test_hints_that_a_server_executes_count() -> None:
    hinted = "CREATE TABLE t (a INT) /*!50100 PARTITION BY HASH (a) */;"
    assert migration_id(hinted, "mysql") != migration_id("CREATE TABLE t (a INT);", "mysql")
    assert migration_id(hinted, "mysql") != migration_id(hinted.replace("a) *", "b) *"), "mysql")


def test_text_moved_over_a_token_boundary_counts() -> None:
    assert migration_id("ab c", "sqlite") != migration_id("a bc", "sqlite")
    assert migration_id("'a' 'b'", "sqlite") != migration_id("'a'' ''b'", "sqlite")


def test_a_statement_has_the_digest_of_its_migration_under_another_prefix() -> None:
    sql = "DO $$ BEGIN END $$"
    digest = statement_id(tokens(sql, "postgres"))
    assert digest.startswith("s1:")
    assert digest[3:] == migration_id(sql, "postgres")[3:]


def test_what_never_ends_has_no_migration_id() -> None:
    with pytest.raises(UnreadableSql):
        migration_id("SELECT 'a", "postgres")


ID = RevisionId("3f2a91c04d7e" + "0" * 28)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("Add orders", "3f2a91c04d7e-add-orders.sql"),
        ("  Café & Bar: naïve?\nbody", "3f2a91c04d7e-cafe-bar-naive.sql"),
        ("注文", "3f2a91c04d7e-revision.sql"),
        ("../../etc/passwd", "3f2a91c04d7e-etc-passwd.sql"),
        ("", "3f2a91c04d7e-revision.sql"),
        ("x" * 99, f"3f2a91c04d7e-{'x' * 40}.sql"),
        ("one two three four five six seven eight nine ten", None),
    ],
)
def test_file_names(message: str, name: str | None) -> None:
    made = file_name(ID, Header(message=message))
    assert made == (name or "3f2a91c04d7e-one-two-three-four-five-six-seven-eight.sql")


def test_what_has_no_message_is_named_by_its_kind() -> None:
    parents = (RevisionId("a" * 40), RevisionId("b" * 40))
    assert file_name(ID, Header(parents=parents)) == "3f2a91c04d7e-merge.sql"
    assert file_name(ID, Header(checkpoint=True)) == "3f2a91c04d7e-checkpoint.sql"


def test_full_ids_are_forty_digits_in_lower_case() -> None:
    assert is_revision_id("0123456789abcdef" * 2 + "01234567")
    assert not is_revision_id("0123456789abcdef")
    assert not is_revision_id("0123456789ABCDEF" * 2 + "01234567")
