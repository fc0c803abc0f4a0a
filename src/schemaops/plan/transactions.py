"""What may share a transaction, in each dialect: statements into steps.

Where every statement of a move can be in a transaction the move is one step. Otherwise what cannot
is a step of its own, and so is every statement of MySQL that commits by itself; what lossless mode
does there under LOCK TABLES is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from schemaops.names import ARCHIVE
from schemaops.plan.steps import PlannedStatement, Step
from schemaops.sql.rebuilds import bare, rebuilds

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
_MYSQL_ROWS = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|SELECT|WITH|SET|DO)\b", re.IGNORECASE)
# What lossless mode copies and changes while nobody writes; an author's own locks are not held.
_HOLDS = re.compile(rf"LOCK TABLES .*\b{ARCHIVE}_\w+ WRITE\Z", re.DOTALL)


def alone(statements: Sequence[str], dialect: str) -> tuple[bool, ...]:
    """Return for each statement whether it cannot share a transaction with its neighbours."""
    texts = [bare(one) for one in statements]
    match dialect:
        case "postgres":
            return tuple(
                bool(_POSTGRES_ALONE.match(one)) or _used_later(one, texts, place + 1)
                for place, one in enumerate(texts)
            )
        case "sqlite":
            return tuple(bool(_SQLITE_ALONE.match(one)) for one in texts)
        case _:
            return tuple(not _MYSQL_ROWS.match(one) for one in texts)


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
    held: list[PlannedStatement] = []
    for one, single, later in zip(statements, apart, known, strict=True):
        if held or _HOLDS.match(one.sql):
            if together:
                steps.append(Step(tuple(together), True, after, rebuilding))
                together = []
            held.append(one)
            if one.sql == "UNLOCK TABLES":
                steps.append(Step(tuple(held), False, later, held=True))
                held = []
        elif single:
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


def _used_later(statement: str, texts: Sequence[str], start: int) -> bool:
    # PostgreSQL refuses a new label of an enum until the transaction that added it has ended.
    added = _ADDS_VALUE.match(statement)
    return added is not None and any(added[1] in one for one in islice(texts, start, None))
