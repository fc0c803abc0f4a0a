"""Objects of PostgreSQL's kinds that are seldom used: read, made, changed, dropped.

Each kind has a reader in a module of its own, which the interpreter and the observer share: what an author
writes and what the catalogue shows come to one definition. Names are looked up through `Names`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.expressions import Expression, Piece, Pieces
from schemaops.schema.objects import Extension, Sundry, references
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql import types
from schemaops.sql.binding.coercion import is_function
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.lexer import Token
from schemaops.sql.names import quote
from schemaops.sql.reading import Named, Reading
from schemaops.sql.scope import NotUnderstood, Relation, Resolver, Scope
from schemaops.sql.signatures import is_pseudo, without_length
from schemaops.sql.split import split
from schemaops.sql.unread import merged

__all__ = [
    "Names",
    "change",
    "defined",
    "drop",
    "expression_of",
    "guarded",
    "make",
    "must_not_be_spoken_of",
    "of_reading",
    "plain",
    "renames_or_moves",
    "settings",
    "statements",
]


# Functions of the server that nobody calls by name, but to make aggregates and operators of.
_INTERNAL = words(
    """
    int2pl int4pl int8pl float4pl float8pl numeric_add int4larger int4smaller int8larger int8smaller
    float8larger float8smaller numeric_larger numeric_smaller text_larger text_smaller date_larger
    date_smaller timestamptz_larger timestamptz_smaller interval_pl int4mul int8mul float8mul numeric_mul
    booland_statefunc boolor_statefunc array_agg_transfn array_agg_finalfn string_agg_transfn
    string_agg_finalfn int4_sum int8_avg_accum numeric_accum numeric_avg float8_accum float8_avg
    int4eq int4ne int4lt int4gt texteq textne textcat eqsel neqsel eqjoinsel neqjoinsel scalarltsel
    scalargtsel scalarltjoinsel scalargtjoinsel contsel contjoinsel likesel likejoinsel areasel areajoinsel
    postgresql_fdw_validator
    """
)


@dataclass(frozen=True, slots=True)
class Names:
    """Where the names in a definition are looked up.

    `place` says where a new object stands, `note` takes what a token names, `own` finds an object of
    these kinds, `brought` says how one of an extension is called. What the catalogue shows is
    `there`: a name that nothing has is then that of an extension's object.
    """

    resolver: Resolver
    place: Callable[[list[Named]], tuple[Name, ...]]
    note: Callable[[Token, Address], None]
    own: Callable[[tuple[Name, ...], Kind], Address | None]
    brought: Callable[[Name], str | None] = lambda _name: None
    there: bool = False

    @property
    def scope(self) -> Scope:
        """The scope of the texts in a definition."""
        return Scope(self.resolver)

    def relation(self, parts: list[Named]) -> Relation:
        """Return an existing table or view; raise MissingObject."""
        found = self.resolver.relation(tuple(name for name, _ in parts))
        if found is None:
            raise MissingObject(Address(Kind.TABLE, self.place(parts)))
        self.note(parts[-1][1], found.at)
        if len(parts) > 1:
            self.note(parts[-2][1], Address(Kind.SCHEMA, found.at.path[:1]))
        return found

    def function(self, parts: list[Named]) -> Pieces:
        """Return a function's name; raise NotUnderstood."""
        names = tuple(name for name, _ in parts)
        found = self.resolver.function(names)
        if found is not None:
            self.note(parts[-1][1], found.at)
            return (found.at,)
        bare = names[1:] if names[0] == "pg_catalog" else names
        text = ".".join(quote(name, "postgres") for name in bare)
        of_server = len(bare) == 1 and (is_function(bare[0]) or bare[0] in _INTERNAL)
        if self.there or names[0] == "pg_catalog" or of_server:
            return (text,)
        raise NotUnderstood(f"whether there is a function {text} is not known")

    def type(self, cursor: Cursor) -> Pieces:
        """Take the rest of a cursor as a type, and return it without its length."""
        text = cursor.text()
        found = cursor.tokens[cursor.at : cursor.stop]
        cursor.at = cursor.stop
        plain_text = text.lower().removeprefix("pg_catalog.")
        if is_pseudo(plain_text):
            return (plain_text,)
        kind = types.column_type(text, "postgres", self.scope)
        if types.is_unknown(kind) and not self.there:
            raise NotUnderstood(f"type {text} is not known")
        for at in kind.addresses():
            named = next((t for t in reversed(found) if t.text.strip('"') == at.name), None)
            if named is not None:
                self.note(named, at)
        return without_length(kind).normal


def of_reading(reading: Reading) -> Names:
    """Return the names as a statement's are looked up."""

    def brought(name: Name) -> str | None:
        thing = reading.schema.get(Address(Kind.EXTENSION, (name,)))
        if name != "unaccent" or not isinstance(thing, Extension):
            return None
        return f"{quote(dict(thing.options).get('schema', 'public'), 'postgres')}.unaccent"

    return Names(
        reading.scope().resolver,
        reading.path,
        reading.mention,
        lambda names, kind: reading.find(names, (kind,)),
        brought,
    )


