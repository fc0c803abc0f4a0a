"""Score merging over generated pairs of changes, each labelled by an engine that runs both orders.

``python -m tools.score_pairs postgres --count 2000 --seed 7`` prints what is wrong, by cause:

    false clean     the engine fails, needs an order or ends differently, and nothing settles it
    unproven        clean, but the two ways, executed, do not end in one schema and the same rows
    lost            clean, but a statement of a side is in no list
    false conflict  a conflict where both orders end alike
    uneven          the verdict changes when the sides are swapped
    fault           we refuse a statement that the engine runs
    crash           an error where a verdict was due

It exits 1 where there is anything but false conflicts.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence

from schemaops.merge import KnownRows
from tests.engines import running
from tests.outcomes import bench
from tests.pairs import BASES, Changes, judged, script


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores; return the exit code."""
    parser = argparse.ArgumentParser(prog="score_pairs", description=__doc__.split("\n")[0])
    parser.add_argument("dialect", choices=sorted(BASES))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3, help="examples a cause")
    parser.add_argument("--only", help="one kind of miss")
    parser.add_argument("--blind", action="store_true", help="merge without the base's rows")
    parser.add_argument("--wide", action="store_true", help="of the kinds that few have, too")
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    causes: dict[tuple[str, str], list[str]] = defaultdict(list)
    changes = Changes(options.dialect, options.seed, wide=options.wide)
    if options.blind:
        changes.rows = KnownRows()
    with running(options.dialect) as server, bench(server, changes.base) as on:
        for ours, theirs in changes.pairs(options.count, on):
            found = judged(on, changes, ours, theirs)
            counts[f"{found.label.verdict:13} {found.verdict}"] += 1
            for miss in found.misses:
                counts[f"!! {miss.kind}"] += 1
                causes[miss.kind, miss.cause].append(
                    f"    ours    {_shown(script(ours))}\n    theirs  {_shown(script(theirs))}\n"
                    + "".join(f"      {line}\n" for line in miss.detail)
                )
    for (kind, cause), examples in sorted(causes.items(), key=lambda item: -len(item[1])):
        if options.only in (None, kind):
            print(f"{kind} ({len(examples)}): {cause}")
            print("".join(examples[: options.show]))
    for name, count in sorted(counts.items()):
        print(f"{count:6}  {name}")
    return int(any(name.startswith("!! ") and "conflict" not in name for name in counts))


def _shown(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
