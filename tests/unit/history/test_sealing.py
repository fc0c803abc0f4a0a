from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.history.revision import migration_id
from schemaops.history.sealing import UnsealableText, sealed_text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"SELECT 1", "SELECT 1\n"),
        (b"SELECT 1;\n", "SELECT 1;\n"),
        (b"SELECT 1;\r\n-- a note\r\nSELECT 2;\r\n", "SELECT 1;\n-- a note\nSELECT 2;\n"),
        ("SELECT 'é—注';".encode(), "SELECT 'é—注';\n"),
    ],
)
def test_only_line_ends_are_ever_changed(data: bytes, text: str) -> None:
    assert sealed_text(data, "postgres") == text


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"\xef\xbb\xbfSELECT 1;", "byte order mark", 1),
        (b"SELECT 1;\nSELECT '\0';", "NUL", 2),
        (b"SELECT 1;\n\nSELECT '\xe9';", "0xe9 is not UTF-8", 3),
        (b"SELECT 1;\r\nSELECT 'a\r\nb';", "inside a literal", 2),
        (b'SELECT "a\r\nb";', "inside a literal", 1),
        (b"SELECT\n$$a\r\nb$$;", "inside a literal", 2),
        (b"SELECT 1;\n-- note\rDROP TABLE x;\n", "without a line feed", 2),
    ],
)
def test_what_a_revision_cannot_keep(data: bytes, reason: str, line: int) -> None:
    with pytest.raises(UnsealableText, match=reason) as raised:
        sealed_text(data, "postgres", file="drafts/x.sql")
    assert str(raised.value.place) == f"drafts/x.sql:{line}"


def test_what_mysql_executes_in_comments_has_line_ends_and_literals_too() -> None:
    sealed = sealed_text(b"/*!40000 ALTER TABLE t\r\n DISABLE KEYS */;\r\n", "mysql")
    assert sealed == "/*!40000 ALTER TABLE t\n DISABLE KEYS */;\n"
    with pytest.raises(UnsealableText, match="inside a literal"):
        sealed_text(b"/*!40000 SET @a =\r\n 'x\r\ny' */;", "mysql")


@given(st.text("a';-/*\r\n\"$ ", max_size=30), st.sampled_from(["postgres", "mysql", "sqlite"]))
def test_sealing_twice_is_sealing_once_and_keeps_the_migration(text: str, dialect: str) -> None:
    from schemaops.sql.lexer import UnreadableSql

    try:
        sealed = sealed_text(text.encode(), dialect)
        before = migration_id(text, dialect)
    except (UnsealableText, UnreadableSql):
        return
    assert sealed_text(sealed.encode(), dialect) == sealed
    if dialect != "mysql":  # whose hints keep their white space
        assert migration_id(sealed, dialect) == before
