"""Operations written as a dialect's statements.

    render(operations, before) -> tuple[str, ...]      statements, without semicolons
    owners(standing, wanted)                             what gives objects back to their roles
    rebuild(table, operations, before)                  the same by a rebuild of SQLite's, whatever it takes
    script(statements) -> str                          the same as one text
    client_script(statements, dialect) -> str           the same as a dialect's own client takes it

What is rendered is read again to the same schema (tests/laws/test_rendering.py). A line is folded
first: a table with its columns, constraints and indexes is one CREATE TABLE, changes of one column
are one statement where the dialect has one; then each dialect lowers what it cannot say directly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from schemaops.names import Address
from schemaops.operations import Alter, Operation
from schemaops.schema.state import Schema
from schemaops.sql.lexer import tokens
from schemaops.sql.rendering.clumps import clumps
from schemaops.sql.rendering.lowering import Lowering, Unwritable
from schemaops.sql.rendering.mysql import MySql
from schemaops.sql.rendering.postgres import Postgres
from schemaops.sql.rendering.postgres_lineage import said_above
from schemaops.sql.rendering.postgres_owners import handed_over
from schemaops.sql.rendering.sqlite import FOREIGN_KEYS_OFF, FOREIGN_KEYS_ON, Sqlite

__all__ = [
    "FOREIGN_KEYS_OFF",
    "FOREIGN_KEYS_ON",
    "Unwritable",
    "client_script",
    "owners",
    "rebuild",
    "render",
    "script",
]

_POSTGRES, _SQLITE = Postgres(), Sqlite()
_LOWERINGS: dict[str, Lowering] = {
    lowering.dialect: lowering for lowering in (_POSTGRES, MySql(), _SQLITE)
}


def render(operations: Sequence[Operation], before: Schema) -> tuple[str, ...]:
    """Return the statements of a line that leaves `before`; raise Unwritable."""
    if before.dialect == "postgres" and any(map(_changes_owner, operations)):
        return tuple(_between_owners(operations, before))
    if before.dialect == "postgres":
        operations, brought = said_above(operations, before)
        written = _POSTGRES.lower(clumps(operations, before))
        return (*written, *_POSTGRES.own_facts(brought))
    return tuple(_LOWERINGS[before.dialect].lower(clumps(operations, before)))


def owners(standing: Schema, wanted: Schema) -> tuple[str, ...]:
    """Return the statements that give the objects of one schema to those who own them in another."""
    return tuple(handed_over(_POSTGRES.access, standing, wanted))


def _between_owners(operations: Sequence[Operation], before: Schema) -> Iterator[str]:
    for changes, run in groupby(operations, key=_changes_owner):
        line = tuple(run)
        after = before
        for operation in line:
            after = operation.apply(after)
        yield from owners(before, after) if changes else render(line, before)
        before = after


def _changes_owner(operation: Operation) -> bool:
    return isinstance(operation, Alter) and operation.fact == "owning_role"


def rebuild(
    table: Address, operations: Sequence[Operation], before: Schema, name: Address | None = None
) -> tuple[str, ...]:
    """Return the statements that make a table of SQLite anew with some changes to it, under `name` for
    the while; raise Unwritable."""
    return tuple(_SQLITE.rebuild(table, before, operations, name))


def script(statements: Iterable[str]) -> str:
    """Return statements as a script, each closed with a semicolon."""
    return "".join(f"{statement};\n" for statement in statements)


def client_script(statements: Iterable[str], dialect: str) -> str:
    """Return statements as a script for a dialect's own client, which in MySQL would end a routine's
    body at its first semicolon."""
    return "".join(
        f"DELIMITER ;;\n{statement};;\nDELIMITER ;\n"
        if dialect == "mysql" and any(token.text == ";" for token in tokens(statement, dialect))
        else f"{statement};\n"
        for statement in statements
    )
