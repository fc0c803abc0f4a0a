"""Git for a database's schema: branch, merge, diff, reverse and replay schema changes.

As a library: the pure functions that the commands are made of, without I/O, typed.

    interpret(sql, dialect)             the schema that a script builds
    diff(before, after)                 the operations that lead from one schema to another
    merge(base, ours, theirs, dialect)  what two scripts of changes over one base come to
    reverse(base, up, dialect)          what undoes a script of changes, and its losses

What does the work is imported when one of them is called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Literal, overload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemaops.merge import Merge, Resolution
    from schemaops.operations import Operation
    from schemaops.reverse import Lossless, Reversal
    from schemaops.schema.state import Schema
    from schemaops.sql.interpret import Interpretation

__all__ = ["__version__", "diff", "interpret", "merge", "reverse"]

__version__ = "0.1.0"


def interpret(sql: str, dialect: str, before: Schema | None = None) -> Schema:
    """Return the schema that a script builds, over `before` where it is given; raise the first error
    that a database of the dialect would."""
    return _read(sql, dialect, before).after


def diff(before: Schema, after: Schema, renames: tuple[str, ...] = ()) -> tuple[Operation, ...]:
    """Return the operations that lead from `before` to `after`, in an order in which each applies.

    `renames` say what is a rename and no drop and create: ``"users.email=mail"``.
    """
    from schemaops.diff import diff as compare
    from schemaops.diff import settled

    return compare(before, after, tuple(settled(text, before) for text in renames))


def merge(
    base: str,
    ours: str,
    theirs: str,
    dialect: str,
    resolutions: Mapping[str, Resolution] | None = None,
) -> Merge:
    """Return what two scripts of changes over a base come to: clean, or every conflict."""
    from schemaops.diff import diff as compare
    from schemaops.merge import KnownRows, merge_resolved

    built = _read(base, dialect)
    return merge_resolved(
        built.after,
        _read(ours, dialect, built.after),
        _read(theirs, dialect, built.after),
        KnownRows.of(built),
        resolutions or {},
        compare,
    )


@overload
def reverse(base: str, up: str, dialect: str, *, lossless: Literal[False] = False) -> Reversal: ...
@overload
def reverse(base: str, up: str, dialect: str, *, lossless: Literal[True]) -> Lossless: ...
def reverse(base: str, up: str, dialect: str, *, lossless: bool = False) -> Reversal | Lossless:
    """Return what undoes the changes `up` over a base: its statements, its losses, what is
    irreversible. With `lossless`, also the up that keeps what it would destroy."""
    from schemaops.diff import diff as compare
    from schemaops.reverse import lossless as keeping
    from schemaops.reverse import reverse as undoing

    before = _read(base, dialect).after
    groups = _read(up, dialect, before).groups
    if lossless:
        return keeping(groups, before, compare, alone=True)
    return undoing(groups, before, compare)


def _read(sql: str, dialect: str, before: Schema | None = None) -> Interpretation:
    from schemaops.sql.interpret import interpret as read

    found = read(sql, before, dialect)
    for fault in found.faults:
        raise fault.error
    return found


class _Library(ModuleType):
    """This package. Importing a package within binds its name here: those that are called as a
    function is must not take the function's place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in __all__):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Library
