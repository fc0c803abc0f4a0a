"""A migration rehearsed on a scratch database before it is sealed.

There it is seen what opaque statements do, and whether the others do what was read from them; where
they do not, what was seen is written down as their effect. The way back is rehearsed as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.database.rows import has_rows
from schemaops.database.scratch import scratch
from schemaops.diff import diff
from schemaops.errors import Place, SchemaOpsError
from schemaops.history.revision import StatementId, statement_id
from schemaops.operations import Operation
from schemaops.operations.group import Group
from schemaops.plan.steps import PlannedStatement
from schemaops.plan.transactions import in_steps
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Fault, Interpretation, Interpreter
from schemaops.sql.render import render
from schemaops.sql.split import Statement, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaops.database.connect import Connection, Database

__all__ = ["Astray", "Refused", "RepeatedStatement", "Seen", "Stage", "Stages", "build"]

Sent = TypeVar("Sent", Statement, Group)


class RepeatedStatement(SchemaOpsError):
    """One statement that is not understood stands twice in a migration and does two things.

    An effect is written down for a statement, wherever it stands in its migration, so one effect would
    be wrong for one of the two. Seal the second one as a migration of its own.
    """

    code = "SO722"


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that the scratch database did not run, its line, and why."""

    text: str
    line: int
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
    the end, and the statement that was refused; those after it were not sent. `corrected` are the lines
    of those that did something else than what was read from them."""

    effects: Mapping[str, Effect]
    after: Schema
    refused: Refused | None = None
    corrected: tuple[int, ...] = ()


class Astray(Exception):
    """The database holds something else than what was read from the statements so far."""


@dataclass
class Stage:
    """A scratch database that holds a schema, without rows."""

    connection: Connection
    schema: Schema
    search_path: tuple[str, ...] = ()
    seen: bool = True
    """Whether nothing was sent since it was observed."""

    @property
    def server(self) -> str:
        """What it runs on: `postgres 18`."""
        server = self.connection.server
        parts = 1 if server.product == "PostgreSQL" else 2
        return f"{server.product.lower()} {'.'.join(map(str, server.number[:parts]))}"

    def rehearse(
        self,
        text: str,
        effects: Mapping[str, Effect],
        *,
        read: Interpretation | None = None,
        closely: bool = False,
    ) -> Seen:
        """Send statements as a replay would, and see what each does that nobody knew before.

        The database is looked at around the statements whose effect is unknown, and at the end; with
        `closely`, after each statement. Raise Astray where what was read and what is there part. What
        the text was `read` to be over this schema before holds where nothing in it is unknown.
        """
        if read is None or closely or read.blind or read.faults:
            return self._watched(tuple(split(text, self._dialect)), effects, closely=closely)
        for group in self._ready(read.groups):
            self.seen = False
            try:
                self.connection.execute(group.text)
            except DatabaseFailure as failure:
                refused = Refused(group.text, group.place.line or 1, failure)
                return Seen(effects, self.schema, refused)
        self.schema = read.after
        self._look_again()
        return Seen(effects, self.schema)

    def _watched(
        self, statements: tuple[Statement, ...], effects: Mapping[str, Effect], *, closely: bool
    ) -> Seen:
        known = dict(effects)
        corrected: list[int] = []
        reader = Interpreter(self.schema, known, self.search_path)
        refused: Refused | None = None
        watched: dict[StatementId, tuple[Operation, ...]] = {}
        for statement in self._ready(statements):
            before = self.schema
            group = reader.read(statement)
            name = statement_id(statement.tokens)
            blank = isinstance(group, Fault) or group.unknown or name in watched
            if blank and not closely:
                self._look_again()
            self.seen = False
            try:
                self.connection.execute(statement.text)
            except DatabaseFailure as failure:
                refused = Refused(statement.text, statement.line, failure)
                break
            if not (blank or closely):
                self.schema = reader.schema
                continue
            self.schema, self.seen = observe(self.connection), True
            if blank or reader.schema != self.schema:
                if not blank:
                    corrected.append(statement.line)
                did = diff(before, self.schema)
                if watched.setdefault(name, did) != did:
                    raise RepeatedStatement(
                        f"the statement of line {statement.line} does something else than it did before",
                        place=Place("-", statement.line),
                    )
                known[statement.text] = Effect(did, f"observed on {self.server}")
                reader.continue_from(self.schema)
        if refused is None:
            self._look_again()
        return Seen(known, self.schema, refused, tuple(corrected))

    def _look_again(self) -> None:
        """Observe the database; raise Astray where it is not what the reading came to."""
        if self.seen:
            return
        there = observe(self.connection)
        if there != self.schema:
            raise Astray
        self.schema, self.seen = there, True

    def _ready(self, statements: tuple[Sent, ...]) -> Iterator[Sent]:
        """Yield each statement when the connection is ready for it: in its step's transaction."""
        left = iter(statements)
        steps = in_steps([PlannedStatement(one.text) for one in statements], self._dialect)
        for step in steps:
            if self._dialect == "sqlite":
                state = "OFF" if step.rebuilds else "ON"
                self.connection.execute(f"PRAGMA foreign_keys = {state}")
            with self.connection.transaction() if step.transactional else nullcontext():
                for _ in step.statements:
                    yield next(left)

    @property
    def _dialect(self) -> str:
        return self.connection.dialect


