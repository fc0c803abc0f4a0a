"""Rows against rows: whether two data statements end alike in either order, whatever rows there are."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.guarded import Guard, guarded
from schemaops.merge.known import KnownRow, inserted
from schemaops.merge.world import Clash, Reach, World, columns_of, said
from schemaops.names import Address, Kind
from schemaops.operations import Rows
from schemaops.operations.rows import NotLiteral
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexKey,
    PrimaryKey,
    Table,
    Unique,
)
from schemaops.sql.predicates import UNKNOWN, Unknown, Value, known, literal, pinned, value

__all__ = ["filled", "passes_over", "rows_and_rows", "rows_made", "sources"]


def rows_and_rows(ours: Rows, theirs: Rows, world: World) -> Clash | None:
    """Return why the order of two data statements matters, or may for some rows."""
    if _apart(ours, theirs, world):
        return None
    at = min(ours.table, theirs.table)
    if ours.table == theirs.table:
        reason = f"both sides change rows of {said(at)} so that the order matters"
    else:
        first, second = sorted((ours.table, theirs.table))
        reason = f"one side writes rows of {said(first)}, the other of {said(second)}, and one "
        reason += "depends on the other"
    return Clash(ConflictKind.ROWS_ROWS, at, reason, of_rows=True)


def _apart(ours: Rows, theirs: Rows, world: World) -> bool:
    plain = _without_guards(ours, theirs, world)
    if plain is not None:
        return _apart(*plain, world)
    mine, its = world.reach(ours), world.reach(theirs)
    if _depends(ours, mine, theirs, its) or _depends(theirs, its, ours, mine):
        return False
    if _numbered_together(ours, theirs, world):
        return False
    if not mine.tables & its.tables:
        return _keys_apart(ours, theirs, world) and _keys_apart(theirs, ours, world)
    if _inserts_unkeyed(ours, theirs, mine.tables & its.tables, world):
        return True
    if ours.table != theirs.table or not (_plain(ours) and _plain(theirs)):
        return False
    if any(key.table == ours.table for key in _foreign_keys(ours.table, world)):
        return False
    return _on_one_table(ours, theirs, world)


def _inserts_unkeyed(ours: Rows, theirs: Rows, tables: AbstractSet[Address], world: World) -> bool:
    """Whether two INSERTs into tables that have rows in common meet no key there."""
    if ours.verb != "insert" or theirs.verb != "insert" or ours.table == theirs.table:
        return False
    if ours.conflict is not None or theirs.conflict is not None:
        return False
    return all(
        isinstance(world.base.get(at), Table)
        and not _unique_columns(at, world)
        and not _foreign_keys(at, world)
        for at in tables
    )


def _on_one_table(ours: Rows, theirs: Rows, world: World) -> bool:
    match ours.verb, theirs.verb:
        case "insert", "insert":
            return _inserts_apart(ours, theirs, world)
        case "insert", ("update" | "delete"):
            return _passed_by(ours, theirs, world)
        case (("update" | "delete"), "insert"):
            return _passed_by(theirs, ours, world)
        case "update", "update":
            return _updates_apart(ours, theirs, world)
        case "update", "delete":
            return not _where_meets(theirs, ours, world) or _disjoint(ours, theirs, world)
        case "delete", "update":
            return not _where_meets(ours, theirs, world) or _disjoint(ours, theirs, world)
        case ("delete", "delete") | ("truncate", "truncate"):
            return True
        case _:
            return False


def _without_guards(ours: Rows, theirs: Rows, world: World) -> tuple[Rows, Rows] | None:
    """Return two INSERTs into one table without their guards, where neither sees what the other adds."""
    if ours.table != theirs.table:
        return None
    found = [guarded(rows, world.base) for rows in (ours, theirs)]
    if found == [None, None]:
        return None
    mine, its = (one or (rows, {}) for one, rows in zip(found, (ours, theirs), strict=True))
    if _is_seen(its[0], mine[1], world) or _is_seen(mine[0], its[1], world):
        return None
    return mine[0], its[0]


def _is_seen(insert: Rows, guard: Guard, world: World) -> bool:
    """Whether a guard may see a row of an INSERT."""
    if not guard:
        return False
    if insert.values is None:
        return True
    for row in inserted(insert):
        full = filled(row, set(guard), world)
        cells = {at: known(full[at]) for at in guard if at in full}
        if not any(
            not isinstance(cell, Unknown)
            and not any(isinstance(one, Unknown) for one in guard[at])
            and _folded(cell) not in {_folded(one) for one in guard[at]}
            for at, cell in cells.items()
        ):
            return True
    return False


def _depends(reader: Rows, reading: Reach, writer: Rows, writing: Reach) -> bool:
    """Whether a statement reads rows, or rows' values, that the other writes."""
    if writing.cascaded & (reading.tables | reading.reads | reading.cascaded):
        return True
    if not reading.reads & writing.tables:
        return False
    if writer.verb != "update" or reader.table == writer.table:
        return True
    through_view = writing.tables != {writer.table}
    return through_view or bool({at for at, _ in writer.sets} & reading.columns)


