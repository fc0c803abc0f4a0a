"""A change, as a value: `apply`, `invert`, `footprint`, `relocated`.

The union is closed and small because operations are generic over the kinds of object; what is open is
the kinds (`schema/objects.py`) and how they are written (`sql/`).

Laws, held by tests/laws: an inverse rolls back, up to the losses declared; inverting twice has the effect
of the original; clear footprints commute; commuting preserves the effect and twice is the identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemaops.operations.objects import Alter, Create, Drop, Reorder
from schemaops.operations.opaque import Opaque
from schemaops.operations.renames import Rename
from schemaops.operations.rows import Rows

__all__ = [
    "OPERATIONS",
    "Alter",
    "Create",
    "Drop",
    "Opaque",
    "Operation",
    "Rename",
    "Reorder",
    "Rows",
    "seen_through",
]

Operation = Create | Drop | Alter | Rename | Reorder | Rows | Opaque

OPERATIONS: tuple[type[Operation], ...] = (Create, Drop, Alter, Rename, Reorder, Rows, Opaque)


def seen_through(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield operations; in the place of an opaque one, those of its effect as far as that is known."""
    for operation in operations:
        if isinstance(operation, Opaque):
            yield from seen_through(operation.effect or ())
        else:
            yield operation
