"""Django: each migration's SQL as Django itself writes it, in the order in which it runs them.

Names of constraints and SQLite's rebuilt tables depend on what a database holds, so one process of
the project's interpreter carries the migrations out one by one on a scratch database and writes down
each of them just before. The applications' graphs are laid out as one line in Django's order, and
forks within an application (two migrations on one, and the migration that merges them) are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemaops.errors import Place
from schemaops.interop.base import (
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    NotSql,
    Passage,
    Settings,
    titled,
)
from schemaops.interop.programs import ToolFailed, ask

__all__ = ["DJANGO", "django_dialect", "laid_out"]

_DIALECTS = {
    "postgresql": "postgres",
    "postgis": "postgres",
    "mysql": "mysql",
    "sqlite3": "sqlite",
    "spatialite": "sqlite",
}
_NO_SQL = "THIS OPERATION CANNOT BE WRITTEN AS SQL"

_SCRIPT = r"""
import json, os, sys
question = json.load(sys.stdin)
sys.path.insert(0, os.getcwd())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", question["settings"])
from django.conf import settings
default = settings.DATABASES["default"]
engine = default.get("ENGINE", "").rpartition(".")[2]
answer = {"engine": engine, "migrations": [], "conflicts": {}}
if not question["only_engine"]:
    if engine in ("sqlite3", "spatialite"):
        default["NAME"] = ":memory:"
    elif question["scratch"]:
        default.update(question["scratch"])
        default.setdefault("OPTIONS", {}).pop("service", None)
    import django
    django.setup()
    import inspect
    from django.db import connection
    from django.db.migrations.exceptions import IrreversibleError
    from django.db.migrations.executor import MigrationExecutor
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    answer["conflicts"] = {app: sorted(names) for app, names in executor.loader.detect_conflicts().items()}
    state = executor._create_project_state()
    for migration, _ in executor.migration_plan(graph.leaf_nodes()):
        key = (migration.app_label, migration.name)
        one = {
            "id": "%s.%s" % key,
            "parents": ["%s.%s" % (p.key[0], p.key[1]) for p in graph.node_map[key].parents],
            "replaces": ["%s.%s" % tuple(r) for r in migration.replaces],
            "path": inspect.getfile(type(migration)), "up": None, "down": None, "wrong": None,
        }
        answer["migrations"].append(one)
        before = state.clone()
        try:
            with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
                migration.apply(before.clone(), editor, collect_sql=True)
            one["up"] = "\n".join(editor.collected_sql)
            with connection.schema_editor(atomic=migration.atomic) as editor:
                state = migration.apply(state, editor)
        except Exception as error:
            one["wrong"] = (str(error) or type(error).__name__).strip().splitlines()[0]
            break
        try:
            with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
                migration.unapply(before.clone(), editor, collect_sql=True)
            one["down"] = "\n".join(editor.collected_sql)
        except IrreversibleError:
            pass
        except Exception as error:
            one["back"] = (str(error) or type(error).__name__).strip().splitlines()[0]
sys.stdout.write("\x1eschemaops\x1e" + json.dumps(answer))
"""


def _manage(files: Files) -> str | None:
    named = [
        path
        for path in files.paths
        if path.rpartition("/")[2] == "manage.py" and "DJANGO_SETTINGS_MODULE" in files.text(path)
    ]
    return min(named, key=lambda path: path.count("/"), default=None)


def _fits(files: Files) -> bool:
    return _manage(files) is not None


def django_dialect(files: Files, settings: Settings) -> str | None:
    """Return the dialect of the project's database."""
    answer = _asked(files, settings, only_engine=True)
    return _DIALECTS.get(answer["engine"])


def _asked(files: Files, settings: Settings, *, only_engine: bool) -> dict[str, Any]:
    folder, manage = files.folder, _manage(files)
    if folder is None or manage is None:
        raise ToolFailed(
            f"{files.shown} has no manage.py to ask", hints=("schemaops import django DIR",)
        )
    named = re.search(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)", files.text(manage))
    question = {
        "settings": settings.values.get("settings") or (named[1] if named else "settings"),
        "scratch": dict(settings.scratch or {}),
        "only_engine": only_engine,
    }
    at = (folder / manage).resolve().parent
    found: dict[str, Any] = ask("django", settings.program, _SCRIPT, question, at)
    return found


def _read(files: Files, settings: Settings) -> ForeignHistory:
    answer = _asked(files, settings, only_engine=False)
    folder = files.folder
    top = str(folder.resolve()) if folder else ""
    listed = [one for one in answer["migrations"] if one["id"] not in settings.skip]
    for one in listed:
        if one["wrong"] is not None:
            raise NotSql(
                f"django cannot carry out {one['id']}: {one['wrong']}",
                place=Place(_shown(one["path"], top, files)),
                hints=(f"schemaops import django {files.shown} --skip {one['id']}",),
            )
    there = {one["id"] for one in listed}
    needs = {one["id"]: tuple(p for p in one["parents"] if p in there) for one in listed}
    conflicts = [
        tuple(f"{app}.{name}" for name in names) for app, names in answer["conflicts"].items()
    ]
    parents = laid_out([one["id"] for one in listed], needs, conflicts)
    migrations = [_migration(one, parents[one["id"]], top, files) for one in listed]
    placed = {one.id: one for one in migrations}
    # Parents come first, whatever the order was that the tool had them in.
    ordered = [placed[one] for one in _before_children(parents)]
    return ForeignHistory("django", tuple(ordered), _DIALECTS.get(answer["engine"]))


