"""What is bound late: in SQLite and MySQL a view is a text, read anew whenever it is used.

What its names stand for follows from what is there at that moment: a view outlives the table it
reads, and means the next one of that name. So after a statement that touched relations, the views
that name them are read again. SQLite keeps the author's text; MySQL the one it made of it when the
view was created, with `*` expanded. SQLite looks up as late what a foreign key refers to that names
no columns.
"""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Operation, Rename
from schemaops.schema.objects import Column, ForeignKey, Object, PrimaryKey, Table, View
from schemaops.schema.state import Schema
from schemaops.sql.lexer import TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.queries import Query, query
from schemaops.sql.reading import NotAllowed, Reading

__all__ = ["must_stand", "rebind"]


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
            return
        waiting.remove(found)
        if _read_again(reading, old, found):
            touched.add(found.at.name)


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
    pieces = view.query.normal if dialect == "mysql" else view.query.written or view.query.normal
    text = "".join(
        piece if isinstance(piece, str) else quote(piece.name, dialect) for piece in pieces
    )
    return query(text, dialect, reading.scope(), columns)


def _read_again(reading: Reading, old: Reading, view: View) -> bool:
    """Emit the changes to a view, if there are any."""
    was = old.schema.get(view.at)
    columns: tuple[Name, ...] = ()
    if reading.dialect.name == "mysql":
        found = _read(reading, view)
        names = view.columns
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
