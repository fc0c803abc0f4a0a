from __future__ import annotations

import pytest

from schemaops.sql.interpret import Interpretation, interpret
from schemaops.sql.reserved import ReservedWord

DIALECTS = ("postgres", "mysql", "sqlite")
BASE = "CREATE TABLE t (id int NOT NULL, n int); "


def faults(found: Interpretation) -> list[type]:
    return [type(fault.error) for fault in found.faults]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE order (id int)",
        "CREATE TABLE IF NOT EXISTS group (id int)",
        "CREATE TABLE u (id int, Order int)",
        "CREATE TABLE u (n int, select int)",
        "ALTER TABLE t ADD COLUMN from int",
        "ALTER TABLE t RENAME TO table",
        "ALTER TABLE t RENAME COLUMN n TO where",
        "CREATE UNIQUE INDEX order ON t (id)",
        "CREATE VIEW select AS SELECT id FROM t",
    ],
)
def test_a_word_that_must_be_quoted_is_named(dialect: str, text: str) -> None:
    assert faults(interpret(BASE + text, dialect=dialect)) == [ReservedWord]


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("postgres", 'CREATE TABLE "order" (id int, "group" int)'),
        ("postgres", "CREATE TABLE public.order (id int)"),
        ("postgres", "CREATE TABLE u (time int, timestamp int, key int, CHECK (NOT (key > 1)))"),
        ("postgres", "CREATE TABLE u (LIKE t INCLUDING ALL, UNIQUE (id))"),
        ("postgres", "ALTER TABLE t ADD COLUMN IF NOT EXISTS position int"),
        ("postgres", "ALTER TABLE t ADD CHECK (NOT n > 1)"),
        ("mysql", "CREATE TABLE `order` (id int, KEY (id), FULLTEXT KEY x (id))"),
        ("mysql", "CREATE TABLE u (rank int, position int, date int, text int)"),
        ("sqlite", "CREATE TABLE u (key int, replace int, CHECK (NOT key))"),
        ("sqlite", "CREATE TABLE [order] (`group` int, 'select' int)"),
        ("sqlite", "CREATE TABLE u AS SELECT id, n FROM t"),
    ],
)
def test_other_words_may_be_names(dialect: str, text: str) -> None:
    assert ReservedWord not in faults(interpret(BASE + text, dialect=dialect))
