"""What a person decided for a conflict, as a small file that is found again on any branch.

::

    -- schemaops resolution 1
    -- conflict: 7c1e03d2a4b5c6f7 SO301
    -- keep: s1:5f1c…

    ALTER TABLE users RENAME COLUMN email TO contact;

`keep`, `first` and `rename` name a statement by its digest (`docs/format.md`), never a side, and
`rename` the new name of what it makes as well; `instead` names none, and what follows is put in the
place of both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from schemaops.errors import Place, SchemaOpsError
from schemaops.history.revision import StatementId, statement_id
from schemaops.merge.conflicts import Conflict, Decision
from schemaops.merge.resolutions import Edited, Renamed, Resolution
from schemaops.operations.group import Group
from schemaops.sql.lexer import tokens

__all__ = ["UnreadableResolution", "Verdict", "verdict_from", "verdict_of"]


class UnreadableResolution(SchemaOpsError):
    """A file among the resolutions is not as SchemaOps writes it.

    `schemaops resolve` writes these files; `docs/format.md` says how they look. Take the file from
    git again (`git checkout -- FILE`), or remove it and decide anew.
    """

    code = "SO330"


_FIRST = "-- schemaops resolution 1\n"
_FILE = re.compile(
    rf"{_FIRST}-- conflict: (?P<id>[0-9a-f]{{16}}) (?P<code>SO3\d\d)\n"
    r"-- (?:(?P<how>keep|first|rename): (?P<statement>s1:[0-9a-f]{64})(?: (?P<name>\S.*))?|instead)\n"
    r"\n(?P<sql>.*)",
    re.DOTALL,
)


How = Literal["keep", "first", "rename", "instead"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision that names no side: which statement stands alone or comes first, or what stands in
    the place of both."""

    conflict: str
    code: str
    how: How
    statement: StatementId | None
    sql: str
    name: str | None = None

    def text(self) -> str:
        """Return it as it is written down."""
        said = self.how if self.statement is None else f"{self.how}: {self.statement}"
        said += "" if self.name is None else f" {self.name}"
        return f"{_FIRST}-- conflict: {self.conflict} {self.code}\n-- {said}\n\n{self.sql}"

    def on(self, conflict: Conflict, dialect: str) -> Resolution | None:
        """Return the decision as it reads from a conflict's own sides; None where it is for others."""
        if self.how == "instead":
            return Edited(self.sql)
        if self.name is not None:
            for side, group in (("ours", conflict.ours_group), ("theirs", conflict.theirs_group)):
                if self.statement == _digest(group, dialect):
                    return Renamed("ours" if side == "ours" else "theirs", self.name)
            return None
        if self.statement == _digest(conflict.ours_group, dialect):
            return Decision.OURS if self.how == "keep" else Decision.OURS_FIRST
        if self.statement == _digest(conflict.theirs_group, dialect):
            return Decision.THEIRS if self.how == "keep" else Decision.THEIRS_FIRST
        return None


def verdict_of(conflict: Conflict, resolution: Resolution, dialect: str) -> Verdict:
    """Return what a decision says, whichever side it is seen from."""
    match resolution:
        case Edited(sql):
            text = sql if not sql or sql.endswith("\n") else sql + "\n"
            return Verdict(conflict.id, conflict.code, "instead", None, text)
        case Renamed(side, name):
            group = conflict.ours_group if side == "ours" else conflict.theirs_group
            digest, text = _digest(group, dialect), f"{group.text};\n"
            return Verdict(conflict.id, conflict.code, "rename", digest, text, name)
        case Decision.OURS | Decision.OURS_FIRST:
            group = conflict.ours_group
        case _:
            group = conflict.theirs_group
    alone = resolution in (Decision.OURS, Decision.THEIRS)
    how: How = "keep" if alone else "first"
    digest = _digest(group, dialect)
    return Verdict(conflict.id, conflict.code, how, digest, f"{group.text};\n")


def verdict_from(data: bytes, file: str) -> Verdict:
    """Return what a file says; raise UnreadableResolution."""
    try:
        found = _FILE.fullmatch(data.decode())
    except UnicodeDecodeError as error:
        raise UnreadableResolution("the file is not UTF-8", place=Place(file)) from error
    if found is None:
        raise UnreadableResolution("this does not read as a resolution", place=Place(file, 1))
    digest = found["statement"]
    how: How = "instead"
    if found["how"] is not None:
        how = _HOW[found["how"]]
    if (how == "rename") != (found["name"] is not None):
        raise UnreadableResolution("this does not read as a resolution", place=Place(file, 3))
    statement = None if digest is None else StatementId(digest)
    return Verdict(found["id"], found["code"], how, statement, found["sql"], found["name"])


_HOW: dict[str, How] = {"keep": "keep", "first": "first", "rename": "rename"}


def _digest(group: Group, dialect: str) -> StatementId:
    return statement_id(tokens(group.text, dialect))
