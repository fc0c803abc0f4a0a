"""Recognise PostgreSQL's aggregates, operators and casts: what functions are called by."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name, signed
from schemaops.schema.expressions import Expression, Piece, Pieces
from schemaops.schema.objects import Sundry
from schemaops.schema.state import MissingObject
from schemaops.sql import sundry
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.signatures import signature
from schemaops.sql.strings import string_literal
from schemaops.sql.sundry import Names

__all__ = [
    "aggregate",
    "alter_aggregate",
    "alter_operator",
    "cast",
    "create_aggregate",
    "create_cast",
    "create_operator",
    "drop_aggregate",
    "drop_cast",
    "drop_operator",
    "named_aggregate",
    "named_cast",
    "named_operator",
    "operator",
]

_FUNCTIONS = [
    "sfunc",
    "finalfunc",
    "combinefunc",
    "serialfunc",
    "deserialfunc",
    "msfunc",
    "minvfunc",
    "mfinalfunc",
]
_ORDER = (
    *("sfunc", "stype", "sspace", "finalfunc", "finalfunc_extra", "combinefunc", "serialfunc"),
    *("deserialfunc", "initcond", "msfunc", "minvfunc", "mstype", "mfinalfunc", "minitcond"),
    *("sortop", "parallel", "hypothetical"),
)


def _types(names: Names, inner: Cursor) -> list[Pieces]:
    """Take the types of what an aggregate takes; return them."""
    found: list[Pieces] = []
    for part in inner.parts():
        if part.symbol() == "*":
            part.at += 1
            part.end()
            continue
        if part.word() in ("VARIADIC", "ORDER", "OUT", "INOUT"):
            raise part.refuse()
        part.take("IN")
        start = part.at
        try:
            found.append(names.type(part))
        except NotUnderstood:
            part.at = start + 1  # behind a name
            found.append(names.type(part))
    return found


def _listed(kinds: list[Pieces]) -> Pieces:
    pieces: list[Piece] = []
    for place, kind in enumerate(kinds):
        pieces += [", ", *kind] if place else kind
    return tuple(pieces) if kinds else ("*",)


def _signed(path: tuple[Name, ...], kinds: list[Pieces]) -> tuple[Name, ...]:
    return (*path[:-1], signed(path[-1], signature(Expression(kind) for kind in kinds)))


def aggregate(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE AGGREGATE."""
    parts = cursor.qualified()
    if any(token.text.upper() == "ORDER" for token in cursor.tokens):
        raise NotUnderstood("an aggregate of ordered rows")
    kinds = _types(names, cursor.inside())
    at = Address(Kind.AGGREGATE, _signed(names.place(parts), kinds))
    names.note(parts[-1][1], at)
    given = sundry.settings(cursor)
    cursor.end()
    if "basetype" in given or not {"sfunc", "stype"} <= given.keys():
        raise NotUnderstood("an aggregate in the old spelling")
    said: list[Piece] = []
    for key in _ORDER:
        value = given.pop(key, None)
        if value is not None:
            pieces = _of_aggregate(names, key, value)
            value.end()
            if pieces is not None:
                said += [", " if said else "", f"{key.upper()}", *pieces]
    if given:
        raise NotUnderstood(f"{min(given)} of an aggregate is not understood")
    return sundry.defined(at, "CREATE AGGREGATE ", at, "(", _listed(kinds), ") (", tuple(said), ")")


def _of_aggregate(names: Names, key: str, value: Cursor) -> Pieces | None:
    if key in _FUNCTIONS:
        return (" = ", *names.function(value.qualified()))
    if key in ("stype", "mstype"):
        return (" = ", *names.type(value))
    if key in ("initcond", "minitcond"):
        token = value.token
        text = value.string() if token is not None and token.text[0] in "'eE" else value.text()
        value.at = value.stop
        return (f" = {string_literal(text, 'postgres')}",)
    if key == "parallel":
        how = value.text().lower().strip('"')
        value.at = value.stop
        return None if how == "unsafe" else (f" = {how}",)
    if key in ("finalfunc_extra", "hypothetical"):
        how = value.text().lower() or "true"
        value.at = value.stop
        return None if how == "false" else (" = true",) if key == "finalfunc_extra" else ()
    if key == "sspace":
        return (f" = {value.number()}",)
    raise NotUnderstood(f"{key} of an aggregate is not understood")


