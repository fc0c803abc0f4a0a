"""What two operations do to each other, as a rule tells: also where both orders run.

`clash` looks at one operation of each side, both by home (see `course`), and says why they cannot both
stand without a decision, or nothing. The rules are few and by class: names, drops, facts, types, and
rows against rules for rows and against rows. What is only a rename is left to carrying.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import shown
from schemaops.merge.known import KnownRow, KnownRows, inserted
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Rows
from schemaops.operations.footprint import Place
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Unique,
    View,
    container,
    references,
)
from schemaops.schema.state import Schema
from schemaops.sql.predicates import UNKNOWN, Row, Value, known, literal, pinned, value
from schemaops.sql.types import widens

__all__ = ["Clash", "World", "clash"]


@dataclass(frozen=True, slots=True)
class Clash:
    """Why two operations are at odds: the kind, what it is about, one sentence."""

    kind: ConflictKind
    address: Address
    reason: str


@dataclass(frozen=True, slots=True)
class World:
    """What the rules may look at beside the two operations: the base, and what is known of its rows."""

    base: Schema
    rows: KnownRows


def clash(ours: Operation, theirs: Operation, world: World) -> Clash | None:
    """Return why the two cannot both stand without a decision, None where nothing says so."""
    if ours == theirs and not isinstance(ours, Rows):
        return None
    both = _both(ours, theirs, world)
    if both is not None:
        return both
    return _one_way(ours, theirs, world) or _one_way(theirs, ours, world)


def _both(ours: Operation, theirs: Operation, world: World) -> Clash | None:
    match ours, theirs:
        case Create(thing=one), Create(thing=other) if one.at == other.at:
            if getattr(one, "named", True) and getattr(other, "named", True):
                return Clash(
                    ConflictKind.CREATE_CREATE,
                    one.at,
                    f"both sides create {_said(one.at)}, differently",
                )
        case Rename(), Rename() if ours.old == theirs.old and ours.new != theirs.new:
            return Clash(
                ConflictKind.RENAME_RENAME,
                ours.old,
                f"{_said(ours.old)} is renamed to {ours.new.name} and to {theirs.new.name}",
            )
        case Alter(), Alter() if (ours.at, ours.fact) == (theirs.at, theirs.fact):
            if ours.after != theirs.after:
                return Clash(
                    ConflictKind.CHANGE_CHANGE,
                    ours.at,
                    f"both sides change the {ours.fact.replace('_', ' ')} of {_said(ours.at)}",
                )
        case Rows(), Rows():
            return _rows_and_rows(ours, theirs, world)
        case _:
            return None
    return None


def _one_way(one: Operation, other: Operation, world: World) -> Clash | None:
    match one:
        case Drop():
            return _drop_and_use(one, other)
        case Alter(fact="type") if one.at.kind is Kind.COLUMN:
            return _type_and_use(one, other, world)
        case Rows():
            return _rows_and_rule(one, other, world)
        case _:
            return None


def _said(at: Address) -> str:
    return f"{at.kind} {shown(at)}"


# -- dropping what the other side uses


def _drop_and_use(drop: Drop, other: Operation) -> Clash | None:
    if isinstance(other, Drop):
        return None
    at = drop.at
    if isinstance(other, Create) and other.at != at and shown(other.at) == shown(at):
        return Clash(
            ConflictKind.DROP_USE, at, f"one side drops {_said(at)}, the other makes it anew"
        )
    if isinstance(other, Create) and isinstance(other.thing, Column) and at.kind is not Kind.TABLE:
        touched = other.thing.at == at or at in set(references(other.thing))
    else:
        touched = any(at.covers(place.at) or place.at == at for place in _touched(other))
    if not touched:
        return None
    return Clash(
        ConflictKind.DROP_USE, at, f"one side drops {_said(at)}, which the other side uses"
    )


def _touched(operation: Operation) -> Iterator[Place]:
    found = operation.footprint()
    yield from found.reads
    yield from found.writes


# -- types and what relies on them


def _type_and_use(change: Alter, other: Operation, world: World) -> Clash | None:
    at = change.at
    if isinstance(other, Drop) or not any(place.at == at for place in _touched(other)):
        return None
    wide = widens(change.before, change.after, world.base.dialect)
    match other:
        case Rename():
            return None
        case Alter(at=column, fact="type" | "nullable" | "comment") if column == at:
            return None
        case Alter(at=column, fact="default") if column == at:
            fits = wide
        case Alter() if other.at == at:
            fits = False
        case Rows():
            fits = wide
        case Create(thing=View()):
            return None  # carrying tells: PostgreSQL refuses, the others do not care
        case Create(thing=Column(generated=made)) if made is not None:
            return None
        case Create(thing=ForeignKey()):
            fits = wide and world.base.dialect == "postgres"
        case Create(thing=Check() | Index() | PrimaryKey() | Unique()):
            fits = wide
        case _:
            fits = False
    if fits:
        return None
    return Clash(
        ConflictKind.TYPE_USE,
        at,
        f"one side makes {_said(at)} {change.after} where the other side relies on {change.before}",
    )


# -- rows and the rules that rows must keep


def _rows_and_rule(rows: Rows, other: Operation, world: World) -> Clash | None:
    match other:
        case Create(thing=Column() as column) if column.table == rows.table:
            return _new_column(rows, column)
        case Alter(fact="nullable", after=False):
            return _not_null(rows, other.at, world)
        case Alter(fact="default") if rows.verb == "insert" and other.at not in rows.columns:
            if container_is(other.at, rows.table):
                return Clash(
                    ConflictKind.DEFAULT_ROWS,
                    other.at,
                    f"one side changes the default of {_said(other.at)}, on which an INSERT relies",
                )
        case Alter(fact="identity" | "auto_increment" | "generated"):
            if container_is(other.at, rows.table) and rows.verb == "insert":
                return _rule(other.at, "how its values are generated")
        case Alter(fact="collation"):
            if other.at in rows.columns or other.at in rows.reads:
                return _rule(other.at, "the collation by which rows are compared")
        case Create(thing=Check() as check):
            return _check(rows, check, world)
        case Create(thing=PrimaryKey() | Unique() as key):
            return _unique(rows, key.at, _parent(key), key.columns, world)
        case Create(thing=Index(unique=True) as index):
            return _unique_index(rows, index, world)
        case Create(thing=ForeignKey() as key):
            return _foreign_key(rows, key, world)
        case Drop(thing=ForeignKey() as key) if key.on_delete != "no action" or (
            key.on_update != "no action"
        ):
            if rows.table == key.table and rows.verb in ("delete", "update", "truncate"):
                return _rule(key.at, "what becomes of rows that refer to deleted ones")
        case Drop(thing=PrimaryKey() | Unique() | Index(unique=True)) if rows.conflict is not None:
            if container(other.thing) == rows.table:
                return _rule(other.at, "which rows an INSERT meets")
        case _:
            return None
    return None


def _rule(at: Address, what: str) -> Clash:
    return Clash(
        ConflictKind.CONSTRAINT_ROWS,
        at,
        f"one side changes {what} ({_said(at)}), and the other side writes such rows",
    )


def container_is(at: Address, table: Address) -> bool:
    """Whether a column's table is `table`."""
    return at.path[:-1] == table.path


