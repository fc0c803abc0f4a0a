"""Who seals, and when: as git would say it, from its configuration and its variables."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from schemaops.commands.workspace import Workspace
from schemaops.errors import Cause, SchemaOpsError

__all__ = ["UnknownAuthor", "UnreadableDate", "author", "clock", "now", "who"]


class UnknownAuthor(SchemaOpsError):
    """Git does not know who you are, and a revision names its author.

    Tell git once: `git config --global user.name 'Your Name'`, and `user.email` likewise.
    """

    code = "SO715"
    cause = Cause.USAGE


class UnreadableDate(SchemaOpsError):
    """The variable GIT_AUTHOR_DATE holds no date that can be read.

    It is understood as seconds since 1970 with an offset (`1893553445 +0000`) or in ISO 8601
    (`2030-01-02T03:04:05Z`). Without the variable the clock is asked.
    """

    code = "SO716"


def author(workspace: Workspace) -> str | None:
    """Return who seals, `Name <address>`; None outside git, where nobody says. Raise UnknownAuthor."""
    name = workspace.environ.get("GIT_AUTHOR_NAME")
    email = workspace.environ.get("GIT_AUTHOR_EMAIL")
    if workspace.git is None:
        return f"{name} <{email}>" if name and email else None
    found = workspace.repository().author(workspace.environ)
    if found is None:
        raise UnknownAuthor(
            "git does not know who you are",
            hints=(
                "git config user.name 'Your Name'",
                "git config user.email you@example.org",
            ),
        )
    return found


def who(workspace: Workspace) -> str:
    """Return who replays, for the ledger: the author, else the user of this machine."""
    if workspace.git is not None:
        # Loading what reads git in full takes longer than many a replay.
        plain = workspace.git.author(workspace.environ)
        found = plain or workspace.repository().author(workspace.environ)
        if found is not None:
            return found
    return workspace.environ.get("USER") or "unknown"


def clock() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def now(workspace: Workspace) -> str:
    """Return the date that a revision sealed now bears, to the second; raise UnreadableDate."""
    given = workspace.environ.get("GIT_AUTHOR_DATE")
    moment = _read(given) if given else datetime.now(UTC).astimezone()
    return moment.isoformat(timespec="seconds")


def _read(text: str) -> datetime:
    seconds = re.fullmatch(r"@?(\d+)(?: ([+-]\d{2})(\d{2}))?", text.strip())
    try:
        if seconds:
            offset = f"{seconds[2]}:{seconds[3]}" if seconds[2] else "+00:00"
            zone = datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo
            return datetime.fromtimestamp(int(seconds[1]), zone)
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError) as error:
        raise UnreadableDate(f"`{text}` is no date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
