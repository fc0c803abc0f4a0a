"""The cases of `fixtures/merge`: each is run twice, the second time with its sides swapped.

A case is a heading, prose, and blocks: `sql base`, `sql ours`, `sql theirs`, and what comes of them:
`conflicts`, `warnings`, `sql from ours`, `sql from theirs`. `effect of ours` and `effect of theirs` hold
what was observed of the side's one statement that is not understood. The dialect is PostgreSQL where the base
does not name another (`sql base sqlite`). `pytest --update-cases` writes what comes of them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemaops.merge import Conflict, ConflictKind, KnownRows, Merge, MergedStatement, merge
from schemaops.operations.lines import from_lines
from schemaops.sql.interpret import Effect, interpret
from schemaops.sql.split import split

FIXTURES = Path(__file__).parents[3] / "fixtures" / "merge"
_BLOCK = re.compile(r"^```(?P<info>[^\n]+)\n(?P<text>.*?)^```\n?", re.MULTILINE | re.DOTALL)
_OUTPUTS = ("conflicts", "warnings", "sql from ours", "sql from theirs")
_TURNED = {"ours": "theirs", "theirs": "ours"}


@dataclass(frozen=True)
class Case:
    file: Path
    title: str
    text: str

    @property
    def blocks(self) -> dict[str, str]:
        return {m["info"].strip(): m["text"] for m in _BLOCK.finditer(self.text)}

    @property
    def dialect(self) -> str:
        (base,) = [info for info in self.blocks if info.startswith("sql base")]
        return base.removeprefix("sql base").strip() or "postgres"

    def merged(self, *, swapped: bool = False) -> Merge:
        blocks = self.blocks
        base = next(text for info, text in blocks.items() if info.startswith("sql base"))
        built = interpret(base, None, self.dialect)
        sides = [
            interpret(blocks[f"sql {side}"], built.after, effects=self._effects(side))
            for side in ("ours", "theirs")
        ]
        for read in (built, *sides):
            assert not read.faults, [fault.error.message for fault in read.faults]
        if swapped:
            sides.reverse()
        return merge(built.after, sides[0], sides[1], KnownRows.of(built))

    def _effects(self, side: str) -> dict[str, Effect]:
        lines = self.blocks.get(f"effect of {side}")
        if lines is None:
            return {}
        (statement,) = split(self.blocks[f"sql {side}"], self.dialect)
        return {statement.text: Effect(from_lines(lines.splitlines()), "observed on an engine")}


def _cases() -> Iterator[Case]:
    for file in sorted(FIXTURES.glob("*.md")):
        for part in re.split(r"(?m)^(?=# )", file.read_text(encoding="utf-8")):
            if part.startswith("# "):
                yield Case(file, part.splitlines()[0].removeprefix("# "), part)


CASES = tuple(_cases())


def _said(conflicts: tuple[Conflict, ...]) -> str:
    lines = []
    for one in conflicts:
        where = f"{one.address}: " if one.address is not None else ""
        order = f" [{one.order}]" if one.order else ""
        lines.append(f"{one.code} {where}{one.reason}{order}\n")
    return "".join(lines)


def _way(steps: tuple[MergedStatement, ...]) -> str:
    lines = []
    for step in steps:
        if step.sql is None:
            lines.append(f"-- {step.origin}, made once with {step.once}\n")
        else:
            lines.append(f"-- {step.origin}{', carried' if step.carried else ''}\n{step.sql};\n")
    return "".join(lines)


def _outputs(found: Merge) -> dict[str, str]:
    said = {"conflicts": _said(found.conflicts), "warnings": _said(found.warnings)}
    if found.clean:
        said["sql from ours"] = _way(found.ours_to_merged)
        said["sql from theirs"] = _way(found.theirs_to_merged)
    return {info: text for info, text in said.items() if text}


def _bare(conflicts: tuple[Conflict, ...], *, turned: bool = False) -> list[tuple[object, ...]]:
    """What a conflict says whichever side it is seen from."""
    orders = {"ours-first": "theirs-first", "theirs-first": "ours-first"}
    return sorted(
        (
            one.code,
            one.id,
            str(one.address),
            orders.get(one.order or "") if turned else one.order,
            *((one.theirs, one.ours) if turned else (one.ours, one.theirs)),
        )
        for one in conflicts
    )


def _turned(text: str) -> str:
    return re.sub(r"\b(ours|theirs):", lambda found: f"{_TURNED[found[1]]}:", text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file.stem}: {case.title}")
def test_case(case: Case, request: pytest.FixtureRequest) -> None:
    found, swapped = case.merged(), case.merged(swapped=True)
    said, other = _outputs(found), _outputs(swapped)
    assert said.keys() == other.keys()
    assert _bare(found.conflicts) == _bare(swapped.conflicts, turned=True)
    assert _bare(found.warnings) == _bare(swapped.warnings, turned=True)
    assert said.get("sql from ours", "") == _turned(other.get("sql from theirs", ""))
    assert said.get("sql from theirs", "") == _turned(other.get("sql from ours", ""))
    if found.clean:
        assert found.schema.fingerprint == swapped.schema.fingerprint
    if request.config.getoption("--update-cases"):
        _rewrite(case, said)
        return
    wanted = {info: text for info, text in case.blocks.items() if info in _OUTPUTS}
    assert wanted == said


def _rewrite(case: Case, said: dict[str, str]) -> None:
    kept = _BLOCK.sub(lambda m: "" if m["info"].strip() in _OUTPUTS else m[0], case.text)
    outputs = "".join(f"```{info}\n{said[info]}```\n" for info in _OUTPUTS if info in said)
    whole = case.file.read_text(encoding="utf-8")
    case.file.write_text(
        whole.replace(case.text, f"{kept.rstrip()}\n{outputs}\n").rstrip() + "\n", encoding="utf-8"
    )


def test_every_kind_of_conflict_is_shown() -> None:
    shown = {
        line.split()[0]
        for case in CASES
        for info in ("conflicts", "warnings")
        for line in case.blocks.get(info, "").splitlines()
    }
    assert {kind.code for kind in ConflictKind} <= shown
