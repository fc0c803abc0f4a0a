"""Where a database stands: what its ledger says is applied, against the revisions that are wanted.

The ledger's facts are played through to the *units* that are applied now: one revision each, or
all that the section of a merge stood for, since those were executed as one and are reverted as one.
Units match wanted revisions by revision id first; what is left over on both sides is paired by
migration id, one to one, in history order: so a migration that was picked, rebased or reworded is
known.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemaops.history.revision import Header, RevisionId
from schemaops.plan.steps import Fact, MoveKind

__all__ = ["Match", "Unit", "applied_facts", "applied_units", "match"]


@dataclass(frozen=True, slots=True)
class Unit:
    """Facts that were executed as one: the last names the revision that the unit is known by."""

    facts: tuple[Fact, ...]

    @property
    def fact(self) -> Fact:
        """The fact of the revision that the unit is known by; of a section that is the merge."""
        return self.facts[-1]

    @property
    def revision(self) -> RevisionId:
        """The revision that the unit is known by."""
        return RevisionId(self.fact.revision)

    @property
    def is_section(self) -> bool:
        """Whether it is the section of a merge."""
        return self.fact.merge == self.fact.revision

    @property
    def revisions(self) -> tuple[RevisionId, ...]:
        """Every revision that is applied by it, the merge last."""
        return tuple(RevisionId(fact.revision) for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Match:
    """Units against wanted revisions: which unit has applied which, and what is left on each side.

    `paired` are the wanted revisions that were found by migration id, with the unit that stands for
    each; `found` has those as well as the ones found by revision id.
    """

    found: Mapping[RevisionId, Unit]
    paired: Mapping[RevisionId, Unit]
    extra: tuple[Unit, ...]
    missing: tuple[RevisionId, ...]


def applied_facts(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts by which revisions are applied now, in the order that they came in."""
    standing: dict[str, Fact] = {}
    for fact in facts:
        standing.pop(fact.revision, None)
        if fact.kind is not MoveKind.REVERT:
            standing[fact.revision] = fact
    return tuple(standing.values())


def applied_units(facts: Iterable[Fact]) -> tuple[Unit, ...]:
    """Return what is applied now, in the order in which it was applied."""
    units: list[Unit] = []
    section: list[Fact] = []
    for fact in applied_facts(facts):
        if section and section[-1].merge != fact.merge:
            # The merge itself was reverted since, to the side that these are on.
            units += (Unit((one,)) for one in section)
            section = []
        section.append(fact)
        if fact.merge is None or fact.revision == fact.merge:
            units.append(Unit(tuple(section)))
            section = []
    units += (Unit((one,)) for one in section)
    return tuple(units)


def match(
    units: Sequence[Unit],
    wanted: Sequence[RevisionId],
    header: Callable[[RevisionId], Header],
    beginnings: Mapping[RevisionId, frozenset[RevisionId]] | None = None,
) -> Match:
    """Return how `units` (in ledger order) match `wanted` (in history order).

    `beginnings` names the wanted checkpoints, each with the wanted revisions that it stands for.
    """
    chosen = frozenset(wanted)
    found: dict[RevisionId, Unit] = {}
    left: list[Unit] = []
    for unit in units:
        if unit.revision in chosen and unit.revision not in found:
            found.update((one, unit) for one in unit.revisions)
        else:
            left.append(unit)
    for checkpoint, stood_for in (beginnings or {}).items():
        if checkpoint in found:
            for one in stood_for:
                found.setdefault(one, found[checkpoint])
    paired = _paired(left, [one for one in wanted if one not in found], header)
    found.update(paired)
    used = {id(unit) for unit in paired.values()}
    return Match(
        found,
        paired,
        tuple(unit for unit in left if id(unit) not in used),
        tuple(one for one in wanted if one not in found),
    )


def _paired(
    left: Iterable[Unit], wanted: Iterable[RevisionId], header: Callable[[RevisionId], Header]
) -> dict[RevisionId, Unit]:
    waiting: defaultdict[str, deque[Unit]] = defaultdict(deque)
    for unit in left:
        if unit.fact.migration is not None and not unit.is_section:
            waiting[unit.fact.migration].append(unit)
    pairs: dict[RevisionId, Unit] = {}
    for revision in wanted if waiting else ():
        its = header(revision)
        names = [] if its.migration is None else [its.migration]
        for name in (*names, *(migration for _, migration in its.carried_from)):
            if waiting[name]:
                pairs[revision] = waiting[name].popleft()
                break
    return pairs
