"""Plans made by hand, for tests of executing: what must be observed is measured on a twin."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemaops.database import ledger
from schemaops.database.connect import Connection, Database
from schemaops.plan.steps import Fact, Move, MoveKind, Plan, PlannedStatement, Step

WHO = "Ada <ada@example.org>"

_ROWS = ("INSERT", "UPDATE", "DELETE", "SET", "SELECT")
_CATALOGUE = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'schemaops%'"
    " AND tbl_name NOT LIKE 'schemaops%' ORDER BY 1, 2",
    "postgres": "SELECT c.relname, c.relkind::text, a.attname,"
    " format_type(a.atttypid, a.atttypmod), a.attnotnull, i.indisvalid FROM pg_catalog.pg_class c"
    " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
    " AND NOT a.attisdropped LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid"
    " WHERE c.relnamespace = to_regnamespace('public') ORDER BY 1, 3",
    "mysql": "SELECT c.table_name, c.column_name, c.column_type, c.is_nullable, s.index_name"
    " FROM information_schema.columns c LEFT JOIN information_schema.statistics s"
    " USING (table_schema, table_name, column_name)"
    " WHERE c.table_schema = DATABASE() AND c.table_name NOT LIKE 'schemaops%' ORDER BY 1, 2, 5",
}


def clock() -> datetime:
    """The time in every test."""
    return datetime(2024, 3, 1, 12, tzinfo=UTC)


def catalogue(connection: Connection) -> list[tuple[object, ...]]:
    """What the database holds, as far as these tests change it."""
    return connection.query(_CATALOGUE[connection.dialect])


def observe(connection: Connection, move: Move | None = None, whole: bool = True) -> str:
    """The fingerprint of that."""
    return "t1:" + hashlib.sha256(repr(catalogue(connection)).encode()).hexdigest()[:16]


def stands(database: Database) -> tuple[object, ...]:
    """Everything by which two databases could differ after the same replay, hashes apart."""
    with database.connect() as connection:
        found = ledger.read(connection)
        ledger.verify(found)
        assert found.in_flight is None
        tables = sorted(
            str(row[0 if connection.dialect != "sqlite" else 1])
            for row in catalogue(connection)
            if connection.dialect == "mysql" or row[1] == "r" or row[0] == "table"
        )
        rows = {
            table: sorted(map(repr, connection.query(f"SELECT * FROM {table}")))
            for table in dict.fromkeys(tables)
        }
        facts = tuple(
            (entry.number, entry.fact, entry.who, entry.fingerprint, entry.outcome)
            for entry in found.entries
        )
        return catalogue(connection), rows, facts


@dataclass(frozen=True)
class Draft:
    """A revision to be: its statements, each with what undoes it."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    rebuilds: bool = False

    @property
    def revision(self) -> str:
        """Its id."""
        return hashlib.sha1(self.name.encode()).hexdigest()


def plan_for(drafts: Sequence[Draft], twin: Database) -> Plan:
    """The plan that applies the drafts to an empty database, as found by doing so on a twin."""
    with twin.connect(create=True) as connection:
        start = observe(connection)
        moves = tuple(_move(draft, connection) for draft in drafts)
    return Plan(
        environment="dev",
        dialect=twin.dialect,
        from_=None,
        to=drafts[-1].revision if drafts else None,
        position="0",
        fingerprint=start,
        moves=moves,
    )


def _move(draft: Draft, connection: Connection) -> Move:
    dialect = connection.dialect
    before = observe(connection)
    measured = []
    for up, _ in draft.pairs:
        if draft.rebuilds:
            connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(up)
        measured.append(observe(connection))
    steps: list[Step] = []
    for number, ((up, down), after) in enumerate(zip(draft.pairs, measured, strict=True), 1):
        statement = PlannedStatement(up, f"{draft.name}.sql:{number}")
        back = Step(
            (PlannedStatement(down),),
            transactional=_is_transactional(down, dialect),
            after=measured[number - 2] if number > 1 else before,
            rebuilds=draft.rebuilds,
        )
        if not _is_transactional(up, dialect):
            steps.append(Step((statement,), False, after, undo=(back,)))
        elif steps and steps[-1].transactional and dialect != "mysql":
            last = steps[-1]
            assert last.undo is not None
            steps[-1] = Step(
                (*last.statements, statement),
                after=after,
                rebuilds=draft.rebuilds,
                undo=(back, *last.undo),
            )
        else:
            steps.append(Step((statement,), True, after, draft.rebuilds, (back,)))
    undo = tuple(part for step in reversed(steps) for part in step.undo or ())
    ups, downs = zip(*draft.pairs, strict=True)
    return Move(
        kind=MoveKind.APPLY,
        revision=draft.revision,
        message=draft.name,
        steps=tuple(steps),
        facts=(
            Fact(
                MoveKind.APPLY,
                draft.revision,
                message=draft.name,
                up=";\n".join(ups),
                down=";\n".join(reversed(downs)),
            ),
        ),
        fingerprint=measured[-1],
        undo=undo,
    )


def _is_transactional(sql: str, dialect: str) -> bool:
    if dialect == "mysql":
        return sql.split(maxsplit=1)[0].upper() in _ROWS
    return "CONCURRENTLY" not in sql and "VACUUM" not in sql
