from __future__ import annotations

from dataclasses import replace

import pytest

from schemaops.history.revision import Kept, RevisionId
from schemaops.plan.moves import BeforeCheckpoint, NoWayBack
from schemaops.plan.replay import Replay, Standing
from schemaops.schema.state import Schema
from tests.unit.plan.histories import History, Pretended

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY);"
AGE = "ALTER TABLE users ADD COLUMN age INT;"
MAIL = "ALTER TABLE users ADD COLUMN mail TEXT;"


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def users(history: History) -> RevisionId:
    return history.seal(USERS, "DROP TABLE users;")


@pytest.fixture
def age(history: History, users: RevisionId) -> RevisionId:
    return history.seal(AGE, "ALTER TABLE users DROP COLUMN age;", users)


@pytest.fixture
def orders(history: History, users: RevisionId) -> RevisionId:
    return history.seal(ORDERS, "DROP TABLE orders;", users)


@pytest.fixture
def merged(history: History, age: RevisionId, orders: RevisionId) -> RevisionId:
    return history.merge(
        {
            age: ([(orders, Kept.VERBATIM, ORDERS + "\n")], ["DROP TABLE orders;\n"]),
            orders: (
                [(age, Kept.VERBATIM, AGE + "\n")],
                ["ALTER TABLE users DROP COLUMN age;\n"],
            ),
        }
    )


def test_forwards_and_back(history: History, users: RevisionId, age: RevisionId) -> None:
    database = Pretended()
    assert database.replay(history, age) == [("apply", users), ("apply", age)]
    assert database.replay(history, users) == [("revert", age)]
    assert database.replay(history, None) == [("revert", users)]


