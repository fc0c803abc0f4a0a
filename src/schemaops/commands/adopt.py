"""``adopt``: take a database over from another tool where it stands, without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from schemaops.commands.authors import clock, who
from schemaops.commands.beside import without
from schemaops.commands.foreign import files_at, foreign_ids, read_foreign
from schemaops.commands.importing import Wanted as ToImport
from schemaops.commands.importing import import_history
from schemaops.commands.standing import Found, WithoutLedger, fingerprinting, found, note, planner
from schemaops.commands.workspace import Workspace
from schemaops.config import leaving_beside
from schemaops.database import ledger
from schemaops.database.connect import Connection, open_database
from schemaops.database.execute import execute
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import RevisionId, short
from schemaops.interop.base import Settings
from schemaops.interop.flyway import flyway_version
from schemaops.interop.versions import TABLES, Applied, VersionTable, tables_of
from schemaops.names import Address, Kind
from schemaops.plan.back import stands_at
from schemaops.plan.replay import Standing
from schemaops.plan.steps import Move, MoveKind, Plan
from schemaops.reports.adopting import AdoptReport
from schemaops.reports.objects import operation_words
from schemaops.reports.text import count
from schemaops.schema.state import Schema
from schemaops.sql.names import quote

__all__ = ["NoVersionTable", "NotAsImported", "NotImported", "Wanted", "adopt"]


class NotAsImported(SchemaOpsError):
    """The database does not hold what its revision says, the other tool's own tables apart.

    The details name what differs, from the revision to the database: somebody changed it past the
    tool, or a migration did there what it did nowhere else. Nothing was recorded. Bring the database
    there; or record it as it is, `schemaops adopt ENV --accept-differences`: `schemaops status
    --live` then shows the differences as drift until a migration or somebody's hand ends them.
    """

    code = "SO641"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


class NoVersionTable(SchemaOpsError):
    """The database has no version table of the tool that the history was imported from.

    Look at the environment's URL: is it the database that the tool migrated? A database without such
    a table is recorded at a revision by `schemaops replay ENV --adopt REV`.
    """

    code = "SO642"


class NotImported(SchemaOpsError):
    """The other tool's version table and the history that was imported do not fit.

    Either the table names migrations that were not imported (import again: `schemaops import DIR`),
    or the database lacks some that come before those it has (let the tool run them), or a file is
    not the one that the database ran. The details name them. Nothing was recorded.
    """

    code = "SO643"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a database is to be adopted; `source` is the tool and its folder, where the history is yet to be
    imported or its checksums are to be compared, `table` what the version table is called where the
    tool was told to call it otherwise."""

    source: tuple[str, str] | None = None
    table: str | None = None
    accept_differences: bool = False
    dry_run: bool = False


def adopt(workspace: Workspace, name: str, wanted: Wanted) -> AdoptReport:
    """Record in an environment's database which revisions it has, as its own tool says."""
    environment = workspace.config.environment(name)
    notes: list[str] = []
    if wanted.source is not None and not len(workspace.dag) and not wanted.dry_run:
        tool, folder = wanted.source
        made = import_history(Path.cwd(), ToImport(tool, folder), workspace.environ)
        notes.append(f"imported {count(len(made.revisions), 'revision')} of {made.tool} {folder}")
        workspace.refresh()
    seen = found(workspace, environment)
    if seen.ledger.entries:
        raise WithoutLedger(
            f"{name} has a ledger already: there is nothing to adopt",
            hints=(f"schemaops plan {name}",),
        )
    history = _History.of(workspace)
    with seen.database.connect(read_only=True) as connection:
        table, applied, own = _asked(connection, seen, history.formats, wanted.table)
    if wanted.source is not None:
        _compare_files(workspace, wanted.source, applied, name)
    target = history.standing(applied, table, name)
    known = workspace.states().at(target)
    # A whole schema that was imported has them in it.
    own = tuple(one for one in own if without(known.schema, (one,)) == known.schema)
    observed = without(seen.observed, own)
    beside = tuple(one for one in own if one not in workspace.config.beside)
    differences = diff(known.schema, observed) if known.schema != observed else ()
    words = tuple(operation_words(one, workspace.default_schema) for one in differences)
    shown = "base" if target is None else short(target)[:7]
    if not known.certain:
        notes.append(
            f"{shown} has statements whose effect is not known, so it cannot be compared whole"
        )
    if words and not wanted.accept_differences:
        raise NotAsImported(
            f"{name} does not hold what {shown} says: {count(len(words), 'difference')}",
            details=words,
            hints=(
                f"schemaops diff {shown} env:{name}",
                f"schemaops adopt {name} --accept-differences",
            ),
        )
    notes += (f"{one} is {table.format}'s own, and is left out of the schema" for one in own)
    report = AdoptReport(
        environment=name,
        tool=table.format,
        revision=target,
        title="" if target is None else workspace.tree.headers[target].title,
        beside=own,
        differences=words,
        dry_run=wanted.dry_run,
        notes=tuple(notes),
        hints=(f"schemaops plan {name}",) if not wanted.dry_run else (),
    )
    if wanted.dry_run:
        return report
    if beside:
        store = workspace.writing()
        file = store.config_place().file
        store.write_config(leaving_beside(store.config() or b"", beside, file=file))
        workspace.reread()
    recorded = _record(workspace, found(workspace, environment), target, known.schema)
    return replace(report, recorded=recorded)