def _parent(thing: Object) -> Address:
    inside = container(thing)
    assert inside is not None
    return inside


def _new_column(rows: Rows, column: Column) -> Clash | None:
    if rows.verb != "insert":
        return None
    given = column.default is not None or column.generated or column.identity
    if not column.nullable and not given and not column.auto_increment:
        return _rule(column.at, "whether a row needs a value")
    return None


def _not_null(rows: Rows, at: Address, world: World) -> Clash | None:
    if rows.verb in ("delete", "truncate") or not container_is(at, rows.table):
        return None
    if rows.verb == "insert":
        if at in rows.columns and rows.values is not None:
            place = rows.columns.index(at)
            cells = [row[place] for row in rows.values if place < len(row)]
            if all(known(cell) is not None and known(cell) is not UNKNOWN for cell in cells):
                return None
        return _rule(at, "that a row needs a value")
    for column, made in rows.sets:
        if column == at:
            got = value(made, {}, world.base)
            if got is None or got is UNKNOWN:
                return _rule(at, "that a row needs a value")
    return None


def _check(rows: Rows, check: Check, world: World) -> Clash | None:
    table = _parent(check)
    if rows.table != table or rows.verb in ("delete", "truncate"):
        return None
    used = {at for at in check.expression.addresses() if at.kind is Kind.COLUMN}
    if rows.verb == "update":
        if not used & {column for column, _ in rows.sets}:
            return None
        # Only where every column that the check reads is set to a literal does the row tell.
        cells = {c: literal(value(made, {}, world.base)) for c, made in rows.sets}
        if used <= set(cells) and _holds(check.expression, cells, world):
            return None
    elif rows.values is not None and rows.conflict is None:
        if all(
            _holds(check.expression, _filled(row, used, world), world) for row in inserted(rows)
        ):
            return None
    return _rule(check.at, "what rows may hold")


