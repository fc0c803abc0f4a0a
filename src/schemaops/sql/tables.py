"""Recognise CREATE TABLE, DROP TABLE, RENAME TABLE and ALTER TABLE, whose actions are spread over the
same-named files of what they change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from schemaops.names import Address, Kind, Name, Relocation
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Generated,
    Identity,
    Index,
    Inheritance,
    Options,
    PartitionKey,
    PrimaryKey,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
)
from schemaops.schema.state import MissingObject
from schemaops.sql import (
    body_triggers,
    columns,
    constraints,
    copies,
    dropping,
    exclusions,
    grants,
    indexes,
    late,
    moving,
    mysql_alters,
    mysql_partitions,
    mysql_rules,
    partitions,
    policies,
    sqlite_rules,
    storage,
    temporary,
    triggers,
    views,
)
from schemaops.sql.columns import Definition
from schemaops.sql.copied import as_select, begins_query, like
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.mysql_options import alter_options, begins_option
from schemaops.sql.options import table_options
from schemaops.sql.reading import Named, NotAllowed, Reading, StillNeeded
from schemaops.sql.retyping import set_type
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.virtual_tables import is_shadow

__all__ = [
    "alter_table",
    "create_hiding_table",
    "create_table",
    "create_temporary_table",
    "drop_found",
    "drop_table",
    "rename_table",
]

Work = Callable[[], None]


def create_temporary_table(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE TEMPORARY TABLE: the table is outside the schema."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.qualified()[-1][0]
    if guarded and name in reading.own_tables:
        cursor.at = cursor.stop
        return
    at = Address(Kind.TABLE, (temporary.SPACE, name))
    temporary.made(reading, at, lambda: _make_table(reading, cursor, at))


def create_hiding_table(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE TEMPORARY TABLE in SQLite and MySQL, where it hides the one that is
    there; where its columns are not known, only that it is there is kept."""
    start, before = cursor.at, reading.schema
    try:
        create_temporary_table(reading, cursor)
    except (NotUnderstood, NotAllowed):
        cursor.at, reading.schema = start, before
        reading.begin()
        cursor.take("IF", "NOT", "EXISTS")
        reading.temporary.add(cursor.qualified()[-1][0])
        cursor.at = cursor.stop


