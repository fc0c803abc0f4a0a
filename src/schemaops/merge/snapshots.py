"""The snapshot merge: base, ours and theirs merged fact by fact, as a witness of the carried merge.

It never looks at how a side came to its facts. Objects are told by their homes (see `course`), so a
rename is one more fact, the name. Each fact follows the trivial rule: a side that did not change it
yields; where both changed it, they must agree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

from schemaops.canonical import digest
from schemaops.merge.bodies import by_home, renamed_in
from schemaops.merge.carry import Carried, Line
from schemaops.merge.combine import combined, combined_thing
from schemaops.merge.course import Course, Gone, shown
from schemaops.merge.heirs import heirs, held_by, holder
from schemaops.merge.labels import relabelled, renamed_labels
from schemaops.names import Address
from schemaops.operations import Create, Drop, Opaque, Operation, Rows, seen_through
from schemaops.schema.objects import Column, ForeignKey, Object, View, relocated
from schemaops.schema.state import Schema

__all__ = ["disagreements"]


@dataclass(frozen=True, slots=True)
class _State:
    """An object as one side ends with it, by home; its name is a fact of its own."""

    thing: Object
    name: str


def disagreements(base: Schema, ours: Line, theirs: Line, carried: Carried) -> tuple[Address, ...]:
    """Return the homes at which the snapshot merge conflicts or differs from the carried one."""
    mine, its = _course(ours), _course(theirs)
    labels = renamed_labels(o for line in (ours, theirs) for homes in line.homes for o in homes)
    found = []
    above = {**_below_changed(ours, theirs), **_below_changed(theirs, ours)}
    names = renamed_in(o for line in (ours, theirs) for homes in line.homes for o in homes)
    for home in sorted(_touched(ours) | _touched(theirs)):
        ends = (
            _base_state(base, home, names),
            _end_state(ours.after, mine, home, names),
            _end_state(theirs.after, its, home, names),
            _end_state(carried.after, carried.course, home, names),
        )
        states = tuple(_told_by_name(state, base) for state in ends)
        if any(state is not None and held_by(state.thing) in above for state in states):
            continue  # what it has follows from the table above it
        before, one, other, there = (_underived(state, base.dialect, labels) for state in states)
        try:
            merged = _merged(before, one, other, base.dialect)
        except _Differ:
            made = _made_anew(base, home, states[1], states[2])
            if made is None or not _same(_underived(made, base.dialect, labels), there):
                found.append(home)
            continue
        if there is None and merged is not None and isinstance(merged.thing, View):
            there = _underived(_view_anew(carried, home, merged), base.dialect, labels)
        if not _same(merged, there):
            found.append(home)
    return tuple(found)


def _below_changed(line: Line, other: Line) -> dict[Address, Address]:
    """Return the tables that a line puts below one within which the other side changes something."""
    changed = {holder(o) for homes in other.homes for o in homes}
    return {child: above for child, above in heirs(line.homes).items() if above in changed}


def _made_anew(
    base: Schema, home: Address, ours: _State | None, theirs: _State | None
) -> _State | None:
    """Return what both sides made anew in the place of something of the base, combined."""
    if ours is None or theirs is None or home in base:
        return None
    both = combined_thing(base.get(shown(home)), ours.thing, theirs.thing, base.dialect)
    return None if both is None or ours.name != theirs.name else _State(both, ours.name)


def _view_anew(carried: Carried, home: Address, merged: _State) -> _State | None:
    """Return the view that stands in the place of one that carrying had to make anew."""
    thing = carried.after.get(home.sibling(merged.name))
    if not isinstance(thing, View):
        return None
    return _State(replace(relocated(thing, carried.course.home), at=home), thing.at.name)


def _told_by_name(state: _State | None, base: Schema) -> _State | None:
    """Return a state whose foreign key refers by name to a table that the base has not: where it is
    made before that table, it means the one to come."""
    if state is None or base.dialect == "postgres" or not isinstance(state.thing, ForeignKey):
        return state
    key = state.thing
    if shown(key.table) in base:
        return state
    referred = tuple(map(shown, key.referred))
    return replace(state, thing=replace(key, table=shown(key.table), referred=referred))


def _underived(
    state: _State | None, dialect: str, labels: dict[Address, dict[str, str]]
) -> _State | None:
    """Return a state without what only follows from other objects (see `carry.underived`)."""
    if labels and state is not None and isinstance(state.thing, Column):
        for enum in labels.keys() & set(state.thing.type.addresses()):
            state = replace(state, thing=relabelled(state.thing, labels[enum]))
    if dialect == "sqlite" and state is not None and isinstance(state.thing, View):
        return replace(state, thing=replace(state.thing, columns=()))
    return state


T = TypeVar("T")


class _Differ(Exception):
    """Both sides changed one fact, to different values."""


def _course(line: Line) -> Course:
    course = Course()
    for group in line.groups:
        for operation in group.operations:
            course.advance(operation)
    return course


def _touched(line: Line) -> set[Address]:
    return {
        operation.at
        for group in line.homes
        for operation in seen_through(group)
        if not isinstance(operation, Rows | Opaque) and not _is_nameless(operation)
    }


def _is_nameless(operation: Operation) -> bool:
    # Two sides' constraints without a name have no address by which they could be told apart.
    return isinstance(operation, Create | Drop) and not getattr(operation.thing, "named", True)


def _base_state(base: Schema, home: Address, names: frozenset[str]) -> _State | None:
    thing = base.get(home)
    if thing is None:
        return None
    return _State(by_home(thing, base, Course(), names), home.name)


def _end_state(
    after: Schema, course: Course, home: Address, names: frozenset[str]
) -> _State | None:
    try:
        at = course.place(home)
    except Gone:
        return None
    thing = after.get(at)
    if thing is None or course.home(at) != home:
        return None
    thing = by_home(thing, after, course, names)
    return _State(relocated(thing, course.home), course.called(at))


def _merged(
    base: _State | None, ours: _State | None, theirs: _State | None, dialect: str
) -> _State | None:
    if _same(ours, theirs) or _same(theirs, base):
        return ours
    if _same(ours, base):
        return theirs
    if base is None or ours is None or theirs is None:
        raise _Differ
    if type(ours.thing) is not type(theirs.thing):
        raise _Differ
    name = _fact(base.name, ours.name, theirs.name)
    if isinstance(base.thing, View):
        both = combined_thing(base.thing, ours.thing, theirs.thing, dialect)
        if both is not None:
            return _State(both, name)
    facts = {}
    for field in fields(base.thing):
        if field.name == "at" or not field.metadata.get("canonical", True):
            continue
        was, mine, its = (getattr(state.thing, field.name) for state in (base, ours, theirs))
        both = None
        if mine != its and was not in (mine, its):
            both = combined(field.name, was, mine, its, dialect)
        facts[field.name] = _fact(was, mine, its) if both is None else both
    return _State(type(base.thing)(base.thing.at, **facts), name)


def _same(one: _State | None, other: _State | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.name == other.name and digest(one.thing) == digest(other.thing)


def _fact(base: T, ours: T, theirs: T) -> T:
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    raise _Differ
