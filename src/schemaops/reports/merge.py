"""A merge: every conflict with both sides and the ways out, or the way to the merge from each side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from schemaops.merge.conflicts import Conflict
from schemaops.merge.three_way import Merge, MergedStatement
from schemaops.operations.group import Group
from schemaops.reports.errors import hint_lines
from schemaops.reports.text import (
    Line,
    Text,
    aligned,
    bad,
    count,
    dim,
    good,
    line,
    one_line,
    sql_lines,
    warn,
)

__all__ = ["ConflictShape", "MergeFileReport", "MergeShape", "conflict_lines", "conflict_shape"]


class SideShape(TypedDict):
    """A statement of one side, and where it is written."""

    file: str
    line: int | None
    sql: str


class ConflictShape(TypedDict):
    """A pair of changes that cannot both stand without a decision."""

    id: str
    code: str
    kind: str
    address: str | None
    reason: str
    silent: bool
    order: Literal["ours-first", "theirs-first"] | None
    ours: SideShape
    theirs: SideShape
    resolutions: list[str]


class MergedShape(TypedDict):
    """A statement of the way to the merge, and the statement that it stands for; where heads are
    merged also the revisions, and the place where it is written."""

    sql: str | None
    origin: str
    carried: bool
    once: NotRequired[str]
    of: NotRequired[list[str]]
    file: NotRequired[str]
    line: NotRequired[int | None]


class MergeShape(TypedDict):
    """What two lines of change come to."""

    format: Literal["schemaops.merge/1"]
    clean: bool
    proven: bool | None
    conflicts: list[ConflictShape]
    warnings: list[ConflictShape]
    ours_to_merged: list[MergedShape]
    theirs_to_merged: list[MergedShape]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class MergeFileReport:
    """The merge of two scripts over a third."""

    merge: Merge
    proven: bool | None = None

    @property
    def decision(self) -> bool:
        """Whether there are conflicts, or a proof that failed."""
        return not self.merge.clean or self.proven is False

    def shape(self) -> MergeShape:
        """Return the merge as plain data."""
        merge = self.merge
        return {
            "format": "schemaops.merge/1",
            "clean": merge.clean,
            "proven": self.proven,
            "conflicts": [conflict_shape(one) for one in merge.conflicts],
            "warnings": [conflict_shape(one) for one in merge.warnings],
            "ours_to_merged": [_merged_shape(one) for one in merge.ours_to_merged],
            "theirs_to_merged": [_merged_shape(one) for one in merge.theirs_to_merged],
            "fingerprint": merge.schema.fingerprint,
        }

    def text(self) -> Text:
        """Return the merge as lines."""
        merge = self.merge
        rows: list[Line] = []
        for conflict in merge.conflicts:
            rows += conflict_lines(conflict)
        for warning in merge.warnings:
            rows += conflict_lines(warning, warning=True)
        if merge.clean:
            rows.append(line(good("clean"), f"  {merge.schema.fingerprint}"))
        else:
            rows.append(line(bad(count(len(merge.conflicts), "conflict"))))
        for head, way in (
            ("from ours:", merge.ours_to_merged),
            ("from theirs:", merge.theirs_to_merged),
        ):
            rows.append(line(head))
            rows += way_lines(way)
        if self.proven is not None:
            rows.append(line(good("proven") if self.proven else bad("not proven")))
        return tuple(rows)


def conflict_shape(conflict: Conflict) -> ConflictShape:
    """Return a conflict as plain data."""
    order: Literal["ours-first", "theirs-first"] | None = None
    match conflict.order:
        case "ours-first" | "theirs-first" as known:
            order = known
    return {
        "id": conflict.id,
        "code": conflict.code,
        "kind": conflict.kind.name_,
        "address": None if conflict.address is None else str(conflict.address),
        "reason": conflict.reason,
        "silent": conflict.kind.silent,
        "order": order,
        "ours": _side_shape(conflict.ours_group),
        "theirs": _side_shape(conflict.theirs_group),
        "resolutions": [decision.value for decision in conflict.decisions],
    }


def conflict_lines(
    conflict: Conflict,
    hint: Callable[[Conflict], Iterable[str]] = lambda _: (),
    *,
    warning: bool = False,
) -> Text:
    """Return a conflict as lines: what, both sides, the ways out, where to read more."""
    head = warn(f"warning[{conflict.code}]") if warning else bad(f"conflict[{conflict.code}]")
    sides = [
        (name, _placed(group), one_line(group.text))
        for name, group in (("ours", conflict.ours_group), ("theirs", conflict.theirs_group))
    ]
    rows: list[Line] = [line(head, f": {conflict.reason}")]
    rows += aligned(sides)
    orders = [one.value for one in conflict.decisions if one.value.startswith("order ")]
    if len(orders) == 1:
        rows.append(line(f"  only the {orders[0]} works"))
    rows += hint_lines(tuple(hint(conflict)))
    rows.append(line(dim(f"  more: schemaops explain {conflict.code}")))
    return tuple(rows)


def way_lines(way: Iterable[MergedStatement]) -> Text:
    """Return the statements of a way to the merge, each with what it stands for."""
    rows: list[Line] = []
    for one in way:
        if one.sql is None:
            rows.append(line(dim(f"  -- {one.origin}, made once with {one.once}")))
            continue
        rows.append(line(dim(f"  -- {one.origin}{', carried' if one.carried else ''}")))
        rows += sql_lines(f"{one.sql};", indent="  ")
    return tuple(rows) or (line(dim("  -- nothing")),)


def _merged_shape(one: MergedStatement) -> MergedShape:
    shape: MergedShape = {"sql": one.sql, "origin": one.origin, "carried": one.carried}
    if one.once is not None:
        shape["once"] = one.once
    return shape


def _side_shape(group: Group) -> SideShape:
    return {"file": group.place.file, "line": group.place.line, "sql": group.text}


def _placed(group: Group) -> str:
    return str(group.place)
