"""``verify``: each migration on a scratch database: what was read of it, and its way back.

One scratch database goes along the history. Where the next migration begins elsewhere it is brought
there by the diff, so that cost follows the change; what does not hold there is tried again on a
database that was made by the authors' own statements alone, rows included, and that counts. Where the
server lacks something (an extension, a role), the history goes on from as near as it lets us, and that
is said: every migration is judged over what the database really holds before it.

Several scratch databases are used beside each other by processes of their own, each for a stretch of
the history at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from schemaops.commands.ground import Ground
from schemaops.commands.specs import revision_named
from schemaops.commands.verifying import Verifier
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.history.spec import parse_range
from schemaops.reports.junit import junit
from schemaops.reports.verify import Verified, VerifyReport

__all__ = ["Progress", "Unwritable", "Wanted", "verify"]

Progress = Callable[[int, int, str], None]

_MANY = 48
"""From so many migrations on it pays to start processes."""
_MOST = 4


class Unwritable(SchemaOpsError):
    """A file that was asked for cannot be written.

    The message says why. Name a place that exists and that you may write to.
    """

    code = "SO740"
    cause = Cause.WORLD


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be verified, where, on how many databases (None: as many as pay), and the file for
    JUnit's XML."""

    chosen: str | None = None
    url: str | None = None
    jobs: int | None = None
    junit: str | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Neighbouring migrations of a range, by their places in it; all that a process is told."""

    folder: Path
    environ: Mapping[str, str]
    chosen: str | None
    url: str | None
    first: int
    last: int


def verify(
    workspace: Workspace,
    wanted: Wanted | None = None,
    *,
    progress: Progress = lambda _done, _total, _now: None,
) -> VerifyReport:
    """Return what each migration of a range comes to on a scratch database; of the whole history of
    the work tree where no range is given. Raise Unwritable."""
    wanted = wanted or Wanted()
    begun = perf_counter()
    tree, revisions = _range(workspace, wanted.chosen)
    jobs = min(_jobs(wanted.jobs, len(revisions)), max(1, len(revisions)))
    if jobs > 1:
        try:
            report = _beside(workspace, wanted, len(revisions), jobs, progress)
        except Exception:  # noqa: BLE001 - what a process met is met again here, and told whole
            report = _alone(workspace, wanted.url, tree, revisions, progress)
    else:
        report = _alone(workspace, wanted.url, tree, revisions, progress)
    report = replace(report, seconds=perf_counter() - begun)
    if wanted.junit is not None:
        _write(wanted.junit, junit(report))
    return report


def _jobs(asked: int | None, number: int) -> int:
    if asked is not None:
        return max(1, asked)
    return 1 if number < _MANY else min(_MOST, os.cpu_count() or 1)


def _alone(
    workspace: Workspace,
    url: str | None,
    tree: Tree,
    revisions: Sequence[RevisionId],
    progress: Progress,
) -> VerifyReport:
    states = workspace.states(tree)
    found: list[Verified] = []
    with Ground(states, url or workspace.scratch_url()) as ground:
        keeping = any(one.lossless for one in workspace.config.environments.values())
        verifier = Verifier(states, ground, workspace.default_schema, keeping=keeping)
        for number, revision in enumerate(revisions):
            title = tree.headers[revision].title
            progress(number, len(revisions), title)
            begun = perf_counter()
            one = verifier.verified(revision, title)
            found.append(replace(one, seconds=perf_counter() - begun))
        progress(len(revisions), len(revisions), "")
        server = ground.server if revisions else None
        return VerifyReport(server, tuple(found), tuple(ground.lacking))


def _beside(
    workspace: Workspace, wanted: Wanted, number: int, jobs: int, progress: Progress
) -> VerifyReport:
    """Return the same, found by several processes; each opens the project for itself."""
    size = max(1, min(16, -(-number // (jobs * 2))))
    stretches = [
        _Stretch(
            workspace.folder,
            dict(workspace.environ),
            wanted.chosen,
            wanted.url,
            first,
            min(first + size, number),
        )
        for first in range(0, number, size)
    ]
    found: dict[int, VerifyReport] = {}
    progress(0, number, "")
    # Threads and connections of this process are nothing for another to inherit.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[VerifyReport], int] = {
            pool.submit(_on_its_own, one): place for place, one in enumerate(stretches)
        }
        try:
            for ended in as_completed(waiting):
                found[waiting[ended]] = ended.result()
                done = sum(len(one.migrations) for one in found.values())
                progress(done, number, found[waiting[ended]].migrations[-1].title)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    ordered = [found[place] for place in sorted(found)]
    lacking = dict.fromkeys(said for one in ordered for said in one.lacking)
    migrations = tuple(one for part in ordered for one in part.migrations)
    return VerifyReport(ordered[0].scratch, migrations, tuple(lacking), jobs)


def _on_its_own(stretch: _Stretch) -> VerifyReport:
    workspace = Workspace(stretch.folder, stretch.environ)
    tree, revisions = _range(workspace, stretch.chosen)
    part = revisions[stretch.first : stretch.last]
    return _alone(workspace, stretch.url, tree, part, lambda _done, _total, _now: None)


def _range(workspace: Workspace, chosen: str | None) -> tuple[Tree, tuple[RevisionId, ...]]:
    if chosen is None:
        return workspace.tree, workspace.dag.order
    parse_range(chosen)
    before, _, end = chosen.partition("..")
    since, until = (revision_named(workspace, text or "@") for text in (before, end))
    dag = until.tree.dag
    if since.revision is not None and since.revision not in dag:
        dag = dag.union(since.tree.dag)
    return until.tree, dag.between(since.revision, until.revision)


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Unwritable(f"{name} cannot be written: {reason}", place=Place(name)) from error