def _plain(rows: Rows) -> bool:
    """Whether WHERE alone says which rows a statement is for, and what fails in one fails in all."""
    if rows.verb == "update" and passes_over(rows):
        return False
    return rows.verb == "insert" or "limit" not in _words(rows)


def passes_over(rows: Rows) -> bool:
    """Whether a statement of SQLite or MySQL does without, or removes, rows that do not fit."""
    return bool({"or", "ignore"} & set(_words(rows)[1:2]))


def _words(rows: Rows) -> list[str]:
    pieces = (piece for piece in rows.text.normal if isinstance(piece, str))
    return [word for piece in pieces for word in piece.lower().split()]


# -- numbers given one after another


def _numbered_together(ours: Rows, theirs: Rows, world: World) -> bool:
    """Whether both statements take numbers from one source."""
    return bool(sources(ours, world) & sources(theirs, world))


def sources(rows: Rows, world: World) -> set[Address]:
    """Return the sequences, and the columns with one of their own, that a statement takes numbers of."""
    found = {at for at in rows.text.addresses() if at.kind is Kind.SEQUENCE}
    if rows.verb != "insert":
        return found
    made = rows_made(rows, world) if rows.values is not None else [{}]
    for column in columns_of(world, rows.table):
        if rows.conflict is None and all(column.at in row for row in made):
            continue
        if column.default is not None:
            found |= {at for at in column.default.addresses() if at.kind is Kind.SEQUENCE}
        if column.at in numbered(rows.table, world):
            found.add(column.at)
    return found


def numbered(table: Address, world: World) -> set[Address]:
    """Return the columns of a table whose values are numbers given one after another."""
    found = set()
    for column in columns_of(world, table):
        calls = column.default is not None and any(
            at.kind is Kind.SEQUENCE for at in column.default.addresses()
        )
        if column.auto_increment or column.identity is not None or calls:
            found.add(column.at)
    if world.dialect == "sqlite" and isinstance(world.base.get(table), Table):
        for key in world.base.parts(table, PrimaryKey):
            if len(key.columns) == 1 and str(world.base.column(key.columns[0]).type) == "integer":
                found.add(key.columns[0])
    return found


def rows_made(rows: Rows, world: World) -> list[KnownRow]:
    """Return the rows of an INSERT … VALUES, without the cells that ask for a number (NULL in SQLite
    and MySQL, there also 0)."""
    asking: tuple[object, ...] = {"sqlite": (None,), "mysql": (None, 0)}.get(world.dialect, ())
    counted = numbered(rows.table, world) if asking else set()
    return [
        {at: cell for at, cell in row.items() if at not in counted or cell not in asking}
        for row in inserted(rows)
    ]


# -- an INSERT and what changes rows


