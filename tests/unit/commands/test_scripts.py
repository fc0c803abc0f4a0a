from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from schemaops.commands.scripts import UnreadableFile, read_script
from tests.unit.commands.project import Project


def test_a_byte_order_mark_is_no_part_of_a_script(tmp_path: Path) -> None:
    file = tmp_path / "up.sql"
    file.write_bytes(b"\xef\xbb\xbfCREATE TABLE a (id int);\r\n")
    assert read_script(str(file)).text == "CREATE TABLE a (id int);\n"


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
