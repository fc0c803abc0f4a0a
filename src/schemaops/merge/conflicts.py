"""The kinds of conflict: a code, two sides, a reason, and an id that both sides compute alike.

A kind's docstring-like page is its `page`; `schemaops explain CODE` prints it. A conflict's id is a
digest of the two statements' tokens with the sides sorted, so it is the same from either side, on any
branch and after any reformatting (git's rerere argues so; see architecture D8).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from schemaops.names import Address
from schemaops.operations.group import Group
from schemaops.sql.lexer import tokens

__all__ = ["Conflict", "ConflictKind", "Decision", "conflict_id", "statement_id"]


class ConflictKind(Enum):
    """What is at odds between two changes. Value: code, name, whether it is silent, page."""

    RENAME_RENAME = (
        "SO301",
        "rename-rename",
        False,
        (
            "Both sides rename the same object, to different names. Neither name can win by "
            "itself: choose one with --ours or --theirs."
        ),
    )
    CREATE_CREATE = (
        "SO302",
        "create-create",
        False,
        (
            "Both sides create an object of one name, with different definitions. Take one "
            "side's, or rename one of them."
        ),
    )
    CHANGE_CHANGE = (
        "SO303",
        "change-change",
        True,
        (
            "Both sides change one fact of an object to different values. Each order runs, and "
            "the last one wins without a word: choose the value with --ours or --theirs."
        ),
    )
    DROP_USE = (
        "SO304",
        "drop-use",
        False,
        (
            "One side drops what the other side changes or uses. Keep the object (resolve for "
            "the side that uses it), or drop it and give up the other side's change."
        ),
    )
    NAME_TAKEN = (
        "SO305",
        "name-taken",
        False,
        (
            "A name that one side gives to an object is taken by the other side for another "
            "one. Rename one of the two."
        ),
    )
    ORDER = (
        "SO306",
        "order",
        False,
        (
            "A statement of one side does not apply after the other side's, or does something "
            "else there. Where one order works, --order settles it."
        ),
    )
    TYPE_USE = (
        "SO307",
        "type-use",
        True,
        (
            "One side changes a column's type and the other side relies on it, in a constraint,"
            " an index, a default, a view, a foreign key or in rows. Decide which of the two is"
            " to be adapted."
        ),
    )
    CONSTRAINT_ROWS = (
        "SO308",
        "constraint-rows",
        True,
        (
            "One side adds a rule that rows must keep, and the other side writes rows that may "
            "break it. Check the rows, then settle it with --order or edit the statement that "
            "writes."
        ),
    )
    ROWS_ROWS = (
        "SO309",
        "rows-rows",
        True,
        (
            "Both sides write the same rows, or one writes what the other reads: the two orders"
            " end in different rows. Choose the order, or one side."
        ),
    )
    UNKNOWN = (
        "SO310",
        "unknown",
        True,
        (
            "A statement is not understood, so nobody can say that it goes with the other "
            "side's changes. Observe its effect on a scratch database, or declare it; or settle"
            " it by hand."
        ),
    )
    DIVERGE = (
        "SO311",
        "diverge",
        True,
        (
            "The three derivations of the merge (theirs carried past ours, ours carried past "
            "theirs, the merged snapshots) do not agree on an object, though no single pair of "
            "statements says why. Edit one side until they do."
        ),
    )
    MASKED = (
        "SO312",
        "masked",
        True,
        (
            "IF EXISTS, IF NOT EXISTS, OR REPLACE or CASCADE would hide that the statement does"
            " something else after the other side's changes than it did when it was written."
        ),
    )
    DEFAULT_ROWS = (
        "SO313",
        "default-rows",
        True,
        (
            "One side changes a default and the other side inserts rows that rely on it: each "
            "order gives other rows. Write the value into the INSERT, or choose the order."
        ),
    )

    CONTRADICTION = (
        "SO314",
        "contradiction",
        True,
        (
            "Both sides add rules that run in either order and that hardly any row can keep "
            "together: checks that exclude each other, foreign keys with different actions on "
            "the same columns, columns that must have a value and wait for each other's rows. "
            "It is a warning: look whether both are still meant."
        ),
    )
    DUPLICATE = (
        "SO315",
        "duplicate",
        True,
        (
            "Both sides make what serves one purpose, under two names: two columns, two keys "
            "over the same columns, a unique key that leaves another nothing to say. It is a "
            "warning: drop one, or take one side's with --ours or --theirs."
        ),
    )

    LATE_BOUND = (
        "SO316",
        "late-bound",
        True,
        (
            "A text that the database reads only when it is used (the body of a function or a "
            "trigger, a statement that SchemaOps does not understand) names what the other side "
            "renames, drops or changes. Every statement runs, and the text fails later: write the"
            " new name into it, or keep the object."
        ),
    )

    @property
    def code(self) -> str:
        """The stable code."""
        return self.value[0]

    @property
    def name_(self) -> str:
        """The kind's name, as reports print it."""
        return self.value[1]

    @property
    def silent(self) -> bool:
        """Whether both orders may run without an error and be wrong."""
        return self.value[2]

    @property
    def page(self) -> str:
        """What it means and what to do."""
        return self.value[3]


class Decision(Enum):
    """What a person decided for a conflict: whose statement stands, or in which order both do."""

    OURS = "ours"
    THEIRS = "theirs"
    OURS_FIRST = "order ours-first"
    THEIRS_FIRST = "order theirs-first"

    def swapped(self) -> Decision:
        """Return the decision as it reads from the other side."""
        return _SWAPPED[self]


_SWAPPED = {
    Decision.OURS: Decision.THEIRS,
    Decision.THEIRS: Decision.OURS,
    Decision.OURS_FIRST: Decision.THEIRS_FIRST,
    Decision.THEIRS_FIRST: Decision.OURS_FIRST,
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A pair of changes that cannot both stand without a decision.

    `order` is the one order in which both statements work, where only one does; `ours` and `theirs`
    are the statements' indices in their lines.
    """

    id: str
    kind: ConflictKind
    address: Address | None
    reason: str
    ours: int
    theirs: int
    ours_group: Group
    theirs_group: Group
    order: str | None = None
    decisions: tuple[Decision, ...] = field(default=(Decision.OURS, Decision.THEIRS))

    @property
    def code(self) -> str:
        """The stable code of its kind."""
        return self.kind.code


def statement_id(text: str, dialect: str) -> str:
    """Return a digest of a statement's tokens: one for all ways to lay it out."""
    made = hashlib.sha256()
    for token in tokens(text, dialect):
        made.update(f"{token.kind}:{len(token.text)}:{token.text};".encode())
    return made.hexdigest()


def conflict_id(kind: ConflictKind, ours: Group, theirs: Group, dialect: str) -> str:
    """Return the canonical id of a conflict: sides sorted, names of branches left out."""
    sides = sorted((statement_id(ours.text, dialect), statement_id(theirs.text, dialect)))
    return hashlib.sha256(f"{kind.code}:{sides[0]}:{sides[1]}".encode()).hexdigest()[:16]
