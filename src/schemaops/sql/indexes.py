"""Recognise CREATE INDEX, DROP INDEX, ALTER INDEX, and the indexes inside MySQL's CREATE and ALTER TABLE."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Create, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Index,
    IndexKey,
    PartitionKey,
    PrimaryKey,
    Unique,
    View,
    container,
    references,
)
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql import (
    constraints,
    dropping,
    exclusions,
    mysql_rules,
    partitions,
    sqlite_rules,
    storage,
    temporary,
)
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.opclasses import is_default, objection
from schemaops.sql.options import storage_options
from schemaops.sql.parameters import METHODS, must_be_of_index
from schemaops.sql.postgres_rules import must_be_lasting, must_be_of_one_row
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood, Relation
from schemaops.sql.types import parsed

__all__ = [
    "alter_index",
    "create_index",
    "distinct",
    "drop_constraint",
    "drop_index",
    "drop_key",
    "index_key",
    "inline",
    "mysql_options",
    "mysql_part",
    "primary_name",
    "unique",
]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a statement says about an index, before its names are looked up."""

    named: Named | None
    keys: Cursor
    unique: bool
    method: str | None
    include: Cursor | None = None
    where: Cursor | None = None
    options: tuple[tuple[str, str], ...] = ()


def create_index(
    reading: Reading, cursor: Cursor, *, unique: bool = False, method: str | None = None
) -> None:
    """Take what follows CREATE [UNIQUE] INDEX."""
    if cursor.take("CONCURRENTLY"):
        reading.masks.add("CONCURRENTLY")
    guarded = cursor.take("IF", "NOT", "EXISTS")
    unnamed = cursor.word() == "ON" and not _named_on(cursor)
    if unnamed and reading.dialect.name != "postgres":
        raise cursor.refuse()
    parts = [] if unnamed else cursor.qualified(Kind.INDEX)
    if reading.dialect.name == "mysql" and cursor.take("USING"):
        cursor.need("BTREE")
    cursor.need("ON")
    if temporary.over(reading, cursor):
        return
    if reading.dialect.name == "sqlite" and len(parts) > 1 and parts[-2][0] == "temp":
        raise cursor.refuse()
    only = cursor.take("ONLY")
    table = _indexed(reading, cursor.qualified())
    if cursor.take("USING"):
        method = cursor.identifier()[0].lower()
    keys = cursor.inside()
    include = cursor.inside() if cursor.take("INCLUDE") else None
    options: dict[str, str] = {}
    if cursor.take("NULLS", "NOT", "DISTINCT"):
        options["nulls not distinct"] = "true"
    cursor.take("NULLS", "DISTINCT")
    if cursor.take("WITH"):
        stored = storage_options(cursor.inside())
        must_be_of_index(stored, method)
        options |= stored
    if cursor.take("TABLESPACE"):
        cursor.identifier()
    if reading.dialect.name == "mysql":
        mysql_options(cursor, options)
    where = None
    if cursor.take("WHERE"):
        where = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
        cursor.at = cursor.stop
    cursor.end()
    named = parts[-1] if parts else None
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if named is not None and _taken(reading, table, named[0]):
            return
    said = _Said(named, keys, unique, method, include, where, tuple(sorted(options.items())))
    if reading.partitioned(table) and "CONCURRENTLY" in reading.masks:
        raise NotAllowed(
            f"an index of the partitioned table {table} is not made concurrently", table
        )
    first = len(reading.operations)
    _emit(reading, table, said)
    if reading.partitioned(table) and not only:
        partitions.pass_down(reading, table, first)
    elif reading.partitioned(table) and reading.below(table):
        # Complete once every partition has its own.
        storage.settle(reading, reading.operations[-1].at, {"invalid": "true"})  # type: ignore[union-attr]


def _indexed(reading: Reading, parts: list[Named]) -> Address:
    at = reading.find(tuple(name for name, _ in parts), (Kind.TABLE, Kind.VIEW))
    thing = None if at is None else reading.schema.at(at)
    if isinstance(thing, View) and ("materialized", "true") in thing.options:
        return reading.existing(parts, Kind.VIEW)
    return reading.table(parts)


