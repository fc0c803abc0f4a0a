"""The DAG of revisions: heads, ancestors, merge bases and the ways between revisions.

Built from a mapping of revision ids to parents, and from nothing else: tests write dicts. What is
asked is answered from one number a revision, whose bits say which revisions it descends from, in
topological order; so a merge base is a highest common bit. networkx is loaded for dominators alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import RevisionId, short

__all__ = ["CyclicHistory", "Dag", "MissingParent", "Path", "cycle", "missing_parents"]


class MissingParent(SchemaOpsError):
    """A revision builds on another one that is not here.

    Either its file was removed while others build on it, or the git branch that has it was not
    fetched or merged. `schemaops fsck` lists every such revision. Bring the file back (`git log
    --diff-filter=D -- .schemaops/revisions` finds where it was removed), or merge the branch. Where
    git's merge removed it, since one side had rebased it and the other builds on it, `schemaops
    merge` brings it back.
    """

    code = "SO410"
    cause = Cause.DECISION

    def __init__(self, revision: RevisionId, parent: RevisionId) -> None:
        super().__init__(
            f"{short(revision)} builds on {short(parent)}, which is not here",
            hints=("schemaops fsck", "schemaops merge"),
        )
        self.revision = revision
        self.parent = parent


class CyclicHistory(SchemaOpsError):
    """Some revisions are each other's ancestors.

    A revision's id is a digest of bytes that name its parents, so this cannot come about by using
    SchemaOps: the mapping of ids to parents was made up or damaged. `schemaops fsck` says where.
    """

    code = "SO411"
    cause = Cause.DECISION

    def __init__(self, revisions: tuple[RevisionId, ...]) -> None:
        super().__init__(
            f"these revisions descend from each other: {', '.join(map(short, revisions))}",
            hints=("schemaops fsck",),
        )
        self.revisions = revisions


@dataclass(frozen=True, slots=True)
class Path:
    """The way between two revisions: what is left behind, newest first, then what is gained."""

    back: tuple[RevisionId, ...]
    forth: tuple[RevisionId, ...]


Parents = Mapping[RevisionId, tuple[RevisionId, ...]]


def missing_parents(
    parents: Parents, beginnings: Iterable[RevisionId] = ()
) -> Iterator[tuple[RevisionId, RevisionId]]:
    """Yield each revision with each parent of it that is not here, those of `beginnings` apart."""
    begin = frozenset(beginnings)
    wanted = {parent for its in parents.values() for parent in its} - parents.keys()
    if wanted:
        for revision, its in sorted(parents.items()):
            if revision not in begin:
                yield from ((revision, parent) for parent in its if parent in wanted)


def cycle(parents: Parents) -> tuple[RevisionId, ...]:
    """Return revisions that each have the next as a parent, and the last the first; else none."""
    done: set[RevisionId] = set()
    for start in sorted(parents):
        if start in done:
            continue
        trail: list[RevisionId] = []
        within: set[RevisionId] = set()
        ways = [iter((start,))]
        while ways:
            step = next(ways[-1], None)
            if step is None:
                ways.pop()
                if trail:
                    done.add(trail[-1])
                    within.discard(trail.pop())
            elif step in within:
                return tuple(trail[trail.index(step) :])
            elif step not in done and step in parents:
                trail.append(step)
                within.add(step)
                ways.append(iter(parents[step]))
    return ()


class Dag:
    """Revisions and their parents; immutable. None stands for base, the empty schema before all.

    `beginnings` are revisions whose parents need not be here: checkpoints, which stand for them.
    """

    __slots__ = ("__dict__", "_beginnings", "_given", "_parents")

    def __init__(self, parents: Parents, beginnings: Iterable[RevisionId] = ()) -> None:
        beginnings = tuple(beginnings)
        for revision, parent in missing_parents(parents, beginnings):
            raise MissingParent(revision, parent)
        self._given = parents
        self._beginnings = frozenset(beginnings)
        self._parents = dict(parents)
        for revision in self._beginnings & parents.keys():
            self._parents[revision] = tuple(one for one in parents[revision] if one in parents)

    def __len__(self) -> int:
        return len(self._parents)

    def __contains__(self, revision: object) -> bool:
        return revision in self._parents

    def __iter__(self) -> Iterator[RevisionId]:
        return iter(self.order)

    def union(self, other: Dag) -> Dag:
        """Return the DAG of the revisions of both."""
        return Dag({**self._given, **other._given}, self._beginnings | other._beginnings)

    def parents(self, revision: RevisionId) -> tuple[RevisionId, ...]:
        """Return the parents of a revision, in the order of their ids."""
        return self._parents[revision]

    def children(self, revision: RevisionId | None) -> tuple[RevisionId, ...]:
        """Return the revisions that build on this one, in the order of their ids."""
        return self._children.get(revision, ())

    def roots(self) -> tuple[RevisionId, ...]:
        """Return the revisions without a parent, in the order of their ids."""
        return self.children(None)

    def heads(self, within: Iterable[RevisionId] | None = None) -> tuple[RevisionId, ...]:
        """Return the revisions that none here, or none of `within`, descends from, in id order."""
        if within is None:
            return self._heads
        chosen = set(within)
        below = self._mask_of(parent for one in chosen for parent in self._parents[one])
        return tuple(sorted(one for one in chosen if not below >> self._place[one] & 1))

    @cached_property
    def order(self) -> tuple[RevisionId, ...]:
        """Every revision after its parents; the same however the mapping was put together."""
        order = tuple(self._walk(self._heads, ()))
        before: set[RevisionId] = set()
        for revision in order:
            if not before.issuperset(self._parents[revision]):
                raise CyclicHistory(cycle(self._parents))
            before.add(revision)
        if len(order) != len(self._parents):
            raise CyclicHistory(cycle(self._parents))
        return order

    def ancestors(self, revision: RevisionId) -> frozenset[RevisionId]:
        """Return what this revision descends from, itself not included."""
        return frozenset(self._of_mask(self._masks[revision] ^ 1 << self._place[revision]))

    def closure(self, revisions: Iterable[RevisionId]) -> frozenset[RevisionId]:
        """Return these revisions and all their ancestors."""
        return frozenset(self._of_mask(self._mask_of(revisions)))

    def is_ancestor(self, ancestor: RevisionId | None, of: RevisionId | None) -> bool:
        """Return whether `of` is `ancestor` or descends from it."""
        if ancestor is None or of is None:
            return ancestor is None
        return bool(self._masks[of] >> self._place[ancestor] & 1)

    def merge_bases(self, a: RevisionId | None, b: RevisionId | None) -> tuple[RevisionId, ...]:
        """Return the best common ancestors, in id order; none where only base is common."""
        if a is None or b is None:
            return ()
        common = self._masks[a] & self._masks[b]
        best = []
        while common:
            # The last in topological order has no descendant among those that are left.
            top = self.order[common.bit_length() - 1]
            best.append(top)
            common &= ~self._masks[top]
        return tuple(sorted(best))

    def between(self, a: RevisionId | None, b: RevisionId | None) -> tuple[RevisionId, ...]:
        """Return what `b` has and `a` has not, each after its parents.

        The order depends on these revisions alone, not on what else is in the DAG.
        """
        return self.beyond(() if a is None else (a,), () if b is None else (b,))

    def beyond(
        self, without: Iterable[RevisionId], within: Iterable[RevisionId]
    ) -> tuple[RevisionId, ...]:
        """Return the closure of `within` less the closure of `without`, each after its parents."""
        ends = tuple(sorted(set(within)))
        known = self._mask_of(without)
        return tuple(self._walk(ends, _Known(known, self._place) if known else ()))

    def path(self, a: RevisionId | None, b: RevisionId | None) -> Path:
        """Return the way from `a` to `b`: back to what they share, then forth."""
        return Path(self.between(b, a)[::-1], self.between(a, b))

    def first_parents(self, revision: RevisionId) -> Iterator[RevisionId]:
        """Yield this revision, its first parent, the first parent of that, and so on."""
        step: RevisionId | None = revision
        while step is not None:
            yield step
            its = self._parents[step]
            step = its[0] if its else None

    def parting(self, revisions: Iterable[RevisionId]) -> RevisionId | None:
        """Return the last revision from which all of some descend; None where there is none."""
        left = tuple(revisions)
        while len(left) > 1:
            first, second, *rest = left
            lower = self.merge_bases(first, second)
            left = tuple(sorted({*lower, *rest})) if lower else ()
        return left[0] if left else None

    def with_prefix(self, prefix: str) -> tuple[RevisionId, ...]:
        """Return the revisions whose ids begin so, in id order."""
        return tuple(sorted(one for one in self._parents if one.startswith(prefix)))

    def dominators(self, heads: Iterable[RevisionId] | None = None) -> tuple[RevisionId, ...]:
        """Return the revisions that every way from base to every head goes through, in order.

        Every other ancestor of the heads stands before or after each of them: where all databases
        are past one, a checkpoint may stand for what is before it.
        """
        ends = set(self._heads if heads is None else heads)
        if not ends:
            return ()
        import networkx as nx

        graph = nx.DiGraph()
        base, end = "base", "end"
        for revision in self._of_mask(self._mask_of(ends)):
            for parent in self._parents[revision] or (base,):
                graph.add_edge(parent, revision)
        graph.add_edges_from((one, end) for one in ends)
        above = nx.immediate_dominators(graph, base)
        chain: list[RevisionId] = []
        step = above[end]
        while step != base:
            chain.append(step)
            step = above[step]
        return tuple(reversed(chain))

    def _walk(self, ends: Iterable[RevisionId], known: _Known | tuple[()]) -> Iterator[RevisionId]:
        # Depth first, so that a branch stays together; by hand, since histories are deep.
        met: set[RevisionId] = set()
        parents = self._parents
        for end in ends:
            if end in met or end in known:
                continue
            met.add(end)
            trail = [(end, iter(parents[end]))]
            while trail:
                revision, above = trail[-1]
                for parent in above:
                    if parent not in met and parent not in known:
                        met.add(parent)
                        trail.append((parent, iter(parents[parent])))
                        break
                else:
                    trail.pop()
                    yield revision

    @cached_property
    def _heads(self) -> tuple[RevisionId, ...]:
        built_on = {parent for its in self._parents.values() for parent in its}
        return tuple(sorted(self._parents.keys() - built_on))

    @cached_property
    def _children(self) -> dict[RevisionId | None, tuple[RevisionId, ...]]:
        children: dict[RevisionId | None, list[RevisionId]] = {}
        for revision in sorted(self._parents):
            for parent in self._parents[revision] or (None,):
                children.setdefault(parent, []).append(revision)
        return {parent: tuple(its) for parent, its in children.items()}

    @cached_property
    def _place(self) -> dict[RevisionId, int]:
        return {revision: place for place, revision in enumerate(self.order)}

    @cached_property
    def _masks(self) -> dict[RevisionId, int]:
        masks: dict[RevisionId, int] = {}
        for place, revision in enumerate(self.order):
            mask = 1 << place
            for parent in self._parents[revision]:
                mask |= masks[parent]
            masks[revision] = mask
        return masks

    def _mask_of(self, revisions: Iterable[RevisionId]) -> int:
        mask = 0
        for revision in revisions:
            mask |= self._masks[revision]
        return mask

    def _of_mask(self, mask: int) -> Iterator[RevisionId]:
        bits = f"{mask:b}"[::-1].encode().translate(_BITS)
        return compress(self.order, bits)


_BITS = bytes(byte == ord("1") for byte in range(256))


class _Known:
    __slots__ = ("_mask", "_place")

    def __init__(self, mask: int, place: Mapping[RevisionId, int]) -> None:
        self._mask = mask
        self._place = place

    def __contains__(self, revision: RevisionId) -> bool:
        return bool(self._mask >> self._place[revision] & 1)
