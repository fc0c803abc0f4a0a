"""Which triggers a difference makes anew, in the dialects that cannot alter one.

SQLite's go with the table or view that they stand on. Of MySQL's that fire at one moment, those that
stay keep their order by themselves; where they are to have another, or are to be made
anew, every trigger of that moment is dropped and made again, the first one first.
"""

from __future__ import annotations

from schemaops.diff.along import Difference
from schemaops.names import Address, Kind
from schemaops.operations import Alter
from schemaops.schema.objects import Trigger

__all__ = ["anew", "rank"]

Moment = tuple[Address, str, tuple[str, ...]]


def rank(trigger: Trigger) -> int:
    """Return a trigger's place among those of its moment."""
    return int(dict(trigger.options).get("order", "1"))


def _moment(trigger: Trigger) -> Moment:
    return trigger.table, trigger.timing, trigger.events


def anew(found: Difference, altered: list[Alter]) -> set[Address]:
    """Return the triggers on both sides that have to be dropped and made again."""
    if found.before.dialect == "sqlite":
        changed = {change.at for change in altered if change.at.kind is Kind.TRIGGER}
        relations = [at for at in found.dropped if at.kind in (Kind.TABLE, Kind.VIEW)]
        fallen = {t.at for at in relations for t in found.before.parts(at, Trigger)}
        return changed | {at for at in fallen if at in found.after}
    both: dict[Moment, list[tuple[Trigger, Trigger]]] = {}
    forced: set[Moment] = set()
    for at in {change.at for change in altered}:
        before, after = found.before.get(at), found.after.get(at)
        if isinstance(before, Trigger) and isinstance(after, Trigger):
            if _moment(before) != _moment(after):
                forced |= {_moment(before), _moment(after)}
            forced |= {_moment(after) for one in altered if one.at == at and one.fact != "options"}
            both.setdefault(_moment(after), [])
    for table in {moment[0] for moment in (*both, *forced)}:
        for thing in found.after.parts(table, Trigger):
            before = found.before.get(thing.at)
            if isinstance(before, Trigger) and _moment(thing) in {*both, *forced}:
                both.setdefault(_moment(thing), []).append((before, thing))
    again: set[Address] = set()
    for moment, pairs in both.items():
        was = [after.at for before, after in sorted(pairs, key=lambda pair: rank(pair[0]))]
        now = [after.at for before, after in sorted(pairs, key=lambda pair: rank(pair[1]))]
        if moment in forced or was != now:
            again.update(now)
    return again