# -- the version table


def _asked(
    connection: Connection, seen: Found, formats: frozenset[str], called: str | None
) -> tuple[VersionTable, Applied, tuple[str, ...]]:
    """Return the version table that the database has, what it says, and all tables of the tool."""
    # Files of several tools look alike, so another one may have kept the account.
    own_tables = [one for tool in sorted(formats) for one in tables_of(tool)]
    wanted = [*own_tables, *(one for one in TABLES if one not in own_tables)]
    # What another environment has left out already is still asked here.
    whole = observe(connection)
    tables = {_plain(thing.at): thing.at for thing in whole.of_kind(Kind.TABLE)}
    for kind in wanted:
        table = kind if called is None else replace(kind, name=called.lower(), within=None)
        if table.within == "sqitch" and seen.database.dialect != "postgres":
            elsewhere = _sqitch(connection, seen)
            if elsewhere is not None:
                return table, Applied(elsewhere), ()
            continue
        for name, at in tables.items():
            if ".".join(name) != table.name and name[-1] != table.name:
                continue
            if table.within and name[:-1] != (table.within,):
                continue
            columns = {str(one.at.name).lower() for one in whole.columns(at)}
            if not columns.issuperset(table.columns):
                continue
            rows = connection.query(_question(table, at, seen.database.dialect))
            own = tuple(
                _named(one, seen.database.dialect)
                for path, one in sorted(tables.items())
                if path == name or (path[-1] in table.own and path[:-1] == name[:-1])
            )
            if table.within:
                own = (f"{table.within}.*",)
            return table, table.read(rows), own
    raise NoVersionTable(
        f"{seen.environment.name} has no version table of {' or '.join(sorted(formats)) or 'a tool'}",
        hints=(
            f"schemaops adopt {seen.environment.name} --table NAME    where the tool calls it so",
            f"schemaops replay {seen.environment.name} --adopt REV",
        ),
    )


def _plain(at: Address) -> tuple[str, ...]:
    return tuple(str(part).lower() for part in at.path)


def _named(at: Address, dialect: str) -> str:
    path = [str(part) for part in at.path]
    if dialect == "postgres" and path[0] == "public":
        path = path[1:]
    return ".".join(path)


def _question(table: VersionTable, at: Address, dialect: str) -> str:
    name = ".".join(quote(part, dialect) for part in at.path)
    order = f" ORDER BY {table.order}" if table.order else ""
    return f"SELECT {', '.join(table.columns)} FROM {name}{order}"


def _sqitch(connection: Connection, seen: Found) -> tuple[str, ...] | None:
    """Return the changes that Sqitch keeps beside a database: in a file or a database of its own."""
    ask = "SELECT change_id FROM {}changes ORDER BY committed_at"
    if seen.database.dialect == "mysql":
        there = connection.query(
            "SELECT 1 FROM information_schema.tables"
            " WHERE table_schema = 'sqitch' AND table_name = 'changes'"
        )
        return tuple(one for (one,) in connection.query(ask.format("sqitch."))) if there else None
    file = seen.database.url.name
    if not file:
        return None
    beside = Path(file).with_name("sqitch" + Path(file).suffix)
    for one in (beside, Path(file).with_name("sqitch.db")):
        if one.is_file():
            with open_database(f"sqlite:///{one}").connect(read_only=True) as other:
                return tuple(name for (name,) in other.query(ask.format("")))
    return None


