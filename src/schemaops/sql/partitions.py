"""Partitions and inheritance in PostgreSQL: PARTITION BY, PARTITION OF, INHERITS, ATTACH and DETACH, and
what a change of a table does to those below it.

Sources: PostgreSQL 18 manual 5.11, 5.12, ALTER TABLE; tablecmds.c (MergeAttributes, ATExecAttachPartition,
ATExecDetachPartition). What these rules do not cover is not understood.

    partition_key(text, scope, columns) -> (strategy, keys)
    bound(text, types, scope) -> Expression          the one spelling of FOR VALUES … or DEFAULT
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from schemaops.names import Address, Kind, Name, Relocation
from schemaops.operations import Alter, Create, Drop, Operation, Rename
from schemaops.schema.expressions import Expression, Piece
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexKey,
    Inheritance,
    Object,
    Options,
    PartitionKey,
    PrimaryKey,
    Trigger,
    Unique,
    relocated,
)
from schemaops.sql import bounds, exclusions
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.postgres_rules import must_be_of_type
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood, Relation, Scope
from schemaops.sql.unread import merged

__all__ = [
    "attach",
    "bound",
    "detach",
    "inherit",
    "parents_of",
    "partition_key",
    "pass_down",
    "take_bound",
]

_STRATEGIES = frozenset({"RANGE", "LIST", "HASH"})
_FREE = frozenset({"MINVALUE", "MAXVALUE", "NULL", "TRUE", "FALSE"})


# -- texts, as an author and as the catalogue have them


def partition_key(text: str, scope: Scope, table: Relation) -> tuple[str, tuple[IndexKey, ...]]:
    """Return the strategy and keys of `RANGE (a, lower(b))`; raise NotUnderstood."""
    from schemaops.sql import expressions

    found = list(tokens(text, "postgres"))
    strategy = found[0].text.upper()
    if strategy not in _STRATEGIES or len(found) < 4 or found[1].text != "(":
        raise NotUnderstood("a partition key that is not known")
    keys = []
    for part in _parts(found[2:-1]):
        plain = len(part) == 1 and part[0].kind in (TokenKind.WORD, TokenKind.QUOTED)
        column = table.column(fold(part[0].text, "postgres")) if plain else None
        if column is not None:
            keys.append(IndexKey(Expression((column.at,), (column.at,))))
            continue
        if part[-1].text != ")":
            raise NotUnderstood("a partition key with a collation or operator class")
        said = text[part[0].start : part[-1].end]
        inner = Scope(scope.resolver, table)
        keys.append(IndexKey(expressions.expression(said, "postgres", inner)))
    return strategy.lower(), tuple(keys)


def _parts(found: Sequence[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        if token.text == "," and depth == 0:
            parts.append([])
            continue
        depth += (token.text in "([") - (token.text in ")]")
        parts[-1].append(token)
    return parts


def bound(text: str, types: Sequence[Expression | None], scope: Scope) -> Expression:
    """Return what rows a partition holds, in its one spelling; raise NotUnderstood."""
    found = list(tokens(text, "postgres"))
    words = [token.text.upper() for token in found]
    if words == ["DEFAULT"]:
        return Expression(("DEFAULT",), ("DEFAULT",))
    if words[:2] != ["FOR", "VALUES"] or len(words) < 4:
        raise NotUnderstood("the bounds of a partition that are not known")
    pieces: list[Piece] = ["FOR VALUES"]
    at = 2
    while at < len(found):
        word = words[at]
        if word not in ("FROM", "TO", "IN", "WITH") or words[at + 1 : at + 2] != ["("]:
            raise NotUnderstood("the bounds of a partition that are not known")
        end = _closing(found, at + 1)
        parts = _parts(found[at + 2 : end])
        pieces.append(f" {word} (")
        for place, part in enumerate(parts):
            pieces.append(", " if place else "")
            kind = types[0 if word == "IN" else place] if word != "WITH" else None
            pieces += _value(text, part, word, kind, scope)
        pieces.append(")")
        at = end + 1
    normal = merged(pieces)
    return Expression(normal, normal)


def _value(
    text: str, part: list[Token], word: str, kind: Expression | None, scope: Scope
) -> Iterable[Piece]:
    from schemaops.sql import expressions

    if word == "WITH":
        return [" ".join(token.text.lower() for token in part)]
    if len(part) == 1 and part[0].text.upper() in _FREE:
        return [part[0].text.upper()]
    if kind is None:
        raise NotUnderstood("the type of a partition's bound is not known")
    said = text[part[0].start : part[-1].end]
    return expressions.expression(said, "postgres", scope, kind).normal


def _closing(found: Sequence[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(found)):
        depth += (found[place].text == "(") - (found[place].text == ")")
        if depth == 0:
            return place
    raise NotUnderstood("a parenthesis is not closed")


# -- above and below


def parents_of(reading: Reading, table: Address) -> tuple[Inheritance, ...]:
    """Return what a table inherits from, in order."""
    return reading.schema.parts(table, Inheritance)


def _key_of(reading: Reading, table: Address) -> PartitionKey | None:
    keys = reading.schema.parts(table, PartitionKey)
    return keys[0] if keys else None


def take_bound(reading: Reading, cursor: Cursor, parent: Address) -> Expression:
    """Take FOR VALUES … or DEFAULT of a partition of `parent`."""
    key = _key_of(reading, parent)
    if key is None:
        raise NotAllowed(f"table {parent} is not partitioned", parent)
    start = cursor.at
    if not cursor.take("DEFAULT"):
        cursor.need("FOR", "VALUES")
        while cursor.one_of("FROM", "TO", "IN", "WITH"):
            cursor.inside()
    said = Cursor(cursor.statement, cursor.dialect, start, cursor.at)
    types: list[Expression | None] = []
    for one in key.keys:
        whole = one.expression.normal
        column = reading.schema.get(whole[0]) if isinstance(whole[0], Address) else None
        plain = len(whole) == 1 and isinstance(column, Column)
        types.append(column.type if plain and isinstance(column, Column) else None)
    _must_be_of_types(reading, said, types)
    made = bound(said.text(), types, reading.scope())
    _must_be_free(reading, parent, key, made)
    return made


def _must_be_of_types(reading: Reading, said: Cursor, types: Sequence[Expression | None]) -> None:
    """Raise NotAllowed for a bound that is a plain literal, and none of its column's type."""
    cursor = Cursor(said.statement, said.dialect, said.at, said.stop)
    cursor.take("FOR", "VALUES")
    while word := cursor.one_of("FROM", "TO", "IN"):
        for place, part in enumerate(cursor.inside().parts()):
            kind = types[min(0 if word == "IN" else place, len(types) - 1)]
            if kind is not None:
                must_be_of_type(reading, kind, part)