def _passed_by(insert: Rows, change: Rows, world: World) -> bool:
    """Whether an UPDATE or DELETE passes the rows of an INSERT by, and leaves their keys alone."""
    if insert.values is None or insert.conflict is not None or change.where is None:
        return False
    used = set(change.where.addresses())
    for row in rows_made(insert, world):
        if value(change.where, filled(row, used, world), world.base) not in (None, False):
            return False
    if world.dialect == "sqlite" and change.verb != "update" and sources(insert, world):
        return False  # the number is the next after the highest that is there
    written = {column for column, _ in change.sets}
    return not any(written & set(columns) for columns in _unique_columns(change.table, world))


def filled(row: KnownRow, used: set[Address], world: World) -> KnownRow:
    """Return a row with what the database gives to the columns left out, where that is plain."""
    full = dict(row)
    for at in used - set(row):
        column = world.base.get(at)
        if not isinstance(column, Column) or column.generated is not None:
            continue
        if column.default is not None:
            given = literal(value(column.default, {}, world.base))
            full |= {} if isinstance(given, NotLiteral) else {at: given}
        elif at not in numbered(column.table, world) and not any(column.type.addresses()):
            full[at] = None
    return full


def _unique_columns(table: Address, world: World) -> list[tuple[Address, ...]]:
    if not isinstance(world.base.get(table), Table):
        return []
    keys: list[tuple[Address, ...]] = [k.columns for k in world.base.parts(table, PrimaryKey)]
    keys += [k.columns for k in world.base.parts(table, Unique)]
    for index in world.base.parts(table, Index):
        if index.selective:
            parts = [key.expression for key in index.keys]
            parts += [index.where] if index.where is not None else []
            keys.append(tuple(at for part in parts for at in part.addresses()))
    return keys


# -- two INSERTs


def _inserts_apart(ours: Rows, theirs: Rows, world: World) -> bool:
    if ours.values is None or theirs.values is None:
        return False
    return all(
        _told_apart(one, other, key, world)
        for key in _unique_keys(ours.table, world)
        for one in rows_made(ours, world)
        for other in rows_made(theirs, world)
    )


def _unique_keys(table: Address, world: World) -> list[tuple[Address | IndexKey, ...]]:
    if not isinstance(world.base.get(table), Table):
        return []
    keys: list[tuple[Address | IndexKey, ...]] = [
        k.columns for k in world.base.parts(table, PrimaryKey)
    ]
    keys += [k.columns for k in world.base.parts(table, Unique)]
    for index in world.base.parts(table, Index):
        if index.unique:
            keys.append(index.keys)
        elif index.excludes:
            # Of other operators no two values tell that their rows may stand together.
            told = zip(index.keys, index.excludes, strict=True)
            keys.append(tuple(key for key, operator in told if operator == "="))
    return keys


def _told_apart(
    one: KnownRow, other: KnownRow, key: tuple[Address | IndexKey, ...], world: World
) -> bool:
    """Whether two rows differ in a unique key, or are not for it."""
    cells = [(_key_cell(one, part, world), _key_cell(other, part, world)) for part in key]
    if any(a is None or b is None for a, b in cells):
        return True
    return any(
        not isinstance(a, Unknown) and not isinstance(b, Unknown) and _folded(a) != _folded(b)
        for a, b in cells
    )


def _folded(cell: Value) -> Value:
    return cell.strip().lower() if isinstance(cell, str) else cell


def _key_cell(row: KnownRow, part: Address | IndexKey, world: World) -> Value:
    if isinstance(part, Address):
        full = filled(row, {part}, world)
        return known(full[part]) if part in full else UNKNOWN
    if part.length is not None or part.collation is not None:
        return UNKNOWN
    used = set(part.expression.addresses())
    found = value(part.expression, filled(row, used, world), world.base)
    return UNKNOWN if found is None and len(part.expression.normal) > 1 else found


# -- two changes


def _where_meets(reader: Rows, writer: Rows, world: World) -> bool:
    """Whether a statement's choice of rows depends on columns that the other sets."""
    if reader.where is None:
        return False
    read = _sourced(set(reader.where.addresses()), reader.table, world)
    return bool(read & {column for column, _ in writer.sets})


