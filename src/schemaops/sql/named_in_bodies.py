"""Which words of a body name tables, views and columns, for sure: what a rename is carried into.

A body of PostgreSQL's (SQL, PL/pgSQL) or MySQL's (routines, triggers) is cut into its statements and the
expressions between its key words; each that holds one of the words in question is read over the schema.
A word that no reading explains, one that is a variable's too, a text that holds it, a statement that is
put together at run time: then nothing is known of the body.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import Routine, Table, Trigger
from schemaops.schema.state import Schema
from schemaops.sql import expressions, queries, types
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.lexer import Token, TokenKind, UnreadableSql, tokens
from schemaops.sql.names import fold
from schemaops.sql.reading import Reading
from schemaops.sql.scope import Mention, NotUnderstood, Scope
from schemaops.sql.scope import Reading as Read

__all__ = ["Body", "body_of", "named", "stands"]

_WORDS = (TokenKind.WORD, TokenKind.QUOTED)
_ROWS = ("new", "old")


@dataclass(frozen=True, slots=True)
class Body:
    """A text that is read when it runs: its language (sql, plpgsql, mysql), the names of parameters,
    and the table whose rows it knows as NEW and OLD."""

    text: str
    language: str
    parameters: frozenset[str] = frozenset()
    table: Address | None = None


def body_of(thing: object, schema: Schema) -> Body | None:
    """Return the body of a routine or trigger; None where it has none that is read late."""
    match thing:
        case Routine() as routine:
            if any(key.startswith("set ") for key, _ in routine.options):
                return None
            language = "mysql" if schema.dialect == "mysql" else routine.language.lower()
            if language not in ("sql", "plpgsql", "mysql"):
                return None
            names = frozenset(str(p.name).lower() for p in routine.parameters if p.name is not None)
            return Body(routine.body, language, names, _fired_by(routine.at, schema))
        case Trigger(body=body, table=table) if body is not None and schema.dialect == "mysql":
            return Body("".join(map(_plain, body.written or body.normal)), "mysql", table=table)
        case _:
            return None


def _plain(piece: str | Address) -> str:
    return piece if isinstance(piece, str) else piece.bare


def _fired_by(function: Address, schema: Schema) -> Address | None:
    """Return the one table whose triggers run a function."""
    if function not in schema:
        return None
    tables = {one.table for one in schema.referrers(function) if isinstance(one, Trigger)}
    return tables.pop() if len(tables) == 1 else None


def named(body: Body, schema: Schema, names: Collection[str]) -> tuple[Mention, ...] | None:
    """Return where a body says one of these names and what it means by each; None where that is not
    sure."""
    dialect = "mysql" if body.language == "mysql" else "postgres"
    try:
        found = tuple(tokens(body.text, dialect))
    except UnreadableSql:
        return None
    if _is_put_together(found) or _may_quote(found, names):
        return None
    said = [t for t in found if t.kind in _WORDS and str(fold(t.text, dialect)).lower() in names]
    if not said:
        return ()
    variables = body.parameters | _declared(found, dialect)
    if variables & set(names):
        return None
    reader = _Reader(body, schema, dialect, variables)
    mentions = {one.start: one for one in reader.typed(found)}
    for piece in _pieces(found, body.language):
        if any(piece[0].start <= token.start < piece[-1].end for token in said):
            mentions.update((one.start, one) for one in reader.read(piece))
    if any(token.start not in mentions for token in said):
        return None
    return tuple(mentions[token.start] for token in said)


def stands(routine: Routine, schema: Schema) -> bool:
    """Return whether the server surely makes a function of PostgreSQL over a schema: of a body of SQL it
    looks every name up as it does, of one of PL/pgSQL the types of what is declared."""
    language = routine.language.lower()
    if language not in ("sql", "plpgsql"):
        return True
    body = body_of(routine, schema)
    if body is None:
        return False
    reader = _Reader(body, schema, "postgres", body.parameters | {str(routine.at.bare)})
    try:
        found = tuple(tokens(body.text, "postgres"))
    except UnreadableSql:
        return False
    if language == "sql":
        return all(map(reader.stands, _pieces(found, language)))
    return all(map(reader.is_type, _declared_types(found)))


_TOGETHER = frozenset({"EXECUTE", "PREPARE", "FORMAT", "CURSOR", "REFCURSOR"})
_OF_ROWS = frozenset(
    {
        *("TO_JSON", "TO_JSONB", "ROW_TO_JSON", "JSON_AGG", "JSONB_AGG", "HSTORE", "XMLFOREST"),
        *("JSON_POPULATE_RECORD", "JSONB_POPULATE_RECORD", "JSON_OBJECT_AGG", "ROWTYPE", "NATURAL"),
        *("USING", "SAVEPOINT", "COLLATE", "WINDOW", "CREATE", "ALTER", "DROP"),
    }
)


def _is_put_together(found: tuple[Token, ...]) -> bool:
    """Whether a body may name things that stand in no statement of it, or names of columns count."""
    words = {token.text.upper() for token in found if token.kind is TokenKind.WORD}
    return bool(words & (_TOGETHER | _OF_ROWS))


def _may_quote(found: tuple[Token, ...], names: Collection[str]) -> bool:
    """Whether a string holds one of the names."""
    pattern = re.compile(rf"(?i)(?<!\w)({'|'.join(map(re.escape, sorted(names)))})(?!\w)")
    return any(token.kind is TokenKind.STRING and pattern.search(token.text) for token in found)


def _declared(found: tuple[Token, ...], dialect: str) -> frozenset[str]:
    """Return the words that may be variables': whatever stands first in a declaration, what is filled
    by FOR and INTO, and aliases."""
    names: set[str] = set()
    declaring = False
    for place, token in enumerate(found):
        word = token.text.upper()
        before = found[place - 1].text.upper() if place else ""
        if word == "DECLARE":
            declaring = True
        elif word == "BEGIN":
            declaring = False
        elif token.kind in _WORDS and (
            (declaring and before in ("DECLARE", ";", ","))
            or before in ("FOR", "FOREACH", "ALIAS", "AS")
        ):
            names.add(str(fold(token.text, dialect)).lower())
        if declaring and dialect == "mysql" and word == ";":
            declaring = False
    return frozenset(names)


def _declared_types(found: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """Yield the types of what a body of PL/pgSQL declares."""
    declaration: list[Token] | None = None
    for token in found:
        word = token.text.upper() if token.kind is TokenKind.WORD else token.text
        if word == "DECLARE":
            declaration = []
        elif word == "BEGIN":
            declaration = None
        elif declaration is not None and word != ";":
            declaration.append(token)
        elif declaration is not None:
            words = [one.text.upper() for one in declaration]
            first = 2 if words[1:2] == ["CONSTANT"] else 1
            last = next((n for n, said in enumerate(words) if said in _BEHIND_TYPE), len(words))
            if declaration[first:last] and not {"CURSOR", "ALIAS"} & set(words[:last]):
                yield tuple(declaration[first:last])
            declaration = []


_BEHIND_TYPE = frozenset({"=", ":=", "DEFAULT", "NOT", "COLLATE"})


# -- pieces: statements, and the expressions between key words

_BREAKS = frozenset({";", "THEN", "ELSE", "LOOP", "BEGIN", "DO", "DECLARE", "REPEAT", "UNTIL"})
_STATEMENTS = frozenset(
    {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "VALUES", "REPLACE"}
)
_LEADING = frozenset(
    {"IF", "ELSIF", "ELSEIF", "WHILE", "WHEN", "RETURN", "EXIT", "CONTINUE", "ASSERT", "UNTIL"}
)


def _pieces(found: tuple[Token, ...], language: str) -> Iterator[tuple[Token, ...]]:
    """Yield the parts of a body that are read by themselves."""
    piece: list[Token] = []
    depth = cases = 0
    for token in found:
        word = token.text.upper() if token.kind is TokenKind.WORD else token.text
        depth += (word == "(") - (word == ")")
        # A CASE that is a value ends with END; its THEN and ELSE break nothing.
        if word == "CASE" and piece and language != "sql":
            cases += 1
        elif word == "END" and cases:
            cases -= 1
        breaks = word == ";" or (language != "sql" and word in _BREAKS and not depth and not cases)
        if breaks:
            if piece:
                yield tuple(piece)
            piece = []
        else:
            piece.append(token)
    if piece:
        yield tuple(piece)


def _parted(piece: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    """Return what stands between the commas that are in no parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in piece:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


