"""Recognise CREATE, ALTER and DROP of triggers and event triggers in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

from schemaops.names import Address, Kind, Name, signed
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    EventTrigger,
    ForeignKey,
    Inheritance,
    Options,
    Trigger,
    Unique,
    Unmodelled,
)
from schemaops.schema.state import MissingObject
from schemaops.sql import expressions, partitions
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind, tokens
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood, Relation, Resolver, Scope
from schemaops.sql.strings import string_value

__all__ = [
    "EVENTS",
    "alter_event_trigger",
    "alter_trigger",
    "commented",
    "condition",
    "create_event_trigger",
    "create_trigger",
    "drop_event_trigger",
    "drop_trigger",
    "enabling",
]

EVENTS = ("insert", "delete", "update", "truncate")
_FACTS = ("timing", "events", "columns", "for_each", "when", "function", "arguments", "options")
_ROWS = ("old", "new")
_OWN = frozenset(
    {
        "suppress_redundant_updates_trigger",
        "tsvector_update_trigger",
        "tsvector_update_trigger_column",
    }
)


def condition(text: str, resolver: Resolver, table: Relation) -> Expression | None:
    """Return the condition of a trigger over the rows OLD and NEW; None where it is not read."""
    whole = _whole_rows(text)
    if whole is not None:
        return Expression.plain(whole)
    scope = Scope(resolver, table, rows=_ROWS)
    read = expressions.read(text, "postgres", scope)
    return read.expression if read.understood and not read.problems else None


def _whole_rows(text: str) -> str | None:
    """Return the comparison of the whole rows in one spelling, where a text is no more."""
    words = [token.text.lower() for token in tokens(text, "postgres")]
    while words[:1] == ["("] and words[-1:] == [")"]:
        words = words[1:-1]
    joined = "".join(f" {w}" if w.isalpha() else w for w in words).replace(". ", ".").strip()
    for negated in ("", "not "):
        for one, other in (("old", "new"), ("new", "old")):
            for a in (".*", ""):
                for b in (".*", ""):
                    if joined == f"{one}{a} is {negated}distinct from {other}{b}":
                        return f"{one}.* IS {negated.upper()}DISTINCT FROM {other}.*"
    return None


def create_trigger(
    reading: Reading, cursor: Cursor, *, instead: bool = False, constraint: bool = False
) -> None:
    """Take what follows CREATE [OR REPLACE] [CONSTRAINT] TRIGGER."""
    named = cursor.identifier()
    timing = _timing(cursor)
    events, columns = _events(cursor)
    cursor.need("ON")
    parts = cursor.qualified()
    table = reading.existing(parts, Kind.TABLE, Kind.VIEW)
    at = table.child(Kind.TRIGGER, named[0])
    reading.mention(named[1], at)
    options: dict[str, str] = {"constraint": "true"} if constraint else {}
    if constraint and cursor.sees("FROM"):
        raise cursor.refuse()
    _deferring(cursor, options)
    if cursor.take("REFERENCING"):
        _transitions(cursor, options)
    for_each = "statement"
    if cursor.take("FOR"):
        cursor.take("EACH")
        for_each = cursor.one_of("ROW", "STATEMENT").lower()
        if not for_each:
            raise cursor.refuse()
    _must_be_allowed(at, table, timing, events, for_each, options)
    when = _condition(reading, cursor, table) if cursor.take("WHEN") else None
    cursor.need("EXECUTE")
    function, other = _function(reading, cursor)
    if other is not None:
        options["function"] = other
    arguments = tuple(_argument(part) for part in cursor.inside().parts())
    cursor.end()
    if for_each == "row" and reading.partitioned(table):
        if timing == "instead of" or "old table" in options or "new table" in options:
            raise NotAllowed(f"trigger {at} cannot fire so on the partitioned table {table}", at)
        if instead and at in reading.schema:
            raise NotUnderstood(f"{table} has partitions whose triggers change too")
    trigger = Trigger(
        at,
        table,
        timing,
        events,
        reading.columns(table, columns) if table.kind is Kind.TABLE else _of_view(table, columns),
        for_each,
        when,
        function,
        arguments,
        options=tuple(sorted(options.items())),
    )
    before = reading.schema.get(at)
    if instead:
        reading.masks.add("OR REPLACE")
    if before is None or not instead:
        first = len(reading.operations)
        reading.emit(Create(trigger))
        partitions.pass_down(reading, table, first)
        return
    assert isinstance(before, Trigger)
    if ("inherited", "true") in before.options:
        raise NotAllowed(f"trigger {at} is that of the table above", at)
    if constraint or ("constraint", "true") in before.options:
        raise NotAllowed(f"CREATE OR REPLACE cannot change constraint trigger {at}", at)
    for fact in _FACTS:
        old, new = getattr(before, fact), getattr(trigger, fact)
        if old != new:
            reading.emit(Alter(at, fact, old, new))


def _of_view(view: Address, columns: list[Named]) -> tuple[Address, ...]:
    if columns:
        raise NotAllowed(f"a trigger of view {view} cannot name columns", view)
    return ()


def _is_divided(reading: Reading, table: Address) -> bool:
    """Whether a table has partitions, or is one that has triggers from above."""
    below = (
        isinstance(thing, Inheritance) and thing.parent == table and thing.bound is not None
        for thing in reading.schema.referrers(table)
    )
    if any(below):
        return True
    copied = (dict(one.options).get("inherited") for one in reading.schema.parts(table, Trigger))
    return any(one is not None for one in copied)


def _must_be_allowed(
    at: Address,
    table: Address,
    timing: str,
    events: tuple[str, ...],
    for_each: str,
    options: dict[str, str],
) -> None:
    is_view = table.kind is Kind.VIEW
    row = for_each == "row"
    wrong = (
        (timing == "instead of") != (is_view and row)
        or (is_view and "truncate" in events)
        or (row and "truncate" in events)
        or ("constraint" in options and (timing != "after" or not row))
        or ("deferrable" in options and "constraint" not in options)
        or (("old table" in options or "new table" in options) and timing != "after")
    )
    if wrong:
        raise NotAllowed(f"trigger {at} cannot fire so on {table.kind} {table}", at)


def _timing(cursor: Cursor) -> str:
    if cursor.take("INSTEAD", "OF"):
        return "instead of"
    timing = cursor.one_of("BEFORE", "AFTER").lower()
    if not timing:
        raise cursor.refuse()
    return timing


def _events(cursor: Cursor) -> tuple[tuple[str, ...], list[Named]]:
    found: set[str] = set()
    columns: list[Named] = []
    while True:
        event = cursor.one_of("INSERT", "DELETE", "UPDATE", "TRUNCATE").lower()
        if not event or event in found:
            raise cursor.refuse()
        found.add(event)
        if event == "update" and cursor.take("OF"):
            columns.append(cursor.identifier())
            while cursor.take_symbol(","):
                columns.append(cursor.identifier())
        if not cursor.take("OR"):
            return tuple(one for one in EVENTS if one in found), columns


def _deferring(cursor: Cursor, options: dict[str, str]) -> None:
    while True:
        if cursor.take("NOT", "DEFERRABLE") or cursor.take("INITIALLY", "IMMEDIATE"):
            continue
        if cursor.take("DEFERRABLE"):
            options["deferrable"] = "true"
        elif cursor.take("INITIALLY", "DEFERRED"):
            options |= {"deferrable": "true", "initially deferred": "true"}
        else:
            return


def _transitions(cursor: Cursor, options: dict[str, str]) -> None:
    while word := cursor.one_of("OLD", "NEW"):
        cursor.need("TABLE")
        cursor.take("AS")
        options[f"{word.lower()} table"] = str(cursor.identifier()[0])


def _condition(reading: Reading, cursor: Cursor, table: Address) -> Expression:
    inner = cursor.inside()
    scope = reading.scope(reading.relation_at(table))
    assert scope.table is not None
    text, start = inner.text(), inner.start
    whole = _whole_rows(text)
    if whole is not None:
        return Expression.plain(whole)
    scope = Scope(scope.resolver, scope.table, scope.search_path, _ROWS)
    read = expressions.read(text, "postgres", scope)
    if not read.understood:
        raise NotUnderstood("the condition of the trigger is not understood")
    reading.noted(read.mentions, read.problems, start)
    return read.expression


def _function(reading: Reading, cursor: Cursor) -> tuple[Address | None, str | None]:
    """Take `FUNCTION name`; return the function's address, or the name of one that is no part of
    the schema."""
    if not cursor.one_of("FUNCTION", "PROCEDURE"):
        raise cursor.refuse()
    parts = cursor.qualified()
    names = tuple(name for name, _ in parts)
    own = signed(names[-1], ())
    at = reading.find((*names[:-1], own), (Kind.FUNCTION,))
    at = at or reading.unmodelled((*names[:-1], own), "function")
    if at is not None:
        reading.mention(parts[-1][1], at)
        if len(parts) > 1:
            reading.mention(parts[-2][1], Address(Kind.SCHEMA, at.path[-2:-1]))
        return at, None
    of_server = len(names) == 1 or names[0] == "pg_catalog"
    if of_server and names[-1] in _OWN:
        return None, str(names[-1])
    if any(True for _ in reading.schema.of_kind(Kind.EXTENSION)):
        return None, str(names[-1])
    raise MissingObject(Address(Kind.FUNCTION, (*reading.path(parts)[:-1], own)))


def _argument(part: Cursor) -> str:
    token = part.token
    if token is None:
        raise part.refuse()
    if token.kind is TokenKind.STRING:
        part.at += 1
        value = string_value(token.text, "postgres")
    elif token.kind is TokenKind.NUMBER:
        value = part.number()
        value = str(int(value)) if value.isdigit() else value
    else:
        value = str(part.identifier()[0])
    part.end()
    return value


# -- changes


def alter_trigger(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER TRIGGER."""
    named = cursor.identifier()
    cursor.need("ON")
    table = reading.existing(cursor.qualified(), Kind.TABLE, Kind.VIEW)
    at = table.child(Kind.TRIGGER, named[0])
    reading.mention(named[1], at)
    reading.schema.at(at)
    if cursor.take("RENAME", "TO"):
        new, token = cursor.identifier()
        cursor.end()
        _must_be_its_own(reading, at)
        first = len(reading.operations)
        reading.emit(Rename(at, at.sibling(new)))
        reading.mention(token, at.sibling(new))
        partitions.pass_down(reading, table, first)
        return
    cursor.take("NO")
    cursor.need("DEPENDS", "ON", "EXTENSION")
    cursor.identifier()
    cursor.end()