def create_table(reading: Reading, cursor: Cursor, *, unlogged: bool = False) -> None:
    """Take what follows CREATE TABLE."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    parts = cursor.qualified()
    at = Address(Kind.TABLE, reading.path(parts))
    reading.mention_path(parts, at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if at in reading.schema or Address(Kind.VIEW, at.path) in reading.schema:
            cursor.at = cursor.stop
            return
    if reading.dialect.name == "sqlite":
        if at.name.startswith("sqlite_") or is_shadow(reading, at.name):
            cursor.at = cursor.stop  # the engine's own, as `.schema` shows them
            return
    _make_table(reading, cursor, at, unlogged=unlogged)


def _make_table(reading: Reading, cursor: Cursor, at: Address, *, unlogged: bool = False) -> None:
    if reading.dialect.name != "postgres" and begins_query(cursor):
        as_select(reading, cursor, at)
        return
    if reading.dialect.name == "mysql" and cursor.take("LIKE"):
        like(reading, cursor, at)
        return
    if reading.dialect.name == "postgres" and copies.is_made_of_query(cursor):
        names = [name for name, _ in cursor.names()] if cursor.symbol() == "(" else []
        options = table_options(reading, cursor)
        if unlogged:
            options["unlogged"] = "true"
        cursor.need("AS")
        table = Table(at, (), tuple(sorted(options.items())))
        copies.made_of_query(reading, table, names, cursor)
        return
    above: list[Address] = []
    bound = None
    if reading.dialect.name == "postgres" and cursor.take("PARTITION", "OF"):
        above = [reading.table(cursor.qualified())]
        inner = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.at)
        if cursor.symbol() == "(":
            inner = cursor.inside()
        bound = partitions.take_bound(reading, cursor, above[0])
    else:
        if cursor.symbol() != "(":
            raise cursor.refuse()
        inner = cursor.inside()
        if reading.dialect.name == "postgres" and cursor.take("INHERITS"):
            above = [reading.table(part.qualified()) for part in cursor.inside().parts()]
    if reading.dialect.name == "mysql" and inner.take("LIKE"):
        cursor.end()
        like(reading, inner, at)
        return
    parted = _partitioning(cursor) if reading.dialect.name == "postgres" else None
    options = table_options(reading, cursor)
    if reading.dialect.name == "mysql" and begins_query(cursor):
        raise NotUnderstood("a table of columns that are defined and of others that are selected")
    if unlogged:
        options["unlogged"] = "true"
    comment = options.pop("comment", None)
    if reading.dialect.name != "mysql":
        cursor.end()
    reading.emit(Create(Table(at, (), tuple(sorted(options.items())), comment)))
    made: list[Definition] = []
    later: list[Work] = []
    below = partitions.inherit(reading, at, above, bound) if above else []
    for part in inner.parts():
        if reading.dialect.name == "postgres" and part.word() == "LIKE":
            copied, works = copies.like(reading, part, at)
            made += copied
            later += works
            continue
        elements = _table_element(reading, part, at)
        if elements is not None:
            later += elements
        elif bound is not None:
            raise NotUnderstood("what a partition says of its columns is not understood")
        else:
            one = columns.definition(reading, part, at)
            part.end()
            if above and one.column.at in reading.schema:
                raise NotUnderstood(f"column {one.column.at} is inherited and said again")
            made.append(one)
            later += one.later
    if not made and reading.dialect.name != "postgres":
        raise NotAllowed(f"table {at} has no columns", at)
    _create_columns(reading, made)
    if parted is not None:
        text = parted.text()
        scope = reading.scope()
        strategy, keys = partitions.partition_key(text, scope, reading.relation_at(at))
        reading.emit(Create(PartitionKey(at.child(Kind.PARTITION_KEY, "1"), strategy, keys)))
    constraints.in_turn(reading, later)
    for work in below:
        work()
    if reading.dialect.name == "mysql" and cursor.sees("PARTITION", "BY"):
        mysql_partitions.partition_by(reading, cursor, at)
    cursor.end()
    if reading.dialect.name == "sqlite":
        sqlite_rules.must_stand(reading, at)


def _partitioning(cursor: Cursor) -> Cursor | None:
    """Take PARTITION BY; return a cursor over what stands behind it."""
    if not cursor.take("PARTITION", "BY"):
        return None
    start = cursor.at
    if not cursor.one_of("RANGE", "LIST", "HASH"):
        raise cursor.refuse()
    cursor.inside()
    return Cursor(cursor.statement, cursor.dialect, start, cursor.at)


def _table_element(reading: Reading, part: Cursor, at: Address) -> list[Work] | None:
    if reading.dialect.name == "postgres" and part.word() == "LIKE":
        raise part.refuse()
    work = constraints.table_constraint(reading, part, at)
    if work is None and reading.dialect.name == "mysql":
        work = indexes.inline(reading, part, at)
    if work is None:
        return None
    found = [work]
    # SQLite lets the comma between constraints of a table be left out.
    while reading.dialect.name == "sqlite" and not part.done:
        more = constraints.table_constraint(reading, part, at)
        if more is None:
            break
        found.append(more)
    part.end()
    return found


def _create_columns(reading: Reading, made: list[Definition]) -> None:
    # A generated column may name columns defined after it.
    every = {one.column.at.name: one.column for one in made}
    for one in made:
        if one.generated is None:
            columns.create(reading, one, alone=False)
            continue
        sqlite_rules.must_be_repeatable(reading, one.generated)
        relation = reading.relation_at(one.column.table, every)
        said = columns.generated(reading, one.generated, relation, one.column.type, one.stored)
        if reading.dialect.name == "postgres":
            for other in made:
                if other.generated is not None and other.column.at in said.expression.addresses():
                    raise NotAllowed(
                        f"{one.column.at} is generated from {other.column.at}, and that too"
                    )
        columns.emit(reading, replace(one.column, generated=said))


def drop_table(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP TABLE."""
    named, guarded, cascade = dropping.clause(reading, cursor)
    named = [parts for parts in named if not temporary.drop(reading, parts)]
    found = []
    for parts in named:
        if parts[-1][0] in reading.temporary:
            reading.temporary.discard(parts[-1][0])
            continue
        at = reading.find(tuple(name for name, _ in parts), (Kind.TABLE,))
        if at is None:
            other = reading.unmodelled(tuple(name for name, _ in parts), "table", "virtual table")
            if other is not None and other.path[0] == "virtual table":
                reading.mention(parts[-1][1], other)
                reading.emit(Drop(reading.schema.at(other)))
                continue
            if other is not None:
                raise NotUnderstood(f"{other.path[0]} {other.name} is not understood")
            if guarded:
                continue
            raise MissingObject(Address(Kind.TABLE, reading.path(parts)))
        reading.mention_path(parts, at)
        found.append(at)
    drop_found(reading, found, cascade=cascade and reading.dialect.name == "postgres")


def drop_found(reading: Reading, found: Collection[Address], *, cascade: bool = False) -> None:
    """Emit the drop of tables by one statement, with all that goes with them."""
    together = set(found)
    for at in found:
        # Tables dropped by one statement do not hold each other up.
        for other in reading.schema.referrers(at):
            if (
                isinstance(other, ForeignKey)
                and Address(Kind.TABLE, other.at.path[:-1]) in together
            ):
                if other.table == at and Address(Kind.TABLE, other.at.path[:-1]) != at:
                    reading.emit(Drop(other))
    for at in found:
        if at not in reading.schema:
            continue  # it went with the table above it
        dropping.drop_relation(reading, at, cascade=cascade)


def rename_table(reading: Reading, cursor: Cursor) -> None:
    """Take what follows MySQL's RENAME TABLE."""
    guarded = cursor.take("IF", "EXISTS")
    while True:
        named = cursor.qualified()
        cursor.need("TO")
        parts = cursor.qualified()
        if guarded:
            reading.masks.add("IF EXISTS")
            path = tuple(name for name, _ in named)
            if reading.find(path, (Kind.TABLE, Kind.VIEW)) is None:
                if not cursor.take_symbol(","):
                    break
                continue
        old = reading.existing(named, Kind.TABLE, Kind.VIEW)
        _rename(reading, old, Address(old.kind, reading.path(parts)), parts)
        if not cursor.take_symbol(","):
            break
    cursor.end()