class _Reader:
    """Reads pieces over a schema; a piece that is of no known form gives nothing."""

    def __init__(self, body: Body, schema: Schema, dialect: str, variables: frozenset[str]) -> None:
        self._body = body
        self._dialect = dialect
        self._variables = variables
        path = schema.search_path or (("public",) if dialect == "postgres" else ())
        self._reading = Reading(schema, dialect_named(dialect), tuple(map(Name, path)))
        scope = self._reading.scope()
        table = body.table
        if table is not None and isinstance(schema.get(table), Table):
            scope = replace(self._reading.scope(self._reading.relation_at(table)), rows=_ROWS)
        self._scope: Scope = scope

    def read(self, piece: tuple[Token, ...]) -> Iterator[Mention]:
        """Yield what the names of a piece mean."""
        words = [t.text.upper() if t.kind is TokenKind.WORD else t.text for t in piece]
        if self._body.language != "sql":
            start = 0
            while start < len(words) and words[start] in _LEADING:
                start += 1
            if words[start : start + 1] == ["QUERY"]:
                start += 1
            piece, words = piece[start:], words[start:]
        if not piece:
            return
        match words[0]:
            case "PERFORM":
                yield from self._statement(piece, "SELECT ")
            case first if first in _STATEMENTS:
                yield from self._statement(piece)
            case "FOR" if "IN" in words:
                at = words.index("IN") + 1
                if words[at : at + 1] and words[at] in _STATEMENTS:
                    yield from self._statement(piece[at:])
            case "SET" if self._dialect == "mysql":
                for part in _parted(piece[1:]):
                    yield from self._assigned(part)
            case "RAISE":
                for part in _parted(piece)[1:]:
                    yield from self._expression(part)
            case _:
                yield from self._assigned(piece)

    def stands(self, piece: tuple[Token, ...]) -> bool:
        """Return whether a statement is understood, and names nothing that is not there."""
        if piece[0].text.upper() not in _STATEMENTS:
            return False
        read = self._read(piece, self._text(piece)[0])
        return read is not None and self._is_explained(read)

    def is_type(self, said: tuple[Token, ...]) -> bool:
        """Return whether a declared type is there."""
        names = [fold(token.text, "postgres") for token in said if token.kind in _WORDS]
        if len(said) > 1 and said[-2].text == "%":
            # What has no dot before %TYPE is another variable.
            names = names[:-1] if said[-1].text.upper() == "ROWTYPE" else names[:-2]
            return not names or names[0] in self._variables or self._is_relation(names)
        plain = len(said) == 2 * len(names) - 1
        if names in (["record"], ["refcursor"]) or (plain and self._is_relation(names)):
            return True
        text = self._text(said)[0]
        return not types.is_unknown(types.column_type(text, "postgres", self._scope))

    def _is_relation(self, names: list[Name]) -> bool:
        return self._reading.find(tuple(names), (Kind.TABLE, Kind.VIEW)) is not None

    def typed(self, found: tuple[Token, ...]) -> Iterator[Mention]:
        """Yield the table and column of each `table.column%TYPE`."""
        for n, token in enumerate(found):
            said = [one.text for one in found[n : n + 5]]
            if token.kind not in _WORDS or said[1:2] != ["."] or said[3:4] != ["%"]:
                continue
            if said[4].upper() != "TYPE" or (n and found[n - 1].text == "."):
                continue
            table = self._reading.find((fold(said[0], self._dialect),), (Kind.TABLE, Kind.VIEW))
            if table is None:
                continue
            column = table.child(Kind.COLUMN, fold(said[2], self._dialect))
            yield Mention(token.start, token.end, table)
            if column in self._reading.schema:
                yield Mention(found[n + 2].start, found[n + 2].end, column)

    def _assigned(self, piece: tuple[Token, ...]) -> Iterator[Mention]:
        """Read `target := value`, or a value alone."""
        words = [token.text for token in piece]
        at = next((n for n, word in enumerate(words[:4]) if word in (":=", "=")), None)
        if at is not None and (words[at] == ":=" or words[1:2] == ["."] or at == 1):
            target, piece = piece[:at], piece[at + 1 :]
            yield from self._expression(target)
        yield from self._expression(piece)

    def _expression(self, piece: tuple[Token, ...]) -> Iterator[Mention]:
        if not piece:
            return
        text, start = self._text(piece)
        yield from self._noted(expressions.read(text, self._dialect, self._scope), start)

    def _statement(self, piece: tuple[Token, ...], instead: str = "") -> Iterator[Mention]:
        text, start = self._text(piece)
        if instead:
            text = instead.ljust(len("PERFORM ")) + text[len("PERFORM ") :]
        read = self._read(piece, text)
        if read is not None:
            yield from self._noted(read, start)

    def _read(self, piece: tuple[Token, ...], text: str) -> Read | None:
        if piece[0].text.upper() not in ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"):
            return queries.query(text, self._dialect, self._scope).reading
        try:
            return queries.row_statement(text, self._dialect, self._scope).reading
        except NotUnderstood:
            return None

    def _noted(self, read: Read, start: int) -> Iterator[Mention]:
        if self._is_explained(read):
            for one in read.mentions:
                yield Mention(start + one.start, start + one.end, one.address)

    def _is_explained(self, read: Read) -> bool:
        """Whether a text is understood, and each name in it a thing's or a variable's."""
        names = (problem.name.partition(".")[0].strip('"`').lower() for problem in read.problems)
        return read.understood and all(
            name in self._variables or name.startswith(_OF_SERVER) for name in names
        )

    def _text(self, piece: tuple[Token, ...]) -> tuple[str, int]:
        """Return a piece's characters, what a query's INTO fills left out, and where it starts."""
        start, end = piece[0].start, piece[-1].end
        text = self._body.text[start:end]
        words = [t.text.upper() if t.kind is TokenKind.WORD else t.text for t in piece]
        for n, word in enumerate(words):
            if word != "INTO" or words[n - 1] in ("INSERT", "REPLACE", "IGNORE", "MERGE"):
                continue
            last = n + 1 + (words[n + 1 : n + 2] == ["STRICT"])
            while last + 1 < len(words) and words[last + 1] in (",", "."):
                last += 2
            if last < len(piece):
                begin, stop = piece[n].start - start, piece[last].end - start
                text = text[:begin] + " " * (stop - begin) + text[stop:]
        return text, start


_OF_SERVER = ("tg_", "found", "sqlstate", "sqlerrm", "@")
