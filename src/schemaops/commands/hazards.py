"""Hazards of a migration, and what a team's policy says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemaops.config import Policy
from schemaops.errors import Cause, SchemaOpsError
from schemaops.hazards import assess_line
from schemaops.operations.group import Group
from schemaops.reports.hazards import HazardNote
from schemaops.schema.state import Schema

__all__ = ["HazardRefused", "assessed", "refuse"]


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


def refuse(hazards: Iterable[HazardNote], policy: Policy, accepted: Iterable[str]) -> None:
    """Raise HazardRefused for those that the policy refuses and nobody accepted."""
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
