"""Recognise DO blocks whose branches the schema decides: guards around static statements.

What is followed: `IF [NOT] EXISTS (SELECT … FROM catalogue WHERE …) THEN … ELSE … END IF` with a condition
that `lookups` can decide, statements as they stand, RAISE below an exception, and `EXCEPTION WHEN
duplicate_… THEN NULL` around statements of which it is known whether the name that they make is taken.
So is EXECUTE of a text that stands there whole. Variables, loops, calls and what else EXECUTE runs are
not followed, nor a block without any guard; all of these are opaque.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

from schemaops.errors import SchemaOpsError
from schemaops.names import Kind
from schemaops.operations.group import Mention
from schemaops.schema.state import TakenName
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.lookups import decided
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.split import Statement, split
from schemaops.sql.strings import string_value

__all__ = ["do_block"]

Recognise = Callable[[Reading, Statement], None]

_FOLLOWED = frozenset(
    ["ALTER", "COMMENT", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "REVOKE", "UPDATE"]
)
_TOLD = frozenset({"NOTICE", "INFO", "WARNING", "LOG", "DEBUG"})
_TAG = re.compile(r"\$[^$]*\$")
_BLOCKS = frozenset({"IF", "CASE", "LOOP", "BEGIN"})


def do_block(reading: Reading, cursor: Cursor, recognise: Recognise) -> None:
    """Take what follows DO."""
    token = None
    while not cursor.done:
        if cursor.take("LANGUAGE"):
            if cursor.token is None or cursor.token.text.strip("'\"").lower() != "plpgsql":
                raise cursor.refuse()
            cursor.at += 1
        elif token is None and cursor.token is not None:
            token = cursor.token
            cursor.at += 1
        else:
            raise cursor.refuse()
    found = _TAG.match(token.text) if token is not None else None
    if token is None or found is None:
        raise cursor.refuse()
    body = token.text[found.end() : -found.end()]
    _Block(reading, body, token.start + found.end(), recognise).run()


class _Block:
    """A body being followed; what its statements mention is noted where they stand."""

    def __init__(self, reading: Reading, body: str, offset: int, recognise: Recognise) -> None:
        self.reading = reading
        self.body = body
        self.offset = offset
        self.recognise = recognise
        whole = Statement(body, tuple(tokens(body, "postgres")), 1, 0)
        self.cursor = Cursor(whole, "postgres")

    def run(self) -> None:
        """Follow the whole body."""
        words = [token.text.upper() for token in self.cursor.tokens]
        guards = itertools.pairwise(words)
        if "EXCEPTION" not in words and ("END", "IF") not in guards:
            raise NotUnderstood("a block without a guard is not followed")
        self.cursor.need("BEGIN")
        self._guarded()
        self.cursor.need("END")
        self.cursor.take_symbol(";")
        self.cursor.end()

    def _guarded(self) -> None:
        """Follow statements up to END, with an EXCEPTION clause perhaps."""
        reading, start = self.reading, self.cursor.at
        handled = self._handled(start)
        if handled is None:
            self._statements(really=True)
            return
        before = reading.schema
        kept = len(reading.operations)
        reading.masks.add("IF NOT EXISTS")
        try:
            self._statements(really=True)
        except TakenName as error:
            if _condition_of(error) not in handled:
                raise NotUnderstood("how the block handles a failure is not understood") from error
            reading.schema = before
            del reading.operations[kept:]
            self.cursor.at = start
            self._statements(really=False)
        except NotUnderstood:
            raise
        except SchemaOpsError as error:
            raise NotUnderstood("how the block handles a failure is not understood") from error
        self._handlers()

    def _handled(self, start: int) -> frozenset[str] | None:
        """Return the conditions that an EXCEPTION clause of this block names, None without one."""
        here = Cursor(self.cursor.statement, "postgres", start)
        depth = 0
        while not here.done:
            word = here.word()
            if word == "END":
                if depth == 0:
                    return None
                depth -= 1
                here.at += 1
                here.one_of("IF", "CASE", "LOOP")
                continue
            if word == "EXCEPTION" and depth == 0 and here.tokens[here.at - 1].text == ";":
                return _conditions(here)
            depth += word in _BLOCKS and not _is_guard(here)
            here.at += 1
        raise self.cursor.refuse()

    def _handlers(self) -> None:
        cursor = self.cursor
        if not cursor.take("EXCEPTION"):
            raise cursor.refuse()
        while cursor.take("WHEN"):
            while not cursor.take("THEN"):
                if cursor.done:
                    raise cursor.refuse()
                cursor.at += 1
            while not cursor.sees("WHEN") and not cursor.sees("END"):
                if not self._idle():
                    raise cursor.refuse()

    def _idle(self) -> bool:
        """Take a statement that does nothing, if one comes next."""
        cursor = self.cursor
        if cursor.take("NULL"):
            cursor.need_symbol(";")
            return True
        if cursor.sees("RAISE") and cursor.word(1) in _TOLD:
            self._piece()
            return True
        return False

    # -- statements

    def _statements(self, *, really: bool) -> None:
        cursor = self.cursor
        while not cursor.done and cursor.word() not in ("END", "ELSE", "ELSIF", "EXCEPTION"):
            if cursor.word() == "IF":
                self._if(really=really)
            elif cursor.take("BEGIN"):
                if not really:
                    raise cursor.refuse()
                self._guarded()
                cursor.need("END")
                cursor.need_symbol(";")
            elif not self._idle():
                self._statement(really=really)

    def _if(self, *, really: bool) -> None:
        cursor = self.cursor
        cursor.need("IF")
        start = cursor.at
        while not cursor.sees("THEN"):
            if cursor.done:
                raise cursor.refuse()
            cursor.at += 1
        holds = False
        if really:
            asked = Cursor(cursor.statement, "postgres", start, cursor.at)
            holds = decided(self.reading, asked)
            words = {asked_of.text.upper() for asked_of in cursor.tokens[start : cursor.at]}
            self.reading.masks.add("IF NOT EXISTS" if "NOT" in words else "IF EXISTS")
        cursor.need("THEN")
        self._statements(really=really and holds)
        if cursor.take("ELSE"):
            self._statements(really=really and not holds)
        cursor.need("END", "IF")
        cursor.need_symbol(";")

    def _piece(self) -> tuple[Token, ...]:
        """Take the tokens up to a semicolon, and it."""
        cursor, start = self.cursor, self.cursor.at
        while cursor.symbol() != ";":
            if cursor.done:
                raise cursor.refuse()
            cursor.at += 1
        found = cursor.tokens[start : cursor.at]
        cursor.at += 1
        if not found:
            raise cursor.refuse()
        return found

    def _statement(self, *, really: bool) -> None:
        found = self._piece()
        first = found[0]
        words = [token.text.upper() for token in found if token.kind is TokenKind.WORD]
        if "ATOMIC" in words or ("INTO" in words and first.text.upper() != "INSERT"):
            raise NotUnderstood("a statement of the block is not followed")
        if first.text.upper() == "EXECUTE":
            self._executed(found, really=really)
            return
        text = self.body[first.start : found[-1].end]
        shifted = tuple(replace(token, start=token.start - first.start) for token in found)
        statement = Statement(text, shifted, 1, 0)
        self._said(statement, self.offset + first.start, really=really)

    def _executed(self, found: tuple[Token, ...], *, really: bool) -> None:
        """Follow EXECUTE of a text that stands there whole."""
        if len(found) != 2 or found[1].kind is not TokenKind.STRING:
            raise NotUnderstood("a statement of the block is not followed")
        pieces = list(split(string_value(found[1].text, "postgres"), "postgres"))
        mentioned = len(self.reading.mentions)
        for one in pieces:
            words = [token.text.upper() for token in one.tokens if token.kind is TokenKind.WORD]
            if "ATOMIC" in words or ("INTO" in words and words[0] != "INSERT"):
                raise NotUnderstood("a statement of the block is not followed")
            self._said(one, 0, really=really)
        # Where names stand within a literal is not where they stand in the block.
        del self.reading.mentions[mentioned:]

    def _said(self, statement: Statement, offset: int, *, really: bool) -> None:
        if not statement.tokens or statement.tokens[0].text.upper() not in _FOLLOWED:
            raise NotUnderstood("a statement of the block is not followed")
        if not really:
            return
        reading = self.reading
        mentioned = len(reading.mentions)
        try:
            self.recognise(reading, statement)
        finally:
            inside = reading.mentions[mentioned:]
            del reading.mentions[mentioned:]
            reading.mentions += [Mention(m.start + offset, m.end + offset, m.at) for m in inside]


def _is_guard(cursor: Cursor) -> bool:
    """Whether an IF belongs to IF EXISTS of a statement."""
    ahead = (cursor.word(1), cursor.word(2))
    if cursor.word() != "IF":
        return False
    before = cursor.tokens[cursor.at - 1].text.upper()
    return before not in (";", "THEN", "ELSE", "BEGIN") and (
        ahead[0] == "EXISTS" or ahead == ("NOT", "EXISTS")
    )


def _conditions(cursor: Cursor) -> frozenset[str]:
    """Return the conditions that the handlers name."""
    found = set()
    while not cursor.done:
        if cursor.take("WHEN"):
            while not cursor.sees("THEN"):
                name = str(cursor.identifier()[0])
                if name in ("others", "sqlstate"):
                    # Any other failure would be handled as well, one of rows among them.
                    raise NotUnderstood("a block handles every failure")
                found.add(name)
                if not cursor.take("OR"):
                    break
            cursor.need("THEN")
            continue
        cursor.at += 1
    return frozenset(found)


_DUPLICATES = {
    Kind.COLUMN: "duplicate_column",
    Kind.SCHEMA: "duplicate_schema",
    Kind.FUNCTION: "duplicate_function",
    Kind.PROCEDURE: "duplicate_function",
}
_RELATIONS = (Kind.TABLE, Kind.VIEW, Kind.INDEX, Kind.SEQUENCE)
_KEYS = (Kind.PRIMARY_KEY, Kind.UNIQUE)


def _condition_of(error: TakenName) -> str:
    """Return what the server calls the failure."""
    at, holder = error.at, error.holder
    if at.kind is Kind.PRIMARY_KEY and holder.kind is Kind.PRIMARY_KEY:
        return ""
    if at.kind in _DUPLICATES:
        return _DUPLICATES[at.kind]
    if at.kind in (*_RELATIONS, *_KEYS):
        is_relation = holder.kind in (*_RELATIONS, *_KEYS)
        return "duplicate_table" if is_relation else "duplicate_object"
    return "duplicate_object"