def _holds(expression: Expression, row: Row, world: World) -> bool:
    got = value(expression, row, world.base)
    return got is None or got is True


def _filled(row: KnownRow, used: set[Address], world: World) -> KnownRow:
    """Return a row with NULL for the columns left out that have no default."""
    full = dict(row)
    for at in used - set(row):
        column = world.base.get(at)
        if isinstance(column, Column) and column.default is None and column.generated is None:
            full[at] = None
    return full


def _unique_index(rows: Rows, index: Index, world: World) -> Clash | None:
    columns = tuple(at for key in index.keys for at in key.expression.addresses())
    plain = all(len(key.expression.normal) == 1 for key in index.keys) and index.where is None
    if plain:
        return _unique(rows, index.at, index.table, columns, world)
    used = {*columns, *(index.where.addresses() if index.where else ())}
    if rows.table != index.table or rows.verb in ("delete", "truncate"):
        return None
    if rows.verb == "update" and not used & set(rows.columns):
        return None
    return _rule(index.at, "which rows may stand beside each other")


def _unique(
    rows: Rows, at: Address, table: Address, columns: tuple[Address, ...], world: World
) -> Clash | None:
    if rows.table != table or (rows.verb in ("delete", "truncate")):
        return None
    if rows.verb == "update" and not set(columns) & {column for column, _ in rows.sets}:
        return None
    if rows.verb == "insert" and rows.values is not None and rows.conflict is None:
        there = world.rows.rows(table)
        new = [_filled(row, set(columns), world) for row in inserted(rows)]
        if there is not None and _all_differ([*there, *new], columns):
            return None
        if (
            any(c in row and known(row[c]) is None for c in columns for row in new)
            and len(new) == 1
        ):
            return None if at.kind is not Kind.PRIMARY_KEY else _rule(at, "which rows may stand")
    return _rule(at, "which rows may stand beside each other")


def _all_differ(rows: list[KnownRow], columns: tuple[Address, ...]) -> bool:
    seen = set()
    for row in rows:
        cells = tuple(known(row[c]) if c in row else None for c in columns)
        if any(cell is UNKNOWN for cell in cells):
            return False
        if any(cell is None for cell in cells):
            continue
        folded = tuple(c.lower() if isinstance(c, str) else c for c in cells)
        if folded in seen:
            return False
        seen.add(folded)
    return True


def _foreign_key(rows: Rows, key: ForeignKey, world: World) -> Clash | None:
    child = _parent(key)
    if rows.table == child and rows.verb in ("insert", "update"):
        if rows.verb == "update" and not set(key.columns) & {c for c, _ in rows.sets}:
            return None
        if rows.verb == "insert" and rows.values is not None and _refers(rows, key, world):
            return None
        return _rule(key.at, "which rows may refer to which")
    if rows.table == key.table and rows.verb in ("delete", "truncate", "update"):
        if rows.verb == "update" and not set(key.referred) & {c for c, _ in rows.sets}:
            return None
        return _rule(key.at, "which rows may be deleted")
    return None


def _refers(rows: Rows, key: ForeignKey, world: World) -> bool:
    parents = world.rows.rows(key.table)
    for row in inserted(rows):
        full = _filled(row, set(key.columns), world)
        cells = [known(full[c]) if c in full else UNKNOWN for c in key.columns]
        if any(cell is None for cell in cells):
            continue
        if parents is None or any(cell is UNKNOWN for cell in cells):
            return False
        there = [[known(p[c]) if c in p else UNKNOWN for c in key.referred] for p in parents]
        if cells not in there:
            return False
    return True


