"""What lossless mode does under MySQL's LOCK TABLES is one step; an author's own locks are not."""

from __future__ import annotations

import pytest

from schemaops.plan.steps import PlannedStatement, Step
from schemaops.plan.transactions import in_steps

KEPT = (
    "CREATE TABLE schemaops_archive_t_1 AS SELECT id, a FROM t WHERE FALSE",
    "LOCK TABLES t WRITE, schemaops_archive_t_1 WRITE",
    "DELETE FROM schemaops_archive_t_1",
    "INSERT INTO schemaops_archive_t_1 SELECT id, a FROM t",
    "ALTER TABLE t DROP COLUMN a",
    "UNLOCK TABLES",
    "UPDATE t SET b = 1",
)


def test_what_is_held_is_one_step_with_the_fingerprint_of_its_end() -> None:
    afters = ("before", "before", "before", "before", "after", "after", "after")
    first, held, last = in_steps(tuple(map(PlannedStatement, KEPT)), "mysql", afters)
    assert [one.sql for one in held.statements] == list(KEPT[1:6])
    assert (held.held, held.transactional, held.after) == (True, False, "after")
    assert (first.held, first.after) == (False, "before")
    assert last.transactional


def test_locks_of_an_author_are_steps_of_their_own() -> None:
    texts = ("LOCK TABLES t WRITE", "INSERT INTO t VALUES (1)", "UNLOCK TABLES")
    steps = in_steps(tuple(map(PlannedStatement, texts)), "mysql")
    assert [len(step.statements) for step in steps] == [1, 1, 1]
    assert not any(step.held for step in steps)


def test_several_statements_outside_a_transaction_must_be_held() -> None:
    both = (PlannedStatement("ALTER TABLE t ADD a int"), PlannedStatement("SELECT 1"))
    with pytest.raises(ValueError, match="one statement"):
        Step(both, transactional=False)
