"""Dropped tables moved into the archive whole, in constant time, and dropped types and sequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Drop, Opaque, Operation, Rows
from schemaops.reverse.lossless.compared import compared
from schemaops.reverse.lossless.reach import reach
from schemaops.reverse.lossless.words import ARCHIVE, Kept, NotKept, Words
from schemaops.schema.objects import (
    Check,
    ForeignKey,
    Index,
    Inheritance,
    Object,
    PrimaryKey,
    Table,
    Unique,
    container,
    references,
)
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql.names import quote
from schemaops.sql.render import FOREIGN_KEYS_OFF, FOREIGN_KEYS_ON, Unwritable, rebuild, render

__all__ = ["MOVED", "Tables", "moved_types"]

MOVED = {
    Kind.ENUM: "TYPE",
    Kind.COMPOSITE: "TYPE",
    Kind.RANGE: "TYPE",
    Kind.DOMAIN: "DOMAIN",
    Kind.SEQUENCE: "SEQUENCE",
}
"""What is moved instead of dropped, since what is kept may use it, and PostgreSQL's word for it."""


def moved_types(words: Words, gone: Sequence[Address]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what moves types and sequences into PostgreSQL's archive, and what brings them back."""
    up: list[str] = []
    down: list[str] = []
    for at in gone:
        what, name, tag = MOVED[at.kind], quote(at.name, "postgres"), words.tag(at)
        up.append(f"ALTER {what} {words.name(at)} SET SCHEMA {ARCHIVE}")
        up.append(f"ALTER {what} {ARCHIVE}.{name} RENAME TO {tag}")
        down.append(f"ALTER {what} {ARCHIVE}.{tag} RENAME TO {name}")
        down.append(f"ALTER {what} {ARCHIVE}.{name} SET SCHEMA {quote(at.path[0], 'postgres')}")
    return tuple(up), tuple(down)


class Tables:
    """Keeps the tables that a statement drops."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._before = words.before
        self._dialect = words.dialect

    def keep(
        self,
        tables: Iterable[Table],
        operations: Sequence[Operation],
        statements: tuple[str, ...],
    ) -> Kept | NotKept:
        """Return the statement so executed that the tables are kept; `statements` make them anew."""
        gone = {table.at for table in tables}
        if self._is_referred_to(gone) and not self._words.looks_away:
            # SQLite deletes the rows before it drops the table, and keys take others along.
            found = reach(self._words, (Rows("delete", at) for at in sorted(gone)))
            if not found.sure:
                return NotKept("triggers do more than can be followed")
            kept = compared(self._words, found, frozenset(gone))
            return Kept(kept.up, (*statements, *kept.down))
        others = [o for o in operations if not _falls_with(o, gone)]
        beside = [o for o in others if isinstance(o, Drop | Alter)]
        if len(beside) < len(others):
            return NotKept("the statement does more than drop")
        # What ties a table to others, or holds a name that others share, goes and comes back.
        falling = [o for o in operations if _falls_with(o, gone) and self._must_go(o)]
        # MySQL drops no index while a key needs it.
        loose = sorted(
            (o for o in falling if isinstance(o, Drop)), key=lambda o: self._is_brought(o.thing)
        )
        schema = self._before
        # A schema goes when its tables are out of it, and is there again before they come back.
        spaces = [o for o in beside if o.at.kind is Kind.SCHEMA]
        types = [o for o in beside if isinstance(o, Drop) and self._is_moved(o)]
        first: list[Drop | Alter] = [
            *(o for o in beside if o not in spaces and o not in types),
            *loose,
        ]
        if spaces and {at for o in first for at in (o.at, o.at.family)} & set(self._needed(gone)):
            return NotKept("what the tables use goes with them")
        inverse: list[Operation] = []
        for operation in first:
            inverse.append(operation.invert(schema))
            schema = operation.apply(schema)
        up = list(render(first, self._before))
        down: list[str] = list(
            render(tuple(o.invert(self._before) for o in spaces), Schema.empty(self._dialect))
        )
        for at in sorted(gone):
            away, back = self._moved(at)
            up += away
            down += (*back, *self._own_indexes(at), *self._own_keys(at, schema))
        away, back = moved_types(self._words, [o.at for o in types])
        up += away
        down += back
        up += (f"DROP SCHEMA {quote(o.at.name, self._dialect)}" for o in spaces)
        down += render(tuple(reversed(inverse)), schema)
        return Kept((*self._words.archive(), *up), tuple(down))

    def _needed(self, tables: Iterable[Address]) -> Iterator[Address]:
        """Yield what the columns and rules of tables use, which cannot go while they are kept."""
        for table in tables:
            for column in self._before.columns(table):
                yield from references(column)
            for check in self._before.parts(table, Check):
                yield from references(check)

    def _own_indexes(self, table: Address) -> Iterator[str]:
        """Yield what makes an index that serves a foreign key surely one of the table's own: else the
        key, when it comes back, would replace it by one of another name."""
        if self._dialect != "mysql":
            return
        keys = {key.columns for key in self._before.parts(table, ForeignKey)}
        for index in self._before.parts(table, Index):
            columns = tuple(at for key in index.keys for at in key.expression.addresses())
            if self._is_brought(index):
                continue
            if tuple(dict.fromkeys(columns)) in keys and not index.unique:
                names = ", ".join(map(self._words.q, dict.fromkeys(columns)))
                name = quote(index.at.name, self._dialect)
                yield f"ALTER TABLE {self._words.name(table)} DROP INDEX {name}, ADD INDEX {name} ({names})"

    def _own_keys(self, table: Address, schema: Schema) -> Iterator[str]:
        """Yield what has a table of SQLite's that came back refer to what it did, whatever took a name on
        the way: the keys of a table in the archive follow every table that is renamed."""
        keys = schema.parts(table, ForeignKey)
        if self._dialect != "sqlite" or all(key.table == table for key in keys):
            return
        try:
            made = rebuild(table, (), schema)
        except Unwritable:
            return
        yield from (FOREIGN_KEYS_OFF, *made, FOREIGN_KEYS_ON)

    def _is_referred_to(self, gone: set[Address]) -> bool:
        return self._dialect == "sqlite" and any(
            container(key) not in gone for at in gone for key in self._words.referring(at)
        )

    def _is_moved(self, operation: Operation) -> bool:
        at = None if isinstance(operation, Opaque) else operation.at
        return self._dialect == "postgres" and at is not None and at.kind in MOVED

    def _must_go(self, operation: Operation) -> bool:
        if not isinstance(operation, Drop):
            return False
        ties = ForeignKey | Inheritance
        tied = isinstance(operation.thing, ties) and self._dialect != "sqlite"
        found = isinstance(operation.thing, Index) and self._dialect == "sqlite"
        return tied or found or self._is_brought(operation.thing)

    def _is_brought(self, thing: Object) -> bool:
        """Return whether MySQL made it for a foreign key, and makes it again as its own with that key."""
        if self._dialect != "mysql" or not isinstance(thing, Index) or not thing.implicit:
            return False
        columns = dict.fromkeys(at for one in thing.keys for at in one.expression.addresses())
        return any(
            key.columns == tuple(columns) for key in self._before.parts(thing.table, ForeignKey)
        )

    def _beside(self, table: Address) -> Iterator[tuple[str, str, str, str]]:
        """Yield what goes along with a table under a name of its own: PostgreSQL's word for it, where
        it is, its name, and another."""
        space = table.path[0]
        indexes = [one.at for one in self._before.parts(table, Index)]
        indexes += (one.at for one in self._before.parts(table, PrimaryKey))
        indexes += (one.at for one in self._before.parts(table, Unique))
        for at in indexes:
            own = quote(at.name, "postgres")
            yield "INDEX", f"{quote(space, 'postgres')}.{own}", own, self._words.tag(at)
        for sequence in self._before.of_kind(Kind.SEQUENCE):
            owner = sequence.owner if isinstance(sequence, SequenceObject) else None
            if owner is not None and table.covers(owner):
                own = quote(sequence.at.name, "postgres")
                yield "SEQUENCE", self._words.name(sequence.at), own, self._words.tag(sequence.at)

    def _moved(self, at: Address) -> tuple[tuple[str, ...], tuple[str, ...]]:
        table, name = self._words.name(at), quote(at.name, self._dialect)
        if self._dialect == "postgres":
            tag, space = self._words.tag(at), quote(at.path[0], "postgres")
            # The names of what stands beside a table in a schema are taken in the archive as well.
            inner = tuple(self._beside(at))
            return (
                (
                    *(f"ALTER {what} {there} RENAME TO {other}" for what, there, _, other in inner),
                    f"ALTER TABLE {table} SET SCHEMA {ARCHIVE}",
                    f"ALTER TABLE {ARCHIVE}.{name} RENAME TO {tag}",
                ),
                (
                    f"ALTER TABLE {ARCHIVE}.{tag} RENAME TO {name}",
                    f"ALTER TABLE {ARCHIVE}.{name} SET SCHEMA {space}",
                    *(
                        f"ALTER {what} {space}.{other} RENAME TO {own}"
                        for what, _, own, other in inner
                    ),
                ),
            )
        place = self._words.place(at)
        away, back = (
            f"ALTER TABLE {table} RENAME TO {place}",
            f"ALTER TABLE {place} RENAME TO {table}",
        )
        if self._dialect == "sqlite":
            # So that views and the keys of others go on naming the table that is no longer there.
            held: tuple[str, ...] = ("PRAGMA legacy_alter_table = ON",)
            let: tuple[str, ...] = ("PRAGMA legacy_alter_table = OFF",)
            if self._is_referred_to({at}):
                held = ("PRAGMA foreign_keys = OFF", *held)
                let = (*let, "PRAGMA foreign_keys = ON")
            return (*held, away, *let), (*held, back, *let)
        return (away,), (back,)


def _falls_with(operation: Operation, gone: set[Address]) -> bool:
    """Whether an operation drops a table of these, or what stands within one."""
    if not isinstance(operation, Drop):
        return False
    thing = operation.thing
    owner = getattr(thing, "owner", None)
    owned = isinstance(owner, Address) and any(table.covers(owner) for table in gone)
    return thing.at in gone or container(thing) in gone or owned