# -- rows and rows


def _rows_and_rows(ours: Rows, theirs: Rows, world: World) -> Clash | None:
    if _apart(ours, theirs, world):
        return None
    at = ours.table
    return Clash(
        ConflictKind.ROWS_ROWS,
        at,
        f"both sides change rows of {_said(at)} so that the order matters"
        if ours.table == theirs.table
        else f"one side writes rows of {_said(at)} that the other side's statement depends on",
    )


def _apart(ours: Rows, theirs: Rows, world: World) -> bool:
    if ours.table != theirs.table:
        return (
            not _reads_rows(ours, theirs)
            and not _reads_rows(theirs, ours)
            and _keys_apart(ours, theirs, world)
            and _keys_apart(theirs, ours, world)
        )
    if _reads_rows(ours, theirs) or _reads_rows(theirs, ours):
        return False
    match ours.verb, theirs.verb:
        case "insert", "insert":
            return _inserts_apart(ours, theirs, world)
        case "insert", ("update" | "delete"):
            return _misses(theirs, ours, world) and _rekeyed_apart(theirs, world)
        case (("update" | "delete"), "insert"):
            return _misses(ours, theirs, world) and _rekeyed_apart(ours, world)
        case "update", "update":
            return _updates_apart(ours, theirs, world)
        case "update", "delete":
            return not _where_meets(theirs, ours) or _disjoint(ours, theirs, world)
        case "delete", "update":
            return not _where_meets(ours, theirs) or _disjoint(ours, theirs, world)
        case "delete", "delete":
            return True
        case "truncate", "truncate":
            return True
        case _:
            return False


def _reads_rows(reader: Rows, writer: Rows) -> bool:
    """Whether a statement reads, in a subquery or a join, the table that the other writes."""
    if reader.table == writer.table:
        # Its own columns are read row by row; a second mention of the table is a relation read.
        return writer.table in reader.reads and _mentions_twice(reader)
    if writer.table not in reader.reads:
        return False
    if writer.verb == "update":
        written = set(writer.columns)
        return bool(written & set(reader.reads))
    return True


def _mentions_twice(rows: Rows) -> bool:
    return sum(1 for piece in rows.text.written if piece == rows.table) > 1


def _where_meets(reader: Rows, writer: Rows) -> bool:
    """Whether a statement's choice of rows depends on columns that the other sets."""
    if reader.where is None:
        return False
    return bool(set(reader.where.addresses()) & {column for column, _ in writer.sets})


def _misses(change: Rows, insert: Rows, world: World) -> bool:
    """Whether an UPDATE or DELETE passes every row of an INSERT by."""
    if insert.values is None or insert.conflict is not None or change.where is None:
        return False
    used = set(change.where.addresses())
    return all(
        value(change.where, _filled(row, used, world), world.base) in (None, False)
        for row in inserted(insert)
    )


def _rekeyed_apart(change: Rows, world: World) -> bool:
    """Whether a change of rows cannot make or free a key that an INSERT uses."""
    # A row that is deleted cannot hold the key: the INSERT by itself ran on the base.
    written = {column for column, _ in change.sets}
    return not any(written & set(columns) for columns in _unique_columns(change.table, world))


def _unique_columns(table: Address, world: World) -> list[tuple[Address, ...]]:
    if table not in world.base:
        return []
    keys: list[tuple[Address, ...]] = [k.columns for k in world.base.parts(table, PrimaryKey)]
    keys += [k.columns for k in world.base.parts(table, Unique)]
    keys += [
        tuple(at for key in index.keys for at in key.expression.addresses())
        for index in world.base.parts(table, Index)
        if index.unique
    ]
    return keys


def _inserts_apart(ours: Rows, theirs: Rows, world: World) -> bool:
    if ours.values is None or theirs.values is None:
        return False
    if _numbered(ours.table, world) - set(ours.columns) and _numbered(theirs.table, world) - set(
        theirs.columns
    ):
        return False  # both take numbers as they come
    for columns in _unique_columns(ours.table, world):
        for one in inserted(ours):
            for other in inserted(theirs):
                cells = [(_key_cell(one, c, world), _key_cell(other, c, world)) for c in columns]
                if any(a is None or b is None for a, b in cells):
                    continue
                if not any(
                    a is not UNKNOWN and b is not UNKNOWN and _folded(a) != _folded(b)
                    for a, b in cells
                ):
                    return False
    return True


