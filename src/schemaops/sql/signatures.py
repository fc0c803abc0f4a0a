"""What PostgreSQL's functions take and give: parameters, their types, and the name made of them.

Types are in the catalogue's spelling without lengths, which a function does not keep; a type of the
schema is a hole. `Signature` finds the function that a statement names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind, Name, signed, type_spelling
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Parameter, Routine, Sundry, Unmodelled
from schemaops.schema.state import MissingObject
from schemaops.sql import types
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood

__all__ = [
    "SETOF",
    "existing",
    "is_pseudo",
    "named_routine",
    "parameters",
    "read_type",
    "set_of",
    "signature",
    "without_length",
]

SETOF = "SETOF "
_MODES = {"IN": "in", "OUT": "out", "INOUT": "inout", "VARIADIC": "variadic"}
_TAKEN = ("in", "inout", "variadic")
# What stands for a type in a function's signature alone.
_PSEUDO = words(
    """
    anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray
    anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange cstring event_trigger
    fdw_handler index_am_handler internal language_handler pg_ddl_command record table_am_handler
    trigger tsm_handler void
    """
)


def is_pseudo(text: str) -> bool:
    """Whether a word stands for a type in signatures alone."""
    return text in _PSEUDO or text == '"any"'


def parameters(reading: Reading, cursor: Cursor) -> tuple[Parameter, ...]:
    """Take `(mode name type DEFAULT value, …)`; return what it says."""
    return tuple(_parameter(reading, part) for part in cursor.inside().parts())


def _parameter(reading: Reading, part: Cursor) -> Parameter:
    mode = _mode(part)
    end = _default(part)
    kind = Cursor(part.statement, part.dialect, part.at, end)
    name = None
    if not mode and kind.at + 1 < kind.stop and kind.word(1) in _MODES:
        name = str(kind.identifier()[0])
        mode = _mode(kind)
    elif _extent(kind) != kind.stop:
        name = str(kind.identifier()[0])
        mode = mode or _mode(kind)
    type_ = read_type(reading, kind)
    kind.end()
    default = None
    part.at = end
    if not part.done:
        part.at += 1
        default = reading.expression(part, None, type_)
    return Parameter(type_, name or None, mode or "in", default)


def _mode(cursor: Cursor) -> str:
    word = cursor.one_of(*_MODES)
    if word == "IN" and cursor.take("OUT"):
        word = "INOUT"
    return _MODES.get(word, "")


def _default(part: Cursor) -> int:
    """Return where DEFAULT or `=` stands, or the end."""
    return next(
        (
            place
            for place in range(part.at, part.stop)
            if part.tokens[place].text == "="
            or (
                part.tokens[place].kind is TokenKind.WORD
                and part.tokens[place].text.upper() == "DEFAULT"
            )
        ),
        part.stop,
    )


def _extent(cursor: Cursor) -> int:
    """Return where the type ends that begins here."""
    end = cursor.at + 1
    while end + 1 < cursor.stop and cursor.tokens[end].text == ".":
        end += 2
    if end + 1 < cursor.stop and cursor.tokens[end].text == "%":
        return end + 2
    found = cursor.tokens[cursor.at : cursor.stop]
    return cursor.at + types.type_extent(found, 0, "postgres")


def read_type(reading: Reading, cursor: Cursor) -> Expression:
    """Take a type, SETOF before it perhaps; return it without a length."""
    prefix = SETOF if cursor.take("SETOF") else ""
    if cursor.done:
        raise cursor.refuse()
    part = Cursor(cursor.statement, cursor.dialect, cursor.at, _extent(cursor))
    cursor.at = part.stop
    if part.stop - part.at > 2 and part.tokens[part.stop - 2].text == "%":
        found = without_length(_type_of_column(reading, part))
        return set_of(found) if prefix else found
    last = part.tokens[part.stop - 1].text.lower()
    alone = part.stop - part.at == 1 or (part.stop - part.at == 3 and part.word() == "PG_CATALOG")
    if alone and (last in _PSEUDO or last == '"any"'):
        return Expression.plain(prefix + last)
    word = part.word()
    if part.stop - part.at == 1 and word.startswith("PG_") and not types.is_built_in(word.lower()):
        names = (Name(word.lower()),)
        if reading.find(names, (Kind.TABLE, Kind.VIEW, Kind.ENUM)) is None:
            return Expression.plain(prefix + word.lower())
    found = without_length(reading.type(part))
    return set_of(found) if prefix else found


def set_of(kind: Expression) -> Expression:
    """Return the type of a set of values of a type."""
    first = kind.normal[0]
    if isinstance(first, str):
        return Expression((SETOF + first, *kind.normal[1:]))
    return Expression((SETOF, *kind.normal))


def without_length(found: Expression) -> Expression:
    """Return a type without its length, precision or fields, as signatures show it."""
    name = types.parsed(found, "postgres")
    base = name.base
    if isinstance(base, str):
        base = {"bpchar": "character", '"bit"': "bit"}.get(base, base)
        if base.startswith("interval "):
            base = "interval"
        if types.is_unknown(found) and "." in base and not base.startswith("information_schema."):
            base = base.rpartition(".")[2]
    return Expression(replace(name, base=base, arguments=()).pieces())


def _type_of_column(reading: Reading, part: Cursor) -> Expression:
    parts = Cursor(part.statement, part.dialect, part.at, part.stop - 2).qualified()
    table = reading.find(tuple(name for name, _ in parts[:-1]), (Kind.TABLE,))
    if table is None:
        raise NotUnderstood("a column's type is asked for that is not known")
    reading.mention_path(parts[:-1], table)
    return reading.schema.column(reading.column(table, parts[-1])).type


def signature(kinds: Iterable[Expression]) -> tuple[str, ...]:
    """Return types as a function's name shows them."""
    return tuple(
        "".join(piece if isinstance(piece, str) else type_spelling(piece) for piece in kind.normal)
        for kind in kinds
    )


