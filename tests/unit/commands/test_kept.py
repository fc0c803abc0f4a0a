"""What one command reads out of a history, the next takes from the cache, and it comes to the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.commands.kept import KeptSchemas
from schemaops.database.observe.watch import Touched, expected
from schemaops.history.dag import Dag
from schemaops.history.revision import Revision, RevisionId, migration_id, short
from schemaops.history.states import Read, States
from schemaops.names import Address
from schemaops.plan.replay import Replay, Standing
from schemaops.plan.steps import Move
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.store.cache import Cache

UPS = (
    "CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x')",
    "CREATE VIEW names AS SELECT name FROM users WHERE id > 0",
    "ALTER TABLE users RENAME COLUMN name TO called",
    "INSERT INTO users VALUES (1, 'a')",
    "CREATE TABLE orders (id integer, of integer REFERENCES users (id), CHECK (id > 0))",
    "CREATE INDEX by_of ON orders (of) WHERE id > 3",
    "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "DO $$ BEGIN PERFORM 1; END $$",
    "ALTER TABLE orders DROP COLUMN of",
)


def ids(count: int) -> list[RevisionId]:
    return [RevisionId(f"{number:040x}") for number in range(1, count + 1)]


def history(cache: Cache, search_path: tuple[str, ...] = ()) -> tuple[States, list[RevisionId]]:
    """A line of revisions, every statement often enough that what is read of it is kept."""
    named = ids(3 * len(UPS))
    ups = [
        up.replace("users", f"users{turn}")
        .replace("orders", f"orders{turn}")
        .replace("names", f"names{turn}")
        .replace("by_of", f"by_of{turn}")
        .replace("f()", f"f{turn}()")
        for turn in range(3)
        for up in UPS
    ]
    parents = {one: named[:place][-1:] for place, one in enumerate(named)}
    revisions = {
        one: Revision(
            parents=tuple(parents[one]),
            migration=migration_id(up, "postgres"),
            message=up[:20],
            dialect="postgres",
            up=f"{up};\n",
        )
        for one, up in zip(named, ups, strict=True)
    }
    kept = KeptSchemas(cache, "postgres", search_path)
    dag = Dag({one: tuple(above) for one, above in parents.items()})
    states = States(
        dag,
        revisions.__getitem__,
        "postgres",
        search_path=search_path,
        recall_read=kept.recall_read,
        remember_read=kept.remember_read,
    )
    return states, named


@pytest.mark.parametrize("search_path", [(), ("public", "other")])
def test_what_was_read_comes_to_the_same(tmp_path: Path, search_path: tuple[str, ...]) -> None:
    with Cache(tmp_path / "cache.sqlite", "1") as cache:
        first, named = history(cache, search_path)
        whole = first.at(named[-1])
        kept = KeptSchemas(cache, "postgres", search_path)
        assert sum(kept.recall_read(one) is not None for one in named) >= 25
        again, _ = history(cache, search_path)
        for one in named:
            assert again.at(one) == first.at(one)
            assert again.groups(one) == first.groups(one)
            assert again.schema(one).search_path == first.schema(one).search_path
        assert again.schema(named[-1]).strict_fingerprint == whole.schema.strict_fingerprint
        # What was read with another search path is something else.
        assert KeptSchemas(cache, "postgres", ("else",)).recall_read(named[0]) is None


def test_moves_are_kept_as_they_were_written(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache.sqlite", "1") as cache:
        states, named = history(cache)
        headers = {one: states.read(one) for one in named}
        at = Standing("dev", observed=Schema.empty("postgres"))

        def planned(kept: KeptSchemas) -> tuple[Move, ...]:
            replay = Replay(
                states,
                headers.__getitem__,
                recall=kept.recall_moves,
                remember=kept.remember_moves,
            )
            return replay.plan(at, named[-1]).moves

        moves = planned(KeptSchemas(cache, "postgres"))
        names = [f"{one} - plain {short(one)}" for one in named]
        again = KeptSchemas(cache, "postgres")
        kept = again.recall_moves(names)
        assert tuple(kept[name].move for name in names) == moves == planned(again)
        assert KeptSchemas(cache, "postgres", ("else",)).recall_moves(names) == {}


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_what_a_move_must_leave_behind_is_kept(tmp_path: Path, dialect: str) -> None:
    before, touched = Schema.empty(dialect), frozenset[Address]()
    after = interpret("CREATE TABLE t (id integer PRIMARY KEY, of integer)", before).after
    made = frozenset(thing.at for thing in after)
    must = expected(Touched(touched, made), before, after)
    assert must.is_known
    with Cache(tmp_path / "cache.sqlite", "1") as cache:
        (one,) = ids(1)
        KeptSchemas(cache, dialect).remember_expected({one: must})
        assert KeptSchemas(cache, dialect).recall_expected([one])(one) == must
        assert KeptSchemas(cache, dialect, ("else",)).recall_expected([one])(one) is None


def test_what_does_not_end_where_it_must_is_read_again(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache.sqlite", "1") as cache:
        first, named = history(cache)
        first.at(named[-1])
        kept = KeptSchemas(cache, "postgres")
        wrong = {one: kept.recall_read(one) for one in named}
        other = wrong[named[4]]
        assert other is not None
        kept.remember_read({named[0]: Read(other.groups[:0], other.fingerprint)})
        again, _ = history(cache)
        assert again.at(named[-1]) == first.at(named[-1])
        assert again.groups(named[0]) == first.groups(named[0])
