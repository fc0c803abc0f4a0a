"""What other tools keep in a database: their version tables, and which migrations these say ran.

Nothing is asked of a database here: a `Table` says what to ask, and reads the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemaops.errors import Cause, SchemaOpsError
from schemaops.interop.flyway import flyway_version

__all__ = ["TABLES", "Applied", "UnfinishedElsewhere", "VersionTable", "tables_of"]

Rows = Sequence[tuple[Any, ...]]


class UnfinishedElsewhere(SchemaOpsError):
    """Another tool's version table says that a migration failed, or is being run now.

    What the database holds is then between two revisions, and SchemaOps would record what is not so.
    Bring the tool's own matter in order first (repair, then migrate or roll back), and adopt again.
    """

    code = "SO640"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Applied:
    """Which migrations a version table says ran: by `ids`, or with `up_to` all to this one in the
    tool's order, or with `heads` these and all that they build on. `baseline` is a version that
    stands for everything before it."""

    ids: tuple[str, ...] = ()
    up_to: str | None = None
    heads: bool = False
    baseline: str | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VersionTable:
    """A tool's version table: its name, the columns to ask for, and how their rows are read.

    `own` are all tables of the tool, which are none of the schema.
    """

    format: str
    name: str
    columns: tuple[str, ...]
    read: Callable[[Rows], Applied]
    own: tuple[str, ...] = ()
    order: str = ""
    within: str | None = None


def _flag(value: object) -> bool:
    if isinstance(value, (bytes, bytearray)):
        return any(value)
    return value not in (None, False, 0, "0", "f", "false", "")


def _golang_migrate(rows: Rows) -> Applied:
    for version, dirty in rows:
        if _flag(dirty):
            raise UnfinishedElsewhere(
                f"schema_migrations says that version {version} is dirty",
                hints=(f"migrate force {version}",),
            )
    versions = [int(version) for version, _ in rows if int(version) >= 0]
    return Applied(up_to=str(max(versions))) if versions else Applied()


def _listed(rows: Rows) -> Applied:
    return Applied(tuple(str(one) for (one, *_) in rows))


def _goose(rows: Rows) -> Applied:
    latest: dict[int, bool] = {}
    for version, applied in rows:
        latest[int(version)] = _flag(applied)
    return Applied(tuple(str(one) for one, there in latest.items() if there and one > 0))


def _sqlx(rows: Rows) -> Applied:
    for version, success, _ in rows:
        if not _flag(success):
            raise UnfinishedElsewhere(
                f"_sqlx_migrations says that version {version} failed", hints=("sqlx migrate info",)
            )
    sums = {str(version): bytes(checksum).hex() for version, _, checksum in rows if checksum}
    return Applied(tuple(str(version) for version, _, _ in rows), checksums=sums)


def _flyway(rows: Rows) -> Applied:
    there: dict[str, str | None] = {}
    baseline = None
    for version, kind, script, checksum, success in rows:
        if not _flag(success):
            raise UnfinishedElsewhere(
                f"flyway_schema_history says that {script} failed", hints=("flyway repair",)
            )
        if version is None:
            if str(kind).upper() != "SCHEMA":
                name = str(script).rpartition("/")[2].removesuffix(".sql")
                there.pop(name, None)
                there[name] = checksum
            continue
        shown = ".".join(map(str, flyway_version(str(version))))
        if str(kind).upper() in ("BASELINE", "SQL_BASELINE"):
            baseline = shown
        elif str(kind).upper().startswith("UNDO") or str(kind).upper() == "DELETE":
            there.pop(shown, None)
        else:
            there[shown] = checksum
    sums = {name: str(checksum) for name, checksum in there.items() if checksum is not None}
    return Applied(tuple(there), baseline=baseline, checksums=sums)


def _liquibase(rows: Rows) -> Applied:
    found = []
    for name, author, file, outcome in rows:
        if str(outcome).upper() == "FAILED":
            raise UnfinishedElsewhere(
                f"databasechangelog says that {author}:{name} failed", hints=("liquibase status",)
            )
        if str(outcome).upper() not in ("MARK_RAN", "SKIPPED"):
            found.append(f"{author}::{name}::{file}")
    return Applied(tuple(found))


def _prisma(rows: Rows) -> Applied:
    sums: dict[str, str] = {}
    for name, checksum, finished, undone in rows:
        if undone is not None:
            continue
        if finished is None:
            raise UnfinishedElsewhere(
                f"_prisma_migrations says that {name} did not finish",
                hints=(f"npx prisma migrate resolve --applied {name}",),
            )
        sums[str(name)] = str(checksum)
    return Applied(tuple(sums), checksums=sums)


def _atlas(rows: Rows) -> Applied:
    found = []
    for version, applied, total, error in rows:
        if str(version).startswith("."):
            continue
        if error or int(applied or 0) < int(total or 0):
            raise UnfinishedElsewhere(
                f"atlas_schema_revisions says that {version} was not run to its end",
                hints=("atlas migrate status",),
            )
        found.append(str(version))
    return Applied(tuple(found))


def _alembic(rows: Rows) -> Applied:
    return Applied(tuple(str(one) for (one,) in rows), heads=True)


def _django(rows: Rows) -> Applied:
    return Applied(tuple(f"{app}.{name}" for app, name in rows))


TABLES: tuple[VersionTable, ...] = (
    VersionTable("golang-migrate", "schema_migrations", ("version", "dirty"), _golang_migrate),
    VersionTable(
        "dbmate", "schema_migrations", ("version",), _listed, own=("ar_internal_metadata",)
    ),
    VersionTable("goose", "goose_db_version", ("version_id", "is_applied"), _goose, order="id"),
    VersionTable("sql-migrate", "gorp_migrations", ("id",), _listed),
    VersionTable("diesel", "__diesel_schema_migrations", ("version",), _listed),
    VersionTable("sqlx", "_sqlx_migrations", ("version", "success", "checksum"), _sqlx),
    VersionTable(
        "flyway",
        "flyway_schema_history",
        ("version", "type", "script", "checksum", "success"),
        _flyway,
        order="installed_rank",
    ),
    VersionTable(
        "flyway",
        "schema_version",
        ("version", "type", "script", "checksum", "success"),
        _flyway,
        order="installed_rank",
    ),
    VersionTable(
        "sqitch",
        "changes",
        ("change_id",),
        _listed,
        own=("projects", "releases", "tags", "dependencies", "events"),
        within="sqitch",
    ),
    VersionTable(
        "liquibase",
        "databasechangelog",
        ("id", "author", "filename", "exectype"),
        _liquibase,
        own=("databasechangeloglock",),
        order="orderexecuted",
    ),
    VersionTable(
        "prisma",
        "_prisma_migrations",
        ("migration_name", "checksum", "finished_at", "rolled_back_at"),
        _prisma,
        order="started_at",
    ),
    VersionTable(
        "atlas",
        "atlas_schema_revisions",
        ("version", "applied", "total", "error"),
        _atlas,
    ),
    VersionTable("alembic", "alembic_version", ("version_num",), _alembic),
    VersionTable("django", "django_migrations", ("app", "name"), _django, order="id"),
)
"""The version tables of every tool that has one."""


def tables_of(format: str) -> tuple[VersionTable, ...]:  # noqa: A002 - the word of the settings
    """Return the version tables that a history of this format may have been recorded in."""
    if format in ("folder", "structure"):
        return tuple(one for one in TABLES if one.name == "schema_migrations")
    return tuple(one for one in TABLES if one.format == format)
