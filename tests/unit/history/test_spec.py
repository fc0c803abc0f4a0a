from __future__ import annotations

import pytest

from schemaops.history.dag import Dag
from schemaops.history.revision import RevisionId
from schemaops.history.spec import (
    AmbiguousRevision,
    InDatabase,
    InEnvironment,
    InModels,
    InScript,
    MalformedSpec,
    RevisionSpec,
    SeveralHeads,
    Spec,
    SpecRange,
    TooFarBack,
    UnknownRevision,
    parse_range,
    parse_spec,
    resolve,
)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("main", RevisionSpec("main")),
        ("main~2", RevisionSpec("main", 2)),
        ("main~", RevisionSpec("main", 1)),
        ("main~~", RevisionSpec("main", 2)),
        ("main~2~3", RevisionSpec("main", 5)),
        ("feature/add-orders", RevisionSpec("feature/add-orders")),
        ("origin/main~1", RevisionSpec("origin/main", 1)),
        ("3f2a91c", RevisionSpec("3f2a91c")),
        ("base", RevisionSpec("base")),
        ("@", RevisionSpec("@")),
        ("env:production", InEnvironment("production")),
        ("file:schema.sql", InScript("schema.sql")),
        ("file:a:b.sql", InScript("a:b.sql")),
        ("file:-", InScript("-")),
        ("models:shop.models:Base", InModels("shop.models", "Base")),
        ("sqlite:///dev.db", InDatabase("sqlite:///dev.db")),
        ("postgresql+psycopg://u:p@h/d", InDatabase("postgresql+psycopg://u:p@h/d")),
    ],
)
def test_forms(text: str, spec: Spec) -> None:
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    "text",
    ["", "~2", "a b", "main^", "main~x", "a..b", "-x", "env:", "file:", "models:x", "what:ever"],
)
def test_what_is_no_form(text: str) -> None:
    with pytest.raises(MalformedSpec):
        parse_spec(text)


def test_a_url_is_not_shown() -> None:
    assert "secret" not in repr(parse_spec("postgresql://ada:secret@db/shop"))
    with pytest.raises(MalformedSpec) as raised:
        parse_spec("ada:secret@db")
    assert "secret" not in raised.value.message


def test_ranges() -> None:
    assert parse_range("main..topic~1") == SpecRange(RevisionSpec("main"), RevisionSpec("topic", 1))
    assert parse_range("main..") == SpecRange(RevisionSpec("main"), RevisionSpec("@"))
    assert parse_range("..topic") == SpecRange(RevisionSpec("@"), RevisionSpec("topic"))
    for text in ("main", "..", "a...b", "a..b..c", "env:x..y"):
        with pytest.raises(MalformedSpec):
            parse_range(text)


def full(digits: str) -> RevisionId:
    return RevisionId(digits.ljust(40, "0"))


FIRST, SECOND, MERGE = full("1111"), full("2222a"), full("3333")
OTHER = full("2222b")
HERE = Dag(
    {FIRST: (), SECOND: (FIRST,), OTHER: (FIRST,), MERGE: (SECOND, OTHER), full("beef"): (MERGE,)}
)
TOPIC = Dag({FIRST: (), OTHER: (FIRST,)})
BRANCHES = {"topic": TOPIC, "beef": TOPIC, "empty": Dag({}), "two": Dag({FIRST: (), OTHER: ()})}


def resolved(text: str) -> RevisionId | None:
    spec = parse_spec(text)
    assert isinstance(spec, RevisionSpec)
    return resolve(spec, HERE, BRANCHES.get, branches=BRANCHES)


@pytest.mark.parametrize(
    ("text", "revision"),
    [
        ("base", None),
        ("@", full("beef")),
        ("@~1", MERGE),
        ("@~2", SECOND),
        ("@~3", FIRST),
        ("@~4", None),
        ("topic", OTHER),
        ("topic~1", FIRST),
        ("topic~2", None),
        ("empty", None),
        ("1111", FIRST),
        ("2222A", SECOND),
        ("2222b~1", FIRST),
        (str(MERGE), MERGE),
        # A branch goes before digits, as in git; the full id is never a branch.
        ("beef", OTHER),
        (str(full("beef")), full("beef")),
    ],
)
def test_resolving(text: str, revision: RevisionId | None) -> None:
    assert resolved(text) == revision


def test_an_ambiguous_prefix_lists_its_candidates() -> None:
    with pytest.raises(AmbiguousRevision) as raised:
        resolved("2222")
    assert raised.value.candidates == (SECOND, OTHER)
    assert "schemaops show 2222a0000000" in raised.value.hints


def test_three_digits_are_no_id() -> None:
    with pytest.raises(UnknownRevision):
        resolved("111")


def test_an_unknown_name_suggests_a_near_one() -> None:
    with pytest.raises(UnknownRevision, match="did you mean topic"):
        resolved("topci")
    with pytest.raises(UnknownRevision, match=r"file:schema\.sql"):
        resolved("schema.sql")


def test_a_branch_with_two_heads_is_no_one_revision() -> None:
    with pytest.raises(SeveralHeads) as raised:
        resolved("two")
    assert raised.value.heads == (FIRST, OTHER)


@pytest.mark.parametrize("text", ["base~1", "topic~3", "empty~1"])
def test_nothing_comes_before_base(text: str) -> None:
    with pytest.raises(TooFarBack):
        resolved(text)
