"""``new``: open a draft."""

from __future__ import annotations

from schemaops.commands.drafts import draft_name, template
from schemaops.commands.workspace import Workspace
from schemaops.errors import SchemaOpsError
from schemaops.reports.done import DoneReport

__all__ = ["EmptyMessage", "new"]


class EmptyMessage(SchemaOpsError):
    """A migration was given no message, or an empty one.

    The message says in a few words what is changed: `schemaops new 'Add orders'`.
    """

    code = "SO717"


def new(workspace: Workspace, message: str) -> DoneReport:
    """Write a draft that has the message and nothing else yet."""
    message = message.strip()
    if not message:
        raise EmptyMessage("the message is empty", hints=("schemaops new 'Add orders'",))
    store = workspace.store
    name = draft_name(message, store.drafts())
    store.write_draft(name, template(message).encode())
    file = store.draft_place(name).file
    return DoneReport(
        "new",
        (f"opened the draft {file}: write its statements there",),
        {"draft": name, "file": file},
        (f"schemaops commit {name}    seals it",),
    )
