"""A project's search path holds while its lines are carried."""

from __future__ import annotations

from schemaops.merge import merge
from schemaops.sql.interpret import interpret


def test_carried_statements_are_looked_up_where_the_project_looks() -> None:
    base = interpret(
        "CREATE SCHEMA shop; CREATE TABLE item (id int PRIMARY KEY, name text)",
        None,
        "postgres",
        search_path=("shop", "public"),
    )
    assert not base.faults
    ours = interpret("ALTER TABLE item RENAME COLUMN name TO title", base.after)
    theirs = interpret("CREATE INDEX by_name ON item (name)", base.after)
    assert {str(o.at) for g in ours.groups for o in g.operations} == {"shop.item.name"}  # type: ignore[union-attr]
    found = merge(base.after, ours, theirs)
    assert found.clean
    assert found.ours_to_merged[0].sql == "CREATE INDEX by_name ON item (title)"