def create_aggregate(reading: Reading, cursor: Cursor, *, instead: bool = False) -> None:
    """Take what follows CREATE [OR REPLACE] AGGREGATE."""
    made = aggregate(sundry.of_reading(reading), cursor)
    family = made.at.family
    if family is not None and made.at not in reading.schema and reading.schema.referrers(family):
        raise NotUnderstood(f"which of the functions {family} is called is not understood")
    sundry.make(reading, made, instead=instead)


def named_aggregate(reading: Reading, cursor: Cursor) -> Address | None:
    """Take `name (types)`; return the aggregate's address, None where there is none."""
    parts = cursor.qualified()
    kinds = _types(sundry.of_reading(reading), cursor.inside())
    for path in reading.paths(tuple(name for name, _ in parts)):
        at = Address(Kind.AGGREGATE, _signed(path, kinds))
        if at in reading.schema:
            reading.mention(parts[-1][1], at)
            return at
    return None


def alter_aggregate(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER AGGREGATE."""
    at = named_aggregate(reading, cursor)
    if at is None or not sundry.renames_or_moves(reading, cursor, at):
        raise cursor.refuse()


def drop_aggregate(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP AGGREGATE."""
    guarded = sundry.guarded(reading, cursor, "IF", "EXISTS")
    found = [named_aggregate(reading, cursor)]
    while cursor.take_symbol(","):
        found.append(named_aggregate(reading, cursor))
    _drop(reading, cursor, found, guarded=guarded)


def _drop(reading: Reading, cursor: Cursor, found: list[Address | None], *, guarded: bool) -> None:
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if cascade:
        reading.masks.add("CASCADE")
    for at in found:
        if at is not None:
            sundry.drop(reading, at, cascade=cascade)
        elif not guarded:
            raise NotUnderstood("what is dropped is not known")


# -- operators


def _symbol(cursor: Cursor) -> tuple[tuple[Name, ...], str]:
    """Take `schema.operator`; return the schema, if written, and the operator."""
    space: tuple[Name, ...] = ()
    if cursor.sees_identifier():
        space = (cursor.identifier()[0],)
        cursor.need_symbol(".")
    text = ""
    end = None
    while cursor.token is not None and cursor.symbol() not in ("", "(", ")", ",", "."):
        token = cursor.token
        if end is not None and token.start != end:
            break
        text += token.text
        end = token.end
        cursor.at += 1
    if not text:
        raise cursor.refuse()
    return space, text


def _operator_at(path: tuple[Name, ...], left: Pieces, right: Pieces) -> Address:
    return Address(Kind.OPERATOR, _signed(path, [left, right]))


def operator(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE OPERATOR."""
    space, text = _symbol(cursor)
    name = (Name(text), cursor.tokens[cursor.at - 1])
    path = names.place([*((one, name[1]) for one in space), name])
    given = sundry.settings(cursor)
    cursor.end()
    if "procedure" in given:
        given["function"] = given.pop("procedure")
    sides: dict[str, Pieces] = {}
    for side in ("leftarg", "rightarg"):
        value = given.pop(side, None)
        sides[side] = ("NONE",) if value is None else names.type(value)
    at = _operator_at(path, sides["leftarg"], sides["rightarg"])
    function = given.pop("function", None)
    if function is None:
        raise NotAllowed(f"operator {at} has no function", at)
    said: list[Piece] = ["FUNCTION = ", *names.function(function.qualified())]
    for side, kind in sides.items():
        said += [] if kind == ("NONE",) else [f", {side.upper()} = ", *kind]
    other = given.pop("commutator", None)
    if other is not None:
        _must_be_itself(other, at, sides)
        said += [", COMMUTATOR = OPERATOR(", at, ")"]
    for key in ("restrict", "join"):
        value = given.pop(key, None)
        if value is not None:
            said += [f", {key.upper()} = ", *names.function(value.qualified())]
    for flag in ("merges", "hashes"):
        if flag in given:
            said.append(f", {flag.upper()}")
            given.pop(flag)
    if given:
        raise NotUnderstood(f"{min(given)} of an operator is not understood")
    return sundry.defined(at, "CREATE OPERATOR ", at, " (", tuple(said), ")")


def _must_be_itself(cursor: Cursor, at: Address, sides: dict[str, Pieces]) -> None:
    """Raise NotUnderstood for another operator, which is made where there is none."""
    inner = cursor
    if cursor.take("OPERATOR"):
        inner = cursor.inside()
    if _symbol(inner)[1] != at.bare or sides["leftarg"] != sides["rightarg"]:
        raise NotUnderstood("another operator may come with it")


def create_operator(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE OPERATOR."""
    sundry.make(reading, operator(sundry.of_reading(reading), cursor))


def named_operator(reading: Reading, cursor: Cursor) -> Address | None:
    """Take `operator (left, right)`; return the operator's address, None where there is none."""
    space, text = _symbol(cursor)
    inner = cursor.inside().parts()
    names = sundry.of_reading(reading)
    kinds = [("NONE",) if part.word() == "NONE" else names.type(part) for part in inner]
    if len(kinds) != 2:
        raise cursor.refuse()
    for path in reading.paths((*space, Name(text))):
        at = _operator_at(path, kinds[0], kinds[1])
        if at in reading.schema:
            return at
    return None


def alter_operator(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER OPERATOR."""
    at = named_operator(reading, cursor)
    if at is None or not sundry.renames_or_moves(reading, cursor, at):
        raise cursor.refuse()


def drop_operator(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP OPERATOR."""
    guarded = sundry.guarded(reading, cursor, "IF", "EXISTS")
    at = named_operator(reading, cursor)
    _drop(reading, cursor, [at], guarded=guarded)


# -- casts


def _cast_at(names: Names, inner: Cursor) -> tuple[Address, Pieces]:
    source = inner.until("AS")
    kind = names.type(source)
    inner.need("AS")
    target = names.type(inner)
    both = signature(Expression(one) for one in (kind, target))
    at = Address(Kind.CAST, (Name(" AS ".join(both)),))
    return at, ("(", *kind, " AS ", *target, ")")


def cast(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE CAST."""
    at, types = _cast_at(names, cursor.inside())
    how: list[Piece] = []
    if cursor.take("WITH", "FUNCTION"):
        how += [" WITH FUNCTION ", *names.function(cursor.qualified())]
        if cursor.symbol() != "(":
            raise cursor.refuse()
        how += ["(", *_listed(_types(names, cursor.inside())), ")"]
    elif cursor.take("WITH", "INOUT"):
        how.append(" WITH INOUT")
    else:
        cursor.need("WITHOUT", "FUNCTION")
        how.append(" WITHOUT FUNCTION")
    if cursor.take("AS"):
        word = cursor.one_of("ASSIGNMENT", "IMPLICIT")
        if not word:
            raise cursor.refuse()
        how.append(f" AS {word}")
    cursor.end()
    return sundry.defined(at, "CREATE CAST ", types, tuple(how))


def named_cast(reading: Reading, cursor: Cursor) -> Address:
    """Take `(a AS b)`; return the address of the cast."""
    return _cast_at(sundry.of_reading(reading), cursor.inside())[0]


def create_cast(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE CAST."""
    sundry.make(reading, cast(sundry.of_reading(reading), cursor))


def drop_cast(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP CAST."""
    guarded = sundry.guarded(reading, cursor, "IF", "EXISTS")
    at, _ = _cast_at(sundry.of_reading(reading), cursor.inside())
    if at not in reading.schema and not guarded:
        raise MissingObject(at)
    _drop(reading, cursor, [at if at in reading.schema else None], guarded=guarded)
