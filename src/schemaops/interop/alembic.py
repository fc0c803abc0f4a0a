"""Alembic: its own account of each revision's SQL, and its DAG: branches, merges, dependencies.

One process of the project's interpreter loads the revisions once and writes each of them out as
`alembic upgrade A:B --sql` does, without the version table, which stays Alembic's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
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
)
from schemaops.interop.programs import ToolFailed, ask

__all__ = ["ALEMBIC", "alembic_dialect"]

_DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
_URLS = {"postgres": "postgresql://", "mysql": "mysql://", "sqlite": "sqlite://"}

_CREATED = re.compile(
    r"^Create Date: (\S+) (\d\d:\d\d:\d\d)(?:\.\d+)?([+-]\d\d:\d\d)?", re.MULTILINE
)

_SCRIPT = r"""
import io, json, os, sys
question = json.load(sys.stdin)
sys.path.insert(0, os.getcwd())
from alembic.config import Config
from alembic.runtime import migration
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

migration.HeadMaintainer.update_to_step = lambda self, step: None
config = Config(question["ini"]) if question["ini"] else Config()
if question["scripts"]:
    config.set_main_option("script_location", question["scripts"])
url = config.get_main_option("sqlalchemy.url")
if question["url"] and (not url or url.startswith("driver:")):
    config.set_main_option("sqlalchemy.url", question["url"])
scripts = ScriptDirectory.from_config(config)
seen = {"dialect": None}

def written(revision, step):
    config.output_buffer = io.StringIO()
    def steps(heads, context):
        seen["dialect"] = context.dialect.name
        return [step(scripts.revision_map, revision)] if revision else []
    name = revision.revision if revision else None
    with EnvironmentContext(
        config, scripts, fn=steps, as_sql=True, starting_rev=name, destination_rev=name,
    ):
        scripts.run_env()
    return config.output_buffer.getvalue()

def tried(revision, step):
    try:
        return written(revision, step), None
    except SystemExit as error:
        return None, str(error)
    except Exception as error:
        return None, (str(error) or type(error).__name__).strip().splitlines()[0]

class Online:
    # Carries revisions out on a scratch database, and notes what they send.

    def __init__(self, scratch):
        from sqlalchemy import create_engine, event
        from sqlalchemy.engine import URL, make_url
        from sqlalchemy.pool import StaticPool
        if scratch["NAME"] == ":memory:":
            where = "sqlite://"
        else:
            socket = scratch["HOST"].startswith("/")
            query = {"host": scratch["HOST"], "port": scratch["PORT"]} if socket else {}
            where = URL.create(
                make_url(config.get_main_option("sqlalchemy.url")).drivername,
                scratch["USER"] or None, scratch["PASSWORD"] or None,
                None if socket else scratch["HOST"] or None,
                int(scratch["PORT"]) if scratch["PORT"] and not socket else None,
                scratch["NAME"], query,
            )
        self.connection = create_engine(where, poolclass=StaticPool).connect()
        self.sent, self.bound = [], False
        event.listen(self.connection, "before_cursor_execute", self.note)

    def note(self, connection, cursor, statement, parameters, context, executemany):
        word = (statement.split() or [""])[0].upper()
        if word in ("SELECT", "PRAGMA", "SHOW", "EXPLAIN"):
            return
        if parameters:
            self.bound = True
        else:
            self.sent.append(statement.strip())

    def run(self, function):
        from alembic.operations import Operations
        from alembic.runtime.migration import MigrationContext
        self.sent, self.bound = [], False
        context = MigrationContext.configure(self.connection)
        with Operations.context(context):
            function()
        self.connection.commit()
        return ";\n".join(self.sent) + (";" if self.sent else "")

online = Online(question["scratch"]) if question["scratch"] else None

def seen_online(revision):
    # What a revision sends to a database, forth and back; it stays carried out.
    try:
        up = online.run(revision.module.upgrade)
        bound = online.bound
    except Exception as error:
        online.connection.rollback()
        return None, None, (str(error) or type(error).__name__).strip().splitlines()[0], False
    try:
        down = online.run(revision.module.downgrade)
        online.run(revision.module.upgrade)
    except Exception:
        online.connection.rollback()
        down = None
    return up, down, None, bound

revisions = []
listed = reversed(list(scripts.walk_revisions()))
if question["only_dialect"]:
    listed = []
    written(None, None)
for revision in listed:
    down = revision.down_revision
    downs = [] if down is None else [down] if isinstance(down, str) else list(down)
    needs = [scripts.get_revision(one).revision for one in revision._resolved_dependencies]
    up, wrong = tried(revision, migration.MigrationStep.upgrade_from_script)
    back, _ = (None, None) if up is None else tried(
        revision, migration.MigrationStep.downgrade_from_script)
    rows = False
    if online is not None:
        carried = seen_online(revision)
        if up is None:
            up, back, other, rows = carried
            wrong = other or wrong
    revisions.append({
        "online": online is not None and wrong is not None and up is not None, "bound": rows,
        "id": revision.revision, "parents": downs + needs, "title": revision.doc,
        "path": os.path.abspath(revision.path), "said": revision.longdoc or "",
        "doc": revision.module.__doc__ or "", "up": up, "down": back, "wrong": wrong,
    })
