"""Values of columns that are dropped or narrowed: copied with the table's key, and filled in again.

Rows of a table without a key are told apart by their other columns: those that are alike there may
change places without anybody seeing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Rows
from schemaops.reverse.losses import Made
from schemaops.reverse.lossless.rebuilds import parted
from schemaops.reverse.lossless.tables import MOVED, moved_types
from schemaops.reverse.lossless.words import DIGEST, NUMBER, Kept, NotKept, Words
from schemaops.schema.objects import Column, ForeignKey, Identity
from schemaops.schema.state import Schema
from schemaops.sql.render import render
from schemaops.sql.types import widens

__all__ = ["kept_values", "losing"]


def losing(operations: Iterable[Operation], before: Schema) -> Iterator[Column]:
    """Yield the columns whose values operations take away or may cut."""
    made = Made()
    found: dict[Address, Column] = {}
    for operation in operations:
        lost: tuple[Address, ...] = ()
        match operation:
            case Drop(thing=Column() as column) if column.generated is None:
                lost = (column.at,)
            case Alter(at=at, fact="type", before=old, after=new) if at.kind is Kind.COLUMN:
                if not widens(old, new, before.dialect):
                    yield before.column(at)
            case Alter(at=at, fact="generated", before=None):
                lost = (at,)
            case Rows(copied=True, columns=columns):
                lost = columns
        for at in lost:
            if at not in made:
                column = before.column(made.origin(at))
                found[column.at] = column
        made.follow(operation)
    yield from found.values()


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose columns lose values: those that go, and those that narrow; its place."""

    at: Address
    name: str
    key: tuple[Address, ...] | None
    gone: tuple[Address, ...]
    narrowed: tuple[Address, ...]
    place: str

    @property
    def columns(self) -> tuple[Address, ...]:
        return (*self.gone, *self.narrowed)


@dataclass(frozen=True, slots=True)
class _Way:
    """What is done before the statement and after it; on the way back before the columns are as they
    were, after it, and at the end."""

    first: tuple[str, ...]
    then: tuple[str, ...] = ()
    back_first: tuple[str, ...] = ()
    fill: tuple[str, ...] = ()


def kept_values(
    words: Words, columns: Sequence[Column], inverse: tuple[Operation, ...]
) -> Kept | NotKept:
    """Return a statement so executed that the values that columns hold are kept."""
    operations = words.group.operations
    renamed = any(isinstance(o, Rename) for o in operations)
    gone = {o.at for o in operations if isinstance(o, Drop)}
    gone |= {o.at for o in operations if isinstance(o, Alter) and o.fact == "generated"}
    ways = []
    for table in dict.fromkeys(column.table for column in columns):
        mine = [column.at for column in columns if column.table == table]
        narrowed = [] if renamed else [at for at in mine if at not in gone]
        one = _Table(
            table,
            words.name(table),
            words.key(table, mine),
            tuple(at for at in mine if at not in narrowed),
            tuple(narrowed),
            words.place(table),
        )
        if words.has_heirs(table):
            return NotKept(f"other tables inherit from {table}")
        if one.key is None:
            hindrance = _hinders(words, one)
            if hindrance is not None:
                return NotKept(hindrance)
        ways.append(_way(words, one))
    noted, counted = words.counting(c for c in columns if c.at in gone)
    done, away, again = _executed(words)
    locked, freed = _held(words, ways, columns, renamed=renamed)
    made: list[str] = []
    copied: list[str] = []
    for text in (text for way in ways for text in way.first):
        # MySQL makes no table while others are locked.
        early = words.dialect == "mysql" and text.startswith("CREATE")
        (made if early else copied).append(text)
    after = words.group.apply(words.before)
    types = {at for at in gone if at.kind in MOVED and again}
    inverse = tuple(o for o in inverse if not (isinstance(o, Create) and o.at in types))
    first, rest = parted(inverse) if words.group.parts else _split(inverse)
    middle = after
    standing = Schema.of(words.dialect, ())
    if types:
        for operation in reversed(operations):
            if isinstance(operation, Drop) and operation.at in types:
                after = operation.invert(standing).apply(after)
        middle = after
    for operation in first:
        middle = operation.apply(middle)
    return Kept(
        (
            *words.archive(),
            *noted,
            *made,
            *locked,
            *copied,
            *done,
            *freed,
            *away,
            *(text for way in ways for text in way.then),
        ),
        (
            *again,
            *(text for way in ways for text in way.back_first),
            *render(first, after),
            *(text for way in ways for text in way.fill),
            *(render(rest, middle) if rest else ()),
            *counted,
        ),
    )


