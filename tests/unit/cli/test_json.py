from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from schemaops.reports.shapes import schemas
from tests.transcripts.sessions import typed
from tests.unit.commands.project import Project
from tests.unit.reports.validation import mistakes

# What is typed in turn in one project, with the exit code each ends with.
SESSION = (
    ("init --dialect sqlite", 0),
    ("env add production --url sqlite:///production.db --protected", 0),
    ("env list", 0),
    ("new Nothing", 0),
    ("status", 0),
    ("commit -m Users --sql 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, age INT)'", 0),
    ("log --graph", 0),
    ("show @", 0),
    ("plan dev", 0),
    ("replay dev", 0),
    ("status --live", 0),
    ("drift dev", 0),
    ("drift dev --draft Nothing", 0),
    ("schema env:dev", 0),
    ("diff base @", 1),
    ("! git add .schemaops/revisions .schemaops/config.toml", 0),
    ("! git commit --quiet -m users", 0),
    ("switch --create mail", 0),
    ("commit -m Mail --sql 'ALTER TABLE users RENAME COLUMN email TO mail; DROP TABLE users'", 0),
    ("commit --amend --sql 'ALTER TABLE users RENAME COLUMN email TO mail'", 0),
    ("! git commit --quiet -m mail", 0),
    ("switch main", 0),
    ("commit -m Contact --sql 'ALTER TABLE users RENAME COLUMN email TO contact'", 0),
    ("! git commit --quiet -m contact", 0),
    ("branch", 0),
    ("branch old --from main~1", 0),
    ("ci --base main --head mail", 1),
    ("branch --conflicts", 1),
    ("merge --plan", 1),
    ("rebase mail", 1),
    ("rebase --abort", 0),
    ("cherry-pick mail", 1),
    ("cherry-pick --abort", 0),
    ("rebase", 0),
    ("merge mail --dry-run", 1),
    ("merge mail", 1),
    ("merge --abort", 0),
    ("merge mail --ours", 0),
    ("! git commit --quiet --no-edit", 0),
    ("log", 0),
    ("show @", 0),
    ("plan dev", 0),
    ("replay dev", 0),
    ("plan dev --to base", 0),
    ("commit -m Height --sql 'ALTER TABLE users ADD COLUMN height INT'", 0),
    ("revert @", 0),
    ("verify", 0),
    ("checkpoint --without production", 0),
    ("archive dev", 0),
    ("purge dev --older-than 1d", 0),
    ("fsck", 0),
    ("archive dev", 0),
    ("purge dev --older-than 30d", 0),
    ("hook install", 0),
    ("hook run", 0),
    ("explain SO101", 0),
)
MISTAKES = ("show nowhere", "replay nowhere", "nonsense", "log --nope", "plan production --to zzz")


def test_every_answer_has_the_shape_that_is_documented(empty: Project) -> None:
    formats = schemas()
    met = set()
    for line, code in SESSION:
        if line.startswith("! "):
            empty.git(*line.split()[2:])
            continue
        shape = _json(empty, line, code)
        assert next(iter(shape)) == "format"
        assert list(mistakes(shape, formats[shape["format"]])) == [], line
        met.add(shape["format"])
    for line in MISTAKES:
        shape = _json(empty, line, None)
        assert list(mistakes(shape, formats["schemaops.error/1"])) == [], line
        met.add(shape["format"])
    # What needs no project, or another tool's, has tests of its own.
    apart = {"schemaops.adopt/1", "schemaops.import/1", "schemaops.reversal/1"}
    assert met | apart == set(formats)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("merge-file base.sql ours.sql theirs.sql", 0),
        ("merge-file base.sql ours.sql ours.sql", 0),
        ("merge-file base.sql ours.sql clash.sql", 1),
        ("reverse-file base.sql ours.sql", 0),
        ("schema file:base.sql", 0),
        ("schema file:base.sql --strict", 0),
        ("diff file:base.sql file:base.sql", 0),
        ("diff file:base.sql file:opaque.sql", 1),
    ],
)
def test_the_plumbing_has_the_shapes_that_are_documented(
    empty: Project, line: str, code: int
) -> None:
    empty.write("base.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT);")
    empty.write("ours.sql", "ALTER TABLE t RENAME COLUMN a TO b;")
    empty.write("theirs.sql", "CREATE INDEX i ON t (a); UPDATE t SET a = 1;")
    empty.write("opaque.sql", "ATTACH DATABASE 'other.db' AS other; CREATE TABLE other.t (a);")
    empty.write("clash.sql", "ALTER TABLE t RENAME COLUMN a TO c;")
    shape = _json(empty, f"{line} --dialect sqlite", code)
    assert list(mistakes(shape, schemas()[shape["format"]])) == []


def _json(project: Project, line: str, code: int | None) -> Any:
    printed, ended = typed([*shlex.split(line), "--json"], project.folder, project.environ)
    assert code is None or ended == code, printed
    return json.loads(printed)


def test_several_faults_are_one_object(empty: Project) -> None:
    empty.write("base.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY);")
    empty.write("ours.sql", "DROP TABLE a;\nDROP TABLE t;\nDROP TABLE b;")
    shape = _json(empty, "reverse-file base.sql ours.sql --dialect sqlite", None)
    assert list(mistakes(shape, schemas()["schemaops.error/1"])) == []
    assert [one["place"]["line"] for one in shape["errors"]] == [1, 3]
    assert shape["code"] == shape["errors"][0]["code"]
