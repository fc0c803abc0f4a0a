"""Exact numbers: arithmetic of decimals that rounds where it is told to, and nowhere else."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow

__all__ = ["arithmetic", "rounded"]

# More digits than a numeric of any engine may declare.
_LONGEST = 2000
_EXACT = Context(prec=_LONGEST, traps=[Inexact, InvalidOperation, Overflow])


def rounded(value: Decimal, scale: int) -> Decimal | None:
    """Return a number with `scale` digits after its point; None if no column is that wide."""
    if value and value.adjusted() + max(scale, 0) >= _LONGEST:
        return None
    context = Context(prec=_LONGEST + 1)
    return value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, context)


def arithmetic(operator: str, left: Decimal, right: Decimal) -> Decimal | None:
    """Return the exact sum, difference or product of two numbers; None if it is too long."""
    work = {"+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply}[operator]
    try:
        return work(left, right)
    except (Inexact, InvalidOperation, Overflow):
        return None
