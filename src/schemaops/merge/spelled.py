"""Spelled: names in texts that a database reads late — bodies of routines and triggers, what is not
understood — and what the other side does to the objects that they name.

Such a text runs, or is stored, whatever stands there; it fails, or does something else, when it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from schemaops.merge.acting import acting
from schemaops.merge.bodies import Bodies, is_followed
from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import FRESH, shown
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Rows, seen_through
from schemaops.schema.objects import Column, Object, Routine, Trigger, Unmodelled
from schemaops.schema.state import Schema
from schemaops.sql.names import fold
from schemaops.sql.texts import words_of
from schemaops.sql.types import Family, family

__all__ = ["Spelling", "spelled"]

_ROUTINES = (Kind.FUNCTION, Kind.PROCEDURE)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a text of one side meets on the other: the two statements, the clash, and whether it is
    only to warn of."""

    ours: int
    theirs: int
    clash: Clash
    warning: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that is read late: its statement, what it is of, its words, the tables at hand, and those
    into which it inserts, `positional` without naming columns. Of a `bound` one carrying has a look at
    the names."""

    statement: int
    of: str
    words: frozenset[str]
    tables: frozenset[Address]
    inserts: frozenset[str] = frozenset()
    positional: frozenset[str] = frozenset()
    bound: bool = False
    fleeting: bool = False
    sure: bool = False


def spelled(world: World, ours: Line, theirs: Line) -> Iterator[Spelling]:
    """Yield where a text of one side names what the other side renames, drops or changes."""
    base = world.base
    yield from _outside(ours, theirs)
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        bodies = Bodies.between(mine.groups, mine.homes, mine.after, its.groups, its.homes)
        for text in (*_texts(base, mine, bodies), *_fired_texts(world, mine)):
            for j, operations in enumerate(its.homes):
                for found, warning in _met(text, operations, its.after, base):
                    pair = (j, text.statement) if swapped else (text.statement, j)
                    yield Spelling(*pair, found, warning)
        for i, trigger in _broken_triggers(base, mine):
            for j, operations in enumerate(its.homes):
                if any(map(_reads_all, operations)):
                    reason = f"SQLite renames nothing and drops no column where {said(trigger)} "
                    reason += "names what is not there, as one side leaves it"
                    pair = (j, i) if swapped else (i, j)
                    yield Spelling(*pair, Clash(ConflictKind.LATE_BOUND, trigger, reason))
        for i, role, does in _roles_gone(mine):
            for j, group in enumerate(its.groups):
                same = _worded(group.text) == _worded(mine.groups[i].text)
                if role in words_of(group.text, base.dialect) and not same:
                    reason = f"one side {does} the role {role}, which the other side names"
                    pair = (j, i) if swapped else (i, j)
                    at = Address(Kind.UNMODELLED, (Name("role"), Name(role)))
                    yield Spelling(*pair, Clash(ConflictKind.DROP_USE, at, reason))
        for i, j, clash in acting(mine, its) if base.dialect == "postgres" else ():
            yield Spelling(*((j, i) if swapped else (i, j)), clash)
        for i, table in _charsets(mine):
            for j, column in _texts_of(its, table):
                reason = f"{said(column)} has the character set that its table has at that moment"
                pair = (j, i) if swapped else (i, j)
                yield Spelling(*pair, Clash(ConflictKind.ORDER, column, reason))


# -- the texts of a line


def _texts(base: Schema, line: Line, bodies: Bodies) -> Iterator[_Text]:
    dialect = base.dialect
    for i, (group, homes) in enumerate(zip(line.groups, line.homes, strict=True)):
        known = any(isinstance(o, Opaque) and o.effect is not None for o in homes)
        if known:
            tables = {at for o in homes for at in o.footprint().addresses()}
            yield _text(i, "a statement", group.text, tables, dialect)
            continue
        if _FLEETING.match(group.text):
            found = _text(i, "a trigger of the session", group.text, (), dialect)
            yield replace(found, fleeting=True)
        for operation in homes:
            match operation:
                case Create(thing=Routine() as routine):
                    fired = _fired(line.after, shown(routine.at))
                    found = _text(i, said(routine.at), routine.body, fired, dialect)
                    yield replace(found, sure=bodies.is_sure(i, routine.at))
                case Alter(at=at, fact="body", after=str() as body) if at.kind in _ROUTINES:
                    found = _text(i, said(at), body, _fired(base, at), dialect)
                    yield replace(found, sure=bodies.is_sure(i, at))
                case Create(thing=Trigger() as trigger):
                    yield from _trigger(i, trigger, base)
                case Alter(at=at, fact="body", after=body) if at.kind is Kind.TRIGGER:
                    if body is not None and not any(body.addresses()):
                        yield _text(i, said(at), str(body), (_table(at),), dialect)
                case Create(thing=Unmodelled() as thing):
                    yield _text(i, f"{thing.what} {shown(thing.at)}", thing.text, thing.on, dialect)
                case _:
                    continue


_FLEETING = re.compile(r"(?i)\s*CREATE\s+TEMP(ORARY)?\s+TRIGGER\b")


def _fired_texts(world: World, line: Line) -> Iterator[_Text]:
    """Yield the bodies that the line's data statements run, by the triggers that are there."""
    for i, operations in enumerate(line.homes):
        for rows in operations:
            if isinstance(rows, Rows):
                for trigger in world.fired(rows):
                    yield from _trigger(i, trigger, world.base)