def _rename(reading: Reading, old: Address, new: Address, parts: list[Named] | None = None) -> None:
    if old == new:
        raise NotAllowed(f"{old.kind} {old} has that name already", old)
    if reading.dialect.name == "sqlite" and new.name.startswith("sqlite_"):
        raise NotAllowed(f"the name {new} is kept for SQLite itself", old)
    if old.kind is Kind.TABLE and reading.attributed(old):
        raise NotUnderstood(f"a column of {old} has an attribute that is not modelled")
    if old.kind in (Kind.TABLE, Kind.VIEW):
        dropping.renamed_in_mysql(reading, old)
    if old.kind is Kind.TABLE:
        _must_not_be_held(reading, old)
        if not reading.checks_foreign_keys and _is_referred_to(reading, old):
            raise NotUnderstood(f"what foreign keys make of the rename of {old} is not checked")
        if reading.dialect.name == "sqlite" and not reading.renames_blindly:
            late.must_stand(reading)
    if reading.dialect.name == "postgres":
        exclusions.must_not_be_quoted(reading, old)
    blindly = reading.dialect.name == "sqlite" and reading.renames_blindly
    kept = _kept_words(reading, old, new) if blindly else ()
    reading.emit(Rename(old, new))
    for at, fact, said in kept:
        reading.emit(Alter(at, fact, getattr(reading.schema.at(at), fact), said))
    if old.kind is Kind.TABLE and reading.dialect.name == "mysql":
        _rename_foreign_keys(reading, old, new)
        mysql_partitions.renamed(reading, old, new)
    if parts:
        reading.mention(parts[-1][1], new)


def _kept_words(reading: Reading, old: Address, new: Address) -> list[tuple[Address, str, object]]:
    """Return what goes on naming a table by its old name where SQLite alters as it did of old: views,
    and foreign keys while they are not minded."""
    found: list[tuple[Address, str, object]] = []
    where = Relocation(((old, new),))
    for thing in reading.schema.referrers(old):
        match thing:
            case View(at=at, query=query):
                found.append((at, "query", query))
            case ForeignKey(at=at, table=table) if table == old:
                if reading.minds_foreign_keys is None:
                    raise NotUnderstood(f"what becomes of foreign keys to {old} is not known")
                if not reading.minds_foreign_keys:
                    found += [(where(at), "table", table), (where(at), "referred", thing.referred)]
            case Trigger(body=body) if body is not None and old in set(body.addresses()):
                raise NotUnderstood(f"what trigger {thing.at.name} means then is not known")
    return found


def _is_referred_to(reading: Reading, at: Address) -> bool:
    return any(
        isinstance(thing, ForeignKey) and thing.table == at
        for thing in reading.schema.referrers(at)
    )


def _rename_foreign_keys(reading: Reading, old: Address, new: Address) -> None:
    """Emit the new names of the foreign keys that the server has named after the table."""
    stem = f"{old.name}_ibfk_"
    for key in reading.schema.parts(new, ForeignKey):
        name = key.at.name.spelling
        if name.startswith(stem) and name[len(stem) :].isdigit():
            called = f"{new.name}_ibfk_{name[len(stem) :]}"
            reading.emit(Rename(key.at, key.at.sibling(Name(called.lower(), called))))


def _must_not_be_held(reading: Reading, at: Address) -> None:
    if reading.dialect.name != "sqlite":
        return
    body_triggers.must_be_understood(reading, at)
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Unmodelled):
            # SQLite rewrites the text of triggers; how, its own text tells and we do not.
            raise NotUnderstood(f"what the rename of {at} does to {thing.what} is not understood")


def alter_table(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER TABLE."""
    guarded = cursor.take("IF", "EXISTS")
    if cursor.sees("ALL", "IN", "TABLESPACE") or temporary.over(reading, cursor):
        raise cursor.refuse()
    only = cursor.take("ONLY")
    parts = cursor.qualified()
    names = tuple(name for name, _ in parts)
    if guarded:
        reading.masks.add("IF EXISTS")
        if reading.find(names, (Kind.TABLE, Kind.VIEW)) is None:
            cursor.at = cursor.stop
            return
    if reading.dialect.name == "postgres":
        at = reading.existing(parts, Kind.TABLE, Kind.VIEW, Kind.INDEX, Kind.SEQUENCE)
        if at.kind is not Kind.TABLE:
            _alter_other(reading, cursor, at)
            return
    else:
        at = reading.table(parts)
    if reading.unmodelled(at.path, "typed table") is not None:
        raise NotUnderstood(f"table {at} is of a type that it follows")
    if reading.dialect.name == "postgres":
        _must_be_its_own(reading, cursor, at)
    actions: list[tuple[int, Work]] = []
    first_action = cursor.at
    while True:
        actions.append(_action(reading, cursor, at))
        if reading.dialect.name == "sqlite":
            break
        # PARTITION BY follows the other actions without a comma.
        if not cursor.take_symbol(",") and not cursor.sees("PARTITION", "BY"):
            break
    cursor.end()
    if reading.dialect.name == "mysql":
        _must_not_trade_names(cursor, first_action, len(actions))
        # What is dropped is looked for in the table as it was, whatever stands before it.
        actions.sort(key=lambda action: _LAST if action[0] == _LAST else min(action[0], _ADD))
    else:
        actions.sort(key=lambda action: action[0])
    first = len(reading.operations)
    constraints.in_turn(reading, (work for _, work in actions))
    if reading.dialect.name == "sqlite" and at in reading.schema:
        sqlite_rules.must_stand(reading, at)
    if reading.dialect.name == "mysql" and len(actions) > 1:
        mysql_rules.drops_for_certain(reading, cursor.statement, first)
    if reading.dialect.name == "postgres" and at in reading.schema and reading.below(at):
        if only:
            _alone(reading, at, first)
        else:
            partitions.pass_down(reading, at, first)


def _must_not_trade_names(cursor: Cursor, start: int, several: int) -> None:
    """Raise NotUnderstood where one statement gives a column the name that another has until then."""
    if several < 2:
        return
    old: set[Name] = set()
    new: set[Name] = set()
    for part in Cursor(cursor.statement, cursor.dialect, start, cursor.stop).parts():
        changes = bool(part.take("CHANGE"))
        if not changes and not part.take("RENAME", "COLUMN"):
            continue
        part.take("COLUMN")
        part.take("IF", "EXISTS")
        before = part.identifier()[0]
        if not changes:
            part.need("TO")
        after = part.identifier()[0]
        if before != after:
            old.add(before)
            new.add(after)
    if old & new:
        raise NotUnderstood("columns that take the names of others in one statement")


def _must_be_its_own(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Raise NotAllowed for changes of a partition's columns, which are those of the table above."""
    above = [one for one in reading.schema.parts(at, Inheritance) if one.bound is not None]
    if reading.partitioned(at) and cursor.word() in ("SET", "RESET") and cursor.symbol(1) == "(":
        raise NotAllowed(f"table {at} is partitioned and keeps no rows", at)
    if not above:
        return
    word, behind = cursor.word(), cursor.word(1)
    if behind in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "NOT", "TO"):
        return
    if word in ("ADD", "DROP") or (word == "RENAME" and behind != "TO"):
        raise NotAllowed(f"table {at} is a partition and has the columns of {above[0].parent}", at)


