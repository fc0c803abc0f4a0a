"""What reading a view's query tells: whether its columns must be listed, and whether it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from schemaops.names import Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Object, Trigger, View
from schemaops.schema.state import Schema
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.reading import Reading
from schemaops.sql.rendering.spelling import Spelling

if TYPE_CHECKING:
    from schemaops.sql.queries import Query

__all__ = ["all_stand", "only_names_columns", "same_text", "shows_all", "stands", "worded"]


def worded(view: View, schema: Schema) -> tuple[Expression, bool]:
    """Return the query to make a view with over `schema`, and whether its columns must be listed.

    What the author wrote is taken where it still says the view, else what every `*` stood for. A
    list is not the same even where the names are: listed columns keep them when one that is shown
    is renamed.
    """
    query = view.query
    texts = [query.written or query.normal]
    if query.bound and schema.dialect == "postgres":
        texts += [query.bound, query.normal]
    for pieces in texts:
        for listed in ((), view.columns):
            wording = Expression(query.normal, pieces)
            read = _read(replace(view, query=wording), schema, listed)
            names = tuple(output.name for output in read.outputs)
            if names == view.columns and read.expression == query:
                return wording, bool(listed)
    # SQLite's names are looked up whenever a view is read: a list might call other columns so.
    return query, schema.dialect != "sqlite"


def same_text(one: View, other: View) -> bool:
    """Return whether two views are one text, read at different times, where a view is but a text."""
    texts = {view.query.text(lambda at: str(at.name)) for view in (one, other)}
    same = one.columns == other.columns or (shows_all(one) and shows_all(other))
    return same and len(texts) == 1 and one.options == other.options


def shows_all(thing: Object) -> bool:
    """Return whether it is a view that has `*` for good, and so what columns there are."""
    return isinstance(thing, View) and any(
        isinstance(piece, str) and _STAR.search(piece) for piece in thing.query.normal
    )


_STAR = re.compile(r"(?:SELECT |DISTINCT |, |\.)\*")


def stands(view: View, schema: Schema) -> bool:
    """Whether everything that a view names is there."""
    return not _read(view, schema).reading.problems


def all_stand(schema: Schema) -> bool:
    """Whether no view and no trigger names what is not there: else SQLite drops no column at all."""
    from schemaops.sql import body_triggers

    views = (thing for thing in schema.of_kind(Kind.VIEW) if isinstance(thing, View))
    if not all(stands(view, schema) for view in views):
        return False
    triggers = (thing for thing in schema.of_kind(Kind.TRIGGER) if isinstance(thing, Trigger))
    reading = _reading(schema)
    return all(body_triggers.stands(reading, trigger) for trigger in triggers)


def only_names_columns(before: View, after: View, schema: Schema) -> bool:
    """Whether two queries of a view differ but in what they call its columns."""
    texts = {_read(view, schema, after.columns).expression for view in (before, after)}
    return before.columns == after.columns and len(texts) == 1


def _read(view: View, schema: Schema, columns: tuple[Name, ...] = ()) -> Query:
    from schemaops.sql import queries

    text = Spelling(schema.dialect).expression(view.query)
    return queries.query(text, schema.dialect, _reading(schema).scope(), columns)


def _reading(schema: Schema) -> Reading:
    dialect = dialect_named(schema.dialect)
    path = () if dialect.default_schema is None else (dialect.default_schema,)
    return Reading(schema, dialect, path)
