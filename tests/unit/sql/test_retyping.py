from __future__ import annotations

import pytest

from schemaops.sql.interpret import interpret

TABLE = "CREATE TABLE t (id int, n int, small smallint, c varchar(10), d varchar(20), m numeric);"
FUNCTION = "CREATE FUNCTION f(x text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT x';"


@pytest.mark.parametrize(
    ("made", "change", "understood"),
    [
        # No cast is kept where the columns are of one type.
        ("CREATE INDEX i ON t (COALESCE(n, id))", "id TYPE bigint", True),
        ("CREATE INDEX i ON t (COALESCE(c, d))", "c TYPE text", True),
        ("CREATE INDEX i ON t (f(c))", "c TYPE text", True),
        # The small one is kept as an integer, whatever the other becomes.
        ("CREATE INDEX i ON t (COALESCE(small, id))", "id TYPE bigint", False),
        ("ALTER TABLE t ADD CHECK (m > n)", "m TYPE int", False),
        ("ALTER TABLE t ADD CHECK (m > 1)", "m TYPE int", False),
    ],
)
def test_a_type_change_under_an_expression_is_understood_where_no_cast_is_kept(
    made: str, change: str, understood: bool
) -> None:
    text = f"{TABLE} {FUNCTION} {made}; ALTER TABLE t ALTER COLUMN {change};"
    found = interpret(text, dialect="postgres")
    assert not found.faults
    assert (not found.opaque) == understood


def test_a_column_that_follows_another_to_a_larger_type_is_understood() -> None:
    text = (
        f"{TABLE} CREATE INDEX i ON t (COALESCE(n, id)); ALTER TABLE t ALTER COLUMN id TYPE bigint;"
        "ALTER TABLE t ALTER COLUMN n TYPE bigint;"
    )
    assert not interpret(text, dialect="postgres").opaque
