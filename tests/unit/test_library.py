"""The library's functions, under the names that the interface gives them."""

from __future__ import annotations

import pytest

import schemaops
from schemaops.errors import SchemaOpsError
from schemaops.operations import Rename

BASE = "CREATE TABLE users (id int PRIMARY KEY, email varchar(40))"


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_the_functions_work_and_keep_their_names(dialect: str) -> None:
    for _ in range(2):  # the first call imports packages of the same names
        before = schemaops.interpret(BASE, dialect)
        after = schemaops.interpret(
            "ALTER TABLE users RENAME COLUMN email TO mail", dialect, before
        )
        (change,) = schemaops.diff(before, after, renames=("users.email=mail",))
        assert isinstance(change, Rename)
        assert not schemaops.diff(after, after)
        merged = schemaops.merge(
            BASE,
            "ALTER TABLE users RENAME COLUMN email TO mail",
            "CREATE INDEX by_mail ON users (email)",
            dialect,
        )
        assert merged.clean
        assert merged.ours_to_merged[0].sql == "CREATE INDEX by_mail ON users (mail)"
        assert schemaops.reverse(BASE, "DROP TABLE users", dialect).losses
        kept = schemaops.reverse(BASE, "DROP TABLE users", dialect, lossless=True)
        assert not kept.losses
        assert kept.up != ("DROP TABLE users",)


def test_an_error_of_the_sql_is_raised() -> None:
    with pytest.raises(SchemaOpsError):
        schemaops.interpret("ALTER TABLE nothing ADD a int", "sqlite")
