"""Hazards of a migration, and what a team's policy says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import groupby

from schemaops.config import Policy
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.hazards import RULES, assess_line
from schemaops.names import Address
from schemaops.operations import Drop, Operation
from schemaops.operations.group import Group
from schemaops.reports.hazards import HazardNote
from schemaops.schema.objects import Table, container
from schemaops.schema.state import Schema

__all__ = ["HazardRefused", "UnknownHazard", "assessed", "assessed_diff", "refuse"]


class HazardRefused(SchemaOpsError):
    """The policy of this project refuses a hazard of the migration.

    `[policy] hazards` in `.schemaops/config.toml` says which: the details name them with a safer
    way where there is one. Where it is meant all the same, name the code: `--accept DL01`.
    """

    code = "SO726"
    cause = Cause.DECISION

    def __init__(
        self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, hints=hints)
        self.details = details


class UnknownHazard(SchemaOpsError):
    """The policy of this project names a hazard that there is not.

    Correct the code in `[policy] hazards` of `.schemaops/config.toml`: `schemaops explain DL01` shows
    what a code stands for, and the reference lists them all.
    """

    code = "SO753"


def assessed(groups: Sequence[Group], before: Schema) -> tuple[HazardNote, ...]:
    """Return the hazards of a line that leaves `before`, in its order."""
    return tuple(
        HazardNote(
            hazard.code,
            hazard.name,
            hazard.severity.value,
            hazard.reason,
            None if hazard.at is None else str(hazard.at),
            group.place.line,
            hazard.safer,
        )
        for group, hazard in assess_line(groups, before)
    )


def assessed_diff(operations: Sequence[Operation], before: Schema) -> tuple[HazardNote, ...]:
    """Return the hazards of the operations of a diff; what goes with a table or column is one of them
    with it."""
    groups = [
        Group("", Place("-"), tuple(found))
        for _, found in groupby(operations, key=lambda one: _table_losing(one) or id(one))
    ]
    return tuple(replace(one, line=None) for one in assessed(groups, before))


def _table_losing(operation: Operation) -> Address | None:
    """Return the table that an operation drops, or in which it drops something."""
    if not isinstance(operation, Drop):
        return None
    return operation.at if isinstance(operation.thing, Table) else container(operation.thing)


def refuse(hazards: Iterable[HazardNote], policy: Policy, accepted: Iterable[str]) -> None:
    """Raise HazardRefused for those that the policy refuses and nobody accepted."""
    known = {rule.code for rule in RULES}
    for code in policy.hazards:
        if code not in known:
            near = get_close_matches(code, sorted(known), n=1, cutoff=0.5)
            advice = f" (did you mean {near[0]}?)" if near else ""
            raise UnknownHazard(f"[policy] hazards names {code}, which is no hazard{advice}")
    allowed = {code.upper() for code in accepted}
    refused = [
        one
        for one in hazards
        if policy.hazards.get(one.code) == "refuse" and one.code not in allowed
    ]
    if refused:
        raise HazardRefused(
            f"the policy refuses {', '.join(dict.fromkeys(one.code for one in refused))}",
            details=tuple(f"{one.code} {one.name}: {one.reason}" for one in refused),
            hints=tuple(
                f"schemaops explain {code}" for code in dict.fromkeys(o.code for o in refused)
            ),
        )
