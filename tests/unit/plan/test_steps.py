"""Plans as values: what they hold survives JSON, and a move taken back twice is the move."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from schemaops.plan.steps import (
    Fact,
    Move,
    MoveKind,
    Plan,
    PlannedStatement,
    Step,
    plan_as_json,
    plan_from_json,
)

DROP = Step((PlannedStatement("DROP TABLE t", "ledger:3"),), after="f1:0")
CREATE = Step(
    (PlannedStatement("CREATE TABLE t (a INT DEFAULT '%')", "a.sql:4", "replaced"),),
    after="f1:1",
    rebuilds=True,
    undo=(DROP,),
)
INDEX = Step((PlannedStatement("CREATE INDEX CONCURRENTLY …"),), transactional=False)
FACT = Fact(
    MoveKind.APPLY,
    "a" * 40,
    "m1:" + "b" * 64,
    "Add ✓",
    "up",
    "down",
    ("c" * 40, "d" * 40),
    "e" * 40,
    "c" * 40,
)
MOVE = Move(
    MoveKind.APPLY,
    "a" * 40,
    (CREATE, INDEX),
    (FACT, replace(FACT, revision="e" * 40)),
    "f1:2",
    migration="m1:" + "b" * 64,
    message="Add ✓",
    undo=(DROP,),
    hazards=(("LK01", "t", "locks"),),
    losses=(("t", "rows"),),
)
PLAN = Plan("production", "postgres", "c" * 40, "a" * 40, "7:h1:0", "f1:0", (MOVE,))


def test_a_plan_survives_json() -> None:
    written = json.loads(json.dumps(plan_as_json(PLAN)))
    assert next(iter(written)) == "format"
    assert written["format"] == "schemaops.plan/1"
    assert plan_from_json(written) == PLAN
    bare = replace(PLAN, from_=None, fingerprint=None, moves=(replace(MOVE, undo=None),))
    assert plan_from_json(plan_as_json(bare)) == bare


def test_a_plan_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match=r"plan/2"):
        plan_from_json({**plan_as_json(PLAN), "format": "schemaops.plan/2"})


def test_a_move_knows_whether_it_is_one_transaction() -> None:
    assert not MOVE.is_one_transaction
    assert replace(MOVE, steps=(CREATE, CREATE)).is_one_transaction
    assert replace(MOVE, steps=()).is_one_transaction
    assert MOVE.rebuilds


def test_what_no_transaction_holds_is_one_statement() -> None:
    one = PlannedStatement("VACUUM")
    for statements in ((), (one, one)):
        with pytest.raises(ValueError, match="one statement"):
            Step(statements, transactional=False)


def test_a_move_is_taken_back() -> None:
    back = MOVE.undone("f1:0")
    assert back is not None
    assert (back.kind, back.fingerprint, back.steps) == (MoveKind.REVERT, "f1:0", (DROP,))
    assert [fact.kind for fact in back.facts] == [MoveKind.REVERT] * 2
    assert [fact.revision for fact in back.facts] == ["e" * 40, "a" * 40]
    again = back.undone("f1:2")
    assert again == replace(MOVE, hazards=(), losses=())
    assert replace(MOVE, undo=None).undone("f1:0") is None


def test_a_plan_knows_what_stands_before_each_move() -> None:
    second = replace(MOVE, fingerprint="f1:3")
    plan = replace(PLAN, moves=(MOVE, second))
    assert [plan.before(index) for index in (0, 1)] == ["f1:0", "f1:2"]