def _must_be_free(reading: Reading, parent: Address, key: PartitionKey, said: Expression) -> None:
    """Raise NotAllowed for a bound that no partition of the table can have any more."""
    if bounds.strategy_of(said) not in (None, key.strategy):
        raise NotAllowed(f"table {parent} is not partitioned so", parent)
    if bounds.empty(said):
        raise NotAllowed(f"a partition of {parent} would hold nothing", parent)
    for thing in reading.schema.referrers(parent):
        if isinstance(thing, Inheritance) and thing.parent == parent and thing.bound is not None:
            if bounds.meet(thing.bound, said):
                raise NotAllowed(
                    f"partition {thing.at.path[-2]} of {parent} holds such rows", parent
                )


# -- making a table below another


def inherit(
    reading: Reading, table: Address, parents: Sequence[Address], said: Expression | None
) -> list[Callable[[], None]]:
    """Emit the columns that a new table has from those above it; return what is to be done once its
    own columns stand."""
    if len(parents) > 1:
        raise NotUnderstood("a table that inherits from several")
    (parent,) = parents
    where = Relocation(((parent, table),))
    for column in reading.schema.columns(parent):
        copy = relocated(column, where)
        assert isinstance(copy, Column)
        settings = tuple(pair for pair in column.settings if pair[0] in ("storage", "compression"))
        # The numbers of a partition come from the table above.
        copy = replace(copy, comment=None, settings=settings, inherited=said is None, identity=None)
        reading.emit(Create(copy))

    def works() -> None:
        at = table.child(Kind.INHERITANCE, Name("1"))
        for thing in reading.schema.contents(parent):
            if isinstance(thing, Check) and not _has(thing, "no inherit"):
                reading.emit(Create(_inherited(relocated(thing, where))))
        reading.emit(Create(Inheritance(at, parent, said)))
        if said is not None:
            for thing in _keys_first(reading.schema.contents(parent)):
                _give(reading, thing, table, where)
            _fire(reading, parent, table)

    return [works]


