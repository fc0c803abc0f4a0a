"""Score merging against a file of known conflicts, each with the verdict of a real engine.

``python -m tools.score_conflicts conflicts.json [--engines]`` prints every kind with our verdict
beside the engine's, both ways round, and marks with a flag what must not be:

    clean      though the engine fails, needs an order, or ends differently, and nothing settles it
    conflict   though the engine ends alike
    uneven     the verdict changes when the sides are swapped
    crash      an error where a verdict was due
    unproven   with --engines: the two ways, executed, do not end in one schema and the same rows

It exits 1 where there is a flag.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemaops.merge import KnownRows, Merge, merge
from schemaops.sql.interpret import Interpretation, interpret
from tests.engines import AbsentError, Server, running
from tests.outcomes import Refused, bench, statements

_ALIKE = ("same", "column-order")


@dataclass(frozen=True)
class Score:
    """Our verdict on a kind on an engine, and what is wrong with it."""

    verdict: str
    said: str
    flags: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores; return the exit code."""
    parser = argparse.ArgumentParser(prog="score_conflicts", description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--engines", action="store_true", help="execute what is clean")
    parser.add_argument("--only", action="append", default=[], help="an id or an engine")
    options = parser.parse_args(arguments)
    known = json.loads(options.file.read_text(encoding="utf-8"))
    with ExitStack() as stack:
        servers = _servers(stack) if options.engines else {}
        counts: Counter[str] = Counter()
        for kind in known["kinds"]:
            for dialect, given in kind["engines"].items():
                if options.only and not {kind["id"], dialect} & set(options.only):
                    continue
                base = f"{known['base']};\n{given['before']}"
                score = _scored(dialect, base, given, servers.get(dialect))
                for flag in score.flags:
                    counts[f"flag {flag}"] += 1
                counts[f"{_class(given['verdict'])}: {score.verdict}"] += 1
                _print(kind, dialect, given["verdict"], score)
    for name, count in sorted(counts.items()):
        print(f"{count:5}  {name}")
    return int(any(name.startswith("flag ") for name in counts))


def _class(verdict: str) -> str:
    return verdict.replace(":ours-first", "").replace(":theirs-first", "")


def _print(kind: dict[str, Any], dialect: str, verdict: str, score: Score) -> None:
    mark = f"!! {', '.join(score.flags)}" if score.flags else ""
    head = f"{kind['id']:4} {dialect:9} {verdict:32} {score.verdict:9} {kind['kind'][:44]:44}"
    print(f"{head} {mark}".rstrip())
    if score.said:
        print(f"       {score.said}")


def _servers(stack: ExitStack) -> dict[str, Server]:
    found = {}
    for dialect in ("sqlite", "postgres", "mysql"):
        try:
            found[dialect] = stack.enter_context(running(dialect))
        except AbsentError as absent:
            print(f"{dialect} is not here: {absent}", file=sys.stderr)
    return found


def _scored(dialect: str, base: str, given: dict[str, Any], server: Server | None) -> Score:
    try:
        merges = [_merge(dialect, base, one, other) for one, other in _both_ways(given)]
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what the table is to show)
        return Score("crash", f"{type(error).__name__}: {error}", ("crash",))
    flags = []
    alike = given["verdict"] in _ALIKE
    broken = given["verdict"].endswith("+intent-broken")
    for found, read in merges:
        settled = _settled(found)
        unsure = any(group.unknown for side in read for group in side.groups)
        if found.clean and not alike and not settled and not (broken and found.warnings):
            flags.append("clean")
        if not found.clean and alike and not unsure:
            flags.append("conflict")
    (ours, read), (theirs, _) = merges
    if ours.clean != theirs.clean or _kinds(ours) != _kinds(theirs):
        flags.append("uneven")
    if ours.clean and server is not None and not _proven(server, base, given, ours):
        flags.append("unproven")
    return Score(_verdict(ours), _said(ours, read), tuple(dict.fromkeys(flags)))


def _both_ways(given: dict[str, Any]) -> list[tuple[str, str]]:
    return [(given["ours"], given["theirs"]), (given["theirs"], given["ours"])]


Read = tuple[Interpretation, Interpretation]


def _merge(dialect: str, base: str, ours: str, theirs: str) -> tuple[Merge, Read]:
    built = interpret(base, None, dialect)
    _sound(built)
    read = (
        interpret(ours, built.after, blind=built.blind),
        interpret(theirs, built.after, blind=built.blind),
    )
    for side in read:
        _sound(side)
    return merge(built.after, *read, KnownRows.of(built)), read


def _sound(read: Interpretation) -> None:
    for fault in read.faults:
        raise fault.error


def _settled(found: Merge) -> bool:
    return any(
        step.carried or step.once for step in (*found.ours_to_merged, *found.theirs_to_merged)
    )


def _kinds(found: Merge) -> Counter[str]:
    return Counter(conflict.code for conflict in found.conflicts)


def _verdict(found: Merge) -> str:
    if not found.clean:
        return "conflict"
    if found.warnings:
        return "warning"
    return "settled" if _settled(found) else "clean"


def _said(found: Merge, read: Read) -> str:
    unknown = [
        f"not understood: `{' '.join(group.text.split())[:70]}`"
        for side in read
        for group in side.groups
        if group.unknown
    ]
    conflicts = [
        f"{one.code} {one.kind.name_}{f' ({one.order})' if one.order else ''}: {one.reason}"
        for one in (*found.conflicts, *found.warnings)
    ]
    return "; ".join(dict.fromkeys(unknown or conflicts))[:160]


def _proven(server: Server, base: str, given: dict[str, Any], found: Merge) -> bool:
    with bench(server, base) as on:
        ends = []
        for side, way in (("ours", found.ours_to_merged), ("theirs", found.theirs_to_merged)):
            texts = statements(given[side], server.dialect)
            ends.append(on.outcome([*texts, *(step.sql for step in way if step.sql)]))
    if any(isinstance(end, Refused) for end in ends):
        print("      ", *(end for end in ends if isinstance(end, Refused)))
        return False
    return ends[0] == ends[1]


if __name__ == "__main__":
    sys.exit(main())
