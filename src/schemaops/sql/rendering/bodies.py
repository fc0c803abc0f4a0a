"""The statements of triggers that hold what they do, and of MySQL's routines."""

from __future__ import annotations

from schemaops.names import Kind
from schemaops.schema.objects import Routine, Trigger
from schemaops.schema.state import Schema
from schemaops.sql.rendering.spelling import Spelling, option

__all__ = ["mysql_routine", "mysql_trigger", "sqlite_trigger"]


def sqlite_trigger(spell: Spelling, trigger: Trigger) -> str:
    """Return CREATE TRIGGER as SQLite has it."""
    assert trigger.body is not None
    event = trigger.events[0].upper()
    if trigger.columns:
        event += f" OF {', '.join(map(spell.at, trigger.columns))}"
    when = "" if trigger.when is None else f" WHEN {spell.expression(trigger.when)}"
    return (
        f"CREATE TRIGGER {spell.at(trigger.at)} {trigger.timing.upper()} {event} "
        f"ON {spell.at(trigger.table)}{when} BEGIN "
        f"{spell.expression(trigger.body)}; END"
    )


def mysql_trigger(spell: Spelling, trigger: Trigger, before: Schema) -> str:
    """Return CREATE TRIGGER as MySQL has it, in its place among those of its moment."""
    assert trigger.body is not None
    later = [
        other
        for other in before.parts(trigger.table, Trigger)
        if (other.timing, other.events) == (trigger.timing, trigger.events)
        and _rank(other) >= _rank(trigger)
    ]
    place = f" PRECEDES {spell.at(min(later, key=_rank).at)}" if later else ""
    return (
        f"CREATE TRIGGER {spell.at(trigger.at)} {trigger.timing.upper()} "
        f"{trigger.events[0].upper()} ON {spell.at(trigger.table)} FOR EACH ROW{place} "
        f"{spell.expression(trigger.body)}"
    )


def _rank(trigger: Trigger) -> int:
    return int(option(trigger.options, "order") or "1")


def mysql_routine(spell: Spelling, routine: Routine) -> str:
    """Return CREATE FUNCTION or CREATE PROCEDURE as MySQL has it."""
    is_procedure = routine.at.kind is Kind.PROCEDURE
    listed = []
    for parameter in routine.parameters:
        mode = f"{parameter.mode.upper()} " if is_procedure else ""
        listed.append(
            f"{mode}{spell.name(parameter.name or '')} {spell.expression(parameter.type)}"
        )
    words = [f"CREATE {routine.at.kind.upper()} {spell.at(routine.at)}({', '.join(listed)})"]
    if routine.returns is not None:
        words.append(f"RETURNS {spell.expression(routine.returns)}")
    words.append(characteristics(spell, routine))
    return " ".join((*filter(None, words), routine.body))


def characteristics(spell: Spelling, routine: Routine) -> str:
    """Return what is said of a routine between its head and its body."""
    said = dict(routine.options)
    words = []
    if "deterministic" in said:
        words.append("DETERMINISTIC")
    if "access" in said:
        words.append(said["access"].upper())
    if "sql security" in said:
        words.append(f"SQL SECURITY {said['sql security'].upper()}")
    if routine.comment:
        words.append(f"COMMENT {spell.literal(routine.comment)}")
    return " ".join(words)