def _executed(words: Words) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the statement; where it drops types that others used, what is done beside that, what
    moves the types into the archive, and what brings them back."""
    if words.dialect != "postgres":
        return words.group.texts, (), ()
    operations = words.group.operations
    types = [o.at for o in operations if isinstance(o, Drop) and _is_type(o)]
    if not types:
        return (words.group.text,), (), ()
    others = tuple(o for o in operations if isinstance(o, Opaque) or o.at not in types)
    away, again = moved_types(words, types)
    return render(others, words.before), away, again


def _is_type(operation: Drop) -> bool:
    owner = getattr(operation.thing, "owner", None)
    return operation.at.kind in MOVED and not isinstance(owner, Address)


def _hinders(words: Words, one: _Table) -> str | None:
    """Return why the values of a table without a key cannot be put back."""
    if one.narrowed and words.dialect == "mysql":
        return f"no key tells the rows of {one.at} apart"
    if any(
        isinstance(key, ForeignKey) and key.table == one.at
        for key in words.before.referrers(one.at)
    ):
        return f"rows refer to {one.at}, which has no key"
    return None


def _held(
    words: Words, ways: Sequence[_Way], columns: Sequence[Column], *, renamed: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what lets nobody write between MySQL's copy and its statement, which are no transaction,
    and what ends it."""
    if words.dialect != "mysql" or not words.locking or renamed:
        return (), ()
    tables = [words.name(at) for at in dict.fromkeys(column.table for column in columns)]
    for operation in words.group.operations:
        if isinstance(operation, Create) and isinstance(operation.thing, ForeignKey):
            tables.append(words.name(operation.thing.table))
    places = [text.split()[2] for way in ways for text in way.first if text.startswith("CREATE")]
    listed = ", ".join(f"{one} WRITE" for one in dict.fromkeys((*tables, *places)))
    return (
        (f"LOCK TABLES {listed}", *(f"DELETE FROM {place}" for place in places)),
        ("UNLOCK TABLES",),
    )


def _way(words: Words, one: _Table) -> _Way:
    key = one.key
    names = (
        ", ".join(map(words.saved, words.columns(one.at)))
        if key is None
        else words.chosen(one.at, key, one.columns)
    )
    made = f"CREATE TABLE {one.place} AS SELECT {names} FROM {one.name}"
    first: tuple[str, ...]
    if words.dialect == "mysql":
        index = words.indexed(key or ())
        made = f"CREATE TABLE {one.place}{index} AS SELECT {names} FROM {one.name}"
        first = (f"{made} WHERE FALSE", f"INSERT INTO {one.place} SELECT {names} FROM {one.name}")
    else:
        first = (*words.lock(one.at, "ACCESS EXCLUSIVE"), made)
    if key is None:
        if one.narrowed:
            return _all_narrowed(words, one, first)
        return _Way(first, fill=tuple(_rewritten(words, one)))
    if not one.narrowed:
        keyed = words.matched(one.at, key)
        filled = words.put_back(one.at, one.place, keyed, one.gone) if one.gone else ()
        return _Way(first, fill=(*filled, f"DROP TABLE {one.place}"))
    narrow = words.place(one.at)
    if words.dialect == "mysql":
        return _converted(words, one, key, narrow, first)
    return _narrowed(words, one, key, narrow, first)


