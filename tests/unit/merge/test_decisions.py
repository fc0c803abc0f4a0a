"""A decision as a file: it names a statement, and is the same decision from either side."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from schemaops.merge import Conflict, Decision, Edited, Resolution, merge
from schemaops.merge.decisions import UnreadableResolution, verdict_from, verdict_of
from schemaops.sql.interpret import interpret

BASE = interpret("CREATE TABLE users (id INTEGER, email TEXT)", dialect="sqlite").after
DECISIONS = (
    Decision.OURS,
    Decision.THEIRS,
    Decision.OURS_FIRST,
    Decision.THEIRS_FIRST,
    Edited("ALTER TABLE users\n  RENAME COLUMN email TO post;\n"),
    Edited(""),
)


def conflict(ours: str, theirs: str) -> Conflict:
    (found,) = merge(BASE, interpret(ours, BASE), interpret(theirs, BASE)).conflicts
    return found


CONTACT = "ALTER TABLE users RENAME COLUMN email TO contact"
MAIL = "ALTER TABLE users RENAME COLUMN email TO mail"
HERE, THERE = conflict(CONTACT, MAIL), conflict(MAIL, CONTACT)


def swapped(decision: Resolution) -> Resolution:
    return decision.swapped() if isinstance(decision, Decision) else decision


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_read_back_from_either_side(decision: Resolution) -> None:
    written = verdict_of(HERE, decision, "sqlite").text().encode()
    read = verdict_from(written, "f")
    assert read.text().encode() == written
    assert read.on(HERE, "sqlite") == decision
    assert HERE.id == THERE.id
    assert read.on(THERE, "sqlite") == swapped(decision)


@pytest.mark.parametrize("decision", DECISIONS)
def test_from_either_side_it_is_written_alike(decision: Resolution) -> None:
    assert verdict_of(HERE, decision, "sqlite") == verdict_of(THERE, swapped(decision), "sqlite")


def test_it_names_the_statement_and_shows_it() -> None:
    assert verdict_of(HERE, Decision.THEIRS, "sqlite").text() == (
        "-- schemaops resolution 1\n"
        f"-- conflict: {HERE.id} SO301\n"
        "-- keep: s1:ab4f5076028a9ab03070f437abd7e37b082e16ad716f866c58af24d77f5d30af\n"
        "\n"
        "ALTER TABLE users RENAME COLUMN email TO mail;\n"
    )


def test_the_page_on_the_format_shows_one() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "format.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n(-- schemaops resolution.*?)```", page, re.DOTALL)
    assert verdict_from(shown.encode(), "f").on(HERE, "sqlite") is Decision.THEIRS


def test_another_layout_is_the_same_statement() -> None:
    again = conflict(CONTACT.replace(" RENAME", "\n  RENAME"), f"/* new */ {MAIL}")
    read = verdict_of(HERE, Decision.THEIRS, "sqlite")
    assert again.id == HERE.id
    assert read.on(again, "sqlite") is Decision.THEIRS


def test_for_other_statements_it_decides_nothing() -> None:
    other = replace(
        HERE,
        ours_group=replace(HERE.ours_group, text="SELECT 1"),
        theirs_group=replace(HERE.theirs_group, text="SELECT 2"),
    )
    assert verdict_of(HERE, Decision.OURS, "sqlite").on(other, "sqlite") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"-- schemaops resolution 2\n",
        b"-- schemaops resolution 1\n-- conflict: 12 SO301\n-- keep: s1:0\n\n",
        verdict_of(HERE, Decision.OURS, "sqlite").text().replace("keep", "drop").encode(),
        verdict_of(HERE, Decision.OURS, "sqlite").text().encode() + b"\xff",
    ],
)
def test_what_is_no_resolution_is_an_error_that_names_the_file(data: bytes) -> None:
    with pytest.raises(UnreadableResolution) as caught:
        verdict_from(data, ".schemaops/resolutions/7c1e")
    assert caught.value.place is not None
    assert caught.value.place.file == ".schemaops/resolutions/7c1e"
