"""An environment's database as it is found: what its ledger says, what it holds, what it should."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from schemaops.commands.authors import clock
from schemaops.commands.beside import without
from schemaops.commands.places import Place, remember_place
from schemaops.commands.workspace import Tree, Workspace
from schemaops.config import Environment
from schemaops.database import ledger
from schemaops.database.connect import Connection, Database
from schemaops.database.failures import NoSuchDatabase
from schemaops.database.moves import Observe
from schemaops.database.observe import observe
from schemaops.database.observe.watch import Expected, Touched, Watch, expected
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import Header, RevisionId, short
from schemaops.history.states import States
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Rename, Reorder, Rows
from schemaops.plan.back import stands_at
from schemaops.plan.replay import Replay, Standing
from schemaops.plan.standing import Unit, applied_facts, applied_units
from schemaops.plan.steps import Fact, Move, MoveKind, Plan
from schemaops.schema.objects import Column, Index, Object
from schemaops.schema.state import Schema

if TYPE_CHECKING:
    from schemaops.operations import Operation
    from schemaops.operations.group import Group

__all__ = [
    "Drifted",
    "Found",
    "Watching",
    "WithoutLedger",
    "fingerprint",
    "fingerprinting",
    "found",
    "note",
    "note_place",
    "planner",
]


class WithoutLedger(SchemaOpsError):
    """The database has tables and no ledger: nobody knows which revisions it has.

    Where it holds just what a revision says, say which: `schemaops replay ENV --adopt REV` checks
    that and records it. Where there is no history yet, `schemaops init --from URL`, in a new
    folder, begins one with what the database holds. Nothing was changed.
    """

    code = "SO620"
    cause = Cause.DECISION


class Drifted(SchemaOpsError):
    """The database does not hold what its ledger says it must: somebody changed it past SchemaOps.

    The details name what differs, from what is expected to what is there. Undo the change in the
    database, or make it a migration of its own; nothing is replayed onto what nobody has looked at.
    """

    code = "SO621"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


@dataclass(frozen=True, slots=True)
class Found:
    """A database as it was found; `exists` is False where a replay would make it, `moment` is when
    it was looked at, where the server can say so."""

    environment: Environment
    database: Database
    ledger: ledger.Ledger
    observed: Schema
    exists: bool = True
    moment: str | None = None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The ledger's facts."""
        return tuple(entry.fact for entry in self.ledger.entries)

    @property
    def units(self) -> tuple[Unit, ...]:
        """What is applied."""
        return applied_units(self.facts)

    @property
    def standing(self) -> Standing:
        """What a plan is made for."""
        return Standing(self.environment.name, self.facts, self.ledger.position, self.observed)

    def drift(self, replay: Replay) -> tuple[Operation, ...] | None:
        """Return what leads from the expected schema to the one observed; None where nobody knows
        what is to be expected."""
        expected = replay.expected(self.units)
        if expected is not None and expected.certain:
            if expected.schema == self.observed:
                return ()
            from schemaops.diff import diff

            return diff(expected.schema, self.observed)
        return None

    def drifted(self, replay: Replay) -> bool | None:
        """Return whether the database holds something else than its ledger says; None if unknown."""
        drift = self.drift(replay)
        if drift is not None:
            return bool(drift)
        last = self.ledger.entries[-1].fingerprint if self.ledger.entries else None
        form = self.observed.fingerprint.partition(":")[0]
        if last is None or last.partition(":")[0] != form:
            return None
        return last != self.observed.fingerprint


def found(workspace: Workspace, environment: Environment) -> Found:
    """Return an environment's database as it is; raise what keeps it from being looked at."""
    database = workspace.database(environment)
    try:
        with database.connect(read_only=True) as connection:
            # Before the look: what is written meanwhile must show.
            moment = connection.moment()
            its = ledger.read(connection)
            ledger.verify(its)
            seen = without(observe(connection), workspace.config.beside)
            return Found(environment, database, its, seen, moment=moment)
    except NoSuchDatabase:
        if database.dialect != "sqlite" and database.url.directory is None:
            raise
        empty = Schema.empty(database.dialect)
        return Found(environment, database, ledger.Ledger(), empty, exists=False)


def planner(workspace: Workspace, *trees: Tree, lossless: bool = False) -> Replay:
    """Return the planner over the revisions of these trees and of the work tree; in `lossless` mode
    it keeps what a revision would destroy."""
    chosen = tuple(dict.fromkeys((*trees, workspace.tree)))
    headers: dict[RevisionId, Header] = {}
    for tree in reversed(chosen):
        headers.update(tree.headers)

    def place(revision: RevisionId) -> str:
        for tree in chosen:
            if revision in tree.headers:
                return tree.store.place_of(revision).file
        return short(revision)

    kept = workspace.kept
    return Replay(
        states_of(workspace, chosen),
        headers.__getitem__,
        place,
        lossless=lossless,
        recall=kept.recall_moves,
        remember=kept.remember_moves,
    )


def states_of(workspace: Workspace, trees: Iterable[Tree]) -> States:
    """Return the schemas at the revisions of some trees."""
    return workspace.states(*trees)


def fingerprint(connection: Connection, _move: Move | None = None, _whole: bool = True) -> str:
    """Return the fingerprint of all that a database holds."""
    return observe(connection).fingerprint