def _rewritten(words: Words, one: _Table) -> Iterator[str]:
    """Yield what fills the columns of a table without a key: its rows are written anew."""
    rest = words.place(one.at)
    columns = words.columns(one.at)
    others = [at for at in columns if at not in one.gone]
    names = ", ".join(map(words.q, columns))
    given = ", ".join(
        f"CASE WHEN other.{NUMBER} IS NULL THEN one.{words.q(at)} ELSE {words.value(at, 'other')} END"
        if at in one.gone
        else f"one.{words.q(at)}"
        for at in columns
    )
    yield f"CREATE TABLE {rest} AS SELECT {names} FROM {one.name} WHERE FALSE"
    yield from words.lock(one.at, "ACCESS EXCLUSIVE")
    filled = (
        f"INSERT INTO {rest} SELECT {given} FROM {words.numbered(one.name, columns, others)} AS one "
        f"LEFT JOIN {words.numbered(one.place, columns, others)} AS other "
        f"ON other.{DIGEST} = one.{DIGEST} AND other.{NUMBER} = one.{NUMBER}"
    )
    again = f"INSERT INTO {one.name} ({names}) {words.over(columns)}SELECT {names} FROM {rest}"
    yield from words.quietly(one.at, [filled, f"DELETE FROM {one.name}", again])
    yield f"DROP TABLE {rest}"
    yield f"DROP TABLE {one.place}"


def _all_narrowed(words: Words, one: _Table, first: tuple[str, ...]) -> _Way:
    """Return how narrowed values are kept in a table without a key: its rows are put back together,
    if all that the statement left are there, and those that came since stay."""
    narrow, gate, rest = (words.place(one.at) for _ in range(3))
    columns = words.columns(one.at)
    left = [at for at in columns if at not in one.gone]
    names, left_names = (", ".join(map(words.q, some)) for some in (columns, left))
    shut = f"EXISTS (SELECT 1 FROM {gate})"
    missing = (
        f"SELECT 1 AS {NUMBER} FROM {words.numbered(narrow, left)} AS one "
        f"LEFT JOIN {words.counted(one.name, left)} AS other ON other.{DIGEST} = one.{DIGEST} "
        f"WHERE other.{NUMBER} IS NULL OR one.{NUMBER} > other.{NUMBER} LIMIT 1"
    )
    more = (
        f"SELECT {', '.join(f'one.{words.q(at)}' for at in left)} "
        f"FROM {words.numbered(one.name, left)} AS one "
        f"LEFT JOIN {words.counted(narrow, left)} AS other ON other.{DIGEST} = one.{DIGEST} "
        f"WHERE other.{NUMBER} IS NULL OR one.{NUMBER} > other.{NUMBER}"
    )
    values = ", ".join(map(words.value, columns))
    over = words.over(columns)
    into, unless = f"INSERT INTO {one.name}", f"WHERE NOT {shut}"
    widened = ", ".join(words.again(at) if at in one.narrowed else words.q(at) for at in left)
    # Emptied first, since what is there may not be what a wide column takes.
    emptied = f"DELETE FROM {one.name} {unless}"
    early = not any(words.fired(one.at, ("delete",)))
    again = (
        *(() if early else (emptied,)),
        f"{into} ({left_names}) {over}SELECT {widened} FROM {rest} {unless}",
        f"{into} ({names}) {over}SELECT {values} FROM {one.place} AS kept {unless}",
    )
    same = f"{words.digest(one.name, columns)} = {words.digest('kept', columns)}"
    there = f"SELECT 1 FROM {one.name} WHERE {same} AND NOT {shut}"
    return _Way(
        first,
        (f"CREATE TABLE {narrow} AS SELECT {left_names} FROM {one.name}",),
        (
            *words.lock(one.at, "ACCESS EXCLUSIVE"),
            f"CREATE TABLE {gate} AS {missing}",
            f"CREATE TABLE {rest} AS {more}",
            *((emptied,) if early else ()),
        ),
        (
            *words.quietly(one.at, again),
            words.taken_out(one.place, f"EXISTS ({there})"),
            *(f"DROP TABLE {place}" for place in (narrow, rest, gate, one.place)),
        ),
    )


