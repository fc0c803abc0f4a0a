"""Small histories over SQLite, sealed in memory, and databases that only keep a ledger."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemaops.history.dag import Dag
from schemaops.history.format import to_bytes
from schemaops.history.revision import (
    Header,
    Kept,
    Piece,
    Revision,
    RevisionId,
    Section,
    migration_id,
    revision_id,
    short,
)
from schemaops.history.states import States
from schemaops.plan.moves import WrittenMove
from schemaops.plan.replay import Replay, Standing
from schemaops.plan.steps import Fact, Move, Plan
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret


@dataclass
class History:
    """Revisions by the short names that a test gives them."""

    dialect: str = "sqlite"
    revisions: dict[RevisionId, Revision] = field(default_factory=dict)
    written: dict[str, WrittenMove] = field(default_factory=dict)

    def seal(
        self, up: str, down: str | None, *parents: RevisionId, message: str = "", **facts: object
    ) -> RevisionId:
        checkpoint = bool(facts.get("checkpoint"))
        return self._added(
            Revision(
                parents=tuple(sorted(parents)),
                migration=None if checkpoint else migration_id(up, self.dialect),
                message=message or up.partition(";")[0],
                up=up + "\n",
                down=None if down is None else down + "\n",
                **facts,  # type: ignore[arg-type]
            )
        )

    def merge(
        self,
        ways: dict[RevisionId, tuple[list[tuple[RevisionId, Kept, str]], list[str]]],
    ) -> RevisionId:
        sections = []
        for parent, (up, down) in sorted(ways.items()):
            pieces = tuple(Piece((short(of),), kept, text) for of, kept, text in up)
            back = tuple(
                Piece((short(of),), kept, text)
                for (of, kept, _), text in zip(reversed(up), down, strict=True)
            )
            sections.append(Section(parent, pieces, back))
        return self._added(Revision(parents=tuple(sorted(ways)), sections=tuple(sections)))

    def _added(self, revision: Revision) -> RevisionId:
        name = revision_id(to_bytes(revision))
        self.revisions[name] = revision
        return name

    def header(self, revision: RevisionId) -> Header:
        return self.revisions[revision]

    @property
    def dag(self) -> Dag:
        return Dag(
            {one: revision.parents for one, revision in self.revisions.items()},
            [one for one, revision in self.revisions.items() if revision.checkpoint],
        )

    @property
    def states(self) -> States:
        return States(self.dag, self.revisions.__getitem__, self.dialect)


@dataclass
class Pretended:
    """A database that keeps a ledger and holds what interpreting its statements gives."""

    dialect: str = "sqlite"
    facts: list[Fact] = field(default_factory=list)
    schema: Schema | None = None
    undoable: bool = True

    def __post_init__(self) -> None:
        self.schema = self.schema or Schema.empty(self.dialect)

    def plan(self, history: History, to: RevisionId | None) -> Plan:
        at = Standing("dev", tuple(self.facts), str(len(self.facts)), self.schema)
        plan = Replay(history.states, history.header).plan(at, to)
        for _ in range(2):
            # What was written for any database before is the same for this one.
            again = Replay(
                history.states,
                history.header,
                recall=lambda names: {n: history.written[n] for n in names if n in history.written},
                remember=history.written.update,
            )
            assert again.plan(at, to) == plan
        return plan

    def replay(self, history: History, to: RevisionId | None) -> list[tuple[str, str]]:
        """Execute a plan; every fingerprint that it foresees is met. Return its moves."""
        plan = self.plan(history, to)
        for move in plan.moves:
            self.execute(move)
        assert self.schema == history.states.schema(to)
        assert self.plan(history, to).moves == ()
        return [(move.kind.value, move.revision) for move in plan.moves]

    def execute(self, move: Move) -> None:
        assert self.schema is not None
        before = self.schema
        self.schema = self._after(before, move.steps)
        assert move.fingerprint == self.schema.fingerprint
        assert (move.undo is not None) == self.undoable
        assert move.undo is None or self._after(self.schema, move.undo) == before
        self.facts += move.facts

    def _after(self, schema: Schema, steps: object) -> Schema:
        for step in steps:  # type: ignore[attr-defined]
            for statement in step.statements:
                found = interpret(statement.sql, schema)
                assert found.faults == ()
                schema = found.after
            assert step.after in (None, schema.fingerprint)
        return schema
