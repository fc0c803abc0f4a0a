"""Recognise PostgreSQL's text search configurations and dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemaops.names import Address, Kind
from schemaops.schema.expressions import Piece, Pieces
from schemaops.schema.objects import Sundry
from schemaops.schema.state import MissingObject
from schemaops.sql import dropping, sundry
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.names import quote
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_literal
from schemaops.sql.sundry import Names

__all__ = [
    "alter_configuration",
    "alter_dictionary",
    "configuration",
    "create_configuration",
    "create_dictionary",
    "dictionary",
    "drop_configuration",
    "drop_dictionary",
]

_LANGUAGES = words(
    """
    arabic armenian basque catalan danish dutch english estonian finnish french german greek hindi
    hungarian indonesian irish italian lithuanian nepali norwegian portuguese romanian russian serbian
    spanish swedish tamil turkish yiddish
    """
)
_TEMPLATES = words("simple snowball synonym thesaurus ispell")
# The kinds of token of the parser `default`: of ASCII letters, of letters, and others that are mapped.
_ASCII = ("asciihword", "asciiword", "hword_asciipart")
_LETTERS = ("hword", "hword_part", "word")
_PLAIN = words(
    "email file float host hword_numpart int numhword numword sfloat uint url url_path version"
)
_TOKENS = frozenset({*_ASCII, *_LETTERS, *_PLAIN, *words("protocol tag entity blank")})
# Those whose words in ASCII letters are taken for English.
_NOT_LATIN = ("hindi", "russian")


@dataclass(frozen=True, slots=True)
class _Said:
    """A configuration: by kind of token the dictionaries that are asked, one after another."""

    at: Address
    mapped: dict[str, tuple[Pieces, ...]]


def _dictionary_named(names: Names, cursor: Cursor) -> Pieces:
    parts = cursor.qualified()
    path = tuple(name for name, _ in parts)
    own = names.own(path, Kind.TEXT_SEARCH_DICTIONARY)
    if own is not None:
        names.note(parts[-1][1], own)
        return (own,)
    bare = path[1:] if path[0] == "pg_catalog" else path
    text = ".".join(quote(name, "postgres") for name in bare)
    if names.there or text == "simple" or text.removesuffix("_stem") in _LANGUAGES:
        return (text,)
    brought = names.brought(path[-1])
    if brought is None:
        raise NotUnderstood(f"whether there is a dictionary {text} is not known")
    return (brought,)


def _dictionaries(names: Names, cursor: Cursor) -> tuple[Pieces, ...]:
    found = [_dictionary_named(names, cursor)]
    while cursor.take_symbol(","):
        found.append(_dictionary_named(names, cursor))
    return tuple(found)


def _tokens(cursor: Cursor) -> list[str]:
    found = []
    while True:
        name = str(cursor.identifier()[0])
        if name not in _TOKENS:
            raise NotAllowed(f"there is no kind of token {name}")
        found.append(name)
        if not cursor.take_symbol(","):
            return found


def _built_in(language: str) -> dict[str, tuple[Pieces, ...]] | None:
    if language != "simple" and language not in _LANGUAGES:
        return None
    own = "simple" if language == "simple" else f"{language}_stem"
    ascii_ = "english_stem" if language in _NOT_LATIN else own
    found: dict[str, tuple[Pieces, ...]] = dict.fromkeys(_PLAIN, (("simple",),))
    found |= dict.fromkeys(_LETTERS, ((own,),))
    return found | dict.fromkeys(_ASCII, ((ascii_,),))


def configuration(names: Names, found: list[Cursor]) -> Sundry:
    """Return what the statements that make a configuration come to, the first from behind its kind."""
    said = _created(names, found[0], None)
    for cursor in found[1:]:
        cursor.need("ALTER", "TEXT", "SEARCH", "CONFIGURATION")
        cursor.qualified()
        said = _changed(names, cursor, said)
    return _made(said)


def _created(names: Names, cursor: Cursor, reading: Reading | None) -> _Said:
    parts = cursor.qualified()
    at = Address(Kind.TEXT_SEARCH_CONFIGURATION, names.place(parts))
    names.note(parts[-1][1], at)
    given = sundry.settings(cursor)
    cursor.end()
    if given.keys() == {"parser"}:
        parser = given["parser"].qualified()
        if str(parser[-1][0]) != "default":
            raise NotUnderstood("a parser of its own")
        return _Said(at, {})
    if given.keys() != {"copy"} or reading is None:
        raise NotUnderstood("a configuration that is made of nothing")
    source = given["copy"].qualified()
    path = tuple(name for name, _ in source)
    own = names.own(path, at.kind)
    mapped = _known(reading, own).mapped if own else _built_in(str(path[-1]))
    if mapped is None or (len(path) > 1 and not own and path[0] != "pg_catalog"):
        raise NotUnderstood("what the other configuration is like is not known")
    return _Said(at, dict(mapped))


def _changed(names: Names, cursor: Cursor, said: _Said) -> _Said:
    mapped = dict(said.mapped)
    verb = cursor.one_of("ADD", "ALTER", "DROP")
    if not verb:
        raise cursor.refuse()
    cursor.need("MAPPING")
    guarded = verb == "DROP" and cursor.take("IF", "EXISTS")
    kinds = _tokens(cursor) if cursor.take("FOR") else None
    if verb == "DROP":
        for kind in kinds or ():
            if mapped.pop(kind, None) is None and not guarded:
                raise NotAllowed(f"{kind} is not mapped by {said.at}", said.at)
    elif verb == "ALTER" and cursor.take("REPLACE"):
        old = _dictionary_named(names, cursor)
        cursor.need("WITH")
        new = _dictionary_named(names, cursor)
        for kind in kinds or list(mapped):
            if kind in mapped:
                mapped[kind] = tuple(new if one == old else one for one in mapped[kind])
    else:
        if kinds is None:
            raise cursor.refuse()
        cursor.need("WITH")
        asked = _dictionaries(names, cursor)
        for kind in kinds:
            if verb == "ADD" and kind in mapped:
                raise NotAllowed(f"{kind} is mapped by {said.at} already", said.at)
            mapped[kind] = asked
    cursor.end()
    return _Said(said.at, mapped)


def _made(said: _Said) -> Sundry:
    head: tuple[Piece, ...] = ("TEXT SEARCH CONFIGURATION ", said.at)
    pieces: list[Piece] = ["CREATE ", *head, ' (PARSER = pg_catalog."default")']
    for kind, asked in sorted(said.mapped.items()):
        pieces += ["; ALTER ", *head, f" ADD MAPPING FOR {kind} WITH "]
        for place, one in enumerate(asked):
            pieces += [", ", *one] if place else one
    return sundry.defined(said.at, tuple(pieces))


def _known(reading: Reading, at: Address) -> _Said:
    thing = reading.schema.at(at)
    assert isinstance(thing, Sundry)
    if thing.on:
        raise NotUnderstood(f"{at.kind} {at} is not understood")
    names = replace(sundry.of_reading(reading), note=lambda _token, _at: None, there=True)
    found = sundry.statements(thing.definition.text(_spelled))
    found[0].need("CREATE", "TEXT", "SEARCH", "CONFIGURATION")
    said = _created(names, found[0], reading)
    for cursor in found[1:]:
        cursor.need("ALTER", "TEXT", "SEARCH", "CONFIGURATION")
        cursor.qualified()
        said = _changed(names, cursor, said)
    return said


def _spelled(at: Address) -> str:
    return ".".join(quote(name, "postgres") for name in at.path)


def create_configuration(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE TEXT SEARCH CONFIGURATION."""
    sundry.make(reading, _made(_created(sundry.of_reading(reading), cursor, reading)))


