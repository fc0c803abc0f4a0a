"""The way through the DAG from what is applied to what is wanted: sets and order, no SQL.

A database that stands at an ancestor goes the one way: back from the target, at every merge by the
side it stands on, applying revisions and sections. A database that stands beside that way (a hotfix
came first, two lines without their merge) can only go on by applying what is missing out of order;
that is a route too, but one that has to be proven.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from schemaops.history.dag import Dag
from schemaops.history.revision import RevisionId

__all__ = ["Leg", "Route", "checkpoint_start", "route", "unordered_route"]


@dataclass(frozen=True, slots=True)
class Leg:
    """One revision to apply: by itself, by the section from `side` of the merge that it is, or
    (`adopt`) by recording it alone, since what it does is there already."""

    revision: RevisionId
    side: RevisionId | None = None
    adopt: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The legs in order, and the pairs (earlier applied, later applied) that history has the other
    way round: each pair must be proven to commute."""

    legs: tuple[Leg, ...]
    inverted: tuple[tuple[RevisionId, RevisionId], ...] = ()


def route(dag: Dag, kept: Collection[RevisionId], to: RevisionId | None) -> Route | None:
    """Return the one way from `kept` to `to`; None where `kept` is not a revision with ancestors."""
    heads = dag.heads(kept) if kept else ()
    if len(heads) > 1 or (heads and len(dag.closure(heads)) != len(kept)):
        return None
    standing = heads[0] if heads else None
    legs: list[Leg] = []
    step = to
    while step != standing and step is not None:
        parents = dag.parents(step)
        side = next((one for one in parents if dag.is_ancestor(standing, one)), None)
        if parents and side is None:
            return None
        legs.append(Leg(step, side if len(parents) > 1 else None))
        step = side
    return Route(tuple(reversed(legs))) if step == standing else None


def unordered_route(
    dag: Dag,
    wanted: Iterable[RevisionId],
    kept: Collection[RevisionId],
    is_merge: Callable[[RevisionId], bool],
) -> Route:
    """Return the route that applies what is missing one by one, merges by recording them alone."""
    legs: list[Leg] = []
    inverted: list[tuple[RevisionId, RevisionId]] = []
    for revision in wanted:
        if revision in kept:
            continue
        legs.append(Leg(revision, adopt=is_merge(revision)))
        inverted += (
            (other, revision)
            for other in sorted(kept)
            if not dag.is_ancestor(other, revision) and not is_merge(other)
        )
    return Route(tuple(legs), tuple(inverted))


def checkpoint_start(
    dag: Dag, wanted: Iterable[RevisionId], checkpoints: Collection[RevisionId], to: RevisionId
) -> RevisionId | None:
    """Return the latest checkpoint that every way to `to` goes through, where there is one; a
    checkpoint is gone through where what it was sealed over is, since it stands for that."""
    if not checkpoints:
        return None
    passed = frozenset(dag.dominators((to,)))
    latest = None
    for revision in wanted:
        if revision not in checkpoints:
            continue
        over = dag.parents(revision)
        if revision in passed or revision == to or (over and passed.issuperset(over)):
            latest = revision
    return latest
