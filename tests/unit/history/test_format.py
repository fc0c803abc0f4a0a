from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from schemaops.errors import Place
from schemaops.history.format import (
    MalformedRevision,
    NewerFormat,
    from_bytes,
    read_header,
    to_bytes,
    up_line,
)
from schemaops.history.revision import (
    Effect,
    Kept,
    MigrationId,
    Piece,
    Revision,
    RevisionId,
    Section,
    StatementId,
    migration_id,
)

A, B = RevisionId("a" * 40), RevisionId("b" * 40)
M = MigrationId(f"m1:{'5e' * 32}")
S = StatementId(f"s1:{'0f' * 32}")

PLAIN = Revision(
    parents=(A,),
    migration=M,
    message="Add orders\n\nAsked for by the shop.",
    author="Ada Example <ada@example.org>",
    date="2026-03-01T12:00:00Z",
    dialect="postgres",
    replaces=B,
    carried_from=((B, M),),
    losses=("orders: rows",),
    up="CREATE TABLE orders (id bigint);\nDO $$ BEGIN END $$;\n",
    down="DROP TABLE orders;\n",
    down_generated=True,
    effects=(Effect(S, "observed on postgres 18", ('{"create": "x"}',)), Effect(S, "unknown")),
)
PLAIN_TEXT = f"""\
-- schemaops revision 1
-- parents: {A}
-- migration: {M}
-- message: Add orders
--
--   Asked for by the shop.
-- author: Ada Example <ada@example.org>
-- date: 2026-03-01T12:00:00Z
-- dialect: postgres
-- replaces: {B}
-- carried-from: {B} {M}
-- loss: orders: rows

-- up
CREATE TABLE orders (id bigint);
DO $$ BEGIN END $$;

-- down, generated
DROP TABLE orders;

-- effect
-- of {S}, observed on postgres 18
--   {{"create": "x"}}
-- of {S}, unknown
"""
MERGE = Revision(
    parents=(A, B),
    fingerprint=f"f1:{'ab' * 32}",
    sections=(
        Section(
            A,
            (
                Piece(("bbbbbbbbbbbb",), Kept.CARRIED, "DROP TABLE x;\n\n"),
                Piece(("bbbbbbbbbbbb", "cccccccccccc"), Kept.ONCE),
            ),
            (Piece(("bbbbbbbbbbbb",), Kept.VERBATIM, "CREATE TABLE x (a INT);\n"),),
        ),
        Section(B, (), ()),
    ),
)
MERGE_TEXT = f"""\
-- schemaops revision 1
-- parents: {A} {B}
-- fingerprint: f1:{"ab" * 32}

-- up from {A}
-- of bbbbbbbbbbbb, carried
DROP TABLE x;

-- of bbbbbbbbbbbb cccccccccccc, once

-- down to {A}
-- of bbbbbbbbbbbb, verbatim
CREATE TABLE x (a INT);

-- up from {B}

-- down to {B}
"""
FIRST = Revision(migration=M, up="")
FIRST_TEXT = f"-- schemaops revision 1\n-- parents: base\n-- migration: {M}\n\n-- up\n"


@pytest.mark.parametrize(
    ("revision", "text"),
    [(PLAIN, PLAIN_TEXT), (MERGE, MERGE_TEXT), (FIRST, FIRST_TEXT)],
    ids=["plain", "merge", "first"],
)
def test_the_page_that_a_reviewer_reads(revision: Revision, text: str) -> None:
    assert to_bytes(revision).decode() == text
    assert from_bytes(text.encode()) == revision


def test_where_up_begins_in_the_file() -> None:
    for revision in (PLAIN, FIRST, replace(PLAIN, up="-- down\n")):
        lines = to_bytes(replace(revision, up="HERE\n" + revision.up)).decode().split("\n")
        assert lines[up_line(revision) - 1] == "HERE"


def test_markers_get_a_fence_only_where_sql_looks_like_one() -> None:
    plain = replace(PLAIN, up="-- down the road\n-- updated\n")
    assert b"\n-- up\n-- down the road\n" in to_bytes(plain)
    alike = replace(PLAIN, up="-- down\nSELECT 1;\n-- up ==\n")
    assert b"\n-- up =\n-- down\nSELECT 1;\n-- up ==\n\n-- down, generated =\n" in to_bytes(alike)
    assert from_bytes(to_bytes(alike)) == alike


