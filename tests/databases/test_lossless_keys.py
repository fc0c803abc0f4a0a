"""What a foreign key refers to, and the index it brought, are the same after a way back in lossless mode."""

from __future__ import annotations

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.sql.interpret import interpret
from tests.databases.test_lossless_rows import there_and_back

HALLS = """
CREATE TABLE hall (id integer PRIMARY KEY, name text);
CREATE TABLE seat (id integer PRIMARY KEY AUTOINCREMENT, hall int REFERENCES hall (id), row int);
CREATE INDEX seat_row ON seat (row);
CREATE TABLE rowcount (n int);
INSERT INTO hall VALUES (1, 'blue'), (2, 'red');
INSERT INTO seat VALUES (3, 1, 4), (7, 2, 5);
CREATE TRIGGER counted AFTER INSERT ON seat BEGIN INSERT INTO rowcount VALUES (NEW.row); END
"""
ANEW = """
CREATE TABLE hall_new (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO hall_new SELECT * FROM hall;
"""
SWAPS = {
    "the child goes for good": f"""
        {ANEW} DROP TABLE seat; DROP TABLE hall; ALTER TABLE hall_new RENAME TO hall
    """,
    "both are made anew, the parent first": f"""
        {ANEW}
        CREATE TABLE seat_new (id integer PRIMARY KEY, hall int REFERENCES hall (id), row int);
        INSERT INTO seat_new SELECT * FROM seat;
        DROP TABLE hall; DROP TABLE seat;
        ALTER TABLE hall_new RENAME TO hall; ALTER TABLE seat_new RENAME TO seat
    """,
    "the parent has another name": """
        DROP TABLE seat; ALTER TABLE hall RENAME TO room; ALTER TABLE room RENAME TO space
    """,
}


@pytest.mark.parametrize("engine_server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("swap", SWAPS)
def test_a_table_that_comes_back_refers_to_what_it_did(swap: str, engine_url: str) -> None:
    there_and_back("sqlite", engine_url, HALLS, f"PRAGMA foreign_keys = OFF; {SWAPS[swap]}")


KEYS = {
    "a key with a name": "CONSTRAINT seat_of FOREIGN KEY (hall) REFERENCES hall (id)",
    "a key without a name": "FOREIGN KEY (hall, floor) REFERENCES hall (id, floor)",
    "a key over an index": "KEY own (hall), FOREIGN KEY (hall) REFERENCES hall (id)",
}


@pytest.mark.parametrize("engine_server", ["mysql"], indirect=True)
@pytest.mark.parametrize("key", KEYS)
def test_a_wider_index_takes_the_place_of_a_keys_own_after_a_way_back(
    key: str, engine_url: str
) -> None:
    base = f"""
        CREATE TABLE hall (id int PRIMARY KEY, floor int, KEY (id, floor));
        CREATE TABLE seat (id int PRIMARY KEY, hall int, floor int, {KEYS[key]});
        INSERT INTO hall VALUES (1, 2); INSERT INTO seat VALUES (5, 1, 2)
    """
    there_and_back("mysql", engine_url, base, "DROP TABLE seat")
    wider = "CREATE INDEX wider ON seat (hall, floor, id)"
    with open_database(engine_url).connect() as connection:
        connection.execute(wider)
        assert observe(connection) == interpret(wider, interpret(base, None, "mysql").after).after