def _folded(cell: Value) -> Value:
    return cell.lower() if isinstance(cell, str) else cell


def _key_cell(row: KnownRow, at: Address, world: World) -> Value:
    if at in row:
        return known(row[at])
    column = world.base.get(at)
    if isinstance(column, Column) and column.default is None and column.identity is None:
        numbered = at in _numbered(column.table, world)
        return UNKNOWN if numbered else None
    return UNKNOWN


def _numbered(table: Address, world: World) -> set[Address]:
    """Return the columns of a table whose values are numbers given one after another."""
    if table not in world.base:
        return set()
    found = set()
    for column in world.base.columns(table):
        calls = column.default is not None and any(
            at.kind is Kind.SEQUENCE for at in column.default.addresses()
        )
        if column.auto_increment or column.identity is not None or calls:
            found.add(column.at)
    if world.base.dialect == "sqlite":
        for key in world.base.parts(table, PrimaryKey):
            if len(key.columns) == 1 and str(world.base.column(key.columns[0]).type) == "integer":
                found.add(key.columns[0])
    return found


def _updates_apart(ours: Rows, theirs: Rows, world: World) -> bool:
    if _disjoint(ours, theirs, world):
        return True
    mine, its = dict(ours.sets), dict(theirs.sets)
    if not mine or not its:
        return False
    read_by_ours = {at for v in mine.values() for at in v.addresses()}
    read_by_theirs = {at for v in its.values() for at in v.addresses()}
    if ours.where is not None:
        read_by_ours |= set(ours.where.addresses())
    if theirs.where is not None:
        read_by_theirs |= set(theirs.where.addresses())
    if set(mine) & read_by_theirs or set(its) & read_by_ours:
        return False
    for column in set(mine) & set(its):
        one, other = value(mine[column], {}, world.base), value(its[column], {}, world.base)
        if one is UNKNOWN or one != other:
            return False
    return not _triggers_keys(ours, world) or not _triggers_keys(theirs, world)


def _triggers_keys(rows: Rows, world: World) -> bool:
    """Whether a statement changes the columns of a unique key."""
    written = {column for column, _ in rows.sets}
    return any(written & set(columns) for columns in _unique_columns(rows.table, world))


def _disjoint(ours: Rows, theirs: Rows, world: World) -> bool:
    """Whether two statements choose different rows by literal values of one column neither sets."""
    mine, its = _pins(ours, world), _pins(theirs, world)
    written = {c for c, _ in ours.sets} | {c for c, _ in theirs.sets}
    return any(not (mine[column] & its[column]) for column in set(mine) & set(its) - written)


def _pins(rows: Rows, world: World) -> dict[Address, frozenset[Value]]:
    """Return, for the columns that a WHERE pins to literals, the values it allows."""
    return {} if rows.where is None else pinned(rows.where, world.base)


def _keys_apart(one: Rows, other: Rows, world: World) -> bool:
    """Whether no foreign key of the base ties the rows that the two write together."""
    if one.table not in world.base:
        return True
    for key in world.base.parts(one.table, ForeignKey):
        if key.table != other.table:
            continue
        child_writes = one.verb == "insert" or bool({c for c, _ in one.sets} & set(key.columns))
        parent_changes = other.verb in ("delete", "truncate") or bool(
            {c for c, _ in other.sets} & set(key.referred)
        )
        cascades = key.on_delete in ("cascade", "set null", "set default")
        if parent_changes and (child_writes or cascades):
            if one.verb == "insert" and _passes_by(one, other, key, world):
                continue
            return False
        if parent_changes and one.verb in ("delete", "truncate"):
            return False  # the parents may go only once the children are gone
    return True


def _passes_by(child: Rows, parent: Rows, key: ForeignKey, world: World) -> bool:
    """Whether the rows that refer and the rows that go are different ones by their literals."""
    if child.values is None or parent.where is None or parent.verb != "delete":
        return False
    for row in inserted(child):
        referred = {
            target: row[column]
            for target, column in zip(key.referred, key.columns, strict=False)
            if column in row
        }
        if value(parent.where, referred, world.base) not in (None, False):
            return False
    return True