def _named_on(cursor: Cursor) -> bool:
    # `CREATE INDEX on ON t`: an index that is called so.
    return cursor.word(1) == "ON"


def _taken(reading: Reading, table: Address, name: Name) -> bool:
    if reading.dialect.index_in_table:
        return any(table.child(kind, name) in reading.schema for kind in (Kind.INDEX, Kind.UNIQUE))
    space = (*table.path[:-1], name)
    return reading.schema.holder(("relation", space)) is not None


def mysql_options(cursor: Cursor, options: dict[str, str]) -> None:
    """Take what may follow the parts of a MySQL key into `options`."""
    while not cursor.done:
        if cursor.take("USING"):
            cursor.need("BTREE")
        elif cursor.take("COMMENT"):
            options["comment"] = cursor.string()
        elif cursor.one_of("ALGORITHM", "LOCK"):
            cursor.take_symbol("=")
            cursor.identifier()
        elif cursor.one_of("INVISIBLE", "IGNORED"):
            options["invisible"] = "true"
        elif cursor.take("WITH", "PARSER"):
            raise NotUnderstood("the catalogue does not tell the parser of an index")
        elif cursor.take("KEY_BLOCK_SIZE"):
            cursor.take_symbol("=")
            cursor.number()
        elif not cursor.one_of("VISIBLE") and not cursor.take("NOT", "IGNORED"):
            return


def mysql_part(reading: Reading, part: Cursor, table: Address) -> tuple[Address, int | None, bool]:
    """Take `column(length) DESC`; return the column, its length and whether it descends."""
    if part.word(1) == "WITHOUT":
        raise NotUnderstood("keys over periods are not understood")
    at = reading.column(table, part.identifier())
    length = _prefix(reading, at, part) if part.symbol() == "(" else None
    descending = part.one_of("ASC", "DESC") == "DESC"
    part.end()
    return at, length, descending


def _prefix(reading: Reading, column: Address, part: Cursor) -> int | None:
    """Take `(length)`; return it, None where it is all that the column holds."""
    length = int(part.inside().number())
    kind = parsed(reading.schema.column(column).type, "mysql")
    return None if kind.arguments == (str(length),) else length


def unique(
    reading: Reading, cursor: Cursor, table: Address, named: Named | None
) -> Callable[[], None]:
    """Take what follows UNIQUE in MySQL's CREATE or ALTER TABLE; return what emits the key."""
    cursor.one_of("KEY", "INDEX")
    guarded = cursor.take("IF", "NOT", "EXISTS")
    if cursor.symbol() != "(" and cursor.word() != "USING":
        named = cursor.identifier()
    if cursor.take("USING"):
        cursor.need("BTREE")
    keys = cursor.inside()
    options: dict[str, str] = {}
    mysql_options(cursor, options)
    said = _Said(named, keys, True, None, options=tuple(sorted(options.items())))

    def work() -> None:
        if guarded:
            reading.masks.add("IF NOT EXISTS")
            if named is not None and _taken(reading, table, named[0]):
                return
        _emit(reading, table, said)

    return work


def inline(reading: Reading, cursor: Cursor, table: Address) -> Callable[[], None] | None:
    """Take an index inside MySQL's CREATE or ALTER TABLE; return what emits it, None for none."""
    method: str | None = None
    start = cursor.at
    word = cursor.one_of("FULLTEXT", "SPATIAL")
    if word:
        method = word.lower()
    keyword = cursor.one_of("INDEX", "KEY")
    if not keyword and not (method and (cursor.symbol() == "(" or cursor.symbol(1) == "(")):
        cursor.at = start
        return None
    guarded = cursor.take("IF", "NOT", "EXISTS")
    named = cursor.identifier() if cursor.symbol() != "(" and cursor.word() != "USING" else None
    if cursor.take("USING"):
        cursor.need("BTREE")
    keys = cursor.inside()
    options: dict[str, str] = {}
    mysql_options(cursor, options)
    said = _Said(named, keys, False, method, options=tuple(sorted(options.items())))

    def work() -> None:
        if guarded:
            reading.masks.add("IF NOT EXISTS")
            if named is not None and _taken(reading, table, named[0]):
                return
        _emit(reading, table, said)

    return work