def test_what_was_written_is_recalled_where_it_begins_alike(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    Pretended().replay(history, age)
    assert len(history.written) == 2
    name, kept = next(
        (name, kept) for name, kept in history.written.items() if kept.move.revision == age
    )
    history.written[name] = replace(kept, move=replace(kept.move, message="recalled"))

    def messages(observed: Schema | None) -> list[str]:
        at = Standing("dev", (), "0", observed)
        replay = Replay(history.states, history.header, recall=lambda _: history.written)
        return [move.message for move in replay.plan(at, age).moves]

    title = history.header(age).title
    assert messages(Schema.empty("sqlite")) == [history.header(users).title, "recalled"]
    history.written[name] = replace(kept, before="f1:another")
    assert messages(Schema.empty("sqlite")) == [history.header(users).title, title]


def test_another_branch_is_left_and_this_one_entered(
    history: History, age: RevisionId, orders: RevisionId
) -> None:
    database = Pretended()
    database.replay(history, age)
    assert database.replay(history, orders) == [("revert", age), ("apply", orders)]


def test_what_is_gone_from_the_history_is_reverted_from_the_ledger(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    database = Pretended()
    database.replay(history, age)
    del history.revisions[age]
    assert database.replay(history, users) == [("revert", age)]


def test_a_merge_is_reached_from_either_side(
    history: History, users: RevisionId, age: RevisionId, orders: RevisionId, merged: RevisionId
) -> None:
    first = min(age, orders)
    for start, moves in (
        (age, [("apply", merged)]),
        (orders, [("apply", merged)]),
        (users, [("apply", first), ("apply", merged)]),
        (None, [("apply", users), ("apply", first), ("apply", merged)]),
    ):
        database = Pretended()
        database.replay(history, start)
        assert database.replay(history, merged) == moves
        applied = {fact.revision for fact in database.facts}
        assert applied == {users, age, orders, merged}


def test_a_merge_goes_back_to_either_parent_and_what_that_has_stays(
    history: History, users: RevisionId, age: RevisionId, orders: RevisionId, merged: RevisionId
) -> None:
    for start in (age, orders):
        for end in (age, orders):
            database = Pretended()
            database.replay(history, start)
            database.replay(history, merged)
            # Nothing of what both have is touched, whichever side the database came from.
            assert database.replay(history, end) == [("revert", merged)]
            assert database.replay(history, users) == [("revert", end)]


def test_a_merge_whose_file_is_gone_goes_back_to_either_parent(
    history: History, age: RevisionId, orders: RevisionId, merged: RevisionId
) -> None:
    database = Pretended()
    database.replay(history, age)
    database.replay(history, merged)
    for one in (merged, age):
        del history.revisions[one]
    # The way forth from this side was never executed, so the ledger has no copy of it.
    database.undoable = False
    assert database.replay(history, orders) == [("revert", merged)]


def test_a_picked_hotfix_is_known_by_its_migration_id(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    picked = history.seal(ORDERS, "DROP TABLE orders;", users, message="hotfix")
    on_main = history.seal(ORDERS, "DROP TABLE orders;", age)
    database = Pretended()
    database.replay(history, picked)
    assert database.replay(history, on_main) == [("apply", age)]


def test_a_hotfix_that_does_not_commute_is_reverted_and_done_again(
    history: History, users: RevisionId
) -> None:
    fix = "UPDATE users SET name = upper(name);"
    other = "UPDATE users SET name = trim(name);"
    picked = history.seal(fix, "-- nothing\n", users)
    before = history.seal(other, "-- nothing\n", users)
    on_main = history.seal(fix, "-- nothing\n", before)
    database = Pretended()
    database.replay(history, picked)
    assert database.replay(history, on_main) == [
        ("revert", picked),
        ("apply", before),
        ("apply", on_main),
    ]


def test_an_amended_revision_is_known_when_only_its_looks_changed(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    database = Pretended()
    database.replay(history, age)
    again = history.seal(AGE.lower().replace("int", "INT"), "ALTER TABLE users DROP age;", users)
    assert again != age
    plan = database.plan(history, again)
    # The tokens differ in case, and the migration id is over exact text: this is another migration.
    assert [move.kind.value for move in plan.moves] == ["revert", "apply"]
    spaced = history.seal(AGE.replace(" ", "  "), "ALTER TABLE users DROP age;", users)
    assert database.plan(history, spaced).moves == ()


def test_one_migration_may_be_applied_twice_in_one_history(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    gone = history.seal("ALTER TABLE users DROP COLUMN age;", AGE, age)
    again = history.seal(AGE, "ALTER TABLE users DROP COLUMN age;", gone)
    database = Pretended()
    assert len(database.replay(history, again)) == 4
    assert database.replay(history, users) == [("revert", again), ("revert", gone), ("revert", age)]


def test_what_is_not_wanted_below_is_reverted_alone_where_that_commutes(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    on_age = history.seal(ORDERS, "DROP TABLE orders;", age)
    without = history.seal(ORDERS, "DROP TABLE orders;", users)
    database = Pretended()
    database.replay(history, on_age)
    # The rows of `orders` stay, since `age` can go from beneath it.
    assert database.replay(history, without) == [("revert", age)]


def test_what_is_not_wanted_below_takes_along_what_builds_on_it(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    index = "CREATE INDEX by_age ON users (age);"
    built = history.seal(index, "DROP INDEX by_age;", age)
    database = Pretended()
    database.replay(history, built)
    mail = history.seal(MAIL, "ALTER TABLE users DROP COLUMN mail;", users)
    assert database.replay(history, mail) == [
        ("revert", built),
        ("revert", age),
        ("apply", mail),
    ]


def test_a_new_database_starts_at_a_checkpoint(history: History, age: RevisionId) -> None:
    whole = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT);"
    checkpoint = history.seal(whole, None, age, checkpoint=True, message="checkpoint")
    head = history.seal(ORDERS, "DROP TABLE orders;", checkpoint)
    database = Pretended()
    plan = database.plan(history, head)
    assert [(move.kind.value, move.revision) for move in plan.moves] == [
        ("apply", checkpoint),
        ("apply", head),
    ]
    for move in plan.moves:
        database.facts += move.facts
    with pytest.raises(BeforeCheckpoint):
        database.plan(history, age)


def test_a_database_past_a_checkpoint_only_records_it(
    history: History, users: RevisionId, age: RevisionId
) -> None:
    whole = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT);"
    database = Pretended()
    database.replay(history, age)
    checkpoint = history.seal(whole, None, age, checkpoint=True, message="checkpoint")
    head = history.seal(ORDERS, "DROP TABLE orders;", checkpoint)
    assert database.replay(history, head) == [("adopt", checkpoint), ("apply", head)]
    assert database.replay(history, users) == [
        ("revert", head),
        ("revert", checkpoint),
        ("revert", age),
    ]


def test_what_cannot_be_undone_is_refused(history: History, users: RevisionId) -> None:
    final = history.seal("UPDATE users SET name = NULL;", None, users)
    database = Pretended()
    plan = database.plan(history, final)
    assert plan.moves[-1].undo is None
    for move in plan.moves:
        database.facts += move.facts
    with pytest.raises(NoWayBack):
        database.plan(history, users)


def test_two_lines_without_their_merge_are_recorded_as_merged_where_they_commute(
    history: History, users: RevisionId, age: RevisionId, orders: RevisionId, merged: RevisionId
) -> None:
    database = Pretended()
    database.replay(history, age)
    plan = database.plan(history, merged)
    assert [move.revision for move in plan.moves] == [merged]
    picked = history.seal(ORDERS, "DROP TABLE orders;", age)
    database.replay(history, picked)
    assert database.replay(history, merged) == [("adopt", merged)]