def _sourced(read: set[Address], table: Address, world: World) -> set[Address]:
    """Return columns and those that generated ones among them are made of."""
    found = set(read)
    for column in columns_of(world, table):
        if column.at in read and column.generated is not None:
            found |= set(column.generated.expression.addresses())
    return found


def _updates_apart(ours: Rows, theirs: Rows, world: World) -> bool:
    mine, its = dict(ours.sets), dict(theirs.sets)
    if not mine or not its or _tied(set(mine), set(its), ours.table, world):
        return False
    if _disjoint(ours, theirs, world):
        return True
    if set(mine) & _read(theirs, world) or set(its) & _read(ours, world):
        return False
    for column in set(mine) & set(its):
        one, other = value(mine[column], {}, world.base), value(its[column], {}, world.base)
        if isinstance(one, Unknown) or one != other:
            return False
    return True


def _tied(mine: set[Address], its: set[Address], table: Address, world: World) -> bool:
    """Whether some rule of the table is for columns of both."""
    rules: list[set[Address]] = [set(columns) for columns in _unique_columns(table, world)]
    if isinstance(world.base.get(table), Table):
        rules += [set(c.expression.addresses()) for c in world.base.parts(table, Check)]
        rules += [set(k.columns) for k in world.base.parts(table, ForeignKey)]
    unique = len(_unique_columns(table, world))
    for n, columns in enumerate(rules):
        if mine & columns and its & columns:
            # One column set by both keeps its own check; two columns may break it together.
            if n < unique or len(columns & (mine | its)) > 1:
                return True
    return False


def _read(rows: Rows, world: World) -> set[Address]:
    read = {at for _, made in rows.sets for at in made.addresses()}
    if rows.where is not None:
        read |= set(rows.where.addresses())
    return _sourced(read, rows.table, world)


def _disjoint(ours: Rows, theirs: Rows, world: World) -> bool:
    """Whether two statements choose different rows by literal values of one column neither sets."""
    mine, its = _pins(ours, world), _pins(theirs, world)
    written = {c for c, _ in ours.sets} | {c for c, _ in theirs.sets}
    return any(not (mine[column] & its[column]) for column in set(mine) & set(its) - written)


def _pins(rows: Rows, world: World) -> dict[Address, frozenset[Value]]:
    """Return, for the columns that a WHERE pins to literals, the values it allows."""
    return {} if rows.where is None else pinned(rows.where, world.base)


# -- rows tied by foreign keys


def _foreign_keys(table: Address, world: World) -> tuple[ForeignKey, ...]:
    if not isinstance(world.base.get(table), Table):
        return ()
    return world.base.parts(table, ForeignKey)


def _keys_apart(one: Rows, other: Rows, world: World) -> bool:
    """Whether no foreign key of the base ties the rows that the two write together."""
    for key in _foreign_keys(one.table, world):
        if key.table != other.table:
            continue
        written = {c for c, _ in one.sets}
        if one.conflict is not None:
            written |= set(one.columns)
        child_writes = one.verb == "insert" or bool(written & set(key.columns))
        parent_changes = other.verb in ("delete", "truncate") or other.conflict == "replace"
        rekeyed = {c for c, _ in other.sets}
        if other.conflict is not None:
            rekeyed |= set(other.columns)
        parent_changes = parent_changes or bool(rekeyed & set(key.referred))
        if not parent_changes:
            continue
        if one.verb == "insert" and _goes_elsewhere(one, other, key, world):
            continue
        if child_writes or one.verb in ("delete", "truncate") or one.conflict == "replace":
            return False  # the parents may go only once the children are gone
    return True


def _goes_elsewhere(child: Rows, parent: Rows, key: ForeignKey, world: World) -> bool:
    """Whether the rows that refer and the rows that go are different ones by their literals."""
    if child.values is None or parent.where is None or parent.verb != "delete":
        return False
    if child.conflict is not None:
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
