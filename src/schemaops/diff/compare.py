"""Two schemas compared: what was dropped, created, renamed by content, and changed fact by fact.

Objects are compared at their addresses, after the renames that somebody settled. A constraint or
index that is the same under another name is renamed, which loses nothing; an unnamed constraint is
known by what it says. A key, check or index that changes is dropped and created.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace

from schemaops.diff.along import Difference, make_anew
from schemaops.diff.order import ordered
from schemaops.diff.renames import moves
from schemaops.names import Address
from schemaops.operations import Alter, Operation, Rename, Reorder
from schemaops.schema.objects import (
    Check,
    Enum,
    ForeignKey,
    Index,
    Inheritance,
    Object,
    PartitionKey,
    Policy,
    PrimaryKey,
    Routine,
    Sequence,
    Statistics,
    Sundry,
    Table,
    Unique,
    Unmodelled,
    View,
    container,
    relocated,
)
from schemaops.schema.state import Schema
from schemaops.sql.routines import hindrance

__all__ = ["diff"]

_REPLACED = (
    PrimaryKey
    | Unique
    | Check
    | ForeignKey
    | Index
    | Policy
    | Statistics
    | Inheritance
    | PartitionKey
)
_NAMED_BY_CONTENT = (PrimaryKey, Unique, Check, ForeignKey, Index, Sequence)


def diff(
    before: Schema,
    after: Schema,
    renames: Iterable[tuple[Address, Address]] = (),
    *,
    strict: bool = False,
) -> tuple[Operation, ...]:
    """Return operations that lead from `before` to `after`, in an order in which each applies.

    With `strict` the columns stand in the same order at the end, where the dialect can reorder.
    """
    if before == after and not strict:
        return ()
    first, there = moves(before, after, renames)
    found = _compared(there, after)
    if strict and after.dialect != "postgres":
        found.reordered += _reorders(found)
    elif after.dialect == "sqlite":
        found.reordered += (one for one in _reorders(found) if _is_shown_whole(one.at, after))
    return (*first, *ordered(found))


def _compared(before: Schema, after: Schema) -> Difference:
    found = Difference(before, after)
    for thing in before:
        other = after.get(thing.at)
        if other is None or not _stays(thing, other):
            found.dropped[thing.at] = thing
    for thing in after:
        other = before.get(thing.at)
        if other is None or not _stays(other, thing):
            found.created[thing.at] = thing
        elif before.digest_at(thing.at) != after.digest_at(thing.at):
            found.altered += _changes(other, thing)
    make_anew(found)
    _match_unnamed(found)
    _match_by_content(found)
    return found


def _stays(old: Object, new: Object) -> bool:
    """Whether an object can become the other by changes of its facts."""
    if type(old) is not type(new) or not _is_named(old) or not _is_named(new):
        return False
    if isinstance(old, _REPLACED):
        return old == new or _only_validated(old, new) or _only_seen(old, new)
    if isinstance(old, Routine) and isinstance(new, Routine):
        # In MySQL, whose names have no signature, one is dropped and made again.
        return old.at.signature is None or hindrance(old, new) is None
    if isinstance(old, Sundry) and isinstance(new, Sundry):
        # What a catalogue's text depends on is no fact that could be altered.
        return set(old.on) == set(new.on) or old.definition == new.definition
    if isinstance(old, Unmodelled) and isinstance(new, Unmodelled):
        return old.what == new.what and (old.definition == new.definition or _replaces(old, new))
    return True


_REPLACE = "create or replace"


def _replaces(old: Unmodelled, new: Unmodelled) -> bool:
    """Whether the new definition can be put in the place of the old: a routine that returns the
    same."""
    both = (old.definition, new.definition)
    if not all(text.lstrip().lower().startswith(_REPLACE) for text in both):
        return False
    heads = {_returned(text) for text in both}
    return len(heads) == 1


def _returned(text: str) -> str:
    """What a routine says before its language and body: its name, arguments and result."""
    head = re.split(r"(?i)\n?\s*\bLANGUAGE\b", text, maxsplit=1)[0]
    return " ".join(head.split())


def _is_named(thing: Object) -> bool:
    return bool(getattr(thing, "named", True))


def _only_validated(old: Object, new: Object) -> bool:
    if not (isinstance(old, Check | ForeignKey) and isinstance(new, Check | ForeignKey)):
        return False
    valid = tuple(pair for pair in old.options if pair[0] != "not valid")
    return replace(old, options=valid) == new


def _only_seen(old: Object, new: Object) -> bool:
    """Whether two indexes differ in that one is invisible, which MySQL changes as they stand."""
    if not (isinstance(old, Index | Unique) and isinstance(new, Index | Unique)):
        return False
    if {*old.options} ^ {*new.options} != {("invisible", "true")}:
        return False
    return replace(old, options=()) == replace(new, options=())


def _changes(old: Object, new: Object) -> Iterator[Alter]:
    for fact in fields(type(old)):
        name = fact.name
        if name == "at" or not fact.compare or not fact.metadata.get("canonical", True):
            continue
        one, other = getattr(old, name), getattr(new, name)
        if one == other:
            continue
        if isinstance(old, Enum) and name == "values":
            yield from _value_changes(old, one, other)
        elif isinstance(old, Unmodelled) and isinstance(new, Unmodelled):
            yield Alter(old.at, name, one, other)
            if old.on != new.on:
                yield Alter(old.at, "on", old.on, new.on)
        else:
            yield Alter(old.at, name, one, other)


def _value_changes(enum: Enum, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Alter]:
    """Yield the additions, then the rest: one change that swaps a label for another renames it."""
    grown = list(old)
    for place, value in enumerate(new):
        if value not in grown:
            known = [v for v in new[:place] if v in grown]
            grown.insert(grown.index(known[-1]) + 1 if known else 0, value)
    between = tuple(grown)
    if between != old:
        yield Alter(enum.at, "values", old, between)
    if between != new:
        yield Alter(enum.at, "values", between, new)


# -- the same under another name


def _content(thing: Object) -> Object:
    """Return the object without its name and without what is no part of its meaning."""
    plain = replace(thing, at=Address(thing.at.kind, ()))
    for fact in fields(type(thing)):
        if not fact.compare and fact.name != "at":
            plain = replace(plain, **{fact.name: fact.default})  # type: ignore[arg-type]
    return plain


def _match_unnamed(found: Difference) -> None:
    """Take constraints without a name that say the same on both sides for one."""
    old = [thing for thing in found.dropped.values() if not _is_named(thing)]
    left: dict[tuple[Address | None, Object], list[Object]] = {}
    for thing in old:
        left.setdefault((container(thing), _content(thing)), []).append(thing)
    for thing in [thing for thing in found.created.values() if not _is_named(thing)]:
        same = left.get((container(thing), _content(thing)))
        if same:
            del found.dropped[same.pop().at]
            del found.created[thing.at]
    _give_places(found)


def _give_places(found: Difference) -> None:
    """Give unnamed constraints that are created a place-holder that none that stays has."""
    taken = {thing.at for thing in found.before if thing.at not in found.dropped}
    for at, thing in list(found.created.items()):
        if _is_named(thing):
            continue
        here, number = at, 1
        while here in taken or (here != at and here in found.created):
            here, number = at.sibling(f"{at.name} {number}"), number + 1
        if here != at:
            del found.created[at]
            found.created[here] = replace(thing, at=here)
        taken.add(here)


def _match_by_content(found: Difference) -> None:
    """Take a named constraint, index or owned sequence with the same content for renamed."""
    if found.before.dialect == "sqlite":
        return
    left: dict[tuple[Address | None, Object], list[Object]] = {}
    for thing in found.dropped.values():
        if _can_be_renamed(thing, found.before.dialect):
            left.setdefault((_within(thing), _content(thing)), []).append(thing)
    for thing in list(found.created.values()):
        if not _can_be_renamed(thing, found.before.dialect):
            continue
        same = left.get((_within(thing), _content(thing)))
        if same and found.before.get(thing.at) is None:
            old = same.pop()
            del found.dropped[old.at]
            del found.created[thing.at]
            found.renamed.append(Rename(old.at, thing.at))
            _follow(found, old.at, thing.at)


def _follow(found: Difference, old: Address, new: Address) -> None:
    """Drop the changes that are but the new name of what was renamed (a default's sequence)."""
    moved = Rename(old, new)

    def where(at: Address) -> Address:
        return moved.new if at == moved.old else at

    kept = []
    for change in found.altered:
        there = replace(change, before=relocated(change.before, where))
        if there.before != there.after:
            kept.append(there)
    found.altered[:] = kept


def _can_be_renamed(thing: Object, dialect: str) -> bool:
    if isinstance(thing, Sequence):
        return thing.owner is not None
    if not isinstance(thing, _NAMED_BY_CONTENT) or not _is_named(thing):
        return False
    return dialect == "postgres" or isinstance(thing, Unique | Index)


def _within(thing: Object) -> Address | None:
    return thing.owner if isinstance(thing, Sequence) else container(thing)


# -- column order


def _is_shown_whole(table: Address, schema: Schema) -> bool:
    """Whether a view of SQLite's shows every column of a table, in the table's own order."""
    return any(
        isinstance(view, View)
        and any(isinstance(piece, str) and "*" in piece for piece in view.query.normal)
        for view in schema.referrers(table)
    )


def _reorders(found: Difference) -> Iterator[Reorder]:
    for thing in found.after:
        old = found.before.get(thing.at)
        if not isinstance(thing, Table) or not isinstance(old, Table):
            continue
        stay = [name for name in old.columns if name in thing.columns]
        names = (*stay, *(name for name in thing.columns if name not in stay))
        if names != thing.columns:
            yield Reorder(thing.at, names, thing.columns)
