"""The statements that MySQL and MariaDB alone have, or write in a way of their own."""

from __future__ import annotations

from collections.abc import Callable

from schemaops.names import Kind
from schemaops.schema.objects import View
from schemaops.sql import (
    body_triggers,
    indexes,
    mysql_accounts,
    mysql_routines,
    mysql_sequences,
    mysql_session,
    tables,
    temporary,
    views,
)
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.upkeep import nothing, upkeep

__all__ = ["STATEMENTS"]

Recogniser = Callable[[Reading, Cursor], None]


def _create(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE where something is said before what is created."""
    instead = cursor.take("OR", "REPLACE")
    options = {key: value for key, value in _said(cursor).items() if value not in _USUAL}
    if cursor.take("VIEW"):
        views.create_view(reading, cursor, instead=instead, options=options)
        return
    if cursor.take("TRIGGER"):
        body_triggers.create_trigger(reading, cursor, instead=instead)
        return
    for kind in _ROUTINES:
        if cursor.take(kind.upper()):
            mysql_routines.create_routine(reading, cursor, kind, instead=instead)
            return
    if not instead and cursor.take("EVENT"):
        mysql_routines.create_event(reading, cursor)
        return
    raise cursor.refuse()


_USUAL = ("undefined", "definer")


def _said(cursor: Cursor) -> dict[str, str]:
    """Take what may be said before VIEW; return it but for the definer, who is outside the schema."""
    said: dict[str, str] = {}
    while True:
        if cursor.take("ALGORITHM"):
            cursor.need_symbol("=")
            said["algorithm"] = cursor.one_of("UNDEFINED", "MERGE", "TEMPTABLE").lower()
        elif cursor.take("DEFINER"):
            cursor.need_symbol("=")
            _user(cursor)
        elif cursor.take("SQL", "SECURITY"):
            said["sql security"] = cursor.one_of("DEFINER", "INVOKER").lower()
        else:
            return said


_ROUTINES = (Kind.FUNCTION, Kind.PROCEDURE)


def _drop_routine(kind: Kind) -> Recogniser:
    return lambda reading, cursor: mysql_routines.drop_routine(reading, cursor, kind)


def _alter_routine(kind: Kind) -> Recogniser:
    return lambda reading, cursor: mysql_routines.alter_routine(reading, cursor, kind)


def _user(cursor: Cursor) -> None:
    """Take a user's name: definers are outside the schema."""
    token = cursor.token
    kinds = (TokenKind.WORD, TokenKind.QUOTED, TokenKind.STRING)
    if token is None or token.kind not in kinds:
        raise cursor.refuse()
    cursor.at += 1
    if cursor.symbol() == "(":
        cursor.inside().end()
        return
    host = cursor.token
    if host is not None and host.text.startswith("@"):
        # `a`@`b` is three tokens, 'a'@'b' too, a@b two.
        cursor.at += 1
        if host.text == "@":
            cursor.at += 1


def _alter_view(reading: Reading, cursor: Cursor) -> None:
    cursor.at = 0
    cursor.need("ALTER")
    said = _said(cursor)
    if not cursor.take("VIEW"):
        raise cursor.refuse()
    at = reading.existing(
        Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop).qualified(), Kind.VIEW
    )
    view = reading.schema.at(at)
    assert isinstance(view, View)
    options = {key: value for key, value in view.options if key != "check option"} | said
    options = {key: value for key, value in options.items() if value not in _USUAL}
    views.create_view(reading, cursor, instead=True, options=options)


def _replaced_table(reading: Reading, cursor: Cursor) -> None:
    probe = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    parts = probe.qualified()
    at = reading.find(tuple(name for name, _ in parts), (Kind.TABLE,))
    if at is not None:
        reading.masks.add("OR REPLACE")
        tables.drop_found(reading, (at,))
    tables.create_table(reading, cursor)


def _drop_temporary(reading: Reading, cursor: Cursor) -> None:
    guarded = cursor.take("IF", "EXISTS")
    parts = [cursor.qualified()]
    while cursor.take_symbol(","):
        parts.append(cursor.qualified())
    named = [one[-1][0] for one in parts if not temporary.drop(reading, one)]
    if not guarded and not reading.temporary.issuperset(named):
        raise NotUnderstood("it drops a temporary table that no statement here has made")
    reading.temporary.difference_update(named)


def _behind(reading: Reading, cursor: Cursor) -> None:
    cursor.at = 0
    cursor.need("CREATE")
    _create(reading, cursor)


def _replaced_view(reading: Reading, cursor: Cursor) -> None:
    views.create_view(reading, cursor, instead=True)


def _replaced_sequence(reading: Reading, cursor: Cursor) -> None:
    mysql_sequences.create_sequence(reading, cursor, instead=True)


