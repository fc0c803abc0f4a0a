"""Whether a view's columns are those that its query gives by itself, or have to be listed."""

from __future__ import annotations

from schemaops.schema.objects import View
from schemaops.schema.state import Schema
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.reading import Reading
from schemaops.sql.rendering.spelling import Spelling

__all__ = ["names_columns_itself"]


def names_columns_itself(view: View, schema: Schema) -> bool:
    """Whether the query alone, read over `schema`, gives the view with these very columns.

    A list is not the same even where the names are: listed columns keep them when one that is shown
    is renamed.
    """
    from schemaops.sql import queries

    dialect = dialect_named(schema.dialect)
    path = () if dialect.default_schema is None else (dialect.default_schema,)
    text = Spelling(schema.dialect).expression(view.query)
    read = queries.query(text, schema.dialect, Reading(schema, dialect, path).scope())
    names = tuple(output.name for output in read.outputs)
    return names == view.columns and read.expression == view.query
