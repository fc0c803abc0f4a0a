"""Others write between a lossless up and its down: nothing is lost, nothing is there twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from schemaops.commands import archive as use
from schemaops.commands.replay import Wanted, replay
from schemaops.database.connect import Database, open_database
from schemaops.database.failures import DatabaseFailure
from tests.databases.test_archive import project, shown

SHOWN = "SELECT id, name, age FROM users ORDER BY id"
FEW = (
    "CREATE TABLE users (id int PRIMARY KEY, name varchar(20), age int);\n"
    "INSERT INTO users VALUES (1, 'a', 7), (2, 'b', NULL), (3, NULL, 9), (4, 'd', 1);\n"
)
DOWN = "DROP TABLE users;\n"


def written(database: Database, *statements: str) -> None:
    """Execute statements as another client would."""
    with database.connect() as connection:
        for sql in statements:
            connection.execute(sql)


def test_values_that_others_wrote_stay(tmp_path: Path, engine_url: str) -> None:
    database = open_database(engine_url)
    update = ("UPDATE users SET name = 'z' WHERE id < 4;\n", "SELECT 1;\n")
    workspace = project(tmp_path, database.dialect, engine_url, (FEW, DOWN), update)
    first, head = workspace.dag.order[0], workspace.dag.order[-1]
    for round_, one, two in ((1, "Z", "NULL"), (2, "q", "'r'")):
        replay(workspace, "prod", Wanted(to=head))
        # One differs only in case, which some collations overlook.
        written(database, f"UPDATE users SET name = '{one}' WHERE id = 1")
        written(database, f"UPDATE users SET name = {two} WHERE id = 2")
        told = replay(workspace, "prod", Wanted(to=first))
        names = [row[1] for row in shown(database, SHOWN)]
        assert names == [one, None if round_ == 1 else "r", None, "d"]
        (left,) = told.not_put_back
        assert (left.table.rpartition(".")[2], left.rows) == ("users", 2)
        assert left.keys == ("1", "2")
        assert told.shape()["not_put_back"][0]["keys"] == ["1", "2"]
        kept = use.archived(workspace, "prod")
        assert len(kept) == round_
        assert not any(each.needed or each.recent for each in kept)
        assert all(each.entry for each in kept)
        # The archive goes on naming them, row by row, with the revert that left them.
        shape = use.archive(workspace, "prod").shape()["kept"]
        assert [each["not_put_back"] for each in shape] == [["1", "2"]] * round_
        assert {each.entry.fact.kind.value for each in kept if each.entry} == {"revert"}
        name = "schemaops_archive" + ("." if database.dialect == "postgres" else "_") + left.place
        was = [(1, "a"), (2, "b")] if round_ == 1 else [(1, "Z"), (2, None)]
        assert shown(database, f"SELECT id, name FROM {name} ORDER BY id") == was
    database.close()


def test_what_others_write_beside_what_the_up_wrote_stays(tmp_path: Path, engine_url: str) -> None:
    database = open_database(engine_url)
    update = (
        "UPDATE users SET name = 'z' WHERE id IN (SELECT max(o.id) FROM users o);\n"
        if database.dialect != "mysql"
        else "UPDATE users SET name = 'z' ORDER BY id DESC LIMIT 1;\n",
        "SELECT 1;\n",
    )
    workspace = project(tmp_path, database.dialect, engine_url, (FEW, DOWN), update)
    replay(workspace, "prod", Wanted())
    written(database, "UPDATE users SET age = 50 WHERE id = 4")
    told = replay(workspace, "prod", Wanted(to=workspace.dag.order[0]))
    assert shown(database, SHOWN)[-1] == (4, "d", 50)
    assert told.not_put_back == ()
    assert use.archived(workspace, "prod") == []
    database.close()


def test_rows_without_a_key_are_put_back_together_or_not_at_all(
    tmp_path: Path, engine_url: str
) -> None:
    database = open_database(engine_url)
    base = (
        "CREATE TABLE heap (a int, b varchar(9));\n"
        "INSERT INTO heap VALUES (1, 'x'), (1, 'x'), (2, 'y');\n"
    )
    changes = (base, "DROP TABLE heap;\n"), ("UPDATE heap SET a = 7;\n", "SELECT 1;\n")
    workspace = project(tmp_path, database.dialect, engine_url, *changes)
    first = workspace.dag.order[0]
    asked = "SELECT a, b FROM heap ORDER BY a, b"
    for others, rows, left in (
        ("INSERT INTO heap VALUES (8, 'new')", [(1, "x"), (1, "x"), (2, "y"), (8, "new")], 0),
        ("UPDATE heap SET b = 'z' WHERE b = 'y'", [(7, "x"), (7, "x"), (7, "z"), (7, "new")], 4),
    ):
        replay(workspace, "prod", Wanted())
        written(database, others)
        told = replay(workspace, "prod", Wanted(to=first))
        assert sorted(map(repr, shown(database, asked))) == sorted(map(repr, rows))
        assert sum(one.rows for one in told.not_put_back) == left
    database.close()


def test_a_row_that_came_to_stand_stays(tmp_path: Path, engine_url: str) -> None:
    database = open_database(engine_url)
    delete = ("DELETE FROM users WHERE id < 4;\n", "SELECT 1;\n")
    workspace = project(tmp_path, database.dialect, engine_url, (FEW, DOWN), delete)
    replay(workspace, "prod", Wanted())
    written(database, "INSERT INTO users VALUES (2, 'new', 3), (5, 'e', 5)")
    told = replay(workspace, "prod", Wanted(to=workspace.dag.order[0]))
    assert shown(database, SHOWN) == [
        (1, "a", 7),
        (2, "new", 3),
        (3, None, 9),
        (4, "d", 1),
        (5, "e", 5),
    ]
    assert [one.keys for one in told.not_put_back] == [("2",)]
    database.close()


def test_only_rows_that_the_up_added_go(tmp_path: Path, engine_url: str) -> None:
    database = open_database(engine_url)
    insert = ("INSERT INTO users SELECT id + 10, name, age FROM users;\n", "SELECT 1;\n")
    workspace = project(tmp_path, database.dialect, engine_url, (FEW, DOWN), insert)
    replay(workspace, "prod", Wanted())
    written(database, "INSERT INTO users VALUES (5, 'e', 5)")
    written(database, "UPDATE users SET age = 99 WHERE id = 12")
    told = replay(workspace, "prod", Wanted(to=workspace.dag.order[0]))
    assert [row[0] for row in shown(database, SHOWN)] == [1, 2, 3, 4, 5, 12]
    assert [one.keys for one in told.not_put_back] == [("12",)]
    database.close()


@pytest.mark.parametrize("engine_server", ["postgres", "mysql"], indirect=True)
def test_what_was_written_since_a_type_narrowed_stays(tmp_path: Path, engine_url: str) -> None:
    database = open_database(engine_url)
    narrower = {
        "postgres": "ALTER TABLE users ALTER COLUMN name TYPE varchar(2) USING left(name, 2);\n",
        "mysql": "UPDATE users SET name = left(name, 2);\nALTER TABLE users MODIFY name varchar(2);\n",
    }[database.dialect]
    base = FEW.replace("'a'", "'aaaa'").replace("'d'", "'dddd'")
    workspace = project(
        tmp_path, database.dialect, engine_url, (base, DOWN), (narrower, "SELECT 1;\n")
    )
    first, head = workspace.dag.order[0], workspace.dag.order[-1]
    replay(workspace, "prod", Wanted(to=head))
    written(database, "UPDATE users SET name = 'A' WHERE id = 1")
    told = replay(workspace, "prod", Wanted(to=first))
    assert [row[1] for row in shown(database, SHOWN)] == ["A", "b", None, "dddd"]
    assert {one.keys for one in told.not_put_back} == {("1",)}
    database.close()


@pytest.mark.parametrize("engine_server", ["postgres", "mysql"], indirect=True)
def test_every_row_is_counted_with_clients_at_work(tmp_path: Path, engine_url: str) -> None:
    database = open_database(engine_url)
    seeds = ", ".join(f"({one}, 'a', 0)" for one in range(1, 401))
    base = f"{FEW.splitlines()[0]}\nINSERT INTO users VALUES {seeds};\n"
    change = "UPDATE users SET name = 'z' WHERE id <= 200;\nDELETE FROM users WHERE id > 300;\n"
    changes = ((base, DOWN), (change, "SELECT 1;\n"))
    workspace = project(tmp_path, database.dialect, engine_url, *changes)
    first, head = workspace.dag.order[0], workspace.dag.order[-1]
    replay(workspace, "prod", Wanted(to=first))
    stop = threading.Event()
    clients = [_Client(database, number, stop) for number in range(3)]
    for client in clients:
        client.start()
    left = 0
    try:
        for _ in range(3):
            replay(workspace, "prod", Wanted(to=head))
            stop.wait(0.3)
            told = replay(workspace, "prod", Wanted(to=first))
            left += sum(one.rows for one in told.not_put_back)
    finally:
        stop.set()
        for client in clients:
            client.join()
    assert not any(client.failed for client in clients), [one.failed for one in clients]
    rows = {row[0]: row[1:] for row in shown(database, SHOWN)}
    assert len(rows) == len(shown(database, SHOWN))
    added = {key: value for client in clients for key, value in client.added.items()}
    counted = {key: value for client in clients for key, value in client.counted.items()}
    renamed = {key: value for client in clients for key, value in client.renamed.items()}
    assert min(len(added), len(counted), len(renamed)) > 0
    # Every row that was there, and every row that a client added, once; and no more.
    assert set(rows) == {*range(1, 401), *added}
    assert {key: rows[key][1] for key in added} == added
    # Every count that a client made is in it: what was put back is no older than that.
    assert {key: rows[key][1] for key in counted} == counted
    # What a client called a row, the row is called.
    assert {key: rows[key][0] for key in renamed} == renamed
    assert {rows[key][0] for key in set(range(1, 401)) - set(renamed)} == {"a"}
    kept = use.archived(workspace, "prod")
    assert bool(kept) == bool(left)
    database.close()


class _Client(threading.Thread):
    """Adds rows of its own, counts up in rows of the table, and gives some of them a name; it notes
    what the database said it had done."""

    def __init__(self, database: Database, number: int, stop: threading.Event) -> None:
        super().__init__()
        self._database = database
        self._number = number
        self._stopped = stop
        self.added: dict[int, int] = {}
        self.counted: dict[int, int] = {}
        self.renamed: dict[int, str] = {}
        self.failed: Exception | None = None

    def run(self) -> None:
        """Write until it is told to stop."""
        try:
            with self._database.connect() as connection:
                turn = 0
                while not self._stopped.is_set():
                    turn += 1
                    own = 1000 + 100_000 * self._number + turn
                    row = 1 + (turn * 3 + self._number) % 297
                    name = f"c{self._number}"
                    try:
                        connection.execute(f"INSERT INTO users VALUES ({own}, 'mine', {turn})")
                        self.added[own] = turn
                        connection.execute(f"UPDATE users SET age = age + 1 WHERE id = {row}")
                        self.counted[row] = self.counted.get(row, 0) + 1
                        if turn % 5 == 0 and row % 2:
                            connection.execute(f"UPDATE users SET name = '{name}' WHERE id = {row}")
                            self.renamed[row] = name
                    except DatabaseFailure as failure:
                        # A deadlock took this one statement back: the client would ask again.
                        if "eadlock" not in str(failure):
                            raise
        except DatabaseFailure as error:
            self.failed = error


ODD = {
    "postgres": "CREATE TABLE users (id int PRIMARY KEY DEFERRABLE, doc json, at int UNIQUE DEFERRABLE);"
    """INSERT INTO users VALUES (1, '{"a": 1}', 3), (2, NULL, NULL);""",
    "mysql": "CREATE TABLE users (id int PRIMARY KEY, doc json, at timestamp NULL "
    "DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);"
    "INSERT INTO users VALUES (1, '{}', '2001-01-01'), (2, NULL, NULL);",
    "sqlite": "CREATE TABLE users (id text PRIMARY KEY, doc text COLLATE NOCASE, at numeric);"
    "INSERT INTO users VALUES ('a', 'x', 1.5), (NULL, 'y', 'q'), (NULL, 'z', 2);",
}


@pytest.mark.parametrize("change", ["UPDATE users SET doc = NULL", "DELETE FROM users"])
def test_types_and_keys_of_every_kind_are_compared(
    change: str, tmp_path: Path, engine_url: str
) -> None:
    database = open_database(engine_url)
    base = ODD[database.dialect] + "\n"
    changes = ((base, DOWN), (f"{change};\n", "SELECT 1;\n"))
    workspace = project(tmp_path, database.dialect, engine_url, *changes)
    first, head = workspace.dag.order[0], workspace.dag.order[-1]
    replay(workspace, "prod", Wanted(to=first))
    before = sorted(map(repr, shown(database, "SELECT id, doc, at FROM users")))
    replay(workspace, "prod", Wanted(to=head))
    told = replay(workspace, "prod", Wanted(to=first))
    assert sorted(map(repr, shown(database, "SELECT id, doc, at FROM users"))) == before
    assert told.not_put_back == ()
    database.close()


NOTES = (
    "CREATE TABLE notes (id int PRIMARY KEY, note varchar(40), n bigint);\n"
    + "".join(f"INSERT INTO notes VALUES ({one}, 'a', 0);\n" for one in range(1, 41)),
    "DROP TABLE notes;\n",
)
TAKEN = {
    "a dropped column": dict.fromkeys(
        ("postgres", "mysql"), "ALTER TABLE notes DROP COLUMN note;\n"
    ),
    "a narrowed column": {
        "postgres": "ALTER TABLE notes ALTER COLUMN note TYPE varchar(39);\n",
        "mysql": "ALTER TABLE notes MODIFY note varchar(39);\n",
    },
}


@pytest.mark.parametrize("engine_server", ["postgres", "mysql"], indirect=True)
@pytest.mark.parametrize("change", TAKEN)
def test_nothing_written_until_the_column_goes_is_lost(
    change: str, tmp_path: Path, engine_url: str
) -> None:
    database = open_database(engine_url)
    up = TAKEN[change][database.dialect]
    workspace = project(tmp_path, database.dialect, engine_url, NOTES, (up, "SELECT 1;\n"))
    first, head = workspace.dag.order[0], workspace.dag.order[-1]
    replay(workspace, "prod", Wanted(to=first))
    for _ in range(4):
        stop = threading.Event()
        writers = [_Noter(database, number, stop) for number in range(3)]
        for writer in writers:
            writer.start()
        stop.wait(0.2)
        replay(workspace, "prod", Wanted(to=head))
        stop.set()
        for writer in writers:
            writer.join()
        assert not any(writer.failed for writer in writers), [one.failed for one in writers]
        replay(workspace, "prod", Wanted(to=first))
        wrote = {key: text for writer in writers for key, text in writer.wrote.items()}
        assert len(wrote) > 3
        rows = dict(shown(database, "SELECT id, note FROM notes"))
        assert {key: rows[key] for key in wrote} == wrote
        assert len(rows) == 40
    database.close()


class _Noter(threading.Thread):
    """Writes into rows of its own until it is told to stop or the column is gone, and remembers what
    the database said it had taken."""

    def __init__(self, database: Database, number: int, stop: threading.Event) -> None:
        super().__init__()
        self._database = database
        self._number = number
        self._stopped = stop
        self.wrote: dict[int, str] = {}
        self.failed: Exception | None = None

    def run(self) -> None:
        """Write."""
        turn = 0
        try:
            with self._database.connect() as connection:
                while not self._stopped.is_set():
                    turn += 1
                    row = 1 + self._number + 3 * (turn % 13)
                    text = f"{self._number} {turn}"
                    connection.execute(f"UPDATE notes SET note = '{text}' WHERE id = {row}")
                    self.wrote[row] = text
        except DatabaseFailure as error:
            if "note" not in str(error):
                self.failed = error