def _trigger(i: int, trigger: Trigger, base: Schema) -> Iterator[_Text]:
    if trigger.body is not None:
        found = _text(i, said(trigger.at), str(trigger.body), (trigger.table,), base.dialect)
        yield replace(found, bound=any(trigger.body.addresses()))
    if trigger.function is not None:
        function = base.get(trigger.function)
        if isinstance(function, Routine):
            yield _text(i, said(function.at), function.body, (trigger.table,), base.dialect)


def _text(statement: int, of: str, text: str, tables: Iterable[Address], dialect: str) -> _Text:
    words = words_of(text, dialect)
    into = [
        (str(fold(name.split(".")[-1], dialect)).lower(), listed)
        for name, listed in _INTO.findall(text)
    ]
    return _Text(
        statement,
        of,
        words,
        frozenset(at for at in tables if at.kind in (Kind.TABLE, Kind.VIEW)),
        frozenset(name for name, _ in into),
        frozenset(name for name, listed in into if not listed),
    )


_INTO = re.compile(
    r"(?i)\binto\s+([\w.]+|(?:\w+\.)?\"[^\"]+\"|(?:\w+\.)?`[^`]+`)\s*(\([^)]*\)\s*)?(?:values?|select|default)\b"
)


def _fired(base: Schema, function: Address) -> Iterable[Address]:
    """Yield the tables whose triggers call a function."""
    if function in base:
        for thing in base.referrers(function):
            if isinstance(thing, Trigger):
                yield thing.table


def _table(at: Address) -> Address:
    return Address(Kind.TABLE, at.path[:-1])


# -- what the other side does


