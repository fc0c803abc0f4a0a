"""A migration rehearsed on a scratch database before it is sealed.

There it is seen what opaque statements do, and whether the others do what was read from them; where
they do not, what was seen is written down as their effect. The way back is rehearsed as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.database.scratch import scratch
from schemaops.diff import diff
from schemaops.plan.steps import PlannedStatement
from schemaops.plan.transactions import in_steps
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Fault, Interpreter
from schemaops.sql.render import render
from schemaops.sql.split import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaops.database.connect import Connection

__all__ = ["Refused", "Seen", "Stage", "stage_with"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that the scratch database did not run, and why."""

    statement: Statement
    failure: DatabaseFailure

    @property
    def for_want_of_rows(self) -> bool:
        """Whether rows that are not there, or that differ, may be the reason."""
        state = self.failure.sqlstate or ""
        return state.startswith(("23", "SQLITE_CONSTRAINT"))

    @property
    def is_nonsense(self) -> bool:
        """Whether no database of the dialect would run it."""
        state = self.failure.sqlstate or ""
        return state == "42601" or "syntax error" in self.failure.answer


@dataclass(frozen=True, slots=True)
class Seen:
    """What statements did: effects by their text where those were not known before, the schema at
    the end, and the statement that was refused; those after it were not sent."""

    effects: Mapping[str, Effect]
    after: Schema
    refused: Refused | None = None
    corrected: tuple[Statement, ...] = ()


@dataclass
class Stage:
    """A scratch database that holds a schema, without rows."""

    connection: Connection
    schema: Schema
    search_path: tuple[str, ...] = ()
    exits: ExitStack = field(default_factory=ExitStack)

    @property
    def server(self) -> str:
        """What it runs on: `postgres 18`."""
        server = self.connection.server
        parts = 1 if server.product == "PostgreSQL" else 2
        return f"{server.product.lower()} {'.'.join(map(str, server.number[:parts]))}"

    def rehearse(self, statements: Sequence[Statement], effects: Mapping[str, Effect]) -> Seen:
        """Send statements as a replay would, and see what each does that nobody knew before."""
        known = dict(effects)
        corrected: list[Statement] = []
        reader = Interpreter(self.schema, known, self.search_path)
        refused: Refused | None = None
        for statement, before, after in self._sent(statements):
            if isinstance(after, DatabaseFailure):
                refused = Refused(statement, after)
                break
            reader.continue_from(before)
            group = reader.read(statement)
            if isinstance(group, Fault) or group.unknown or reader.schema != after:
                if not isinstance(group, Fault) and not group.unknown:
                    corrected.append(statement)
                known[statement.text] = Effect(diff(before, after), f"observed on {self.server}")
        return Seen(known, self.schema, refused, tuple(corrected))

    def _sent(
        self, statements: Sequence[Statement]
    ) -> Iterator[tuple[Statement, Schema, Schema | DatabaseFailure]]:
        left = iter(statements)
        steps = in_steps([PlannedStatement(one.text) for one in statements], self._dialect)
        for step in steps:
            if self._dialect == "sqlite":
                state = "OFF" if step.rebuilds else "ON"
                self.connection.execute(f"PRAGMA foreign_keys = {state}")
            with self.connection.transaction() if step.transactional else nullcontext():
                for planned in step.statements:
                    statement, before = next(left), self.schema
                    try:
                        self.connection.execute(planned.sql)
                    except DatabaseFailure as failure:
                        yield statement, before, failure
                        return
                    self.schema = observe(self.connection)
                    yield statement, before, self.schema

    @property
    def _dialect(self) -> str:
        return self.connection.dialect


@contextmanager
def stage_with(
    schema: Schema, url: str | None = None, search_path: Iterable[str] = ()
) -> Iterator[Stage]:
    """Give a scratch database that holds `schema`; raise ScratchMissing and other failures."""
    empty = Schema.empty(schema.dialect)
    with scratch(schema.dialect, url=url) as database, database.connect(create=True) as connection:
        for statement in render(diff(empty, schema), empty):
            connection.execute(statement)
        yield Stage(connection, observe(connection), tuple(search_path))