def _alone(reading: Reading, at: Address, first: int) -> None:
    """Raise NotUnderstood where what was done to a table alone does more than it shows."""
    for operation in reading.operations[first:]:
        thing = operation.thing if isinstance(operation, Create | Drop) else None
        plain = isinstance(operation, Alter) and operation.fact in (
            "default",
            "settings",
            "options",
        )
        known = isinstance(thing, Inheritance | PrimaryKey | Unique)
        if not (plain or known):
            raise NotUnderstood(f"what a change of {at} alone does is not understood")


def _alter_other(reading: Reading, cursor: Cursor, at: Address) -> None:
    if cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        return
    if at.kind is Kind.VIEW and cursor.word() in ("RENAME", "SET"):
        exclusions.must_not_be_quoted(reading, at)
    if at.kind is Kind.VIEW and cursor.word() == "RENAME" and cursor.word(1) != "TO":
        cursor.need("RENAME")
        cursor.take("COLUMN")
        views.rename_column(reading, at, *_from_to(cursor))
        cursor.end()
        return
    if at.kind is not Kind.INDEX and cursor.take("SET", "SCHEMA"):
        space, token = cursor.identifier()
        cursor.end()
        reading.mention(token, Address(Kind.SCHEMA, (space,)))
        moving.to_schema(reading, at, space)
        return
    cursor.need("RENAME", "TO")
    parts = cursor.qualified()
    cursor.end()
    _rename(reading, at, at.sibling(parts[-1][0]), parts)


_UNTIE, _DROP_KEY = -2, -1
# PostgreSQL runs the actions of one ALTER TABLE in passes (tablecmds.c, AlterTablePass).
_DROP, _TYPE, _ADD, _CONSTRAINT, _COLUMN, _KEY, _FOREIGN, _MISC, _LAST = range(9)


