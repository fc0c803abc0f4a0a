"""What MySQL and MariaDB ask of a table as a whole, whichever statement made it so."""

from __future__ import annotations

import re
from dataclasses import replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Unique,
    container,
)
from schemaops.schema.state import Schema, TakenName
from schemaops.sql.mysql_columns import must_be_taken
from schemaops.sql.names import fold
from schemaops.sql.reading import NotAllowed, Reading, StillNeeded
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.split import Statement
from schemaops.sql.types import parsed, widens

__all__ = [
    "drops_for_certain",
    "hold_whole",
    "leading",
    "must_be_free",
    "must_stand",
    "whole_columns",
]

_STRINGS = ("char", "varchar", "binary", "varbinary")
_LONG = ("tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob")


def must_stand(reading: Reading) -> None:
    """Raise NotAllowed or TakenName where the server refuses a table that the statement has changed."""
    tables = dict.fromkeys(at for operation in reading.operations for at in _tables(operation))
    for table in tables:
        if table in reading.schema:
            _check_table(reading.schema, table)
    for operation in reading.operations:
        must_be_taken(operation, reading.schema)
    for operation in reading.operations if reading.checks_foreign_keys else ():
        if isinstance(operation, Drop) and isinstance(operation.thing, Index | Unique | PrimaryKey):
            _must_not_be_needed(reading.schema, operation.thing)


def _must_not_be_needed(schema: Schema, thing: Index | Unique | PrimaryKey) -> None:
    """Raise StillNeeded where a foreign key has lost the index that it looks its values up in."""
    table, columns = container(thing), _columns(thing)
    if table is None or table not in schema:
        return
    keys = [
        _columns(part)
        for part in schema.contents(table)
        if isinstance(part, Index | Unique | PrimaryKey)
    ]
    for other in (*schema.contents(table), *schema.referrers(table)):
        if not isinstance(other, ForeignKey):
            continue
        for mine, wanted in ((container(other), other.columns), (other.table, other.referred)):
            n = len(wanted)
            if mine == table and columns[:n] == wanted and not any(k[:n] == wanted for k in keys):
                if isinstance(thing, PrimaryKey) and thing.at in schema:
                    raise NotUnderstood(f"what {other.at} is looked up in is not known")
                raise StillNeeded(thing.at, other.at)


def _columns(key: Index | Unique | PrimaryKey) -> tuple[Address, ...]:
    return leading(key) if isinstance(key, Index) else key.columns


def leading(index: Index, *, turned: bool = True) -> tuple[Address, ...]:
    """Return the first columns of an index that it holds whole; where none may be `turned`, those
    before the first that descends."""
    found: list[Address] = []
    for key in index.keys:
        column = key.expression.normal[0] if len(key.expression.normal) == 1 else None
        whole = key.length is None and isinstance(column, Address) and index.method is None
        if not whole or (key.descending and not turned):
            break
        assert isinstance(column, Address)
        found.append(column)
    return tuple(found)


def must_be_free(reading: Reading, before: Column, after: Column) -> None:
    """Raise NotAllowed where a column changes that a foreign key is made of or refers to, and the
    server guards its values (errors 1832 and 1833)."""
    same = before.type == after.type or _only_grows(before, after)
    if same and before.collation == after.collation:
        return
    for thing in reading.schema.referrers(before.at):
        if isinstance(thing, ForeignKey):
            if not reading.checks_foreign_keys:
                raise NotUnderstood(
                    f"what {thing.at} makes of a change of {before.at} is not known"
                )
            raise NotAllowed(f"column {before.at} cannot change: {thing.at} holds it", before.at)


def hold_whole(reading: Reading, after: Column) -> None:
    """Emit that keys hold a column whole which held a part of it, where it now is no longer than that."""
    kind = parsed(after.type, "mysql")
    if str(kind.base) in _LONG or str(kind.base) == "json":
        return
    longest = 0
    if str(kind.base) in _STRINGS:
        longest = int(kind.arguments[0]) if kind.arguments else 1
    for key in reading.schema.parts(after.table, PrimaryKey):
        said = re.search(
            rf"(?:^|, ){re.escape(after.at.name.spelling)}\((\d+)\)",
            dict(key.options).get("parts", ""),
        )
        if said is not None and int(said[1]) >= longest:
            raise NotUnderstood(f"{key.at} holds more of {after.at} from then on")
    for index in reading.schema.parts(after.table, Index):
        keys = tuple(
            replace(one, length=None)
            if one.length is not None
            and one.length >= longest
            and one.expression.normal == (after.at,)
            else one
            for one in index.keys
        )
        if keys == index.keys:
            continue
        if index.unique and not any(one.length is not None or one.descending for one in keys):
            raise NotUnderstood(f"{index.at} becomes a key over whole columns")
        reading.emit(Alter(index.at, "keys", index.keys, keys))


def _only_grows(before: Column, after: Column) -> bool:
    kinds = {str(column.type).partition("(")[0] for column in (before, after)}
    return kinds in ({"enum"}, {"set"}) and widens(before.type, after.type, "mysql")