sys.stdout.write("\x1eschemaops\x1e" + json.dumps({**seen, "revisions": revisions}))
"""


def _ini(files: Files) -> str | None:
    named = [path for path in files.paths if path.rpartition("/")[2] == "alembic.ini"]
    return min(named, key=lambda path: path.count("/"), default=None)


def _scripts(files: Files) -> str | None:
    """Return the folder with Alembic's `env.py`, within the one that was given."""
    for path in files.paths:
        if path.rpartition("/")[2] == "env.py" and "alembic" in files.text(path):
            return path.rpartition("/")[0] or "."
    return None


def _fits(files: Files) -> bool:
    return _ini(files) is not None or _scripts(files) is not None


def alembic_dialect(files: Files, settings: Settings) -> str | None:
    """Return the dialect of the project's database."""
    return _DIALECTS.get(_asked(files, settings, only_dialect=True)["dialect"] or "")


def _asked(files: Files, settings: Settings, *, only_dialect: bool) -> dict[str, Any]:
    folder = files.folder
    if folder is None:
        raise ToolFailed("alembic reads its history from a folder on disk")
    found = files.focus if files.focus and files.focus.endswith(".ini") else _ini(files)
    ini = (folder / found).resolve() if found else None
    scripts = None
    if ini is None:
        within = _scripts(files)
        scripts = (folder / within).resolve() if within else folder.resolve()
        # A project keeps its settings above the folder of its revisions.
        for above in (scripts, *scripts.parents[:2]):
            if (above / "alembic.ini").is_file():
                ini, scripts = above / "alembic.ini", None
                break
    question = {
        "ini": str(ini) if ini else None,
        "scripts": str(scripts) if scripts else None,
        "url": _URLS.get(settings.dialect or "", ""),
        "scratch": dict(settings.scratch or {}),
        "only_dialect": only_dialect,
    }
    at = ini.parent if ini else folder.resolve()
    answer: dict[str, Any] = ask("alembic", settings.program, _SCRIPT, question, at)
    return answer


def _read(files: Files, settings: Settings) -> ForeignHistory:
    answer = _asked(files, settings, only_dialect=False)
    folder = files.folder or Path()
    top = str(folder.resolve())
    migrations = [
        _migration(one, top, files)
        for one in answer["revisions"]
        if not _left_out(one, top, files, settings)
    ]
    skipped = {one["id"]: one["parents"] for one in answer["revisions"]}
    there = {one.id for one in migrations}
    whole = [_over(one, skipped, there) for one in migrations]
    return ForeignHistory("alembic", tuple(whole), _DIALECTS.get(answer["dialect"] or ""))


def _left_out(one: dict[str, Any], top: str, files: Files, settings: Settings) -> bool:
    if one["id"] in settings.skip:
        return True
    if one["up"] is None:
        raise NotSql(
            f"alembic cannot write {one['id']} as SQL: {one['wrong']}",
            place=Place(_shown(one["path"], top, files)),
            hints=(f"schemaops import alembic {files.shown} --skip {one['id']}",),
        )
    return False


def _over(
    one: ForeignMigration, parents: dict[str, list[str]], there: set[str]
) -> ForeignMigration:
    """Return a migration built on what is left where its parents were left out."""
    found: dict[str, None] = {}
    waiting = list(one.parents)
    while waiting:
        each = waiting.pop(0)
        if each in there:
            found[each] = None
        else:
            waiting += parents.get(each, [])
    return replace(one, parents=tuple(found))


def _migration(one: dict[str, Any], top: str, files: Files) -> ForeignMigration:
    file = _shown(one["path"], top, files)
    date = re.search(
        r"^Create Date: (\S+) (\d\d:\d\d:\d\d)(?:\.\d+)?([+-]\d\d:\d\d)?", one["doc"], re.MULTILINE
    )
    down = _sql(one["down"]) if one["down"] is not None else None
    return ForeignMigration(
        id=one["id"],
        title=one["title"] or one["id"],
        up=Passage(_sql(one["up"]), file),
        down=Passage(down, file) if down is not None else None,
        parents=tuple(dict.fromkeys(one["parents"])),
        date=f"{date[1]}T{date[2]}{date[3] or 'Z'}" if date else None,
        notes=tuple(_notes(one)),
    )


def _notes(one: dict[str, Any]) -> Iterator[str]:
    if one["online"]:
        yield (
            f"{one['id']} looks at the database, so it was carried out on a scratch database: what it "
            "does to rows that it finds there is left out"
        )
    if one["bound"]:
        yield f"{one['id']} writes rows with values of its own, which are left out"
    if one["down"] is None:
        yield "alembic gives no way back for it"


def _sql(text: str) -> str:
    return re.sub(r"^-- Running (?:upgrade|downgrade)[^\n]*\n+", "", text, flags=re.MULTILINE)


def _shown(path: str, top: str, files: Files) -> str:
    return files.name(path.removeprefix(top).lstrip("/\\")) if path.startswith(top) else path


ALEMBIC = Format("alembic", _fits, _read)