def _action(reading: Reading, cursor: Cursor, at: Address) -> tuple[int, Work]:
    word = cursor.word()
    if reading.dialect.name == "mysql" and mysql_partitions.begins_partitions(cursor):
        return _LAST, mysql_partitions.alter_partitions(reading, cursor, at)
    if cursor.take("ADD"):
        return _add(reading, cursor, at)
    if cursor.take("DROP"):
        drop = _DROP
        if reading.dialect.name == "mysql":
            if cursor.sees("FOREIGN", "KEY"):
                drop = _UNTIE
            elif cursor.word() in ("PRIMARY", "INDEX", "KEY", "CONSTRAINT", "CHECK"):
                drop = _DROP_KEY
        return drop, _drop(reading, cursor, at)
    if cursor.take("RENAME"):
        is_table = cursor.word() in ("TO", "AS") or cursor.stop - cursor.at == 1
        is_table = is_table or cursor.symbol() == "=" or cursor.symbol(1) == ","
        rank = _LAST if reading.dialect.name == "mysql" and is_table else _MISC
        return rank, _rename_action(reading, cursor, at)
    setting = None
    if reading.dialect.name == "postgres":
        setting = storage.table_setting(reading, cursor, at) or _lineage(reading, cursor, at)
    if setting is not None:
        return _MISC, setting
    match reading.dialect.name, word:
        case "postgres", "ALTER" if cursor.word(1) == "CONSTRAINT":
            cursor.need("ALTER", "CONSTRAINT")
            return _MISC, constraints.alter_constraint(reading, cursor, at)
        case "postgres", "ALTER":
            cursor.need("ALTER")
            return _alter_column(reading, cursor, at)
        case "postgres", "VALIDATE":
            cursor.need("VALIDATE", "CONSTRAINT")
            named = cursor.identifier()
            return _MISC, lambda: _validate(reading, at, named)
        case "postgres", "SET" if cursor.sees("SET", "SCHEMA"):
            cursor.need("SET", "SCHEMA")
            space, _ = cursor.identifier()
            return _MISC, lambda: moving.to_schema(reading, at, space)
        case "postgres", "ENABLE" | "DISABLE" | "FORCE" | "NO" if _is_of_row_security(cursor):
            words = cursor.until()
            return _MISC, lambda: policies.row_security(reading, words, at)
        case "postgres", "OWNER":
            cursor.need("OWNER", "TO")
            owner = cursor.until()
            return _MISC, lambda: grants.owner_to(reading, owner, at)
        case "postgres", "ENABLE" | "DISABLE" if "TRIGGER" in (cursor.word(1), cursor.word(2)):
            return _MISC, triggers.enabling(reading, cursor, at)
        case "mysql", "MODIFY":
            cursor.need("MODIFY")
            cursor.take("COLUMN")
            return _COLUMN, _modify(reading, cursor, at, renaming=False)
        case "mysql", "CHANGE":
            cursor.need("CHANGE")
            cursor.take("COLUMN")
            return _COLUMN, _modify(reading, cursor, at, renaming=True)
        case "mysql", "ALTER":
            cursor.need("ALTER")
            if (work := mysql_alters.altered(reading, cursor, at)) is not None:
                return _MISC, work
            cursor.take("COLUMN")
            return _COLUMN, _alter_default(reading, cursor, at)
        case "mysql", _:
            if cursor.one_of("ALGORITHM", "LOCK"):
                cursor.take_symbol("=")
                cursor.identifier()
                return _MISC, lambda: None
            if cursor.take("FORCE") or cursor.one_of("ENABLE", "DISABLE"):
                cursor.take("KEYS")
                return _MISC, lambda: None
            if cursor.take("ORDER", "BY"):
                cursor.at = cursor.stop
                return _MISC, lambda: None
            if not begins_option(cursor):
                raise cursor.refuse()
            return _MISC, alter_options(reading, cursor, at)
        case _:
            raise cursor.refuse()


def _lineage(reading: Reading, cursor: Cursor, at: Address) -> Work | None:
    """Take what puts a table below another, or a partition below this one, or takes it away."""
    if cursor.take("ATTACH", "PARTITION"):
        child = reading.table(cursor.qualified())
        bound = partitions.take_bound(reading, cursor, at)
        return lambda: partitions.attach(reading, at, child, bound)
    if cursor.take("DETACH", "PARTITION"):
        child = reading.table(cursor.qualified())
        if cursor.take("CONCURRENTLY"):
            reading.masks.add("CONCURRENTLY")
        cursor.take("FINALIZE")
        return lambda: partitions.detach(reading, at, child)
    if cursor.take("INHERIT"):
        parent = reading.table(cursor.qualified())
        return lambda: partitions.attach(reading, parent, at, None)
    if cursor.take("NO", "INHERIT"):
        parent = reading.table(cursor.qualified())
        return lambda: partitions.detach(reading, parent, at)
    return None


def _add(reading: Reading, cursor: Cursor, at: Address) -> tuple[int, Work]:
    if reading.dialect.name != "sqlite":
        if reading.dialect.name == "mysql":
            guarded_work = mysql_alters.guarded_constraint(reading, cursor, at)
            if guarded_work is not None:
                return _FOREIGN, guarded_work
        kind = _constraint_pass(cursor)
        work = constraints.table_constraint(reading, cursor, at)
        if work is None and reading.dialect.name == "mysql":
            work = indexes.inline(reading, cursor, at)
        if work is not None:
            return kind, work
    if reading.dialect.name == "mysql" and cursor.take("SYSTEM", "VERSIONING"):
        return _MISC, mysql_alters.versioned(reading, at, on=True)
    if reading.dialect.name == "mysql" and cursor.word() in ("PARTITION", "SYSTEM", "PERIOD"):
        raise cursor.refuse()
    cursor.take("COLUMN")
    guarded = cursor.take("IF", "NOT", "EXISTS")
    if reading.dialect.name == "mysql" and cursor.symbol() == "(":
        return _ADD, _add_several(reading, cursor.inside(), at)
    start = cursor.at
    stop = cursor.until().stop
    part = Cursor(cursor.statement, cursor.dialect, start, stop)
    cursor.at = stop

    def work_add() -> None:
        if guarded:
            reading.masks.add("IF NOT EXISTS")
            name = Cursor(part.statement, part.dialect, part.at, part.stop).identifier()
            if at.child(Kind.COLUMN, name[0]) in reading.schema:
                reading.mention(name[1], at.child(Kind.COLUMN, name[0]))
                return
        made = columns.definition(reading, part, at)
        part.end()
        if reading.dialect.name == "sqlite":
            _check_sqlite_add(made)
        columns.create(reading, made)

    return _ADD, work_add


def _add_several(reading: Reading, inner: Cursor, at: Address) -> Work:
    def work() -> None:
        for part in inner.parts():
            made = columns.definition(reading, part, at)
            part.end()
            columns.create(reading, made)

    return work


