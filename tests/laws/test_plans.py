"""A plan arrives: executed on a database, it leads to the fingerprint of its target, and then to nothing.

The histories branch, merge, pick, go behind each other's back and have checkpoints; the database is real, and
it is sent here and there, with whatever its own ledger says of what it has done.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemaops.commands.authors import clock
from schemaops.commands.merged import merge_revision
from schemaops.commands.standing import fingerprint
from schemaops.database import ledger
from schemaops.database.connect import Connection, Database, open_database
from schemaops.database.execute import execute
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.history.revision import RevisionId, migration_id
from schemaops.merge.bases import fork, settled
from schemaops.plan.moves import BeforeCheckpoint
from schemaops.plan.replay import Replay, Standing
from schemaops.plan.steps import Plan
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.render import render, script
from tests.laws.strategies import Draft
from tests.unit.plan.histories import History


@dataclass
class Drawn(History):
    """A history that grows as hypothesis has it."""

    heads: list[RevisionId] = field(default_factory=list)

    def grown(self, draw: st.DrawFn) -> None:
        """Seal a revision with its generated reversal over some head, or over base."""
        parent = draw(st.sampled_from(self.heads)) if self.heads else None
        before = self.states.schema(parent)
        draft = Draft(draw, before, data=False, sound=True)
        for _ in range(draw(st.integers(1, 2))):
            draft.say()
        if not draft.statements:
            return
        back = reverse(draft.groups, before, diff)
        assume(back.exact)
        up, down = (
            "".join(f"{one};\n" for one in texts) for texts in (draft.statements, back.statements)
        )
        down = down or "-- nothing to undo\n"
        parents = () if parent is None else (parent,)
        made = self.seal(up.rstrip("\n"), down.rstrip("\n"), *parents)
        self._headed(made, parent, keeping=draw(st.booleans()))

    def merged(self, draw: st.DrawFn) -> None:
        """Merge two heads where there is nothing to decide."""
        one, other = draw(st.sampled_from(self.heads)), draw(st.sampled_from(self.heads))
        dag = self.dag
        if dag.is_ancestor(one, other) or dag.is_ancestor(other, one):
            return
        found = fork(self.states, one, other, diff)
        merge, _ = settled(found, diff)
        if merge.clean:
            made = self._added(merge_revision(self.states, found, merge))
            self.heads = [head for head in self.heads if head not in (one, other)] + [made]

    def picked(self, draw: st.DrawFn) -> None:
        """Seal a migration of the history once more, where it reads there too."""
        head = draw(st.sampled_from(self.heads))
        plain = [one for one, its in self.revisions.items() if its.migration is not None]
        former = draw(st.sampled_from(sorted(plain)))
        value, before = self.revisions[former], self.states.schema(head)
        if self.dag.is_ancestor(former, head):
            return
        read = self.states.interpreted(value.up, before, {})
        if read.faults or not (back := reverse(read.groups, before, diff)).exact:
            return
        down = script(back.statements) or "-- nothing to undo\n"
        name = migration_id(value.up, self.dialect)
        facts = {"carried_from": ((former, name),)}
        made = self.seal(value.up.rstrip("\n"), down.rstrip("\n"), head, **facts)
        self._headed(made, head, keeping=False)

    def stood_for(self, draw: st.DrawFn) -> None:
        """Seal a checkpoint over some head."""
        head = draw(st.sampled_from(self.heads))
        empty = Schema.empty(self.dialect)
        text = script(render(diff(empty, self.states.schema(head)), empty))
        if text.strip():
            made = self.seal(text.rstrip("\n"), None, head, checkpoint=True, message="checkpoint")
            self._headed(made, head, keeping=False)

    def _headed(self, made: RevisionId, parent: RevisionId | None, *, keeping: bool) -> None:
        if parent in self.heads and not keeping:
            self.heads.remove(parent)
        if made not in self.heads:
            self.heads.append(made)


@st.composite
def histories(draw: st.DrawFn) -> Drawn:
    history = Drawn("sqlite")
    history.grown(draw)
    assume(history.heads)
    for _ in range(draw(st.integers(2, 7))):
        step = draw(st.sampled_from(("grown", "grown", "grown", "merged", "picked", "stood_for")))
        getattr(history, step)(draw)
    return history


def planned(connection: Connection, history: Drawn, to: RevisionId | None) -> Plan:
    its = ledger.read(connection)
    facts = tuple(entry.fact for entry in its.entries)
    at = Standing("dev", facts, its.position, observe(connection))
    return Replay(history.states, history.header).plan(at, to)


def moved(database: Database, history: Drawn, to: RevisionId | None) -> None:
    with database.connect(create=True) as connection:
        plan = planned(connection, history, to)
    execute(database, plan, observe=fingerprint, clock=clock, who="law")
    with database.connect() as connection:
        assert observe(connection).fingerprint == history.states.schema(to).fingerprint
        assert planned(connection, history, to).moves == ()


@given(data=st.data())
@settings(max_examples=40)
def test_a_plan_arrives_and_planning_again_gives_nothing(data: st.DataObject) -> None:
    history = data.draw(histories())
    places: list[RevisionId | None] = [None, *sorted(history.revisions)]
    database = open_database("sqlite://")
    try:
        for _ in range(4):
            to = data.draw(st.sampled_from(places))
            try:
                moved(database, history, to)
            except BeforeCheckpoint:
                # What it began with was never executed one by one: said, and nothing done.
                continue
    finally:
        database.close()
