"""Copies: what a sequence or a variable keeps of other tables' rows, as they are at the time.

What the other side writes to these tables is in the copy or not, by the order of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import shown
from schemaops.merge.rows_and_rows import sources
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Operation, Rename, Rows
from schemaops.operations.group import Group
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, Sequence
from schemaops.schema.state import Schema
from schemaops.sql.texts import words_of

__all__ = ["asked", "counters", "drawing", "restarted"]

_READ = (Kind.TABLE, Kind.VIEW)


def _counted(line: Line) -> Iterator[tuple[int, Address, frozenset[Address], str]]:
    """Yield the statements that set a sequence, or take its numbers: which, and from which tables."""
    for i, (group, homes) in enumerate(zip(line.groups, line.homes, strict=True)):
        if _COUNTED_ON.match(group.text):
            tables = [m.at for m in group.mentions if m.at.kind is Kind.TABLE]
            for column in (c for at in tables[:1] for c in line.after.columns(at)):
                if column.auto_increment:
                    yield i, column.at, frozenset(), " ".join(group.text.split())
        if not _COUNTS.search(group.text):
            continue
        for truncated in {o.table for o in homes if isinstance(o, Rows) and o.verb == "truncate"}:
            for one in sorted(_own_numbers(shown(truncated), line.after)):
                yield i, one, frozenset(), " ".join(group.text.split())
        if homes:
            continue
        at = [mention.at for mention in group.mentions if mention.at.kind is Kind.SEQUENCE]
        at += _identities(group, line.after)
        read = frozenset(m.at for m in group.mentions if m.at.kind in _READ)
        for sequence in dict.fromkeys(at):
            yield i, sequence, read, " ".join(group.text.split())


def _own_numbers(table: Address, schema: Schema) -> set[Address]:
    """Return the sequences that a table's columns own, and its columns with one of their own."""
    if table not in schema:
        return set()
    columns = schema.columns(table)
    owned = {
        one.at
        for one in schema.of_kind(Kind.SEQUENCE)
        if isinstance(one, Sequence) and one.owner in {column.at for column in columns}
    }
    return owned | {column.at for column in columns if column.identity is not None}


def _identities(group: Group, schema: Schema) -> Iterator[Address]:
    """Yield the columns whose own sequence a statement names: as a column, or by the sequence's name."""
    words = words_of(group.text, schema.dialect)
    for at in dict.fromkeys(mention.at for mention in group.mentions):
        column = schema.get(at)
        if isinstance(column, Column) and column.identity is not None:
            yield at
    for column in schema.of_kind(Kind.COLUMN):
        if isinstance(column, Column) and column.identity is not None:
            table, name = str(column.table.name), str(column.at.name)
            if f"{table}_{name}_seq" in words or {table, name, _OF_COLUMN} <= words:
                yield column.at


_OF_COLUMN = "pg_get_serial_sequence"


