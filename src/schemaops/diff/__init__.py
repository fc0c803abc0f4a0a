"""The operations that lead from one schema to another: used through `diff`.

diff(before, after, renames=()) -> tuple[Operation, ...]
likely_renames(before, after) -> tuple[LikelyRename, ...]      hints, never taken unasked
settled(text, before) -> tuple[Address, Address]               `users.email=mail` as addresses
"""

from __future__ import annotations

from schemaops.diff.compare import diff
from schemaops.diff.renames import LikelyRename, UnreadableRename, likely_renames, settled

__all__ = ["LikelyRename", "UnreadableRename", "diff", "likely_renames", "settled"]
