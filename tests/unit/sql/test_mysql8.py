"""What MySQL 8 has and MariaDB does not: read, written and read again to the same.

The engine at hand cannot run these; a server of MySQL 9.7 has, statement by statement.
"""

from __future__ import annotations

import pytest

from schemaops.schema.objects import Check, Column, Index
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation, interpret
from schemaops.sql.render import render, script

BASE = """
CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20), j json, KEY ka (a) INVISIBLE, KEY kb (b),
  CONSTRAINT c1 CHECK (a > 0) NOT ENFORCED, CONSTRAINT c2 CHECK (id > 0))
"""


def _read(text: str, before: Schema | None = None) -> Interpretation:
    read = interpret(text, before, dialect=None if before else "mysql")
    assert not read.faults
    assert not read.opaque
    return read


@pytest.mark.parametrize(
    "text",
    [
        "CREATE INDEX f ON t ((a + 1))",
        "ALTER TABLE t ADD INDEX f ((lower(b)), a DESC)",
        "ALTER TABLE t ADD UNIQUE INDEX f ((a * 2))",
        "CREATE INDEX f ON t ((CAST(j->>'$.x' AS CHAR(30)) COLLATE utf8mb4_bin))",
        "CREATE INDEX f ON t (a) INVISIBLE",
        "ALTER TABLE t ADD UNIQUE KEY f (b) INVISIBLE COMMENT 'x'",
        "ALTER TABLE t ALTER INDEX ka VISIBLE",
        "ALTER TABLE t ALTER INDEX kb INVISIBLE",
        "ALTER TABLE t ALTER CHECK c1 ENFORCED",
        "ALTER TABLE t ALTER CONSTRAINT c2 NOT ENFORCED",
        "ALTER TABLE t ALTER COLUMN a SET INVISIBLE",
        "CREATE TABLE u (a int, g varchar(9) AS (j->>'$.x') VIRTUAL INVISIBLE, j json)",
        "INSERT INTO t (id, a) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE a = new.a",
        "INSERT INTO t (id, a) VALUES (1, 2) AS new (m, n) ON DUPLICATE KEY UPDATE a = n",
        "WITH q AS (SELECT 1 AS id) DELETE FROM t WHERE id IN (SELECT id FROM q)",
    ],
)
def test_it_is_read_and_what_is_written_of_it_means_the_same(text: str) -> None:
    before = _read(BASE).after
    read = _read(text, before)
    operations = [operation for group in read.groups for operation in group.operations]
    assert operations
    assert _read(script(render(operations, before)), before).after == read.after


def test_a_key_of_an_expression_holds_its_columns() -> None:
    after = _read(f"{BASE}; CREATE INDEX f ON t ((a + 1), b)").after
    for text in ("RENAME COLUMN a TO z", "DROP COLUMN a", "CHANGE a z int"):
        assert interpret(f"ALTER TABLE t {text}", after).faults
    assert not interpret("ALTER TABLE t DROP COLUMN j", after).faults


def test_a_key_of_an_expression_takes_the_name_that_all_such_have() -> None:
    after = _read("CREATE TABLE t (a int, KEY ((a + 1)), KEY ((a + 2)), KEY (a))").after
    names = sorted(str(thing.at.name) for thing in after if isinstance(thing, Index))
    assert names == ["a", "functional_index", "functional_index_2"]


def test_switches_change_one_fact() -> None:
    read = _read(
        "ALTER TABLE t ALTER INDEX ka VISIBLE, ALTER CHECK c1 ENFORCED, ALTER a SET INVISIBLE",
        _read(BASE).after,
    )
    facts = {thing.at.name: thing for thing in read.after}
    assert isinstance(facts["ka"], Index)
    assert facts["ka"].options == ()
    assert isinstance(facts["c1"], Check)
    assert facts["c1"].options == ()
    assert isinstance(facts["a"], Column)
    assert facts["a"].settings == (("invisible", "true"),)
