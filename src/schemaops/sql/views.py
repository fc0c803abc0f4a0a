"""Recognise CREATE, ALTER and DROP of views, PostgreSQL's materialised ones among them."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.objects import Index, View
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql import dropping, exclusions, grants, late, moving, queries, temporary
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.lexer import tokens
from schemaops.sql.names import quote
from schemaops.sql.options import storage_options
from schemaops.sql.parameters import must_be_of_table, must_be_of_view
from schemaops.sql.reading import Named, NotAllowed, Reading, in_full
from schemaops.sql.scope import NotUnderstood

__all__ = [
    "alter_materialized_view",
    "alter_view",
    "create_materialized_view",
    "create_temporary_view",
    "create_view",
    "drop_materialized_view",
    "drop_view",
    "is_materialized",
    "refresh",
    "rename_column",
]

MATERIALIZED = "materialized"


def create_view(
    reading: Reading,
    cursor: Cursor,
    *,
    instead: bool = False,
    recursive: bool = False,
    options: dict[str, str] | None = None,
) -> None:
    """Take what follows CREATE [OR REPLACE] [RECURSIVE] VIEW."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    parts = cursor.qualified()
    at = Address(Kind.VIEW, reading.path(parts))
    if guarded:
        reading.masks.add("IF NOT EXISTS")
    _make(reading, cursor, parts, at, dict(options or {}), instead, recursive, guarded)


def create_temporary_view(reading: Reading, cursor: Cursor, *, recursive: bool = False) -> None:
    """Take what follows CREATE [OR REPLACE] TEMPORARY [RECURSIVE] VIEW: it is outside the schema."""
    parts = cursor.qualified()
    at = Address(Kind.VIEW, (temporary.SPACE, parts[-1][0]))
    temporary.made(
        reading,
        at,
        lambda: _make(reading, cursor, parts, at, {}, False, recursive, False),
    )


def _make(
    reading: Reading,
    cursor: Cursor,
    parts: list[Named],
    at: Address,
    said: dict[str, str],
    instead: bool,
    recursive: bool,
    guarded: bool,
) -> None:
    names: tuple[Name, ...] = ()
    if cursor.symbol() == "(":
        names = tuple(name for name, _ in cursor.names())
    materialized = said.get(MATERIALIZED) == "true"
    if materialized and cursor.take("USING"):
        method = str(cursor.identifier()[0])
        if method != "heap":
            raise NotUnderstood(f"access method {method} is not known")
    if cursor.take("WITH"):
        given = storage_options(cursor.inside())
        (must_be_of_table if materialized else must_be_of_view)(given)
        said |= given
    if materialized and cursor.take("TABLESPACE"):
        cursor.identifier()
    cursor.need("AS")
    stop = _filled(cursor) if materialized else _checked(cursor, said)
    body = Cursor(cursor.statement, cursor.dialect, cursor.at, stop)
    start, text = body.start, body.text()
    if recursive:
        # The server keeps a common table expression of the view's name.
        name, shown = quote(at.name, "postgres"), [quote(one, "postgres") for one in names]
        columns_of = ", ".join(shown)
        before_it = f"WITH RECURSIVE {name}({columns_of}) AS ("
        start -= len(before_it)
        text = (
            f"{before_it}{text}) SELECT {', '.join(f'{name}.{one}' for one in shown)} FROM {name}"
        )
        if not names:
            raise cursor.refuse()
    if reading.dialect.name != "postgres" and body.sees("SELECT", "FROM"):
        raise body.refuse()
    cursor.at = cursor.stop
    reading.mention_path(parts, at)
    before = reading.schema.get(at)
    if guarded:
        if before is not None or Address(Kind.TABLE, at.path) in reading.schema:
            return
        if materialized and reading.schema.holder(("relation", at.path)) is not None:
            return
    read = queries.query(text, reading.dialect.name, reading.scope(), names)
    problems = read.reading.problems if reading.dialect.name != "sqlite" else ()
    reading.noted(read.reading.mentions, problems, start)
    if read.reading.understood and not read.reading.problems:
        reading.witnessed(text, read.reading.relations)
    if reading.dialect.name != "sqlite" and not (read.reading.spelled or read.reading.problems):
        # Those keep what they make of a query, and nobody knows here what that is.
        raise NotUnderstood("what is kept of the view's query is not known")
    if not temporary.is_temporary(at):
        if any(map(temporary.is_temporary, read.reading.relations)):
            raise NotUnderstood("a view of what is temporary is temporary too")
    if reading.dialect.name == "postgres" and not (read.complete and read.reading.understood):
        raise NotUnderstood("what the view shows is not understood")
    columns = tuple(output.name for output in read.outputs)
    expression = read.expression
    if reading.dialect.name == "postgres":
        _must_be_shown(at, read)
        _must_be_updatable(said, text)
    if before is not None and reading.dialect.name == "mysql" and at in read.reading.relations:
        raise MissingObject(at)
    if reading.dialect.name == "mysql":
        for relation in read.reading.relations:
            late.must_be_readable(reading, relation)
        # The server keeps what `*` stands for now.
        kept = late.frozen(read)
        expression = queries.query(kept, "mysql", reading.scope(), columns).expression
    view = View(at, columns, expression, tuple(sorted(said.items())))
    if before is None:
        reading.emit(Create(view))
        return
    if not instead:
        raise TakenName(at, at)
    reading.masks.add("OR REPLACE")
    assert isinstance(before, View)
    if is_materialized(before):
        raise NotAllowed(f"{at} is a materialized view", at)
    if reading.dialect.name == "postgres" and columns[: len(before.columns)] != before.columns:
        raise NotAllowed(f"CREATE OR REPLACE VIEW cannot drop, rename or move columns of {at}", at)
    if reading.dialect.name == "postgres":
        _must_keep_types(reading, before, read)
    for fact in ("columns", "query", "options"):
        old, new = getattr(before, fact), getattr(view, fact)
        if old != new:
            reading.emit(Alter(at, fact, old, new))


