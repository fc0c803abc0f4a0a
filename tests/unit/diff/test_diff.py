"""What a diff says of two schemas, and in which order."""

from __future__ import annotations

import pytest

from schemaops.diff import LikelyRename, UnreadableRename, diff, likely_renames, settled
from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Rename, Reorder
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.render import render


def _schema(text: str, dialect: str = "postgres") -> Schema:
    read = interpret(text, dialect=dialect)
    assert read.faults == read.opaque == ()
    return read.after


def _script(before: str, after: str, dialect: str = "postgres", *renames: str) -> tuple[str, ...]:
    one, other = _schema(before, dialect), _schema(after, dialect)
    return render(diff(one, other, [settled(text, one) for text in renames]), one)


def _column(*path: str) -> Address:
    return Address(Kind.COLUMN, tuple(map(Name, path)))


def test_equal_schemas_differ_in_nothing() -> None:
    one = _schema("CREATE TABLE t (a int, b int)")
    other = _schema("CREATE TABLE t (b int, a int)")
    assert diff(one, other) == ()


def test_identical_is_stricter_than_equal() -> None:
    one = _schema("CREATE TABLE t (a int, b int)", "mysql")
    other = _schema("CREATE TABLE t (b int, a int)", "mysql")
    (reorder,) = diff(one, other, strict=True)
    assert isinstance(reorder, Reorder)
    assert reorder.apply(one).strict_fingerprint == other.strict_fingerprint


def test_tables_that_refer_to_each_other_come_before_their_foreign_keys() -> None:
    after = (
        "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int);"
        "ALTER TABLE a ADD CONSTRAINT ab FOREIGN KEY (b) REFERENCES b (id);"
        "ALTER TABLE b ADD CONSTRAINT ba FOREIGN KEY (a) REFERENCES a (id)"
    )
    forth = _script("", after)
    assert forth[-1].startswith("ALTER TABLE")
    back = _script(after, "")
    assert [text.split(" ")[0] for text in back] == ["ALTER", "DROP", "DROP"]


def test_a_foreign_key_goes_and_comes_around_the_key_that_it_needs() -> None:
    child = "CREATE TABLE c (a int, CONSTRAINT f FOREIGN KEY (a) REFERENCES p (a))"
    one = f"CREATE TABLE p (a int, CONSTRAINT k UNIQUE (a)); {child}"
    other = f"CREATE TABLE p (a int, CONSTRAINT k PRIMARY KEY (a)); {child}"
    said = _script(one, other)
    assert said[0] == "ALTER TABLE c DROP CONSTRAINT f"
    assert said[-1].startswith("ALTER TABLE c ADD CONSTRAINT f FOREIGN KEY")


def test_views_go_before_what_they_read_and_come_after_it() -> None:
    over = "CREATE VIEW w AS SELECT a FROM v"
    before = f"CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a, b FROM t; {over}"
    after = f"CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; {over}"
    assert _script(before, after) == (
        "DROP VIEW w",
        "DROP VIEW v",
        "ALTER TABLE t DROP COLUMN b",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIEW w AS SELECT a FROM v",
    )


def test_names_are_free_before_they_are_taken() -> None:
    before = "CREATE TABLE old (a int); CREATE INDEX i ON old (a)"
    after = "CREATE TABLE new (a int); CREATE INDEX i ON new (a)"
    said = _script(before, after)
    assert said == (
        "DROP TABLE old",
        "CREATE TABLE new (\n    a int\n)",
        "CREATE INDEX i ON new (a)",
    )


def test_what_is_the_same_under_another_name_is_renamed() -> None:
    before = "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0)); CREATE INDEX i ON t (a)"
    after = "CREATE TABLE t (a int CONSTRAINT d CHECK (a > 0)); CREATE INDEX j ON t (a)"
    assert set(_script(before, after)) == {
        "ALTER TABLE t RENAME CONSTRAINT c TO d",
        "ALTER INDEX i RENAME TO j",
    }


def test_unnamed_constraints_are_known_by_what_they_say() -> None:
    one = _schema("CREATE TABLE t (a int, b int, CHECK (a > 0), CHECK (b > 0))", "sqlite")
    other = _schema("CREATE TABLE t (a int, b int, CHECK (b > 0), CHECK (a > 0))", "sqlite")
    assert diff(one, other) == ()
    third = _schema("CREATE TABLE t (a int, b int, CHECK (b > 0), CHECK (a > 1))", "sqlite")
    assert [type(o) for o in diff(one, third)] == [Drop, Create]


