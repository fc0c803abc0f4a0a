from __future__ import annotations

from schemaops.reports.text import aligned, count, dim, ident, line, one_line, plain, short


def test_cells_stand_in_columns_and_nothing_trails() -> None:
    rows = aligned([("a", ident("long"), "x"), ("bbb", "s", dim("")), ("c", "", "z")])
    assert plain(rows) == "  a    long  x\n  bbb  s\n  c          z\n"


def test_an_empty_line_is_a_line() -> None:
    assert plain(((), line("a"))) == "\na\n"


def test_numbers_have_their_nouns() -> None:
    assert (count(1, "head"), count(2, "head"), count(0, "entry", "entries")) == (
        "1 head",
        "2 heads",
        "0 entries",
    )


def test_sql_on_one_line_says_where_it_was_cut() -> None:
    assert one_line("SELECT\n  1") == "SELECT 1"
    assert one_line("SELECT a, b, c", 10) == "SELECT a,…"


def test_base_has_a_name() -> None:
    assert (short(None), short("3f2a91c04d7e")) == ("base", "3f2a91c")
