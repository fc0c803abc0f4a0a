"""The comment holds whatever people write, and no more than a forge takes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from schemaops.reports.ci import Against, BranchAt, CiReport, Foreseen, NewRevision
from schemaops.reports.comment import comment
from schemaops.reports.hazards import HazardNote
from schemaops.reports.log import LogEntry
from schemaops.reports.markdown import code, escaped, fenced
from schemaops.reports.mermaid import Drawn, Role, picture

ID = "0123456789abcdef0123456789abcdef01234567"


def revision(title: str = "Orders", up: str = "CREATE TABLE t (a INT);\n") -> NewRevision:
    entry = LogEntry(ID, (), title, title, "m1:0")
    return NewRevision(
        entry, up, "DROP TABLE t;\n", hazards=(HazardNote("BC01", "x", "warn", "y"),)
    )


def report(*revisions: NewRevision) -> CiReport:
    sides = (BranchAt("main", "c" * 40), BranchAt("topic", "d" * 40))
    return CiReport(".schemaops", *sides, Against("main"), revisions=revisions)


def outside_of_code(text: str) -> str:
    """What a forge looks at for people, numbers and tags."""
    without = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    without = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", without)
    return re.sub(r"</?(?:details|summary)>", "", without)


NASTY = "</details><script>@everyone #12 `code` | [x](http://e) ![i](u) <!-- schemaops --> **b**"


def test_nothing_that_people_write_is_markup() -> None:
    said = comment(report(revision(NASTY)))
    seen = outside_of_code(said).replace("<!-- -->", "\0")
    assert not re.search(r"(?<!\\)[<>|*\[\]]", re.sub(r"\*\*\w+\*\*", "", seen))
    assert not re.search(r"@\w|#\d", seen)


@pytest.mark.parametrize("sql", ["SELECT '```';\n", "-- ````\n```\n</details>\n", "x"])
def test_code_does_not_leave_its_fence(sql: str) -> None:
    said = fenced(sql, "sql")
    first, *_, last = said.split("\n")
    assert last * 1 == first.removesuffix("sql")
    assert last not in said.removeprefix(first).removesuffix(last)


@pytest.mark.parametrize("text", ["a", "`a`", "``", "a ``` b", "a\nb"])
def test_code_within_a_line_holds_backticks(text: str) -> None:
    (found,) = re.findall(r"^(`+) ?(.*?) ?\1$", code(text))
    assert found[1] == " ".join(text.split())


def test_text_stays_on_its_line() -> None:
    assert escaped("a\n\n# b") == r"a \# b"


def test_what_is_too_long_loses_its_sql_first_and_then_its_ends() -> None:
    many = report(*(revision(f"Revision {n}", f"SELECT {'x' * 500};\n") for n in range(200)))
    whole, brief, short = (comment(many, longest) for longest in (10**6, 60_000, 8_000))
    assert "xxx" in whole
    assert "shortened" not in whole
    assert "xxx" not in brief
    assert brief.count("#### ") == 200
    assert short.count("#### ") == 25
    assert "… and 175 more revisions." in short
    assert all("BC01" in one for one in (whole, brief, short))
    for longest in (500, 8_000, 60_000):
        assert len(comment(many, longest)) <= longest


def test_environments_with_one_plan_are_told_together() -> None:
    problem = Foreseen("far", "live", problem="it is not there")
    found = replace(
        report(revision()),
        environments=(Foreseen("one", "assumed", problem="no"), problem),
    )
    said = comment(found)
    assert "**one** (taken to be where the target is): no" in said
    assert "**far** (looked at now): it is not there" in said
    alike = replace(found, environments=(problem, replace(problem, environment="further")))
    assert "**far** (looked at now), **further** (looked at now): it is" in comment(alike)


def test_a_picture_says_what_it_leaves_out() -> None:
    line = [
        Drawn(f"{n:040x}", (f"{n - 1:040x}",) if n else (), f'say "{n}"', Role.BROUGHT)
        for n in range(100)
    ]
    said = picture(line, [("topic", line[-1].id), ("old", line[0].id)])
    assert "… 40 older" in said
    assert '#34;99#34;"]' in said
    assert said.count(" --> ") == 60
    assert '(["topic"])' in said
    assert "old" not in said.replace("older", "")