def _migration(
    one: dict[str, Any], parents: tuple[str, ...], top: str, files: Files
) -> ForeignMigration:
    file = _shown(one["path"], top, files)
    app, _, name = one["id"].partition(".")
    notes = []
    if _NO_SQL in one["up"]:
        notes.append(f"{one['id']} runs Python as well, which is left out")
    down = one["down"]
    if down is not None and _NO_SQL in down:
        notes.append("its way back runs Python as well, which is left out")
    return ForeignMigration(
        id=one["id"],
        title=f"{titled(app)}: {titled(re.sub(r'^[0-9]+_', '', name)).lower()}",
        up=Passage(one["up"], file),
        down=None if down is None else Passage(down, file),
        parents=parents,
        stands_for=tuple(one["replaces"]),
        notes=tuple(notes),
    )


def _shown(path: str, top: str, files: Files) -> str:
    return files.name(path.removeprefix(top).lstrip("/\\")) if path.startswith(top) else path


def laid_out(
    order: Sequence[str],
    needs: Mapping[str, tuple[str, ...]],
    conflicts: Sequence[tuple[str, ...]] = (),
) -> dict[str, tuple[str, ...]]:
    """Return parents that make one line of many applications' graphs, forks within one kept.

    What a migration needs is among its ancestors. `conflicts` are the leaves of an application that
    has several: they stay heads.
    """
    return _Layout(needs).line(list(order), (), list(conflicts))


@dataclass(frozen=True, slots=True)
class _Fork:
    """What comes before a fork, its sides, what stands on each side alone, and what comes after."""

    before: tuple[str, ...]
    sides: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    left: tuple[str, ...]


class _Layout:
    def __init__(self, needs: Mapping[str, tuple[str, ...]]) -> None:
        self._needs = needs
        self._known: dict[str, frozenset[str]] = {}
        self._parents: dict[str, tuple[str, ...]] = {}

    def line(
        self, nodes: list[str], tips: tuple[str, ...], conflicts: list[tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Lay out nodes over tips, and return the parents of all that is laid out so far."""
        self._lay(nodes, tips, conflicts)
        return self._parents

    def _lay(
        self, nodes: list[str], tips: tuple[str, ...], conflicts: list[tuple[str, ...]]
    ) -> tuple[str, ...]:
        joints = [(node, self._needs[node]) for node in nodes]
        for joint, wanted in (*joints, *(("", leaves) for leaves in conflicts)):
            fork = self._fork(nodes, joint, wanted)
            if fork is None:
                continue
            tips = self._lay(list(fork.before), tips, [])
            ends: list[tuple[str, ...]] = []
            for side, after in zip(fork.sides, fork.after, strict=True):
                ends.append(self._lay([*side, *after], tips, []))
            tips = tuple(dict.fromkeys(one for end in ends for one in end))
            if joint:
                self._parents[joint] = tips
                return self._lay(list(fork.left), (joint,), conflicts)
            return tips
        for node in nodes:
            self._parents[node] = tips
            tips = (node,)
        return tips

    def _fork(self, nodes: list[str], joint: str, wanted: Sequence[str]) -> _Fork | None:
        """Return the fork that a migration joins (or that nobody joins yet), None where it joins
        none, or where what it needs besides stands on one of the sides."""
        within = frozenset(nodes)
        app = _app(joint or next(iter(wanted), ""))
        tops = self._tops([one for one in wanted if one in within and _app(one) == app])
        if len(tops) < 2:
            return None
        sides: list[frozenset[str]] = []
        for one in tops:
            others = frozenset().union(*(self._all(other) for other in tops if other != one))
            alone = self._all(one) - others
            sides.append(frozenset(each for each in alone if each in within and _app(each) == app))
        forked = frozenset().union(*sides)
        needed = frozenset().union(*map(self._all, wanted)) & within
        if any(self._all(one) & forked for one in needed - forked):
            return None
        free = [one for one in nodes if one not in forked and not self._all(one) & forked]
        if joint:
            stop = nodes.index(joint)
            before = [one for one in free if one in needed or nodes.index(one) < stop]
            done = {joint, *forked, *before}
            after: list[list[str]] = [[] for _ in sides]
            left = [one for one in nodes if one not in done]
        else:
            before, left = free, []
            after = [[] for _ in sides]
            for one in nodes:
                if one in forked or one in free:
                    continue
                on = [number for number, side in enumerate(sides) if self._all(one) & side]
                if len(on) > 1:
                    return None
                after[on[0]].append(one)
        return _Fork(
            tuple(before),
            tuple(tuple(one for one in nodes if one in side) for side in sides),
            tuple(map(tuple, after)),
            tuple(left),
        )

    def _tops(self, found: list[str]) -> list[str]:
        return [one for one in found if not any(one != x and one in self._all(x) for x in found)]

    def _all(self, node: str) -> frozenset[str]:
        """Return a node with everything that it needs."""
        waiting = [node]
        while waiting:
            one = waiting[-1]
            lacking = [each for each in self._needs.get(one, ()) if each not in self._known]
            if lacking:
                waiting += lacking
                continue
            waiting.pop()
            if one not in self._known:
                below = (self._known[each] for each in self._needs.get(one, ()))
                self._known[one] = frozenset({one}).union(*below)
        return self._known[node]


def _app(node: str) -> str:
    return node.partition(".")[0]


def _before_children(parents: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    done: set[str] = set()
    for node in parents:
        waiting = [node]
        while waiting:
            one = waiting[-1]
            lacking = [each for each in parents[one] if each not in done]
            if lacking:
                waiting += lacking
                continue
            waiting.pop()
            if one not in done:
                done.add(one)
                yield one


DJANGO = Format("django", _fits, _read)