def _tables(operation: Operation) -> tuple[Address, ...]:
    match operation:
        case Create(thing=thing) | Drop(thing=thing):
            inside = container(thing)
            return () if inside is None else (inside,)
        case Alter(at=at) if at.kind is not Kind.TABLE:
            return (Address(Kind.TABLE, at.path[:-1]),)
    return ()


def _check_table(schema: Schema, table: Address) -> None:
    columns = {column.at: column for column in schema.columns(table)}
    if not columns:
        raise NotAllowed(f"the last column of {table} cannot be dropped", table)
    things = schema.contents(table)
    keys = [found for thing in things if (found := _key(thing)) is not None]
    counting = [column for column in columns.values() if column.auto_increment]
    if len(counting) > 1 or any(not _leads(c.at, keys) for c in counting):
        raise NotAllowed(f"the one AUTO_INCREMENT column of {table} must lead a key", table)
    for thing in things:
        match thing:
            case Check(expression=text):
                for other in things:
                    if thing.named and thing.at.name == other.at.name and _shares_names(other):
                        raise TakenName(thing.at, other.at)
                _must_not_count(text, counting, thing.at)
                _must_not_be_set(
                    text, [key for key in things if isinstance(key, ForeignKey)], thing
                )
            case Column(generated=made) if made is not None and (
                made.stored or any(thing.at in key for key in keys)
            ):
                _must_not_count(made.expression, counting, thing.at)
            case ForeignKey() if "set null" in (thing.on_delete, thing.on_update):
                for at in thing.columns:
                    if at in columns and not columns[at].nullable:
                        raise NotAllowed(f"{thing.at} cannot set {at} to NULL", thing.at)
            case PrimaryKey() | Unique() | Index():
                _must_have_lengths(thing, columns)
                if isinstance(thing, PrimaryKey) and any(
                    columns[c].generated for c in thing.columns
                ):
                    raise NotAllowed(f"{thing.at} cannot be of generated columns", thing.at)


def _key(thing: Object) -> tuple[Address, ...] | None:
    match thing:
        case PrimaryKey() | Unique():
            return thing.columns
        case Index():
            return tuple(at for key in thing.keys for at in key.expression.addresses())
    return None


def _shares_names(thing: Object) -> bool:
    return isinstance(thing, Unique | ForeignKey) or (isinstance(thing, Index) and thing.unique)


def _leads(column: Address, keys: list[tuple[Address, ...]]) -> bool:
    return any(key[:1] == (column,) for key in keys)


def _must_not_count(text: Expression, counting: list[Column], at: Address) -> None:
    for column in counting:
        if column.at in set(text.addresses()):
            raise NotAllowed(f"{at} cannot name the AUTO_INCREMENT column {column.at.name}", at)


def _must_not_be_set(text: Expression, keys: list[ForeignKey], check: Check) -> None:
    used = set(text.addresses())
    for key in keys:
        acts = "set null" in (key.on_delete, key.on_update) or key.on_update == "cascade"
        if acts and not used.isdisjoint(key.columns):
            raise NotAllowed(f"{check.at} cannot name what {key.at} sets", check.at)


def _must_have_lengths(thing: PrimaryKey | Unique | Index, columns: dict[Address, Column]) -> None:
    if isinstance(thing, Index):
        if thing.method is not None:
            return
        whole = [
            at for key in thing.keys if key.length is None for at in key.expression.addresses()
        ]
    else:
        whole = list(whole_columns(thing) if isinstance(thing, PrimaryKey) else thing.columns)
    for at in whole:
        if at in columns and str(columns[at].type) in _LONG:
            if isinstance(thing, PrimaryKey):
                raise NotAllowed(f"{thing.at} needs a length for {at.name}", thing.at)
            # MariaDB makes a hash of a unique one, and finds a length for another.
            raise NotUnderstood(f"a key over all of {at} is of another kind")


def drops_for_certain(reading: Reading, statement: Statement, first: int) -> None:
    """Raise NotUnderstood where MariaDB may pass over the drop of a foreign key: it takes no notice of
    DROP CONSTRAINT beside MODIFY, CHANGE or the addition of a check or foreign key; MySQL does."""
    words = [token.text.upper() for token in statement.tokens]
    said = {
        fold(token.text, "mysql", Kind.FOREIGN_KEY)
        for place, token in enumerate(statement.tokens)
        if words[max(place - 2, 0) : place] == ["DROP", "CONSTRAINT"]
    }
    dropped, added = set(), False
    for operation in reading.operations[first:]:
        match operation:
            case Drop(thing=ForeignKey(at=at)):
                dropped.add(at.name)
            case Create(thing=ForeignKey() | Check()):
                added = True
    if dropped & said and (added or {"MODIFY", "CHANGE"} & set(words)):
        raise NotUnderstood("MariaDB and MySQL differ in what this ALTER TABLE drops")


def whole_columns(key: PrimaryKey, *, turned: bool = True) -> tuple[Address, ...]:
    """Return the first columns of a MySQL key that it holds whole, not up to a length; where none may
    be `turned`, those before the first that descends."""
    said = dict(key.options).get("parts", "")
    for place, column in enumerate(key.columns):
        said = said.removeprefix(column.name.spelling)
        if said.startswith("(") or (said.startswith(" desc") and not turned):
            return key.columns[:place]
        said = said.removeprefix(" desc").removeprefix(", ")
    return key.columns