def test_a_whole_file_is_sql_that_an_engine_reads() -> None:
    up = "CREATE TABLE t (a INT);\n-- down\nINSERT INTO t VALUES (1);\n"
    revision = Revision(
        migration=migration_id(up, "sqlite"),
        message="a 'quote' and a ; here\n*/ and there",
        up=up,
        down="DELETE FROM t;\nDROP TABLE t;\n",
        effects=(Effect(S, "declared", ('{"x": "; DROP TABLE t"}',)),),
    )
    connection = sqlite3.connect(":memory:")
    connection.executescript(to_bytes(revision).decode())
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (replace(PLAIN, parents=(RevisionId("abc"),)), "full id"),
        (replace(MERGE, parents=(B, A)), "order of their ids"),
        (replace(MERGE, parents=(A, A)), "order of their ids"),
        (replace(MERGE, sections=MERGE.sections[::-1]), "one section for each parent"),
        (replace(MERGE, migration=M), "no migration id"),
        (replace(MERGE, up="SELECT 1;\n"), "sections in place of"),
        (replace(PLAIN, sections=MERGE.sections), "only a merge"),
        (replace(PLAIN, migration=None), "has a migration id"),
        (replace(PLAIN, checkpoint=True), "has a migration id"),
        (replace(PLAIN, migration=MigrationId("m1:xyz")), "no migration"),
        (replace(PLAIN, date="yesterday"), "no date"),
        (replace(PLAIN, author="a\nb"), "not one line"),
        (replace(PLAIN, losses=("",)), "not one line"),
        (replace(PLAIN, message="a\rb"), "carriage return"),
        (replace(PLAIN, up="SELECT 1;"), "line feed"),
        (replace(PLAIN, up="SELECT\r\n1;\n"), "line feed"),
        (replace(PLAIN, up="SELECT '\0';\n"), "line feed"),
        (replace(PLAIN, up="SELECT '\ud800';\n"), "not Unicode"),
        (replace(PLAIN, down=None), "no down that could be generated"),
        (replace(PLAIN, effects=(Effect(S, "guessed"),)), "how an effect is known"),
        (replace(PLAIN, effects=(Effect(S, "unknown", ("x",)),)), "unknown effect"),
        (replace(PLAIN, effects=(Effect(S, "declared", ("a\nb",)),)), "not one line"),
        (
            replace(MERGE, sections=(Section(A, (Piece((), Kept.ONCE),), ()), Section(B, (), ()))),
            "twelve digits",
        ),
        (
            replace(
                MERGE,
                sections=(
                    Section(A, (Piece(("b" * 12,), Kept.ONCE, "x;\n"),), ()),
                    Section(B, (), ()),
                ),
            ),
            "made once",
        ),
    ],
)
def test_what_could_not_be_read_back_is_not_written(wrong: Revision, reason: str) -> None:
    with pytest.raises(MalformedRevision, match=reason):
        to_bytes(wrong)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("-- schemaops revision 1", "-- schemaops revision one", 1),
        ("-- parents", "-- ancestors", 2),
        (f"-- parents: {A}\n", "", 1),
        (A, A[:-1], 2),
        ("-- message: Add orders", "-- message:", 4),
        ("-- message: Add orders", "message: Add orders", 4),
        ("--   Asked", "-- Asked", 6),
        ("-- dialect: postgres\n", "-- dialect: postgres\n-- dialect: postgres\n", 10),
        ("-- author: Ada Example <ada@example.org>\n", "", None),
        ("\n-- up\n", "\n-- upwards\n", 14),
        ("\n\n-- down,", "\n-- down,", 17),
        ("-- down, generated\n", "-- up\n", 18),
        ("-- loss: orders: rows\n", "-- loss: orders: rows\n-- replaces: x\n", 13),
        ('--   {"create"', '{"create"', 23),
        ("unknown\n", "unknown\n\n", 25),
        ("unknown\n", "unknown", None),
        ("Asked", "\udcffsked", 6),
    ],
)
def test_a_changed_file_is_refused_with_its_place(old: str, new: str, line: int | None) -> None:
    data = PLAIN_TEXT.replace(old, new, 1).encode(errors="surrogateescape")
    if line is None and "unknown" not in old:
        # Still a page of SchemaOps, and another one.
        assert from_bytes(data) != PLAIN
        return
    with pytest.raises(MalformedRevision) as raised:
        from_bytes(data, file="x.sql")
    place = raised.value.place
    assert place is not None
    assert place.file == "x.sql"
    if line is not None:
        assert place.line == line


def test_sections_in_another_order_are_refused() -> None:
    up, down = "-- up\nCREATE", "-- down, generated\nDROP"
    assert up in PLAIN_TEXT
    swapped = PLAIN_TEXT.replace(up, "-- DOWN").replace(down, up).replace("-- DOWN", down)
    with pytest.raises(MalformedRevision, match="not how SchemaOps writes"):
        from_bytes(swapped.encode())


def test_a_newer_format_says_so() -> None:
    with pytest.raises(NewerFormat) as raised:
        read_header(PLAIN_TEXT.replace("revision 1", "revision 2").encode(), file="x.sql")
    assert raised.value.place == Place("x.sql", 1)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe", b"-- schemaops revision 1\n"])
def test_what_is_no_revision_at_all(data: bytes) -> None:
    with pytest.raises(MalformedRevision):
        from_bytes(data)
