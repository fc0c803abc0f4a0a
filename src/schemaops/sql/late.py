"""What is bound late: in SQLite and MySQL a view is a text, read anew whenever it is used.

What its names stand for follows from what is there at that moment: a view outlives the table it
reads, and means the next one of that name. So after a statement that touched relations, the views
that name them are read again. SQLite keeps the author's text; MySQL the one it made of it when the
view was created, with `*` expanded. SQLite looks up as late what a foreign key refers to that names
no columns.
"""

from __future__ import annotations

import re

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Operation, Rename
from schemaops.schema.expressions import Pieces
from schemaops.schema.objects import Column, ForeignKey, Object, PrimaryKey, Table, Unmodelled, View
from schemaops.schema.state import Schema
from schemaops.sql import body_triggers
from schemaops.sql.lexer import TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.queries import Query, query
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood

__all__ = ["frozen", "must_be_readable", "must_stand", "rebind"]


# MySQL keeps the condition that these come to.
_JOINS_BY_NAME = re.compile(r"(?i)\b(?:using|natural)\b")


def rebind(reading: Reading, before: Schema) -> None:
    """Emit what the views come to mean that name a relation the statement has touched."""
    touched = {name for operation in reading.operations for name in _touched(operation)}
    if not touched:
        return
    dialect = reading.dialect.name
    if dialect == "sqlite":
        for name in sorted(touched):
            _point_again(reading, Address(Kind.TABLE, (name,)))
    old = Reading(before, reading.dialect, reading.search_path)
    waiting = [
        view
        for view in _views(reading.schema)
        if view.at in before or any(isinstance(o, Rename) for o in reading.operations)
    ]
    while waiting:
        found = next((v for v in waiting if not touched.isdisjoint(_names(v, dialect))), None)
        if found is None:
            break
        waiting.remove(found)
        if _read_again(reading, old, found):
            touched.add(found.at.name)
    if dialect == "sqlite":
        body_triggers.rebind(reading, touched)
    if dialect == "sqlite" and not reading.renames_blindly:
        if any(_is_altered(operation, reading.schema) for operation in reading.operations):
            must_stand(reading)
            body_triggers.must_find_rows(reading)


def _is_altered(operation: Operation, schema: Schema) -> bool:
    """Whether SQLite looks at every view after a change: after a rename, and a column's drop."""
    match operation:
        case Rename():
            return True
        case Drop(thing=Column() as column):
            return column.table in schema
    return False


def _point_again(reading: Reading, table: Address) -> None:
    """Emit what the foreign keys refer to that name a table and no columns of it."""
    found: tuple[Address, ...] = ()
    if table in reading.schema:
        for own in reading.schema.parts(table, PrimaryKey):
            found = own.columns
    for key in reading.schema.referrers(table):
        if isinstance(key, ForeignKey) and key.implied and key.table == table:
            if key.referred != found:
                reading.emit(Alter(key.at, "referred", key.referred, found))


def must_stand(reading: Reading) -> None:
    """Raise NotAllowed where a view names what is not there: SQLite then alters nothing."""
    for view in _views(reading.schema):
        for problem in _read(reading, view).reading.problems:
            raise NotAllowed(f"error in view {view.at}: {problem.error().message}", view.at)


def must_be_readable(reading: Reading, at: Address) -> None:
    """Raise NotAllowed where a view, or one that it reads, names what is not there: MySQL makes no
    view over such a one."""
    view = reading.schema.get(at)
    if isinstance(view, View):
        read = _read(reading, view).reading
        for problem in read.problems:
            raise NotAllowed(f"error in view {at}: {problem.error().message}", at)
        for relation in read.relations:
            must_be_readable(reading, relation)


def _views(schema: Schema) -> list[View]:
    return [view for view in schema.of_kind(Kind.VIEW) if isinstance(view, View)]


def _touched(operation: Operation) -> list[Name]:
    match operation:
        case Create(thing=thing) | Drop(thing=thing):
            return _relation_of(thing)
        case Rename(old=old, new=new):
            if old.kind in (Kind.TABLE, Kind.VIEW):
                return [old.name, new.name]
            return [old.path[-2]] if old.kind is Kind.COLUMN else []
        case Alter(at=at, fact=fact) if at.kind is Kind.VIEW and fact in ("columns", "query"):
            return [at.name]
    return []


def _relation_of(thing: Object) -> list[Name]:
    match thing:
        case Table() | View():
            return [thing.at.name]
        case Column():
            return [thing.table.name]
        case Unmodelled(what="virtual table"):
            return [thing.at.name]
    return []


def _names(view: View, dialect: str) -> set[Name]:
    found: set[Name] = set()
    for piece in view.query.normal:
        if isinstance(piece, Address):
            found.add(piece.name)
            continue
        for token in tokens(piece, dialect):
            if token.kind in (TokenKind.WORD, TokenKind.QUOTED):
                found.add(fold(token.text, dialect, Kind.TABLE))
    return found


def _read(reading: Reading, view: View, columns: tuple[Name, ...] = ()) -> Query:
    dialect = reading.dialect.name
    text = _text(view.query.written or view.query.normal, dialect)
    return query(text, dialect, reading.scope(), columns)


def frozen(read: Query) -> str:
    """Return a query's text as MySQL keeps it: every `*` spelled out, every column with its relation's
    name."""
    return _text(read.expression.bound or read.expression.written, "mysql")


def _text(pieces: Pieces, dialect: str) -> str:
    return "".join(
        piece if isinstance(piece, str) else quote(piece.name, dialect) for piece in pieces
    )


def _read_again(reading: Reading, old: Reading, view: View) -> bool:
    """Emit the changes to a view, if there are any."""
    was = old.schema.get(view.at)
    columns: tuple[Name, ...] = ()
    if reading.dialect.name == "mysql":
        found = _read(reading, view, view.columns)
        names = view.columns
        if found.reading.problems and _JOINS_BY_NAME.search(_text(view.query.written, "mysql")):
            raise NotUnderstood(f"what is kept of {view.at} names columns that its text does not")
    else:
        # Names given with CREATE VIEW v (a, b) stay, whatever the query's own become.
        if isinstance(was, View):
            shown = tuple(output.name for output in _read(old, was).outputs)
            columns = () if shown == was.columns else view.columns
        found = _read(reading, view, columns)
        names = tuple(output.name for output in found.outputs)
    changed = False
    for fact, value in (("columns", names), ("query", found.expression)):
        before = getattr(view, fact)
        if before != value:
            reading.emit(Alter(view.at, fact, before, value))
            changed = True
    return changed