def _must_be_shown(at: Address, read: queries.Query) -> None:
    """Raise NotUnderstood where a view's columns are not known, NotAllowed where two are called alike."""
    names = [output.name for output in read.outputs]
    if not names and not read.complete:
        raise NotUnderstood(f"the columns of {at} are not known")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise NotAllowed(f"column {twice} of {at} is named twice", at)


# With these a view takes no rows, or it is not told by the word whether it does.
_NOT_WRITTEN = words(
    """
    DISTINCT GROUP HAVING LIMIT OFFSET FETCH UNION INTERSECT EXCEPT WITH JOIN OVER VALUES COUNT SUM
    MIN MAX AVG ARRAY_AGG STRING_AGG BOOL_AND BOOL_OR JSON_AGG JSONB_AGG GENERATE_SERIES UNNEST LATERAL
    """
)


def _must_be_updatable(said: dict[str, str], query: str) -> None:
    """Raise NotUnderstood where rows are checked that are written to a view which takes none."""
    if "check_option" not in said:
        return
    if any(token.text.upper() in _NOT_WRITTEN for token in tokens(query, "postgres")):
        raise NotUnderstood("whether rows can be written to the view is not known")


def _must_keep_types(reading: Reading, before: View, read: queries.Query) -> None:
    was = queries.query(before.query.text(in_full), "postgres", reading.scope(), before.columns)
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


def _filled(cursor: Cursor) -> int:
    """Return where the query ends, taking WITH [NO] DATA off its end: rows are no part of a schema."""
    words = [t.text.upper() for t in cursor.tokens[max(cursor.at, cursor.stop - 3) : cursor.stop]]
    if words[-3:] == ["WITH", "NO", "DATA"]:
        return cursor.stop - 3
    return cursor.stop - 2 if words[-2:] == ["WITH", "DATA"] else cursor.stop


