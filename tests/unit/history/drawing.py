"""What property tests of the history draw: revisions of every kind, and DAGs as dicts."""

from __future__ import annotations

from hypothesis import strategies as st

from schemaops.history.revision import (
    Effect,
    Kept,
    MigrationId,
    Piece,
    Revision,
    RevisionId,
    Section,
    StatementId,
)

_HEX = "0123456789abcdef"


def _hex(length: int) -> st.SearchStrategy[str]:
    return st.text(_HEX, min_size=length, max_size=length)


ids = _hex(40).map(RevisionId)
migrations = _hex(64).map(lambda digits: MigrationId(f"m1:{digits}"))
_parents = st.lists(ids, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))

# Any text without CR and NUL, and much that could be taken for what SchemaOps writes itself.
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=20)
_look_alikes = st.sampled_from(
    [
        "",
        " ",
        "--",
        "--   ",
        "-- up",
        "-- up =",
        "-- up ==",
        "-- down",
        "-- down, generated",
        "-- down, generated =",
        "-- effect",
        "-- effect ==",
        f"-- up from {'a' * 40}",
        f"-- down to {'a' * 40} =",
        "-- of 3f2a91c04d7e, carried",
        "-- of 3f2a91c04d7e 9b04d1735ac2, once ===",
        f"-- of s1:{'0' * 64}, declared",
        "-- schemaops revision 1",
        "-- message: not a header",
        "-- up =  ",
        "-- updated",
    ]
)
lines = st.one_of(_look_alikes, _texts)
bodies = st.lists(lines, max_size=6).map(lambda found: "".join(f"{line}\n" for line in found))
messages = st.lists(st.one_of(_look_alikes, _texts), max_size=4).map("\n".join)
_some_line = lines.filter(bool)
_effects = st.lists(
    st.one_of(
        st.builds(
            Effect,
            _hex(64).map(lambda digits: StatementId(f"s1:{digits}")),
            st.sampled_from(["declared", "observed on postgres 18", "observed on mysql 10.11.4"]),
            st.lists(_some_line, max_size=3).map(tuple),
        ),
        st.builds(
            Effect, _hex(64).map(lambda digits: StatementId(f"s1:{digits}")), st.just("unknown")
        ),
    ),
    max_size=3,
).map(tuple)
_of = st.lists(_hex(12), min_size=1, max_size=2).map(tuple)
_pieces = st.lists(
    st.one_of(
        st.builds(Piece, _of, st.sampled_from(sorted(set(Kept) - {Kept.ONCE})), bodies),
        st.builds(Piece, _of, st.just(Kept.ONCE)),
    ),
    max_size=3,
).map(tuple)


@st.composite
def revisions(draw: st.DrawFn) -> Revision:
    """Draw a revision of any kind."""
    parents = draw(_parents)
    common = {
        "parents": parents,
        "message": draw(messages),
        "author": draw(st.none() | _some_line),
        "date": draw(
            st.none() | st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-01T12:00:00+01:00"])
        ),
        "dialect": draw(st.none() | st.sampled_from(["postgres", "mysql", "sqlite"])),
        "replaces": draw(st.none() | ids),
        "carried_from": tuple(draw(st.lists(st.tuples(ids, migrations), max_size=2))),
        "fingerprint": draw(st.none() | _hex(64).map(lambda digits: f"f1:{digits}")),
        "losses": tuple(draw(st.lists(_some_line, max_size=2))),
        "effects": draw(_effects),
    }
    if len(parents) > 1:
        sections = tuple(Section(parent, draw(_pieces), draw(_pieces)) for parent in parents)
        return Revision(**common, sections=sections)
    checkpoint = draw(st.booleans())
    down = draw(st.none() | bodies)
    return Revision(
        **common,
        checkpoint=checkpoint,
        migration=None if checkpoint else draw(migrations),
        up=draw(bodies),
        down=down,
        down_generated=down is not None and draw(st.booleans()),
    )


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> dict[RevisionId, tuple[RevisionId, ...]]:
    """Draw a DAG as a dict, in any order; ids are short words."""
    count = draw(st.integers(0, most))
    names = [RevisionId(f"{name:02d}") for name in draw(st.permutations(range(count)))]
    graph: dict[RevisionId, tuple[RevisionId, ...]] = {}
    for place, name in enumerate(names):
        above = draw(st.sets(st.sampled_from(names[:place]), max_size=3)) if place else set()
        graph[name] = tuple(sorted(above))
    order = draw(st.permutations(names))
    return {name: graph[name] for name in order}