def _keys_first(things: Iterable[Object]) -> list[Object]:
    kinds: tuple[type, ...] = (PrimaryKey, Unique, Index, ForeignKey)
    found = [thing for thing in things if isinstance(thing, kinds)]
    return sorted(found, key=lambda thing: kinds.index(type(thing)))


def _has(thing: Object, option: str) -> bool:
    return (option, "true") in getattr(thing, "options", ())


def _inherited(thing: Object) -> Object:
    if not isinstance(thing, PrimaryKey | Unique | Index | ForeignKey | Check):
        return thing
    options = dict(getattr(thing, "options", ()))
    for key in ("clustered", "replica identity", "invalid"):
        options.pop(key, None)
    options["inherited"] = "true"
    return replace(thing, options=tuple(sorted(options.items())))


def _names(thing: PrimaryKey | Unique | Index) -> list[Name]:
    if isinstance(thing, PrimaryKey):
        return []
    if isinstance(thing, Unique):
        return [at.name for at in (*thing.columns, *thing.include)]
    from schemaops.sql.binding.naming import key_name
    from schemaops.sql.indexes import distinct

    found: list[Name] = []
    for key in thing.keys:
        pieces = key.expression.written or key.expression.normal
        text = "".join(p if isinstance(p, str) else quote(p.name, "postgres") for p in pieces)
        found.append(distinct(key_name(text), found))
    return [*found, *(distinct(at.name, found) for at in thing.include)]


def _give(reading: Reading, thing: Object, table: Address, where: Relocation) -> None:
    """Emit a partition's copy of a key or index of the table above, unless it has one that is
    alike."""
    copy = _inherited(relocated(thing, where))
    own = _alike(reading, copy, table)
    if own is not None:
        old = own.options  # type: ignore[union-attr]
        new = tuple(sorted((dict(old) | {"inherited": "true"}).items()))
        if new != old:
            reading.emit(Alter(own.at, "options", old, new))
        return
    if exclusions.is_exclusion(copy):
        raise NotUnderstood(f"what the partitions get of {thing.at} is not understood")
    if isinstance(copy, ForeignKey):
        if copy.at in reading.schema:
            raise NotUnderstood(f"the name that the copy of {thing.at} gets is not known")
        reading.emit(Create(copy))
    elif isinstance(copy, PrimaryKey | Unique | Index):
        name = reading.dialect.implicit_name(reading.schema, table, copy.at.kind, _names(copy))
        at = table.child(copy.at.kind, name)
        if isinstance(copy, Index):
            at = Address(Kind.INDEX, (*table.path[:-1], name))
        if isinstance(copy, PrimaryKey):
            for column in copy.columns:
                if reading.schema.column(column).nullable:
                    reading.emit(Alter(column, "nullable", True, False))
        reading.emit(Create(replace(copy, at=at)))
    below = [t for t in reading.below(table) if _is_child(reading, t, table)]
    made = reading.schema.at(reading.operations[-1].at)  # type: ignore[union-attr]
    for child in below:
        _give(reading, made, child, Relocation(((table, child),)))


def _is_child(reading: Reading, table: Address, parent: Address) -> bool:
    return any(one.parent == parent for one in parents_of(reading, table))


def _alike(reading: Reading, copy: Object, table: Address) -> Object | None:
    for thing in reading.schema.contents(table):
        if type(thing) is not type(copy) or _has(thing, "inherited"):
            continue
        if _bare(thing, copy.at) == _bare(copy, copy.at):
            return thing
    return None


def _bare(thing: Object, at: Address) -> Object:
    """Return a key or index as it would be at an address, with what decides what it is."""
    if isinstance(thing, PrimaryKey | Unique | Index | ForeignKey):
        return replace(thing, at=at, options=_shape(thing))
    return thing


def _shape(thing: Object) -> tuple[tuple[str, str], ...]:
    decisive = (
        "nulls not distinct",
        "deferrable",
        "initially deferred",
        "match",
        "without overlaps",
    )
    return tuple(p for p in getattr(thing, "options", ()) if p[0] in decisive)


def _fire(reading: Reading, parent: Address, child: Address) -> None:
    """Emit a partition's copies of the triggers of the table above, and those further below."""
    first = len(reading.operations)
    for trigger in reading.schema.parts(parent, Trigger):
        _clone(reading, trigger, child)
    pass_down(reading, child, first)