def expression_of(*pieces: Piece | Pieces) -> Expression:
    """Return a definition made of pieces, or of several in a row."""
    flat: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, tuple):
            flat += piece
        else:
            flat.append(piece)
    found = merged(flat)
    return Expression(found, found)


def defined(at: Address, *pieces: Piece | Pieces) -> Sundry:
    """Return an object and what makes it, of pieces."""
    return Sundry(at, expression_of(*pieces))


def plain(at: Address, text: str, on: Iterable[Address]) -> Sundry:
    """Return an object of which the catalogue's text is all that is known."""
    return Sundry(at, Expression.plain(text), tuple(on))


def settings(cursor: Cursor) -> dict[str, Cursor]:
    """Take `(name = value, …)`; return the values by name in lower case, empty for a bare name."""
    found: dict[str, Cursor] = {}
    for part in cursor.inside().parts():
        name = str(part.identifier()[0]).lower()
        if not part.done:
            part.need_symbol("=")
        if name in found:
            raise NotUnderstood(f"{name} is said twice")
        found[name] = part
    return found


def statements(text: str) -> list[Cursor]:
    """Return cursors over the statements of a definition."""
    return [Cursor(one, "postgres") for one in split(text, "postgres")]


def make(reading: Reading, thing: Sundry, *, instead: bool = False, skip: bool = False) -> None:
    """Emit an object, unless there is one and that is to be left (`skip`) or changed (`instead`)."""
    before = reading.schema.get(thing.at)
    if before is None:
        reading.emit(Create(thing))
        return
    if skip:
        return
    if not instead:
        raise TakenName(thing.at, thing.at)
    reading.masks.add("OR REPLACE")
    change(reading, thing.at, thing.definition)


def change(reading: Reading, at: Address, definition: Expression) -> None:
    """Emit that an object has another definition."""
    before = reading.schema.at(at)
    assert isinstance(before, Sundry)
    if before.unread:
        raise NotUnderstood(f"{at.kind} {at} is not understood")
    if before.definition != definition:
        reading.emit(Alter(at, "definition", before.definition, definition))


def guarded(reading: Reading, cursor: Cursor, *words: str) -> bool:
    """Take IF [NOT] EXISTS, and note it."""
    if not cursor.take(*words):
        return False
    reading.masks.add(" ".join(words))
    return True


def drop(reading: Reading, at: Address, *, cascade: bool = False) -> None:
    """Emit the drop of an object with all that goes with it; raise StillNeeded."""
    from schemaops.sql.dropping import drop_routine

    must_not_be_spoken_of(reading, at)
    drop_routine(reading, at, cascade=cascade)


# What others name in their texts, where no hole is.
_SPOKEN = frozenset(
    {
        Kind.OPERATOR,
        Kind.COLLATION,
        Kind.TEXT_SEARCH_CONFIGURATION,
        Kind.TEXT_SEARCH_DICTIONARY,
    }
)


def must_not_be_spoken_of(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where the text of another object may name this one."""
    if at.kind not in _SPOKEN:
        return
    name = re.escape(str(at.bare))
    spoken = re.compile(name if at.kind is Kind.OPERATOR else rf"\b{name}\b")
    for thing in reading.schema:
        by_name = at in set(references(thing)) or thing.at == at
        if not by_name and spoken.search(repr(thing)):
            raise NotUnderstood(f"whether {thing.at.kind} {thing.at} needs {at} is not known")


def renames_or_moves(reading: Reading, cursor: Cursor, at: Address) -> bool:
    """Take RENAME TO, SET SCHEMA or OWNER TO of an object; return whether one of them came."""
    if cursor.take("OWNER", "TO"):
        cursor.identifier()
        cursor.end()
        return True
    if cursor.take("RENAME", "TO"):
        name, token = cursor.identifier()
        new = at.sibling(name)
        if at.kind is Kind.AGGREGATE:
            types_of = str(at.name)[len(at.bare) :]
            new = at.sibling(f"{name}{types_of}")
    elif cursor.take("SET", "SCHEMA"):
        name, token = cursor.identifier()
        if name != "public" and Address(Kind.SCHEMA, (name,)) not in reading.schema:
            raise MissingObject(Address(Kind.SCHEMA, (name,)))
        new = Address(at.kind, (name, *at.path[1:]))
    else:
        return False
    cursor.end()
    if (
        new == at
        and new.path[-1] == at.path[-1]
        and cursor.tokens[cursor.stop - 2].text.upper() == "SCHEMA"
    ):
        return True
    if new == at:
        raise TakenName(new, at)
    must_not_be_spoken_of(reading, at)
    reading.emit(Rename(at, new))
    moves = new.path[:-1] != at.path[:-1]
    reading.mention(token, Address(Kind.SCHEMA, new.path[:1]) if moves else new)
    return True
