"""A database that has tables and no ledger: what it holds as the first revision, applied there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schemaops.commands.authors import author, clock, now, who
from schemaops.commands.commit import sealed_report
from schemaops.commands.scripts import Script
from schemaops.commands.sealing import Sealing
from schemaops.commands.workspace import Workspace
from schemaops.database import ledger
from schemaops.database.connect import Connection, Database, open_database
from schemaops.database.execute import execute
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import Revision, file_name
from schemaops.history.states import Known
from schemaops.plan.steps import Fact, Move, MoveKind, Plan
from schemaops.reports.commit import CommitReport
from schemaops.schema.state import Schema
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
    """A database to begin a history with, and what it holds."""

    database: Database
    holds: Schema

    @classmethod
    def look(cls, url: str, top: Path) -> Beginning:
        """Return what there is to begin with; raise LedgerThere."""
        database = open_database(url, relative_to=top)
        with database.connect(read_only=True) as connection:
            if ledger.read(connection).exists:
                raise LedgerThere(f"{database.shown} has a ledger already")
            return cls(database, observe(connection))

    @property
    def shown(self) -> str:
        """The database's URL without its password."""
        return self.database.shown

    def seal(self, workspace: Workspace, environment: str) -> CommitReport:
        """Seal what the database holds as the first revision, and record it there as applied."""
        empty = Schema.empty(self.holds.dialect)
        sealing = Sealing(Known(empty), rehearse=False, search_path=workspace.config.search_path)
        head = Revision(
            message=f"What {environment} held",
            author=author(workspace),
            date=now(workspace),
            checkpoint=True,
        )
        text = script(render(diff(empty, self.holds), empty))
        sealed = sealing.seal(head, Script("the schema of the database", text))
        missing = diff(sealed.known.schema, self.holds)
        if missing:
            from schemaops.reports.objects import operation_words

            raise Unwritten(
                f"{len(missing)} differences are left", details=tuple(map(operation_words, missing))
            )
        name = file_name(sealed.id, sealed.revision)
        store = workspace.writing()
        store.add(name, sealed.data)
        workspace.refresh()
        workspace.states().keep(sealed.id, sealed.known)
        fact = Fact(MoveKind.ADOPT, sealed.id, None, head.message, sealed.revision.up, "")
        move = Move(
            MoveKind.ADOPT, sealed.id, (), (fact,), self.holds.fingerprint, None, head.message
        )
        plan = Plan(
            environment, self.holds.dialect, None, sealed.id, "0", self.holds.fingerprint, (move,)
        )

        def fingerprint(connection: Connection, _: Move | None) -> str:
            return observe(connection).fingerprint

        execute(self.database, plan, observe=fingerprint, clock=clock, who=who(workspace))
        return sealed_report(sealed, store.place(name).file, workspace.default_schema)