# -- the history


@dataclass(frozen=True)
class _History:
    """The revisions that were imported: by the tool's ids, and in its order."""

    workspace: Workspace
    by_id: Mapping[str, RevisionId]
    formats: frozenset[str]

    @classmethod
    def of(cls, workspace: Workspace) -> _History:
        """Return what was imported; raise NotImported where nothing was."""
        by_id: dict[str, RevisionId] = {}
        formats: set[str] = set()
        headers = workspace.tree.headers
        for revision in workspace.dag.order:
            for tool, name in foreign_ids(headers[revision].message):
                by_id[name] = revision
                formats.add(tool)
        if not by_id:
            raise NotImported(
                "no revision here was imported from another tool",
                details=(),
                hints=("schemaops import DIR",),
            )
        return cls(workspace, by_id, frozenset(formats))

    def standing(self, applied: Applied, table: VersionTable, name: str) -> RevisionId | None:
        """Return the revision that a database stands at; raise NotImported."""
        dag = self.workspace.dag
        there = frozenset(self._found(applied, table, name))
        self._refuse_part_of_a_whole(there, applied, name)
        if applied.heads:
            there = frozenset(dag.closure(there))
        # What only joins lines runs nothing: it is there where its lines are.
        grown = set(there)
        for revision in dag.order:
            parents = dag.parents(revision)
            if len(parents) > 1 and all(one in grown for one in parents):
                grown.add(revision)
        lacking = [one for one in dag.closure(grown) if one not in grown]
        if lacking and any(self.workspace.tree.headers[one].checkpoint for one in grown):
            lacking = []
        if lacking:
            raise NotImported(
                f"{name} lacks {count(len(lacking), 'migration')} that come before those it has",
                details=tuple(self._called(one) for one in dag.order if one in set(lacking)),
                hints=(f"schemaops adopt {name}",),
            )
        heads = dag.heads(grown)
        if len(heads) > 1:
            raise NotImported(
                f"{name} stands on {len(heads)} lines that nothing joins",
                details=tuple(self._called(one) for one in heads),
                hints=("schemaops merge", f"schemaops adopt {name}"),
            )
        return heads[0] if heads else None

    def _refuse_part_of_a_whole(
        self, there: frozenset[RevisionId], applied: Applied, name: str
    ) -> None:
        """Raise NotImported where a whole schema was imported and only some of its versions ran."""
        for revision in there:
            header = self.workspace.tree.headers[revision]
            ids = [one for _, one in foreign_ids(header.message)]
            lacking = [one for one in ids if one not in applied.ids]
            alone = applied.up_to is None and applied.baseline is None
            if header.checkpoint and lacking and alone:
                raise NotImported(
                    f"{name} lacks {count(len(lacking), 'migration')} of {short(revision)[:7]}",
                    details=tuple(lacking),
                    hints=(f"schemaops adopt {name}",),
                )

    def _called(self, revision: RevisionId) -> str:
        header = self.workspace.tree.headers[revision]
        ids = ", ".join(name for _, name in foreign_ids(header.message))
        return f"{short(revision)[:7]} {header.title}" + (f" ({ids})" if ids else "")

    def _found(self, applied: Applied, table: VersionTable, name: str) -> Iterator[RevisionId]:
        ids = self._ids(table)
        if applied.up_to is not None:
            yield from self._up_to(applied.up_to, ids, name)
            return
        if applied.baseline is not None:
            base = flyway_version(applied.baseline)
            for one, revision in self.by_id.items():
                if one[:1].isdigit() and flyway_version(one) <= base:
                    yield revision
        unknown = []
        for one in applied.ids:
            its = ids.get(one) or self._by_ending(one)
            if its is None:
                unknown.append(one)
            else:
                yield its
        if unknown:
            raise NotImported(
                f"{name} has {count(len(unknown), 'migration')} that were not imported",
                details=tuple(unknown),
                hints=("schemaops import DIR",),
            )

    def _ids(self, table: VersionTable) -> dict[str, RevisionId]:
        if table.format == "flyway":
            return {
                ".".join(map(str, flyway_version(one))) if one[:1].isdigit() else one: revision
                for one, revision in self.by_id.items()
            }
        if "folder" not in self.formats:
            return dict(self.by_id)
        # Files are named as their author liked; what others count by is the number in front.
        numbers: dict[str, set[RevisionId]] = {}
        for one, revision in self.by_id.items():
            found = re.match(r"[0-9]+", one.rpartition("/")[2])
            if found:
                numbers.setdefault(found[0], set()).add(revision)
                numbers.setdefault(str(int(found[0])), set()).add(revision)
        alone = {number: its.pop() for number, its in numbers.items() if len(its) == 1}
        return {**alone, **self.by_id}

    def _by_ending(self, name: str) -> RevisionId | None:
        """Return what a changeset's id names whose file is called by a longer or shorter path."""
        who_and_what, colons, file = name.rpartition("::")
        if not colons:
            return None
        found = {
            revision
            for one, revision in self.by_id.items()
            if one.rpartition("::")[0] == who_and_what and _one_ends(one.rpartition("::")[2], file)
        }
        return found.pop() if len(found) == 1 else None

    def _up_to(
        self, version: str, ids: Mapping[str, RevisionId], name: str
    ) -> Iterator[RevisionId]:
        numbered = {int(one): revision for one, revision in ids.items() if one.isdigit()}
        if int(version) not in numbered:
            raise NotImported(
                f"{name} is at version {version}, which was not imported",
                details=(),
                hints=("schemaops import DIR",),
            )
        yield from (revision for number, revision in numbered.items() if number <= int(version))


