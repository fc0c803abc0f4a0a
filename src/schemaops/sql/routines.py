"""Recognise CREATE, ALTER and DROP of functions and procedures in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schemaops.names import Address, Kind, Name, signed
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Extension, Options, Parameter, Routine, Sundry, Unmodelled
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql import dropping, grants
from schemaops.sql.binding.postgres_functions import is_of_server
from schemaops.sql.bodies import words_of
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.lexer import TokenKind
from schemaops.sql.names import quote
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.signatures import SETOF, existing, named_routine, parameters, read_type, set_of
from schemaops.sql.standard_bodies import read_body
from schemaops.sql.strings import string_value

__all__ = [
    "NAME_LISTS",
    "alter_function",
    "alter_procedure",
    "alter_routine",
    "commented",
    "create_function",
    "create_procedure",
    "drop_function",
    "drop_procedure",
    "drop_routine",
    "hindrance",
    "plain_number",
]

_VOLATILITIES = ("IMMUTABLE", "STABLE", "VOLATILE")
_GIVEN = ("out", "inout", "table")
# Settings whose value is a list of names (GUC_LIST_QUOTE), and of words.
NAME_LISTS = words(
    """
    local_preload_libraries search_path session_preload_libraries shared_preload_libraries
    temp_tablespaces unix_socket_directories
    """
)
_FUNCTION_FACTS = ("parameters", "returns", "language", "body", "options", "tree")


def plain_number(text: str) -> str:
    """Return a number as it is compared: `1e2`, `100` and `100.0` are one."""
    value = float(text)
    return str(int(value)) if value == int(value) else repr(value)


@dataclass
class _Clauses:
    """What the clauses of a function have said so far."""

    returns: Expression | None = None
    table: tuple[Parameter, ...] = ()
    language: str | None = None
    body: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    # Where a body begins that stands in the statement itself.
    tree: Cursor | None = None


def create_function(reading: Reading, cursor: Cursor, *, instead: bool = False) -> None:
    """Take what follows CREATE [OR REPLACE] FUNCTION."""
    _create(reading, cursor, Kind.FUNCTION, instead=instead)


def create_procedure(reading: Reading, cursor: Cursor, *, instead: bool = False) -> None:
    """Take what follows CREATE [OR REPLACE] PROCEDURE."""
    _create(reading, cursor, Kind.PROCEDURE, instead=instead)


def _create(reading: Reading, cursor: Cursor, kind: Kind, *, instead: bool) -> None:
    parts = cursor.qualified()
    taken = parameters(reading, cursor)
    said = _Clauses()
    while not cursor.done:
        _clause(reading, cursor, said, kind)
    every = (*taken, *said.table)
    path = reading.path(parts)
    at = Address(kind, (*path[:-1], named_routine(path[-1], every)))
    reading.mention_path(parts, at)
    if instead:
        reading.masks.add("OR REPLACE")
    routine = _routine(at, every, said, cursor)
    if said.tree is not None:
        routine = replace(routine, tree=_tree(reading, said.tree, parts[-1][0], every))
    if any(
        isinstance(one, Sundry | Unmodelled) and _alike(one.at, at)
        for one in _same_name(reading, at)
    ):
        raise NotUnderstood(f"{at} is of a kind that is not understood")
    other = _other_kind(at)
    if other in reading.schema:
        if instead:
            raise NotAllowed(f"{at} is a {other.kind}", at)
        raise TakenName(at, other)
    before = reading.schema.get(at)
    if before is None or not instead:
        _must_not_shade(reading, at)
        reading.emit(Create(routine))
        return
    assert isinstance(before, Routine)
    why = hindrance(before, routine)
    if why is not None:
        raise NotAllowed(why, at)
    for fact in _FUNCTION_FACTS:
        old, new = getattr(before, fact), getattr(routine, fact)
        if old != new:
            reading.emit(Alter(at, fact, old, new))


def _same_name(reading: Reading, at: Address) -> list[Routine | Sundry | Unmodelled]:
    family = at.family
    return [] if family is None else reading.overloads(family)


def _must_not_shade(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where calls are read anew once there is another function of the name."""
    family = at.family
    named = _same_name(reading, at)
    if family is not None and named and len(reading.schema.referrers(family)) > len(named):
        raise NotUnderstood(f"which of the functions {family} is called is not understood")


def _alike(one: Address, other: Address) -> bool:
    return one.name.rpartition("(")[2] == other.name.rpartition("(")[2]


def _other_kind(at: Address) -> Address:
    kind = Kind.PROCEDURE if at.kind is Kind.FUNCTION else Kind.FUNCTION
    return Address(kind, at.path)