def fingerprinting(workspace: Workspace) -> Observe:
    """Return what gives the fingerprint of all that a database holds, other tools' tables apart."""
    beside = workspace.config.beside
    return lambda connection, _move, _whole: without(observe(connection), beside).fingerprint


class Watching:
    """Observes a database while a plan is executed: whole before the first move and after the last,
    and after the others what the move touches and what depends on it."""

    def __init__(self, workspace: Workspace, plan: Plan) -> None:
        beside = workspace.config.beside
        self._watch = Watch(
            plan.dialect, lambda schema: without(schema, beside), known=plan.fingerprint
        )
        self._states = workspace.states()
        self._kept = workspace.kept
        self._last = plan.moves[-1] if plan.moves else None
        self._everything = bool(beside) and plan.dialect == "sqlite"
        known = () if self._everything else (RevisionId(move.revision) for move in plan.moves)
        self._recall = self._kept.recall_expected(known)
        self._fresh: dict[RevisionId, Expected] = {}
        # Asked before a move, and after it.
        self._of = lru_cache(maxsize=4)(self._expected_of)

    def __call__(self, connection: Connection, move: Move | None, whole: bool) -> str:
        """Return the fingerprint of what the database holds, after a move if one is given."""
        found = None if move is None else self._expected(move)
        if move is None or found is None:
            return self._watch.everything(connection)
        revision = RevisionId(move.revision)
        return self._watch.some(
            connection,
            found,
            (one.sql for step in move.steps for one in step.statements),
            lambda: self._states.schema(revision),
            whole=whole,
        )

    def understands(self, move: Move) -> bool:
        """Return whether it is known what a move touches, so that only that is looked at."""
        found = None if move is self._last else self._expected(move)
        return found is not None and found.is_known

    def keep(self) -> None:
        """Keep what was worked out for the next database."""
        self._kept.remember_expected(self._fresh)
        self._fresh = {}

    def _expected(self, move: Move) -> Expected | None:
        """Return what the move of one revision must leave behind; None for any other."""
        revision = RevisionId(move.revision)
        if self._everything or move.kind is not MoveKind.APPLY or revision not in self._states.dag:
            return None
        parents = self._states.dag.parents(revision)
        if len(parents) > 1:
            return None
        return self._of(revision, next(iter(parents), None))

    def _expected_of(self, revision: RevisionId, parent: RevisionId | None) -> Expected:
        kept = self._recall(revision)
        if kept is not None:
            return kept
        before, after = self._states.at(parent), self._states.at(revision)
        touched = _touched(self._states.groups(revision)) if after.certain else None
        found = self._fresh[revision] = expected(touched, before.schema, after.schema)
        if len(self._fresh) >= _TOGETHER:
            self.keep()
        return found


# Kept together, since to keep one costs nearly as much as to keep many.
_TOGETHER = 50
_RELATIONAL = (
    Kind.TABLE,
    Kind.VIEW,
    Kind.COLUMN,
    Kind.PRIMARY_KEY,
    Kind.UNIQUE,
    Kind.CHECK,
    Kind.FOREIGN_KEY,
    Kind.SEQUENCE,
)
_PARTS = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.FOREIGN_KEY)


def _touched(groups: Iterable[Group]) -> Touched | None:
    """Return the relations that groups change; None where it may be more than relations."""
    found: set[Address] = set()
    made: set[Address] | None = set()
    for group in groups:
        if group.opaque:
            return None
        for operation in group.operations:
            match operation:
                case Rows():
                    continue
                case Create(thing=Index(table=table)) | Drop(thing=Index(table=table)):
                    found.add(table)
                case Rename(old=old, new=new) if old.kind in _RELATIONAL:
                    found |= {old, new}
                case Create() | Drop() | Alter() | Reorder() if operation.at.kind in _RELATIONAL:
                    found.add(operation.at)
                case _:
                    return None
            if made is not None and isinstance(operation, Create) and _plain(operation.thing):
                made.add(operation.at)
            else:
                made = None
    return Touched(frozenset(found), None if made is None else frozenset(made))


def _plain(thing: Object) -> bool:
    """Return whether a new object can be read without what stands beside it."""
    match thing:
        case Column(default=default, generated=None, identity=None, type=kind):
            return not any(True for one in (kind, default) if one for _ in one.addresses())
        case Index(keys=keys, where=None):
            return all(len(key.expression.normal) == 1 for key in keys)
    return thing.at.kind is Kind.TABLE or thing.at.kind in _PARTS


def note_place(workspace: Workspace, seen: Found, drift: bool | None) -> None:
    """Keep where an environment was found, for `status`."""
    note(workspace, seen.environment.name, seen.ledger, seen.observed.fingerprint, drift)


def note(
    workspace: Workspace,
    name: str,
    its: ledger.Ledger,
    fingerprint: str | None,
    drift: bool | None,
) -> None:
    """Keep what the ledger of an environment says and the fingerprint it has, for `status`."""
    place = Place(
        seen=clock().isoformat(timespec="seconds"),
        revision=stands_at(entry.fact for entry in its.entries),
        position=its.position,
        fingerprint=fingerprint,
        drift=drift,
        facts=tuple(
            (fact.revision, fact.migration, fact.merge)
            for fact in applied_facts(entry.fact for entry in its.entries)
        ),
    )
    remember_place(workspace, name, place)
