"""Recognise CREATE VIEW, DROP VIEW and the renames of views."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.objects import View
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql import dropping, late, queries
from schemaops.sql.cursor import Cursor
from schemaops.sql.names import quote
from schemaops.sql.reading import NotAllowed, Reading

__all__ = ["alter_view", "create_view", "drop_view"]


def create_view(
    reading: Reading,
    cursor: Cursor,
    *,
    instead: bool = False,
    options: dict[str, str] | None = None,
) -> None:
    """Take what follows CREATE [OR REPLACE] VIEW."""
    said = dict(options or {})
    guarded = cursor.take("IF", "NOT", "EXISTS")
    parts = cursor.qualified()
    at = Address(Kind.VIEW, reading.path(parts))
    names: tuple[Name, ...] = ()
    if cursor.symbol() == "(":
        names = tuple(name for name, _ in cursor.names())
    if cursor.take("WITH"):
        from schemaops.sql.options import storage_options

        said |= storage_options(cursor.inside())
    cursor.need("AS")
    stop = _checked(cursor, said)
    body = Cursor(cursor.statement, cursor.dialect, cursor.at, stop)
    start, text = body.start, body.text()
    cursor.at = cursor.stop
    reading.mention_path(parts, at)
    before = reading.schema.get(at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if before is not None or Address(Kind.TABLE, at.path) in reading.schema:
            return
    read = queries.query(text, reading.dialect.name, reading.scope(), names)
    problems = read.reading.problems if reading.dialect.name != "sqlite" else ()
    reading.noted(read.reading.mentions, problems, start)
    if read.reading.understood and not read.reading.problems:
        reading.witnessed(text, read.reading.relations)
    columns = tuple(output.name for output in read.outputs)
    expression = read.expression
    if before is not None and reading.dialect.name == "mysql" and at in read.reading.relations:
        raise MissingObject(at)
    if reading.dialect.name == "mysql":
        # The server keeps what `*` stands for now.
        kept = late.frozen(text, read)
        expression = queries.query(kept, "mysql", reading.scope(), names).expression
    view = View(at, columns, expression, tuple(sorted(said.items())))
    if before is None:
        reading.emit(Create(view))
        return
    if not instead:
        raise TakenName(at, at)
    reading.masks.add("OR REPLACE")
    assert isinstance(before, View)
    if reading.dialect.name == "postgres" and columns[: len(before.columns)] != before.columns:
        raise NotAllowed(f"CREATE OR REPLACE VIEW cannot drop, rename or move columns of {at}", at)
    if reading.dialect.name == "postgres":
        _must_keep_types(reading, before, read)
    for fact in ("columns", "query", "options"):
        old, new = getattr(before, fact), getattr(view, fact)
        if old != new:
            reading.emit(Alter(at, fact, old, new))


def _must_keep_types(reading: Reading, before: View, read: queries.Query) -> None:
    def spelled(at: Address) -> str:
        path = at.path[-1:] if at.kind is Kind.COLUMN else at.path
        return ".".join(quote(name, "postgres") for name in path)

    was = queries.query(before.query.text(spelled), "postgres", reading.scope(), before.columns)
    for old, new in zip(was.outputs, read.outputs, strict=False):
        if old.type is not None and new.type is not None and old.type != new.type:
            raise NotAllowed(
                f"CREATE OR REPLACE VIEW cannot change the type of {before.at}.{old.name} "
                f"from {old.type} to {new.type}",
                before.at,
            )


def _checked(cursor: Cursor, said: dict[str, str]) -> int:
    """Return where the query ends, taking WITH CHECK OPTION off its end."""
    words = [
        cursor.tokens[i].text.upper() for i in range(max(cursor.at, cursor.stop - 4), cursor.stop)
    ]
    if words[-2:] != ["CHECK", "OPTION"]:
        return cursor.stop
    how = words[-3] if len(words) > 2 else ""
    said["check option" if cursor.dialect == "mysql" else "check_option"] = (
        "local" if how == "LOCAL" else "cascaded"
    )
    return cursor.stop - (4 if how in ("LOCAL", "CASCADED") else 3)


def drop_view(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP VIEW."""
    guarded = cursor.take("IF", "EXISTS")
    named = [cursor.qualified()]
    while cursor.take_symbol(","):
        named.append(cursor.qualified())
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    if cascade:
        reading.masks.add("CASCADE")
    for parts in named:
        at = reading.find(tuple(name for name, _ in parts), (Kind.VIEW,))
        if at is None:
            if guarded:
                continue
            raise MissingObject(Address(Kind.VIEW, reading.path(parts)))
        reading.mention_path(parts, at)
        dropping.drop_relation(reading, at, cascade=cascade and reading.dialect.name == "postgres")


def alter_view(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER VIEW."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified()
    cursor.need("RENAME", "TO")
    new = cursor.identifier(Kind.VIEW)
    cursor.end()
    at = reading.find(tuple(name for name, _ in parts), (Kind.VIEW,))
    if at is None:
        if guarded:
            reading.masks.add("IF EXISTS")
            return
        raise MissingObject(Address(Kind.VIEW, reading.path(parts)))
    reading.mention_path(parts, at)
    reading.emit(Rename(at, at.sibling(new[0])))
    reading.mention(new[1], at.sibling(new[0]))
