"""Shortfalls: where a schema falls short of the one that was wanted, object by object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.names import Address
from schemaops.reports.objects import fact_words, shown, words
from schemaops.schema.objects import Object, container
from schemaops.schema.state import Schema

__all__ = ["Shortfall", "ShortfallShape", "shortfalls"]

What = Literal["missing", "left", "differs"]


class ShortfallShape(TypedDict):
    """An object that is not as it was: it is missing, left behind, or differs in some fact."""

    address: str
    kind: str
    what: What
    said: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One object that is not as it was, and a clause that says so."""

    at: Address
    what: What
    said: str

    def shape(self) -> ShortfallShape:
        """Return it as plain data."""
        return {
            "address": str(self.at),
            "kind": self.at.kind.value,
            "what": self.what,
            "said": self.said,
        }


def shortfalls(
    wanted: Schema, found: Schema, default_schema: str | None = None
) -> tuple[Shortfall, ...]:
    """Return every object in which `found` is not as `wanted`; what stands in one that is missing
    as a whole, or was left as a whole, is not named again."""
    if wanted == found:
        return ()
    gone, left = _beyond(wanted, found), _beyond(found, wanted)
    listed = [*_told(gone, left, default_schema)]
    return tuple(sorted(listed, key=lambda one: (_RANK[one.what], one.at)))


_RANK: dict[What, int] = {"missing": 0, "differs": 1, "left": 2}


def _beyond(first: Schema, second: Schema) -> dict[Address, Object]:
    """Return the objects that the first has and the second has not, by what they say."""
    there = Counter(second.digest_at(thing.at) for thing in second)
    found: dict[Address, Object] = {}
    for thing in first:
        digest = first.digest_at(thing.at)
        if there[digest]:
            there[digest] -= 1
        else:
            found[thing.at] = thing
    return found


def _told(
    gone: dict[Address, Object], left: dict[Address, Object], default_schema: str | None
) -> Iterator[Shortfall]:
    both = {at for at in gone.keys() & left.keys() if type(gone[at]) is type(left[at])}
    for at in both:
        changes = fact_words(gone[at], left[at])
        head = f"{at.kind} {shown(at, default_schema)}"
        yield Shortfall(at, "differs", f"{head}: {'; '.join(changes) or 'differs'}")
    for what, things in (("missing", gone), ("left", left)):
        for at, thing in things.items():
            inside = container(thing)
            if at in both or (inside is not None and inside in things and inside not in both):
                continue
            said = words(thing, default_schema)
            missing = what == "missing"
            yield Shortfall(
                at,
                "missing" if missing else "left",
                f"{said} is not there again" if missing else f"{said} is left behind",
            )