def _emit(reading: Reading, table: Address, said: _Said) -> None:
    view = reading.schema.get(table)
    relation = reading.shown_by(view) if isinstance(view, View) else reading.relation_at(table)
    keys, names = [], []
    parts = said.keys.parts()
    if reading.dialect.name == "postgres":
        _must_be_able(said, len(parts))
    for part in parts:
        key, name = index_key(reading, part, table, relation)
        must_have_class(reading, key, said.method or "btree")
        keys.append(_without_default(reading, key, said.method or "btree"))
        names.append(name)
    include = tuple(
        reading.column(table, part.identifier())
        for part in (said.include.parts() if said.include else ())
    )
    where = _lasting(reading, said.where, relation) if said.where is not None else None
    method = None if said.method == "btree" else said.method
    plain = all(key == IndexKey(key.expression) for key in keys) and all(
        len(key.expression.normal) == 1 and isinstance(key.expression.normal[0], Address)
        for key in keys
    )
    columns = tuple(a for key in keys for a in key.expression.normal if isinstance(a, Address))
    if reading.dialect.name == "mysql":
        whole = Index(table, table, tuple(keys))
        first = () if method else mysql_rules.leading(whole, turned=False)
        constraints.shed_implicit(reading, table, first, mysql_rules.leading(whole))
    if said.named is not None:
        name, token = said.named
    else:
        taken: list[Name] = []
        for column in (*names, *(c.name for c in include)):
            taken.append(distinct(column, taken))
        name = reading.dialect.implicit_name(reading.schema, table, Kind.INDEX, taken)
        token = None
    thing: Index | Unique
    if reading.dialect.name == "mysql" and said.unique and plain:
        thing = Unique(table.child(Kind.UNIQUE, name), columns, True, said.options)
    else:
        if reading.dialect.index_in_table:
            at = table.child(Kind.INDEX, name)
        else:
            at = Address(Kind.INDEX, (*table.path[:-1], name))
        thing = Index(at, table, tuple(keys), said.unique, where, method, include, said.options)
    if token is not None:
        reading.mention(token, thing.at)
    if said.unique and reading.partitioned(table):
        _must_hold_key(reading, table, columns)
    reading.emit(Create(thing))


def _must_hold_key(reading: Reading, table: Address, columns: tuple[Address, ...]) -> None:
    """Raise NotAllowed where a unique index lacks a column by which rows are told apart."""
    for part in reading.schema.parts(table, PartitionKey):
        for key in part.keys:
            if not set(key.expression.addresses()) <= set(columns):
                raise NotAllowed(
                    f"a unique index of {table} must have the partition key in it", table
                )


# What only some of the server's own access methods can do.
_UNIQUE = ("btree",)
_SEVERAL = ("btree", "gist", "gin", "brin")
_INCLUDING = ("btree", "gist", "spgist")
# Those of extensions that are in wide use, and may stand where the schema does not show it.
_EXTENDING = ("hnsw", "ivfflat", "bloom", "rum", "diskann")
_OF_EXTENSIONS = re.compile(
    r"trgm|ltree|hstore|vec|geom|geog|_int_|__int|bit_(?:hamming|jaccard)|citext|cube|seg_|isn|zhparser"
)


def _must_be_able(said: _Said, keys: int) -> None:
    """Raise NotUnderstood for an access method that is not known, NotAllowed for what it cannot."""
    method = said.method or "btree"
    if method not in METHODS:
        if method not in _EXTENDING:
            raise NotUnderstood(f"access method {method} is not known")
        return
    if said.unique and method not in _UNIQUE:
        raise NotAllowed(f"access method {method} has no unique indexes")
    if keys > 1 and method not in _SEVERAL:
        raise NotAllowed(f"access method {method} has no indexes of several keys")
    if said.include is not None and method not in _INCLUDING:
        raise NotAllowed(f"access method {method} has no included columns")