def _constraint_pass(cursor: Cursor) -> int:
    ahead = 2 if cursor.word() == "CONSTRAINT" else 0
    match cursor.word(ahead):
        case "PRIMARY" | "UNIQUE" | "EXCLUDE":
            return _KEY
        case "FOREIGN":
            return _FOREIGN
        case _:
            return _CONSTRAINT


def _check_sqlite_add(made: Definition) -> None:
    at = made.column.at
    if made.primary or made.unique:
        what = "PRIMARY KEY" if made.primary else "UNIQUE"
        raise NotAllowed(f"SQLite adds no {what} column: {at}", at)


def _drop(reading: Reading, cursor: Cursor, at: Address) -> Work:
    mysql = reading.dialect.name == "mysql"
    if mysql and cursor.take("SYSTEM", "VERSIONING"):
        return mysql_alters.versioned(reading, at, on=False)
    if mysql and cursor.word() in ("PARTITION", "SYSTEM", "PERIOD"):
        raise cursor.refuse()
    if mysql and cursor.take("PRIMARY", "KEY"):
        return lambda: indexes.drop_constraint(
            reading, at, indexes.primary_name(reading, at), guarded=False
        )
    if mysql and cursor.take("FOREIGN", "KEY"):
        guarded = cursor.take("IF", "EXISTS")
        named = cursor.identifier()
        return lambda: indexes.drop_constraint(
            reading, at, named, Kind.FOREIGN_KEY, guarded=guarded
        )
    if mysql and (cursor.word() in ("INDEX", "KEY")):
        cursor.at += 1
        guarded = cursor.take("IF", "EXISTS")
        named = cursor.identifier()
        return lambda: indexes.drop_key(reading, at, named, guarded=guarded)
    if (
        reading.dialect.name != "sqlite"
        and cursor.word() in ("CONSTRAINT", "CHECK")
        and (cursor.word() == "CONSTRAINT" or mysql)
    ):
        kinds = (Kind.CHECK,) if cursor.word() == "CHECK" else ()
        cursor.at += 1
        guarded = cursor.take("IF", "EXISTS")
        named = cursor.identifier()
        cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
        return lambda: indexes.drop_constraint(
            reading, at, named, *kinds, guarded=guarded, cascade=cascade
        )
    cursor.take("COLUMN")
    guarded = cursor.take("IF", "EXISTS")
    named = cursor.identifier()
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"

    def work() -> None:
        if guarded:
            reading.masks.add("IF EXISTS")
            if at.child(Kind.COLUMN, named[0]) not in reading.schema:
                return
        if cascade:
            reading.masks.add("CASCADE")
        column = reading.column(at, named)
        if reading.attributed(column):
            raise NotUnderstood(f"an attribute of {column} is not modelled")
        if mysql:
            mysql_partitions.must_not_divide(reading, column)
            mysql_alters.must_not_be_keyed(reading, column)
        if reading.dialect.name == "sqlite":
            _check_sqlite_drop(reading, column)
        dropping.drop_column(
            reading, column, cascade=cascade and reading.dialect.name == "postgres"
        )

    return work


def _check_sqlite_drop(reading: Reading, at: Address) -> None:
    table = Address(Kind.TABLE, at.path[:-1])
    keys: list[PrimaryKey | Unique] = [*reading.schema.parts(table, PrimaryKey)]
    for key in (*keys, *reading.schema.parts(table, Unique)):
        if at in key.columns:
            raise StillNeeded(at, key.at)


def _rename_action(reading: Reading, cursor: Cursor, at: Address) -> Work:
    mysql = reading.dialect.name == "mysql"
    unsaid = cursor.stop - cursor.at == 1 or cursor.symbol(1) in (",", ".")
    if cursor.take("TO") or (mysql and (cursor.one_of("AS", "=") or unsaid)):
        parts = cursor.qualified()
        new = at.sibling(parts[-1][0])
        if mysql and new == at:
            return lambda: None
        return lambda: _rename(reading, at, new, parts)
    if reading.dialect.name == "postgres" and cursor.take("CONSTRAINT"):
        old, new_name = _from_to(cursor)

        def work_constraint() -> None:
            held = constraints.named_not_null(reading, at, old[0])
            if held is not None:
                constraints.must_be_free(reading, at, new_name[0])
                reading.emit(Alter(held, "not_null_name", str(old[0]), str(new_name[0])))
                return
            found = constraints.must_find(reading, at, old)
            _rename(reading, found, found.sibling(new_name[0]))
            reading.mention(new_name[1], found.sibling(new_name[0]))

        return work_constraint
    if mysql and cursor.word() in ("INDEX", "KEY"):
        cursor.at += 1
        guarded = cursor.take("IF", "EXISTS")
        old, new_name = _from_to(cursor)

        def work_index() -> None:
            if guarded:
                reading.masks.add("IF EXISTS")
                if not any(
                    at.child(kind, old[0]) in reading.schema for kind in (Kind.INDEX, Kind.UNIQUE)
                ):
                    return
            for kind in (Kind.INDEX, Kind.UNIQUE):
                found = at.child(kind, old[0])
                if found in reading.schema:
                    reading.mention(old[1], found)
                    renamed = found.sibling(new_name[0])
                    _rename(reading, found, renamed)
                    if getattr(reading.schema.at(renamed), "implicit", False):
                        # One that has been given a name is shed no more.
                        reading.emit(Alter(renamed, "implicit", True, False))
                    return
            raise MissingObject(at.child(Kind.INDEX, old[0]))

        return work_index
    cursor.take("COLUMN")
    wanted = mysql and cursor.take("IF", "EXISTS")
    old, new_name = _from_to(cursor)

    def work_column() -> None:
        if wanted:
            reading.masks.add("IF EXISTS")
            if at.child(Kind.COLUMN, old[0]) not in reading.schema:
                return
        rename_column(reading, at, old, new_name)

    return work_column


