from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.transcripts.hints import untypeable
from tests.transcripts.sessions import Session, replayed

ROOT = Path(__file__).parent.parent.parent
# The guides are sessions too; what only prepares one stands in a comment of Markdown.
CASES = [
    *sorted((ROOT / "fixtures/cli").glob("*.md")),
    *sorted((ROOT / "docs/guides").glob("*.md")),
]


@pytest.fixture
def hermetic(tmp_path: Path) -> Mapping[str, str]:
    """Nothing of the user's, and a clock that stands still."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LC_ALL", "TZ", "COLUMNS", "NO_COLOR")}
    return {
        **kept,
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        # Within the folder, so that hints which are typed in a copy of it move the copy's.
        "PRODUCTION_URL": "sqlite:///production.sqlite3",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Ada Example",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_AUTHOR_DATE": "2030-01-02T03:04:05Z",
        "GIT_COMMITTER_NAME": "Ada Example",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_COMMITTER_DATE": "2030-01-02T03:04:05Z",
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_session_goes_as_written(
    case: Path, tmp_path: Path, hermetic: Mapping[str, str], request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    document = case.read_text()
    session = Session(folder, hermetic)
    wrong: list[str] = []
    seen: set[str] = set()
    session.watch = lambda printed: wrong.extend(untypeable(printed, session, seen))
    now = replayed(document, session)
    assert wrong == []
    if request.config.getoption("--update-cases"):
        case.write_text(now)
    else:
        assert now == document