def must_have_class(reading: Reading, key: IndexKey, method: str) -> None:
    """Raise NotAllowed, or NotUnderstood, where no index of that method is made over a key."""
    if reading.dialect.name != "postgres":
        return
    if method in METHODS and method != "btree" and (key.descending or key.nulls is not None):
        raise NotAllowed(f"access method {method} has no order")
    if reading.blind or any(True for _ in reading.schema.of_kind(Kind.EXTENSION)):
        return
    if key.opclass is not None and _OF_EXTENSIONS.search(key.opclass):
        return
    if any(
        thing.at.path[0] == "operator class" for thing in reading.schema.of_kind(Kind.UNMODELLED)
    ):
        return
    normal = key.expression.normal
    column = reading.schema.get(normal[0]) if isinstance(normal[0], Address) else None
    if len(normal) != 1 or not isinstance(column, Column):
        return
    kind = reading.base_type(column.type)
    if not any(isinstance(piece, Address) for piece in kind.normal):
        why = objection(key.opclass, method, str(kind))
        if why is not None:
            raise NotUnderstood(why)


def _without_default(reading: Reading, key: IndexKey, method: str) -> IndexKey:
    """Return a key without the operator class that its column's type has anyway."""
    normal = key.expression.normal
    if reading.dialect.name != "postgres" or key.opclass is None or len(normal) != 1:
        return key
    column = reading.schema.get(normal[0]) if isinstance(normal[0], Address) else None
    if isinstance(column, Column) and is_default(key.opclass, method, str(column.type)):
        return replace(key, opclass=None)
    return key


def distinct(name: Name, taken: list[Name]) -> Name:
    """Return a name for a key of an index among those before it."""
    made, number = name, 0
    while made in taken:
        number += 1
        made = Name(f"{name}{number}")
    return made


def _is_one(part: Cursor) -> bool:
    """Whether a key of SQLite's begins with a name, a call or a parenthesis that is all of it."""
    probe = Cursor(part.statement, part.dialect, part.at, part.stop)
    if probe.symbol() != "(":
        if not probe.sees_identifier():
            return False
        probe.qualified(Kind.COLUMN)
    if probe.symbol() == "(":
        probe.inside()
    return probe.done or probe.word() in ("COLLATE", "ASC", "DESC", "NULLS")


def _ends_key(part: Cursor, stop: int) -> bool:
    """Whether what stands before `stop` says how a key is sorted."""
    last = part.tokens[stop - 1].text.upper()
    if last in ("ASC", "DESC"):
        return True
    before = part.tokens[stop - 2].text.upper() if stop - 2 > part.at else ""
    return before == "COLLATE" or (before == "NULLS" and last in ("FIRST", "LAST"))


