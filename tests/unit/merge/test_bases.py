"""Two heads as a fork: bases, virtual bases, and what both lines have."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schemaops.diff import diff
from schemaops.history.format import to_bytes
from schemaops.history.revision import Kept, Revision, RevisionId, short
from schemaops.merge.bases import Settle, fork, settled
from schemaops.merge.conflicts import Conflict, Decision
from schemaops.merge.lines import Fork, RevisionLine, line_between
from schemaops.merge.resolutions import Resolution
from schemaops.merge.revisions import sections_up
from tests.unit.plan.histories import History

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, n INTEGER);"
TWICE = "UPDATE users SET n = n * 2;"


def undecided(_: Conflict) -> Resolution | None:
    return None


def keeping(text: str) -> Settle:
    """Decide for the side that says this."""

    def settle(conflict: Conflict) -> Resolution | None:
        if text in conflict.ours_group.text:
            return Decision.OURS
        return Decision.THEIRS if text in conflict.theirs_group.text else None

    return settle


class Forks(History):
    """A history that is merged as well."""

    def fork(self, one: RevisionId, other: RevisionId, settle: Settle = undecided) -> Fork:
        found = fork(self.states, one, other, diff, settle)
        assert found == fork(self.states, other, one, diff, settle)
        return found

    def merged(self, one: RevisionId, other: RevisionId, settle: Settle = undecided) -> RevisionId:
        """Seal the merge of two heads."""
        found = self.fork(one, other, settle)
        merge, _ = settled(found, diff, settle)
        assert merge.clean, [conflict.reason for conflict in merge.conflicts]
        sections = sections_up(found, merge, self.dag)
        name = self._added(
            Revision(parents=found.heads, sections=sections, fingerprint=merge.schema.fingerprint)
        )
        for head in found.heads:
            # From either side the section leads to the schema of the merge.
            line = line_between(self.states, head, name)
            assert line.after == merge.schema, (head, line)
        return name

    def conflicts(self, one: RevisionId, other: RevisionId) -> tuple[Conflict, ...]:
        return settled(self.fork(one, other), diff)[0].conflicts

    def ways(self, merge: RevisionId) -> dict[RevisionId, list[tuple[str, str, str]]]:
        """What each section executes: the revision it stands for, how it is kept, the text."""
        return {
            section.parent: [(piece.of[0], piece.kept.value, piece.text) for piece in section.up]
            for section in self.revisions[merge].sections
        }


@pytest.fixture
def history() -> Forks:
    return Forks()


def told(line: RevisionLine) -> list[str]:
    return [entry.group.text for entry in line.stated if entry.group is not None]


def side(found: Fork, head: RevisionId) -> RevisionLine:
    return found.lines[found.heads.index(head)]


def grown(history: Forks) -> Sequence[RevisionId]:
    """Two heads that each merged an earlier head of the other: their merge bases are two."""
    base = history.seal(USERS, None)
    b1 = history.seal("ALTER TABLE users RENAME COLUMN email TO mail;", None, base)
    b2 = history.seal(f"CREATE INDEX by_mail ON users (email);\n{TWICE}", None, base)
    c1 = history.seal("ALTER TABLE users ADD COLUMN one TEXT;", None, b1)
    c2 = history.seal("ALTER TABLE users ADD COLUMN two TEXT;", None, b2)
    return b1, b2, c1, c2


def test_lines_from_one_base_are_what_the_sides_say(history: Forks) -> None:
    base = history.seal(USERS, None)
    ours = history.seal("CREATE TABLE a (id INTEGER);\n\n  DROP TABLE a;", None, base)
    theirs = history.seal(TWICE, None, base)
    found = history.fork(ours, theirs)
    assert found.bases == (base,)
    assert not found.virtual
    assert told(side(found, ours)) == ["CREATE TABLE a (id INTEGER)", "DROP TABLE a"]
    assert found.base == history.states.at(base)
    assert {entry.of for entry in side(found, theirs).entries} == {(theirs,)}


def test_a_statement_knows_its_line_in_the_file(history: Forks) -> None:
    b1, b2, c1, _ = grown(history)
    merge = history.merged(c1, b2)
    for start, revision in ((b1, c1), (c1, merge), (b2, merge)):
        written = to_bytes(history.revisions[revision]).decode().splitlines()
        line = line_between(history.states, start, revision, lambda one: f"{one}.sql")
        for entry in line.stated:
            assert entry.group is not None
            place = entry.group.place
            if place.file == f"{revision}.sql":
                assert place.line is not None
                assert written[place.line - 1].startswith(entry.group.text)
    assert len(line.stated) == 2


def test_a_line_along_a_merge_is_its_section_from_there(history: Forks) -> None:
    b1, b2, c1, _ = grown(history)
    merge = history.merged(c1, b2)
    from_c1 = line_between(history.states, b1, merge)
    assert [(entry.of, entry.kept) for entry in from_c1.entries] == [
        ((c1,), Kept.VERBATIM),
        ((b2,), Kept.CARRIED),
        ((b2,), Kept.VERBATIM),
    ]
    assert told(from_c1)[1] == "CREATE INDEX by_mail ON users (mail)"
    from_b2 = line_between(history.states, b2, merge)
    assert [entry.of for entry in from_b2.entries] == [(b1,), (c1,)]
    assert from_c1.after == from_b2.after


def test_two_histories_without_a_common_revision_start_from_nothing(history: Forks) -> None:
    ours = history.seal("CREATE TABLE a (id INTEGER);", None)
    theirs = history.seal("CREATE TABLE b (id INTEGER);", None)
    found = history.fork(ours, theirs)
    assert found.bases == ()
    assert len(found.base.schema) == 0
    history.merged(ours, theirs)


def test_a_checkpoint_on_the_way_executes_nothing(history: Forks) -> None:
    base = history.seal(USERS, None)
    point = history.seal(USERS, None, base, checkpoint=True)
    ours = history.seal("CREATE TABLE a (id INTEGER);", None, point)
    theirs = history.seal("CREATE TABLE b (id INTEGER);", None, base)
    assert told(side(history.fork(ours, theirs), ours)) == ["CREATE TABLE a (id INTEGER)"]
    merge = history.merged(ours, theirs)
    assert (short(point), "once", "") in history.ways(merge)[theirs]


# -- several merge bases


def test_a_virtual_base_leaves_to_each_line_what_is_new(history: Forks) -> None:
    b1, b2, c1, c2 = grown(history)
    ours, theirs = history.merged(c1, b2), history.merged(b1, c2)
    found = history.fork(ours, theirs)
    assert set(found.bases) == {b1, b2}
    assert found.virtual
    assert told(side(found, ours)) == ["ALTER TABLE users ADD COLUMN one TEXT"]
    assert told(side(found, theirs)) == ["ALTER TABLE users ADD COLUMN two TEXT"]
    merge = history.merged(ours, theirs)
    assert history.ways(merge)[ours] == [
        (short(c2), "verbatim", "ALTER TABLE users ADD COLUMN two TEXT;\n")
    ]


def test_rows_that_both_sides_share_are_changed_once(history: Forks) -> None:
    b1, b2, c1, c2 = grown(history)
    merge = history.merged(history.merged(c1, b2), history.merged(b1, c2))
    for head in (b1, b2):
        assert told(line_between(history.states, head, merge)).count(TWICE[:-1]) == (head == b1)


def test_three_bases_are_merged_two_at_a_time(history: Forks) -> None:
    base = history.seal(USERS, None)
    tops = [history.seal(f"CREATE TABLE t{n} (id INTEGER);", None, base) for n in range(3)]
    one, two, three = tops
    ours = history.merged(history.merged(one, two), three)
    theirs = history.merged(one, history.merged(two, three))
    ours = history.seal("ALTER TABLE t0 ADD COLUMN ours TEXT;", None, ours)
    theirs = history.seal("ALTER TABLE t0 ADD COLUMN theirs TEXT;", None, theirs)
    found = history.fork(ours, theirs)
    assert set(found.bases) == set(tops)
    assert [told(line) for line in found.lines] == [
        [f"ALTER TABLE t0 ADD COLUMN {'ours' if head == ours else 'theirs'} TEXT"]
        for head in found.heads
    ]


def clashing(history: Forks) -> tuple[RevisionId, RevisionId, RevisionId, RevisionId]:
    """As `grown`, and the two bases are at odds."""
    base = history.seal(USERS, None)
    b1 = history.seal("ALTER TABLE users RENAME COLUMN email TO mail;", None, base)
    b2 = history.seal("ALTER TABLE users RENAME COLUMN email TO address;", None, base)
    c1 = history.seal("ALTER TABLE users ADD COLUMN one TEXT;", None, b1)
    c2 = history.seal("ALTER TABLE users ADD COLUMN two TEXT;", None, b2)
    return b1, b2, c1, c2


def test_bases_at_odds_that_both_sides_decided_alike_still_merge(history: Forks) -> None:
    b1, b2, c1, c2 = clashing(history)
    mail = keeping("TO mail")
    ours, theirs = history.merged(c1, b2, mail), history.merged(b1, c2, mail)
    found = history.fork(ours, theirs, mail)
    assert found.virtual
    assert told(side(found, ours)) == ["ALTER TABLE users ADD COLUMN one TEXT"]
    history.merged(ours, theirs, mail)


def test_bases_at_odds_that_the_sides_decided_differently_are_asked(history: Forks) -> None:
    b1, b2, c1, c2 = clashing(history)
    one = history.merged(c1, b2, keeping("TO mail"))
    two = history.merged(b1, c2, keeping("TO address"))
    assert history.conflicts(one, two)
    assert not history.fork(one, two, keeping("TO mail")).virtual


# -- what both lines have


def test_a_picked_migration_is_made_once(history: Forks) -> None:
    base = history.seal(USERS, None)
    fix = f"ALTER TABLE users ADD COLUMN fixed TEXT;\n{TWICE}"
    ours = history.seal("CREATE TABLE a (id INTEGER);", None, base)
    ours = mine = history.seal(fix, None, ours)
    ours = history.seal("ALTER TABLE users DROP COLUMN fixed;", None, ours)
    theirs = history.seal("CREATE TABLE b (id INTEGER);", None, base)
    theirs = its = history.seal(fix.replace("ADD", "add"), None, theirs)
    assert history.conflicts(ours, theirs)  # another spelling is another migration
    theirs = its = history.seal(f"-- the same\n{fix}", None, history.revisions[its].parents[0])
    found = history.fork(ours, theirs)
    assert set(found.made_once) == {(mine, its) if ours < theirs else (its, mine)}
    merge = history.merged(ours, theirs)
    assert history.ways(merge)[ours] == [
        (short(history.revisions[its].parents[0]), "verbatim", "CREATE TABLE b (id INTEGER);\n"),
        (short(its), "once", ""),
    ]
    assert [text for _, _, text in history.ways(merge)[theirs]] == [
        "CREATE TABLE a (id INTEGER);\n",
        "ALTER TABLE users DROP COLUMN fixed;\n",
        "",
    ]


def test_a_picked_migration_that_was_carried_is_known_by_where_it_came_from(
    history: Forks,
) -> None:
    base = history.seal(USERS, None)
    ours = history.seal("CREATE INDEX by_mail ON users (email);", None, base)
    theirs = history.seal("ALTER TABLE users RENAME COLUMN email TO mail;", None, base)
    name = history.revisions[ours].migration
    assert name is not None
    picked = history.seal(
        "CREATE INDEX by_mail ON users (mail);", None, theirs, carried_from=((ours, name),)
    )
    ours = history.seal("CREATE TABLE a (id INTEGER);", None, ours)
    found = history.fork(ours, picked)
    assert len(found.made_once) == 1
    assert told(side(found, picked)) == ["ALTER TABLE users RENAME COLUMN email TO mail"]
    history.merged(ours, picked)


def test_a_pick_that_does_not_commute_with_what_came_before_is_asked(history: Forks) -> None:
    base = history.seal(USERS, None)
    ours = history.seal(TWICE, None, history.seal("UPDATE users SET n = n + 1;", None, base))
    theirs = history.seal(f"-- picked\n{TWICE}", None, base)
    assert history.fork(ours, theirs).made_once == ()
    assert history.conflicts(ours, theirs)


def test_an_amended_revision_takes_the_place_of_what_it_was(history: Forks) -> None:
    base = history.seal(USERS, None)
    before = history.seal("CREATE TABLE a (id INTEGER);", None, base)
    amended = history.seal("CREATE TABLE a (id INTEGER, x TEXT);", None, base, replaces=before)
    theirs = history.seal("ALTER TABLE a ADD COLUMN y TEXT;", None, before)
    merge = history.merged(amended, theirs)
    assert history.ways(merge) == {
        amended: [
            (short(theirs), "verbatim", "ALTER TABLE a ADD COLUMN y TEXT;\n"),
            (short(before), "once", ""),
        ],
        theirs: [(short(amended), "carried", "ALTER TABLE a ADD COLUMN x TEXT;\n")],
    }


def test_an_amendment_that_would_lose_a_column_is_not_followed(history: Forks) -> None:
    base = history.seal(USERS, None)
    before = history.seal("CREATE TABLE a (id INTEGER, x TEXT);", None, base)
    amended = history.seal("CREATE TABLE a (id INTEGER);", None, base, replaces=before)
    theirs = history.seal("ALTER TABLE a ADD COLUMN y TEXT;", None, before)
    found = history.fork(amended, theirs)
    assert found.unamended == ((amended, before),)
    assert history.conflicts(amended, theirs)