def alter_configuration(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER TEXT SEARCH CONFIGURATION."""
    at = _existing(reading, cursor, Kind.TEXT_SEARCH_CONFIGURATION)
    if sundry.renames_or_moves(reading, cursor, at):
        return
    said = _changed(sundry.of_reading(reading), cursor, _known(reading, at))
    sundry.change(reading, at, _made(said).definition)


def _existing(reading: Reading, cursor: Cursor, kind: Kind) -> Address:
    parts = cursor.qualified()
    at = reading.find(tuple(name for name, _ in parts), (kind,))
    if at is None:
        raise cursor.refuse()  # one of the server's own
    reading.mention_path(parts, at)
    return at


def dictionary(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE TEXT SEARCH DICTIONARY."""
    parts = cursor.qualified()
    at = Address(Kind.TEXT_SEARCH_DICTIONARY, names.place(parts))
    names.note(parts[-1][1], at)
    given = sundry.settings(cursor)
    cursor.end()
    template = given.pop("template", None)
    if template is None:
        raise NotAllowed(f"dictionary {at} has no template", at)
    path = [str(name) for name, _ in template.qualified()]
    if path[-1] not in _TEMPLATES or (len(path) > 1 and path[0] != "pg_catalog"):
        raise NotUnderstood("a template that is not the server's own")
    return _defined(at, path[-1], {key: _value(part) for key, part in given.items()})


def _defined(at: Address, template: str, options: dict[str, str]) -> Sundry:
    said = "".join(
        f", {key} = {string_literal(value, 'postgres')}" for key, value in sorted(options.items())
    )
    text = f" (TEMPLATE = pg_catalog.{template}{said})"
    return sundry.defined(at, "CREATE TEXT SEARCH DICTIONARY ", at, text)


def _value(part: Cursor) -> str:
    token = part.token
    if token is not None and "'" in token.text:
        value = part.string()
    else:
        value = part.text().strip('"').lower()
        part.at = part.stop
    part.end()
    return value


def create_dictionary(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE TEXT SEARCH DICTIONARY."""
    sundry.make(reading, dictionary(sundry.of_reading(reading), cursor))


def alter_dictionary(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER TEXT SEARCH DICTIONARY."""
    at = _existing(reading, cursor, Kind.TEXT_SEARCH_DICTIONARY)
    if not sundry.renames_or_moves(reading, cursor, at):
        raise cursor.refuse()


def _drop(reading: Reading, cursor: Cursor, kind: Kind) -> None:
    named, guarded, cascade = dropping.clause(reading, cursor)
    for parts in named:
        at = reading.find(tuple(name for name, _ in parts), (kind,))
        if at is not None:
            reading.mention_path(parts, at)
            sundry.drop(reading, at, cascade=cascade)
        elif not guarded:
            raise MissingObject(Address(kind, reading.path(parts)))


def drop_configuration(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP TEXT SEARCH CONFIGURATION."""
    _drop(reading, cursor, Kind.TEXT_SEARCH_CONFIGURATION)


def drop_dictionary(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP TEXT SEARCH DICTIONARY."""
    _drop(reading, cursor, Kind.TEXT_SEARCH_DICTIONARY)
