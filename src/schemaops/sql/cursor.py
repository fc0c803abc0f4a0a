"""A cursor over one statement's tokens: what every recogniser reads with.

Recognisers are written against it as plain recursive descent. Where the text is not what a recogniser
knows, it raises `NotUnderstood` and the statement is opaque: a statement must never be understood
wrongly.
"""

from __future__ import annotations

from schemaops.names import Kind, Name
from schemaops.sql.keywords import words
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.names import fold
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.split import Statement

__all__ = ["Cursor", "literal"]

# No names in SQLite, whose grammar takes most other words of its own for such where they fit.
_RESERVED = words(
    """
    add all alter and as autoincrement between case check collate commit constraint create default
    deferrable delete distinct drop else escape exists foreign from group having in insert into is
    isnull limit not notnull null on or order primary references select set table then to
    transaction union unique update using values when where
    """
)
_IDENTIFIERS = (TokenKind.WORD, TokenKind.QUOTED)


class Cursor:
    """The tokens of a statement, read from left to right."""

    def __init__(
        self, statement: Statement, dialect: str, at: int = 0, stop: int | None = None
    ) -> None:
        self.statement = statement
        self.dialect = dialect
        self.tokens = statement.tokens
        self.at = at
        self.stop = len(statement.tokens) if stop is None else stop

    # -- looking

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= self.stop

    @property
    def token(self) -> Token | None:
        """The token ahead, None at the end."""
        return self.tokens[self.at] if self.at < self.stop else None

    def word(self, ahead: int = 0) -> str:
        """Return the bare word `ahead` tokens on, upper-case; "" where there is none."""
        if self.at + ahead < self.stop:
            token = self.tokens[self.at + ahead]
            if token.kind is TokenKind.WORD:
                return token.text.upper()
        return ""

    def symbol(self, ahead: int = 0) -> str:
        """Return the symbol `ahead` tokens on; "" where there is none."""
        if self.at + ahead < self.stop:
            token = self.tokens[self.at + ahead]
            if token.kind is TokenKind.SYMBOL:
                return token.text
        return ""

    def sees(self, *words: str) -> bool:
        """Whether these bare words come next."""
        first = words[0] if words else ""
        return self.word() == first and all(self.word(i) == w for i, w in enumerate(words))

    def refuse(self) -> NotUnderstood:
        """Return the exception to raise at the token ahead."""
        return not_understood(self.token)

    # -- taking

    def take(self, *words: str) -> bool:
        """Step past these bare words if they come next."""
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def need(self, *words: str) -> None:
        """Step past these bare words; raise NotUnderstood."""
        if not self.take(*words):
            raise self.refuse()

    def one_of(self, *words: str) -> str:
        """Step past one of these words and return it; "" where none comes next."""
        ahead = self.word()
        if ahead and ahead in words:
            self.at += 1
            return ahead
        return ""

    def take_symbol(self, symbol: str) -> bool:
        """Step past this symbol if it comes next."""
        if self.symbol() != symbol:
            return False
        self.at += 1
        return True

    def need_symbol(self, symbol: str) -> None:
        """Step past this symbol; raise NotUnderstood."""
        if not self.take_symbol(symbol):
            raise self.refuse()

    def identifier(self, kind: Kind = Kind.COLUMN) -> tuple[Name, Token]:
        """Take an identifier; return its name as the dialect folds it, and its token."""
        token = self.token
        if token is None or not self._identifies(token):
            raise self.refuse()
        self.at += 1
        if token.kind is TokenKind.STRING:
            return fold('"' + token.text[1:-1] + '"', self.dialect, kind), token
        return fold(token.text, self.dialect, kind), token

    def _identifies(self, token: Token) -> bool:
        if token.kind in _IDENTIFIERS:
            return self.dialect != "sqlite" or token.text.lower() not in _RESERVED
        # SQLite takes a string for a name where only a name can stand.
        return token.kind is TokenKind.STRING and self.dialect == "sqlite"

    def sees_identifier(self) -> bool:
        """Whether an identifier (any word, or a quoted name) comes next."""
        return self.token is not None and self.token.kind in _IDENTIFIERS

    def qualified(self, kind: Kind = Kind.TABLE) -> list[tuple[Name, Token]]:
        """Take `a`, `a.b` or `a.b.c`; return the names with their tokens."""
        parts = [self.identifier(kind)]
        while self.symbol() == "." and self.at + 1 < self.stop:
            self.at += 1
            parts.append(self.identifier(kind))
        return parts

    def string(self) -> str:
        """Take a string literal; return its value."""
        token = self.token
        if token is None or token.kind is not TokenKind.STRING:
            raise self.refuse()
        self.at += 1
        value = literal(token.text, self.dialect)
        # Literals on successive lines are one literal.
        while self.token is not None and self.token.kind is TokenKind.STRING:
            value += literal(self.token.text, self.dialect)
            self.at += 1
        return value

    def number(self) -> str:
        """Take a number, signed or not; return its text."""
        sign = "-" if self.take_symbol("-") else ""
        if not sign:
            self.take_symbol("+")
        token = self.token
        if token is None or token.kind is not TokenKind.NUMBER:
            raise self.refuse()
        self.at += 1
        return sign + token.text

    def inside(self) -> Cursor:
        """Take a parenthesis; return a cursor over what stands in it."""
        self.need_symbol("(")
        start, depth = self.at, 1
        while self.at < self.stop:
            symbol = self.symbol()
            depth += (symbol == "(") - (symbol == ")")
            self.at += 1
            if depth == 0:
                return Cursor(self.statement, self.dialect, start, self.at - 1)
        raise not_understood(None)

    def parts(self) -> list[Cursor]:
        """Return cursors over what commas separate in the rest, parentheses apart."""
        found, start, depth = [], self.at, 0
        while self.at < self.stop:
            symbol = self.symbol()
            if symbol == "," and depth == 0:
                found.append(Cursor(self.statement, self.dialect, start, self.at))
                start = self.at + 1
            depth += (symbol in ("(", "[")) - (symbol in (")", "]"))
            self.at += 1
        if start < self.stop or found:  # behind a last comma nothing stands, and that is wrong
            found.append(Cursor(self.statement, self.dialect, start, self.stop))
        return found

    def until(self, *words: str) -> Cursor:
        """Take everything up to one of these words outside parentheses, or a comma there."""
        start, depth = self.at, 0
        while self.at < self.stop:
            symbol = self.symbol()
            if depth == 0 and self.at > start and self.word() in words:
                break
            if depth == 0 and symbol == ",":
                break
            depth += (symbol in ("(", "[")) - (symbol in (")", "]"))
            if depth < 0:
                break
            self.at += 1
        return Cursor(self.statement, self.dialect, start, self.at)

    def names(self) -> list[tuple[Name, Token]]:
        """Take `(a, b, …)`; return the names."""
        inner = self.inside()
        found = [inner.identifier()]
        while inner.take_symbol(","):
            found.append(inner.identifier())
        inner.end()
        return found

    def end(self) -> None:
        """Raise NotUnderstood unless nothing is left."""
        if not self.done:
            raise self.refuse()

    # -- the text

    @property
    def start(self) -> int:
        """The offset in the statement's text of the token ahead (of the text's end at the end)."""
        if self.at < self.stop:
            return self.tokens[self.at].start
        return self.tokens[self.stop - 1].end if self.stop else 0

    def text(self) -> str:
        """Return the source text of what is left."""
        if self.done:
            return ""
        return self.statement.text[self.tokens[self.at].start : self.tokens[self.stop - 1].end]


def not_understood(token: Token | None) -> NotUnderstood:
    """Return the error that says where a recogniser met what it does not know."""
    where = f"`{token.text[:40]}`" if token else "its end"
    return NotUnderstood(f"the statement is not understood at {where}")


def literal(text: str, dialect: str) -> str:
    """Return the value of a string literal as the dialect reads it."""
    if text.startswith("$"):
        mark = text[: text.index("$", 1) + 1]
        return text[len(mark) : -len(mark)]
    quote = text.index("'") if "'" in text else text.index('"')
    mark = text[quote]
    body = text[quote + 1 : -1].replace(mark * 2, mark)
    if dialect == "mysql" or text[0] in "eE":
        return _unescaped(body)
    return body


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "Z": "\x1a"}


def _unescaped(body: str) -> str:
    if "\\" not in body:
        return body
    out, i = [], 0
    while i < len(body):
        if body[i] == "\\" and i + 1 < len(body):
            out.append(_ESCAPES.get(body[i + 1], body[i + 1]))
            i += 2
        else:
            out.append(body[i])
            i += 1
    return "".join(out)
