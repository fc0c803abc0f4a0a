"""What undoes a migration: used through `reverse`.

reverse(groups, before) -> Reversal           the way back, its losses, what has no way back
judge(text, after, before) -> Judgement       how far a hand-written down restores the schema
"""

from __future__ import annotations

from schemaops.reverse.invert import Hindrance, Judgement, Reversal, judge, reverse
from schemaops.reverse.losses import Loss
from schemaops.reverse.lossless import Lossless, lossless

__all__ = ["Hindrance", "Judgement", "Loss", "Lossless", "Reversal", "judge", "lossless", "reverse"]
