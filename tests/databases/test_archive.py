"""Replay in lossless mode on each engine: what was taken away is kept, listed, put back and purged."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.commands import archive as use
from schemaops.commands.plan import planned
from schemaops.commands.replay import Wanted, replay
from schemaops.commands.workspace import Workspace
from schemaops.database.connect import Database, open_database
from schemaops.history.format import to_bytes
from schemaops.history.revision import Revision, RevisionId, file_name, migration_id, revision_id

BASE = """CREATE TABLE users (id int PRIMARY KEY, name varchar(20), age int, at int);
CREATE TABLE logs (id int PRIMARY KEY, said varchar(20));
INSERT INTO users VALUES (1, 'a', 7, 0), (2, 'b', NULL, 0);
INSERT INTO logs VALUES (1, 'x'), (2, 'y');
"""
TRIGGERS = {
    "sqlite": "CREATE TRIGGER touched AFTER UPDATE ON users WHEN NEW.at = OLD.at "
    "BEGIN UPDATE users SET at = 99 WHERE id = NEW.id; END;\n",
    "mysql": "CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW SET NEW.at = 99;\n",
    "postgres": "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN NEW.at := 99; RETURN NEW; END $$;\n"
    "CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();\n",
}
CHANGES = (
    ("ALTER TABLE users DROP COLUMN age;\n", "ALTER TABLE users ADD COLUMN age int;\n"),
    ("DROP TABLE logs;\n", "CREATE TABLE logs (id int PRIMARY KEY, said varchar(20));\n"),
    ("UPDATE users SET name = 'z';\nDELETE FROM users WHERE id = 2;\n", "SELECT 1;\n"),
    ("DELETE FROM users WHERE id = 2;\n", "SELECT 1;\n"),
)
SHOWN = "SELECT id, name, age, at FROM users ORDER BY id"


def project(folder: Path, dialect: str, url: str, *changes: tuple[str, str]) -> Workspace:
    """Return a project whose one environment is lossless, with a revision for each change."""
    place = folder / ".schemaops"
    (place / "revisions").mkdir(parents=True)
    (place / "config.toml").write_text(
        f"dialect = '{dialect}'\n[environments.prod]\nurl = '$URL'\nlossless = true\n"
    )
    parents: tuple[RevisionId, ...] = ()
    for number, (up, down) in enumerate(changes):
        revision = Revision(
            parents=parents,
            migration=migration_id(up, dialect),
            message=f"Change {number}",
            author="Ada Example <ada@example.org>",
            date="2030-01-02T00:00:00Z",
            dialect=dialect,
            up=up,
            down=down or None,
            down_generated=True,
        )
        data = to_bytes(revision)
        parents = (revision_id(data),)
        (place / "revisions" / file_name(parents[0], revision)).write_bytes(data)
    return Workspace(place, {"URL": url, "HOME": str(folder), "SCHEMAOPS_CACHE": str(folder)})


def made(tmp_path: Path, url: str) -> tuple[Workspace, Database]:
    """Return a project over a database, with all the changes."""
    database = open_database(url)
    base = BASE + TRIGGERS[database.dialect]
    downs = "DROP TABLE logs;\nDROP TABLE users;\n"
    return project(tmp_path, database.dialect, url, (base, downs), *CHANGES), database


def shown(database: Database, sql: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    with database.connect(create=True) as connection:
        return connection.query(sql)


def test_a_replay_back_gives_the_rows_back(tmp_path: Path, engine_url: str) -> None:
    workspace, database = made(tmp_path, engine_url)
    head = workspace.dag.order[-1]
    first = workspace.dag.order[0]
    replay(workspace, "prod", Wanted(to=first))
    before = shown(database, SHOWN), shown(database, "SELECT * FROM logs ORDER BY id")
    assert before[0] == [(1, "a", 7, 0), (2, "b", None, 0)]
    for _ in range(2):
        replay(workspace, "prod", Wanted(to=head))
        kept = use.archived(workspace, "prod")
        # The trigger makes it two of the UPDATE: rows as they were, and as they are.
        assert [(one.table, one.whole) for one in kept] == [
            ("users", False),
            ("logs", True),
            *[("users", False)] * 4,
        ]
        assert all(one.needed and one.entry for one in kept)
        replay(workspace, "prod", Wanted(to=first))
        after = shown(database, SHOWN), shown(database, "SELECT * FROM logs ORDER BY id")
        assert after == before
        assert use.archived(workspace, "prod") == []
    replay(workspace, "prod", Wanted(to=head))
    # The trigger is there as before.
    with database.connect() as connection:
        connection.execute("UPDATE users SET name = 'q' WHERE id = 1")
        assert connection.query("SELECT at FROM users") == [(99,)]
    database.close()


def test_a_plan_says_what_stands_in_for_what(tmp_path: Path, engine_url: str) -> None:
    workspace, database = made(tmp_path, engine_url)
    moves = planned(workspace, "prod").plan.moves
    replaced = [{one.replaces for step in move.steps for one in step.statements} for move in moves]
    assert replaced[0] == {None}
    assert replaced[2] == {"DROP TABLE logs"}
    assert replaced[3] == {"UPDATE users SET name = 'z'", "DELETE FROM users WHERE id = 2"}
    assert not [loss for move in moves[1:] for (loss,) in move.losses if "order" not in loss]
    database.close()


def test_a_purge_is_never_an_accident(tmp_path: Path, engine_url: str) -> None:
    workspace, database = made(tmp_path, engine_url)
    replay(workspace, "prod", Wanted())
    assert use.purge(workspace, "prod", "30d").kept == ()
    for yes in (False, True):
        with pytest.raises(use.StillNeeded):
            use.purge(workspace, "prod", "0s", yes=yes)
    with pytest.raises(use.AgeNotUnderstood):
        use.purge(workspace, "prod", "old")
    told = use.purge(workspace, "prod", "0s", recent=True)
    assert told.decision
    assert len(told.kept) == len(use.archived(workspace, "prod")) == 6
    assert use.purge(workspace, "prod", "0s", yes=True, recent=True).kept == told.kept
    assert use.archived(workspace, "prod") == []
    with pytest.raises(use.Purged):
        replay(workspace, "prod", Wanted(to=workspace.dag.order[0]))
    database.close()
