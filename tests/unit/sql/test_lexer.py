"""Tokens and statements: what is dropped, what is one token, and where a statement ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.sql.lexer import DIALECTS, TokenKind, UnreadableSql, tokens
from schemaops.sql.split import split


def texts(sql: str, dialect: str) -> list[str]:
    return [token.text for token in tokens(sql, dialect)]


def statements(sql: str, dialect: str) -> list[str]:
    return [statement.text for statement in split(sql, dialect)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_white_space_and_comments_are_no_tokens(dialect: str) -> None:
    assert texts("a -- b\n /* c ; */ , 'd'", dialect) == ["a", ",", "'d'"]


@pytest.mark.parametrize(
    ("sql", "dialect", "expected"),
    [
        ("/* a /* b */ c */ d", "postgres", ["d"]),
        ("/* a /* b */ c", "mysql", ["c"]),
        ("$f$ a ' ; $g$ $f$ x", "postgres", ["$f$ a ' ; $g$ $f$", "x"]),
        (r"E'a\'b' x", "postgres", [r"E'a\'b'", "x"]),
        (r"'a\' x", "postgres", [r"'a\'", "x"]),
        (r"'a\'b' x", "mysql", [r"'a\'b'", "x"]),
        ("a--b", "mysql", ["a", "-", "-", "b"]),
        ("a -- b", "mysql", ["a"]),
        ("a # b\nc", "mysql", ["a", "c"]),
        ("/*!50000 a */ b", "mysql", ["/*!50000 a */", "b"]),
        ("SELECT /*+ x */ 1", "mysql", ["SELECT", "/*+ x */", "1"]),
        ("[a b].`c`", "sqlite", ["[a b]", ".", "`c`"]),
        ("a::b", "postgres", ["a", "::", "b"]),
        ("a->>'b'", "postgres", ["a", "->>", "'b'"]),
        ("x'00ff'", "sqlite", ["x'00ff'"]),
        ('U&"d\\0061t"', "postgres", ['U&"d\\0061t"']),
        ("1.5e-3+.5", "postgres", ["1.5e-3", "+", ".5"]),
        ("a /* open", "sqlite", ["a"]),
        ("SELECT\u00a0x", "postgres", ["SELECT\u00a0x"]),
        ("naïve\u0663", "sqlite", ["naïve\u0663"]),
    ],
)
def test_what_is_one_token(sql: str, dialect: str, expected: list[str]) -> None:
    assert texts(sql, dialect) == expected


@pytest.mark.parametrize("sql", ["'a", '"a', "/* a", "$x$ a", "a 'b\n"])
def test_what_never_ends_is_an_error_with_its_line(sql: str) -> None:
    with pytest.raises(UnreadableSql) as caught:
        list(tokens("b\n" + sql, "postgres", file="f.sql"))
    assert str(caught.value.place) == "f.sql:2"


@given(st.sampled_from(DIALECTS), st.text(alphabet="ab1'\"`$[]()-/*;:,. \n", max_size=40))
def test_tokens_cover_the_text_in_order_or_it_is_refused(dialect: str, sql: str) -> None:
    try:
        found = list(tokens(sql, dialect))
    except UnreadableSql:
        return
    at = 0
    for token in found:
        assert token.start >= at
        assert sql[token.start : token.end] == token.text
        at = token.end


@pytest.mark.parametrize(
    ("sql", "dialect", "count"),
    [
        ("a; b ;; c", "postgres", 3),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$; b", "postgres", 2),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; b",
            "postgres",
            2,
        ),
        (
            "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM y; END; b",
            "sqlite",
            2,
        ),
        (
            "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; WHILE b DO SET c = 1; END WHILE; END; b",
            "mysql",
            2,
        ),
        ("CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = IF(1, 2, 3); b", "mysql", 2),
        ("DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nb;", "mysql", 2),
        ("BEGIN; COMMIT", "postgres", 2),
        ("-- only a comment", "postgres", 0),
    ],
)
def test_where_a_statement_ends(sql: str, dialect: str, count: int) -> None:
    assert len(statements(sql, dialect)) == count


def test_a_statement_knows_its_text_its_line_and_its_tokens() -> None:
    first, second = split("-- one\nSELECT 1;\n\n  SELECT\n  2 -- two\n;", "postgres")
    assert (first.text, first.line) == ("SELECT 1", 2)
    assert (second.text, second.line) == ("SELECT\n  2", 4)
    assert [second.text[t.start : t.end] for t in second.tokens] == ["SELECT", "2"]
    assert all(token.kind in TokenKind for token in second.tokens)