def _from_to(cursor: Cursor) -> tuple[Named, Named]:
    old = cursor.identifier()
    cursor.need("TO")
    return old, cursor.identifier()


def rename_column(reading: Reading, table: Address, old: Named, new: Named) -> None:
    """Emit the rename of a column; raise MissingObject, TakenName."""
    at = reading.column(table, old)
    if reading.attributed(at):
        raise NotUnderstood(f"an attribute of {at} is not modelled")
    if at.name == new[0] and reading.dialect.name != "postgres":
        return
    dropping.renamed_in_mysql(reading, at)
    if reading.dialect.name == "mysql":
        mysql_alters.must_not_be_keyed(reading, at)
    _must_not_be_held(reading, table)
    if reading.dialect.name == "sqlite":
        late.must_stand(reading)
    _rename(reading, at, at.sibling(new[0]))
    if reading.dialect.name == "mysql":
        mysql_partitions.column_renamed(reading, at, new[0])
    reading.mention(new[1], at.sibling(new[0]))


def _alter_column(reading: Reading, cursor: Cursor, table: Address) -> tuple[int, Work]:
    if cursor.word() == "CONSTRAINT":
        raise cursor.refuse()
    cursor.take("COLUMN")
    named = cursor.identifier()

    def facts(**changed: object) -> Work:
        return lambda: constraints.column_with(reading, reading.column(table, named), **changed)

    if cursor.take("SET", "NOT", "NULL"):
        return _COLUMN, facts(nullable=False)
    if cursor.take("DROP", "NOT", "NULL"):
        return _DROP, lambda: _drop_not_null(reading, reading.column(table, named))
    if cursor.take("DROP", "DEFAULT"):
        return _DROP, lambda: _set_default(reading, reading.column(table, named), None)
    if cursor.take("SET", "DEFAULT"):
        inner = cursor.until()
        return _COLUMN, lambda: _set_default(reading, reading.column(table, named), inner)
    if cursor.take("SET", "DATA", "TYPE") or cursor.take("TYPE"):
        kind = cursor.until("USING", "COLLATE")
        collation = None
        if cursor.take("COLLATE"):
            collation = columns.collation_named(reading, cursor.qualified())
        using = cursor.until() if cursor.take("USING") else None
        return _TYPE, lambda: set_type(
            reading, reading.column(table, named), kind, using, collation
        )
    if cursor.take("ADD", "GENERATED"):
        always = not cursor.take("BY", "DEFAULT")
        if always:
            cursor.need("ALWAYS")
        cursor.need("AS", "IDENTITY")
        said = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
        if cursor.symbol() == "(":
            cursor.inside()

        def work() -> None:
            at = reading.column(table, named)
            column = reading.schema.column(at)
            if column.nullable:
                raise NotAllowed(f"column {at} must be NOT NULL before it becomes an identity", at)
            if column.default is not None or column.identity is not None:
                raise NotAllowed(f"column {at} has a default already", at)
            options = columns.options_of_identity(said, column)
            made = columns.identity(reading, at, always, options)
            constraints.column_with(reading, at, identity=made)

        return _COLUMN, work
    if cursor.word() == "RESTART" or (cursor.word() == "SET" and cursor.word(1) in _OF_SEQUENCES):
        return _COLUMN, _set_identity(reading, cursor, table, named)
    if cursor.take("DROP", "IDENTITY"):
        guarded = cursor.take("IF", "EXISTS")

        def work_drop() -> None:
            at = reading.column(table, named)
            if reading.schema.column(at).identity is None:
                if guarded:
                    return
                raise NotAllowed(f"column {at} is not an identity", at)
            constraints.column_with(reading, at, identity=None)

        return _DROP, work_drop
    setting = storage.column_setting(reading, cursor, table, named)
    if setting is not None:
        return _COLUMN, setting
    if cursor.take("SET", "EXPRESSION", "AS"):
        inner = cursor.inside()
        return _TYPE, lambda: _set_expression(reading, reading.column(table, named), inner)
    if cursor.take("DROP", "EXPRESSION"):
        cursor.take("IF", "EXISTS")

        def work_expression() -> None:
            at = reading.column(table, named)
            made = reading.schema.column(at).generated
            if made is None or not made.stored:
                raise NotAllowed(f"column {at} is not a stored generated column", at)
            constraints.column_with(reading, at, generated=None)

        return _DROP, work_expression
    raise cursor.refuse()


_OF_SEQUENCES = frozenset(
    words("GENERATED START INCREMENT MINVALUE MAXVALUE CACHE NO CYCLE SEQUENCE LOGGED UNLOGGED")
)


def _set_identity(reading: Reading, cursor: Cursor, table: Address, named: Named) -> Work:
    always: bool | None = None
    start = cursor.at
    if cursor.take("SET", "GENERATED"):
        always = not cursor.take("BY", "DEFAULT")
        if always:
            cursor.need("ALWAYS")
        start = cursor.at
    said = cursor.until()
    said.at = start

    def work() -> None:
        at = reading.column(table, named)
        column = reading.schema.column(at)
        if column.identity is None:
            raise NotAllowed(f"column {at} is not an identity", at)
        options = columns.options_of_identity(said, column, column.identity.options)
        kept = column.identity.always if always is None else always
        constraints.column_with(reading, at, identity=Identity(kept, options))

    return work


