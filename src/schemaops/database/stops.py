"""Why a move stopped, and what of it remains."""

from __future__ import annotations

from schemaops.database.statements import ends_transaction
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.plan.steps import Move, MoveKind, PlannedStatement

__all__ = [
    "CannotUndo",
    "EndsTransaction",
    "ForeignKeysBroken",
    "MoveStopped",
    "NothingInDoubt",
    "StatementFailed",
    "StatementInDoubt",
    "UnexpectedSchema",
    "refuse_transaction_statements",
    "title",
]


class MoveStopped(SchemaOpsError):
    """A move stopped; `aftermath` says what of it remains in the database."""

    cause = Cause.WORLD

    def __init__(
        self,
        why: str,
        move: Move,
        *,
        aftermath: str,
        statement: PlannedStatement | None = None,
        number: int = 0,
        hints: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            f"{why}; {aftermath}", place=_place(statement) if statement else None, hints=hints
        )
        self.why = why
        self.move = move
        self.aftermath = aftermath
        self.statement = statement
        self.number = number

    def told(self, aftermath: str, hints: tuple[str, ...]) -> MoveStopped:
        """Return the error with what has become of the move since."""
        return type(self)(
            self.why,
            self.move,
            aftermath=aftermath,
            statement=self.statement,
            number=self.number,
            hints=hints,
        )


class StatementFailed(MoveStopped):
    """The database refused a statement of a revision, and says why.

    Where the engine's transactions hold changes to the schema (PostgreSQL, SQLite), nothing of
    the revision remains. On MySQL, and after statements that cannot be in a transaction, those
    before it remain. Remove the cause in the database and resume; or go back with `--on-failure
    revert`. A revision that cannot be applied as it is written needs another one.
    """

    code = "SO524"


class UnexpectedSchema(MoveStopped):
    """After a move the database does not hold what the plan says it must.

    Every statement succeeded, and yet something differs: a trigger or an extension that acts on
    changes, another session at work, or a statement that SchemaOps read wrongly. The move was
    rolled back where that is possible. What it holds is shown by `schemaops status --live`.
    """

    code = "SO525"
    cause = Cause.DECISION


class StatementInDoubt(MoveStopped):
    """Nobody can tell whether a statement took effect before the replay was cut short.

    It was sent outside a transaction, and the connection or the process ended before the answer.
    What the database holds fits neither the state before the statement nor the one after it, or
    both. Look whether it took effect, and say so: `schemaops replay ENV --resume --took-effect`,
    or `--did-not` to have it sent again. On PostgreSQL an index that was being built
    concurrently may be left invalid: drop it, and say `--did-not`.
    """

    code = "SO526"
    cause = Cause.DECISION


class NothingInDoubt(SchemaOpsError):
    """A statement was said to have taken effect, or not, where that is not in question.

    Either no statement is in doubt, or what the database holds shows the contrary. Resume without
    `--took-effect` and `--did-not`.
    """

    code = "SO527"
    cause = Cause.USAGE


class ForeignKeysBroken(MoveStopped):
    """After a rebuild of a table, rows refer to rows that are not there.

    SQLite looks away from foreign keys while a table is rebuilt; they are checked before the end.
    Violations that were there before are no error. Nothing of the revision remains: correct the
    rows first, or in the revision.
    """

    code = "SO528"


class EndsTransaction(SchemaOpsError):
    """A statement of a revision begins or ends a transaction itself.

    The transactions are SchemaOps': a move and its entry in the ledger succeed or fail together.
    Leave `BEGIN`, `COMMIT` and `ROLLBACK` out of the revision. Nothing was executed.
    """

    code = "SO529"
    cause = Cause.USAGE


class CannotUndo(MoveStopped):
    """What was done of a revision cannot be taken back by itself.

    A step has no way back, as where it wrote over values that were not kept. The move can only be
    finished: remove what stopped it, and resume.
    """

    code = "SO530"


def refuse_transaction_statements(move: Move, dialect: str) -> None:
    """Raise EndsTransaction where a statement would begin or end a transaction by itself."""
    for step in (*move.steps, *(move.undo or ())):
        for statement in step.statements:
            if ends_transaction(statement.sql, dialect, transactional=step.transactional):
                start = " ".join(statement.sql.split())[:40]
                raise EndsTransaction(
                    f"`{start}` in {title(move)} ends the transaction", place=_place(statement)
                )


def title(move: Move) -> str:
    """Return how a message calls the move."""
    of = "the revert of " if move.kind is MoveKind.REVERT else ""
    return f"{of}revision {move.revision[:12]}"


def _place(statement: PlannedStatement) -> Place | None:
    file, _, line = statement.origin.rpartition(":")
    return Place(file, int(line)) if file and line.isdigit() else None