def test_a_label_swapped_for_another_is_no_rename() -> None:
    one = _schema("CREATE TYPE m AS ENUM ('a', 'b')")
    other = _schema("CREATE TYPE m AS ENUM ('a', 'c')")
    steps = [(o.before, o.after) for o in diff(one, other) if isinstance(o, Alter)]
    assert steps == [(("a", "b"), ("a", "c", "b")), (("a", "c", "b"), ("a", "c"))]


def test_a_sequence_is_kept_from_the_table_that_goes() -> None:
    before = "CREATE TABLE t (a serial)"
    after = "CREATE SEQUENCE t_a_seq AS integer"
    said = _script(before, after)
    assert said == ("ALTER SEQUENCE t_a_seq OWNED BY NONE", "DROP TABLE t")


def test_a_column_comes_before_the_last_one_goes() -> None:
    said = _script("CREATE TABLE t (a int)", "CREATE TABLE t (b int)", "mysql")
    assert said == ("ALTER TABLE t ADD COLUMN b int NULL FIRST", "ALTER TABLE t DROP COLUMN a")


def test_mysql_puts_a_column_in_its_place() -> None:
    said = _script("CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int, c int, b int)", "mysql")
    assert said == ("ALTER TABLE t ADD COLUMN c int NULL AFTER a",)


def test_a_column_becomes_generated_as_another_column() -> None:
    before = "CREATE TABLE t (a int, b int); CREATE INDEX i ON t (b)"
    after = (
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED); CREATE INDEX i ON t (b)"
    )
    assert _script(before, after) == (
        "ALTER TABLE t DROP COLUMN b",
        "ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a + 1) STORED",
        "CREATE INDEX i ON t (b)",
    )


# -- renames


def test_a_settled_rename_moves_and_does_not_drop() -> None:
    before = "CREATE TABLE users (id int PRIMARY KEY, email text)"
    after = "CREATE TABLE people (id int CONSTRAINT users_pkey PRIMARY KEY, mail text)"
    said = _script(before, after, "postgres", "users=people", "users.email=mail")
    assert said == (
        "ALTER TABLE users RENAME TO people",
        "ALTER TABLE people RENAME COLUMN email TO mail",
    )


def test_a_rename_is_never_guessed() -> None:
    one = _schema("CREATE TABLE users (id int, email text)")
    other = _schema("CREATE TABLE users (id int, mail text)")
    assert not any(isinstance(operation, Rename) for operation in diff(one, other))
    likely = likely_renames(one, other)
    assert likely == (
        LikelyRename(_column("public", "users", "email"), _column("public", "users", "mail")),
    )
    assert str(likely[0]) == "public.users.email=mail"


def test_a_hint_can_be_typed() -> None:
    one = _schema("CREATE TABLE users (id int, email text)")
    other = _schema("CREATE TABLE people (id int, email text)")
    (likely,) = likely_renames(one, other)
    assert diff(one, other, [settled(str(likely), one)]) == (Rename(likely.old, likely.new),)


def test_two_that_look_alike_are_no_hint() -> None:
    one = _schema("CREATE TABLE users (id int, a text, b text)")
    other = _schema("CREATE TABLE users (id int, c text)")
    assert likely_renames(one, other) == ()


@pytest.mark.parametrize("text", ["users", "users=", "=people", "nobody=somebody"])
def test_a_rename_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRename):
        settled(text, _schema("CREATE TABLE users (id int)"))


def test_a_rename_under_a_view_in_mysql_makes_the_view_anew() -> None:
    before = "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t"
    after = "CREATE TABLE t (b int); CREATE VIEW v AS SELECT b AS a FROM t"
    said = _script(before, after, "mysql", "t.a=b")
    assert said[0] == "ALTER TABLE t RENAME COLUMN a TO b"
    assert said[1].startswith("CREATE OR REPLACE VIEW v")


def test_a_foreign_key_goes_though_what_it_refers_to_goes_elsewhere() -> None:
    before = 'CREATE TABLE o ("order" INT); CREATE TABLE i (b INT REFERENCES o ("order"))'
    one = _schema(before, "sqlite")
    other = _schema("CREATE TABLE o (total INT); CREATE TABLE i (b INT)", "sqlite")
    schema = one
    for operation in diff(one, other):
        schema = operation.apply(schema)
    assert schema == other


def test_a_view_of_every_column_has_them_in_the_order_of_its_table() -> None:
    view = "CREATE VIEW v AS SELECT * FROM t"
    one = _schema(f"CREATE TABLE t (a INT, b INT); {view}", "sqlite")
    other = _schema(f"CREATE TABLE t (b INT, a INT); {view}", "sqlite")
    assert Reorder in map(type, diff(one, other))
    plain = _schema("CREATE TABLE t (b INT, a INT)", "sqlite")
    assert diff(_schema("CREATE TABLE t (a INT, b INT)", "sqlite"), plain) == ()