def commented(reading: Reading, cursor: Cursor) -> Address | None:
    """Take a kind and name of a trigger behind COMMENT ON; None where it is of another kind."""
    if cursor.take("EVENT", "TRIGGER"):
        return _event_trigger(reading, cursor.identifier()).at
    if not cursor.take("TRIGGER"):
        return None
    name, token = cursor.identifier()
    cursor.need("ON")
    table = reading.existing(cursor.qualified(), Kind.TABLE, Kind.VIEW)
    at = table.child(Kind.TRIGGER, name)
    reading.mention(token, at)
    return reading.schema.at(at).at


def enabling(reading: Reading, cursor: Cursor, table: Address) -> Callable[[], None]:
    """Take `ENABLE [REPLICA | ALWAYS] TRIGGER name` or `DISABLE TRIGGER name`; return what does it."""
    state: str | None = "disabled"
    if not cursor.take("DISABLE"):
        cursor.need("ENABLE")
        state = cursor.one_of("REPLICA", "ALWAYS").lower() or None
    cursor.need("TRIGGER")
    word = cursor.word() if cursor.word() in ("ALL", "USER") else ""
    named = cursor.identifier()
    if _is_divided(reading, table):
        raise NotUnderstood(f"{table} has partitions whose triggers change too")

    def work() -> None:
        if word:
            for thing in reading.schema.referrers(table):
                if isinstance(thing, Unmodelled) and thing.what == "trigger":
                    raise NotUnderstood(f"trigger {thing.at.name} is not understood")
            if word == "ALL":
                _of_constraints(reading, table, state)
            for trigger in reading.schema.parts(table, Trigger):
                _enable(reading, trigger, state)
            return
        at = table.child(Kind.TRIGGER, named[0])
        reading.mention(named[1], at)
        one = reading.schema.at(at)
        assert isinstance(one, Trigger)
        _enable(reading, one, state)

    return work


