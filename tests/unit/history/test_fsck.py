"""Every fault is found, and all of them at once."""

from __future__ import annotations

from dataclasses import replace

from schemaops.errors import Place
from schemaops.history.format import to_bytes
from schemaops.history.fsck import File, faults
from schemaops.history.revision import (
    Effect,
    Header,
    Kept,
    Piece,
    Revision,
    RevisionId,
    Section,
    StatementId,
    migration_id,
    revision_id,
    short,
    statement_id,
)
from schemaops.sql.lexer import tokens
from schemaops.store.memory import MemoryStore


def sealed(up: str, *parents: RevisionId, **facts: object) -> Revision:
    revision = Revision(parents=parents, migration=migration_id(up, "sqlite"), up=up)
    return replace(revision, **facts)  # type: ignore[arg-type]


def id_of(revision: Revision) -> RevisionId:
    return revision_id(to_bytes(revision))


def file(revision: Revision, name: str = "x.sql") -> File:
    data = to_bytes(revision)
    return File(revision_id(data), data, Place(name))


def codes(*revisions: Revision) -> list[str]:
    return [one.code for one in faults(map(file, revisions), "sqlite")]


ROOT = sealed("CREATE TABLE a (x INT);\n")
LEFT = sealed("ALTER TABLE a ADD COLUMN l INT;\n", id_of(ROOT))
RIGHT = sealed("ALTER TABLE a ADD COLUMN r INT;\n", id_of(ROOT))


def merge(one: Revision, other: Revision, **pieces: tuple[Piece, ...]) -> Revision:
    by_id = sorted((id_of(revision), revision) for revision in (one, other))
    sections = tuple(
        Section(
            parent,
            pieces.get(f"up{place}", (Piece((short(by_id[1 - place][0]),), Kept.ONCE),)),
            pieces.get(f"down{place}", ()),
        )
        for place, (parent, _) in enumerate(by_id)
    )
    return Revision(parents=tuple(parent for parent, _ in by_id), sections=sections)


def test_a_sound_history_has_no_faults() -> None:
    both = merge(LEFT, RIGHT)
    after = sealed("DROP TABLE a;\n", id_of(both))
    assert codes(after, both, RIGHT, ROOT, LEFT) == []
    assert codes() == []


def test_a_wrong_migration_id_is_found_and_a_carried_one_is_not() -> None:
    other = migration_id("SELECT 2;", "sqlite")
    assert codes(replace(ROOT, migration=other)) == ["SO405"]
    assert codes(replace(ROOT, migration=other, carried_from=((id_of(LEFT), other),))) == []


def test_the_header_names_the_dialect_of_its_sql() -> None:
    up = "SELECT /*+ NO_INDEX(t) */ 1;\n"
    mysql = Revision(migration=migration_id(up, "mysql"), up=up, dialect="mysql")
    assert codes(mysql) == []
    assert codes(replace(mysql, dialect=None)) == ["SO405"]


def test_missing_parents_and_copies_are_found() -> None:
    assert codes(LEFT) == ["SO410"]
    assert codes(ROOT, LEFT, LEFT) == ["SO409"]


def test_what_is_before_a_checkpoint_may_be_gone() -> None:
    checkpoint = Revision(parents=(id_of(ROOT),), checkpoint=True, up="CREATE TABLE a (x INT);\n")
    assert codes(checkpoint, sealed("SELECT 1;\n", id_of(checkpoint))) == []


def test_effects_stand_for_statements_that_are_there() -> None:
    up = "SELECT 1;\nSELECT 2;\n"
    digest = statement_id(list(tokens("SELECT 2", "sqlite")))
    known = Effect(digest, "declared", ("{}",))
    stray = Effect(StatementId(f"s1:{'0' * 64}"), "unknown")
    assert codes(sealed(up, effects=(known,))) == []
    assert codes(sealed(up, effects=(known, stray))) == ["SO407"]
    assert codes(sealed(up, effects=(known, known))) == ["SO407"]


def test_sections_name_what_lies_on_their_way() -> None:
    stranger = Piece(("0123456789ab",), Kept.ONCE)
    assert codes(ROOT, LEFT, RIGHT, merge(LEFT, RIGHT, up0=())) == ["SO406"]
    assert codes(ROOT, LEFT, RIGHT, merge(LEFT, RIGHT, down1=(stranger,))) == ["SO406"]
    assert codes(ROOT, LEFT, RIGHT, merge(LEFT, RIGHT, up0=(), up1=(stranger,))) == [
        "SO406",
        "SO406",
        "SO406",
    ]


def test_merges_within_a_way_need_not_be_named() -> None:
    both = merge(LEFT, RIGHT)
    side = sealed("CREATE TABLE s (x INT);\n", id_of(ROOT))
    ours = sorted((id_of(both), id_of(side)))
    place = ours.index(id_of(side))
    named = tuple(Piece((short(id_of(one)),), Kept.VERBATIM, one.up) for one in (LEFT, RIGHT))
    whole = merge(both, side, **{f"up{place}": named, f"up{1 - place}": merge_way(side)})
    assert codes(ROOT, LEFT, RIGHT, both, side, whole) == []


def merge_way(*revisions: Revision) -> tuple[Piece, ...]:
    return tuple(Piece((short(id_of(one)),), Kept.VERBATIM, one.up) for one in revisions)


def test_a_parent_that_adds_nothing_is_found() -> None:
    assert "SO432" in codes(ROOT, LEFT, merge(ROOT, LEFT))


def test_every_fault_is_reported_not_the_first() -> None:
    unreadable = File(RevisionId("f" * 40), b"hello", Place("hello.sql"))
    found = faults(
        [
            unreadable,
            file(replace(ROOT, migration=migration_id("SELECT 2;", "sqlite")), "a.sql"),
            file(LEFT, "b.sql"),
        ],
        "sqlite",
    )
    assert [(one.code, str(one.place)) for one in found] == [
        ("SO401", "hello.sql:1"),
        ("SO405", "a.sql"),
        ("SO410", "b.sql"),
    ]


def test_sql_that_does_not_lex_is_a_fault_with_its_place() -> None:
    broken = replace(ROOT, up="SELECT 'a;\n")
    (found,) = faults([file(broken, "a.sql")], "sqlite")
    assert found.code == "SO201"
    assert found.place is not None
    assert found.place.file == "a.sql"


def test_a_store_adds_the_faults_of_names_and_bytes() -> None:
    data = to_bytes(ROOT)
    store = MemoryStore(
        {
            "revisions/notes.txt": b"hello",
            "revisions/0123456789ab-a.sql": data,
            f"revisions/{short(id_of(LEFT))}-left.sql": to_bytes(LEFT),
        }
    )
    assert [one.code for one in store.faults("sqlite")] == ["SO402", "SO404", "SO410"]


def test_a_header_is_a_value() -> None:
    assert Header(message="a") == Header(message="a")
    assert len({ROOT, ROOT, LEFT}) == 2
