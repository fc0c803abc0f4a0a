from __future__ import annotations

from collections.abc import Mapping

import hypothesis.strategies as st
from hypothesis import given, settings

from schemaops.interop.django import laid_out


def ancestors(parents: Mapping[str, tuple[str, ...]], node: str) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        for one in parents[waiting.pop()]:
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found


def test_a_fork_and_its_merge_stay_and_all_else_is_one_line() -> None:
    needs = {
        "a.1": (),
        "b.1": ("a.1",),
        "a.2x": ("a.1",),
        "a.2y": ("a.1", "b.1"),
        "a.3": ("a.2x", "a.2y"),
        "b.2": ("b.1", "a.2x"),
    }
    parents = laid_out(list(needs), needs)
    assert parents == {
        "a.1": (),
        "b.1": ("a.1",),
        "a.2x": ("b.1",),
        "a.2y": ("b.1",),
        "a.3": ("a.2x", "a.2y"),
        "b.2": ("a.3",),
    }


def test_leaves_that_nobody_merged_stay_heads() -> None:
    needs = {"a.1": (), "a.2x": ("a.1",), "a.2y": ("a.1",), "b.1": ("a.1",)}
    parents = laid_out(list(needs), needs, [("a.2x", "a.2y")])
    assert parents["a.2x"] == parents["a.2y"] == ("b.1",)


@settings(max_examples=60)
@given(st.data())
def test_what_a_migration_needs_is_among_its_ancestors(data: st.DataObject) -> None:
    nodes: list[str] = []
    needs: dict[str, tuple[str, ...]] = {}
    for number in range(data.draw(st.integers(1, 9))):
        name = f"{data.draw(st.sampled_from('abc'))}.{number}"
        chosen = (
            data.draw(st.lists(st.sampled_from(nodes), max_size=3, unique=True)) if nodes else []
        )
        needs[name] = tuple(chosen)
        nodes.append(name)
    parents = laid_out(nodes, needs)
    assert set(parents) == set(nodes)
    for node in nodes:
        assert set(needs[node]) <= ancestors(parents, node)
