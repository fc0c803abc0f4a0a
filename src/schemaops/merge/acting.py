"""Acting: statements that a side runs as another role of PostgreSQL, and what the other side lets it do.

Which rows such a statement finds, and whether it runs at all, hangs on policies, row security, privileges
and owners as they are at that moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.world import Clash, said
from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Operation
from schemaops.operations.group import Group
from schemaops.schema.objects import Grant, Policy, container

__all__ = ["acting"]

_TAKEN_ON = re.compile(
    r"(?is)\s*SET\s+(?:SESSION\s+|LOCAL\s+)?(?:ROLE|SESSION\s+AUTHORIZATION)\s+(?:TO\s+|=\s*)?(.*?)\s*;?\s*"
)
_PUT_OFF = re.compile(r"(?is)\s*(?:RESET\s+(?:ROLE|SESSION\s+AUTHORIZATION|ALL)|DISCARD\s+ALL)\b.*")
_OF_ROLES = re.compile(r"(?is)\s*(?:GRANT|REVOKE|(?:ALTER|CREATE|DROP)\s+(?:ROLE|USER|GROUP))\b.*")
_FACTS = frozenset({"row_security", "forced_row_security", "owning_role"})


def acting(line: Line, other: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where a statement of a line runs as another role, and one of the other line changes what
    that role may do: their places, and the clash."""
    for i, role in _as_others(line):
        group = line.groups[i]
        touched = {*group.footprint().addresses(), *(one.at for one in group.mentions)}
        for j, its in enumerate(other.groups):
            for at in _ruled(its):
                if at is None or any(_belongs(one, at) for one in touched):
                    where = at or Address(Kind.UNMODELLED, (Name("role"), Name(role)))
                    what = f"{said(at)}" if at else f"the role {role}"
                    reason = (
                        f"one side runs a statement as the role {role}, and the other changes who "
                    )
                    reason += f"may do what with {what}"
                    yield i, j, Clash(ConflictKind.ORDER, where, reason)
                    break


def _as_others(line: Line) -> Iterator[tuple[int, str]]:
    """Yield the places of statements that run as another role, with its name."""
    role = ""
    for i, group in enumerate(line.groups):
        if taken := _TAKEN_ON.fullmatch(group.text):
            role = "" if taken[1].upper() in ("NONE", "DEFAULT") else taken[1].strip("\"'")
        elif _PUT_OFF.fullmatch(group.text):
            role = ""
        elif role:
            yield i, role


def _ruled(group: Group) -> Iterator[Address | None]:
    """Yield what a statement changes the rules of; None where it is roles themselves."""
    for operation in group.operations:
        found = _ruled_by(operation)
        if found is not None:
            yield found
    if not group.operations and _OF_ROLES.fullmatch(group.text):
        yield None


def _ruled_by(operation: Operation) -> Address | None:
    match operation:
        case Create(thing=Policy() as policy) | Drop(thing=Policy() as policy):
            return container(policy)
        case Create(thing=Grant(on=on)) | Drop(thing=Grant(on=on)):
            return on
        case Alter(at=at, fact=fact) if fact in _FACTS:
            return at
        case Alter(at=at) if at.kind is Kind.POLICY:
            return Address(Kind.TABLE, at.path[:-1])
        case Alter(at=at) if at.kind is Kind.GRANT:
            return Address(Kind.TABLE, at.path[:2])
        case _:
            return None


def _belongs(touched: Address, ruled: Address) -> bool:
    """Whether something touched is what has the rules, stands in it, or has it in it."""
    shorter = min(len(touched.path), len(ruled.path))
    return touched.path[:shorter] == ruled.path[:shorter]