def _routine(at: Address, every: tuple[Parameter, ...], said: _Clauses, cursor: Cursor) -> Routine:
    if said.tree is not None:
        if said.body is not None or said.language not in (None, "sql"):
            raise cursor.refuse()
        said.language, said.body = "sql", ""
    if said.body is None or said.language is None:
        raise cursor.refuse()
    options = said.options
    if options.get("cost") == _usual_cost(said.language):
        del options["cost"]
    returns = None
    if at.kind is Kind.FUNCTION:
        returns = _returns(at, every, said)
        if str(returns) in ("trigger", "event_trigger") and every:
            raise NotAllowed(f"trigger function {at} cannot have parameters", at)
        many = str(returns.normal[0]).startswith(SETOF)
        if options.get("rows") == "1000" or ("rows" in options and not many):
            del options["rows"]
    return Routine(at, every, returns, said.language, said.body, tuple(sorted(options.items())))


def _tree(reading: Reading, cursor: Cursor, name: Name, every: tuple[Parameter, ...]) -> Expression:
    """Return a body that stands in the statement; raise NotUnderstood where that is not all known."""
    taken = tuple(
        (one.name, reading.base_type(one.type))
        for one in every
        if one.mode in ("in", "inout", "variadic")
    )
    scope = replace(reading.scope(), called=name, taken=taken)
    start, text = cursor.start, cursor.text()
    read = read_body(text, scope)
    if read.problems or not (read.understood and read.spelled):
        raise NotUnderstood("what is kept of the body is not known")
    reading.noted(read.mentions, (), start)
    return read.expression


def _usual_cost(language: str) -> str:
    return "1" if language in ("c", "internal") else "100"


def _returns(at: Address, every: tuple[Parameter, ...], said: _Clauses) -> Expression:
    given = [one.type for one in every if one.mode in _GIVEN]
    if not given:
        if said.returns is None:
            raise NotAllowed(f"what {at} returns is not said", at)
        return said.returns
    made = given[0] if len(given) == 1 else Expression.plain("record")
    if said.table:
        return set_of(made)
    if said.returns is None:
        return made
    if said.returns not in (made, set_of(made)):
        raise NotAllowed(f"{at} returns what its parameters do not give", at)
    return said.returns


def hindrance(before: Routine, after: Routine) -> str | None:
    """Return why CREATE OR REPLACE cannot make one routine the other: callers rely on it."""
    at = before.at
    if before.returns != after.returns or _shape(before) != _shape(after):
        return f"CREATE OR REPLACE cannot change what {at} returns"
    old = [one for one in before.parameters if one.mode not in ("out", "table")]
    new = [one for one in after.parameters if one.mode not in ("out", "table")]
    for was, now in zip(old, new, strict=True):
        if was.name is not None and was.name != now.name:
            return f"CREATE OR REPLACE cannot rename parameter {was.name} of {at}"
        if was.default is not None and now.default is None:
            return f"CREATE OR REPLACE cannot take a default from {at}"
    return None


def _shape(routine: Routine) -> tuple[tuple[str | None, Expression], ...]:
    given = [one for one in routine.parameters if one.mode in _GIVEN]
    # One value that is given is not called by its parameter's name.
    return tuple((one.name, one.type) for one in given) if len(given) > 1 else ()


# -- clauses


def _clause(reading: Reading, cursor: Cursor, said: _Clauses, kind: Kind) -> None:
    if _common_clause(cursor, said.options):
        return
    if cursor.take("RETURNS"):
        if kind is not Kind.FUNCTION:
            raise cursor.refuse()
        if cursor.take("TABLE"):
            found = parameters(reading, cursor)
            said.table = tuple(replace(one, mode="table") for one in found)
        elif cursor.take("NULL", "ON", "NULL", "INPUT"):
            said.options["strict"] = "true"
        else:
            said.returns = read_type(reading, cursor)
    elif cursor.take("LANGUAGE"):
        said.language = _language(cursor)
    elif cursor.take("WINDOW"):
        said.options["window"] = "true"
    elif cursor.sees("RETURN") or cursor.sees("BEGIN", "ATOMIC"):
        said.tree = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
        if cursor.word() == "BEGIN" and cursor.tokens[cursor.stop - 1].text.upper() != "END":
            raise cursor.refuse()
        cursor.at = cursor.stop
    elif cursor.take("AS"):
        said.body = _text(cursor)
        if cursor.take_symbol(","):
            said.options["object file"] = said.body
            said.body = _text(cursor)
    else:
        raise cursor.refuse()


def _text(cursor: Cursor) -> str:
    token = cursor.token
    if token is None or token.kind is not TokenKind.STRING:
        raise cursor.refuse()
    cursor.at += 1
    following = cursor.token
    if following is not None and following.kind is TokenKind.STRING:
        raise cursor.refuse()
    if token.text[0] in "bBxX":
        raise cursor.refuse()
    return string_value(token.text, "postgres")


