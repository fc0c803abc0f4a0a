"""Interpret: follow statements over a schema without a database.

Each statement becomes a group of operations, or a fault that says why the database would refuse it. A
statement that is not understood becomes an opaque operation, with the effect that was observed or
declared for it where one is given; it is never ignored and never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from schemaops.errors import Place, SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.operations import Opaque, Operation
from schemaops.operations.group import Group
from schemaops.schema.objects import Unmodelled
from schemaops.schema.state import MissingObject, Schema
from schemaops.sql import (
    blocks,
    comments,
    domains,
    enums,
    grants,
    indexes,
    late,
    mysql_rules,
    mysql_statements,
    policies,
    routines,
    rows,
    seldom,
    sequences,
    session,
    spaces,
    sqlite_statements,
    statistics,
    storage,
    tables,
    triggers,
    views,
    witness,
)
from schemaops.sql.cursor import Cursor
from schemaops.sql.dialects import Dialect
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.hints import spread
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Reading
from schemaops.sql.reserved import must_be_names
from schemaops.sql.scope import NotUnderstood, UnknownColumn, UnknownFunction, UnknownRelation
from schemaops.sql.split import Statement, split
from schemaops.sql.upkeep import nothing, upkeep

__all__ = [
    "Effect",
    "Fault",
    "Interpretation",
    "Interpreter",
    "UnknownStatement",
    "UnparsableSql",
    "interpret",
]


class UnknownStatement(SchemaOpsError):
    """The text does not begin like any statement of the dialect.

    Look for a misspelled keyword, or a semicolon missing before it.
    """

    code = "SO203"


class UnparsableSql(SchemaOpsError):
    """A statement is no SQL that any reader here can make out.

    The message names the place where reading stopped; mend the text there. If the database does run
    it, please report it with the statement: then the reader is wrong.
    """

    code = "SO204"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an opaque statement does: operations, and how that is known."""

    operations: tuple[Operation, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the database would refuse a statement."""

    error: SchemaOpsError
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a script comes to: a group a statement, the schema after it, and every fault.

    A faulty statement has no group and no effect on the schema.
    """

    groups: tuple[Group, ...]
    after: Schema
    faults: tuple[Fault, ...] = ()

    @property
    def blind(self) -> bool:
        """Whether the effect of some statement is unknown."""
        return any(group.unknown for group in self.groups)

    @property
    def opaque(self) -> tuple[Group, ...]:
        """The groups that were not understood."""
        return tuple(group for group in self.groups if group.opaque)


Effects = Mapping[str, Effect]


def interpret(
    text: str | Iterable[Statement],
    before: Schema | None = None,
    dialect: str | None = None,
    effects: Effects | None = None,
    file: str = "-",
    search_path: tuple[str, ...] = (),
    *,
    blind: bool = False,
) -> Interpretation:
    """Return what the statements of `text` come to over `before` (the empty schema where it is None).
    They are given as a text, or as those that it was split into.

    `effects` holds, by a statement's text, what it does where that is not to be read. `blind` says that
    something of unknown effect made `before`, so that what seems missing from it may be there.
    """
    if before is None:
        assert dialect is not None
        before = Schema.empty(dialect_named(dialect).name)
    interpreter = Interpreter(before, effects, search_path, blind=blind)
    split_up = split(text, before.dialect, file=file) if isinstance(text, str) else text
    for statement in split_up:
        interpreter.read(statement, file)
    return interpreter.interpretation()


_ABSENT = (MissingObject, UnknownColumn, UnknownFunction, UnknownRelation)


class Interpreter:
    """Reads statements one after another; what a session sets is remembered between them."""

    def __init__(
        self,
        before: Schema,
        effects: Effects | None = None,
        search_path: tuple[str, ...] = (),
        *,
        blind: bool = False,
    ) -> None:
        self._blind = blind
        self._hidden = False
        self._dialect = dialect_named(before.dialect)
        if search_path:
            before = replace(before, search_path=search_path)
        path = tuple(map(Name, before.search_path))
        path = path or tuple(filter(None, (self._dialect.default_schema,)))
        self._reading = Reading(before, self._dialect, path)
        self._effects = effects or {}
        self._groups: list[Group] = []
        self._faults: list[Fault] = []

    @property
    def schema(self) -> Schema:
        """The schema after what was read so far."""
        return self._reading.schema

    def continue_from(self, schema: Schema) -> None:
        """Read on over another schema: that of a database, where what was read is not all."""
        self._reading.schema = schema
        self._blind = self._hidden

    def interpretation(self) -> Interpretation:
        """Return what was read so far."""
        return Interpretation(tuple(self._groups), self.schema, tuple(self._faults))

    def read(self, statement: Statement, file: str = "-") -> Group | Fault:
        """Return the group of the next statement, or its fault."""
        place = Place(file, statement.line)
        reading = self._reading
        before = reading.schema
        reading.begin()
        reading.blind = self._blind
        why: str | None = None
        try:
            self._refuse_known(statement)
            must_be_names(statement, self._dialect.name)
            _recognise(reading, spread(statement))
            if self._dialect.binds_views_late:
                late.rebind(reading, before)
            if self._dialect.name == "mysql":
                mysql_rules.must_stand(reading)
        except NotUnderstood as error:
            reading.schema = before
            reading.begin()
            why = error.message
        except SchemaOpsError as error:
            reading.schema = before
            if self._blind and isinstance(error, _ABSENT):
                # What it names may be the work of an earlier statement whose effect nobody knows.
                reading.begin()
                why = f"it follows a statement of unknown effect: {error.message}"
            elif (other := _unmodelled(before, error)) is not None:
                reading.begin()
                why = f"{other.what} {other.at.name} is not understood"
            else:
                error.place = error.place or place
                return self._faulty(Fault(error, place, statement.text))
        if why is not None:
            known = self._effects.get(statement.text)
            effect = None if known is None else known.operations
            how = "unknown" if known is None else known.how
            if known is None and not _is_statement(statement, self._dialect):
                said = f"`{statement.text[:40]}` is no statement of {self._dialect.name}"
                nonsense = UnknownStatement(said, place=place)
                return self._faulty(Fault(nonsense, place, statement.text))
            if known is None:
                wrong = witness.objection(statement.text, self._dialect.name)
                if wrong is not None:
                    unparsable = UnparsableSql(
                        f"the statement does not parse: {wrong}", place=place
                    )
                    return self._faulty(Fault(unparsable, place, statement.text))
            # What is temporary stands in no catalogue, and so in no effect that was observed.
            self._hidden = self._hidden or _is_temporary(statement)
            self._blind = self._blind or known is None or self._hidden
            try:
                reading.emit(Opaque(statement.text, effect, how))
            except SchemaOpsError as failed:
                reading.schema = before
                failed.place = place
                return self._faulty(Fault(failed, place, statement.text))
        group = Group(
            statement.text,
            place,
            tuple(reading.operations),
            tuple(dict.fromkeys(reading.mentions)),
            frozenset(reading.masks),
            why,
        )
        if reading.marks and statement.tokens[0].text.upper() not in ("ROLLBACK", "ABORT"):
            reading.past.append((before, group.operations))
        self._groups.append(group)
        return group

    def _refuse_known(self, statement: Statement) -> None:
        # What was seen or declared of a statement stands before what is read from it.
        if statement.text in self._effects:
            raise NotUnderstood("its effect is written down")

    def _faulty(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault


def _is_temporary(statement: Statement) -> bool:
    words = [token.text.upper() for token in statement.tokens[:5]]
    return words[:1] == ["CREATE"] and not {"TEMP", "TEMPORARY"}.isdisjoint(words)


_UNMODELLED = (
    "sequence",
    "table",
    "view",
    "index",
    "trigger",
    "constraint",
    "materialized view",
    "foreign table",
    "virtual table",
)


def _unmodelled(schema: Schema, error: SchemaOpsError) -> Unmodelled | None:
    """Return what is there, though not as an object of the kind that a statement asks for."""
    if isinstance(error, MissingObject):
        for what in _UNMODELLED:
            thing = schema.get(Address(Kind.UNMODELLED, (Name(what), *error.at.path)))
            if isinstance(thing, Unmodelled):
                return thing
    return None


Recogniser = Callable[[Reading, Cursor], None]


def _recognise(reading: Reading, statement: Statement) -> None:
    if not statement.tokens:
        return
    cursor = Cursor(statement, reading.dialect.name)
    if statement.text.startswith("\\"):
        session.client_line(reading, cursor)
    if any(token.kind is TokenKind.HINT for token in statement.tokens):
        raise cursor.refuse()
    for words, recogniser in _beginning(reading.dialect.name, cursor.word()):
        if cursor.take(*words):
            recogniser(reading, cursor)
            cursor.end()
            return
    raise cursor.refuse()


@cache
def _beginning(dialect: str, word: str) -> tuple[tuple[tuple[str, ...], Recogniser], ...]:
    """Return what a dialect knows of statements that begin with this word."""
    return tuple(one for one in _STATEMENTS[dialect] if one[0][0] == word)


def _unique_index(reading: Reading, cursor: Cursor) -> None:
    indexes.create_index(reading, cursor, unique=True)


def _special_index(method: str) -> Recogniser:
    return lambda reading, cursor: indexes.create_index(reading, cursor, method=method)


def _replaced_view(reading: Reading, cursor: Cursor) -> None:
    views.create_view(reading, cursor, instead=True)


def _recursive_view(reading: Reading, cursor: Cursor) -> None:
    views.create_view(reading, cursor, recursive=True)


def _replaced_recursive_view(reading: Reading, cursor: Cursor) -> None:
    views.create_view(reading, cursor, instead=True, recursive=True)


def _temporary_recursive_view(reading: Reading, cursor: Cursor) -> None:
    views.create_temporary_view(reading, cursor, recursive=True)


def _block(reading: Reading, cursor: Cursor) -> None:
    blocks.do_block(reading, cursor, _recognise)


def _replaced_language(reading: Reading, cursor: Cursor) -> None:
    spaces.create_language(reading, cursor, instead=True)


def _replaced_function(reading: Reading, cursor: Cursor) -> None:
    routines.create_function(reading, cursor, instead=True)


def _replaced_procedure(reading: Reading, cursor: Cursor) -> None:
    routines.create_procedure(reading, cursor, instead=True)


def _replaced_trigger(reading: Reading, cursor: Cursor) -> None:
    triggers.create_trigger(reading, cursor, instead=True)


def _constraint_trigger(reading: Reading, cursor: Cursor) -> None:
    triggers.create_trigger(reading, cursor, constraint=True)


def _unlogged_sequence(reading: Reading, cursor: Cursor) -> None:
    sequences.create_sequence(reading, cursor, unlogged=True)


def _unlogged_table(reading: Reading, cursor: Cursor) -> None:
    tables.create_table(reading, cursor, unlogged=True)


def _legacy_alter_table(reading: Reading, cursor: Cursor) -> None:
    """Take the setting with which SQLite renames a table without a look at views."""
    reading.renames_blindly = bool(_switched(cursor))


def _foreign_keys(reading: Reading, cursor: Cursor) -> None:
    """Take the setting with which SQLite minds foreign keys, or the question how it stands."""
    said = _switched(cursor)
    if said is not None:
        reading.minds_foreign_keys = said


def _switched(cursor: Cursor) -> bool | None:
    """Return what a pragma is set to; None where it is asked for."""
    if cursor.done:
        return None
    inner = cursor.inside() if cursor.symbol() == "(" else cursor
    if inner is cursor:
        cursor.need_symbol("=")
    token = inner.token
    if token is None:
        raise inner.refuse()
    inner.at += 1
    inner.end()
    return token.text.strip("'\"").lower() in ("on", "1", "true", "yes")


_COMMON: tuple[tuple[tuple[str, ...], Recogniser], ...] = (
    (("CREATE", "TABLE"), tables.create_table),
    (("DROP", "TABLE"), tables.drop_table),
    (("ALTER", "TABLE"), tables.alter_table),
    (("CREATE", "UNIQUE", "INDEX"), _unique_index),
    (("CREATE", "INDEX"), indexes.create_index),
    (("DROP", "INDEX"), indexes.drop_index),
    (("CREATE", "VIEW"), views.create_view),
    (("DROP", "VIEW"), views.drop_view),
    (("INSERT",), rows.row_statement),
    (("UPDATE",), rows.row_statement),
    (("DELETE",), rows.row_statement),
    (("SELECT",), session.query),
    (("BEGIN",), session.begin),
    (("COMMIT",), session.commit),
    (("END",), session.commit),
)

# What leaves every schema as it is.
_IDLE: tuple[tuple[str, ...], ...] = (
    ("CHECKPOINT",),
    ("LISTEN",),
    ("UNLISTEN",),
    ("NOTIFY",),
    ("SHOW",),
    ("DEALLOCATE",),
    ("CLOSE",),
    ("FETCH",),
    ("MOVE",),
    ("LOAD",),
    ("ALTER", "SYSTEM"),
    *(
        ("ALTER", *words, "ALL", "IN", "TABLESPACE")
        for words in (("TABLE",), ("INDEX",), ("MATERIALIZED", "VIEW"))
    ),
)

_LANGUAGES = ((), ("TRUSTED",), ("PROCEDURAL",), ("TRUSTED", "PROCEDURAL"))

_UPKEEP = (("ANALYZE",), ("ANALYSE",), ("VACUUM",), ("REINDEX",), ("LOCK",))

_TEMPORARY = (("TEMP",), ("TEMPORARY",), ("LOCAL", "TEMP"), ("LOCAL", "TEMPORARY"))
_MAKES = (("CREATE",), ("CREATE", "OR", "REPLACE"))

_STATEMENTS: dict[str, tuple[tuple[tuple[str, ...], Recogniser], ...]] = {
    "postgres": (
        *((words, nothing) for words in _IDLE),
        *_COMMON,
        (("CREATE", "OR", "REPLACE", "VIEW"), _replaced_view),
        (("CREATE", "RECURSIVE", "VIEW"), _recursive_view),
        (("CREATE", "OR", "REPLACE", "RECURSIVE", "VIEW"), _replaced_recursive_view),
        *(
            ((*head, *words, "VIEW"), views.create_temporary_view)
            for head in _MAKES
            for words in _TEMPORARY
        ),
        *(
            ((*head, *words, "RECURSIVE", "VIEW"), _temporary_recursive_view)
            for head in _MAKES
            for words in _TEMPORARY
        ),
        (("CREATE", "UNLOGGED", "TABLE"), _unlogged_table),
        *((("CREATE", *words, "TABLE"), tables.create_temporary_table) for words in _TEMPORARY),
        (("COPY",), rows.copy),
        (("MERGE",), rows.row_statement),
        (("WITH",), rows.with_statement),
        (("CREATE", "TYPE"), enums.create_type),
        (("ALTER", "TYPE"), enums.alter_type),
        (("DROP", "TYPE"), enums.drop_type),
        (("CREATE", "DOMAIN"), domains.create_domain),
        (("ALTER", "DOMAIN"), domains.alter_domain),
        (("DROP", "DOMAIN"), domains.drop_domain),
        (("CREATE", "STATISTICS"), statistics.create_statistics),
        (("ALTER", "STATISTICS"), statistics.alter_statistics),
        (("DROP", "STATISTICS"), statistics.drop_statistics),
        (("CREATE", "POLICY"), policies.create_policy),
        (("ALTER", "POLICY"), policies.alter_policy),
        (("DROP", "POLICY"), policies.drop_policy),
        *seldom.STATEMENTS,
        (("CREATE", "SEQUENCE"), sequences.create_sequence),
        (("CREATE", "UNLOGGED", "SEQUENCE"), _unlogged_sequence),
        (("ALTER", "SEQUENCE"), sequences.alter_sequence),
        (("DROP", "SEQUENCE"), sequences.drop_sequence),
        (("ALTER", "INDEX"), indexes.alter_index),
        (("ALTER", "VIEW"), views.alter_view),
        (("CREATE", "MATERIALIZED", "VIEW"), views.create_materialized_view),
        (("ALTER", "MATERIALIZED", "VIEW"), views.alter_materialized_view),
        (("DROP", "MATERIALIZED", "VIEW"), views.drop_materialized_view),
        (("REFRESH", "MATERIALIZED", "VIEW"), views.refresh),
        (("CREATE", "SCHEMA"), spaces.create_schema),
        (("ALTER", "SCHEMA"), spaces.alter_schema),
        (("DROP", "SCHEMA"), spaces.drop_schema),
        (("CREATE", "EXTENSION"), spaces.create_extension),
        (("DROP", "EXTENSION"), spaces.drop_extension),
        (("ALTER", "EXTENSION"), spaces.alter_extension),
        *((("CREATE", *words, "LANGUAGE"), spaces.create_language) for words in _LANGUAGES),
        *(
            (("CREATE", "OR", "REPLACE", *words, "LANGUAGE"), _replaced_language)
            for words in _LANGUAGES
        ),
        (("ALTER", "DATABASE"), spaces.alter_database),
        (("CLUSTER",), storage.cluster),
        (("DO",), _block),
        (("CREATE", "FUNCTION"), routines.create_function),
        (("CREATE", "OR", "REPLACE", "FUNCTION"), _replaced_function),
        (("CREATE", "PROCEDURE"), routines.create_procedure),
        (("CREATE", "OR", "REPLACE", "PROCEDURE"), _replaced_procedure),
        (("ALTER", "FUNCTION"), routines.alter_function),
        (("ALTER", "PROCEDURE"), routines.alter_procedure),
        (("ALTER", "ROUTINE"), routines.alter_routine),
        (("DROP", "FUNCTION"), routines.drop_function),
        (("DROP", "PROCEDURE"), routines.drop_procedure),
        (("DROP", "ROUTINE"), routines.drop_routine),
        (("CREATE", "TRIGGER"), triggers.create_trigger),
        (("CREATE", "OR", "REPLACE", "TRIGGER"), _replaced_trigger),
        (("CREATE", "CONSTRAINT", "TRIGGER"), _constraint_trigger),
        (("ALTER", "TRIGGER"), triggers.alter_trigger),
        (("DROP", "TRIGGER"), triggers.drop_trigger),
        (("CREATE", "EVENT", "TRIGGER"), triggers.create_event_trigger),
        (("ALTER", "EVENT", "TRIGGER"), triggers.alter_event_trigger),
        (("DROP", "EVENT", "TRIGGER"), triggers.drop_event_trigger),
        (("COMMENT", "ON"), comments.comment),
        (("GRANT",), grants.grant),
        (("REVOKE",), grants.revoke),
        (("ALTER", "DEFAULT", "PRIVILEGES"), grants.alter_default_privileges),
        *(
            ((verb, what), grants.of_cluster)
            for verb in ("CREATE", "ALTER", "DROP")
            for what in ("ROLE", "USER", "GROUP", "TABLESPACE")
        ),
        (("REASSIGN", "OWNED"), grants.reassign_owned),
        (("SET",), session.set_session),
        (("START", "TRANSACTION"), session.begin),
        (("TRUNCATE",), rows.row_statement),
        *((words, upkeep) for words in _UPKEEP),
        (("RESET",), session.reset),
        (("DISCARD",), session.discard),
        (("EXPLAIN",), session.explain),
        (("DECLARE",), session.declare),
        (("SAVEPOINT",), session.savepoint),
        (("RELEASE",), session.release),
        (("ROLLBACK",), session.rollback),
        (("ABORT",), session.rollback),
        (("VALUES",), session.query),
        (("TABLE",), session.query),
    ),
    "mysql": (
        *mysql_statements.STATEMENTS,
        *_COMMON,
        (("RENAME", "TABLE"), tables.rename_table),
        (("RENAME", "TABLES"), tables.rename_table),
        (("DROP", "TABLES"), tables.drop_table),
        (("CREATE", "FULLTEXT", "INDEX"), _special_index("fulltext")),
        (("CREATE", "SPATIAL", "INDEX"), _special_index("spatial")),
        (("REPLACE",), rows.row_statement),
        (("TRUNCATE",), rows.row_statement),
        (("START", "TRANSACTION"), session.begin),
    ),
    "sqlite": (
        *sqlite_statements.STATEMENTS,
        *_COMMON,
        (("REPLACE",), rows.row_statement),
        (("ANALYZE",), upkeep),
        (("VACUUM",), upkeep),
        (("PRAGMA", "FOREIGN_KEYS"), _foreign_keys),
        (("SAVEPOINT",), session.savepoint),
        (("RELEASE",), session.release),
        (("ROLLBACK",), session.rollback),
        (("PRAGMA", "FOREIGN_KEY_CHECK"), nothing),
        (("PRAGMA", "LEGACY_ALTER_TABLE"), _legacy_alter_table),
        *sqlite_statements.PRAGMAS,
    ),
}

_HEADS = {
    "postgres": """ALTER ANALYZE BEGIN CALL CHECKPOINT CLOSE CLUSTER COMMENT COMMIT COPY CREATE DEALLOCATE
        DECLARE DELETE DISCARD DO DROP END EXECUTE EXPLAIN FETCH GRANT IMPORT INSERT LISTEN LOAD LOCK MERGE
        MOVE NOTIFY PREPARE REASSIGN REFRESH REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT SECURITY SELECT
        SET SHOW START TABLE TRUNCATE UNLISTEN UPDATE VACUUM VALUES WITH""",
    "mysql": """ALTER ANALYZE BEGIN BINLOG CALL CHECK CHECKSUM COMMIT CREATE DEALLOCATE DELETE DESC DESCRIBE
        DO DROP EXECUTE EXPLAIN FLUSH GRANT HANDLER HELP INSERT INSTALL KILL LOAD LOCK OPTIMIZE PREPARE
        RELEASE RENAME REPAIR REPLACE RESET REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW START TABLE TRUNCATE
        UNINSTALL UNLOCK UPDATE USE VALUES WITH XA""",
    "sqlite": """ALTER ANALYZE ATTACH BEGIN COMMIT CREATE DELETE DETACH DROP END EXPLAIN INSERT PRAGMA REINDEX
        RELEASE REPLACE ROLLBACK SAVEPOINT SELECT UPDATE VACUUM VALUES WITH""",
}
_HEAD_WORDS = {name: frozenset(text.split()) for name, text in _HEADS.items()}
_CREATED = frozenset(
    [
        "ACCESS",
        "AGGREGATE",
        "ALGORITHM",
        "CAST",
        "COLLATION",
        "CONSTRAINT",
        "CONVERSION",
        "DATABASE",
        "DEFAULT",
        "DEFINER",
        "DOMAIN",
        "EVENT",
        "EXTENSION",
        "FOREIGN",
        "FULLTEXT",
        "FUNCTION",
        "IGNORE",
        "ONLINE",
        "GLOBAL",
        "GROUP",
        "INDEX",
        "LANGUAGE",
        "LARGE",
        "LOCAL",
        "LOGFILE",
        "MATERIALIZED",
        "OPERATOR",
        "OR",
        "ONLINE",
        "PACKAGE",
        "POLICY",
        "PROCEDURAL",
        "PROCEDURE",
        "PUBLICATION",
        "RECURSIVE",
        "RESOURCE",
        "ROLE",
        "ROUTINE",
        "RULE",
        "SCHEMA",
        "SEQUENCE",
        "SERVER",
        "SPATIAL",
        "SQL",
        "STATISTICS",
        "SUBSCRIPTION",
        "SYSTEM",
        "TABLE",
        "TABLESPACE",
        "TEMP",
        "TEMPORARY",
        "TEXT",
        "TRANSFORM",
        "TRIGGER",
        "TRUSTED",
        "TYPE",
        "UNDO",
        "UNIQUE",
        "UNLOGGED",
        "USER",
        "VIEW",
        "VIRTUAL",
        "PRIVILEGES",
        "IF",
        "INSTANCE",
        "OWNED",
    ]
)


def _is_statement(statement: Statement, dialect: Dialect) -> bool:
    words = _first_words(statement)
    head = next(words, "")
    if head not in _HEAD_WORDS[dialect.name] and statement.tokens[0].kind is not TokenKind.HINT:
        return statement.tokens[0].text[0] in "(\\"
    return head not in ("CREATE", "ALTER", "DROP") or next(words, "") in _CREATED


def _first_words(statement: Statement) -> Iterator[str]:
    for token in statement.tokens[:2]:
        yield token.text.upper() if token.kind is TokenKind.WORD else ""
