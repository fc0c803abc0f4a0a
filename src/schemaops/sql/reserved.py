"""Names that a dialect refuses unless they are quoted, found where a statement gives one.

Only the words that every server of the dialect refuses: a word that MySQL reserves and MariaDB does
not, or the other way, may be a name.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.errors import SchemaOpsError
from schemaops.sql.grammar.vocabulary import HARD_IN_SQLITE, NAMES_IN_POSTGRES, SOFT_IN_MYSQL
from schemaops.sql.keywords import RESERVED, words
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.names import quote
from schemaops.sql.split import Statement

__all__ = ["ReservedWord", "must_be_names"]

# Reserved by MariaDB only, or by MySQL only, among what RESERVED has.
_OF_ONE_SERVER = words(
    """
    current_role database delete_domain_id do_domain_ids except ignore_domain_ids intersect
    io_after_gtids io_before_gtids master_bind master_demote_to_replica master_demote_to_slave
    optimizer_costs option page_checksum parse_vcol_expr ref_system_id returning schema
    sql_buffer_result sql_cache sql_no_cache stats_auto_recalc stats_persistent stats_sample_pages
    """
)
_NO_NAMES = {
    "postgres": RESERVED["postgres"] - NAMES_IN_POSTGRES,
    "mysql": RESERVED["mysql"] - SOFT_IN_MYSQL - _OF_ONE_SERVER,
    "sqlite": HARD_IN_SQLITE,
}
# What begins an item of CREATE TABLE that is no column.
_NO_COLUMN = words(
    "constraint primary unique check foreign exclude like key index fulltext spatial"
)
_BEFORE_KIND = words(
    "or replace temp temporary global local unlogged unique materialized recursive"
)


class ReservedWord(SchemaOpsError):
    """A table, column, view or index is called by a word that the dialect keeps for itself.

    The database refuses the statement. Quote the name wherever it stands, or choose another.
    """

    code = "SO205"


def must_be_names(statement: Statement, dialect: str) -> None:
    """Raise ReservedWord for the first bare word that a statement makes a name of and may not."""
    refused = _NO_NAMES[dialect]
    for token in _given(statement.tokens):
        if token.kind is TokenKind.WORD and token.text.lower() in refused:
            raise ReservedWord(
                f"{token.text} is a word of {dialect} and no name: write {quote(token.text, dialect)}"
            )


def _given(tokens: tuple[Token, ...]) -> Iterator[Token]:
    """Yield the names that a statement gives to tables, columns, views and indexes."""
    match [token.text.lower() for token in tokens[:2]]:
        case ["create", *_]:
            yield from _made(tokens, [token.text.lower() for token in tokens[:12]])
        case ["alter", "table"]:
            yield from _altered(tokens)


def _made(tokens: tuple[Token, ...], said: list[str]) -> Iterator[Token]:
    at = 1
    while at < len(said) and said[at] in _BEFORE_KIND:
        at += 1
    kind = said[at] if at < len(said) else ""
    if kind not in ("table", "view", "index"):
        return
    at += 1
    if kind == "index" and said[at : at + 1] in (["on"], ["concurrently"]):
        return
    at += 3 if said[at : at + 3] == ["if", "not", "exists"] else 0
    if at + 1 >= len(tokens):
        return
    following = tokens[at + 1].text.lower()
    if following in ({"on"} if kind == "index" else {"(", "as"}):
        yield tokens[at]
    if kind == "table":
        at += 1
        while at + 1 < len(tokens) and tokens[at].text == ".":
            at += 2
        if at < len(tokens) and tokens[at].text == "(":
            yield from _columns(tokens, at)


def _columns(tokens: tuple[Token, ...], opening: int) -> Iterator[Token]:
    """Yield the names at the head of what CREATE TABLE lists."""
    depth = 0
    for at in range(opening, len(tokens) - 2):
        text = tokens[at].text
        if at == opening or (depth == 1 and text == ","):
            first, second = tokens[at + 1], tokens[at + 2]
            word = first.text.lower()
            is_query = at == opening and word in ("select", "with", "values", "table")
            if not is_query and word not in _NO_COLUMN and second.kind is TokenKind.WORD:
                yield first
        depth += (text == "(") - (text == ")")
        if depth == 0:
            return


def _altered(tokens: tuple[Token, ...]) -> Iterator[Token]:
    depth = 0
    for at, token in enumerate(tokens[:-1]):
        depth += (token.text == "(") - (token.text == ")")
        said = token.text.lower()
        before = tokens[at - 1].text.lower() if at else ""
        if depth == 0 and said == "column" and before == "add":
            skipped = 3 if tokens[at + 1].text.lower() == "if" else 0
            yield from tokens[at + 1 + skipped : at + 2 + skipped]
        elif depth == 0 and said == "to" and (before == "rename" or _renames(tokens, at)):
            yield tokens[at + 1]


def _renames(tokens: tuple[Token, ...], at: int) -> bool:
    return at > 2 and tokens[at - 2].text.lower() == "column"
