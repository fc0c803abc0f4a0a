from __future__ import annotations

import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from schemaops.commands.diff import diff
from schemaops.commands.reverse_file import reverse_file
from schemaops.commands.scripts import UnreadableFile, read_script
from schemaops.sql.split import split
from tests.unit.commands.project import Project


def test_a_byte_order_mark_is_no_part_of_a_script(tmp_path: Path) -> None:
    file = tmp_path / "up.sql"
    file.write_bytes(b"\xef\xbb\xbfCREATE TABLE a (id int);\r\n")
    assert read_script(str(file)).text == "CREATE TABLE a (id int);\r\n"


_RETURNS = (
    b"CREATE TABLE a (\r\n id INTEGER PRIMARY KEY, -- a comment\r\n t TEXT DEFAULT 'x\r\ny'\r\n);\r\n"
    b"CREATE TRIGGER g AFTER INSERT ON a BEGIN\r\n DELETE FROM a WHERE t = '\r\n';\r\nEND;\r\n"
    b"CREATE VIEW v AS\r\nSELECT id, '\r\n' AS n FROM a;\r\n"
)


def test_line_ends_are_those_of_the_file(tmp_path: Path) -> None:
    file, database = tmp_path / "a.sql", tmp_path / "a.sqlite3"
    file.write_bytes(_RETURNS)
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(_RETURNS.decode())
    assert diff(f"file:{file}", f"sqlite:///{database}", dialect="sqlite").operations == ()
    (tmp_path / "none.sql").touch()
    found = reverse_file(read_script(str(tmp_path / "none.sql")), read_script(str(file)), "sqlite")
    assert b"".join(one.encode() + b";\r\n" for one in found.up) == _RETURNS


def test_a_comment_of_postgres_ends_at_a_carriage_return() -> None:
    found = [one.text for one in split("-- one\rSELECT 1;\rSELECT 2", "postgres")]
    assert found == ["SELECT 1", "SELECT 2"]
    assert [one.text for one in split("-- one\rSELECT 1;\nSELECT 2", "sqlite")] == ["SELECT 2"]


@pytest.mark.parametrize(
    ("data", "said"), [(b"SELECT 1;\nSELECT \0", "NUL byte"), (b"\nSELECT '\xe9'", "UTF-8")]
)
def test_what_is_no_text_is_said_with_its_line(
    data: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "up.sql"
    file.write_bytes(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), errors="surrogateescape"))
    for path in (str(file), "-"):
        with pytest.raises(UnreadableFile, match=said) as told:
            read_script(path)
        assert told.value.place is not None
        assert told.value.place.line == 2


def test_a_carriage_return_in_a_literal_is_not_lost_on_sealing(shop: Project) -> None:
    (shop.folder / "a.sql").write_bytes(b"CREATE TABLE a (\r\n t text DEFAULT 'x\r\ny');\r\n")
    assert "error[SO408]" in shop.run("commit", "a.sql", "-m", "A", code=2)
    (shop.folder / "a.sql").write_bytes(b"CREATE TABLE a (\r\n t text DEFAULT 'x');\r\n")
    shop.run("commit", "a.sql", "-m", "A")


def test_a_merge_shows_no_heading_over_nothing(shop: Project) -> None:
    shop.git("branch", "other")
    shop.seal("Age", "ALTER TABLE customers ADD COLUMN age INT")
    shop.git("switch", "--quiet", "other")
    shop.seal("Points", "ALTER TABLE customers ADD COLUMN points INT")
    shop.run("merge", "main")
    told = shop.run("show")
    assert "up from" in told
    lines = [one.strip() for one in told.splitlines()]
    assert "operations" not in lines or lines[lines.index("operations") + 1][:1] in "+-~"


def test_a_script_is_printed_byte_for_byte(empty: Project) -> None:
    view = "CREATE VIEW v AS SELECT 'postgres://ada:x@h  \n y' AS a WHERE 'password = ''z''' <> ''"
    empty.write("a.sql", f"{view};")
    assert empty.run(
        "diff", "file:/dev/null", "file:a.sql", "--dialect", "sqlite", "--sql", code=1
    ) == (f"{view};\n")


def test_the_client_of_mysql_is_told_where_a_routine_ends(empty: Project) -> None:
    body = "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END"
    empty.write("a.sql", f"DELIMITER //\n{body}//\nDELIMITER ;\nCREATE TABLE t (a int);")
    said = empty.run("diff", "file:/dev/null", "file:a.sql", "--dialect", "mysql", "--sql", code=1)
    assert f"DELIMITER ;;\n{body};;\nDELIMITER ;\n" in said
    empty.write("b.sql", said)
    assert empty.json("diff", "file:a.sql", "file:b.sql", "--dialect", "mysql")["equal"]


def test_what_is_not_understood_is_said_of_a_diff(empty: Project) -> None:
    empty.write("a.sql", "DO $$ BEGIN EXECUTE 'CREATE TABLE t ()'; END $$;")
    both = ("diff", "file:/dev/null", "file:a.sql", "--dialect", "postgres")
    found = empty.json(*both, code=1)
    assert (found["equal"], found["operations"]) == (False, [])
    assert found["opaque"][0]["effect"] == "unknown"
    assert "opaque a.sql:1" in empty.run(*both, "--sql", code=1)
    assert empty.json("diff", "file:a.sql", "file:a.sql", "--dialect", "postgres")["equal"]


def test_the_schema_at_a_revision_says_what_led_there_and_was_not_understood(shop: Project) -> None:
    assert shop.json("schema", "main")["opaque"] == []
    shop.seal("Notes", "CREATE VIRTUAL TABLE notes USING fts4(body); SELECT load_extension('x')")
    assert [one["effect"] for one in shop.json("schema", "main")["opaque"]] != []
