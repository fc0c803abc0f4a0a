"""``verify``: each migration on a scratch database: what was read of it, and its way back.

One scratch database goes along the history. Where the next migration begins elsewhere it is brought
there by the diff, so that cost follows the change; what does not hold there is tried again on a
database that was made by the authors' own statements alone, rows included, and that counts. Where the
server lacks something (an extension, a role), the history goes on from as near as it lets us, and that
is said: every migration is judged over what the database really holds before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from schemaops.commands.specs import revision_named
from schemaops.commands.workspace import Tree, Workspace
from schemaops.database.observe import observe
from schemaops.database.rows import RowsOf, differences, read_rows
from schemaops.database.scratch import scratch
from schemaops.database.sending import Refusal, send, server_name
from schemaops.diff import diff
from schemaops.history.revision import RevisionId, short
from schemaops.history.spec import parse_range
from schemaops.history.states import States, section_text
from schemaops.plan.route import route
from schemaops.plan.way import leg_up
from schemaops.reports.objects import operation_words
from schemaops.reports.verify import Verified, VerifyReport
from schemaops.reverse import lossless
from schemaops.reverse.losses import COLUMN_ORDER
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation
from schemaops.sql.render import render
from schemaops.sql.split import split

if TYPE_CHECKING:
    from schemaops.database.connect import Connection

__all__ = ["Progress", "verify"]

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class _Way:
    """Statements forth and back between a revision's parent and it; `down` is None where there is
    no way back."""

    parent: RevisionId | None
    up: str
    down: str | None


def verify(
    workspace: Workspace,
    chosen: str | None = None,
    *,
    url: str | None = None,
    progress: Progress = lambda _done, _total, _now: None,
) -> VerifyReport:
    """Return what each migration of a range comes to on a scratch database; of the whole history of
    the work tree where no range is given."""
    tree, revisions = _range(workspace, chosen)
    states = workspace.states(tree)
    found: list[Verified] = []
    with _Ground(states, url or workspace.scratch_url()) as ground:
        keeping = any(one.lossless for one in workspace.config.environments.values())
        verifier = _Verifier(states, ground, workspace.default_schema, keeping=keeping)
        for number, revision in enumerate(revisions):
            title = tree.headers[revision].title
            progress(number, len(revisions), title)
            found.append(verifier.verified(revision, title))
        progress(len(revisions), len(revisions), "")
        return VerifyReport(
            ground.server if revisions else None, tuple(found), tuple(ground.lacking)
        )


def _range(workspace: Workspace, chosen: str | None) -> tuple[Tree, tuple[RevisionId, ...]]:
    if chosen is None:
        return workspace.tree, workspace.dag.order
    parse_range(chosen)
    before, _, end = chosen.partition("..")
    since, until = (revision_named(workspace, text or "@") for text in (before, end))
    dag = until.tree.dag
    if since.revision is not None and since.revision not in dag:
        dag = dag.union(since.tree.dag)
    return until.tree, dag.between(since.revision, until.revision)


class _Ground:
    """A scratch database: what it holds, and the revision at which it stands, where it is at one.

    It is `pure` while nothing but the authors' statements made it.
    """

    def __init__(self, states: States, url: str | None) -> None:
        self._states = states
        self._url = url
        self._exits = ExitStack()
        self.connection: Connection
        self.schema = Schema.empty(states.dialect)
        self.at: RevisionId | None = None
        self.lost = True
        self.pure = True
        self.lacking: dict[str, None] = {}

    def __enter__(self) -> _Ground:
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    @property
    def server(self) -> str:
        """What it runs on."""
        return server_name(self.connection)

    def send(self, text: str | Iterable[str]) -> Refusal | None:
        """Send statements; return the one that was refused, None if none was."""
        if isinstance(text, str):
            text = [one.text for one in split(text, self._states.dialect)]
        refusal = send(self.connection, text, self._states.search_path)
        self.schema = observe(self.connection)
        return refusal

    def rows(self) -> RowsOf:
        """Return the rows of all its tables."""
        return read_rows(self.connection, self.schema)

    def stand_at(self, revision: RevisionId | None) -> None:
        """Bring it to where a migration begins, or as near as the server lets us."""
        if not self.lost and self.at == revision:
            return
        if self.lost:
            self._anew()
        if not (self._moved(revision) or self._made(revision)):
            self._near(revision)
        self.at, self.lost = revision, False

    def stand_purely_at(self, revision: RevisionId | None) -> bool:
        """Bring it to where a migration begins by the authors' statements alone; return whether the
        server takes them."""
        if not self._made(revision):
            self.lost = True
            return False
        self.at, self.lost = revision, False
        return True

    def _anew(self) -> None:
        self._exits.close()
        database = self._exits.enter_context(scratch(self._states.dialect, url=self._url))
        self.connection = self._exits.enter_context(database.connect(create=True))
        self.schema = observe(self.connection)
        self.at, self.pure, self.lost = None, True, False

    def _moved(self, revision: RevisionId | None) -> bool:
        if self.at == revision:
            return True
        wanted = self._states.at(revision)
        if not wanted.certain:
            return False
        self.pure = False
        texts = render(diff(self.schema, wanted.schema), self.schema)
        refusal = send(self.connection, texts)
        self.schema = observe(self.connection)
        return refusal is None and self.schema.strict_fingerprint == (
            wanted.schema.strict_fingerprint
        )

    def _made(self, revision: RevisionId | None) -> bool:
        self._anew()
        way = route(self._states.dag, (), revision)
        assert way is not None, "a revision is reached from base"
        legs = list(way.legs)
        for place in range(len(legs) - 1, 0, -1):
            if self._states.read(legs[place].revision).checkpoint:
                # It stands for everything before it.
                del legs[:place]
                break
        return all(self.send(leg_up(self._states, leg)) is None for leg in legs)

    def _near(self, revision: RevisionId | None) -> None:
        """Make what the schema at a revision has, all that the server takes of it."""
        self._anew()
        self.pure = False
        empty = self.schema
        for text in render(diff(empty, self._states.schema(revision)), empty):
            refusal = send(self.connection, [text])
            if refusal is not None:
                self.lacking[str(refusal)] = None
        self.schema = observe(self.connection)


class _Verifier:
    """Verifies migrations; `keeping` also those that lossless mode would execute in their place."""

    def __init__(
        self, states: States, ground: _Ground, default_schema: str | None, *, keeping: bool
    ) -> None:
        self._states = states
        self._ground = ground
        self._default_schema = default_schema
        self._keeping = keeping

    def verified(self, revision: RevisionId, title: str) -> Verified:
        """Return what a migration comes to, a merge by each of its sections."""
        ways = tuple(self._ways(revision))
        found = [self._on_any(revision, way) for way in ways]
        lines = [
            f"from {short(way.parent)}: {line}" if len(ways) > 1 and way.parent else line
            for way, (_, _, lines) in zip(ways, found, strict=True)
            for line in lines
        ]
        return Verified(
            revision,
            title,
            _worst(_INTERPRETED, (one for one, _, _ in found)),
            _worst(_REVERSAL, (one for _, one, _ in found)),
            tuple(lines),
        )

    def _ways(self, revision: RevisionId) -> Iterator[_Way]:
        value = self._states.read(revision)
        if not value.is_merge:
            parent = None if value.checkpoint else next(iter(value.parents), None)
            yield _Way(parent, value.up, value.down)
            return
        for section in value.sections:
            up = section_text(section)
            down = "".join(piece.text for piece in section.down)
            yield _Way(section.parent, up, down or ("" if not up else None))

    def _on_any(self, revision: RevisionId, way: _Way) -> _Found:
        self._ground.stand_at(way.parent)
        found = self._on(revision, way)
        if _is_sound(found) or self._ground.pure:
            return found
        # Rows of another branch, or none at all, may be the reason.
        return self._on(revision, way) if self._ground.stand_purely_at(way.parent) else found

    def _on(self, revision: RevisionId, way: _Way) -> _Found:
        ground = self._ground
        before = ground.schema
        ground.lost = True
        effects = self._states.effects(revision)
        read = self._states.interpreted(way.up, before, effects, short(revision))
        if read.faults:
            error = read.faults[0].error
            return "differs", "fails", (f"up: it cannot be interpreted: {error.message}",)
        unknown = read.blind
        lost = self._kept(read, before) if self._keeping and not unknown else []
        if lost:
            # It may hold what the lossless way left, so the plain one begins anew.
            if not (ground.pure and ground.stand_purely_at(way.parent)):
                ground.stand_at(way.parent)
            before, ground.lost = ground.schema, True
        refusal = ground.send(way.up)
        if refusal is not None:
            return "opaque" if unknown else "differs", "fails", (f"up: {refusal}",)
        after = ground.schema
        lines = [] if unknown else self._apart("up", read.after, after)
        interpreted: _Interpreted = "opaque" if unknown else "differs" if lines else "equal"
        reversal: _Reversal = "irreversible"
        if way.down is not None:
            reversal, more = self._there_and_back(way.up, way.down, before, after)
            lines += more
        if reversal in ("exact", "irreversible"):
            ground.at, ground.lost = revision, False
        if lost:
            reversal = _worst(_REVERSAL, iter((reversal, "differs")))
            lines += (f"lossless {one}" for one in lost)
        return interpreted, reversal, tuple(lines)

    def _there_and_back(
        self, up: str, down: str, before: Schema, after: Schema
    ) -> tuple[_Reversal, list[str]]:
        for said, text, wanted in (
            ("down", down, before),
            ("up again", up, after),
            ("down again", down, before),
            ("up once more", up, after),
        ):
            refusal = self._ground.send(text)
            if refusal is not None:
                return "fails", [f"{said}: {refusal}"]
            lines = self._apart(said, wanted, self._ground.schema)
            if lines:
                return "differs", lines
        return "exact", []

    def _kept(self, read: Interpretation, before: Schema) -> list[str]:
        """Return how the schema and the rows differ when a migration was executed so that nothing is
        lost, and was taken back."""
        way = lossless(read.groups, before, diff)
        lost = [loss for loss in way.losses if loss.what != COLUMN_ORDER]
        if way.irreversible or way.up == tuple(group.text for group in read.groups):
            return []
        rows = self._ground.rows()
        for said, texts, wanted in (("up", way.up, read.after), ("down", way.down, before)):
            refusal = self._ground.send(texts)
            if refusal is not None:
                return [f"{said}: {refusal}"]
            apart = self._apart(said, wanted, self._ground.schema)
            if apart:
                return apart
        return [
            one.said("before", "after the way back")
            for one in differences(rows, self._ground.rows())
            if not any(loss.at is None or one.table.covers(loss.at) for loss in lost)
        ]

    def _apart(self, said: str, wanted: Schema, found: Schema) -> list[str]:
        if wanted == found:
            return []
        operations = diff(wanted, found)
        words = [operation_words(one, self._default_schema) for one in operations]
        return [f"{said}: {one}" for one in words or ["what is there is not what was expected"]]


_Interpreted = Literal["equal", "differs", "opaque"]
_Reversal = Literal["exact", "differs", "fails", "irreversible"]
_Found = tuple[_Interpreted, _Reversal, tuple[str, ...]]
_INTERPRETED: tuple[_Interpreted, ...] = ("equal", "opaque", "differs")
_REVERSAL: tuple[_Reversal, ...] = ("exact", "irreversible", "differs", "fails")


def _is_sound(found: _Found) -> bool:
    return found[0] != "differs" and found[1] in ("exact", "irreversible")


T = TypeVar("T")


def _worst(ranks: tuple[T, ...], found: Iterator[T]) -> T:
    return max(found, key=ranks.index)
