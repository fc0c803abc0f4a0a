"""A change, as a value: `apply`, `invert`, `footprint`, `relocated`.

The union is closed and small because operations are generic over the kinds of object; what is open is
the kinds (`schema/objects.py`) and how they are written (`sql/`).

Laws, held by tests/laws: an inverse rolls back, up to the losses declared; inverting twice has the effect
of the original; clear footprints commute; commuting preserves the effect and twice is the identity.
"""

from __future__ import annotations

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
]

Operation = Create | Drop | Alter | Rename | Reorder | Rows | Opaque

OPERATIONS: tuple[type[Operation], ...] = (Create, Drop, Alter, Rename, Reorder, Rows, Opaque)