def named_routine(name: Name, found: Iterable[Parameter]) -> Name:
    """Return a function's name with the types of what it takes."""
    return signed(name, signature(one.type for one in found if one.mode in _TAKEN))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A function as a statement names it, with the types that it says."""

    parts: list[Named]
    taken: tuple[str, ...] | None
    every: tuple[str, ...] | None


def existing(reading: Reading, cursor: Cursor, kinds: tuple[Kind, ...]) -> Address | None:
    """Take `name [(types)]`; return the function's address, None where there is none.

    Raise NotUnderstood where one is meant that has no type of its own.
    """
    parts = cursor.qualified()
    said: tuple[Parameter, ...] | None = None
    if cursor.symbol() == "(":
        try:
            said = parameters(reading, cursor)
        except MissingObject:
            return None
    wanted = _Wanted(parts, None, None)
    if said is not None:
        taken = signature(one.type for one in said if one.mode in _TAKEN)
        wanted = _Wanted(parts, taken, signature(one.type for one in said))
    found = _found(reading, wanted, kinds)
    if found is not None:
        reading.mention(parts[-1][1], found)
        if len(parts) > 1:
            reading.mention(parts[-2][1], Address(Kind.SCHEMA, found.path[:1]))
    return found


def _found(reading: Reading, wanted: _Wanted, kinds: tuple[Kind, ...]) -> Address | None:
    names = tuple(name for name, _ in wanted.parts)
    paths = [names[-2:]] if len(names) > 1 else [(s, names[0]) for s in reading.search_path]
    candidates = []
    for path in paths:
        for one in reading.overloads(Address(Kind.FUNCTION, path)):
            if wanted.taken is None or _fits(one, wanted):
                candidates.append(one)
        if candidates and wanted.taken is not None:
            break
    if not candidates:
        return None
    if any(isinstance(one, Unmodelled) for one in candidates):
        raise NotUnderstood(f"{names[-1]} is of a kind that is not understood")
    fitting = [one for one in candidates if one.at.kind in kinds]
    if len({_types_of(one.at) for one in fitting}) > 1:
        raise NotAllowed(f"there is more than one function {names[-1]}")
    if not fitting:
        raise NotAllowed(f"{candidates[0].at} is a {candidates[0].at.kind}", candidates[0].at)
    return fitting[0].at


def _fits(one: Routine | Sundry | Unmodelled, wanted: _Wanted) -> bool:
    if _types_of(one.at) == wanted.taken:
        return True
    if not isinstance(one, Routine) or one.at.kind is not Kind.PROCEDURE:
        return False
    # Without modes a procedure's types may be those that it gives as well.
    return signature(p.type for p in one.parameters) == wanted.every


def _types_of(at: Address) -> tuple[str, ...]:
    inside = at.name.rpartition("(")[2].rstrip(")")
    return tuple(inside.split(", ")) if inside else ()
