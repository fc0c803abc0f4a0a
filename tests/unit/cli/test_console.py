from __future__ import annotations

import io
import sys

import pytest

from schemaops.cli import console
from schemaops.reports.text import bad, ident, line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ada:s3:c@ret@host/db", "postgresql://ada:***@host/db"),
        ("mysql://:secret@host", "mysql://:***@host"),
        ("host=x password=secret user=y", "host=x password=*** user=y"),
        ("password = 'a b' and", "password = *** and"),
        ("sqlite:///a@b.db and me@example.org", "sqlite:///a@b.db and me@example.org"),
        ("postgresql://ada@host:5432/db", "postgresql://ada@host:5432/db"),
    ],
)
def test_secrets_are_struck_out(text: str, shown: str) -> None:
    assert console.redacted(text) == shown


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _written(monkeypatch: pytest.MonkeyPatch, **environ: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    console.write((line(ident("3f2a91c"), " ", bad("[odd] text")),))
    return terminal.getvalue()


def test_a_terminal_has_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _written(monkeypatch, TERM="xterm")
    assert "\x1b[" in told
    assert "[odd] text" in told


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_nobody_gets_colours_who_does_not_want_them(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    assert _written(monkeypatch, **environ) == "3f2a91c [odd] text\n"


def test_progress_without_a_terminal_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("replaying") as advance:
        advance(1, 2, "3f2a91c")
    assert capsys.readouterr() == ("", "")


def test_what_machines_read_keeps_its_sql_and_loses_its_addresses() -> None:
    sql = "UPDATE users SET password = 'x', home = 'https://ada:y@host'"
    shape = {"sql": sql, "url": "postgresql://ada:secret@host/shop", "more": [{"n": 1, "sql": sql}]}
    assert console.without_addresses(shape) == {
        "sql": sql,
        "url": "postgresql://ada:***@host/shop",
        "more": [{"n": 1, "sql": sql}],
    }