def _met(
    text: _Text, operations: Iterable[Operation], after: Schema, base: Schema
) -> Iterator[tuple[Clash, bool]]:
    for operation in seen_through(operations):
        match operation:
            case Rename(old=at) as rename if _is_named(text, at, base):
                if text.sure and is_followed(rename):
                    continue  # carried
                reason = f"{text.of} names {said(at)}, which the other side renames"
                yield Clash(ConflictKind.LATE_BOUND, at, reason), False
            case Drop(thing=thing) if _is_named(text, thing.at, base) and thing.at not in after:
                reason = f"{text.of} names {said(thing.at)}, which the other side drops"
                yield Clash(ConflictKind.LATE_BOUND, thing.at, reason), False
            case Drop(thing=Column() as column) if (
                str(column.table.name).lower() in text.positional
            ):
                reason = (
                    f"{text.of} inserts rows that may have a value for {said(column.at)}, which "
                )
                reason += "the other side drops"
                yield Clash(ConflictKind.LATE_BOUND, column.at, reason), False
            case Alter(at=at, fact="type") if at.kind is Kind.COLUMN and _is_named(text, at, base):
                reason = f"{text.of} names {said(at)}, whose type the other side changes"
                yield Clash(ConflictKind.LATE_BOUND, at, reason), True
            case Rows(table=table) if text.fleeting and str(table.name).lower() in text.words:
                reason = f"{text.of} may be set off by rows of {said(table)}"
                yield Clash(ConflictKind.CONSTRAINT_ROWS, table, reason), False
            case Alter(at=at, fact="nullable", after=False) if _inserts(text, at):
                reason = f"{text.of} inserts rows that may lack {said(at)}"
                yield Clash(ConflictKind.LATE_BOUND, at, reason), str(at.name).lower() in text.words
            case Create(thing=Column() as column) if _counts(text, column, base):
                reason = f"{text.of} inserts rows without a word of {said(column.at)}"
                yield Clash(ConflictKind.LATE_BOUND, column.at, reason), False
            case Create(thing=Column() as column) if _inserts(text, column.at):
                given = column.default or column.generated or column.identity
                if not column.nullable and not given and not column.auto_increment:
                    reason = f"{text.of} inserts rows that lack {said(column.at)}"
                    yield Clash(ConflictKind.LATE_BOUND, column.at, reason), False
            case _:
                continue


def _inserts(text: _Text, column: Address) -> bool:
    return len(column.path) > 1 and str(column.path[-2]).lower() in text.inserts


def _counts(text: _Text, column: Column, base: Schema) -> bool:
    """Whether an INSERT of a text must have as many values as the table has columns."""
    table = str(column.table.name).lower()
    return base.dialect != "postgres" and column.generated is None and table in text.positional


_NAMED = frozenset(
    {
        Kind.SCHEMA,
        Kind.ENUM,
        Kind.DOMAIN,
        Kind.SEQUENCE,
        Kind.TABLE,
        Kind.COLUMN,
        Kind.VIEW,
        Kind.FUNCTION,
        Kind.PROCEDURE,
        Kind.UNMODELLED,
    }
)


def _is_named(text: _Text, at: Address, base: Schema) -> bool:
    """Whether a text may mean the object; a column only where its table is named too, or at hand."""
    if text.bound or at.kind not in _NAMED or any(part.startswith(FRESH) for part in at.path):
        return False
    if str(at.name).partition("(")[0].lower() not in text.words:
        return False
    if at.kind is not Kind.COLUMN:
        return True
    table = _table(at)
    if table in text.tables or str(table.name).lower() in text.words:
        return True
    if any(str(view.at.name).lower() in text.words for view in _views(base, table)):
        return base.dialect == "sqlite"
    return False


def _views(base: Schema, table: Address) -> Iterator[Object]:
    if table in base:
        yield from (t for t in base.referrers(table) if t.at.kind is Kind.VIEW)


_OUTSIDE = re.compile(
    r"(?is)\s*(?:(CREATE\s+(?:ROLE|USER|GROUP)\s+\S+)|(ALTER\b.*\bOWNER\s+TO)|(ALTER\s+(?:ROLE|USER)\s+\S+))"
    r"\b\s*(.*)"
)


def _outside(ours: Line, theirs: Line) -> Iterator[Spelling]:
    """Yield where both sides say different things of what is outside the schema: roles and owners."""
    mine, its = _said_outside(ours), _said_outside(theirs)
    for i, what, how in mine:
        for j, also, otherwise in its:
            if what == also and how != otherwise:
                kind = ConflictKind.CHANGE_CHANGE
                if what.startswith("create"):
                    kind = ConflictKind.CREATE_CREATE
                at = Address(Kind.UNMODELLED, (Name("role"), Name(what)))
                yield Spelling(i, j, Clash(kind, at, f"both sides say `{what} …`, differently"))


