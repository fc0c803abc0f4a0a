"""SQL text into tokens: the small lexer that statements, migration ids and recognisers share.

A token is a kind and the exact source text, quotes and prefixes included. White space and comments
lie between tokens and are dropped; MySQL's ``/*! */`` and optimizer hints ``/*+ */`` are tokens,
because servers read them. In PostgreSQL's scripts a backslash begins a line for the client, psql, and
that line is one token; so are the rows behind ``COPY … FROM stdin;``, with the line that ends them.
Ledgers keep digests over these tokens for ever, so what is one token here never changes
(`docs/format.md` documents it; golden ids hold it).

Sources: PostgreSQL 18 manual 4.1 (nested comments, dollar quotes, E and U& strings, operators);
MySQL 8.4 manual 11 and 11.7 (comments, backslash escapes); sqlite.org/lang_expr.html, lang_keywords.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from schemaops.errors import Place, SchemaOpsError

__all__ = ["DIALECTS", "Token", "TokenKind", "UnreadableSql", "tokens"]

DIALECTS = ("postgres", "mysql", "sqlite")


class UnreadableSql(SchemaOpsError):
    """The text ends inside a string, a quoted name, a comment or a dollar quote.

    Nothing after the place named can be read as statements. Close the quote there; a literal quote
    inside a string is written twice.
    """

    code = "SO201"


class TokenKind(StrEnum):
    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    PARAMETER = "parameter"
    SYMBOL = "symbol"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Token:
    """A token's kind, its exact source text, and where it starts (characters from the text's start)."""

    kind: TokenKind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset just past the token."""
        return self.start + len(self.text)


# Spelled out rather than left to the regular expressions' classes: those follow the Unicode tables of
# the Python that runs them, and what is a token may never change. Every character beyond ASCII is a
# letter, as it is to the servers.
_SPACE = r"[ \t\n\r\f\v]"
_LETTER = r"A-Za-z_\x80-\U0010ffff"
_WORD = rf"[{_LETTER}][{_LETTER}0-9$]*"
_NUMBER = r"0[xX][0-9A-Fa-f]+|(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_OPERATOR = r"(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+"

_POSTGRES = rf"""
  (?P<space>{_SPACE}+|--[^\r\n]*)
| (?P<comment>/\*)
| (?P<string>[eE]'(?:[^'\\]|''|\\.)*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
| (?P<quoted>(?:[uU]&)?"(?:[^"]|"")*")
| (?P<dollar>\$(?:[{_LETTER}][{_LETTER}0-9]*)?\$)
| (?P<parameter>\$[0-9]+)
| (?P<number>{_NUMBER})
| (?P<word>{_WORD})
| (?P<client>\\[^\r\n]*)
| (?P<symbol>::|:=|{_OPERATOR}|[^'"$])
"""

_MYSQL = rf"""
  (?P<space>{_SPACE}+|--(?=[\x00-\x20]|\Z)[^\n]*|\#[^\n]*)
| (?P<hint>/\*(?:M?!|\+)(?:[^*]|\*(?!/))*\*/)
| (?P<comment>/\*)
| (?P<string>(?:[bBxXnN]|_[A-Za-z0-9]+{_SPACE}*)?(?:'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"))
| (?P<quoted>`(?:[^`]|``)*`)
| (?P<number>(?:{_NUMBER})(?![{_LETTER}0-9$]))
| (?P<word>[{_LETTER}0-9$]+)
| (?P<parameter>@@?[{_LETTER}0-9.$]+|\?)
| (?P<symbol><=>|<>|[<>!:]=|<<|>>|&&|\|\||->>?|[^'"`])
"""

_SQLITE = rf"""
  (?P<space>{_SPACE}+|--[^\n]*)
| (?P<comment>/\*)
| (?P<string>[xX]?'(?:[^']|'')*')
| (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
| (?P<number>{_NUMBER})
| (?P<word>{_WORD})
| (?P<parameter>\?[0-9]*|[:@$][{_LETTER}0-9]+)
| (?P<symbol><>|<=|>=|==|!=|<<|>>|\|\||->>?|[^'"`\[$])
"""

_PATTERNS = {"postgres": _POSTGRES, "mysql": _MYSQL, "sqlite": _SQLITE}
# The rows of a COPY, from the line after its semicolon to the one that ends them.
_ROWS = re.compile(r"[^\n]*\n(?P<rows>(?:(?!\\\.\r?$)[^\n]*\n)*\\\.)(?=\r?$)", re.MULTILINE)
_FROM_STDIN = re.compile(r"\bfrom\s+stdin\b", re.IGNORECASE)
_OPTIONS = 4000
_KINDS = {kind.value: kind for kind in TokenKind}
_NESTED = re.compile(r"/\*|\*/")


@cache
def _lexer(dialect: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[dialect], re.VERBOSE | re.DOTALL)


def tokens(text: str, dialect: str, *, file: str = "-", start: int = 0) -> Iterator[Token]:
    """Yield the tokens of `text` from offset `start`; raise UnreadableSql where a quote never ends."""
    match = _lexer(dialect).match
    at, end = start, len(text)
    copying, fresh = False, True
    while at < end:
        found = match(text, at)
        if found is None:
            raise UnreadableSql(
                f"what begins here never ends: `{text[at : at + 20].splitlines()[0]}`",
                place=Place(file, text.count("\n", 0, at) + 1),
            )
        group = found.lastgroup
        if group == "space":
            at = found.end()
        elif group == "comment":
            at = _past_comment(text, at, dialect, file)
        elif group == "dollar":
            stop = text.find(found.group(), found.end())
            if stop < 0:
                raise UnreadableSql(
                    f"the dollar quote {found.group()} never ends",
                    place=Place(file, text.count("\n", 0, at) + 1),
                )
            stop += len(found.group())
            yield Token(TokenKind.STRING, text[at:stop], at)
            at = stop
        elif group == "client":
            yield Token(TokenKind.SYMBOL, found.group(), at)
            at = found.end()
        else:
            assert group is not None
            token = Token(_KINDS[group], found.group(), at)
            yield token
            at = found.end()
            if dialect != "postgres":
                continue
            if token.text == ";":
                if copying and _FROM_STDIN.search(text, max(0, at - _OPTIONS), at):
                    rows = _ROWS.match(text, at)
                    if rows is not None:
                        yield Token(TokenKind.STRING, rows["rows"], rows.start("rows"))
                        at = rows.end()
                copying, fresh = False, True
            elif fresh:
                copying, fresh = token.text.upper() == "COPY", False


def _past_comment(text: str, at: int, dialect: str, file: str) -> int:
    depth, here = 1, at + 2
    while depth:
        found = _NESTED.search(text, here)
        if found is None:
            if dialect == "sqlite":  # a comment may run to the end of input there
                return len(text)
            raise UnreadableSql(
                "a comment never ends", place=Place(file, text.count("\n", 0, at) + 1)
            )
        here = found.end()
        if found.group() == "*/":
            depth -= 1
        elif dialect == "postgres":
            depth += 1
    return here
