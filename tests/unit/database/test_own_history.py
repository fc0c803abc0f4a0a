"""SchemaOps on itself: `.schemaops` at the top of this tree holds the ledger's tables, and is true."""

from __future__ import annotations

from pathlib import Path

from schemaops.commands.fsck import fsck
from schemaops.commands.workspace import Workspace
from schemaops.database import ledger
from schemaops.database.connect import open_database
from schemaops.history.spec import one_head
from schemaops.sql.interpret import interpret

TOP = Path(__file__).parents[3]


def test_the_history_at_the_top_is_sound_and_is_the_ledgers(tmp_path: Path) -> None:
    workspace = Workspace(TOP / ".schemaops", {"HOME": str(tmp_path)})
    assert not fsck(workspace).decision
    head = one_head(workspace.dag, "main")
    with open_database("sqlite://").connect(create=True) as connection:
        ledger.ensure(connection)
        rows = connection.query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    script = ";\n".join(sql.replace("schemaops_", "") for (sql,) in rows)
    assert interpret(script, None, "sqlite").after == workspace.states().schema(head)
