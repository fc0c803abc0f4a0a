"""A reader over the tokens of one text: what the grammar is made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from schemaops.sql.grammar.vocabulary import LEVELS, SPECIAL_PG_CHARACTERS
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.scope import NotUnderstood

__all__ = ["Reader"]

T = TypeVar("T")


class Reader:
    """A reader over the tokens of one text."""

    def __init__(self, found: tuple[Token, ...], dialect: str) -> None:
        self.dialect = dialect
        self.given = found
        self.plain = False
        self.found = _split_operators(found) if dialect == "postgres" else list(found)
        self.at = 0
        self.keys = [
            token.text.lower() if token.kind in {TokenKind.WORD, TokenKind.SYMBOL} else ""
            for token in self.found
        ]
        # A few empty keys, so that looking ahead needs no bounds.
        self.keys += ["", "", "", ""]
        self.levels = LEVELS[dialect]
        self.above_tests = max(self.levels["is"], self.levels["in"]) + 1

    # -- tokens

    @property
    def key(self) -> str:
        """The word or symbol here, in lower case; empty for anything else, and at the end."""
        return self.keys[self.at]

    def kind(self, ahead: int = 0) -> TokenKind | None:
        """The kind of the token here."""
        here = self.at + ahead
        return self.found[here].kind if here < len(self.found) else None

    def ahead(self, *keys: str) -> bool:
        """Whether these words and symbols come next."""
        return all(self.keys[self.at + i] == key for i, key in enumerate(keys))

    def took(self, *keys: str) -> bool:
        """Take these words and symbols if they come next."""
        if self.keys[self.at] != keys[0] or not self.ahead(*keys):
            return False
        self.at += len(keys)
        return True

    def expect(self, *keys: str) -> None:
        """Take these words and symbols; raise NotUnderstood where others stand."""
        if not self.took(*keys):
            raise self.wrong(f"`{' '.join(keys)}` is missing")

    def next(self) -> Token:
        """Take the token here."""
        if self.at >= len(self.found):
            raise self.wrong("more was expected")
        self.at += 1
        return self.found[self.at - 1]

    def done(self) -> None:
        """Raise NotUnderstood unless all was read."""
        if self.at < len(self.found):
            raise self.wrong("this is more than was expected")

    def wrong(self, what: str) -> NotUnderstood:
        """An error that says what is wrong here."""
        if self.at < len(self.found):
            return NotUnderstood(f"{what}, near `{self.found[self.at].text}`")
        return NotUnderstood(f"{what}, at the end")

    def place(self) -> int:
        """The index here among the tokens that were given."""
        end = self.found[self.at - 1].end if self.at else 0
        return sum(token.end <= end for token in self.given)

    def is_name(self, ahead: int = 0, *, unless: frozenset[str] = frozenset()) -> bool:
        """Whether an identifier comes next: quoted, or a word that is not reserved."""
        kind = self.kind(ahead)
        if kind is TokenKind.QUOTED:
            return True
        word = self.keys[self.at + ahead]
        return kind is TokenKind.WORD and word not in unless

    def name(self) -> Token:
        """Take an identifier."""
        if not self.is_name():
            raise self.wrong("a name is missing")
        return self.next()

    def names_in_parentheses(self) -> tuple[Token, ...]:
        """Take names in parentheses."""
        self.expect("(")
        found = self.separated(self.name)
        self.expect(")")
        return found

    def path(self) -> tuple[Token, ...]:
        """Take a name with what qualifies it."""
        parts = [self.name()]
        while self.key == "." and self.is_name(1):
            self.at += 1
            parts.append(self.next())
        return tuple(parts)

    def separated(self, read: Callable[[], T]) -> tuple[T, ...]:
        """Read things with commas between them."""
        found = [read()]
        while self.took(","):
            found.append(read())
        return tuple(found)


def _split_operators(found: tuple[Token, ...]) -> list[Token]:
    """Part signs from the operators before them, as PostgreSQL's lexer does."""
    parted: list[Token] = []
    for token in found:
        text = token.text
        if token.kind is not TokenKind.SYMBOL or len(text) == 1 or text[-1] not in "+-":
            parted.append(token)
            continue
        end = len(text)
        if not SPECIAL_PG_CHARACTERS.intersection(text):
            while end > 1 and text[end - 1] in "+-":
                end -= 1
        parted.append(Token(token.kind, text[:end], token.start))
        parted += [
            Token(token.kind, sign, token.start + place)
            for place, sign in enumerate(text[end:], end)
        ]
    return parted
