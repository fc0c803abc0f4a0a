"""``archive`` and ``purge``: what an environment's database keeps of what was taken away."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from schemaops.commands.authors import clock
from schemaops.commands.workspace import Workspace
from schemaops.database import archive as kept_things
from schemaops.database import ledger
from schemaops.database.archive import Kept
from schemaops.database.connect import Connection
from schemaops.database.lock import describe_holder, locked
from schemaops.errors import Cause, SchemaOpsError
from schemaops.plan.steps import Plan
from schemaops.reports.text import count

if TYPE_CHECKING:
    from schemaops.reports.archive import ArchiveReport, KeptLine, PurgeReport

__all__ = [
    "AgeNotUnderstood",
    "Purged",
    "StillNeeded",
    "archive",
    "archived",
    "purge",
    "refuse_purged",
]

_AGE = re.compile(r"(\d+)([smhdw])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class AgeNotUnderstood(SchemaOpsError):
    """An age is a number and a unit: `30d`, `12h`, `2w`.

    The units are `s`, `m`, `h`, `d` and `w`.
    """

    code = "SO651"


class StillNeeded(SchemaOpsError):
    """What would be purged is what a revert of the last revisions would put back.

    The details name it. A bad release is gone back on within days: while one of the last three
    revisions that were applied can still be reverted, what it took away stays. Where it is really
    not wanted any more, say `--even-recent`. Nothing was purged.
    """

    code = "SO650"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


class Purged(SchemaOpsError):
    """A revision has to be reverted whose kept rows were purged from the archive.

    The ledger's statements would put back what is there no more. Nothing was changed. Go to a
    revision that has it (`schemaops replay ENV --to REV`), or bring the rows from a backup.
    """

    code = "SO509"
    cause = Cause.DECISION


def archive(workspace: Workspace, name: str) -> ArchiveReport:
    """Return what the database of an environment keeps."""
    environment = workspace.config.environment(name)
    with workspace.database(environment).connect(read_only=True) as connection:
        its = ledger.read(connection)
        found = kept_things.kept(connection, its.entries, its.applied)
    from schemaops.reports.archive import ArchiveReport

    return ArchiveReport(name, tuple(map(_line, found)))


def purge(
    workspace: Workspace, name: str, older_than: str, *, yes: bool = False, recent: bool = False
) -> PurgeReport:
    """Take away for good what is kept and older than an age, and return what; without `yes` only
    say what it would be. Raise AgeNotUnderstood, StillNeeded."""
    seconds = _seconds(older_than)
    environment = workspace.config.environment(name)
    now = clock()
    retry = f"schemaops purge {name} --older-than {older_than}"
    with workspace.database(environment).connect(read_only=not yes) as connection:
        who = describe_holder("a purge", now.isoformat(timespec="seconds"))
        if not yes:
            chosen = _chosen(connection, now, seconds)
        else:
            with locked(connection, who, wait=10.0):
                chosen = _chosen(connection, now, seconds)
                _refuse_needed(name, chosen, retry, recent=recent)
                kept_things.purge(connection, [one.place for one in chosen])
        if not yes:
            _refuse_needed(name, chosen, retry, recent=recent)
    hints = () if yes or not chosen else (f"{retry}{' --even-recent' if recent else ''} --yes",)
    from schemaops.reports.archive import PurgeReport

    return PurgeReport(name, older_than, yes, tuple(map(_line, chosen)), hints)


def refuse_purged(workspace: Workspace, plan: Plan) -> None:
    """Raise Purged where a revert of a plan would put back what is kept no more."""
    wanted = {
        (move.revision, move.message): kept_things.places_in(
            "\n".join(one.sql for step in move.steps for one in step.statements)
        )
        for move in plan.moves
        if move.kind.value == "revert"
    }
    if not any(wanted.values()):
        return
    there = {one.place for one in archived(workspace, plan.environment)}
    for (revision, message), places in wanted.items():
        # A place may be one that a statement of the revert makes and takes away itself.
        if places and not places & there:
            raise Purged(
                f"what {revision[:7]} {message} took away was purged",
                hints=(f"schemaops archive {plan.environment}",),
            )


def archived(workspace: Workspace, name: str) -> list[Kept]:
    """Return what is kept, as values."""
    environment = workspace.config.environment(name)
    with workspace.database(environment).connect(read_only=True) as connection:
        its = ledger.read(connection)
        return kept_things.kept(connection, its.entries, its.applied)


def _chosen(connection: Connection, now: datetime, seconds: int) -> list[Kept]:
    its = ledger.read(connection)
    return [
        one
        for one in kept_things.kept(connection, its.entries, its.applied)
        if one.entry is not None
        and (now - datetime.fromisoformat(one.entry.at)).total_seconds() >= seconds
    ]


def _refuse_needed(name: str, chosen: list[Kept], retry: str, *, recent: bool) -> None:
    needed = [one for one in chosen if one.recent]
    if needed and not recent:
        raise StillNeeded(
            f"{count(len(needed), 'place')} in the archive of {name} would be put back by a revert "
            "of the last revisions",
            details=tuple(
                f"{one.table}: kept by {one.entry.fact.revision[:7]} {one.entry.fact.message}"
                for one in needed
                if one.entry is not None
            ),
            hints=(f"schemaops archive {name}", f"{retry} --even-recent"),
        )


def _line(one: Kept) -> KeptLine:
    from schemaops.reports.archive import KeptLine

    fact = None if one.entry is None else one.entry.fact
    return KeptLine(
        place=one.place,
        table=one.table,
        what="table" if one.whole else "rows",
        revision=None if fact is None else fact.revision,
        message=None if fact is None else fact.message,
        since=None if one.entry is None else one.entry.at,
        rows=one.rows,
        size=one.size,
        needed=one.needed,
        age=None if one.entry is None else _age(one.entry.at),
        not_put_back=() if one.left is None else one.left.keys,
    )


def _age(at: str) -> str:
    seconds = max(0, int((clock() - datetime.fromisoformat(at)).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _seconds(text: str) -> int:
    match = _AGE.match(text)
    if match is None:
        raise AgeNotUnderstood(f"{text} is no age", hints=("schemaops explain SO651",))
    return int(match[1]) * _SECONDS[match[2]]