def _one_ends(one: str, other: str) -> bool:
    one, other = one.removeprefix("classpath:"), other.removeprefix("classpath:")
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")


def _compare_files(
    workspace: Workspace, source: tuple[str, str], applied: Applied, name: str
) -> None:
    """Raise NotImported where the database ran another file than the one that is there."""
    tool, folder = source
    files = files_at(Path.cwd() / folder, folder)
    history = read_foreign(files, tool, Settings(dialect=workspace.dialect))
    sums = {
        ".".join(map(str, flyway_version(one.id)))
        if tool == "flyway" and one.id[:1].isdigit()
        else one.id: (one.checksum, one.up.file)
        for one in history.migrations
    }
    wrong = [
        f"{version}: {sums[version][1]}"
        for version, checksum in applied.checksums.items()
        if version in sums and sums[version][0] not in (None, checksum)
    ]
    if wrong:
        raise NotImported(
            f"{name} ran {count(len(wrong), 'file')} that are not as they are now",
            details=tuple(wrong),
            hints=("git log " + folder,),
        )


# -- recording


def _record(
    workspace: Workspace, seen: Found, target: RevisionId | None, expected: Schema
) -> tuple[str, ...]:
    name = seen.environment.name
    standing = Standing(name, observed=Schema.empty(workspace.dialect))
    way = planner(workspace).plan(standing, target)
    moves = tuple(_recorded(move, seen.observed.fingerprint) for move in way.moves)
    plan = Plan(
        name,
        workspace.dialect,
        None,
        target,
        seen.ledger.position,
        seen.observed.fingerprint,
        moves,
    )
    executed = execute(
        seen.database, plan, observe=fingerprinting(workspace), clock=clock, who=who(workspace)
    )
    with seen.database.connect(read_only=True) as connection:
        its = ledger.read(connection)
    note(workspace, name, its, executed.fingerprint, drift=expected != seen.observed)
    assert stands_at(entry.fact for entry in its.entries) == target
    return tuple(move.revision for move in moves)


def _recorded(move: Move, fingerprint: str) -> Move:
    facts = tuple(replace(fact, kind=MoveKind.ADOPT) for fact in move.facts)
    return replace(
        move, kind=MoveKind.ADOPT, steps=(), undo=(), facts=facts, fingerprint=fingerprint
    )
