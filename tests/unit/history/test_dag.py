"""The DAG against dicts drawn by hand, and against answers found by brute force."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.history.dag import (
    CyclicHistory,
    Dag,
    MissingParent,
    Path,
    cycle,
    missing_parents,
)
from schemaops.history.revision import RevisionId
from tests.unit.history.drawing import graphs

Graph = dict[RevisionId, tuple[RevisionId, ...]]


def graph(text: str) -> Graph:
    """Return the DAG of lines like `d: b c`: a revision and its parents."""
    lines = (line.split(":") for line in text.split("\n") if line.strip())
    return {
        RevisionId(name.strip()): tuple(map(RevisionId, parents.split())) for name, parents in lines
    }


# a ─ b ─┬─ c ─┬─ e ─ g
#        └─ d ─┴─ f
CRISS_CROSS = graph(
    """
    g: e
    f: c d
    e: c d
    d: b
    c: b
    b: a
    a:
    """
)


def ids(text: str) -> tuple[RevisionId, ...]:
    return tuple(map(RevisionId, text.split()))


def test_heads_roots_children_and_order() -> None:
    dag = Dag(CRISS_CROSS)
    assert dag.heads() == ids("f g")
    assert dag.roots() == ids("a")
    assert dag.children(RevisionId("c")) == ids("e f")
    assert dag.children(RevisionId("g")) == ()
    assert dag.order == ids("a b c d f e g")
    assert list(dag) == list(dag.order)
    assert len(dag) == 7
    assert "a" in dag
    assert "z" not in dag


def test_two_merges_of_the_same_two_have_two_merge_bases() -> None:
    dag = Dag(CRISS_CROSS)
    assert dag.merge_bases(*ids("f g")) == ids("c d")
    assert dag.merge_bases(*ids("c d")) == ids("b")
    assert dag.merge_bases(*ids("c g")) == ids("c")
    assert dag.merge_bases(None, RevisionId("g")) == ()


def test_what_lies_between() -> None:
    dag = Dag(CRISS_CROSS)
    assert dag.between(*ids("f g")) == ids("e g")
    assert dag.between(None, RevisionId("f")) == ids("a b c d f")
    assert dag.between(RevisionId("f"), None) == ()
    assert dag.between(*ids("g g")) == ()
    assert dag.path(*ids("f g")) == Path(back=ids("f"), forth=ids("e g"))
    assert dag.path(RevisionId("d"), None) == Path(back=ids("d b a"), forth=())
    assert list(dag.first_parents(RevisionId("g"))) == list(ids("g e c b a"))


def test_dominators_are_where_every_way_leads_through() -> None:
    dag = Dag(CRISS_CROSS)
    assert dag.dominators() == ids("a b")
    assert dag.dominators(ids("g")) == ids("a b e g")
    assert dag.dominators(()) == ()
    assert Dag(graph("a:\nb:\nc: a b")).dominators() == ids("c")


def test_heads_of_some_revisions_only() -> None:
    dag = Dag(CRISS_CROSS)
    assert dag.heads(ids("a b c d")) == ids("c d")
    assert dag.heads(ids("a g")) == ids("g")
    assert dag.heads(()) == ()


def test_prefixes() -> None:
    dag = Dag(graph("abc:\nabd: abc\nb: abc"))
    assert dag.with_prefix("ab") == ids("abc abd")
    assert dag.with_prefix("abd") == ids("abd")
    assert dag.with_prefix("x") == ()


def test_missing_parents_are_errors_that_name_both() -> None:
    broken = graph("c: b\nb: a x\nd: y")
    assert list(missing_parents(broken)) == [ids("b a"), ids("b x"), ids("d y")]
    with pytest.raises(MissingParent, match="b builds on a"):
        Dag(broken)


def test_what_is_before_a_checkpoint_need_not_be_here() -> None:
    begun = graph("c: b\nb: a")
    dag = Dag(begun, ids("b"))
    assert dag.roots() == ids("b")
    whole = dag.union(Dag(graph("a:\nz: a")))
    assert whole.between(None, RevisionId("c")) == ids("a b c")
    assert dag.union(Dag({})).roots() == ids("b")


def test_cycles_are_errors() -> None:
    turning = graph("a: c\nb: a\nc: b\nd: c")
    assert set(cycle(turning)) == set(ids("a b c"))
    with pytest.raises(CyclicHistory):
        Dag(turning).order  # noqa: B018
    assert cycle(CRISS_CROSS) == ()
    assert cycle(graph("a: a")) == ids("a")
    with pytest.raises(CyclicHistory):
        Dag(graph("a: b\nb: a")).order  # noqa: B018


@given(graphs())
def test_order_puts_parents_first_and_does_not_depend_on_the_dict(drawn: Graph) -> None:
    dag = Dag(drawn)
    assert sorted(dag.order) == sorted(drawn)
    for child, parents in drawn.items():
        for parent in parents:
            assert dag.order.index(parent) < dag.order.index(child)
    assert Dag(dict(sorted(drawn.items()))).order == dag.order


def reachable(drawn: Graph, start: RevisionId) -> set[RevisionId]:
    found = {start}
    for parent in drawn[start]:
        found |= reachable(drawn, parent)
    return found


@given(graphs(), st.data())
def test_answers_are_those_of_brute_force(drawn: Graph, data: st.DataObject) -> None:
    dag = Dag(drawn)
    below = {one: reachable(drawn, one) for one in drawn}
    assert set(dag.heads()) == {
        one for one in drawn if not any(one in parents for parents in drawn.values())
    }
    assert cycle(drawn) == ()
    for a, b in product(drawn, repeat=2):
        assert dag.is_ancestor(a, b) == (a in below[b])
        common = below[a] & below[b]
        best = {one for one in common if not any(one in below[two] - {two} for two in common)}
        assert set(dag.merge_bases(a, b)) == best
        assert dag.merge_bases(a, b) == dag.merge_bases(b, a)
        between = dag.between(a, b)
        assert set(between) == below[b] - below[a]
        assert len(set(between)) == len(between)
        for child in between:
            for parent in set(drawn[child]) & set(between):
                assert between.index(parent) < between.index(child)
    for one in drawn:
        assert dag.ancestors(one) == below[one] - {one}
        assert set(dag.heads(below[one])) == {one}
    if drawn:
        some = data.draw(st.lists(st.sampled_from(sorted(drawn)), max_size=3))
        reached: set[RevisionId] = set().union(*(below[one] for one in some)) if some else set()
        assert dag.closure(some) == reached
        assert set(dag.heads(some)) == {
            one for one in some if not any(one in below[two] - {two} for two in some)
        }


@given(graphs())
def test_what_lies_between_does_not_depend_on_what_else_is_there(drawn: Graph) -> None:
    dag = Dag(drawn)
    for a, b in product(drawn, repeat=2):
        alone = {one: drawn[one] for one in dag.closure((a, b))}
        assert Dag(alone).between(a, b) == dag.between(a, b)


@given(graphs(most=8))
def test_dominators_are_those_whose_removal_cuts_every_way(drawn: Graph) -> None:
    dag = Dag(drawn)
    heads = dag.heads()

    def reaches_base(start: RevisionId, without: RevisionId) -> bool:
        if start == without:
            return False
        return not drawn[start] or any(reaches_base(one, without) for one in drawn[start])

    cutting = {one for one in drawn if not any(reaches_base(head, one) for head in heads)}
    assert set(dag.dominators()) == cutting
    found = list(dag.dominators())
    assert found == sorted(found, key=dag.order.index)
    for one in found:
        for other in drawn:
            assert dag.is_ancestor(one, other) or dag.is_ancestor(other, one)


def test_long_histories_do_not_exhaust_the_stack() -> None:
    line = {RevisionId(f"{n:05d}"): (RevisionId(f"{n - 1:05d}"),) if n else () for n in range(5000)}
    dag = Dag(line)
    assert len(dag.order) == 5000
    assert cycle(line) == ()
    assert dag.merge_bases(RevisionId("04999"), RevisionId("02000")) == ids("02000")
    assert len(dag.between(RevisionId("04000"), RevisionId("04999"))) == 999
