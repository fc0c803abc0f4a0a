"""``commit``: seal a draft, a file, or SQL given as text, as a revision."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from schemaops.commands import half_done
from schemaops.commands.authors import author, now
from schemaops.commands.drafts import Draft, read_draft
from schemaops.commands.half_done import HalfDone
from schemaops.commands.hazards import assessed, refuse
from schemaops.commands.new import EmptyMessage
from schemaops.commands.places import last_place
from schemaops.commands.scripts import Script, read_bytes
from schemaops.commands.sealing import Sealed, Sealing
from schemaops.commands.specs import working_head
from schemaops.commands.workspace import Workspace
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import Revision, RevisionId, file_name, short
from schemaops.history.sealing import sealed_text
from schemaops.plan.steps import MoveKind
from schemaops.reports.commit import CommitReport, Followed
from schemaops.reports.text import count

__all__ = ["NotAmendable", "NothingToSeal", "SeveralDrafts", "Wanted", "commit", "sealed_report"]


class NothingToSeal(SchemaOpsError):
    """There is no draft, and neither a file nor SQL was given.

    `schemaops new 'Add orders'` opens a draft; `schemaops commit -m 'Add orders' --sql 'CREATE …'`
    seals a statement at once.
    """

    code = "SO723"


class SeveralDrafts(SchemaOpsError):
    """There are several drafts, and none was named.

    Each becomes a revision of its own: name the one that comes first.
    """

    code = "SO724"
    cause = Cause.DECISION


class NotAmendable(SchemaOpsError):
    """The revision at the head cannot be amended.

    Only a migration that nothing builds on can be: no merge, and no checkpoint. To change what an
    earlier revision did, undo it (`schemaops revert REV`) and seal another one.
    """

    code = "SO725"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be sealed: a draft's name or a file's, or SQL; none where there is one draft."""

    source: str | None = None
    sql: str | None = None
    message: str | None = None
    amend: bool = False
    rehearse: bool = True
    accepted: tuple[str, ...] = ()
    move: bool = True


def commit(workspace: Workspace, wanted: Wanted) -> CommitReport:
    """Seal what is wanted over the head of the work tree, stage it, move the databases that follow
    it, and report it all.

    Raise whatever is wrong with it, before anything is written.
    """
    store = workspace.writing()
    half = half_done.taken_up(workspace)
    head = working_head(workspace)
    if half is not None:
        finished = _finished(workspace, half, wanted)
        if finished is not None:
            return finished
    replaced = _amended(workspace, head) if wanted.amend else None
    draft_file, up, draft = _source(workspace, wanted, replaced)
    parents = replaced[1].parents if replaced else (() if head is None else (head,))
    message = _message(wanted, draft, up, replaced)
    states = workspace.states()
    sealing = Sealing(
        states.at(parents[0] if parents else None),
        scratch=workspace.scratch_url(),
        rehearse=wanted.rehearse,
        search_path=workspace.config.search_path,
    )
    sealed = sealing.seal(
        Revision(
            parents=parents,
            message=message,
            author=author(workspace),
            date=now(workspace),
            replaces=_replaces(workspace, replaced) if replaced else None,
        ),
        up,
        None if draft.down is None else Script(up.name, draft.down, draft.down_line),
    )
    hazards = assessed(sealed.groups, states.schema(parents[0] if parents else None))
    refuse(hazards, workspace.config.policy, wanted.accepted)
    name = file_name(sealed.id, sealed.revision)
    gone = replaced[0] if replaced and replaced[0] != sealed.id else None
    half_done.begin(workspace, HalfDone(sealed.id, draft_file, gone))
    store.add(name, sealed.data)
    if gone is not None:
        store.remove(gone)
    if draft_file is not None:
        store.remove_draft(draft_file)
    half_done.end(workspace)
    workspace.refresh()
    workspace.states().keep(sealed.id, sealed.known, sealed.groups)
    report = sealed_report(sealed, store.place(name).file, workspace.default_schema)
    amended = () if replaced is None else (replaced[0],)
    moved = tuple(followed(workspace, amended)) if wanted.move else ()
    there = {one.environment for one in moved if one.problem is None}
    return replace(report, hazards=hazards, moved=moved, hints=_hints(workspace, sealed.id, there))


def _finished(workspace: Workspace, half: HalfDone, wanted: Wanted) -> CommitReport | None:
    """Return the report of a commit that was killed after it had sealed what is wanted now, None where
    something else is wanted."""
    revision = workspace.tree.read(half.revision)
    if wanted.amend and half.replaced is None:
        return None
    _, up, draft = _source(workspace, replace(wanted, amend=False), (half.revision, revision))
    text = sealed_text(up.text.encode(), workspace.dialect, file=up.name)
    if text != revision.up or (wanted.message or draft.message or revision.message).strip() != (
        revision.message
    ):
        return None
    if half.draft is not None and half.draft in workspace.store.drafts():
        workspace.writing().remove_draft(half.draft)
    groups = workspace.states().groups(half.revision)
    return CommitReport(
        id=half.revision,
        migration=revision.migration,
        parents=revision.parents,
        message=revision.message,
        file=workspace.store.place_of(half.revision).file,
        operations=tuple(one for group in groups for one in group.operations),
        down=revision.down,
        down_generated=revision.down_generated,
        notes=("an earlier commit had sealed it before it was interrupted",),
        replaces=revision.replaces,
        default_schema=workspace.default_schema,
        hints=_hints(workspace, half.revision, ()),
    )


