"""Folders to type commands in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.commands.project import Project


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """A folder with nothing in it."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return Project(folder, {"XDG_CACHE_HOME": str(tmp_path / "cache")})


@pytest.fixture
def shop(empty: Project) -> Project:
    """A project on SQLite with one revision, committed in git."""
    empty.run("init", "--dialect", "sqlite")
    empty.seal("Customers", "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
    return empty
