"""Names: folded as each dialect does it, and quoted only where they must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.names import Kind
from schemaops.sql.lexer import DIALECTS, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.strings import string_literal, string_value


@pytest.mark.parametrize(
    ("dialect", "kind", "text", "folded"),
    [
        ("postgres", Kind.COLUMN, "Email", "email"),
        ("postgres", Kind.COLUMN, '"Email"', "Email"),
        ("postgres", Kind.COLUMN, '"a""b"', 'a"b'),
        ("postgres", Kind.COLUMN, "ÄB", "Äb"),
        ("postgres", Kind.COLUMN, 'U&"\\0041x"', "Ax"),
        ("postgres", Kind.TABLE, "a" * 70, "a" * 63),
        ("postgres", Kind.TABLE, '"' + "é" * 40 + '"', "é" * 31),
        ("mysql", Kind.COLUMN, "`Email`", "email"),
        ("mysql", Kind.TABLE, "Users", "Users"),
        ("mysql", Kind.COLUMN, "`a``b`", "a`b"),
        ("sqlite", Kind.TABLE, "Users", "users"),
        ("sqlite", Kind.COLUMN, "[My Col]", "my col"),
        ("sqlite", Kind.COLUMN, "ÄB", "Äb"),
    ],
)
def test_folding(dialect: str, kind: Kind, text: str, folded: str) -> None:
    assert fold(text, dialect, kind) == folded


def test_a_name_remembers_how_it_was_spelled_where_case_is_no_difference() -> None:
    assert fold("`Email`", "mysql").spelling == "Email"
    assert fold("Users", "sqlite").spelling == "Users"
    assert fold("Users", "postgres").spelling == "users"


@pytest.mark.parametrize(
    ("dialect", "name", "quoted"),
    [
        ("postgres", "email", "email"),
        ("postgres", "Email", '"Email"'),
        ("postgres", "order", '"order"'),
        ("postgres", 'a"b', '"a""b"'),
        ("postgres", "1a", '"1a"'),
        ("mysql", "order", "`order`"),
        ("mysql", "Email", "Email"),
        ("mysql", "a`b", "`a``b`"),
        ("sqlite", "group", '"group"'),
        ("sqlite", "my col", '"my col"'),
    ],
)
def test_quoting(dialect: str, name: str, quoted: str) -> None:
    assert quote(name, dialect) == quoted


# A name or string of the core holds no NUL: engines take none.
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=15)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(name=TEXTS)
def test_what_is_quoted_is_one_token_and_reads_back(dialect: str, name: str) -> None:
    (token,) = tokens(quote(name, dialect), dialect)
    assert fold(token.text, dialect, Kind.TABLE).spelling == name


@pytest.mark.parametrize("dialect", DIALECTS)
@given(value=TEXTS)
def test_a_literal_is_one_token_and_stands_for_its_value(dialect: str, value: str) -> None:
    (token,) = tokens(string_literal(value, dialect), dialect)
    assert string_value(token.text, dialect) == value


@pytest.mark.parametrize(
    ("dialect", "literal", "value"),
    [
        ("postgres", "'it''s'", "it's"),
        ("postgres", "'a\\n'", "a\\n"),
        ("postgres", "E'a\\n\\t\\'\\\\'", "a\n\t'\\"),
        ("postgres", "e'\\x41\\u0042\\103'", "ABC"),
        ("postgres", "E'\\xc3\\xa9'", "é"),
        ("postgres", "U&'d\\0061t\\+000061'", "data"),
        ("postgres", "$$it's$$", "it's"),
        ("postgres", "$tag$a $$ b$tag$", "a $$ b"),
        ("mysql", "'it\\'s'", "it's"),
        ("mysql", '"it\'s"', "it's"),
        ("mysql", "'a\\nb\\\\'", "a\nb\\"),
        ("mysql", "'50\\%'", "50\\%"),
        ("mysql", "_utf8mb4'x'", "x"),
        ("mysql", "N'x'", "x"),
        ("sqlite", "'a\\nb'", "a\\nb"),
    ],
)
def test_what_literals_stand_for(dialect: str, literal: str, value: str) -> None:
    assert string_value(literal, dialect) == value