def _clone(reading: Reading, trigger: Trigger, child: Address) -> None:
    if trigger.for_each != "row":
        return
    copy = relocated(trigger, Relocation(((trigger.table, child),)))
    if copy.at in reading.schema:
        raise NotUnderstood(f"table {child} has a trigger {copy.at.name} of its own")
    options = tuple(sorted((dict(copy.options) | {"inherited": "true"}).items()))
    reading.emit(Create(replace(copy, options=options, comment=None)))


# -- attaching and detaching


def attach(reading: Reading, parent: Address, child: Address, said: Expression | None) -> None:
    """Emit that a table comes to stand below another; `said` is its bound as a partition."""
    number = len(parents_of(reading, child)) + 1
    if said is not None and number > 1:
        raise NotAllowed(f"table {child} is a partition or inherits already", child)
    names = {column.at.name for column in reading.schema.columns(child)}
    for column in reading.schema.columns(parent):
        if column.at.name not in names:
            raise NotAllowed(f"table {child} lacks column {column.at.name} of {parent}", child)
        own = reading.schema.column(child.child(Kind.COLUMN, column.at.name))
        if own.type != column.type or own.nullable > column.nullable:
            raise NotUnderstood(f"column {own.at} is not as in {parent}")
        if own.identity is not None:
            raise NotUnderstood("what becomes of an identity below is not understood")
    if said is not None and len(names) != len(reading.schema.columns(parent)):
        raise NotAllowed(f"table {child} has columns that {parent} has not", child)
    where = Relocation(((parent, child),))
    things = reading.schema.contents(parent)
    for thing in things:
        if isinstance(thing, Check) and not _has(thing, "no inherit"):
            _merge_check(reading, thing, where, partition=said is not None)
    if said is not None:
        for thing in _keys_first(things):
            _give(reading, thing, child, where)
        _fire(reading, parent, child)
    # Last, so that what is undone begins with taking the table away again.
    at = child.child(Kind.INHERITANCE, Name(str(number)))
    reading.emit(Create(Inheritance(at, parent, said)))


def _merge_check(reading: Reading, check: Check, where: Relocation, *, partition: bool) -> None:
    copy = relocated(check, where)
    own = reading.schema.get(copy.at)
    if not isinstance(own, Check) or own.expression != copy.expression:
        raise NotAllowed(f"table {where(check.at)} lacks the check {check.at.name}", copy.at)
    if partition and not _has(own, "inherited"):
        new = tuple(sorted((dict(own.options) | {"inherited": "true"}).items()))
        reading.emit(Alter(own.at, "options", own.options, new))


def detach(reading: Reading, parent: Address, child: Address) -> None:
    """Emit that a table no longer stands below another; what it had from there is its own."""
    found = [one for one in parents_of(reading, child) if one.parent == parent]
    if not found:
        raise NotAllowed(f"table {child} does not stand below {parent}", child)
    if len(parents_of(reading, child)) > 1:
        raise NotUnderstood("a table that inherits from several")
    first = len(reading.operations)
    for trigger in reading.schema.parts(child, Trigger):
        if found[0].bound is not None and _has(trigger, "inherited"):
            reading.emit(Drop(trigger))
    pass_down(reading, child, first)
    for thing in reading.schema.contents(child):
        if isinstance(thing, Column) and thing.inherited:
            reading.emit(Alter(thing.at, "inherited", True, False))
        elif _has(thing, "inherited"):
            if isinstance(thing, Check) and found[0].bound is not None:
                raise NotUnderstood("whether a check goes with the partition is not understood")
            old = thing.options  # type: ignore[union-attr]
            new = tuple(pair for pair in old if pair[0] != "inherited")
            reading.emit(Alter(thing.at, "options", old, new))
    reading.emit(Drop(found[0]))


# -- changes that go down


def pass_down(reading: Reading, table: Address, first: int) -> None:
    """Emit, for each table below, what the operations since the `first` of the statement bring it."""
    children = [t for t in reading.below(table) if _is_child(reading, t, table)]
    if not children:
        return
    done = [one for one in reading.operations[first:] if _is_of(one, table)]
    for child in children:
        if len(parents_of(reading, child)) > 1:
            raise NotUnderstood("a table that inherits from several")
        before = len(reading.operations)
        partition = parents_of(reading, child)[0].bound is not None
        where = Relocation(((table, child),))
        for operation in done:
            _pass(reading, operation, child, where, partition=partition)
        pass_down(reading, child, before)