def _of_constraints(reading: Reading, table: Address, state: str | None) -> None:
    """Emit what becomes of the triggers that keep foreign keys."""
    off = reading.schema.get(Address(Kind.UNMODELLED, (Name("disabled triggers"), *table.path)))
    if off is not None:
        raise NotUnderstood("which triggers of foreign keys are disabled is not understood")
    if state is None:
        return
    for thing in (*reading.schema.contents(table), *reading.schema.referrers(table)):
        deferred = isinstance(thing, Unique) and ("deferrable", "true") in thing.options
        if isinstance(thing, ForeignKey) or deferred:
            raise NotUnderstood(f"the triggers of {thing.at.kind} {thing.at} are not known")


def _enable(reading: Reading, trigger: Trigger, state: str | None) -> None:
    options = dict(trigger.options)
    options.pop("enabled", None)
    if state is not None:
        options["enabled"] = state
    after: Options = tuple(sorted(options.items()))
    if after != trigger.options:
        reading.emit(Alter(trigger.at, "options", trigger.options, after))


def drop_trigger(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP TRIGGER."""
    guarded = cursor.take("IF", "EXISTS")
    named = cursor.identifier()
    cursor.need("ON")
    parts = cursor.qualified()
    cursor.one_of("CASCADE", "RESTRICT")
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
        names = tuple(name for name, _ in parts)
        table = reading.find(names, (Kind.TABLE, Kind.VIEW))
        if table is None:
            if reading.unmodelled(names, "foreign table", "materialized view") is not None:
                raise NotUnderstood("the table is of a kind that is not understood")
            return
        if table.child(Kind.TRIGGER, named[0]) not in reading.schema:
            return
    table = reading.existing(parts, Kind.TABLE, Kind.VIEW)
    at = table.child(Kind.TRIGGER, named[0])
    reading.mention(named[1], at)
    _must_be_its_own(reading, at)
    first = len(reading.operations)
    reading.emit(Drop(reading.schema.at(at)))
    partitions.pass_down(reading, table, first)


def _must_be_its_own(reading: Reading, at: Address) -> None:
    """Raise NotAllowed for a trigger that its table has from the one above."""
    trigger = reading.schema.at(at)
    assert isinstance(trigger, Trigger)
    if ("inherited", "true") in trigger.options:
        raise NotAllowed(f"trigger {at} is that of the table above", at)


# -- event triggers


def create_event_trigger(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE EVENT TRIGGER."""
    name, token = cursor.identifier()
    at = Address(Kind.EVENT_TRIGGER, (name,))
    reading.mention(token, at)
    cursor.need("ON")
    event = str(cursor.identifier()[0])
    tags: tuple[str, ...] = ()
    if cursor.take("WHEN"):
        if cursor.identifier()[0] != "tag":
            raise cursor.refuse()
        cursor.need("IN")
        inner = cursor.inside()
        found = []
        for part in inner.parts():
            found.append(part.string().upper())
            part.end()
        tags = tuple(found)
    cursor.need("EXECUTE")
    function, other = _function(reading, cursor)
    cursor.inside().end()
    cursor.end()
    if function is None:
        raise NotUnderstood(f"function {other} is no part of the schema")
    reading.emit(Create(EventTrigger(at, event, function, tags)))


def _event_trigger(reading: Reading, named: Named) -> EventTrigger:
    at = Address(Kind.EVENT_TRIGGER, (named[0],))
    thing = reading.schema.at(at)
    assert isinstance(thing, EventTrigger)
    reading.mention(named[1], at)
    return thing


def alter_event_trigger(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER EVENT TRIGGER."""
    thing = _event_trigger(reading, cursor.identifier())
    if cursor.take("RENAME", "TO"):
        new, token = cursor.identifier()
        cursor.end()
        reading.emit(Rename(thing.at, thing.at.sibling(new)))
        reading.mention(token, thing.at.sibling(new))
        return
    if cursor.take("OWNER", "TO"):
        cursor.identifier()
        cursor.end()
        return
    state: str | None = "disabled"
    if not cursor.take("DISABLE"):
        cursor.need("ENABLE")
        state = cursor.one_of("REPLICA", "ALWAYS").lower() or None
    cursor.end()
    after: Options = () if state is None else (("enabled", state),)
    if after != thing.options:
        reading.emit(Alter(thing.at, "options", thing.options, after))


def drop_event_trigger(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP EVENT TRIGGER."""
    guarded = cursor.take("IF", "EXISTS")
    named = cursor.identifier()
    cursor.one_of("CASCADE", "RESTRICT")
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
        if Address(Kind.EVENT_TRIGGER, (named[0],)) not in reading.schema:
            return
    reading.emit(Drop(_event_trigger(reading, named)))
