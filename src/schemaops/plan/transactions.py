"""What may share a transaction, in each dialect: statements into steps.

Where every statement of a move can be in a transaction the move is one step. Otherwise what cannot
is a step of its own, and so is every statement of MySQL that commits by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from schemaops.plan.steps import PlannedStatement, Step

__all__ = ["alone", "in_steps", "rebuilds"]

_POSTGRES_ALONE = re.compile(
    r"""\s*(?:
        (?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+CONCURRENTLY\b
      | REINDEX\b.*\bCONCURRENTLY\b
      | ALTER\s+TABLE\b.*\bDETACH\s+PARTITION\b.*\bCONCURRENTLY\b
      | VACUUM\b | CLUSTER\s*$ | (?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE)\b
      | ALTER\s+(?:SYSTEM\b|DATABASE\b.*\bSET\s+TABLESPACE\b)
      | (?:CREATE|ALTER|DROP)\s+SUBSCRIPTION\b
    )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_ADDS_VALUE = re.compile(
    r"\s*ALTER\s+TYPE\b.*?\bADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?('(?:[^']|'')*')",
    re.IGNORECASE | re.DOTALL,
)
_SQLITE_ALONE = re.compile(
    r"""\s*(?:VACUUM|ATTACH|DETACH)\b
      | \s*PRAGMA\s+(?!(?:\w+\.)?(?:legacy_alter_table|(?:defer_)?foreign_keys?(?:_check)?
            |ignore_check_constraints|user_version|application_id)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
# Within a transaction it has no effect: whoever begins the transaction looks away for the script.
_LOOKS_AWAY = re.compile(r"\s*PRAGMA\s+foreign_keys\s*[=(]\s*(?:off|0|no|false)\b", re.IGNORECASE)
_MYSQL_ROWS = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|SELECT|WITH|SET|DO)\b", re.IGNORECASE)
_COMMENTS = re.compile(
    r"\A(?:\s+|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*(?![!+M]).*?\*/)+", re.DOTALL
)
_DROPPED = re.compile(
    r"\s*DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(\"(?:[^\"]|\"\")+\"|`[^`]+`|\[[^\]]+\]|[\w.]+)",
    re.IGNORECASE,
)
_RENAMED = re.compile(
    r"\s*ALTER\s+TABLE\s+.*?\bRENAME\s+TO\s+(\"(?:[^\"]|\"\")+\"|`[^`]+`|\[[^\]]+\]|[\w.]+)\s*\Z",
    re.IGNORECASE | re.DOTALL,
)


def alone(statements: Sequence[str], dialect: str) -> tuple[bool, ...]:
    """Return for each statement whether it cannot share a transaction with its neighbours."""
    bare = [_COMMENTS.sub("", one) for one in statements]
    match dialect:
        case "postgres":
            return tuple(
                bool(_POSTGRES_ALONE.match(one)) or _used_later(one, bare[place + 1 :])
                for place, one in enumerate(bare)
            )
        case "sqlite":
            return tuple(bool(_SQLITE_ALONE.match(one)) for one in bare)
        case _:
            return tuple(not _MYSQL_ROWS.match(one) for one in bare)


def in_steps(
    statements: Sequence[PlannedStatement], dialect: str, afters: Sequence[str | None] = ()
) -> tuple[Step, ...]:
    """Return the statements as steps; `afters` are the fingerprints after each, as far as known."""
    apart = alone([one.sql for one in statements], dialect)
    known = [*afters, *[None] * (len(statements) - len(afters))]
    rebuilding = dialect == "sqlite" and rebuilds(one.sql for one in statements)
    steps: list[Step] = []
    together: list[PlannedStatement] = []
    after: str | None = None
    for one, single, later in zip(statements, apart, known, strict=True):
        if single:
            if together:
                steps.append(Step(tuple(together), True, after, rebuilding))
                together = []
            steps.append(Step((one,), False, later))
        else:
            together.append(one)
            after = later
    if together:
        steps.append(Step(tuple(together), True, after, rebuilding))
    return tuple(steps)


def rebuilds(statements: Iterable[str]) -> bool:
    """Return whether a table is dropped and another takes its name, SQLite's way to alter one, or
    foreign keys are not to be minded."""
    dropped: set[str] = set()
    for one in statements:
        bare = _COMMENTS.sub("", one)
        if _LOOKS_AWAY.match(bare):
            return True
        if drop := _DROPPED.match(bare):
            dropped.add(_bare_name(drop[1]))
        elif (rename := _RENAMED.match(bare)) and _bare_name(rename[1]) in dropped:
            return True
    return False


def _used_later(statement: str, later: Sequence[str]) -> bool:
    # PostgreSQL refuses a new label of an enum until the transaction that added it has ended.
    added = _ADDS_VALUE.match(statement)
    return added is not None and any(added[1] in one for one in later)


def _bare_name(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]').lower()