def index_key(
    reading: Reading, part: Cursor, table: Address, relation: Relation
) -> tuple[IndexKey, Name]:
    """Take one key of an index; return it, and the name that it adds to an implicit one."""
    descending, nulls, collation, length = False, None, None, None
    opclass: str | None = None
    column: Address | None = None
    sqlite_rules.must_be_repeatable(reading, part)
    if reading.dialect.name == "sqlite" and not _is_one(part):
        stop = part.stop
        while _ends_key(part, stop):
            stop -= 1 if part.tokens[stop - 1].text.upper() in ("ASC", "DESC") else 2
        inner = Cursor(part.statement, part.dialect, part.at, stop)
        name = _expression_name(inner)
        expression = reading.expression(inner, relation)
        part.at = stop
    elif part.symbol() == "(":
        inner = part.inside()
        name = _expression_name(inner)
        collation, inner = _collated(reading, inner)
        expression = _lasting(reading, inner, relation)
        only = expression.normal[0] if len(expression.normal) == 1 else None
        if reading.dialect.name == "mysql" and isinstance(only, Address):
            raise NotAllowed(f"a key of an expression is {only} alone", table)
        if collation is not None and isinstance(only, Address):
            column = only
    elif part.sees_identifier() and part.symbol(1) != "(" and part.symbol(1) != ".":
        if reading.dialect.name == "mysql" and part.word(1) == "WITHOUT":
            raise NotUnderstood("keys over periods are not understood")
        named = part.identifier()
        at = table.child(Kind.COLUMN, named[0])
        quoted = reading.dialect.name == "sqlite" and named[1].text.startswith('"')
        if quoted and at not in reading.schema:
            raise NotUnderstood(f"{named[1].text} is a string where it is no column")
        column = reading.column(table, named)
        expression, name = Expression((column,), (column,)), named[0]
    elif part.sees_identifier() and _is_length(part):
        named = part.identifier()
        column = reading.column(table, named)
        expression, name = Expression((column,), (column,)), named[0]
        length = _prefix(reading, column, part)
    else:
        start = part.at
        first = part.identifier()[0]
        while part.take_symbol("."):
            first = part.identifier()[0]
        part.inside()
        call = Cursor(part.statement, part.dialect, start, part.at)
        name = first if reading.dialect.name != "postgres" else _expression_name(call)
        expression = _lasting(reading, call, relation)
    while not part.done:
        if part.take("COLLATE"):
            collation = _collation(reading, part.qualified())
        elif part.take("ASC"):
            continue
        elif part.take("DESC"):
            descending = True
        elif part.take("NULLS"):
            nulls = part.one_of("FIRST", "LAST").lower() or None
        elif reading.dialect.name == "postgres" and part.sees_identifier() and opclass is None:
            opclass = str(part.qualified()[-1][0])
            if part.symbol() == "(":
                opclass = _with_parameters(opclass, part.inside())
        else:
            raise part.refuse()
    if nulls == ("first" if descending else "last"):
        nulls = None
    if collation is not None and reading.dialect.name == "sqlite":
        collation = collation.lower()
    if column is not None and collation is not None:
        own = reading.schema.at(column)
        held = own.collation if isinstance(own, Column) else None
        plain = {"postgres": "default", "sqlite": "binary"}.get(reading.dialect.name)
        if collation == (held or plain):
            collation = None
    return IndexKey(expression, descending, nulls, collation, opclass, length), name


def _lasting(reading: Reading, inner: Cursor, relation: Relation) -> Expression:
    said = Cursor(inner.statement, inner.dialect, inner.at, inner.stop)
    must_be_of_one_row(reading, said, "an index")
    expression = reading.expression(inner, relation)
    must_be_lasting(reading, said, expression, "an index")
    return expression


def _collated(reading: Reading, inner: Cursor) -> tuple[str | None, Cursor]:
    """Return the collation that a key in parentheses ends with, and what is before it: PostgreSQL
    keeps it beside the key."""
    depth, last = 0, None
    for at in range(inner.at, inner.stop):
        text = inner.tokens[at].text
        depth += (text in "([") - (text in ")]")
        if depth == 0 and text.upper() == "COLLATE":
            last = at
    if reading.dialect.name != "postgres" or last is None:
        return None, inner
    rest = Cursor(inner.statement, inner.dialect, last + 1, inner.stop)
    parts = rest.qualified()
    before = Cursor(inner.statement, inner.dialect, inner.at, last)
    if not rest.done or not _is_whole(before):
        return None, inner
    return _collation(reading, parts), before


def _is_whole(cursor: Cursor) -> bool:
    """Whether what is there is a name, a call or a parenthesis, and nothing else."""
    here = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    if here.sees_identifier():
        here.qualified()
    if here.symbol() == "(":
        here.inside()
    return here.at > cursor.at and here.done


def _collation(reading: Reading, parts: list[Named]) -> str:
    own = None
    if reading.dialect.name == "postgres":
        own = reading.find(tuple(part for part, _ in parts), (Kind.COLLATION,))
    return parts[-1][0].spelling if own is None else ".".join(own.path)


def _with_parameters(opclass: str, inner: Cursor) -> str:
    given = storage_options(inner)
    said = ", ".join(f"{key}='{value}'" for key, value in given.items())
    return f"{opclass}({said})"


def _is_length(part: Cursor) -> bool:
    return (
        part.dialect == "mysql"
        and part.symbol(1) == "("
        and part.at + 3 < part.stop
        and part.tokens[part.at + 2].kind is TokenKind.NUMBER
        and part.symbol(3) == ")"
    )


