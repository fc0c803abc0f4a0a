"""What a statement does to its session and its transaction, by its first words."""

from __future__ import annotations

import pytest

from schemaops.database.statements import changes_role, ends_transaction, sets_session

ALL = ("postgres", "mysql", "sqlite")


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize(
    ("sql", "ends"),
    [
        ("COMMIT", True),
        ("/* why */ rollback", True),
        ("-- why\nBEGIN", True),
        ("START TRANSACTION READ ONLY", True),
        ("ROLLBACK TO SAVEPOINT a", False),
        ("ROLLBACK TO a", False),
        ("SAVEPOINT a", False),
        ("RELEASE SAVEPOINT a", False),
        ("INSERT INTO t VALUES ('COMMIT')", False),
        ("WITH a AS (SELECT 1) SELECT * FROM a", False),
        ("(SELECT 1)", False),
    ],
)
def test_who_ends_the_transaction(dialect: str, sql: str, ends: bool) -> None:
    assert ends_transaction(sql, dialect, transactional=True) is ends


@pytest.mark.parametrize(
    ("sql", "ends"),
    [
        ("CREATE TABLE t (a INT)", True),
        ("ALTER TABLE t ADD b INT", True),
        ("/*!40000 ALTER TABLE t DISABLE KEYS */", True),
        ("CALL p()", True),
        ("LOCK TABLES t WRITE", True),
        ("SET autocommit = 0", True),
        ("SET @@session.autocommit = 0", True),
        ("SET NAMES utf8mb4", False),
        ("/*!40101 SET NAMES utf8 */", False),
        ("CREATE TEMPORARY TABLE t (a INT)", False),
        ("REPLACE INTO t VALUES (1)", False),
    ],
)
def test_what_mysql_commits_by_itself(sql: str, ends: bool) -> None:
    assert ends_transaction(sql, "mysql", transactional=True) is ends
    assert ends_transaction(sql, "mysql", transactional=False) is False
    assert ends_transaction("XA COMMIT 'x'", "mysql", transactional=True)


@pytest.mark.parametrize(
    ("dialect", "sql", "sets"),
    [
        ("postgres", "SET search_path = a", True),
        ("postgres", "SELECT pg_catalog.set_config('search_path', '', false)", True),
        ("postgres", "SELECT 1", False),
        ("mysql", "/*!40014 SET FOREIGN_KEY_CHECKS=0 */", True),
        ("mysql", "USE shop", True),
        ("mysql", "UPDATE t SET a = 1", False),
        ("sqlite", "PRAGMA legacy_alter_table = ON", True),
        ("sqlite", "UPDATE t SET a = 1", False),
    ],
)
def test_what_sets_up_the_session(dialect: str, sql: str, sets: bool) -> None:
    assert sets_session(sql, dialect) is sets


def test_who_takes_a_role() -> None:
    assert changes_role("SET ROLE owner", "postgres")
    assert changes_role("set local session authorization owner", "postgres")
    assert not changes_role("CREATE TABLE t (a INT)", "postgres")
    assert not changes_role("SET ROLE owner", "mysql")
