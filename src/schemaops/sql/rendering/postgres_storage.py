"""How PostgreSQL's statements say how rows are kept: storage parameters, replica identity, clustering,
and what is set for a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemaops.names import Address, Kind
from schemaops.schema.objects import Column, Index, Object, Options, PrimaryKey, Table, Unique
from schemaops.sql.rendering.definitions import NO_STORAGE
from schemaops.sql.rendering.spelling import Spelling, option

__all__ = ["column_settings", "kept", "marks", "restored", "table_kept"]

_MARKS = ("clustered", "replica identity")


def column_settings(
    spell: Spelling, column: Column, before: Options = (), usual: str | None = None
) -> Iterator[str]:
    """Yield what changes the settings of a column from those before to its own, its type's storage
    being the `usual` one."""
    table = spell.at(column.table)
    head = f"ALTER TABLE {table} ALTER COLUMN {spell.name(column.at.name)}"
    old, new = dict(before), dict(column.settings)
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key):
            continue
        match key:
            case "statistics":
                yield f"{head} SET STATISTICS {new.get(key, '-1')}"
            case "storage":
                # DEFAULT is said by PostgreSQL 16 and later only.
                yield f"{head} SET STORAGE {new.get(key, usual or 'default')}"
            case "compression":
                yield f"{head} SET COMPRESSION {new.get(key, 'default')}"
            case _ if key in new:
                yield f"{head} SET ({key} = {new[key]})"
            case _:
                yield f"{head} RESET ({key})"


def marks(spell: Spelling, thing: Object, before: Options = ()) -> Iterator[str]:
    """Yield what says that a table is clustered on an index, or known to replicas by it."""
    if not isinstance(thing, Index | PrimaryKey | Unique):
        return
    table = thing.table if isinstance(thing, Index) else Address(Kind.TABLE, thing.at.path[:-1])
    head, name = f"ALTER TABLE {spell.at(table)}", spell.name(thing.at.name)
    for key, words in zip(_MARKS, ("CLUSTER ON", "REPLICA IDENTITY USING INDEX"), strict=True):
        if option(thing.options, key) and not option(before, key):
            yield f"{head} {words} {name}"
        elif option(before, key) and not option(thing.options, key) and key == "clustered":
            yield f"{head} SET WITHOUT CLUSTER"


def kept(options: Options) -> Options:
    """Return the options that decide what an index is, those that can be set later left out."""
    unsaid = (*_MARKS, "inherited", "invalid")
    return tuple((key, value) for key, value in options if key in NO_STORAGE and key not in unsaid)


def restored(spell: Spelling, thing: Index | PrimaryKey | Unique, before: Options) -> Iterator[str]:
    """Yield what sets an index's options that can be set later."""
    at = Address(Kind.INDEX, (thing.at.path[0], thing.at.name))
    old, new = dict(before), dict(thing.options)
    for key in sorted(old.keys() | new.keys()):
        if key in NO_STORAGE or old.get(key) == new.get(key):
            continue
        change = f"SET ({key} = {new[key]})" if key in new else f"RESET ({key})"
        yield f"ALTER INDEX {spell.at(at)} {change}"
    yield from marks(spell, thing, before)


def table_kept(spell: Spelling, table: Table, columns: Iterable[Column]) -> Iterator[str]:
    """Yield what is said of a new table behind its definition."""
    identity = option(table.options, "replica identity")
    if identity in ("full", "nothing"):
        yield f"ALTER TABLE {spell.at(table.at)} REPLICA IDENTITY {identity.upper()}"
    for column in columns:
        yield from column_settings(spell, column)