def create_materialized_view(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE MATERIALIZED VIEW."""
    create_view(reading, cursor, options={MATERIALIZED: "true"})


def is_materialized(view: object) -> bool:
    """Whether an object is a materialised view."""
    return isinstance(view, View) and (MATERIALIZED, "true") in view.options


def refresh(reading: Reading, cursor: Cursor) -> None:
    """Take what follows REFRESH MATERIALIZED VIEW: its rows alone are made anew."""
    alongside = cursor.take("CONCURRENTLY")
    at = _existing(reading, cursor.qualified(), materialized=True)
    if alongside and not any(
        one.unique and one.where is None for one in reading.schema.parts(at, Index)
    ):
        raise NotAllowed(f"{at} has no unique index over all its rows", at)
    if cursor.take("WITH"):
        cursor.take("NO")
        cursor.need("DATA")
    cursor.end()


def _existing(reading: Reading, parts: list[Named], *, materialized: bool) -> Address:
    at = reading.existing(parts, Kind.VIEW)
    if is_materialized(reading.schema.at(at)) != materialized:
        what = "a" if is_materialized(reading.schema.at(at)) else "no"
        raise NotAllowed(f"{at} is {what} materialized view", at)
    return at


def drop_view(reading: Reading, cursor: Cursor, *, materialized: bool = False) -> None:
    """Take what follows DROP VIEW."""
    named, guarded, cascade = dropping.clause(reading, cursor)
    found: list[Address] = []
    for parts in named:
        if parts[-1][0] in reading.temporary:
            reading.temporary.discard(parts[-1][0])
            continue
        if temporary.drop(reading, parts):
            continue
        at = reading.find(tuple(name for name, _ in parts), (Kind.VIEW,))
        if at is None:
            if guarded:
                continue
            raise MissingObject(Address(Kind.VIEW, reading.path(parts)))
        _existing(reading, parts, materialized=materialized)
        found.append(at)
    cascade = cascade and reading.dialect.name == "postgres"
    for at in _users_first(reading, found):
        if at in reading.schema:
            dropping.drop_relation(reading, at, cascade=cascade)


def _users_first(reading: Reading, found: list[Address]) -> list[Address]:
    """Return views in an order in which each goes before what it is made of: PostgreSQL looks at
    all that one statement drops together."""
    if reading.dialect.name != "postgres":
        return found
    ordered: dict[Address, None] = {}

    def visit(at: Address) -> None:
        if at in ordered:
            return
        for user in sorted(thing.at for thing in reading.schema.referrers(at)):
            if user in found and user != at:
                visit(user)
        ordered[at] = None

    for at in found:
        visit(at)
    return list(ordered)


def drop_materialized_view(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP MATERIALIZED VIEW."""
    drop_view(reading, cursor, materialized=True)


def alter_view(reading: Reading, cursor: Cursor, *, materialized: bool = False) -> None:
    """Take what follows ALTER VIEW."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified()
    at = reading.find(tuple(name for name, _ in parts), (Kind.VIEW,))
    if at is None:
        if guarded:
            reading.masks.add("IF EXISTS")
            cursor.at = cursor.stop
            return
        raise MissingObject(Address(Kind.VIEW, reading.path(parts)))
    view = reading.schema.at(at)
    assert isinstance(view, View)
    if cursor.word() == "RENAME" and cursor.word(1) != "TO":
        reading.mention_path(parts, at)  # the server takes it of either kind
    else:
        _existing(reading, parts, materialized=materialized)
    if cursor.word() == "RENAME" or cursor.sees("SET", "SCHEMA"):
        exclusions.must_not_be_quoted(reading, at)
    if cursor.take("RENAME", "TO"):
        new = cursor.identifier(Kind.VIEW)
        cursor.end()
        reading.emit(Rename(at, at.sibling(new[0])))
        reading.mention(new[1], at.sibling(new[0]))
    elif cursor.take("RENAME"):
        cursor.take("COLUMN")
        old = cursor.identifier()
        cursor.need("TO")
        name = cursor.identifier()
        cursor.end()
        rename_column(reading, at, old, name)
    elif cursor.take("SET", "SCHEMA"):
        space, token = cursor.identifier()
        cursor.end()
        reading.mention(token, Address(Kind.SCHEMA, (space,)))
        moving.to_schema(reading, at, space)
    elif cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        cursor.end()
    elif materialized and cursor.take("SET", "TABLESPACE"):
        cursor.identifier()
        cursor.end()
    elif cursor.word() in ("SET", "RESET") and cursor.symbol(1) == "(":
        _set_options(reading, cursor, view)
    elif not materialized and cursor.take("ALTER"):
        _drop_default(reading, cursor, view)
    else:
        raise cursor.refuse()


def alter_materialized_view(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER MATERIALIZED VIEW."""
    alter_view(reading, cursor, materialized=True)


def _drop_default(reading: Reading, cursor: Cursor, view: View) -> None:
    cursor.take("COLUMN")
    name, token = cursor.identifier()
    if name not in view.columns:
        raise MissingObject(view.at.child(Kind.COLUMN, name))
    reading.mention(token, view.at.child(Kind.COLUMN, name))
    if not cursor.take("DROP", "DEFAULT"):
        raise cursor.refuse()  # what the server writes of one depends on the column's type
    cursor.end()
    path = (Name("column default"), *view.at.path, name)
    thing = reading.schema.get(Address(Kind.UNMODELLED, path))
    if thing is not None:
        reading.emit(Drop(thing))


def _set_options(reading: Reading, cursor: Cursor, view: View) -> None:
    options = dict(view.options)
    check = must_be_of_table if is_materialized(view) else must_be_of_view
    if cursor.take("SET"):
        given = storage_options(cursor.inside())
        check(given)
        options |= given
        _must_be_updatable(given, view.query.text(in_full))
    else:
        cursor.need("RESET")
        gone = [str(name) for name, _ in cursor.names()]
        check(dict.fromkeys(gone))
        for name in gone:
            options.pop(name, None)
    cursor.end()
    new = tuple(sorted(options.items()))
    if new != view.options:
        reading.emit(Alter(view.at, "options", view.options, new))


def rename_column(reading: Reading, at: Address, old: Named, new: Named) -> None:
    """Emit another name of a view's column, which the server writes into its query."""
    view = reading.schema.at(at)
    assert isinstance(view, View)
    if old[0] not in view.columns:
        raise MissingObject(view.at.child(Kind.COLUMN, old[0]))
    if new[0] in view.columns:
        raise TakenName(view.at.child(Kind.COLUMN, new[0]), view.at)
    before, after = (view.at.child(Kind.COLUMN, name) for name, _ in (old, new))
    reading.mention(old[1], before)
    columns = tuple(new[0] if name == old[0] else name for name in view.columns)
    text = view.query.text(in_full)
    query = queries.query(text, "postgres", reading.scope(), columns).expression
    reading.emit(Rename(before, after))
    reading.mention(new[1], after)
    renamed = reading.schema.at(view.at)
    assert isinstance(renamed, View)
    if renamed.query != query:
        reading.emit(Alter(view.at, "query", renamed.query, query))