def _said_outside(line: Line) -> list[tuple[int, str, str]]:
    found = []
    for i, group in enumerate(line.groups):
        said_of = None if group.operations else _OUTSIDE.fullmatch(group.text)
        if said_of is not None:
            what = next(part for part in said_of.groups()[:3] if part)
            how = " ".join(said_of[4].lower().split())
            found.append((i, " ".join(what.lower().split()), how))
    return found


_ROLE_DROPPED = re.compile(r"(?is)\s*DROP\s+(?:ROLE|USER|GROUP)\b(?:\s+IF\s+EXISTS\b)?(.*)")
_ROLE_RENAMED = re.compile(
    r"(?is)\s*(?:ALTER\s+(?:ROLE|USER|GROUP)\s+(\S+)\s+RENAME\s+TO|RENAME\s+USER)\s+(.*)"
)


def _roles_gone(line: Line) -> Iterator[tuple[int, str, str]]:
    """Yield the statements that drop or rename roles, which are outside the schema: each with a name,
    and what it does to it."""
    dialect = line.after.dialect
    for i, group in enumerate(line.groups):
        if found := _ROLE_DROPPED.fullmatch(group.text):
            yield from ((i, role, "drops") for role in sorted(words_of(found[1], dialect)))
        elif found := _ROLE_RENAMED.fullmatch(group.text):
            names = words_of(f"{found[1] or ''} {found[2]}", dialect) - {"to"}
            yield from ((i, role, "renames") for role in sorted(names))


def _worded(text: str) -> str:
    return " ".join(text.split())


_CHARSET = re.compile(r"(?i)\b(character\s+set|charset|collate)\b")


def _charsets(line: Line) -> Iterator[tuple[int, Address]]:
    """Yield the statements that give a MySQL table the character set that the database is taken to
    have anyway, as far as their text tells: on a server of another default they do something."""
    if line.after.dialect == "mysql":
        for i, group in enumerate(line.groups):
            converts = "convert" in group.text.lower().split()
            if not group.operations and not converts and _CHARSET.search(group.text):
                for mention in group.mentions:
                    yield i, mention.at


def _texts_of(line: Line, table: Address) -> Iterator[tuple[int, Address]]:
    for j, operations in enumerate(line.homes):
        for operation in operations:
            match operation:
                case Create(thing=Column(collation=None) as column) if column.table == table:
                    if family(column.type, "mysql") in (Family.TEXT, Family.ENUM):
                        yield j, column.at
                case _:
                    continue


_NAMES = re.compile(r"(?i)\b(?:into|from|join|update(?:\s+or\s+\w+)?)\s+([\w.\"`\[\]]+)")


def _broken_triggers(base: Schema, line: Line) -> Iterator[tuple[int, Address]]:
    """Yield the triggers of SQLite that a line leaves naming a table that is not there, each with the
    line's last statement about tables or triggers."""
    if base.dialect != "sqlite":
        return
    about = [
        i
        for i, operations in enumerate(line.homes)
        if any(
            isinstance(o, Create | Drop | Rename)
            and o.at.kind in (Kind.TABLE, Kind.VIEW, Kind.TRIGGER)
            for o in operations
        )
    ]
    for thing in line.after.of_kind(Kind.TRIGGER) if about else ():
        if isinstance(thing, Trigger) and _is_broken(thing, line.after):
            before = base.get(thing.at)
            if not isinstance(before, Trigger) or not _is_broken(before, base):
                yield about[-1], thing.at


def _is_broken(trigger: Trigger, schema: Schema) -> bool:
    text = "" if trigger.body is None else trigger.body.text(lambda at: str(at.name))
    there = {str(t.at.name).lower() for k in (Kind.TABLE, Kind.VIEW) for t in schema.of_kind(k)}
    named = {str(fold(name.split(".")[-1], "sqlite")).lower() for name in _NAMES.findall(text)}
    return not named <= there


def _reads_all(operation: Operation) -> bool:
    """Whether SQLite reads the whole schema for an operation."""
    match operation:
        case Rename(old=at):
            return at.kind in (Kind.TABLE, Kind.COLUMN)
        case Drop(thing=Column()):
            return True
        case _:
            return False