def _set_expression(reading: Reading, at: Address, inner: Cursor) -> None:
    column = reading.schema.column(at)
    if column.generated is None:
        raise NotAllowed(f"column {at} is not a generated column", at)
    for thing in reading.schema.referrers(at):
        if isinstance(thing, View | Column | Index | Check):
            raise NotUnderstood(f"what {thing.at} comes to is not understood")
    expression = reading.expression(inner, reading.relation_at(column.table), column.type)
    constraints.column_with(reading, at, generated=replace(column.generated, expression=expression))


def _drop_not_null(reading: Reading, at: Address) -> None:
    table = Address(Kind.TABLE, at.path[:-1])
    for key in reading.schema.parts(table, PrimaryKey):
        if at in key.columns:
            raise StillNeeded(at, key.at)
    if reading.schema.column(at).identity is not None:
        raise NotAllowed(f"column {at} is an identity and stays NOT NULL", at)
    constraints.column_with(reading, at, nullable=True)


def _set_default(reading: Reading, at: Address, inner: Cursor | None) -> None:
    column = reading.schema.column(at)
    if reading.dialect.name == "mysql" and (column.auto_increment or column.generated is not None):
        return  # the server takes it, and keeps nothing of it
    if column.identity is not None or column.generated is not None:
        raise NotAllowed(f"column {at} is generated and takes no default", at)
    if inner is None or (inner.word() == "NULL" and inner.stop - inner.at == 1):
        constraints.column_with(reading, at, default=None)
    else:
        value = columns.default_value(reading, inner, column.type)
        constraints.column_with(reading, at, default=value)


def _is_of_row_security(cursor: Cursor) -> bool:
    return "ROW" in (cursor.word(1), cursor.word(2))


def _validate(reading: Reading, at: Address, named: Named) -> None:
    found = constraints.must_find(reading, at, named, Kind.CHECK, Kind.FOREIGN_KEY)
    thing = reading.schema.at(found)
    old: Options = getattr(thing, "options", ())
    new = tuple(pair for pair in old if pair[0] != "not valid")
    if new != old:
        reading.emit(Alter(found, "options", old, new))


def _in_foreign_key(reading: Reading, at: Address) -> bool:
    return any(isinstance(thing, ForeignKey) for thing in reading.schema.referrers(at))


def _modify(reading: Reading, cursor: Cursor, table: Address, *, renaming: bool) -> Work:
    guarded = cursor.take("IF", "EXISTS")
    named = cursor.identifier()
    if not renaming:
        cursor.at -= 1
    start, stop = cursor.at, cursor.until().stop
    part = Cursor(cursor.statement, cursor.dialect, start, stop)
    cursor.at = stop

    def work() -> None:
        if guarded:
            reading.masks.add("IF EXISTS")
            if table.child(Kind.COLUMN, named[0]) not in reading.schema:
                return
        at = reading.column(table, named)
        if reading.attributed(at):
            raise NotUnderstood(f"an attribute of {at} is not modelled")
        if renaming:
            token = part.token
            new = Cursor(part.statement, part.dialect, part.at, part.stop).identifier()
            is_renamed = new[0] != at.name
            if is_renamed:
                rename_column(reading, table, named, new)
                at = at.sibling(new[0])
            assert token is not None
        made = columns.definition(reading, part, table)
        part.end()
        before = reading.schema.column(at)
        after = made.column
        if made.generated is not None:
            text = reading.expression(made.generated, reading.relation_at(table))
            after = replace(after, generated=Generated(text, made.stored))
        facts = [(one.type, one.auto_increment) for one in (before, after)]
        if renaming and is_renamed and facts[0] != facts[1] and _in_foreign_key(reading, at):
            raise NotAllowed(
                f"column {at} of a foreign key cannot change name and type at once", at
            )
        stored = [one is None or one.stored for one in (before.generated, after.generated)]
        if stored[0] != stored[1]:
            raise NotAllowed(f"column {at} cannot begin or cease to be virtual", at)
        if any(at in key.columns for key in reading.schema.parts(table, PrimaryKey)):
            after = replace(after, nullable=False)
        mysql_rules.must_be_free(reading, before, after)
        mysql_rules.hold_whole(reading, after)
        columns.alter_facts(reading, before, after)
        columns.reorder(reading, at, made.after)
        for check in reading.schema.parts(table, Check):
            if not check.named and check.of == at:  # MODIFY restates the column, its check too
                reading.emit(Drop(check))
        for later in made.later:
            later()

    return work


def _alter_default(reading: Reading, cursor: Cursor, table: Address) -> Work:
    guarded = cursor.take("IF", "EXISTS")
    named = cursor.identifier()
    inner = None
    if not cursor.take("DROP", "DEFAULT"):
        cursor.need("SET", "DEFAULT")
        inner = cursor.until()

    def work() -> None:
        if guarded:
            reading.masks.add("IF EXISTS")
            if table.child(Kind.COLUMN, named[0]) not in reading.schema:
                return
        _set_default(reading, reading.column(table, named), inner)

    return work
