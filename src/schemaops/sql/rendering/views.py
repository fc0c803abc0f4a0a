"""What reading a view's query tells: whether its columns must be listed, and whether it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaops.names import Name
from schemaops.schema.objects import View
from schemaops.schema.state import Schema
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.reading import Reading
from schemaops.sql.rendering.spelling import Spelling

if TYPE_CHECKING:
    from schemaops.sql.queries import Query

__all__ = ["names_columns_itself", "only_names_columns", "stands"]


def names_columns_itself(view: View, schema: Schema) -> bool:
    """Whether the query alone, read over `schema`, gives the view with these very columns.

    A list is not the same even where the names are: listed columns keep them when one that is shown
    is renamed.
    """
    read = _read(view, schema)
    names = tuple(output.name for output in read.outputs)
    return names == view.columns and read.expression == view.query


def stands(view: View, schema: Schema) -> bool:
    """Whether everything that a view names is there."""
    return not _read(view, schema).reading.problems


def only_names_columns(before: View, after: View, schema: Schema) -> bool:
    """Whether two queries of a view differ but in what they call its columns."""
    texts = {_read(view, schema, after.columns).expression for view in (before, after)}
    return before.columns == after.columns and len(texts) == 1


def _read(view: View, schema: Schema, columns: tuple[Name, ...] = ()) -> Query:
    from schemaops.sql import queries

    dialect = dialect_named(schema.dialect)
    path = () if dialect.default_schema is None else (dialect.default_schema,)
    text = Spelling(schema.dialect).expression(view.query)
    return queries.query(text, schema.dialect, Reading(schema, dialect, path).scope(), columns)
