"""Which formats there are, and which one a folder has."""

from __future__ import annotations

from difflib import get_close_matches

from schemaops.errors import SchemaOpsError
from schemaops.interop.alembic import ALEMBIC
from schemaops.interop.atlas import ATLAS
from schemaops.interop.base import Files, Format
from schemaops.interop.dbmate import DBMATE
from schemaops.interop.diesel import DIESEL
from schemaops.interop.django import DJANGO
from schemaops.interop.flyway import FLYWAY
from schemaops.interop.folder import FOLDER
from schemaops.interop.golang_migrate import GOLANG_MIGRATE
from schemaops.interop.goose import GOOSE
from schemaops.interop.liquibase import LIQUIBASE
from schemaops.interop.prisma import PRISMA
from schemaops.interop.sqitch import SQITCH
from schemaops.interop.sql_migrate import SQL_MIGRATE
from schemaops.interop.sqlx import SQLX
from schemaops.interop.structure import STRUCTURE

__all__ = ["FORMATS", "UnknownFormat", "detected", "format_named"]

# What is surest of itself is asked first.
FORMATS: tuple[Format, ...] = (
    DJANGO,
    ALEMBIC,
    SQITCH,
    ATLAS,
    PRISMA,
    LIQUIBASE,
    GOOSE,
    DBMATE,
    SQL_MIGRATE,
    FLYWAY,
    DIESEL,
    SQLX,
    GOLANG_MIGRATE,
    STRUCTURE,
    FOLDER,
)


class UnknownFormat(SchemaOpsError):
    """A folder does not look like the history of a tool that SchemaOps reads, or the format named is
    none of those.

    Name the folder in which the migrations themselves stand, and the tool: `schemaops import flyway
    db/migration`. The formats are alembic, atlas, dbmate, diesel, django, flyway, folder (plain files
    of SQL in the order of their names), golang-migrate, goose, liquibase, prisma, sql-migrate,
    sqitch, sqlx and structure (a whole schema in one file, as Rails' `structure.sql`).
    """

    code = "SO470"


def format_named(name: str) -> Format:
    """Return the format of this name; raise UnknownFormat."""
    found = next((one for one in FORMATS if one.name == name), None)
    if found is None:
        near = get_close_matches(name, [one.name for one in FORMATS], n=1, cutoff=0.5)
        advice = f" (did you mean {near[0]}?)" if near else ""
        raise UnknownFormat(
            f"there is no format {name}{advice}", hints=("schemaops explain SO470",)
        )
    return found


def detected(files: Files) -> Format:
    """Return the format that a folder has; raise UnknownFormat."""
    found = next((one for one in FORMATS if one.fits(files)), None)
    if found is None:
        raise UnknownFormat(
            f"{files.shown} does not look like the migrations of a tool known here",
            hints=(f"schemaops import folder {files.shown}", "schemaops explain SO470"),
        )
    return found