class Stages:
    """Gives stages one after another, on one scratch database as long as that serves: where it holds
    no rows, the diff brings it from one schema to the next. `url` is a server to make it on."""

    def __init__(self, url: str | None = None, search_path: Iterable[str] = ()) -> None:
        self._url = url
        self._search_path = tuple(search_path)
        self._exits = ExitStack()
        self._database: Database | None = None
        self._there: Schema | None = None

    def __enter__(self) -> Stages:
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    @contextmanager
    def holding(self, schema: Schema) -> Iterator[Stage]:
        """Give a stage that holds `schema`; raise ScratchMissing and other failures."""
        with ExitStack() as session:
            stage = self._brought(schema, session) or self._built(schema, session)
            # Where something goes wrong in between, nobody uses it again.
            database, self._database = self._database, None
            yield stage
            self._database, self._there = database, stage.schema if stage.seen else None

    def _built(self, schema: Schema, session: ExitStack) -> Stage:
        self._exits.close()
        self._database = self._exits.enter_context(scratch(schema.dialect, url=self._url))
        connection = session.enter_context(self._database.connect(create=True))
        build(connection, schema)
        return Stage(connection, observe(connection), self._search_path)

    def _brought(self, schema: Schema, session: ExitStack) -> Stage | None:
        """Return the database of the stage before, in a session of its own; None where it cannot be
        brought to `schema`."""
        if self._database is None or schema.dialect == "sqlite":
            return None  # a database in memory is made as fast
        connection = session.enter_context(self._database.connect())
        there = observe(connection) if self._there is None else self._there
        if has_rows(connection, there):
            return None
        try:
            for text in render(diff(there, schema), there):
                connection.execute(text)
        except SchemaOpsError:
            return None  # then it is made anew
        stage = Stage(connection, observe(connection), self._search_path)
        return stage if stage.schema.strict_fingerprint == schema.strict_fingerprint else None


def build(connection: Connection, schema: Schema) -> None:
    """Make a schema in an empty database; raise the first failure that no other order mends.

    What has no type of its own may need what is made after it: the catalogue tells only some of it.
    """
    empty = Schema.empty(schema.dialect)
    left = list(render(diff(empty, schema), empty))
    while left:
        failed: list[tuple[str, DatabaseFailure]] = []
        for statement in left:
            try:
                connection.execute(statement)
            except DatabaseFailure as failure:
                failed.append((statement, failure))
        if len(failed) == len(left):
            raise failed[0][1]
        left = [statement for statement, _ in failed]
