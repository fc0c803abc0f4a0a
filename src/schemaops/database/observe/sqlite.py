"""SQLite observed: its catalogue is the CREATE statements themselves, so it is interpreted.

What the interpreter does not understand, or finds at odds with the rest (SQLite checks little when
it is told something), is `Unmodelled` with its text, white space and comments apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from schemaops.database.observe.source import OWN_PREFIX, Source, UnreadableCatalogue
from schemaops.names import Address, Kind, Name
from schemaops.operations.group import Group
from schemaops.schema.objects import ForeignKey, Index, Object, Unmodelled
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpreter
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.names import fold
from schemaops.sql.split import Statement, split

__all__ = ["SqliteWatch", "observe_sqlite"]

_VIRTUAL = re.compile(r"\s*create\s+virtual\s", re.IGNORECASE)
# Before 3.37 there is no telling them but by their names.
_SHADOWS = "data|idx|content|docsize|config|segments|segdir|stat|node|rowid|parent"


Row = tuple[str, str, str, str]


def observe_sqlite(source: Source) -> Schema:
    """Return the schema that an SQLite database holds."""
    return _read(_rows(source), Schema.empty("sqlite"))[0]


class SqliteWatch:
    """Observes a database again and again: only what has another text than before is read."""

    def __init__(self) -> None:
        self._rows: frozenset[Row] = frozenset()
        self._by_table: dict[Name, set[Row]] = defaultdict(set)
        self._schema: Callable[[], Schema] = lambda: Schema.empty("sqlite")
        self._is_strange = False

    def look(self, source: Source) -> Schema:
        """Return the schema that the database holds now."""
        rows = _rows(source)
        now = frozenset(rows)
        changed = now ^ self._rows
        if changed:
            schema = self._changed(rows, changed)
            self._schema = lambda: schema
            self._rows = now
            self._by_table = defaultdict(set)
            for row in rows:
                self._by_table[_name(row[2])].add(row)
        return self._schema()

    def says(
        self,
        source: Source,
        tables: frozenset[Name] | None,
        texts: Iterable[str],
        schema: Callable[[], Schema],
    ) -> bool:
        """Return whether the catalogue says of these tables, or of all, what it said before and, word
        by word, what these statements made of them: then it is this schema, and nothing need be read
        to know that."""
        if tables is None:
            rows = _rows(source)
            names = sorted({*self._by_table, *(_name(row[2]) for row in rows)})
        else:
            names = sorted(tables)
            marks = ", ".join("?" * len(names))
            rows = source.query(
                "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL "
                f"AND lower(tbl_name) IN ({marks}) AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
                names,
            )
        added: dict[Name, list[str]] = defaultdict(list)
        created: set[str] = set()
        for text in texts:
            if match := _ADDS_COLUMN.match(text):
                added[fold(match[1], "sqlite")].append(match[2].rstrip("; \t\n\r"))
            else:
                created.add(_PLAIN_CREATE.sub(_as_kept, text.rstrip("; \t\n\r"), count=1))
        now: dict[Name, set[Row]] = {name: set() for name in names}
        for row in rows:
            now.setdefault(_name(row[2]), set()).add(row)
        for name, its in now.items():
            had = self._by_table.get(name, set())
            new = {row for row in its - had if row[3] not in created}
            grown = {
                _grown(row, added[name]) for row in had - its if row[0] == "table" and added[name]
            }
            if new != grown or len(had - its) != len(grown):
                return False
        for name, its in now.items():
            self._rows = self._rows.difference(self._by_table[name]).union(its)
            self._by_table[name] = its
        self._schema = schema
        return True

    def _changed(self, rows: list[Row], changed: frozenset[Row]) -> Schema:
        schema = self._schema()
        tables = {_name(row[2]) for row in changed}
        plain = all(row[0] in ("table", "index") for row in (*rows, *changed))
        if not plain or self._is_strange:
            # Views and triggers read across tables: all is read again.
            return self._read(rows, Schema.empty("sqlite"))
        if all(row[0] == "index" for row in changed):
            for row in changed & self._rows:
                schema = schema.removing(_index(row))
            return self._read([row for row in rows if row in changed], schema)
        for name in list(tables):
            at = Address(Kind.TABLE, (name,))
            tables |= {Name(thing.at.path[0]) for thing in schema.referrers(at) if _is_key(thing)}
        affected = [row for row in rows if _name(row[2]) in tables]
        stay = dict(self._staying(affected, changed))
        for name in tables:
            at = Address(Kind.TABLE, (name,))
            if at in schema:
                for part in schema.contents(at):
                    schema = schema.removing(part.at)
                schema = schema.removing(at)
        schema = self._read([row for row in affected if row not in stay], schema)
        for thing in stay.values():
            schema = schema.adding(thing)
        return schema

    def _read(self, rows: list[Row], before: Schema) -> Schema:
        schema, self._is_strange = _read(rows, before)
        return schema

    def _staying(
        self, rows: Iterable[Row], changed: frozenset[Row]
    ) -> Iterator[tuple[Row, Object]]:
        """Yield the indexes that read as before, whatever becomes of their table: plain columns, by
        the very text that they had."""
        before = self._schema()
        for row in rows:
            if row[0] == "index" and row not in changed:
                thing = before.at(_index(row))
                if isinstance(thing, Index) and thing.where is None:
                    if all(len(key.expression.normal) == 1 for key in thing.keys):
                        yield row, thing


_QUOTED = r'"(?:[^"]|"")+"|`[^`]+`|\[[^\]]+\]|\w+'
_ADDS_COLUMN = re.compile(
    rf"\s*ALTER\s+TABLE\s+({_QUOTED})\s+ADD\s+(?:COLUMN\s+)?(.*)\Z", re.IGNORECASE | re.DOTALL
)
_PLAIN_CREATE = re.compile(r"\s*CREATE\s+(TABLE|INDEX|UNIQUE\s+INDEX)\s+", re.IGNORECASE)


def _as_kept(head: re.Match[str]) -> str:
    """Return how SQLite begins what it keeps of a statement."""
    return f"CREATE {' '.join(head[1].upper().split())} "


def _grown(row: Row, columns: Iterable[str]) -> Row:
    """Return a table's row as SQLite writes it when columns are added to a table that has nothing
    behind its columns."""
    what, name, on, sql = row
    for column in columns:
        sql = f"{sql.removesuffix(')')}, {column})"
    return what, name, on, sql


def _index(row: Row) -> Address:
    return Address(Kind.INDEX, (_name(row[1]),))


def _is_key(thing: Object) -> bool:
    return isinstance(thing, ForeignKey)


def _rows(source: Source) -> list[Row]:
    rows = source.query(
        "SELECT type, name, tbl_name, sql FROM sqlite_master "
        "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
    )
    shadows = _shadows(source, _virtual(rows))
    return [row for row in rows if not _is_ours(row) and row[2] not in shadows]


def _virtual(rows: Iterable[Row]) -> set[str]:
    return {row[1] for row in rows if row[0] == "table" and _VIRTUAL.match(row[3])}


def _read(rows: list[Row], before: Schema) -> tuple[Schema, bool]:
    """Return the schema with what rows of the catalogue say, and whether one was not understood."""
    virtual = _virtual(rows)
    interpreter = Interpreter(before)
    found = [_Made(what, name, on, _statement(name, sql)) for what, name, on, sql in rows]
    strange = [made for made in _in_order(found) if not made.is_understood(interpreter)]
    schema = interpreter.schema
    for made in strange:
        is_virtual = made.what == "table" and made.name in virtual
        what = "virtual table" if is_virtual else made.what
        schema = schema.adding(_unmodelled(what, made, schema))
    return schema, bool(strange)


@dataclass(frozen=True, slots=True)
class _Made:
    """A row of the catalogue: what it is, its name, the table it is on, and the statement."""

    what: str
    name: str
    on: str
    statement: Statement

    def is_understood(self, interpreter: Interpreter) -> bool:
        """Return whether the interpreter could read the statement."""
        group = interpreter.read(self.statement, "sqlite_master")
        return isinstance(group, Group) and not group.opaque


def _in_order(found: list[_Made]) -> Iterator[_Made]:
    """Yield tables, then indexes, then views behind the views that they read, then triggers."""
    for what in ("table", "index"):
        yield from (made for made in found if made.what == what)
    waiting = {_name(made.name): made for made in found if made.what == "view"}
    while waiting:
        # SQLite takes a view of what is not there, even of itself: then any order will do.
        name = next((n for n, v in waiting.items() if not _reads(v, n, waiting)), None)
        yield waiting.pop(next(iter(waiting)) if name is None else name)
    yield from (made for made in found if made.what == "trigger")


def _reads(view: _Made, itself: Name, others: Iterable[Name]) -> bool:
    names = {fold(token.text, "sqlite") for token in _identifiers(view.statement)}
    return not names.isdisjoint(set(others) - {itself})


def _is_ours(row: tuple[str, ...]) -> bool:
    return row[2].lower().startswith(OWN_PREFIX)


def _shadows(source: Source, virtual: Iterable[str]) -> set[str]:
    version = source.query("SELECT sqlite_version()")[0][0]
    if tuple(map(int, version.split("."))) >= (3, 37):
        found = source.query("SELECT name FROM pragma_table_list WHERE type = 'shadow'")
        return {name for (name,) in found}
    patterns = [
        re.compile(f"{re.escape(name)}_(?:{_SHADOWS})\\Z", re.IGNORECASE) for name in virtual
    ]
    tables = source.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in tables if any(pattern.match(name) for pattern in patterns)}


def _statement(name: str, sql: str) -> Statement:
    found = tuple(split(sql, "sqlite", file="sqlite_master"))
    if len(found) != 1:
        raise UnreadableCatalogue(f"the definition of {name} is not one statement")
    return found[0]


def _unmodelled(what: str, made: _Made, schema: Schema) -> Unmodelled:
    at = Address(Kind.UNMODELLED, (Name(what), _name(made.name)))
    used: dict[Address, None] = {}
    names = [_name(made.on)] if what in ("trigger", "index") else []
    names += [fold(token.text, "sqlite") for token in _identifiers(made.statement)]
    for name in names:
        found = _relation(name, schema)
        if found is not None:
            used.setdefault(found)
    return Unmodelled(at, what, " ".join(t.text for t in made.statement.tokens), tuple(used))


def _identifiers(statement: Statement) -> Iterator[Token]:
    return (t for t in statement.tokens if t.kind in (TokenKind.WORD, TokenKind.QUOTED))


def _relation(name: Name, schema: Schema) -> Address | None:
    for kind in (Kind.TABLE, Kind.VIEW):
        at = Address(kind, (name,))
        if at in schema:
            return at
    return None


def _name(text: str) -> Name:
    return fold('"' + text.replace('"', '""') + '"', "sqlite")
