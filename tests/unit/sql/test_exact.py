from __future__ import annotations

from decimal import Decimal

import pytest

import schemaops
from schemaops.schema.objects import Column
from schemaops.sql.exact import arithmetic, rounded

WIDE = "12345678901234567890123456789012345"


def test_numbers_are_rounded_only_where_it_is_told() -> None:
    assert rounded(Decimal("0.5"), 0) == 1
    assert str(rounded(Decimal(WIDE), 30)) == WIDE + "." + "0" * 30
    assert rounded(Decimal("1e9999"), 2) is None
    assert arithmetic("*", Decimal(WIDE), Decimal(WIDE)) == Decimal(int(WIDE) ** 2)
    assert arithmetic("+", Decimal("1e9999"), Decimal(1)) is None


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_a_number_of_many_digits_is_a_default_and_a_value(dialect: str) -> None:
    base = f"""
    CREATE TABLE prices (id int PRIMARY KEY, price decimal(65, 30) NOT NULL DEFAULT 1);
    INSERT INTO prices VALUES (1, 2.5), (2, {WIDE}), (3, -{WIDE} * 2);
    """
    found = schemaops.merge(
        base, "UPDATE prices SET price = price * 3;", "CREATE TABLE t (id int);", dialect
    )
    assert not found.conflicts


def test_a_default_of_nothing_is_written_out_by_mysql() -> None:
    schema = schemaops.interpret("CREATE TABLE t (x decimal(20, 8) DEFAULT 0)", "mysql")
    (column,) = (thing for thing in schema if isinstance(thing, Column))
    assert str(column.default) == "0.00000000"