def counters(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side sets a sequence whose numbers the other side sets or takes."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, sequence, read, text in _counted(mine):
            found = [j for j, at, _, other in _counted(its) if at == sequence and other != text]
            for j, operations in enumerate(its.homes):
                for operation in operations:
                    if (
                        sequence in _drawn(operation, world)
                        or _starts(operation, sequence, text)
                        or (
                            isinstance(operation, Rows)
                            and (
                                _meet(world, operation, sequence, world.below(read))
                                or sequence in sources(operation, world)
                            )
                        )
                    ):
                        found.append(j)
            for j in found:
                reason = (
                    f"one side sets {_numbers(sequence)}, and the other its numbers or the rows"
                )
                clash = Clash(ConflictKind.ROWS_ROWS, sequence, reason)
                yield (j, i, clash) if swapped else (i, j, clash)
        for i, tables in _restarting(mine):
            for j, operations in enumerate(its.homes):
                for sequence in sorted(_given(operations, tables)):
                    reason = f"one side restarts what {said(min(tables))} owns, and the other "
                    reason += f"changes that it owns {said(sequence)}"
                    clash = Clash(ConflictKind.ROWS_ROWS, sequence, reason)
                    yield (j, i, clash) if swapped else (i, j, clash)


def _restarting(line: Line) -> Iterator[tuple[int, set[Address]]]:
    """Yield the statements that restart the sequences which tables own, with the tables."""
    for i, (group, homes) in enumerate(zip(line.groups, line.homes, strict=True)):
        truncated = {o.table for o in homes if isinstance(o, Rows) and o.verb == "truncate"}
        if truncated and "RESTART" in group.text.upper():
            yield i, truncated


def _given(operations: Iterable[Operation], tables: set[Address]) -> set[Address]:
    """Return the sequences that come to be owned by tables, or are no longer."""
    return {
        o.at
        for o in operations
        if isinstance(o, Alter) and o.at.kind is Kind.SEQUENCE and o.fact == "owner"
        for owner in (o.before, o.after)
        if owner is not None and Address(Kind.TABLE, owner.path[:-1]) in tables
    }


def restarted(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side writes SQLite's own table of numbers, and the other takes or sets some."""
    if world.dialect != "sqlite":
        return
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, named in _restarts(mine):
            for j, (group, operations) in enumerate(zip(its.groups, its.homes, strict=True)):
                for at in sorted({at for o in operations for at in _numbered_by(o, its, world)}):
                    if named is None or str(at.name).lower() == named:
                        reason = f"one side sets the numbers of {said(at)}, which the other uses"
                        clash = Clash(ConflictKind.ROWS_ROWS, at, reason)
                        yield (j, i, clash) if swapped else (i, j, clash)
                if swapped or mine.groups[i].text.split() == group.text.split():
                    continue
                for other in (o for k, o in _restarts(its) if k == j):
                    if named is None or other is None or named == other:
                        reason = "both sides set the numbers of rows to come"
                        at = Address(Kind.TABLE, (Name(named or other or _NUMBERS),))
                        yield i, j, Clash(ConflictKind.ROWS_ROWS, at, reason)


_ASKED = re.compile(r"(?is)^\s*SET\s.*@\w+\s*:?=.*\bSELECT\b")
_VARIABLE = re.compile(r"(?<!@)@\w+")


def asked(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side keeps in a variable what it read of rows that the other side writes."""
    if world.dialect != "mysql":
        return
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, group in enumerate(mine.groups):
            if group.operations or not _ASKED.match(group.text):
                continue
            kept = set(_VARIABLE.findall(group.text))
            if not any(kept & set(_VARIABLE.findall(g.text)) for g in mine.groups[i + 1 :]):
                continue
            words = words_of(group.text, world.dialect)
            read = {t.at for t in world.base.of_kind(Kind.TABLE) if str(t.at.name).lower() in words}
            for j, operations in enumerate(its.homes):
                for rows in operations:
                    if isinstance(rows, Rows) and (met := world.reach(rows).tables & read):
                        reason = f"a variable keeps what is read of {said(min(met))}, whose rows "
                        reason += "the other side writes"
                        clash = Clash(ConflictKind.ROWS_ROWS, min(met), reason)
                        yield (j, i, clash) if swapped else (i, j, clash)


_NUMBERS = "sqlite_sequence"
_PINNED = re.compile(
    r"(?is)\bWHERE\s+[\[\"`]?name[\]\"`]?\s*=\s*'([^']*)'\s*$"
    r"|\(\s*name\s*,\s*seq\s*\)\s*VALUES\s*\(\s*'([^']*)'[^)]*\)\s*$"
)


def _restarts(line: Line) -> Iterator[tuple[int, str | None]]:
    """Yield the statements that write SQLite's table of numbers: for which table, None for more."""
    for i, group in enumerate(line.groups):
        words = group.text.lower().split()
        if not group.operations and words[:1] != ["select"] and _NUMBERS in group.text.lower():
            found = _PINNED.search(group.text)
            yield i, None if found is None else (found[1] or found[2]).lower()


def _numbered_by(operation: Operation, line: Line, world: World) -> Iterator[Address]:
    """Yield the tables whose numbers an operation takes, or carries to another name."""
    match operation:
        case Rows(table=table):
            columns = [at for at in sources(operation, world) if at.kind is Kind.COLUMN]
            if table not in world.base and operation.verb == "insert":
                columns = [c.at for c in line.after.columns(shown(table)) if c.auto_increment]
            if any(_counts(at, line.after) or _counts(at, world.base) for at in columns):
                yield table
        case Rename(old=old) if old.kind is Kind.TABLE and old in world.base:
            if any(column.auto_increment for column in world.base.columns(old)):
                yield old
        case _:
            return


def _counts(at: Address, schema: Schema) -> bool:
    column = schema.get(at)
    return isinstance(column, Column) and column.auto_increment


def _starts(operation: Operation, sequence: Address, text: str) -> bool:
    """Whether an operation changes where a sequence starts that a statement restarts."""
    return (
        "RESTART" in text.upper()
        and isinstance(operation, Alter)
        and operation.at == sequence
        and operation.fact in ("options", "identity")
    )


def _numbers(at: Address) -> str:
    return said(at) if at.kind is Kind.SEQUENCE else f"the numbers of {said(at)}"


def drawing(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side numbers the rows that are there from a sequence that the other side
    changes or takes numbers of."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, operations in enumerate(mine.homes):
            drawn = {at for operation in operations for at in _drawn(operation, world)}
            for j, others in enumerate(its.homes if drawn else ()):
                if operations == others:
                    continue
                used = {at for other in others for at in _used(other, world)}
                for sequence in sorted(drawn & used):
                    reason = (
                        f"one side numbers rows from {said(sequence)}, which the other side uses"
                    )
                    clash = Clash(ConflictKind.ROWS_ROWS, sequence, reason)
                    yield (j, i, clash) if swapped else (i, j, clash)


def _drawn(operation: Operation, world: World) -> set[Address]:
    """Return the sequences that give the rows which are there their numbers in a new column."""
    match operation:
        case Create(thing=Column(default=Expression() as default) as column):
            if column.table in world.base:
                return {at for at in default.addresses() if at.kind is Kind.SEQUENCE}
    return set()


def _used(operation: Operation, world: World) -> set[Address]:
    match operation:
        case Alter(at=at, fact="options") if at.kind is Kind.SEQUENCE:
            return {at}
        case Rows():
            return sources(operation, world)
    return _drawn(operation, world)


_COUNTED_ON = re.compile(r"(?is)\s*ALTER\s+TABLE\b.*\bAUTO_INCREMENT\s*=?\s*\d")
_COUNTS = re.compile(r"(?i)\b(setval|nextval|restart)\b")


def _meet(world: World, rows: Rows, view: Address, read: frozenset[Address]) -> bool:
    reach = world.reach(rows)
    return bool((reach.tables | reach.cascaded) & read) or view in rows.reads