def _is_of(operation: Operation, table: Address) -> bool:
    """Whether an operation is about something in a table."""
    match operation:
        case Create(thing=Index() as index) | Drop(thing=Index() as index):
            return index.table == table
        case Create(at=at) | Drop(at=at) | Alter(at=at) | Rename(old=at):
            return at.kind in _PARTS and at.path[:-1] == table.path
    return False


_PARTS = frozenset(
    {
        Kind.COLUMN,
        Kind.PRIMARY_KEY,
        Kind.UNIQUE,
        Kind.CHECK,
        Kind.FOREIGN_KEY,
        Kind.TRIGGER,
    }
)


def _pass(
    reading: Reading,
    operation: Operation,
    child: Address,
    where: Relocation,
    *,
    partition: bool,
) -> None:
    from schemaops.sql import dropping

    match operation:
        case Create(thing=Column() as column):
            copy = relocated(column, where)
            if (column.identity is not None and not partition) or copy.at in reading.schema:
                raise NotUnderstood(f"what becomes of {column.at} below is not understood")
            reading.emit(Create(replace(copy, inherited=not partition, identity=None)))
        case Create(thing=Check() as check):
            if not _has(check, "no inherit"):
                copy_of_check = relocated(check, where)
                if copy_of_check.at in reading.schema:
                    raise NotUnderstood(f"what becomes of {check.at} below is not understood")
                reading.emit(Create(_inherited(copy_of_check)))
        case Create(thing=PrimaryKey() | Unique() | ForeignKey() | Index() as thing):
            if partition:
                _give(reading, thing, child, where)
        case Create(thing=Trigger() as trigger):
            if partition:
                _clone(reading, trigger, child)
        case Drop(thing=Trigger()) | Rename(old=Address(kind=Kind.TRIGGER)):
            own_trigger = reading.schema.get(where(operation.at))
            if isinstance(own_trigger, Trigger) and _has(own_trigger, "inherited"):
                if isinstance(operation, Drop):
                    reading.emit(Drop(own_trigger))
                else:
                    reading.emit(Rename(where(operation.old), where(operation.new)))
        case Drop(thing=Column() as column):
            own = reading.schema.column(where(column.at))
            if not partition and not own.inherited:
                raise NotUnderstood(f"whether {own.at} goes is not understood")
            if own.at in reading.schema:
                dropping.drop_column(reading, own.at)
        case Drop(thing=Check() as check):
            own_check = reading.schema.get(where(check.at))
            if isinstance(own_check, Check) and _has(own_check, "inherited"):
                reading.emit(Drop(own_check))
        case Drop(thing=PrimaryKey() | Unique() | ForeignKey() | Index() as thing):
            if partition:
                _take(reading, thing, child, where)
        case Alter(at=at, fact=fact) if at.kind is Kind.COLUMN:
            there = reading.schema.column(where(at))
            after = relocated(operation.after, where)
            if fact == "comment":
                return
            if fact == "settings":
                after = _passed_settings(operation, there.settings)
            if fact == "identity":
                return
            if fact == "generated" and there.generated != relocated(operation.before, where):
                raise NotUnderstood(f"what becomes of {at} below is not understood")
            if getattr(there, fact) != after:
                reading.emit(Alter(there.at, fact, getattr(there, fact), after))
        case Alter(at=at) if at.kind in (Kind.PRIMARY_KEY, Kind.UNIQUE):
            return
        case Rename(old=old, new=new) if old.kind in (Kind.COLUMN, Kind.CHECK):
            if where(old) in reading.schema:
                reading.emit(Rename(where(old), where(new)))
        case Rename(old=old) if old.kind in (Kind.PRIMARY_KEY, Kind.UNIQUE):
            return
        case _:
            raise NotUnderstood("what becomes of the tables below is not understood")


def _passed_settings(said: Alter, held: Options) -> Options:
    """Return a column's settings after those of the one above changed: how its values are stored
    and what is counted of them is said of both, the rest of the one alone."""
    old, new, own = dict(said.before), dict(said.after), dict(held)
    for key in ("storage", "statistics"):
        if old.get(key) != new.get(key):
            own.pop(key, None)
            if key in new:
                own[key] = new[key]
    return tuple(sorted(own.items()))


def _take(reading: Reading, thing: Object, child: Address, where: Relocation) -> None:
    copy = relocated(thing, where)
    for own in reading.schema.contents(child):
        if type(own) is type(copy) and _has(own, "inherited"):
            if _bare(own, copy.at) == _bare(copy, copy.at):
                reading.emit(Drop(own))
                return