def _expression_name(inner: Cursor) -> Name:
    """Return the name that PostgreSQL gives an expression key (FigureIndexColname, parse_target.c):
    that of the function called, of the column cast, or `expr`; MySQL has one for all."""
    from schemaops.sql.binding.naming import key_name

    if inner.dialect != "postgres":
        return Name("functional_index" if inner.dialect == "mysql" else "expr")
    return key_name(Cursor(inner.statement, inner.dialect, inner.at, inner.stop).text())


def drop_index(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP INDEX."""
    if cursor.take("CONCURRENTLY"):
        reading.masks.add("CONCURRENTLY")
    guarded = cursor.take("IF", "EXISTS")
    if guarded:
        reading.masks.add("IF EXISTS")
    named = [cursor.qualified(Kind.INDEX)]
    if reading.dialect.index_in_table:
        cursor.need("ON")
        table = reading.table(cursor.qualified())
        mysql_options(cursor, {})
        cursor.end()
        drop_key(reading, table, named[0][-1], guarded=guarded)
        return
    while cursor.take_symbol(","):
        named.append(cursor.qualified(Kind.INDEX))
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    for parts in named:
        at = reading.find(tuple(name for name, _ in parts), (Kind.INDEX,))
        if at is None:
            if guarded:
                continue
            raise MissingObject(Address(Kind.INDEX, reading.path(parts)))
        reading.mention_path(parts, at)
        index = reading.schema.at(at)
        if exclusions.is_exclusion(index):
            raise NotAllowed(f"index {at} is that of a constraint", at)
        first = len(reading.operations)
        dropping.drop_index(reading, at, cascade=cascade)
        if isinstance(index, Index) and reading.partitioned(index.table):
            partitions.pass_down(reading, index.table, first)


def alter_index(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER INDEX."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified(Kind.INDEX)
    at = reading.find(tuple(name for name, _ in parts), (Kind.INDEX,))
    if at is None:
        at = _constraint_index(reading, parts)
    if at is None:
        if guarded:
            reading.masks.add("IF EXISTS")
            cursor.at = cursor.stop
            return
        raise MissingObject(Address(Kind.INDEX, reading.path(parts)))
    reading.mention_path(parts, at)
    if cursor.take("ATTACH", "PARTITION"):
        other = cursor.qualified(Kind.INDEX)
        _attach(reading, at, _found(reading, other))
        return
    if storage.index_setting(reading, cursor, at):
        return
    cursor.need("RENAME", "TO")
    new = cursor.identifier()
    cursor.end()
    if at.name == new[0]:
        raise TakenName(at, at)
    if exclusions.is_exclusion(reading.schema.at(at)):
        exclusions.must_not_be_quoted(reading, at)
    reading.emit(Rename(at, at.sibling(new[0])))
    reading.mention(new[1], at.sibling(new[0]))


def _found(reading: Reading, parts: list[Named]) -> Address:
    at = reading.find(tuple(name for name, _ in parts), (Kind.INDEX,))
    at = _constraint_index(reading, parts) if at is None else at
    if at is None:
        raise MissingObject(Address(Kind.INDEX, reading.path(parts)))
    reading.mention_path(parts, at)
    return at


def _attach(reading: Reading, parent: Address, child: Address) -> None:
    """Emit that a partition's index belongs to that of the table above."""
    storage.settle(reading, child, {"inherited": "true"})
    above = reading.schema.at(parent)
    assert isinstance(above, Index | PrimaryKey | Unique)
    if ("invalid", "true") in above.options:
        # Complete once every partition has its own.
        table = container(above)
        assert table is not None
        lacking = [at for at in reading.below(table) if not _has_alike(reading, at, above)]
        if not lacking:
            storage.settle(reading, parent, {"invalid": None})


def _has_alike(reading: Reading, table: Address, above: Index | PrimaryKey | Unique) -> bool:
    wanted = [at.name for at in references(above) if at.kind is Kind.COLUMN]
    return any(
        [at.name for at in references(thing) if at.kind is Kind.COLUMN] == wanted
        for thing in reading.schema.contents(table)
        if isinstance(thing, Index | PrimaryKey | Unique) and ("inherited", "true") in thing.options
    )


def _constraint_index(reading: Reading, parts: list[Named]) -> Address | None:
    # The index of a constraint has its name; renaming one renames the other.
    path = reading.path(parts)
    holder = reading.schema.holder(("relation", path))
    if holder is not None and holder.kind in (Kind.PRIMARY_KEY, Kind.UNIQUE):
        return holder
    return None


def primary_name(reading: Reading, at: Address) -> Named:
    """Return the name of a table's primary key, as if it were written; raise MissingObject."""
    keys = reading.schema.parts(at, PrimaryKey)
    if not keys:
        raise MissingObject(at.child(Kind.PRIMARY_KEY, "PRIMARY"))
    # An empty token: the key is not named in the text.
    return keys[0].at.name, Token(TokenKind.WORD, "", 0)


def _implicit_check(reading: Reading, table: Address, named: Named) -> Address | None:
    """Return the check without a name of its own that MySQL calls so; raise NotUnderstood.

    The name is that of MariaDB in the schema (`docs/decisions/0005`), whose statements know it.
    """
    stem = f"{table.name}_chk_".lower()
    name = named[0].lower()
    if not name.startswith(stem) or not name[len(stem) :].isdigit():
        return None
    checks = [
        check
        for check in reading.schema.parts(table, Check)
        if not check.named or re.fullmatch(r"constraint_\d+", check.at.name)
    ]
    if not checks or int(name[len(stem) :]) > len(checks):
        return None
    if len(checks) > 1:
        raise NotUnderstood(f"which of the checks of {table} MySQL calls {named[0]} is not known")
    reading.mention(named[1], checks[0].at)
    return checks[0].at


def drop_constraint(
    reading: Reading,
    table: Address,
    named: Named,
    *kinds: Kind,
    guarded: bool,
    cascade: bool = False,
) -> None:
    """Emit the drop of a table's constraint of that name; raise MissingObject, StillNeeded."""
    if cascade:
        reading.masks.add("CASCADE")
    if guarded:
        reading.masks.add("IF EXISTS")
    found = constraints.find(reading, table, named, *kinds)
    if found is None and reading.dialect.name == "mysql":
        found = _implicit_check(reading, table, named)
    if found is None:
        if guarded:
            constraints.must_not_be_not_null(reading, table, named[0])
            return
        if reading.dialect.name == "postgres" and _drop_not_null(reading, table, named[0]):
            return
        constraints.must_not_be_not_null(reading, table)
        raise MissingObject(table.child((kinds or (Kind.CHECK,))[0], named[0]))
    dropping.drop_constraint(reading, found, cascade=cascade)


def _drop_not_null(reading: Reading, table: Address, name: Name) -> bool:
    """Emit that a column may be NULL where its constraint is dropped by the name that PostgreSQL 18
    gives it; return whether it is one."""
    held = {at for key in reading.schema.parts(table, PrimaryKey) for at in key.columns}
    for column in reading.schema.columns(table):
        if column.nullable or column.at in held or column.identity is not None:
            continue
        own = column.not_null_name or f"{table.name}_{column.at.name}_not_null"
        if name == own:
            constraints.column_with(reading, column.at, nullable=True)
            return True
    return False


def drop_key(reading: Reading, table: Address, named: Named, *, guarded: bool) -> None:
    """Emit the drop of a MySQL key, unique or not; raise MissingObject, StillNeeded."""
    if guarded:
        reading.masks.add("IF EXISTS")
    if named[0].upper() == "PRIMARY":
        drop_constraint(reading, table, primary_name(reading, table), guarded=guarded)
        return
    unique = table.child(Kind.UNIQUE, named[0])
    if unique in reading.schema:
        drop_constraint(reading, table, named, Kind.UNIQUE, guarded=guarded)
        return
    at = table.child(Kind.INDEX, named[0])
    if at not in reading.schema:
        if guarded:
            return
        raise MissingObject(at)
    reading.mention(named[1], at)
    dropping.drop_index(reading, at)