def _replaced_index(*, unique: bool) -> Recogniser:
    def take(reading: Reading, cursor: Cursor) -> None:
        probe = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
        named = probe.identifier(Kind.INDEX)
        probe.need("ON")
        table = reading.table(probe.qualified())
        reading.masks.add("OR REPLACE")
        indexes.drop_key(reading, table, named, guarded=True)
        indexes.create_index(reading, cursor, unique=unique)

    return take


STATEMENTS: tuple[tuple[tuple[str, ...], Recogniser], ...] = (
    *((words, mysql_accounts.outside) for words in mysql_accounts.BEGINNINGS),
    (("GRANT",), mysql_accounts.privileges),
    (("REVOKE",), mysql_accounts.privileges),
    (("SET",), mysql_session.set_variables),
    (("USE",), mysql_session.use),
    (("CREATE", "DATABASE"), nothing),
    (("CREATE", "SCHEMA"), nothing),
    (("SELECT",), mysql_session.query),
    (("VALUES",), mysql_session.query),
    (("TABLE",), mysql_session.query),
    (("WITH",), mysql_session.with_statement),
    (("HANDLER",), nothing),
    (("LOCK", "TABLES"), upkeep),
    (("LOCK", "TABLE"), upkeep),
    (("UNLOCK", "TABLES"), nothing),
    (("UNLOCK", "TABLE"), nothing),
    (("FLUSH",), nothing),
    (("SHOW",), nothing),
    (("DESCRIBE",), nothing),
    (("DESC",), nothing),
    (("EXPLAIN",), nothing),
    (("ANALYZE", "TABLE"), upkeep),
    (("ANALYZE", "LOCAL", "TABLE"), upkeep),
    (("ANALYZE", "NO_WRITE_TO_BINLOG", "TABLE"), upkeep),
    (("OPTIMIZE",), upkeep),
    (("CHECK", "TABLE"), upkeep),
    (("CHECKSUM", "TABLE"), upkeep),
    (("REPAIR",), upkeep),
    (("SAVEPOINT",), nothing),
    (("RELEASE", "SAVEPOINT"), nothing),
    (("ROLLBACK",), nothing),
    (("CREATE", "OR", "REPLACE", "TABLE"), _replaced_table),
    (("CREATE", "TEMPORARY", "TABLE"), tables.create_hiding_table),
    (("DROP", "TEMPORARY", "TABLE"), _drop_temporary),
    (("ALTER", "VIEW"), _alter_view),
    (("ALTER", "ALGORITHM"), _alter_view),
    (("ALTER", "DEFINER"), _alter_view),
    (("ALTER", "SQL", "SECURITY"), _alter_view),
    (("CREATE", "OR", "REPLACE", "VIEW"), _replaced_view),
    (("CREATE", "OR", "REPLACE", "ALGORITHM"), _behind),
    (("CREATE", "OR", "REPLACE", "DEFINER"), _behind),
    (("CREATE", "OR", "REPLACE", "SQL"), _behind),
    (("CREATE", "OR", "REPLACE", "TRIGGER"), _behind),
    (("CREATE", "TRIGGER"), body_triggers.create_trigger),
    (("DROP", "TRIGGER"), body_triggers.drop_trigger),
    (("CREATE", "OR", "REPLACE", "FUNCTION"), _behind),
    (("CREATE", "OR", "REPLACE", "PROCEDURE"), _behind),
    (("CREATE", "FUNCTION"), _behind),
    (("CREATE", "PROCEDURE"), _behind),
    (("CREATE", "EVENT"), _behind),
    (("ALTER", "FUNCTION"), _alter_routine(Kind.FUNCTION)),
    (("ALTER", "PROCEDURE"), _alter_routine(Kind.PROCEDURE)),
    (("DROP", "FUNCTION"), _drop_routine(Kind.FUNCTION)),
    (("DROP", "PROCEDURE"), _drop_routine(Kind.PROCEDURE)),
    (("DROP", "EVENT"), mysql_routines.drop_event),
    (("CREATE", "SEQUENCE"), mysql_sequences.create_sequence),
    (("CREATE", "OR", "REPLACE", "SEQUENCE"), _replaced_sequence),
    (("CREATE", "OR", "REPLACE", "INDEX"), _replaced_index(unique=False)),
    (("CREATE", "OR", "REPLACE", "UNIQUE", "INDEX"), _replaced_index(unique=True)),
    (("ALTER", "SEQUENCE"), mysql_sequences.alter_sequence),
    (("DROP", "SEQUENCE"), mysql_sequences.drop_sequence),
    (("DO", "SETVAL"), nothing),
    (("DO",), mysql_session.query),
    (("PREPARE",), mysql_session.prepare),
    (("DEALLOCATE", "PREPARE"), nothing),
    (("DROP", "PREPARE"), nothing),
    (("CREATE", "ALGORITHM"), _behind),
    (("CREATE", "DEFINER"), _behind),
    (("CREATE", "SQL"), _behind),
)