def followed(workspace: Workspace, amended: Collection[RevisionId] = ()) -> Iterator[Followed]:
    """Move the databases that follow the work tree, as far as they were made already, and yield what
    became of each. What is wrong with one of them is told, and no failure.

    None is taken back from what another branch did there, since rows may go with it; what was amended
    is, and applied anew.
    """
    for environment in workspace.config.environments.values():
        if not environment.follow or last_place(workspace, environment.name) is None:
            continue
        # A database is opened by what moves one.
        from schemaops.commands.plan import planned
        from schemaops.commands.replay import Wanted as Move
        from schemaops.commands.replay import replay

        try:
            made = planned(workspace, environment.name, None)
            if not made.found.exists:
                continue
            back = [move for move in made.plan.moves if move.kind is MoveKind.REVERT]
            if any(move.revision not in amended for move in back):
                what = count(len(back), "revision")
                problem = f"{what} of another branch would be reverted there"
                yield Followed(environment.name, problem=problem)
                continue
            moved = replay(workspace, environment.name, Move())
        except SchemaOpsError as error:
            yield Followed(environment.name, problem=error.message)
            continue
        except ExceptionGroup as group:
            first = group.exceptions[0]
            yield Followed(environment.name, problem=str(getattr(first, "message", first)))
            continue
        moves = tuple((one.kind, one.revision, one.message) for one in moved.moves)
        yield Followed(environment.name, moved.revision, moves)


def _replaces(workspace: Workspace, replaced: tuple[RevisionId, Revision]) -> RevisionId | None:
    """Return what is amended, as far as anybody can know it: the last that git has a commit of."""
    former, value = replaced
    if workspace.git is None or value.replaces is None:
        return former
    head = workspace.branch("HEAD")
    return value.replaces if head is None or former not in head.store.ids() else former


def sealed_report(sealed: Sealed, file: str, default_schema: str | None) -> CommitReport:
    """Return the report of a revision that was sealed."""
    revision = sealed.revision
    return CommitReport(
        id=sealed.id,
        migration=revision.migration,
        parents=revision.parents,
        message=revision.message,
        file=file,
        operations=tuple(one for group in sealed.groups for one in group.operations),
        down=revision.down,
        down_generated=revision.down_generated,
        losses=sealed.losses,
        rehearsed=sealed.rehearsed,
        notes=sealed.notes,
        replaces=revision.replaces,
        default_schema=default_schema,
    )


def _source(
    workspace: Workspace, wanted: Wanted, replaced: tuple[RevisionId, Revision] | None
) -> tuple[str | None, Script, Draft]:
    if wanted.sql is not None:
        draft = read_draft(wanted.sql if wanted.sql.endswith("\n") else wanted.sql + "\n")
        return None, Script("--sql", draft.up, draft.up_line), draft
    store = workspace.store
    drafts = store.drafts()
    name = wanted.source
    if name is None and replaced is not None and len(drafts) != 1:
        old = replaced[1]
        down = None if old.down_generated else old.down
        draft = Draft(old.message, old.up, down)
        return None, Script(store.place_of(replaced[0]).file, old.up), draft
    if name is None:
        if not drafts:
            raise NothingToSeal("there is no draft", hints=("schemaops new 'Add orders'",))
        if len(drafts) > 1:
            raise SeveralDrafts(
                f"there are {len(drafts)} drafts",
                hints=tuple(f"schemaops commit {shlex.quote(one)}" for one in drafts),
            )
        name = drafts[0]
    named = Path(name).name
    held = next((one for one in drafts if name in (one, one.removesuffix(".sql"))), None)
    if held is None and named in drafts and Path(name).resolve().parent.name == "drafts":
        held = named
    if held is not None:
        file = store.draft_place(held).file
        text = sealed_text(store.read_draft(held), workspace.dialect, file=file)
        return held, *_drafted(file, text)
    return None, *_drafted(name, sealed_text(read_bytes(name), workspace.dialect, file=name))


def _drafted(file: str, text: str) -> tuple[Script, Draft]:
    draft = read_draft(text)
    return Script(file, draft.up, draft.up_line), draft


def _message(
    wanted: Wanted, draft: Draft, up: Script, replaced: tuple[RevisionId, Revision] | None
) -> str:
    for said in (wanted.message, draft.message, replaced[1].message if replaced else None):
        if said is not None and said.strip():
            return said.strip()
    retry = f"--sql {shlex.quote(wanted.sql)}" if wanted.sql is not None else shlex.quote(up.name)
    raise EmptyMessage(
        "the migration has no message", hints=(f"schemaops commit -m 'Add orders' {retry}",)
    )


def _amended(workspace: Workspace, head: RevisionId | None) -> tuple[RevisionId, Revision]:
    if head is None:
        raise NotAmendable("there is no revision yet", hints=("schemaops new 'Add orders'",))
    revision = workspace.tree.read(head)
    if revision.is_merge or revision.checkpoint:
        what = "a merge" if revision.is_merge else "a checkpoint"
        raise NotAmendable(
            f"{short(head)[:7]} is {what}", hints=(f"schemaops show {short(head)[:7]}",)
        )
    return head, revision


def _hints(workspace: Workspace, revision: RevisionId, there: Collection[str]) -> tuple[str, ...]:
    followers = [
        one.name
        for one in workspace.config.environments.values()
        if one.follow and one.name not in there
    ]
    hints = [f"schemaops show {revision[:7]}"]
    hints += (f"schemaops replay {name}" for name in followers)
    return tuple(hints)
