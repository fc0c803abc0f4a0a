"""Many branches: which of them can be at odds at all, and in which order they merge best.

What a revision touches is told coarsely, by the tables and other objects of the top level that its
operations name, lie in or depend on: its footing. Branches whose footings do not meet merge cleanly,
so that only pairs that share a key are ever merged to see; an index from key to revisions finds them,
and the cost follows the overlap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from schemaops.history.revision import RevisionId
from schemaops.merge.known import KnownRows
from schemaops.merge.world import World
from schemaops.names import Address, Kind
from schemaops.operations import Create, Drop, Opaque, Operation, Rename, Rows
from schemaops.operations.group import Group
from schemaops.schema.namespaces import claims
from schemaops.schema.objects import container, references
from schemaops.schema.state import Schema

__all__ = ["Footing", "Pair", "footing", "merge_order", "overlapping"]

_EVERYTHING = "*"
_EXACT = 24
"""Up to so many branches the largest group is found, beyond that a large one."""

Pair = tuple[str, str]
"""Two branches by name, the lesser first."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What a revision touches, by coarse keys: what it may change, and what it only stands in."""

    touched: frozenset[str] = frozenset()
    stood_in: frozenset[str] = frozenset()

    def meets(self, other: Footing) -> bool:
        """Whether the two may be at odds."""
        if _EVERYTHING in self.touched or _EVERYTHING in other.touched:
            return bool(self.touched and other.touched)
        return not (
            self.touched.isdisjoint(other.touched)
            and self.touched.isdisjoint(other.stood_in)
            and self.stood_in.isdisjoint(other.touched)
        )


def footing(groups: Iterable[Group], before: Schema) -> Footing:
    """Return the footing of a line that leaves `before`."""
    touched: set[str] = set()
    stood_in: set[str] = set()
    schema = before
    for group in groups:
        if group.opaque and (group.unknown or _not_declared(group)):
            # It may have to do with any rows.
            touched.add(_EVERYTHING)
        world = World(schema, KnownRows())
        for operation in _flat(group.operations):
            for at in _near(operation, world):
                if at.kind is Kind.SCHEMA:
                    touched.add(f"schema {at.name}")
                    continue
                touched.add(_root(at, schema.dialect))
                if schema.dialect == "postgres" and len(at.path) > 1:
                    stood_in.add(f"schema {at.path[0]}")
            for thing in _made(operation, schema):
                touched.update(f"{space} {'.'.join(names)}" for space, names in thing)
        schema = group.apply(schema)
    return Footing(frozenset(touched), frozenset(stood_in))


def _not_declared(group: Group) -> bool:
    return any(isinstance(o, Opaque) and not o.how.startswith("declared") for o in group.operations)


def _flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        yield operation
        if isinstance(operation, Opaque):
            yield from _flat(operation.effect or ())


def _near(operation: Operation, world: World) -> Iterator[Address]:
    yield from operation.footprint().addresses()
    match operation:
        case Create(thing=thing) | Drop(thing=thing):
            yield from references(thing)
            inside = container(thing)
            if inside is not None:
                yield inside
        case Rename(old, new):
            yield old
            yield new
        case Rows():
            yield from world.nearby(operation)


def _made(operation: Operation, schema: Schema) -> Iterator[Iterator[tuple[str, tuple[str, ...]]]]:
    """Yield the names that an operation takes, each with its namespace."""
    match operation:
        case Create(thing=thing) | Drop(thing=thing):
            yield iter(claims(thing, schema.dialect))
        case Rename(old, new):
            thing_there = schema.get(old)
            if thing_there is not None:
                for space, _ in claims(thing_there, schema.dialect):
                    yield iter(((space, new.path), (space, new.path[-1:])))


def _root(at: Address, dialect: str) -> str:
    path = at.path[1:] if at.kind is Kind.UNMODELLED and len(at.path) > 1 else at.path
    return ".".join(path[: 2 if dialect == "postgres" else 1]).lower()


def overlapping(
    branches: Mapping[str, Collection[RevisionId]], footings: Mapping[RevisionId, Footing]
) -> frozenset[Pair]:
    """Return the pairs of branches that may be at odds: each has a revision that the other has not,
    and the footings of the two meet.

    `branches` gives, for each, its revisions as far as not all of them have them.
    """
    where: defaultdict[str, dict[RevisionId, bool]] = defaultdict(dict)
    having: defaultdict[RevisionId, list[str]] = defaultdict(list)
    everywhere: set[RevisionId] = set()
    for name, revisions in branches.items():
        for one in revisions:
            having[one].append(name)
    for one in having:
        its = footings[one]
        for key in its.stood_in:
            where[key][one] = False
        for key in its.touched:
            where[key][one] = True
        if _EVERYTHING in its.touched:
            everywhere.add(one)
    found: set[Pair] = set()

    def meet(one: RevisionId, other: RevisionId) -> None:
        mine, its = having[one], having[other]
        for a in mine:
            if a in its:
                continue
            found.update(_pair(a, b) for b in its if b not in mine)

    for touching in where.values():
        for one, other in combinations(touching, 2):
            if touching[one] or touching[other]:
                meet(one, other)
    for one in everywhere:
        for other in having:
            if one != other and footings[one].meets(footings[other]):
                meet(one, other)
    return frozenset(found)


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def merge_order(
    names: Sequence[str], conflicts: Mapping[Pair, int], first: Mapping[str, int]
) -> tuple[tuple[str, ...], ...]:
    """Return groups of branches: those of a group merge in any order without a conflict among them.

    The groups come in an order in which as much as possible merges before anything is to be decided:
    next are always those with the fewest conflicts with what was merged before, and of them the
    largest group. `first` counts each branch's conflicts with the target itself.
    """
    left = list(dict.fromkeys(names))
    against = {name: first.get(name, 0) for name in left}
    groups: list[tuple[str, ...]] = []
    while left:
        fewest = min(against[name] for name in left)
        group = _apart([name for name in left if against[name] == fewest], conflicts)
        groups.append(group)
        left = [name for name in left if name not in group]
        for name in left:
            against[name] += sum(conflicts.get(_pair(name, one), 0) for one in group)
    return tuple(groups)


def _apart(names: Sequence[str], conflicts: Mapping[Pair, int]) -> tuple[str, ...]:
    """Return the most of these branches of which no two are at odds, in their order."""
    if not any(conflicts.get(_pair(a, b)) for a, b in combinations(names, 2)):
        return tuple(names)
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from(
        (a, b) for a, b in combinations(names, 2) if not conflicts.get(_pair(a, b))
    )
    if len(names) <= _EXACT:
        chosen, _ = nx.max_weight_clique(graph, weight=None)
        return tuple(name for name in names if name in chosen)
    taken: list[str] = []
    for name in sorted(names, key=lambda one: -graph.degree(one)):
        if all(graph.has_edge(name, one) for one in taken):
            taken.append(name)
    return tuple(name for name in names if name in taken)
