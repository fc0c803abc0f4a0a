"""What is bound late: in SQLite and MySQL a view is a text, read anew whenever it is used.

What its names stand for follows from what is there at that moment: a view outlives the table it
reads, and means the next one of that name. So after a statement that touched relations, the views
that name them are read again. SQLite keeps the author's text; MySQL the one it made of it when the
view was created, with `*` expanded. SQLite looks up as late what a foreign key refers to that names
no columns.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Operation, Rename
from schemaops.schema.objects import Column, ForeignKey, Object, PrimaryKey, Table, Unmodelled, View
from schemaops.schema.state import Schema
from schemaops.sql import body_triggers
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.queries import Query, query
from schemaops.sql.reading import NotAllowed, Reading

__all__ = ["frozen", "must_be_readable", "must_stand", "rebind"]


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
    pieces = view.query.written or view.query.normal
    text = "".join(
        piece if isinstance(piece, str) else quote(piece.name, dialect) for piece in pieces
    )
    return query(text, dialect, reading.scope(), columns)


def frozen(text: str, read: Query) -> str:
    """Return a query's text as MySQL keeps it: every column named, with its relation's name."""
    found = tuple(tokens(text, "mysql"))
    aliases = _aliases(found, read)
    changes = dict(_qualified(found, read, aliases))
    stars, items, depth = [], 1, 0
    for place, token in enumerate(found):
        if depth == 0 and token.text.upper() == "FROM":
            break
        if depth == 0 and token.text == ",":
            items += 1
        if depth == 0 and token.text == "*" and found[place - 1].text.upper() in _BEFORE_STAR:
            stars.append(place)
        depth += (token.text == "(") - (token.text == ")")
    if len(stars) == 1:
        (star,) = stars
        before = sum(token.text == "," for token in found[:star])
        shown = read.outputs[before : before + len(read.outputs) - items + 1]
        alias = found[star - 2].text + "." if found[star - 1].text == "." else ""
        names = []
        for output in shown:
            name = quote(output.source.name if output.source else output.name, "mysql")
            if not alias and output.source is not None:
                name = f"{_only(aliases, output.source)}{name}"
            names.append(name)
        # The qualifier of `t.*` stands before the first name already.
        changes[star] = f", {alias}".join(names)
    pieces: list[str] = []
    at = 0
    for place in sorted(changes):
        pieces += (text[at : found[place].start], changes[place])
        at = found[place].end
    return "".join((*pieces, text[at:]))


_BEFORE_STAR = frozenset({"SELECT", "DISTINCT", "ALL", ",", "."})
_AFTER_RELATION = frozenset(
    {
        *("ON", "USING", "JOIN", "LEFT", "RIGHT", "INNER", "CROSS", "NATURAL", "WHERE", "GROUP"),
        *(
            "HAVING",
            "ORDER",
            "LIMIT",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "FOR",
            "WINDOW",
            "STRAIGHT_JOIN",
        ),
    }
)


def _aliases(found: tuple[Token, ...], read: Query) -> dict[Address, list[str]]:
    """Return the names by which the relations of a query go."""
    places = {token.start: place for place, token in enumerate(found)}
    aliases: dict[Address, list[str]] = {}
    for mention in read.reading.mentions:
        place = places[mention.start]
        if mention.address.kind in (Kind.TABLE, Kind.VIEW) and _is_source(found, place):
            aliases.setdefault(mention.address, []).append(_alias(found, place))
    return aliases


def _only(aliases: dict[Address, list[str]], column: Address) -> str:
    """Return the name and dot to stand before a column, nothing where there are several names."""
    for kind in (Kind.TABLE, Kind.VIEW):
        named = aliases.get(Address(kind, column.path[:-1]), [])
        if len(named) == 1:
            return f"{named[0]}."
    return ""


def _qualified(
    found: tuple[Token, ...], read: Query, aliases: dict[Address, list[str]]
) -> Iterator[tuple[int, str]]:
    """Yield the bare names of columns by their places, with what they are to become."""
    places = {token.start: place for place, token in enumerate(found)}
    for mention in read.reading.mentions:
        place = places[mention.start]
        if mention.address.kind is Kind.COLUMN and found[place - 1].text != ".":
            yield place, f"{_only(aliases, mention.address)}{found[place].text}"


def _is_source(found: tuple[Token, ...], place: int) -> bool:
    return place + 1 >= len(found) or found[place + 1].text != "."


def _alias(found: tuple[Token, ...], place: int) -> str:
    after = place + 1
    if after < len(found) and found[after].text.upper() == "AS":
        after += 1
    if after < len(found) and found[after].text.upper() not in _AFTER_RELATION:
        if found[after].kind in (TokenKind.WORD, TokenKind.QUOTED):
            return found[after].text
    return found[place].text


def _read_again(reading: Reading, old: Reading, view: View) -> bool:
    """Emit the changes to a view, if there are any."""
    was = old.schema.get(view.at)
    columns: tuple[Name, ...] = ()
    if reading.dialect.name == "mysql":
        found = _read(reading, view, view.columns)
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