def _language(cursor: Cursor) -> str:
    token = cursor.token
    if token is not None and token.kind is TokenKind.STRING:
        return _text(cursor).lower()
    return str(cursor.identifier()[0])


def _common_clause(cursor: Cursor, options: dict[str, str]) -> bool:
    """Take a clause that CREATE and ALTER share; whether there was one."""
    volatility = cursor.one_of(*_VOLATILITIES)
    if volatility:
        _set(options, "volatility", volatility.lower() if volatility != "VOLATILE" else None)
    elif cursor.take("STRICT"):
        options["strict"] = "true"
    elif cursor.take("CALLED", "ON", "NULL", "INPUT"):
        _set(options, "strict", None)
    elif cursor.take("LEAKPROOF"):
        options["leakproof"] = "true"
    elif cursor.take("NOT", "LEAKPROOF"):
        _set(options, "leakproof", None)
    elif cursor.take("EXTERNAL", "SECURITY") or cursor.take("SECURITY"):
        if not cursor.sees("DEFINER") and not cursor.sees("INVOKER"):
            raise cursor.refuse()
        definer = cursor.one_of("DEFINER", "INVOKER") == "DEFINER"
        _set(options, "security definer", "true" if definer else None)
    elif cursor.take("PARALLEL"):
        word = str(cursor.identifier()[0])
        if word not in ("safe", "restricted", "unsafe"):
            raise cursor.refuse()
        _set(options, "parallel", word if word != "unsafe" else None)
    elif word := cursor.one_of("COST", "ROWS").lower():
        options[word] = plain_number(cursor.number())
    elif cursor.take("SET"):
        name, value = _setting(cursor)
        _set(options, f"set {name}", value)
    else:
        return False
    return True


def _set(options: dict[str, str], key: str, value: str | None) -> None:
    if value is None:
        options.pop(key, None)
    else:
        options[key] = value


def _setting(cursor: Cursor) -> tuple[str, str | None]:
    """Take `name TO value, …`; return the name, and the value as the server keeps it."""
    parts = cursor.qualified()
    name = ".".join(str(part).lower() for part, _ in parts)
    if not (cursor.take("TO") or cursor.take_symbol("=")):
        raise cursor.refuse()
    if cursor.take("DEFAULT"):
        return name, None
    values = [_value(cursor)]
    while cursor.take_symbol(","):
        values.append(_value(cursor))
    if name in NAME_LISTS:
        return name, ", ".join(quote(value, "postgres") for value in values)
    if len(values) > 1 and name != "datestyle":
        raise cursor.refuse()
    return name, ", ".join(values)


def _value(cursor: Cursor) -> str:
    token = cursor.token
    if token is None:
        raise cursor.refuse()
    if token.kind is TokenKind.STRING:
        return _text(cursor)
    if token.kind is TokenKind.NUMBER or token.text in ("-", "+"):
        number = cursor.number()
        if not number.lstrip("-").isdigit():
            return number
        return str(int(number))
    return str(cursor.identifier()[0])


# -- changes


