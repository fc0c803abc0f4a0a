"""SQLite's virtual tables: known by the statement that makes them, with the columns that it names.

What a module makes of its arguments is its own affair; of the full-text and R*Tree modules it is
known which of them are columns. Rows in one are not followed.
"""

from __future__ import annotations

import re

from schemaops.names import Address, Kind, Name
from schemaops.operations import Create
from schemaops.schema.objects import Unmodelled
from schemaops.schema.state import TakenName
from schemaops.sql.cursor import Cursor, literal
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood, Relation, ScopeColumn
from schemaops.sql.split import split

__all__ = ["create_virtual_table", "is_shadow", "relation_of", "written_down"]

_MODULES = frozenset({"fts3", "fts4", "fts5", "rtree", "rtree_i32", "geopoly"})
_TEXTS = frozenset({"fts3", "fts4", "fts5"})


def create_virtual_table(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE VIRTUAL TABLE."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    start = cursor.at
    name = cursor.qualified()[-1][0]
    cursor.need("USING")
    cursor.identifier()
    words = [token.text for token in cursor.tokens[start : cursor.stop]]
    cursor.at = cursor.stop
    at = Address(Kind.UNMODELLED, (Name("virtual table"), name))
    holder = reading.schema.holder(("relation", (name,)))
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if holder is not None or at in reading.schema:
            return
    if holder is not None:
        raise TakenName(at, holder)
    text = " ".join(("CREATE", "VIRTUAL", "TABLE", *words))
    reading.emit(Create(Unmodelled(at, "virtual table", text)))


def written_down(reading: Reading, cursor: Cursor) -> None:
    """Take a row written into SQLite's catalogue, as dumps make virtual tables; raise NotUnderstood."""
    strings = [token for token in cursor.tokens if token.kind is TokenKind.STRING]
    texts = [literal(token.text, "sqlite") for token in strings]
    if cursor.tokens[0].text.upper() != "INSERT" or len(texts) != 4 or texts[0] != "table":
        raise NotUnderstood("what is written into the catalogue is not understood")
    (statement,) = split(texts[-1], "sqlite")
    inner = Cursor(statement, "sqlite")
    inner.need("CREATE", "VIRTUAL", "TABLE")
    create_virtual_table(reading, inner)


_SHADOWS = re.compile(
    r"(.+)_(?:data|idx|content|docsize|config|segments|segdir|stat|node|rowid|parent)\Z"
)


def is_shadow(reading: Reading, name: Name) -> bool:
    """Whether a table is one that a virtual table keeps its rows in."""
    found = _SHADOWS.match(name)
    if found is None:
        return False
    at = Address(Kind.UNMODELLED, (Name("virtual table"), Name(found[1])))
    thing = reading.schema.get(at)
    return isinstance(thing, Unmodelled)


def relation_of(thing: Unmodelled) -> Relation:
    """Return a virtual table with its columns; raise NotUnderstood."""
    (statement,) = split(thing.definition, "sqlite")
    cursor = Cursor(statement, "sqlite")
    cursor.need("CREATE", "VIRTUAL", "TABLE")
    cursor.qualified()
    cursor.need("USING")
    module = cursor.identifier()[0]
    if module not in _MODULES or cursor.symbol() != "(":
        raise NotUnderstood(f"the columns of virtual table {thing.at.name} are not known")
    table = Address(Kind.TABLE, (thing.at.name,))
    names: list[Name] = []
    for part in cursor.inside().parts():
        if part.symbol() == "+":
            part.at += 1
        token = part.token
        if token is None or part.symbol(1) == "=" or token.kind is TokenKind.SYMBOL:
            continue
        names.append(part.identifier()[0])
    if module in _TEXTS:
        names += [thing.at.name, Name("rank"), Name("docid")]
    found = tuple(ScopeColumn(table.child(Kind.COLUMN, name)) for name in dict.fromkeys(names))
    return Relation(table, found)
