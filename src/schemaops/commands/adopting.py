"""A database that has tables and no ledger: what it holds as the first revision, applied there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemaops.commands.authors import author, clock, now, who
from schemaops.commands.scripts import Script
from schemaops.commands.sealing import Sealed, Sealing
from schemaops.commands.standing import fingerprint
from schemaops.commands.workspace import Workspace
from schemaops.database import ledger
from schemaops.database.connect import Database, open_database
from schemaops.database.execute import execute
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import Revision
from schemaops.history.states import Known
from schemaops.plan.steps import EMPTY_LEDGER, Fact, Move, MoveKind, Plan
from schemaops.reports.objects import operation_words
from schemaops.reports.text import count
from schemaops.reverse.invert import effects_of
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, interpret
from schemaops.sql.render import render, script

__all__ = ["Beginning", "LedgerThere", "Unwritten"]


class LedgerThere(SchemaOpsError):
    """The database to begin with has a ledger already: it belongs to a history.

    Get the repository that has that history, or add the database to it as an environment:
    `schemaops env add NAME --url '$VARIABLE'`.
    """

    code = "SO729"
    cause = Cause.DECISION


class Unwritten(SchemaOpsError):
    """What the database holds cannot all be written down as statements that build it.

    The details name what is missing. It would not be in new databases, and the first plan would
    find that this database has drifted.
    """

    code = "SO730"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...]) -> None:
        super().__init__(message)
        self.details = details


@dataclass(frozen=True, slots=True)
class Beginning:
    """A database to begin a history with, what it holds, and the statements that make that."""

    database: Database
    holds: Schema
    statements: tuple[str, ...]
    effects: Mapping[str, Effect]

    @classmethod
    def look(cls, url: str, top: Path) -> Beginning:
        """Return what there is to begin with; raise LedgerThere, Unwritten."""
        database = open_database(url, relative_to=top)
        with database.connect(read_only=True) as connection:
            if ledger.read(connection).exists:
                raise LedgerThere(
                    f"{database.shown} has a ledger already", hints=("schemaops explain SO729",)
                )
            holds, server = observe(connection), connection.server
        empty = Schema.empty(holds.dialect)
        statements = render(diff(empty, holds), empty)
        how = f"observed on {server.product.lower()} {'.'.join(map(str, server.number[:2])) or '0'}"
        effects = {
            text: Effect(effect.operations, how)
            for text, effect in effects_of(statements, empty, holds).items()
        }
        made = interpret(script(statements), empty, effects=effects).after
        missing = diff(made, holds)
        if missing:
            raise Unwritten(
                f"{count(len(missing), 'operation')} cannot be written as statements",
                details=tuple(map(operation_words, missing)),
            )
        return cls(database, holds, statements, effects)

    @property
    def shown(self) -> str:
        """The database's URL without its password."""
        return self.database.shown

    def sealed(self, workspace: Workspace, environment: str) -> Sealed:
        """Return what the database holds as the first revision."""
        head = Revision(
            message=f"What {environment} held",
            author=author(workspace),
            date=now(workspace),
            checkpoint=True,
        )
        sealing = Sealing(Known(Schema.empty(self.holds.dialect)), rehearse=False)
        text = Script("the schema of the database", script(self.statements))
        return sealing.seal(head, text, known=self.effects)

    def record(self, workspace: Workspace, environment: str, sealed: Sealed) -> None:
        """Record in the database that the revision is applied there."""
        revision = sealed.revision
        fact = Fact(MoveKind.ADOPT, sealed.id, None, revision.message, revision.up)
        move = Move(
            MoveKind.ADOPT, sealed.id, (), (fact,), self.holds.fingerprint, None, revision.message
        )
        plan = Plan(
            environment,
            self.holds.dialect,
            None,
            sealed.id,
            EMPTY_LEDGER,
            self.holds.fingerprint,
            (move,),
        )
        execute(self.database, plan, observe=fingerprint, clock=clock, who=who(workspace))