def alter_function(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER FUNCTION."""
    _alter(reading, cursor, (Kind.FUNCTION,))


def alter_procedure(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER PROCEDURE."""
    _alter(reading, cursor, (Kind.PROCEDURE,))


def alter_routine(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER ROUTINE."""
    _alter(reading, cursor, (Kind.FUNCTION, Kind.PROCEDURE))


def _alter(reading: Reading, cursor: Cursor, kinds: tuple[Kind, ...]) -> None:
    named = _named(cursor)
    at = existing(reading, cursor, kinds)
    if at is None:
        raise _absent(reading, named, kinds[0])
    if cursor.take("RENAME", "TO"):
        new = cursor.identifier()
        cursor.end()
        routine = reading.schema.at(at)
        if isinstance(routine, Routine) and routine.tree is not None:
            if at.bare in words_of(routine.tree.text(str), "postgres"):
                raise NotUnderstood(f"the body of {at} speaks of it by its name")
        _move(reading, at, Address(at.kind, (*at.path[:-1], _renamed(at, new[0]))), new)
    elif cursor.sees("SET", "SCHEMA") and _is_name(cursor, 2):
        cursor.at += 2
        space = cursor.identifier()
        cursor.end()
        if space[0] != at.path[0]:
            _move(reading, at, Address(at.kind, (space[0], at.name)), None)
        reading.mention(space[1], Address(Kind.SCHEMA, (space[0],)))
    elif cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        cursor.end()
    elif cursor.sees("DEPENDS") or cursor.sees("NO", "DEPENDS"):
        cursor.take("NO")
        cursor.need("DEPENDS", "ON", "EXTENSION")
        cursor.identifier()
        cursor.end()
    else:
        _alter_options(reading, cursor, at)


def _is_name(cursor: Cursor, ahead: int) -> bool:
    place = cursor.at + ahead
    return place < cursor.stop and cursor.tokens[place].kind in (TokenKind.WORD, TokenKind.QUOTED)


def _named(cursor: Cursor) -> list[Named]:
    return Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop).qualified()


def _absent(reading: Reading, named: list[Named], kind: Kind) -> MissingObject | NotUnderstood:
    """Return the error for a function that is not there; an extension may have brought it."""
    path = reading.path(named)
    if path[0] in ("pg_catalog", "information_schema") or is_of_server(path[-1]):
        return NotUnderstood(f"{path[-1]} is the server's")
    if _has_extensions(reading):
        return NotUnderstood(f"{path[-1]} may be of an extension")
    return MissingObject(Address(kind, path))


def _has_extensions(reading: Reading) -> bool:
    return any(isinstance(one, Extension) for one in reading.schema.of_kind(Kind.EXTENSION))


def _renamed(at: Address, name: Name) -> Name:
    return signed(name, at.signature or ())


def _move(reading: Reading, at: Address, new: Address, named: Named | None) -> None:
    for one in (at, new):
        family = one.family
        assert family is not None
        alone = [other for other in reading.overloads(family) if other.at != at]
        if alone and len(reading.schema.referrers(family)) > len(alone) + (one == at):
            raise NotUnderstood(f"which of the functions {family} is called is not understood")
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Unmodelled) and thing.what not in ("comment", "grant"):
            raise NotUnderstood(f"what becomes of {thing.what} {thing.at} is not understood")
    if _other_kind(new) in reading.schema:
        raise TakenName(new, _other_kind(new))
    reading.emit(Rename(at, new))
    if named is not None:
        reading.mention(named[1], new)


def _alter_options(reading: Reading, cursor: Cursor, at: Address) -> None:
    routine = reading.schema.at(at)
    assert isinstance(routine, Routine)
    options = dict(routine.options)
    said = False
    while not cursor.done:
        if cursor.take("RESTRICT") and said:
            break
        if cursor.take("RETURNS", "NULL", "ON", "NULL", "INPUT"):
            options["strict"] = "true"
        elif cursor.take("RESET", "ALL"):
            options = {key: value for key, value in options.items() if key[:4] != "set "}
        elif cursor.take("RESET"):
            name = ".".join(str(part).lower() for part, _ in cursor.qualified())
            options.pop(f"set {name}", None)
        elif not _common_clause(cursor, options):
            raise cursor.refuse()
        said = True
    cursor.end()
    if options.get("cost") == _usual_cost(routine.language):
        del options["cost"]
    if options.get("rows") == "1000":
        del options["rows"]
    after: Options = tuple(sorted(options.items()))
    if after != routine.options:
        reading.emit(Alter(at, "options", routine.options, after))


def commented(reading: Reading, cursor: Cursor) -> Address | None:
    """Take a kind and name of a routine behind COMMENT ON; None where it is of another kind."""
    word = cursor.one_of("FUNCTION", "PROCEDURE", "ROUTINE")
    if not word:
        return None
    named = _named(cursor)
    kinds = (Kind.FUNCTION, Kind.PROCEDURE) if word == "ROUTINE" else (Kind[word],)
    at = existing(reading, cursor, kinds)
    if at is None:
        raise _absent(reading, named, kinds[0])
    return at


# -- removal


def drop_function(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP FUNCTION."""
    _drop(reading, cursor, (Kind.FUNCTION,))


def drop_procedure(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP PROCEDURE."""
    _drop(reading, cursor, (Kind.PROCEDURE,))


def drop_routine(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP ROUTINE."""
    _drop(reading, cursor, (Kind.FUNCTION, Kind.PROCEDURE))


def _drop(reading: Reading, cursor: Cursor, kinds: tuple[Kind, ...]) -> None:
    guarded = cursor.take("IF", "EXISTS")
    if guarded:
        reading.masks.add("IF EXISTS")
    found: list[tuple[Address | None, list[Named]]] = []
    while True:
        named = _named(cursor)
        found.append((existing(reading, cursor, kinds), named))
        if not cursor.take_symbol(","):
            break
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if cascade:
        reading.masks.add("CASCADE")
    for at, named in found:
        if at is not None:
            if at in reading.schema:
                dropping.drop_routine(reading, at, cascade=cascade)
        elif not guarded:
            raise _absent(reading, named, kinds[0])