def _narrowed(
    words: Words, one: _Table, key: Sequence[Address], narrow: str, first: tuple[str, ...]
) -> _Way:
    """Return how narrowed values are kept: what the statement made of them is noted, and on the way
    back what is still so is found before the column is wide again."""
    keyed = words.matched(one.at, key)
    as_noted = f"{keyed} AND {words.alike(one.at, one.narrowed, exactly=True)}"
    there = f"SELECT 1 FROM {one.name} WHERE {as_noted.replace('kept.', 'since.')}"
    by_key = words.noted(one.at, key)
    untouched = f"{keyed} AND NOT EXISTS (SELECT 1 FROM {narrow} AS since WHERE {by_key})"
    back = f"{keyed} AND {words.alike(one.at, one.narrowed)}"
    names = words.chosen(one.at, key, one.narrowed)
    return _Way(
        first,
        (f"CREATE TABLE {narrow} AS SELECT {names} FROM {one.name}",),
        (
            *words.lock(one.at, "ACCESS EXCLUSIVE"),
            f"DELETE FROM {narrow} AS since WHERE EXISTS ({there})",
        ),
        (
            *(words.put_back(one.at, one.place, keyed, one.gone) if one.gone else ()),
            *words.put_back(one.at, one.place, untouched, one.narrowed),
            f"DROP TABLE {narrow}",
            words.taken_out(one.place, f"EXISTS (SELECT 1 FROM {one.name} WHERE {back})"),
            f"DROP TABLE {one.place}",
        ),
    )


def _converted(
    words: Words, one: _Table, key: Sequence[Address], narrow: str, first: tuple[str, ...]
) -> _Way:
    """Return the same for MySQL, where no transaction spans it: what the statement makes of values
    is what storing them in such a column makes of them, and storing those in a wide one again says
    what stands untouched."""
    wide = words.place(one.at)
    names = words.chosen(one.at, key, one.narrowed)
    keyed = words.matched(one.at, key)
    untouched = (
        f"{words.alike(one.at, one.narrowed, exactly=True, alias='since')} AND "
        + " AND ".join(f"since.{words.q(at)} = kept.{words.q(at)}" for at in key)
    )
    back = f"{keyed} AND {words.alike(one.at, one.narrowed)}"
    unchanged = f"{keyed} AND EXISTS (SELECT 1 FROM {wide} AS since WHERE {untouched})"
    index = words.indexed(key)
    return _Way(
        first,
        (
            f"CREATE TABLE {narrow}{index} AS SELECT {names} FROM {one.name} WHERE FALSE",
            f"INSERT INTO {narrow} SELECT {names} FROM {one.place}",
        ),
        (),
        (
            f"CREATE TABLE {wide}{index} AS SELECT {names} FROM {one.name} WHERE FALSE",
            f"INSERT INTO {wide} SELECT {names} FROM {narrow}",
            *(words.put_back(one.at, one.place, keyed, one.gone) if one.gone else ()),
            *words.put_back(one.at, one.place, unchanged, one.narrowed),
            f"DROP TABLE {narrow}",
            f"DROP TABLE {wide}",
            words.taken_out(one.place, f"EXISTS (SELECT 1 FROM {one.name} WHERE {back})"),
            f"DROP TABLE {one.place}",
        ),
    )


def _split(inverse: Sequence[Operation]) -> tuple[tuple[Operation, ...], tuple[Operation, ...]]:
    """Return what brings columns and their types back, and what may follow once they are filled:
    the rest, and that a column without a default must have a value."""
    last = max(
        (
            i
            for i, o in enumerate(inverse)
            if (isinstance(o, Create) and isinstance(o.thing, Column))
            or (isinstance(o, Alter) and o.fact in ("type", "generated"))
        ),
        default=-1,
    )
    first: list[Operation] = []
    rest: list[Operation] = []
    for operation in inverse[: last + 1]:
        match operation:
            case Create(thing=Column(identity=Identity(always=True) as identity) as column):
                # Until then no value can be given to it.
                free = replace(identity, always=False)
                first.append(replace(operation, thing=replace(column, identity=free)))
                rest.append(Alter(column.at, "identity", free, identity))
            case Create(thing=Column() as column) if _must_be_given(column):
                first.append(replace(operation, thing=replace(column, nullable=True)))
                rest.append(Alter(column.at, "nullable", True, False))
            case _:
                first.append(operation)
    later = inverse[last + 1 :]
    # What a column's default or type names is made with it.
    used = [o for o in later if isinstance(o, Create) and o.at.kind in MOVED]
    return (*first, *used), (*rest, *(o for o in later if o not in used))


def _must_be_given(column: Column) -> bool:
    """Whether a row must be given a value for the column."""
    given = column.default or column.generated or column.identity or column.auto_increment
    return not column.nullable and not given
