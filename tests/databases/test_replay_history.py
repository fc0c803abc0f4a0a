"""The tool that replays histories: what it counts, and what it calls a difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.replay_history import main, read_history


def _history(folder: Path, **migrations: str) -> Path:
    folder.mkdir()
    for name, text in migrations.items():
        (folder / f"{name}.up.sql").write_text(text, encoding="utf-8")
    return folder


def test_a_history_that_is_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _history(
        tmp_path / "shop",
        a1="CREATE TABLE t (id INTEGER PRIMARY KEY); BEGIN; INSERT INTO t VALUES (1); COMMIT",
        a2="ATTACH ':memory:' AS other; ALTER TABLE t ADD COLUMN b INT",
    )
    assert main([str(folder), "--dialect", "sqlite", "--opaque"]) == 0
    said = capsys.readouterr().out
    assert (
        "shop: 2 migrations, 2 equal, 4 statements, 1 opaque (ATTACH ':MEMORY:' 1), 0 differ"
        in said
    )
    assert "opaque: ATTACH" in said


def test_what_the_database_refuses_ends_a_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _history(tmp_path / "h", a="CREATE TABLE t (a INT)", b="SELECT absent()", c="SELECT 1")
    assert main([str(folder), "--dialect", "sqlite"]) == 1
    said = capsys.readouterr().out
    assert "h: 1 migrations, 1 equal" in said
    assert "stopped at b: no such function: absent" in said
    assert main([str(folder), "--dialect", "sqlite", "--limit", "1"]) == 0


def test_a_manifest_says_order_and_dialect(tmp_path: Path) -> None:
    folder = _history(tmp_path / "h", b="SELECT 1", a="SELECT 2")
    entry = {
        "name": "h",
        "dialect": "postgres",
        "files": [{"file": "b"}, {"file": "a", "no_transaction": True}],
    }
    (tmp_path / "manifest.json").write_text(json.dumps([{"name": "other"}, entry]))
    history = read_history(folder)
    assert history.dialect == "postgres"
    assert [(m.name, m.transaction) for m in history.migrations] == [("b", True), ("a", False)]
