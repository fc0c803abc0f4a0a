"""Branches that merge each other over and over: each change is made once, on whatever way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemaops.commands.merged import merge_revision
from schemaops.diff import diff
from schemaops.history.revision import RevisionId
from schemaops.merge.bases import fork, settled
from schemaops.merge.lines import line_between
from tests.laws.strategies import Draft
from tests.unit.plan.histories import History

LOG = "CREATE TABLE log (id INTEGER PRIMARY KEY);"


@dataclass
class Repository(History):
    """A history in which every revision logs a number of its own."""

    logged: dict[RevisionId, int] = field(default_factory=dict)

    def grown(self, draw: st.DrawFn, head: RevisionId) -> RevisionId:
        """Seal a revision over a head."""
        draft = Draft(draw, self.states.schema(head), data=False, sound=True)
        draft.say()
        number = len(self.logged)
        said = [text for text in draft.statements if not re.search(r"\blog\b", text)]
        texts = [*said, f"INSERT INTO log (id) VALUES ({number})"]
        name = self.seal("".join(f"{text};\n" for text in texts).rstrip("\n"), None, head)
        self.logged[name] = number
        return name

    def merged(self, one: RevisionId, other: RevisionId) -> RevisionId | None:
        """Return the merge of two revisions, None where there is something to decide."""
        for head, ancestor in ((one, other), (other, one)):
            if self.dag.is_ancestor(ancestor, head):
                return head
        found = fork(self.states, one, other, diff)
        merged, _ = settled(found, diff)
        if not merged.clean:
            return None
        return self._added(merge_revision(self.states, found, merged))

    def logged_by(self, revision: RevisionId) -> set[int]:
        return {self.logged[one] for one in self.dag.closure((revision,)) if one in self.logged}


@st.composite
def repositories(draw: st.DrawFn) -> tuple[Repository, RevisionId]:
    history = Repository("sqlite")
    start = history.seal(LOG, None)
    heads = [history.grown(draw, start), history.grown(draw, start)]
    past = [[heads[0]], [heads[1]]]
    for _ in range(draw(st.integers(2, 6))):
        here = draw(st.integers(0, 1))
        if draw(st.booleans()):
            made: RevisionId | None = history.grown(draw, heads[here])
        else:
            made = history.merged(heads[here], draw(st.sampled_from(past[1 - here])))
        if made is not None:
            heads[here] = made
            past[here].append(made)
    end = history.merged(*heads)
    assume(end is not None)
    assert end is not None
    return history, end


@given(drawn=repositories())
@settings(max_examples=60)
def test_from_every_ancestor_each_change_is_made_once(
    drawn: tuple[Repository, RevisionId],
) -> None:
    history, end = drawn
    schema = history.states.schema(end)
    for start in history.dag.ancestors(end):
        line = line_between(history.states, start, end)
        assert line.after == schema
        told = [
            int(number)
            for entry in line.stated
            if entry.group is not None
            for number in re.findall(r"INSERT INTO log.*VALUES \((\d+)\)", entry.group.text)
        ]
        assert sorted(told) == sorted(history.logged_by(end) - history.logged_by(start))
