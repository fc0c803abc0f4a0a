"""The way back, from the ledger's own copy: each revert with the facts and statements it takes.

A merge goes back to any of its parents, whichever side the database came from, so its fact keeps all
its ways down, each behind a line that names the parent. What the section stood for keeps the down it
was sealed with, for when the database stands right there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemaops.history.dag import Dag
from schemaops.history.revision import RevisionId
from schemaops.names import ARCHIVE
from schemaops.plan.standing import Unit, applied_facts
from schemaops.plan.steps import Fact, MoveKind

__all__ = ["Back", "all_downs", "back_of_unit", "ledger_dag", "stands_at", "walked_back"]

_MARK = re.compile(r"^-- down to ([0-9a-f]{40})\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Back:
    """One revert: the fact whose way back is executed, the facts that it takes back (newest first),
    and the parent at which a merge goes on from there."""

    fact: Fact
    facts: tuple[Fact, ...]
    down: str
    side: RevisionId | None = None

    @property
    def revision(self) -> RevisionId:
        """The revision that is reverted."""
        return RevisionId(self.fact.revision)

    @property
    def revisions(self) -> frozenset[RevisionId]:
        """Every revision that is no longer applied then."""
        return frozenset(RevisionId(fact.revision) for fact in self.facts)

    @property
    def up(self) -> str | None:
        """What does it again; None where that is not kept."""
        return self.fact.up if self.side is None or self.side == self.fact.side else None


def all_downs(downs: Mapping[RevisionId, str]) -> str:
    """Return the ways down of a merge as its fact keeps them."""
    return "".join(f"-- down to {parent}\n{text}" for parent, text in sorted(downs.items()))


def back_of_unit(unit: Unit) -> Back:
    """Return the revert of a unit, to where the database stood before it."""
    fact = unit.fact
    side = RevisionId(fact.side) if fact.side is not None and unit.is_section else None
    return Back(fact, tuple(reversed(unit.facts)), _downs(fact).get(side, fact.down), side)


def ledger_dag(applied: Iterable[Fact]) -> Dag:
    """Return the DAG of what is applied, by the parents that the ledger names."""
    facts = {RevisionId(fact.revision): fact for fact in applied}
    return Dag(
        {
            one: tuple(RevisionId(parent) for parent in fact.parents if parent in facts)
            for one, fact in facts.items()
        }
    )


def stands_at(facts: Iterable[Fact]) -> RevisionId | None:
    """Return the revision at which a database stands by these facts: the one head of what is
    applied, or else what was applied last; None for base."""
    applied = applied_facts(facts)
    heads = ledger_dag(applied).heads()
    if len(heads) == 1:
        return heads[0]
    return RevisionId(applied[-1].revision) if applied else None


def walked_back(
    applied: Sequence[Fact], wanted: Collection[RevisionId], *, further: int = 0
) -> tuple[Back, ...] | None:
    """Return the reverts, each from the one head of what is applied, until only what is wanted is
    applied, and `further` more; None where what is applied has no one head."""
    dag = ledger_dag(applied)
    facts = {RevisionId(fact.revision): fact for fact in applied}
    heads = dag.heads()
    if len(heads) > 1:
        return None
    step = heads[0] if heads else None
    left = sum(one not in wanted for one in facts)
    backs: list[Back] = []
    while step is not None and (left or further > 0):
        if not left:
            further -= 1
        back = _back(dag, facts, step, wanted)
        backs.append(back)
        left -= sum(one not in wanted for one in back.revisions)
        step = back.side or next(iter(dag.parents(step)), None)
    return tuple(backs)


def _back(
    dag: Dag,
    facts: Mapping[RevisionId, Fact],
    revision: RevisionId,
    wanted: Collection[RevisionId],
) -> Back:
    fact, parents = facts[revision], dag.parents(revision)
    if len(parents) <= 1:
        return Back(fact, (fact,), fact.down)
    downs = _downs(fact)

    def keeps(parent: RevisionId) -> tuple[int, bool, str]:
        kept = sum(one in wanted for one in dag.closure((parent,)))
        return kept, parent == fact.side, parent

    def restores(parent: RevisionId) -> bool:
        # What was kept is put back only on the way that it was taken away on.
        gone = dag.between(parent, revision)
        return parent == fact.side or not any(ARCHIVE in facts[one].up for one in gone)

    ways = [one for one in parents if one in downs or one == fact.side]
    side = max([one for one in ways if restores(one)] or ways, key=keeps)
    gone = dag.between(side, revision)
    return Back(fact, tuple(facts[one] for one in reversed(gone)), downs.get(side, fact.down), side)


def _downs(fact: Fact) -> dict[RevisionId | None, str]:
    pieces = _MARK.split(fact.down)
    found: dict[RevisionId | None, str] = {}
    if fact.kind is not MoveKind.REVERT and not pieces[0].strip():
        for parent, text in zip(pieces[1::2], pieces[2::2], strict=True):
            found[RevisionId(parent)] = text
    return found
